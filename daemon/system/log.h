/* SPDX-License-Identifier: Apache-2.0
 *
 * log.h - one line for each event: time, level, who, what, fields. Any thread.
 *
 *	2026-03-01T09:30:00.123Z warning plant disconnected why="connection lost"
 *
 * It is written at once, on standard error or into the journal, in one of the forms of log_line.h;
 * and to a collector besides, where there is one: shipper.h.
 */
#ifndef DK_SYSTEM_LOG_H
#define DK_SYSTEM_LOG_H

#include <stdatomic.h>

#include "daemon/system/log_line.h"

/* `who` may be NULL: the daemon itself. fields ends with one without name, and may be NULL. */
void dk_log(enum dk_level level, const char *who, const char *event,
	    const struct dk_field *fields);

/* Lines above the level are not written; at first that is DK_INFO. Each has its word in
 * dk_level_names. */
void dk_log_set_level(enum dk_level level);
enum dk_level dk_log_level(void);
/* Where it is, for who looks at it for each message. */
const atomic_int *dk_log_level_place(void);

/* At first DK_LOG_AUTO. */
void dk_log_set_form(enum dk_log_form form);

#endif
