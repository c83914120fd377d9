/* SPDX-License-Identifier: Apache-2.0
 *
 * log_line.c - one event as a line: of text, or of JSON.
 */
#include "daemon/system/log_line.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/language/dialect.h"

#define TEXT_ROOM 4096
/* Of JSON: what names and texts are cut off at, and what is kept free for all else. */
#define NAME_ROOM 256
#define MESSAGE_ROOM 3072
#define RESERVE 512
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

const char *const dk_level_names[] = { "error", "warning", "notice", "info", "debug", NULL };
const char *const dk_log_form_names[] = { "auto", "text", "json", "journal", NULL };

static const char hex[] = "0123456789abcdef";

/* --- Text --- */

static void
add(struct dk_log_line *line, char c)
{
	if (line->length < TEXT_ROOM - 1)
		line->text[line->length++] = c;
}

static void
add_text(struct dk_log_line *line, const char *text)
{
	while (*text)
		add(line, *text++);
}

static void
add_escaped(struct dk_log_line *line, unsigned char c)
{
	if (c == '"' || c == '\\') {
		add(line, '\\');
		add(line, (char)c);
	} else if (c < ' ' || c == 127) {
		add_text(line, "\\x");
		add(line, hex[c >> 4]);
		add(line, hex[c & 15]);
	} else {
		add(line, (char)c);
	}
}

/* Nothing in it can end the line. */
static void
add_name(struct dk_log_line *line, const char *name)
{
	while (*name)
		add_escaped(line, (unsigned char)*name++);
}

/* Bare where it is one plain word, else in quotes. */
static void
add_value(struct dk_log_line *line, const char *text)
{
	bool is_plain = *text != '\0';

	for (const char *c = text; *c && is_plain; c++)
		is_plain = (unsigned char)*c > ' ' && !strchr("\"\\=", *c) && *c != 127;
	if (is_plain) {
		add_text(line, text);
		return;
	}
	add(line, '"');
	add_name(line, text);
	add(line, '"');
}

/* RFC 3339, in UTC. */
static void
print_time(int64_t wall_ms, char *text, size_t room)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;
	size_t length;

	gmtime_r(&seconds, &parts);
	length = strftime(text, room, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + length, room - length, ".%03dZ", (int)(wall_ms % 1000));
}

static void
add_field(struct dk_log_line *line, const struct dk_field *field)
{
	char number[32];

	add(line, ' ');
	add_name(line, field->name);
	add(line, '=');
	snprintf(number, sizeof(number), "%lld", (long long)field->number);
	if (field->text)
		add_value(line, field->text);
	else
		add_text(line, number);
}

static void
add_message(struct dk_log_line *line, const struct dk_log_entry *entry)
{
	add_text(line, dk_level_names[entry->level]);
	add(line, ' ');
	add_name(line, entry->who);
	add(line, ' ');
	add_name(line, entry->event);
	for (const struct dk_field *field = entry->fields; field && field->name; field++)
		add_field(line, field);
}

void
dk_log_line_message(struct dk_log_line *line, const struct dk_log_entry *entry)
{
	line->length = 0;
	add_message(line, entry);
}

void
dk_log_line_text(struct dk_log_line *line, const struct dk_log_entry *entry)
{
	char time[40];

	print_time(entry->wall_ms, time, sizeof(time));
	line->length = 0;
	add_text(line, time);
	add(line, ' ');
	add_message(line, entry);
	line->text[line->length++] = '\n';
}

/* --- JSON: RFC 8259 --- */

/* The first character, or what is in its place, as JSON has it within a text: its bytes in `json`,
 * at most 6. Returns how many; `used` of the text's. */
static size_t
escape(struct dk_slice text, char *json, size_t *used)
{
	size_t length = dk_utf8_length(text);
	unsigned char c = (unsigned char)*text.data;
	struct dk_slice piece = length ? dk_slice_new(text.data, length) : DK_SLICE(REPLACEMENT);

	*used = length ? length : 1;
	if (c == '"' || c == '\\') {
		json[0] = '\\';
		json[1] = (char)c;
		return 2;
	}
	if (c < ' ') {
		memcpy(json, "\\u00", 4);
		json[4] = hex[c >> 4];
		json[5] = hex[c & 15];
		return 6;
	}
	memcpy(json, piece.data, piece.length);
	return piece.length;
}

/* A text in quotes, at most `most` bytes of it, as far as there is room before `room`. */
static size_t
put_text(char *json, size_t at, size_t room, struct dk_slice text, size_t most)
{
	size_t limit = at + most < room ? at + most : room;

	json[at++] = '"';
	while (text.length > 0) {
		char piece[8];
		size_t used, length = escape(text, piece, &used);

		if (at + length > limit)
			break;
		memcpy(json + at, piece, length);
		at += length;
		text = dk_slice_after(text, used);
	}
	json[at++] = '"';
	return at;
}

static void
add_string(struct dk_log_line *line, struct dk_slice text, size_t most)
{
	line->length = put_text(line->text, line->length, DK_LOG_LINE_ROOM - RESERVE, text, most);
}

/* Of a few known characters: there is room for them. */
static void
add_signs(struct dk_log_line *line, const char *signs)
{
	size_t length = strlen(signs);

	memcpy(line->text + line->length, signs, length);
	line->length += length;
}

static void
add_json_field(struct dk_log_line *line, const struct dk_field *field)
{
	char number[32];

	add_string(line, dk_slice_of(field->name), NAME_ROOM);
	add_signs(line, ":");
	snprintf(number, sizeof(number), "%lld", (long long)field->number);
	if (field->text)
		add_string(line, dk_slice_of(field->text), DK_LOG_LINE_ROOM);
	else
		add_signs(line, number);
}

/* Those that there is room for. */
static void
add_json_fields(struct dk_log_line *line, const struct dk_field *fields)
{
	const char *between = "";

	add_signs(line, ",\"fields\":{");
	for (; fields && fields->name; fields++) {
		if (line->length + NAME_ROOM > DK_LOG_LINE_ROOM - RESERVE)
			break;
		add_signs(line, between);
		add_json_field(line, fields);
		between = ",";
	}
	add_signs(line, "}}\n");
}

static void
add_json_message(struct dk_log_line *line, const struct dk_log_entry *entry)
{
	struct dk_log_line message;

	dk_log_line_message(&message, entry);
	add_signs(line, ",\"message\":");
	add_string(line, dk_slice_new(message.text, message.length), MESSAGE_ROOM);
}

/* The first members of the line, without what is long. */
static void
add_json_head(struct dk_log_line *line, const struct dk_log_entry *entry, const char *context)
{
	char time[40];

	print_time(entry->wall_ms, time, sizeof(time));
	add_signs(line, "{\"timestamp\":\"");
	add_signs(line, time);
	add_signs(line, "\",\"level\":\"");
	add_signs(line, dk_level_names[entry->level]);
	add_signs(line, context ? "\",\"context\":{\"who\":" : "\",\"who\":");
	add_string(line, dk_slice_of(entry->who), NAME_ROOM);
	if (context && strlen(context) < DK_LOG_CONTEXT_ROOM)
		add_signs(line, context);
	add_signs(line, context ? "},\"event\":" : ",\"event\":");
	add_string(line, dk_slice_of(entry->event), NAME_ROOM);
}

void
dk_log_line_json(struct dk_log_line *line, const struct dk_log_entry *entry, const char *context)
{
	line->length = 0;
	add_json_head(line, entry, context);
	add_json_message(line, entry);
	add_json_fields(line, entry->fields);
}

void
dk_log_line_member(char members[DK_LOG_CONTEXT_ROOM], const char *name, const char *text)
{
	size_t length = strlen(members);

	if (length + 2 * NAME_ROOM + 8 > DK_LOG_CONTEXT_ROOM)
		return;
	members[length++] = ',';
	length = put_text(members, length, DK_LOG_CONTEXT_ROOM, dk_slice_of(name), NAME_ROOM);
	members[length++] = ':';
	length = put_text(members, length, DK_LOG_CONTEXT_ROOM, dk_slice_of(text), NAME_ROOM);
	members[length] = '\0';
}
