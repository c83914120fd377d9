/* SPDX-License-Identifier: Apache-2.0
 *
 * log_line.h - one event as a line: of text, or of JSON. Nothing is allocated.
 */
#ifndef DK_SYSTEM_LOG_LINE_H
#define DK_SYSTEM_LOG_LINE_H

#include "plugins/plugin.h"

/* By enum dk_level; ends with NULL. */
extern const char *const dk_level_names[];

enum dk_log_form {
	DK_LOG_AUTO, /* the journal, where it has standard error anyhow, or else text */
	DK_LOG_TEXT,
	DK_LOG_JSON,
	DK_LOG_JOURNAL, /* text, where that does not take it */
};
extern const char *const dk_log_form_names[]; /* ends with NULL */

/* What is logged. All of it is borrowed. */
struct dk_log_entry {
	int64_t wall_ms; /* since 1970 */
	enum dk_level level;
	const char *who, *event;
	const struct dk_field *fields; /* ends with one without name; NULL: none */
};

#define DK_LOG_LINE_ROOM 8192
#define DK_LOG_CONTEXT_ROOM 1024 /* of a context, with its NUL */

/* What does not fit is cut off: of a text wherever that is, of JSON so that it stays JSON. */
struct dk_log_line {
	char text[DK_LOG_LINE_ROOM];
	size_t length; /* no NUL follows */
};

/* warning plant disconnected why="connection lost" */
void dk_log_line_message(struct dk_log_line *line, const struct dk_log_entry *entry);

/* The message, after the time, and with a newline. */
void dk_log_line_text(struct dk_log_line *line, const struct dk_log_entry *entry);

/* One object, with a newline:
 *
 *	{"timestamp":"2026-03-01T09:30:00.123Z","level":"warning","who":"plant",
 *	 "event":"disconnected","message":"warning plant disconnected why=\"connection lost\"",
 *	 "fields":{"why":"connection lost"}}
 *
 * Bytes that are no UTF-8 become U+FFFD. With a context, which is members as dk_log_line_member()
 * writes them, "who" is the first of these, in an object "context". */
void dk_log_line_json(struct dk_log_line *line, const struct dk_log_entry *entry,
		      const char *context);

/* Writes `,"name":"text"` behind what is there; the text is cut off where it is long. Nothing, when
 * there is no room. */
void dk_log_line_member(char members[DK_LOG_CONTEXT_ROOM], const char *name, const char *text);

#endif
