/* SPDX-License-Identifier: Apache-2.0
 *
 * log.h - one line for each event: time, level, who, what, fields. Any thread.
 *
 *	2026-03-01T09:30:00.123Z warning plant disconnected why="connection lost"
 */
#ifndef DK_SYSTEM_LOG_H
#define DK_SYSTEM_LOG_H

#include "plugins/plugin.h"

/* Lines of a level above this are not written; DK_INFO at first. */
void dk_log_set_level(enum dk_level level);
enum dk_level dk_log_level(void);

/* `who` may be NULL: the daemon itself. fields ends
 * with one without name, and may be NULL. */
void dk_log(enum dk_level level, const char *who, const char *event,
	    const struct dk_field *fields);

#endif
