/* SPDX-License-Identifier: Apache-2.0
 *
 * rabbitmq_fields_test.c - values of AMQP's tables as text and back, and base64.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/rabbitmq/message.h"

#define BYTES(text)                              \
	{                                        \
		sizeof(text) - 1, (void *)(text) \
	}

static struct dk_slice
slice(const char *text)
{
	return (struct dk_slice){ text, strlen(text) };
}

static void
base64_is_that_of_rfc_4648(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char out[16] = "";

		*rabbitmq_base64_write(slice(rows[i][0]), out) = '\0';
		assert_string_equal(out, rows[i][1]);
		memset(out, 0, sizeof(out));
		assert_int_equal(rabbitmq_base64_read(slice(rows[i][1]), out), strlen(rows[i][0]));
		assert_string_equal(out, rows[i][0]);
	}
}

static void
what_is_no_base64_is_refused(void **state)
{
	static const char *const rows[] = {
		"Zg=",	   "Z===", "====",     "Zg==Zg==", "Zm9\nv", "Zm9v Zm9",
		"Zm9\xff", "Z=g=", "    Zm9v", "Zm9v    ", "=Zm9"
	};
	char out[16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(rabbitmq_base64_read(slice(rows[i]), out), -1);
}

/* What a value is as text, and as which type; no text is longer than its room. */
static void
check_text(amqp_field_value_t value, enum dk_header_type type, const char *text)
{
	size_t room = rabbitmq_field_room(&value);
	char *out = malloc(room + 1);
	char *end = rabbitmq_field_text(&value, out);

	assert_true((size_t)(end - out) <= room);
	*end = '\0';
	assert_string_equal(out, text);
	assert_int_equal(rabbitmq_field_type(&value), type);
	free(out);
}

#define VALUE(of_kind, member, of) ((amqp_field_value_t){ .kind = (of_kind), .value.member = (of) })

static void
numbers_are_digits(void **state)
{
	amqp_decimal_t price = { 2, 1234 };

	(void)state;
	check_text(VALUE('b', i8, -128), DK_HEADER_INTEGER, "-128");
	check_text(VALUE('B', u8, 255), DK_HEADER_INTEGER, "255");
	check_text(VALUE('s', i16, -32768), DK_HEADER_INTEGER, "-32768");
	check_text(VALUE('u', u16, 65535), DK_HEADER_INTEGER, "65535");
	check_text(VALUE('I', i32, INT32_MIN), DK_HEADER_INTEGER, "-2147483648");
	check_text(VALUE('i', u32, UINT32_MAX), DK_HEADER_INTEGER, "4294967295");
	check_text(VALUE('l', i64, INT64_MIN), DK_HEADER_INTEGER, "-9223372036854775808");
	check_text(VALUE('L', u64, UINT64_MAX), DK_HEADER_TEXT, "18446744073709551615");
	check_text(VALUE('d', f64, 0.1), DK_HEADER_REAL, "0.10000000000000001");
	check_text(VALUE('f', f32, 0.5f), DK_HEADER_REAL, "0.5");
	check_text(VALUE('D', decimal, price), DK_HEADER_REAL, "12.34");
	check_text(VALUE('t', boolean, 1), DK_HEADER_TRUTH, "true");
	check_text(VALUE('T', u64, 1700000000), DK_HEADER_TIME, "1700000000000");
	check_text(VALUE('T', u64, UINT64_MAX), DK_HEADER_TIME, "9223372036854775807");
}

static void
strings_are_text_or_bytes(void **state)
{
	(void)state;
	check_text(VALUE('S', bytes, ((amqp_bytes_t)BYTES("f\303\274nf"))), DK_HEADER_TEXT,
		   "f\303\274nf");
	check_text(VALUE('S', bytes, ((amqp_bytes_t)BYTES("\377"))), DK_HEADER_BINARY, "\377");
	check_text(VALUE('x', bytes, ((amqp_bytes_t)BYTES("abc"))), DK_HEADER_BINARY, "abc");
	assert_int_equal(rabbitmq_field_type(&VALUE('V', u64, 0)), DK_HEADER_NOTHING);
}

static void
tables_and_arrays_are_json(void **state)
{
	amqp_field_value_t inner[] = {
		VALUE('S', bytes, ((amqp_bytes_t)BYTES("a\"\\\n\001"))),
		VALUE('x', bytes, ((amqp_bytes_t)BYTES("\001\002\377"))),
		VALUE('T', u64, 77),
		VALUE('V', u64, 0),
		VALUE('t', boolean, 0),
		VALUE('d', f64, __builtin_nan("")),
	};
	amqp_table_entry_t entries[] = {
		{ BYTES("list"), { .kind = 'A', .value.array = { 6, inner } } },
		{ BYTES("\377"), VALUE('I', i32, -5) },
	};

	(void)state;
	check_text((amqp_field_value_t){ .kind = 'F', .value.table = { 2, entries } },
		   DK_HEADER_TEXT,
		   "{\"list\":[\"a\\\"\\\\\\u000a\\u0001\",\"AQL/\",77000,null,false,null],"
		   "\"/w==\":-5}");
	check_text((amqp_field_value_t){ .kind = 'A', .value.array = { 0, NULL } }, DK_HEADER_TEXT,
		   "[]");
}

/* An array in an array …: no deeper than the writer's own stack allows. */
static void
what_is_too_deep_is_null(void **state)
{
	static amqp_field_value_t values[1000];
	char *out, *end;

	(void)state;
	for (int i = 0; i < 1000; i++)
		values[i] = (amqp_field_value_t){
			.kind = 'A', .value.array = { i > 0, i > 0 ? &values[i - 1] : NULL }
		};
	out = malloc(rabbitmq_field_room(&values[999]) + 1);
	end = rabbitmq_field_text(&values[999], out);
	*end = '\0';
	assert_int_equal(strspn(out, "["), 32);
	assert_memory_equal(out + 32, "null]", 5);
	free(out);
}

static void
headers_are_fields_of_their_type(void **state)
{
	static const struct {
		enum dk_header_type type;
		const char *text;
		char kind;
		int64_t number;
	} rows[] = {
		{ DK_HEADER_INTEGER, "-5", 'l', -5 },
		{ DK_HEADER_INTEGER, "99999999999999999999", 'S', 0 },
		{ DK_HEADER_INTEGER, "", 'S', 0 },
		{ DK_HEADER_INTEGER, "5 apples", 'S', 0 },
		{ DK_HEADER_TIME, "1700000000123", 'T', 1700000000 },
		{ DK_HEADER_TIME, "-1", 'S', 0 },
		{ DK_HEADER_TRUTH, "true", 't', 1 },
		{ DK_HEADER_TRUTH, "false", 't', 0 },
		{ DK_HEADER_TEXT, "text", 'S', 0 },
		{ DK_HEADER_TEXT, "\377", 'x', 0 },
		{ DK_HEADER_BINARY, "text", 'x', 0 },
		{ DK_HEADER_NOTHING, "", 'V', 0 },
		{ DK_HEADER_REAL, "1.5", 'd', 0 },
		{ DK_HEADER_REAL, "much", 'S', 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dk_header header = { slice("n"), slice(rows[i].text), rows[i].type };
		amqp_field_value_t value = rabbitmq_field_of(&header);

		assert_int_equal(value.kind, rows[i].kind);
		if (value.kind == 'l' || value.kind == 'T')
			assert_int_equal(value.value.i64, rows[i].number);
		if (value.kind == 't')
			assert_int_equal(value.value.boolean, rows[i].number);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_is_that_of_rfc_4648),
		cmocka_unit_test(what_is_no_base64_is_refused),
		cmocka_unit_test(numbers_are_digits),
		cmocka_unit_test(strings_are_text_or_bytes),
		cmocka_unit_test(tables_and_arrays_are_json),
		cmocka_unit_test(what_is_too_deep_is_null),
		cmocka_unit_test(headers_are_fields_of_their_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
