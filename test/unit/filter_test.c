/* SPDX-License-Identifier: Apache-2.0
 *
 * filter_test.c - filters: read, refused with the reason, and against printf and strftime
 * themselves.
 */
#include "test/unit/unit.h"

#include <limits.h>
#include <time.h>

#include "daemon/language/filter.h"

/* The filter that is all of the text. */
static struct dk_filter
read_filter(const char *text, bool is_time)
{
	struct dk_filter filter;
	struct dk_error error = { "" };

	if (dk_filter_read(dk_slice_of(text), is_time, &filter, &error) != strlen(text))
		fail_msg("%s: %s", text, error.text);
	return filter;
}

/* What becomes of the value, into `out`; NULL or the fault. */
static const char *
apply(struct dk_filter *filter, struct dk_slice value, struct dk_buffer *out)
{
	out->length = 0;
	dk_buffer_add(out, value);
	return filter->apply(filter, out);
}

static void
a_filter_changes_a_text(void **state)
{
	static const struct {
		const char *filter;
		struct dk_slice value, result;
	} rows[] = {
#define ROW(filter, value, result)                    \
	{                                             \
		filter, { value, sizeof(value) - 1 }, \
		{                                     \
			result, sizeof(result) - 1    \
		}                                     \
	}
		ROW("lower", "", ""),
		ROW("lower", "AbZ[@`{z09\xc3\x84\0Q", "abz[@`{z09\xc3\x84\0q"),
		ROW("upper", "aBz[@`{Z09\xc3\xa4\0q", "ABZ[@`{Z09\xc3\xa4\0Q"),
		ROW("escape", "", ""),
		ROW("escape", "aZ09-._~", "aZ09-._~"),
		ROW("escape", "a b/c%?\0\xff\x7f", "a%20b%2Fc%25%3F%00%FF%7F"),
		ROW("replace('a', 'b')", "", ""),
		ROW("replace('a', 'b')", "banana", "bbnbnb"),
		ROW("replace('a', '')", "banana", "bnn"),
		ROW("replace('an', 'x-y')", "banana", "bx-yx-ya"),
		ROW("replace('aa', 'a')", "aaaaa", "aaa"),
		ROW("replace('a', 'aa')", "aaa", "aaaaaa"),
		ROW("replace('banana', 'x')", "banan", "banan"),
		ROW("replace(' ', '_')", " a  b ", "_a__b_"),
		ROW("replace  (  '|'  ,  ')'  )", "a|b", "a)b"),
		ROW("replace('x', '$')", "a\0x\0", "a\0$\0"),
		ROW("%d", "7", "7"),
		ROW("%5d", "-7", "   -7"),
		ROW("%05d", "-7", "-0007"),
		ROW("%05d", "+7", "00007"),
		ROW("%-5d", "7", "7    "),
		ROW("%+d", "7", "+7"),
		ROW("%x", "255", "ff"),
		ROW("%#X", "255", "0XFF"),
		ROW("%u", "-1", "18446744073709551615"),
		ROW("%d", "-9223372036854775808", "-9223372036854775808"),
		ROW("%.2f", "1.005e1", "10.05"),
		ROW("%e", "0", "0.000000e+00"),
		ROW("%s", "as it is", "as it is"),
		ROW("%-10s", "left", "left      "),
		ROW("%10s", "right", "     right"),
		ROW("%.3s", "short", "sho"),
		ROW("%.s", "none", ""),
		ROW("%99s", "",
		    "                                                  "
		    "                                                 "),
#undef ROW
	};
	struct dk_buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_filter filter = read_filter(rows[i].filter, false);
		const char *fault = apply(&filter, rows[i].value, &out);

		if (fault || !dk_slice_is(dk_slice_new(out.data, out.length), rows[i].result))
			fail_msg("%s of %s: %s", rows[i].filter, rows[i].value.data,
				 fault ? fault : out.data);
		assert_int_equal(out.data[out.length], '\0');
	}
	dk_buffer_clear(&out);
}

static void
a_value_that_a_format_is_not_for_is_told(void **state)
{
	static const struct {
		const char *filter;
		struct dk_slice value;
		bool is_time;
		const char *fault;
	} rows[] = {
		{ "%d", { "", 0 }, false, "is no integer" },
		{ "%d", { "1.5", 3 }, false, "is no integer" },
		{ "%05d", { " 1", 2 }, false, "is no integer" },
		{ "%x", { "ff", 2 }, false, "is no integer" },
		{ "%+d", { "9223372036854775808", 19 }, false, "is no integer" },
		{ "%d", { "1\0", 2 }, false, "is no integer" },
		{ "%f", { "one", 3 }, false, "is no number" },
		{ "%f", { "0x10", 4 }, false, "is no number" },
		{ "%f", { "nan", 3 }, false, "is no number" },
		{ "%f", { "1.5.", 4 }, false, "is no number" },
		{ "%s", { "a\0b", 3 }, false, "holds a NUL" },
		{ "%Y", { "now", 3 }, true, "is no time in milliseconds" },
		{ "%Y", { "", 0 }, true, "is no time in milliseconds" },
	};
	struct dk_buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_filter filter = read_filter(rows[i].filter, rows[i].is_time);
		const char *fault = apply(&filter, rows[i].value, &out);

		if (!fault)
			fail_msg("%s took %s", rows[i].filter, rows[i].value.data);
		assert_string_equal(fault, rows[i].fault);
	}
	dk_buffer_clear(&out);
}

#define NO_FORMAT(text) "\"" text "\" is no format; %05d, %x, %.2f or %-10s?"
#define NO_TIME(text) "\"" text "\" is no format of a time; %Y-%m-%dT%H:%M:%S?"
#define REPLACE "replace is written replace('what', 'by what')"

static void
what_is_no_filter_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *text;
		bool is_time;
		const char *error;
	} rows[] = {
		{ "", false,
		  "there is no filter \"\"; lower, upper, replace, escape, or a format "
		  "like %05d?" },
		{ "Lower", false, "there is no filter \"Lower\"; lower?" },
		{ "lower2", false, "there is no filter \"lower2\"; lower?" },
		{ "frobnicate", false,
		  "there is no filter \"frobnicate\"; lower, upper, replace, "
		  "escape, or a format like %05d?" },
		{ "7", false,
		  "there is no filter \"\"; lower, upper, replace, escape, or a format "
		  "like %05d?" },
		{ "replace", false, REPLACE },
		{ "replace(", false, REPLACE },
		{ "replace()", false, REPLACE },
		{ "replace('a')", false, REPLACE },
		{ "replace('a',)", false, REPLACE },
		{ "replace('a', 'b'", false, REPLACE },
		{ "replace('a' 'b')", false, REPLACE },
		{ "replace('', 'b')", false, REPLACE },
		{ "replace(a, b)", false, REPLACE },
		{ "replace('a, b)", false, REPLACE },
		{ "replace('a', 'b)", false, REPLACE },
		{ "replace \"a\", \"b\"", false, REPLACE },
		{ "%", false, NO_FORMAT("%") },
		{ "%5", false, NO_FORMAT("%5") },
		{ "%.", false, NO_FORMAT("%.") },
		{ "%dd", false, NO_FORMAT("%dd") },
		{ "%%", false, NO_FORMAT("%%") },
		{ "%n", false, NO_FORMAT("%n") },
		{ "%c", false, NO_FORMAT("%c") },
		{ "%p", false, NO_FORMAT("%p") },
		{ "%a", false, NO_FORMAT("%a") },
		{ "%ld", false, NO_FORMAT("%ld") },
		{ "%*d", false, NO_FORMAT("%*d") },
		{ "%1$d", false, NO_FORMAT("%1$d") },
		{ "%123d", false, NO_FORMAT("%123d") },
		{ "%.123f", false, NO_FORMAT("%.123f") },
		{ "%------d", false, NO_FORMAT("%------d") },
		{ "%'d", false, NO_FORMAT("%'d") },
		{ "%", true, NO_TIME("%") },
		{ "%Q", true, NO_TIME("%Q") },
		{ "%s", true, NO_TIME("%s") },
		{ "%Z", true, NO_TIME("%Z") },
		{ "%z", true, NO_TIME("%z") },
		{ "%c", true, NO_TIME("%c") },
		{ "%-d", true, NO_TIME("%-d") },
		{ "%05d", true, NO_TIME("%05d") },
		{ "%Y%", true, NO_TIME("%Y%") },
		{ "%Y34567890123456789012345678901234567890", true,
		  NO_TIME("%Y34567890123456789012345678901234567890") },
		{ "%A%A%A%A%A%A%A%A", true, "\"%A%A%A%A%A%A%A%A\" may come to more than 63 bytes" },
		{ "%F%F%F%F", true, "\"%F%F%F%F\" may come to more than 63 bytes" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_error error = { "" };
		struct dk_filter filter;

		if (dk_filter_read(dk_slice_of(rows[i].text), rows[i].is_time, &filter, &error))
			fail_msg("%s was taken", rows[i].text);
		assert_string_equal(error.text, rows[i].error);
	}
}

static void
only_the_first_filter_is_read(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} rows[] = {
		{ "lower|upper", 5 },	       { "  lower |upper", 7 }, { "lower x", 5 },
		{ "%05d|lower", 4 },	       { "%05d  |lower", 4 },	{ "  %d", 4 },
		{ "replace('|', 'a')|b", 17 }, { "upper)", 5 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_filter filter;

		assert_int_equal(dk_filter_read(dk_slice_of(rows[i].text), false, &filter, NULL),
				 rows[i].length);
	}
}

static void
a_whole_text_is_read_as_a_format(void **state)
{
	struct dk_error error = { "" };
	struct dk_filter filter;

	(void)state;
	assert_int_equal(dk_filter_read_format(DK_SLICE("%05d"), false, &filter, &error), 0);
	assert_int_equal(dk_filter_read_format(DK_SLICE("%05d "), false, &filter, &error), -1);
	assert_string_equal(error.text, NO_FORMAT("%05d "));
	assert_int_equal(dk_filter_read_format(DK_SLICE(""), false, &filter, &error), -1);
	assert_string_equal(error.text, NO_FORMAT(""));
	assert_int_equal(dk_filter_read_format(DK_SLICE("05d"), false, &filter, &error), -1);
	assert_int_equal(dk_filter_read_format(DK_SLICE("at %H:%M %% %n"), true, &filter, &error),
			 0);
	assert_int_equal(dk_filter_read_format(DK_SLICE(""), true, &filter, &error), -1);
	assert_string_equal(error.text, NO_TIME(""));
	assert_int_equal(dk_filter_read_format(DK_SLICE("%Y\0"), true, &filter, &error), -1);
}

/* --- By property --- */

/* Flags, width and precision, some of each. */
static void
make_conversion(uint64_t *seed, const char *letters, const char *before_letter, char *ours,
		char *theirs)
{
	char part[16];
	size_t end = 0;

	part[end++] = '%';
	for (unsigned n = chance_below(seed, 4); n > 0; n--)
		part[end++] = "-+ 0#"[chance_below(seed, 5)];
	part[end] = '\0';
	if (chance_below(seed, 2))
		end += (size_t)sprintf(part + end, "%u", chance_below(seed, 100));
	if (chance_below(seed, 2))
		end += (size_t)sprintf(part + end, ".%u", chance_below(seed, 100));
	else if (chance_below(seed, 8) == 0)
		end += (size_t)sprintf(part + end, ".");
	ours[0] = letters[chance_below(seed, (unsigned)strlen(letters))];
	ours[1] = '\0';
	sprintf(theirs, "%s%s%s", part, before_letter, ours);
	memmove(ours + end, ours, 2);
	memcpy(ours, part, end);
}

static int64_t
make_integer(uint64_t *seed)
{
	static const int64_t far[] = { 0, 1, -1, INT64_MAX, INT64_MIN, INT_MAX, INT_MIN, 10, -10 };

	if (chance_below(seed, 4) == 0)
		return far[chance_below(seed, ROWS(far))];
	return (int64_t)chance(seed) >> chance_below(seed, 64);
}

static void
check_formatted(const char *format, const char *value, const char *wanted)
{
	struct dk_filter filter = read_filter(format, false);
	struct dk_buffer out = { 0 };
	const char *fault = apply(&filter, dk_slice_of(value), &out);

	if (fault || strcmp(out.data, wanted) != 0 || out.length != strlen(wanted))
		fail_msg("%s of %s: %s; wanted: %s", format, value, fault ? fault : out.data,
			 wanted);
	dk_buffer_clear(&out);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void
integers_are_formatted_as_printf_does(void **state)
{
	uint64_t seed = 11;

	(void)state;
	for (size_t i = 0; i < 200000; i++) {
		char ours[32], theirs[32], value[32], wanted[256];
		int64_t integer = make_integer(&seed);

		if (chance_below(&seed, 3) == 0) {
			sprintf(ours, "%%%s%ud", chance_below(&seed, 2) ? "0" : "",
				chance_below(&seed, 30));
			sprintf(theirs, "%.*sll%s", (int)strlen(ours) - 1, ours, "d");
		} else {
			make_conversion(&seed, "diuoxX", "ll", ours, theirs);
		}
		sprintf(value, "%lld", (long long)integer);
		snprintf(wanted, sizeof(wanted), theirs, (long long)integer);
		check_formatted(ours, value, wanted);
	}
}

static void
reals_are_formatted_as_printf_does(void **state)
{
	uint64_t seed = 12;

	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		char ours[32], theirs[32], value[64], wanted[1024];
		uint64_t bits = chance(&seed);
		double real;

		memcpy(&real, &bits, sizeof(real));
		if (chance_below(&seed, 2) || real - real != 0)
			real = (double)make_integer(&seed) / 1000;
		make_conversion(&seed, "eEfFgG", "", ours, theirs);
		snprintf(value, sizeof(value), "%.17g", real);
		snprintf(wanted, sizeof(wanted), theirs, real);
		check_formatted(ours, value, wanted);
	}
}

static void
texts_are_formatted_as_printf_does(void **state)
{
	uint64_t seed = 13;

	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		char ours[32], theirs[32], value[200], wanted[400];
		size_t length = chance_below(&seed, i % 2 ? 8 : 150);

		for (size_t n = 0; n < length; n++)
			value[n] = (char)(1 + chance_below(&seed, 255));
		value[length] = '\0';
		make_conversion(&seed, "s", "", ours, theirs);
		snprintf(wanted, sizeof(wanted), theirs, value);
		check_formatted(ours, value, wanted);
	}
}

/* One filter for many messages, some of which are of the same second. */
static void
times_are_formatted_as_strftime_does(void **state)
{
	static const char *const formats[] = { "%Y-%m-%dT%H:%M:%S", "%A, %e. %B %G W%V %p %I",
					       "%y%C %j %u%w %D %T %R", "%a %b %h %U %W %%%n%t",
					       "%H at" };
	static const int64_t far[] = {
		0,    -1,	 -1000,	    -1001,	     999,
		1000, INT64_MAX, INT64_MIN, 253402300800000, -62135596800001
	};
	struct dk_buffer out = { 0 };
	uint64_t seed = 14;

	(void)state;
	for (size_t i = 0; i < ROWS(formats); i++) {
		struct dk_filter filter = read_filter(formats[i], true);
		int64_t ms = 0;

		for (size_t n = 0; n < 20000; n++) {
			char value[32], wanted[128];
			struct tm parts;
			time_t second;

			if (chance_below(&seed, 3) == 0)
				ms = n < ROWS(far) ? far[n] : make_integer(&seed);
			else if (ms < INT64_MAX - 1000 && ms > INT64_MIN + 1000)
				ms += (int64_t)chance_below(&seed, 1500) - 700;
			second = (time_t)(((__int128)ms - ((ms % 1000) + 1000) % 1000) / 1000);
			assert_non_null(gmtime_r(&second, &parts));
			assert_true(strftime(wanted, sizeof(wanted), formats[i], &parts) > 0);
			sprintf(value, "%lld", (long long)ms);
			assert_null(apply(&filter, dk_slice_of(value), &out));
			if (strcmp(out.data, wanted) != 0)
				fail_msg("%s of %s: %s; wanted: %s", formats[i], value, out.data,
					 wanted);
		}
	}
	dk_buffer_clear(&out);
}

#pragma GCC diagnostic pop

/* By searching anew after each place, one byte after the other. */
static void
replace_slowly(struct dk_slice text, struct dk_slice from, struct dk_slice to,
	       struct dk_buffer *out)
{
	size_t i = 0;

	out->length = 0;
	dk_buffer_add(out, DK_SLICE(""));
	while (i < text.length)
		if (text.length - i >= from.length &&
		    memcmp(text.data + i, from.data, from.length) == 0) {
			dk_buffer_add(out, to);
			i += from.length;
		} else {
			dk_buffer_add(out, dk_slice_new(text.data + i++, 1));
		}
}

static void
make_text(uint64_t *seed, size_t least, unsigned most, char *text)
{
	size_t length = least + chance_below(seed, most);

	for (size_t i = 0; i < length; i++)
		text[i] = (char)('a' + chance_below(seed, 2));
	text[length] = '\0';
}

static void
replace_replaces_each_place(void **state)
{
	struct dk_buffer out = { 0 }, wanted = { 0 };
	uint64_t seed = 15;

	(void)state;
	for (size_t i = 0; i < 50000; i++) {
		char from[8], to[8], text[64], written[64];
		struct dk_filter filter;

		make_text(&seed, 1, 3, from);
		make_text(&seed, 0, 6, to);
		make_text(&seed, 0, 40, text);
		sprintf(written, "replace('%s', '%s')", from, to);
		filter = read_filter(written, false);
		assert_null(apply(&filter, dk_slice_of(text), &out));
		replace_slowly(dk_slice_of(text), dk_slice_of(from), dk_slice_of(to), &wanted);
		if (strcmp(out.data, wanted.data) != 0)
			fail_msg("%s of %s: %s; wanted: %s", written, text, out.data, wanted.data);
	}
	dk_buffer_clear(&out);
	dk_buffer_clear(&wanted);
}

static void
replace_takes_the_memory_that_it_needs(void **state)
{
	struct dk_filter filter = read_filter("replace('x', '0123456789')", false);
	struct dk_buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		dk_buffer_add(&out, DK_SLICE("aaaaaaaaax"));
	assert_null(filter.apply(&filter, &out));
	assert_int_equal(out.length, 1900000);
	assert_true(out.room < 8 * out.length);
	dk_buffer_clear(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_changes_a_text),
		cmocka_unit_test(a_value_that_a_format_is_not_for_is_told),
		cmocka_unit_test(what_is_no_filter_is_refused_with_the_reason),
		cmocka_unit_test(only_the_first_filter_is_read),
		cmocka_unit_test(a_whole_text_is_read_as_a_format),
		cmocka_unit_test(integers_are_formatted_as_printf_does),
		cmocka_unit_test(reals_are_formatted_as_printf_does),
		cmocka_unit_test(texts_are_formatted_as_printf_does),
		cmocka_unit_test(times_are_formatted_as_strftime_does),
		cmocka_unit_test(replace_replaces_each_place),
		cmocka_unit_test(replace_takes_the_memory_that_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
