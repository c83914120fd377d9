/* SPDX-License-Identifier: Apache-2.0
 *
 * page_text.c - how the status page writes.
 */
#include "daemon/surface/page_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/language/dialect.h"

static const char *const states[] = { NULL, "good", "waits", "bad" };

/* --- Escaping --- */

/* What HTML reads as markup, in text and in attributes. */
static const char *
entity_of(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static bool
is_control(char byte)
{
	return ((unsigned char)byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
}

/* The next character of a text: its bytes; none where it is one that nobody can show. */
static struct dk_slice
character_of(const char *text)
{
	size_t length = dk_utf8_length(dk_slice_of(text));

	return dk_slice_new(text, length == 1 && is_control(*text) ? 0 : length);
}

static void
put_html(struct dk_buffer *out, struct dk_slice character)
{
	const char *entity = character.length == 1 ? entity_of(*character.data) : NULL;

	if (entity)
		dk_buffer_add_text(out, entity);
	else
		dk_buffer_add(out, character.length ? character : DK_SLICE("\xef\xbf\xbd"));
}

/* Within quotes: RFC 8259 section 7. */
static void
put_json(struct dk_buffer *out, struct dk_slice character)
{
	if (character.length == 1 && (*character.data == '"' || *character.data == '\\'))
		dk_buffer_add(out, DK_SLICE("\\"));
	if (character.length == 1 && (unsigned char)*character.data < 0x20)
		dk_buffer_print(out, "\\u%04x", (unsigned)*character.data);
	else
		dk_buffer_add(out, character.length ? character : DK_SLICE("\xef\xbf\xbd"));
}

static void
put_escaped(struct dk_buffer *out, const char *text, size_t most,
	    void (*put)(struct dk_buffer *out, struct dk_slice character))
{
	for (size_t count = 0; *text; count++) {
		struct dk_slice character = character_of(text);

		if (count + 1 == most && text[character.length ? character.length : 1]) {
			dk_buffer_add(out, DK_SLICE("\xe2\x80\xa6"));
			return;
		}
		put(out, character);
		text += character.length ? character.length : 1;
	}
}

/* --- Writing --- */

void
dk_page_put(struct dk_page_writing *writing, const char *literal)
{
	if (!writing->is_json)
		dk_buffer_add_text(writing->out, literal);
}

void
dk_page_put_short(struct dk_page_writing *writing, const char *text, size_t most)
{
	if (!writing->is_json)
		put_escaped(writing->out, text, most, put_html);
}

void
dk_page_put_text(struct dk_page_writing *writing, const char *text)
{
	dk_page_put_short(writing, text, SIZE_MAX);
}

void
dk_page_put_number(struct dk_page_writing *writing, int64_t number)
{
	if (!writing->is_json)
		dk_buffer_print(writing->out, "%" PRId64, number);
}

static void
put_json_cell(struct dk_page_writing *writing, const struct dk_cell *cell, const char *text)
{
	dk_buffer_print(writing->out, "%s\"%c%zu.%s\":[\"", writing->has_cell ? ",\n" : "",
			cell->group, cell->number, cell->name);
	put_escaped(writing->out, text, SIZE_MAX, put_json);
	dk_buffer_print(writing->out, "\",\"%s\"]", cell->state ? states[cell->state] : "");
	writing->has_cell = true;
}

void
dk_page_put_cell(struct dk_page_writing *writing, const struct dk_cell *cell, const char *text)
{
	struct dk_buffer *out = writing->out;

	if (writing->is_json) {
		put_json_cell(writing, cell, text);
		return;
	}
	dk_buffer_print(out, "<%s data-k=\"%c%zu.%s\"", cell->tag, cell->group, cell->number,
			cell->name);
	if (cell->state)
		dk_buffer_print(out, " data-s=\"%s\"", states[cell->state]);
	dk_buffer_add(out, DK_SLICE(">"));
	put_escaped(out, text, SIZE_MAX, put_html);
	dk_buffer_print(out, "</%.*s>", (int)strcspn(cell->tag, " "), cell->tag);
}

/* --- Values --- */

/* Groups of three, parted by U+202F. */
struct dk_page_value
dk_page_count(int64_t number)
{
	struct dk_page_value value = { "" };
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRId64, number);
	char *end = value.text;

	for (int i = 0; i < length; i++) {
		if (i > 0 && digits[i - 1] != '-' && (length - i) % 3 == 0)
			end += sprintf(end, "\xe2\x80\xaf");
		*end++ = digits[i];
	}
	*end = '\0';
	return value;
}

struct dk_page_value
dk_page_of(int64_t number, int64_t whole)
{
	struct dk_page_value value;

	snprintf(value.text, sizeof(value.text), "%.40s of %.40s", dk_page_count(number).text,
		 dk_page_count(whole).text);
	return value;
}

struct dk_page_value
dk_page_bytes(int64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	struct dk_page_value value;
	double size = (double)bytes;
	size_t unit = 0;

	for (; size >= 1024 && unit < 4; unit++)
		size /= 1024;
	snprintf(value.text, sizeof(value.text), "%.*f\xc2\xa0%s", unit > 0 && size < 100, size,
		 units[unit]);
	return value;
}

struct dk_page_value
dk_page_rate(double rate)
{
	struct dk_page_value value;

	if (rate > 0 && rate < 10)
		snprintf(value.text, sizeof(value.text), "%.1f/s", rate);
	else
		snprintf(value.text, sizeof(value.text), "%.40s/s",
			 dk_page_count((int64_t)(rate + 0.5)).text);
	return value;
}

struct dk_page_value
dk_page_age(int64_t ms)
{
	static const struct {
		int64_t below_ms, unit_ms;
		const char *name;
	} units[] = {
		{ 1000, 1, "ms" },
		{ 120000, 1000, "s" },
		{ 7200000, 60000, "min" },
		{ INT64_MAX, 3600000, "h" },
	};
	struct dk_page_value value;
	size_t unit = 0;

	while (ms >= units[unit].below_ms)
		unit++;
	snprintf(value.text, sizeof(value.text), "%" PRId64 "\xc2\xa0%s", ms / units[unit].unit_ms,
		 units[unit].name);
	return value;
}
