/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.h - a thread that reads the configuration again: when it is asked to, and when the source
 * of a list gives another. What is faulty, or comes to the same, is said in the log and goes no
 * further.
 *
 * It rests from the moment it has an answer until it is told which plan runs now. Functions are for
 * the loop's thread.
 */
#ifndef DK_HOST_READER_H
#define DK_HOST_READER_H

#include "daemon/config/difference.h"
#include "daemon/system/loop.h"

struct dk_reader;

struct dk_reader_options {
	const struct dk_plan_reading *reading;
	bool is_strict; /* a plan with warnings is none */
	struct dk_loop *loop;
	/* On the loop: another plan than the one that runs, and what is another in it, which are both
	 * *given*; NULL: all stays, for it came to the same, or is not good. The text is what was said
	 * of it, a line for each fault or warning and, of another plan, for each difference. */
	void (*read)(void *context, struct dk_plan *plan, struct dk_difference *difference,
		     bool is_good, const char *text);
	void *context;
};

struct dk_reader *dk_reader_new(const struct dk_reader_options *options);
/* The plan that runs, until the next answer: what is read is compared with it, and its lists are
 * looked at. */
void dk_reader_watch(struct dk_reader *reader, const struct dk_plan *running);
void dk_reader_ask(struct dk_reader *reader);
/* The process ends: nothing is fetched any more, by nobody. Waits for the thread. */
void dk_reader_free(struct dk_reader *reader);

#endif
