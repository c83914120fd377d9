/* SPDX-License-Identifier: Apache-2.0
 *
 * complaint.h - a trouble that lasts is said at growing intervals, and once more when it is over.
 * Any thread.
 */
#ifndef DK_SYSTEM_COMPLAINT_H
#define DK_SYSTEM_COMPLAINT_H

/* reason NULL: it is over. */
void dk_complain(const char *who, const char *event, const char *reason);

/* Shows each that lasts, with what was said of it last; to say or end one meanwhile is not allowed. */
void dk_complaints_each(void (*show)(void *context, const char *who, const char *event,
				     const char *reason),
			void *context);

/* The end begins: what ends by being let go is not over. */
void dk_complaints_keep(void);
/* All is closed: there are none, and what is over from here on is over again. */
void dk_complaints_forget(void);

#endif
