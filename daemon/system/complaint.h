/* SPDX-License-Identifier: Apache-2.0
 *
 * complaint.h - a trouble that lasts is said at growing intervals, and once more when it is over.
 * Any thread.
 *
 * It is said at once when it begins, when its reason is another, and when it comes again after it
 * was over; but of one trouble not more than a few times a minute: what is said too often is said
 * at the next interval. `times` is how often it was since it was said last. Beyond
 * DK_COMPLAINTS_MAX at a time, further ones are said together.
 */
#ifndef DK_SYSTEM_COMPLAINT_H
#define DK_SYSTEM_COMPLAINT_H

#define DK_COMPLAINTS_MAX 1000

/* reason NULL: it is over. */
void dk_complain(const char *who, const char *event, const char *reason);

/* To be called every few seconds: says what is due though nobody complains just now. */
void dk_complaints_look(void);
/* Shows each that lasts, with what was said of it last; to say or end one meanwhile is not allowed. */
void dk_complaints_each(void (*show)(void *context, const char *who, const char *event,
				     const char *reason),
			void *context);

/* Who had it is there no more, or is another: what is known of it is forgotten, and nothing said to be
 * over. event NULL: all that it had. */
void dk_complaints_drop(const char *who, const char *event);

/* The end begins: what ends by being let go is not over. */
void dk_complaints_keep(void);
/* All is closed: there are none, and what is over from here on is over again. */
void dk_complaints_forget(void);

#endif
