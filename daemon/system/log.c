/* SPDX-License-Identifier: Apache-2.0
 *
 * log.c - lines of text on standard error, each written at once.
 */
#include "daemon/system/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/system/clock.h"

#define LINE_ROOM 4096

static const char *const words[] = { "error", "warning", "notice", "info", "debug" };

struct line {
	char text[LINE_ROOM];
	size_t length;
};

static void
add(struct line *line, char c)
{
	if (line->length < sizeof(line->text) - 1)
		line->text[line->length++] = c;
}

static void
add_text(struct line *line, const char *text)
{
	while (*text)
		add(line, *text++);
}

static void
add_escaped(struct line *line, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	if (c == '"' || c == '\\') {
		add(line, '\\');
		add(line, (char)c);
	} else if (c < ' ' || c == 127) {
		add_text(line, "\\x");
		add(line, digits[c >> 4]);
		add(line, digits[c & 15]);
	} else {
		add(line, (char)c);
	}
}

/* Bare where it is one plain word, else in quotes; nothing in it can end the line. */
static void
add_value(struct line *line, const char *text)
{
	bool is_plain = *text != '\0';

	for (const char *c = text; *c && is_plain; c++)
		is_plain = (unsigned char)*c > ' ' && !strchr("\"\\=", *c) && *c != 127;
	if (is_plain) {
		add_text(line, text);
		return;
	}
	add(line, '"');
	for (const char *c = text; *c; c++)
		add_escaped(line, (unsigned char)*c);
	add(line, '"');
}

static void
add_time(struct line *line)
{
	int64_t now = dk_clock_wall_ms();
	time_t seconds = (time_t)(now / 1000);
	struct tm parts;
	char text[40];

	gmtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	add_text(line, text);
	snprintf(text, sizeof(text), ".%03dZ ", (int)(now % 1000));
	add_text(line, text);
}

static void
add_field(struct line *line, const struct dk_field *field)
{
	char number[32];

	add(line, ' ');
	add_text(line, field->name);
	add(line, '=');
	snprintf(number, sizeof(number), "%lld", (long long)field->number);
	if (field->text)
		add_value(line, field->text);
	else
		add_text(line, number);
}

static atomic_int loudest = DK_INFO;

void
dk_log_set_level(enum dk_level level)
{
	atomic_store_explicit(&loudest, (int)level, memory_order_relaxed);
}

enum dk_level
dk_log_level(void)
{
	return (enum dk_level)atomic_load_explicit(&loudest, memory_order_relaxed);
}

void
dk_log(enum dk_level level, const char *who, const char *event, const struct dk_field *fields)
{
	struct line line = { .length = 0 };
	ssize_t written;

	if (level > dk_log_level())
		return;
	add_time(&line);
	add_text(&line, words[level]);
	add(&line, ' ');
	add_text(&line, who ? who : "diolkosd");
	add(&line, ' ');
	add_text(&line, event);
	for (; fields && fields->name; fields++)
		add_field(&line, fields);
	line.text[line.length++] = '\n';
	written = write(STDERR_FILENO, line.text, line.length);
	(void)written; /* where would one say that the log is broken? */
}
