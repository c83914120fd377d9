/* SPDX-License-Identifier: Apache-2.0
 *
 * filter.c - what is done to a value between its name and its place.
 */
#include "daemon/language/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/base/error.h"
#include "daemon/base/suggest.h"
#include "daemon/language/names.h"
#include "daemon/language/value.h"

#define WIDEST 99 /* of a format's width and precision: two digits */

/* --- The filters --- */

static const char *
lower(struct dk_filter *filter, struct dk_buffer *text)
{
	(void)filter;
	for (size_t i = 0; i < text->length; i++)
		if (text->data[i] >= 'A' && text->data[i] <= 'Z')
			text->data[i] = (char)(text->data[i] | 0x20);
	return NULL;
}

static const char *
upper(struct dk_filter *filter, struct dk_buffer *text)
{
	(void)filter;
	for (size_t i = 0; i < text->length; i++)
		if (text->data[i] >= 'a' && text->data[i] <= 'z')
			text->data[i] = (char)(text->data[i] & ~0x20);
	return NULL;
}

/* What was written behind the first `length` bytes takes their place. */
static void
keep_tail(struct dk_buffer *text, size_t length)
{
	text->length -= length;
	memmove(text->data, text->data + length, text->length + 1);
}

/* memmem takes longer to begin than most values are long. */
static char *
find(const char *from, size_t length, struct dk_slice wanted)
{
	return wanted.length == 1 ? memchr(from, wanted.data[0], length)
				  : memmem(from, length, wanted.data, wanted.length);
}

static size_t
count(struct dk_slice wanted, const struct dk_buffer *text)
{
	const char *at = text->data, *end = text->data + text->length;
	size_t sum = 0;

	while ((at = find(at, (size_t)(end - at), wanted))) {
		at += wanted.length;
		sum++;
	}
	return sum;
}

/* Where both are of one length, as in most. */
static const char *
overwrite(const struct dk_filter *filter, struct dk_buffer *text)
{
	char *at = text->data, *end = text->data + text->length;

	while ((at = find(at, (size_t)(end - at), filter->from))) {
		memcpy(at, filter->to.data, filter->to.length);
		at += filter->to.length;
	}
	return NULL;
}

static const char *
replace(struct dk_filter *filter, struct dk_buffer *text)
{
	size_t length = text->length, step;
	bool grows = filter->to.length > filter->from.length;

	if (filter->to.length == filter->from.length)
		return overwrite(filter, text);
	dk_buffer_reserve(text, length + (grows ? count(filter->from, text) * filter->to.length : 0));
	for (size_t i = 0; i < length; i += step + filter->from.length) {
		const char *found = find(text->data + i, length - i, filter->from);

		step = found ? (size_t)(found - text->data) - i : length - i;
		dk_buffer_add(text, dk_slice_new(text->data + i, step));
		if (!found)
			break;
		dk_buffer_add(text, filter->to);
	}
	keep_tail(text, length);
	return NULL;
}

static bool
is_unreserved(char c)
{
	return dk_is_name_character(c, false) || c == '-' || c == '.' || c == '~';
}

void
dk_percent_encode(struct dk_slice text, struct dk_buffer *out)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];
		char escaped[3] = { '%', digits[c >> 4], digits[c & 15] };

		dk_buffer_add(out, is_unreserved((char)c) ? dk_slice_new(&text.data[i], 1) :
							    dk_slice_new(escaped, 3));
	}
}

static const char *
escape(struct dk_filter *filter, struct dk_buffer *text)
{
	size_t length = text->length;

	(void)filter;
	dk_buffer_reserve(text, 3 * length);
	dk_percent_encode(dk_slice_new(text->data, length), text);
	keep_tail(text, length);
	return NULL;
}

/* --- Formats --- */

static struct dk_value
value_of(const struct dk_buffer *text)
{
	return (struct dk_value){ .kind = DK_VALUE_TEXT,
				  .text = dk_slice_new(text->data, text->length) };
}

/* %5d and %05d, as printf writes them. */
static const char *
pad_integer(struct dk_filter *filter, struct dk_buffer *text)
{
	struct dk_value value = value_of(text);
	char pad = filter->format[1] == '0' ? '0' : ' ';
	size_t length, sign;

	if (!dk_value_integer(&value, &value.integer))
		return "is no integer";
	value.kind = DK_VALUE_INTEGER;
	text->length = 0;
	dk_value_add(&value, text);
	length = text->length;
	if (length >= filter->width)
		return NULL;
	sign = pad == '0' && text->data[0] == '-';
	dk_buffer_reserve(text, filter->width);
	memmove(text->data + filter->width - length + sign, text->data + sign, length - sign + 1);
	memset(text->data + sign, pad, filter->width - length);
	text->length = filter->width;
	return NULL;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* formats were checked when they were read */

static const char *
format_integer(struct dk_filter *filter, struct dk_buffer *text)
{
	struct dk_value value = value_of(text);
	int64_t integer;

	if (!dk_value_integer(&value, &integer))
		return "is no integer";
	text->length = 0;
	dk_buffer_print(text, filter->format, (long long)integer);
	return NULL;
}

static const char *
format_real(struct dk_filter *filter, struct dk_buffer *text)
{
	struct dk_value value = value_of(text);
	double number;

	if (!dk_value_number(&value, &number))
		return "is no number";
	text->length = 0;
	dk_buffer_print(text, filter->format, number);
	return NULL;
}

static const char *
format_text(struct dk_filter *filter, struct dk_buffer *text)
{
	size_t length = text->length, precision = filter->precision;

	if (memchr(text->data, '\0', length))
		return "holds a NUL";
	dk_buffer_reserve(text, length + WIDEST + 1);
	/* The result begins where the text ends: the precision keeps it from being read on. */
	dk_buffer_print(text, filter->format, (int)(length < precision ? length : precision),
			text->data);
	keep_tail(text, length);
	return NULL;
}

/* Many messages come in a second. Any milliseconds are a time that a calendar has. */
static const char *
format_time(struct dk_filter *filter, struct dk_buffer *text)
{
	struct dk_value value = value_of(text);
	struct tm parts;
	int64_t ms;
	time_t second;

	if (!dk_value_integer(&value, &ms))
		return "is no time in milliseconds";
	second = (time_t)(ms / 1000 - (ms % 1000 < 0));
	text->length = 0;
	if (!filter->formatted.data || filter->second != second) {
		gmtime_r(&second, &parts);
		filter->second = second;
		filter->formatted = dk_slice_new(filter->memory,
						 strftime(filter->memory, sizeof(filter->memory),
							  filter->format, &parts));
	}
	dk_buffer_add(text, filter->formatted);
	return NULL;
}

#pragma GCC diagnostic pop

/* --- Reading --- */

static size_t
span(struct dk_slice text, size_t from, const char *characters, size_t most)
{
	size_t length = 0;

	while (length < most && from + length < text.length && text.data[from + length] != '\0' &&
	       strchr(characters, text.data[from + length]))
		length++;
	return length;
}

/* Where the letter of a conversion is: after flags, width and precision. */
static size_t
find_letter(struct dk_slice text)
{
	size_t at = 1;

	at += span(text, at, "-+ 0#", 5);
	at += span(text, at, "0123456789", 2);
	if (at < text.length && text.data[at] == '.')
		at += 1 + span(text, at + 1, "0123456789", 2);
	return at;
}

static int
fail_format(struct dk_slice text, struct dk_error *error)
{
	return dk_fail(error, "\"%.*s\" is no format; %%05d, %%x, %%.2f or %%-10s?",
		       (int)text.length, text.data);
}

/* %-10s becomes %-10.*s: how much of the text is printed is always said. */
static void
write_text_format(struct dk_slice text, struct dk_filter *filter)
{
	const char *dot = memchr(text.data, '.', text.length);
	size_t before = dot ? (size_t)(dot - text.data) : text.length - 1;

	filter->apply = format_text;
	filter->precision = dot ? (size_t)strtoll(dot + 1, NULL, 10) : SIZE_MAX;
	snprintf(filter->format, sizeof(filter->format), "%.*s.*s", (int)before, text.data);
}

/* Integers with the length of a long long. */
static int
read_conversion(struct dk_slice text, struct dk_filter *filter, struct dk_error *error)
{
	size_t at = text.length > 0 && text.data[0] == '%' ? find_letter(text) : text.length;
	char letter = at + 1 == text.length ? text.data[at] : '\0';
	bool is_integer = letter && strchr("diuoxX", letter);

	if (!letter || !strchr("diuoxXeEfFgGs", letter))
		return fail_format(text, error);
	if (letter == 's') {
		write_text_format(text, filter);
		return 0;
	}
	filter->width = (size_t)strtoll(text.data + 1, NULL, 10);
	filter->apply = letter == 'd' && span(text, 1, "0123456789", at) == at - 1 ? pad_integer :
			is_integer					? format_integer :
									  format_real;
	snprintf(filter->format, sizeof(filter->format), "%.*s%s%c", (int)at, text.data,
		 is_integer ? "ll" : "", letter);
	return 0;
}

/* Whether there is room for it on the day with the longest names in the longest year. */
static bool
is_too_long(struct dk_filter *filter)
{
	struct tm longest = { .tm_year = -292275055 - 1900, .tm_mon = 8, .tm_mday = 30,
			      .tm_wday = 3, .tm_yday = 272 };

	return strftime(filter->memory, sizeof(filter->memory), filter->format, &longest) == 0;
}

/* Those of ISO C that need neither a locale nor a time zone. */
static int
read_time(struct dk_slice text, struct dk_filter *filter, struct dk_error *error)
{
	static const char known[] = "YmdHMSjyGgVuwCDFTReIpaAbBhUWn%t";
	bool is_format = text.length > 0 && text.length < DK_FORMAT_MAX;

	for (size_t i = 0; is_format && i < text.length; i++) {
		if (text.data[i] != '%')
			continue;
		i++;
		is_format = i < text.length && text.data[i] != '\0' && strchr(known, text.data[i]);
	}
	if (!is_format || dk_slice_has(text, '\0'))
		return dk_fail(error, "\"%.*s\" is no format of a time; %%Y-%%m-%%dT%%H:%%M:%%S?",
			       (int)text.length, text.data);
	filter->apply = format_time;
	memcpy(filter->format, text.data, text.length);
	filter->format[text.length] = '\0';
	if (is_too_long(filter))
		return dk_fail(error, "\"%.*s\" may come to more than %d bytes", (int)text.length,
			       text.data, DK_TIME_MAX - 1);
	return 0;
}

int
dk_filter_read_format(struct dk_slice text, bool is_time, struct dk_filter *filter,
		      struct dk_error *error)
{
	*filter = (struct dk_filter){ .apply = NULL };
	return is_time ? read_time(text, filter, error) : read_conversion(text, filter, error);
}

static size_t
skip_blanks(struct dk_slice text, size_t at)
{
	return at + span(text, at, " ", text.length);
}

/* 'text' at `*at`, which moves behind it; NULL data when there is none. */
static struct dk_slice
read_quoted(struct dk_slice text, size_t *at)
{
	struct dk_slice none = { NULL, 0 }, rest;
	const char *end;

	*at = skip_blanks(text, *at);
	if (*at >= text.length || text.data[*at] != '\'')
		return none;
	rest = dk_slice_after(text, *at + 1);
	end = memchr(rest.data, '\'', rest.length);
	if (!end)
		return none;
	rest.length = (size_t)(end - rest.data);
	*at = skip_blanks(text, *at + rest.length + 2);
	return rest;
}

static bool
takes(struct dk_slice text, size_t *at, char wanted)
{
	*at = skip_blanks(text, *at);
	if (*at >= text.length || text.data[*at] != wanted)
		return false;
	++*at;
	return true;
}

/* What stands in the parentheses of replace; where they end, or 0 with an error. */
static size_t
read_replace(struct dk_slice text, size_t at, struct dk_filter *filter, struct dk_error *error)
{
	bool is_good = takes(text, &at, '(');

	if (is_good)
		filter->from = read_quoted(text, &at);
	is_good = is_good && filter->from.length > 0 && takes(text, &at, ',');
	if (is_good)
		filter->to = read_quoted(text, &at);
	if (is_good && filter->to.data && takes(text, &at, ')'))
		return at;
	dk_fail(error, "replace is written replace('what', 'by what')");
	return 0;
}

static const struct row {
	const char *name;
	dk_filter_function *apply;
	const char *help; /* one sentence */
} rows[] = {
	{ "lower", lower, "Makes a to z of A to Z; all else stays as it is, in every locale." },
	{ "upper", upper, "Makes A to Z of a to z." },
	{ "replace", replace,
	  "Puts a text in the place of another, wherever that is found: replace('/', '-')." },
	{ "escape", escape,
	  "Writes all but letters, digits and -._~ as %XX, as in a uri: RFC 3986, section 2.3." },
};

#define FILTERS (sizeof(rows) / sizeof(rows[0]))

const char *
dk_filter_name(size_t number, const char **help)
{
	if (number >= FILTERS)
		return NULL;
	*help = rows[number].help;
	return rows[number].name;
}

static size_t
fail_unknown(struct dk_slice name, struct dk_error *error)
{
	struct dk_suggestion suggestion = { .written = name };

	for (size_t i = 0; i < FILTERS; i++)
		dk_suggest(&suggestion, rows[i].name);
	dk_fail(error, "there is no filter \"%.*s\"; %s?", (int)name.length, name.data,
		suggestion.nearest ? suggestion.nearest :
				     "lower, upper, replace, escape, or a format like %05d");
	return 0;
}

size_t
dk_filter_read(struct dk_slice text, bool is_time, struct dk_filter *filter,
	       struct dk_error *error)
{
	size_t begin = skip_blanks(text, 0), end;
	struct dk_slice rest = dk_slice_after(text, begin), name = dk_name_at(rest);
	const char *bar;

	*filter = (struct dk_filter){ .apply = NULL };
	if (rest.length > 0 && rest.data[0] == '%') {
		bar = memchr(rest.data, '|', rest.length);
		rest.length = bar ? (size_t)(bar - rest.data) : rest.length;
		while (rest.length > 0 && rest.data[rest.length - 1] == ' ')
			rest.length--;
		return dk_filter_read_format(rest, is_time, filter, error) == 0 ?
			       begin + rest.length :
			       0;
	}
	for (size_t i = 0; i < FILTERS && !filter->apply; i++)
		if (dk_slice_is(dk_slice_of(rows[i].name), name))
			filter->apply = rows[i].apply;
	if (!filter->apply)
		return fail_unknown(name, error);
	end = begin + name.length;
	return filter->apply == replace ? read_replace(text, end, filter, error) : end;
}
