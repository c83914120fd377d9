/* SPDX-License-Identifier: Apache-2.0
 *
 * shipper.h - the lines of the log, sent to a collector over HTTP besides: Logstash's http input,
 * or another that takes a JSON array of objects by POST.
 *
 * Lines wait in a queue of a fixed size; a thread sends them in batches, each until it is taken, at
 * growing intervals. Nobody waits for it: where the queue is full a line is dropped, and how many
 * were is said when it goes on. Each line is sent at least once. What is wrong with the collector
 * is said in the log alone, and not sent.
 */
#ifndef DK_SYSTEM_SHIPPER_H
#define DK_SYSTEM_SHIPPER_H

#include "daemon/system/log_line.h"
#include "daemon/system/shipper_target.h"

/* All of it is copied. */
struct dk_shipper_options {
	struct dk_shipper_target target;
	int64_t queue;       /* bytes of lines that wait; besides, as many may be on their way */
	const char *context; /* of each line: see log_line.h */
};

/* From here on. What waits is sent as it is said here. One thread at a time. */
void dk_shipper_set(const struct dk_shipper_options *options);

/* Any thread. Nothing, where there is no collector. */
void dk_shipper_put(const struct dk_log_entry *entry);

/* The process ends: what waits is sent within DK_SHIPPER_END_MS, or dropped. Any thread. */
#define DK_SHIPPER_END_MS 2000
void dk_shipper_end(void);

#endif
