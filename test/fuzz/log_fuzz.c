/* SPDX-License-Identifier: Apache-2.0
 *
 * log_fuzz.c - any bytes as an event and its fields: the line of JSON is one line, it is JSON, and
 * holds what was given, as UTF-8 and cut off at most; the line of text is one line.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buffer.h"
#include "daemon/language/dialect.h"
#include "daemon/system/log_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SHORT 40 /* what is shorter is never cut off where there is room */
#define TEXTS 8 /* parted by NULs: who, event, then names and values */

static void
check_one_line(const struct dk_log_line *line)
{
	if (line->length == 0 || line->length > sizeof(line->text) ||
	    memchr(line->text, '\n', line->length) != line->text + line->length - 1)
		abort();
}

/* What JSON should have of it; to be freed. */
static char *
utf8_of(const char *text)
{
	struct dk_buffer out = { 0 };
	struct dk_slice rest = dk_slice_of(text);

	dk_buffer_add_text(&out, "");
	while (rest.length > 0) {
		size_t length = dk_utf8_length(rest);

		if (length)
			dk_buffer_add(&out, dk_slice_new(rest.data, length));
		else
			dk_buffer_add_text(&out, "\xef\xbf\xbd");
		rest = dk_slice_after(rest, length ? length : 1);
	}
	return dk_buffer_detach(&out);
}

/* All of it, or, of a text that is long, or when the line is full, its beginning. */
static void
check_text(const json_t *json, const char *wanted, bool is_full)
{
	char *text = utf8_of(wanted);
	size_t length = json_string_length(json);

	if (!json_is_string(json) || length > strlen(text) ||
	    memcmp(json_string_value(json), text, length) != 0 ||
	    (length < strlen(text) && strlen(text) < SHORT && !is_full))
		abort();
	free(text);
}

/* How many have the name: of several jansson has the last that was in the line. */
static int
count_of(const struct dk_field *fields, const char *name)
{
	int count = 0;

	for (; fields->name; fields++) {
		char *other = utf8_of(fields->name);

		count += strncmp(other, name, SHORT) == 0;
		free(other);
	}
	return count;
}

static void
check_fields(const json_t *fields, const struct dk_field *all, bool is_full)
{
	for (const struct dk_field *wanted = all; wanted->name; wanted++) {
		char *name = utf8_of(wanted->name);
		const json_t *json = json_object_get(fields, name);

		if (!json && strlen(name) < SHORT && !is_full)
			abort();
		if (json && strlen(name) < SHORT && count_of(all, name) == 1) {
			if (wanted->text)
				check_text(json, wanted->text, is_full);
			else if (json_integer_value(json) != wanted->number)
				abort();
		}
		free(name);
	}
}

static void
check_json(const struct dk_log_entry *entry, const char *context)
{
	struct dk_log_line line;
	const json_t *about;
	json_t *json;
	bool is_full;

	dk_log_line_json(&line, entry, context);
	check_one_line(&line);
	is_full = line.length > sizeof(line.text) - 1024;
	json = json_loadb(line.text, line.length, 0, NULL);
	if (!json)
		abort();
	about = context ? json_object_get(json, "context") : json;
	check_text(json_object_get(about, "who"), entry->who, false);
	check_text(json_object_get(json, "event"), entry->event, false);
	if (context && !json_is_string(json_object_get(about, "host")))
		abort();
	if (!json_is_string(json_object_get(json, "message")))
		abort();
	check_fields(json_object_get(json, "fields"), entry->fields, is_full);
	json_decref(json);
}

static void
check_entry(const char *const *texts, size_t count)
{
	struct dk_field fields[TEXTS / 2] = { { .name = NULL } };
	struct dk_log_entry entry = { 1772357400123, DK_WARNING, texts[0], texts[1], fields };
	char context[DK_LOG_CONTEXT_ROOM] = "";
	struct dk_log_line line;

	for (size_t i = 2; i + 1 < count; i += 2)
		fields[i / 2 - 1] = (struct dk_field){ texts[i], texts[i + 1], 0 };
	if (count % 2 == 0 && count > 2) /* the last is a number */
		fields[count / 2 - 2] =
			(struct dk_field){ texts[count - 2], NULL, atoll(texts[count - 1]) };
	dk_log_line_text(&line, &entry);
	check_one_line(&line);
	check_json(&entry, NULL);
	dk_log_line_member(context, "host", texts[0]);
	dk_log_line_member(context, "instance", texts[1]);
	check_json(&entry, context);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *texts[TEXTS] = { "", "" };
	char *copy = malloc(size + 1);
	size_t count = 0, at = 0;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	copy[size] = '\0';
	for (; count < TEXTS && at <= size; count++) {
		texts[count] = copy + at;
		at += strlen(copy + at) + 1;
	}
	check_entry(texts, count);
	free(copy);
	return 0;
}
