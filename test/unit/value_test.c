/* SPDX-License-Identifier: Apache-2.0
 *
 * value_test.c - values as text, as numbers, as truth; each kind compared with each.
 */
#include "test/unit/unit.h"

#include "daemon/language/document.h"
#include "daemon/language/value.h"

#define TEXT(literal)                                                              \
	{                                                                          \
		.kind = DK_VALUE_TEXT, .text = { "" literal, sizeof(literal) - 1 } \
	}
#define INTEGER(number)                                     \
	{                                                   \
		.kind = DK_VALUE_INTEGER, .integer = number \
	}
#define REAL(number)                                  \
	{                                             \
		.kind = DK_VALUE_REAL, .real = number \
	}
#define TRUTH(is_true)                                   \
	{                                                \
		.kind = DK_VALUE_TRUTH, .truth = is_true \
	}
#define ABSENT                          \
	{                               \
		.kind = DK_VALUE_ABSENT \
	}

static const char *
text_of(const struct dk_value *value)
{
	static struct dk_buffer text;

	text.length = 0;
	dk_buffer_add_text(&text, "");
	dk_value_add(value, &text);
	return text.data;
}

static void
a_value_is_added_as_text(void **state)
{
	static const struct {
		struct dk_value value;
		const char *text;
	} rows[] = {
		{ ABSENT, "" },
		{ TEXT(""), "" },
		{ TEXT("as it is"), "as it is" },
		{ INTEGER(0), "0" },
		{ INTEGER(-7), "-7" },
		{ INTEGER(10), "10" },
		{ INTEGER(INT64_MAX), "9223372036854775807" },
		{ INTEGER(INT64_MIN), "-9223372036854775808" },
		{ REAL(0.0), "0" },
		{ REAL(-0.0), "0" },
		{ REAL(1.5), "1.5" },
		{ REAL(0.1), "0.1" },
		{ REAL(100.0), "100" },
		{ REAL(1e15), "1000000000000000" },
		{ REAL(-1700000000123450.0), "-1700000000123450" },
		{ REAL(0x1p53), "9007199254740992" },
		{ REAL(1e18), "1000000000000000000" },
		{ REAL(-0x1p63), "-9.223372036854776e+18" },
		{ REAL(1e20), "1e+20" },
		{ REAL(0.1 + 0.2), "0.30000000000000004" },
		{ REAL(9007199254740993.0), "9007199254740992" },
		{ REAL(5e-324), "4.94065645841247e-324" },
		{ REAL(1.7976931348623157e308), "1.7976931348623157e+308" },
		{ TRUTH(true), "true" },
		{ TRUTH(false), "false" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_string_equal(text_of(&rows[i].value), rows[i].text);
}

/* No number that is read back is another, and none has a digit too many. */
static void
numbers_are_added_so_that_they_read_back(void **state)
{
	uint64_t seed = 21;

	(void)state;
	for (size_t i = 0; i < 200000; i++) {
		uint64_t bits = chance(&seed);
		struct dk_value integer = INTEGER((int64_t)bits >> chance_below(&seed, 64));
		struct dk_value real = REAL(0), read = { .kind = DK_VALUE_TEXT };
		char shorter[40];
		int64_t again;
		double number;

		read.text = dk_slice_of(text_of(&integer));
		assert_true(dk_value_integer(&read, &again) && again == integer.integer);
		memcpy(&real.real, &bits, sizeof(bits));
		if (i % 4 == 0)
			real.real = (double)integer.integer / (1 + chance_below(&seed, 3));
		if (real.real - real.real != 0)
			continue;
		read.text = dk_slice_of(text_of(&real));
		assert_true(dk_value_number(&read, &number));
		assert_memory_equal(&number, &real.real, sizeof(number));
		snprintf(shorter, sizeof(shorter), "%.16g", real.real);
		number = strtod(shorter, NULL);
		if (memcmp(&number, &real.real, sizeof(number)) == 0)
			if (strpbrk(read.text.data, ".e") && read.text.length > strlen(shorter))
				fail_msg("%s, and not %s", read.text.data, shorter);
	}
}

static void
a_text_is_a_number_as_a_whole_or_not_at_all(void **state)
{
	static const struct {
		struct dk_value value;
		bool is_integer;
		int64_t integer;
		bool is_number;
		double number;
	} rows[] = {
		{ TEXT("0"), true, 0, true, 0 },
		{ TEXT("-0"), true, 0, true, 0 },
		{ TEXT("+7"), true, 7, true, 7 },
		{ TEXT("007"), true, 7, true, 7 },
		{ TEXT("9223372036854775807"), true, INT64_MAX, true, 0x1p63 },
		{ TEXT("-9223372036854775808"), true, INT64_MIN, true, -0x1p63 },
		{ TEXT("9223372036854775808"), false, 0, true, 0x1p63 },
		{ TEXT("-9223372036854775809"), false, 0, true, -0x1p63 },
		{ TEXT("99999999999999999999"), false, 0, true, 1e20 },
		{ TEXT("1.5"), false, 0, true, 1.5 },
		{ TEXT(".5"), false, 0, true, 0.5 },
		{ TEXT("5."), false, 0, true, 5 },
		{ TEXT("-1e3"), false, 0, true, -1000 },
		{ TEXT("1E-3"), false, 0, true, 0.001 },
		{ TEXT(""), false, 0, false, 0 },
		{ TEXT("+"), false, 0, false, 0 },
		{ TEXT("-"), false, 0, false, 0 },
		{ TEXT("."), false, 0, false, 0 },
		{ TEXT("e5"), false, 0, false, 0 },
		{ TEXT("1e"), false, 0, false, 0 },
		{ TEXT("1-2"), false, 0, false, 0 },
		{ TEXT("--1"), false, 0, false, 0 },
		{ TEXT(" 1"), false, 0, false, 0 },
		{ TEXT("1 "), false, 0, false, 0 },
		{ TEXT("1,5"), false, 0, false, 0 },
		{ TEXT("0x10"), false, 0, false, 0 },
		{ TEXT("inf"), false, 0, false, 0 },
		{ TEXT("nan"), false, 0, false, 0 },
		{ TEXT("1\0"), false, 0, false, 0 },
		{ TEXT("\0001"), false, 0, false, 0 },
		{ TEXT("\0"), false, 0, false, 0 },
		{ TEXT("000000000000000000000000000000000000000000000000000000000000001"), true, 1,
		  true, 1 },
		{ TEXT("0000000000000000000000000000000000000000000000000000000000000001"), true, 1,
		  false, 0 },
		{ INTEGER(-7), true, -7, true, -7 },
		{ REAL(2.5), false, 0, true, 2.5 },
		{ TRUTH(true), false, 0, false, 0 },
		{ ABSENT, false, 0, false, 0 },
		{ { .kind = DK_VALUE_COMPOUND }, false, 0, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t integer = 0;
		double number = 0;

		if (dk_value_integer(&rows[i].value, &integer) != rows[i].is_integer ||
		    integer != (rows[i].is_integer ? rows[i].integer : integer))
			fail_msg("%s as an integer: %lld", text_of(&rows[i].value),
				 (long long)integer);
		if (dk_value_number(&rows[i].value, &number) != rows[i].is_number ||
		    (rows[i].is_number && (number < rows[i].number || number > rows[i].number)))
			fail_msg("%s as a number: %g", text_of(&rows[i].value), number);
	}
}

static void
a_value_is_true_or_not(void **state)
{
	static const struct {
		struct dk_value value;
		bool is_true;
	} rows[] = {
		{ ABSENT, false },	     { TRUTH(true), true },
		{ TRUTH(false), false },     { INTEGER(0), false },
		{ INTEGER(1), true },	     { INTEGER(-1), true },
		{ REAL(0.0), false },	     { REAL(-0.0), false },
		{ REAL(0.1), true },	     { REAL(-0.1), true },
		{ TEXT(""), false },	     { TEXT("true"), true },
		{ TEXT("yes"), true },	     { TEXT("on"), true },
		{ TEXT("false"), false },    { TEXT("no"), false },
		{ TEXT("off"), false },	     { TEXT("True"), false },
		{ TEXT("true "), false },    { TEXT("1"), true },
		{ TEXT("0"), false },	     { TEXT("0.0"), false },
		{ TEXT("-3"), true },	     { TEXT("1e-9"), true },
		{ TEXT("anything"), false }, { { .kind = DK_VALUE_COMPOUND }, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (dk_value_is_true(&rows[i].value) != rows[i].is_true)
			fail_msg("row %zu: %s", i, text_of(&rows[i].value));
}

/* --- Comparing --- */

#define NEVER 9

static void
each_kind_is_compared_with_each(void **state)
{
	static const struct dk_value values[] = {
		ABSENT,	      { .kind = DK_VALUE_COMPOUND },
		TEXT(""),     TEXT("10"),
		TEXT("9"),    TEXT("a"),
		INTEGER(9),   INTEGER(10),
		REAL(9.5),    REAL(10.0),
		TRUTH(false), TRUTH(true),
		TEXT("true"),
	};
	/* Row against column. */
	static const int orders[ROWS(values)][ROWS(values)] = {
		/* absent */ { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 },
		/* {} */ { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 },
		/* '' */ { 9, 9, 0, -1, -1, -1, 9, 9, 9, 9, -1, -1, -1 },
		/* '10' */ { 9, 9, 1, 0, -1, -1, 1, 0, 1, 0, -1, -1, -1 },
		/* '9' */ { 9, 9, 1, 1, 0, -1, 0, -1, -1, -1, -1, -1, -1 },
		/* 'a' */ { 9, 9, 1, 1, 1, 0, 9, 9, 9, 9, -1, -1, -1 },
		/* 9 */ { 9, 9, 9, -1, 0, 9, 0, -1, -1, -1, 9, 9, 9 },
		/* 10 */ { 9, 9, 9, 0, 1, 9, 1, 0, 1, 0, 9, 9, 9 },
		/* 9.5 */ { 9, 9, 9, -1, 1, 9, 1, -1, 0, -1, 9, 9, 9 },
		/* 10.0 */ { 9, 9, 9, 0, 1, 9, 1, 0, 1, 0, 9, 9, 9 },
		/* false */ { 9, 9, 1, 1, 1, 1, 9, 9, 9, 9, 0, -1, -1 },
		/* true */ { 9, 9, 1, 1, 1, 1, 9, 9, 9, 9, 1, 0, 0 },
		/* 'true' */ { 9, 9, 1, 1, 1, 1, 9, 9, 9, 9, 1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(values); i++)
		for (size_t j = 0; j < ROWS(values); j++) {
			int order = NEVER;

			if (!dk_values_compare(&values[i], &values[j], &order))
				order = NEVER;
			if (order != orders[i][j])
				fail_msg("value %zu against %zu: %d", i, j, order);
		}
}

static void
some_comparisons_need_care(void **state)
{
	static const struct {
		struct dk_value a, b;
		int order;
	} rows[] = {
		/* As reals these would be the same. */
		{ INTEGER(9007199254740993), INTEGER(9007199254740992), 1 },
		{ TEXT("9007199254740993"), INTEGER(9007199254740992), 1 },
		{ INTEGER(9007199254740992), TEXT("9007199254740993"), -1 },
		{ INTEGER(INT64_MIN), TEXT("-9223372036854775808"), 0 },
		{ INTEGER(INT64_MAX), TEXT("9223372036854775808"), 0 },
		{ INTEGER(INT64_MIN), INTEGER(INT64_MAX), -1 },
		{ REAL(0.0), REAL(-0.0), 0 },
		{ INTEGER(1), TEXT("1.0"), 0 },
		{ INTEGER(1), TEXT("+1"), 0 },
		{ INTEGER(1), TEXT("1 "), NEVER },
		{ INTEGER(1), TEXT(""), NEVER },
		/* Two texts are no numbers. */
		{ TEXT("1"), TEXT("1.0"), -1 },
		{ TEXT("ab"), TEXT("abc"), -1 },
		{ TEXT("abd"), TEXT("abc"), 1 },
		{ TEXT("a\0b"), TEXT("a\0c"), -1 },
		{ TEXT("a"), TEXT("a\0"), -1 },
		{ TEXT("\xff"), TEXT("a"), 1 }, /* bytes have no sign */
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int order = NEVER, back = NEVER;

		if (!dk_values_compare(&rows[i].a, &rows[i].b, &order))
			order = NEVER;
		if (!dk_values_compare(&rows[i].b, &rows[i].a, &back))
			back = NEVER;
		if (order != rows[i].order || back != (order == NEVER ? NEVER : -order))
			fail_msg("row %zu: %d, back %d", i, order, back);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_added_as_text),
		cmocka_unit_test(numbers_are_added_so_that_they_read_back),
		cmocka_unit_test(a_text_is_a_number_as_a_whole_or_not_at_all),
		cmocka_unit_test(a_value_is_true_or_not),
		cmocka_unit_test(each_kind_is_compared_with_each),
		cmocka_unit_test(some_comparisons_need_care),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
