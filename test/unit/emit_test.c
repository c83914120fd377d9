/* SPDX-License-Identifier: Apache-2.0
 *
 * emit_test.c - values put into addresses: refused with the reason, escaped to what a table says,
 * and read back. The law for random values is test/law.
 */
#include "test/unit/unit.h"

#include "daemon/language/emit.h"

enum place { LEVEL, FIRST, EXCHANGE, REST, FIRST_REST, REST_EXCHANGE };

static struct dk_emit_place
place_of(enum place place)
{
	return (struct dk_emit_place){
		.is_first = place == FIRST || place == FIRST_REST,
		.is_in_exchange = place == EXCHANGE || place == REST_EXCHANGE,
		.is_rest = place >= REST,
	};
}

#define TEXT(literal)                           \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
#define LEVELS "holds the character that parts levels there"
#define WILDCARD "holds a wildcard"
#define NOT_KAFKA "holds a character that is not legal in a Kafka topic (A-Z a-z 0-9 . _ -)"
#define NOT_UTF8 "is not valid UTF-8"
#define CONTROL "holds a control character, which MQTT brokers refuse"
#define DOLLAR "begins with a $, which only the broker's own topics do"
#define DOTS "is or holds . or .., which lead to another folder"

static const struct row {
	enum dk_dialect dialect;
	enum place place;
	struct dk_slice value;
	const char *fault; /* unescaped */
	struct dk_slice escaped;
} rows[] = {
	{ DK_PLAIN, LEVEL, TEXT("a/b.c+#*"), NULL, TEXT("a/b.c+#*") },
	{ DK_PLAIN, LEVEL, TEXT(""), "is empty", TEXT("%") },
	{ DK_PLAIN, LEVEL, TEXT("a\0b"), "holds a NUL", TEXT("a%00b") },
	{ DK_PLAIN, LEVEL, TEXT("\xff\x01"), NULL, TEXT("\xff\x01") },
	{ DK_MQTT, LEVEL, TEXT("plain"), NULL, TEXT("plain") },
	{ DK_MQTT, LEVEL, TEXT(""), "is empty", TEXT("%") },
	{ DK_MQTT, LEVEL, TEXT("%"), NULL, TEXT("%25") },
	{ DK_MQTT, LEVEL, TEXT("a/b"), LEVELS, TEXT("a%2Fb") },
	{ DK_MQTT, LEVEL, TEXT("a.b_c~"), NULL, TEXT("a.b_c~") },
	{ DK_MQTT, LEVEL, TEXT("+#*"), WILDCARD, TEXT("%2B%23*") },
	{ DK_MQTT, LEVEL, TEXT("a\0"), "holds a NUL", TEXT("a%00") },
	{ DK_MQTT, LEVEL, TEXT("caf\xc3\xa9"), NULL, TEXT("caf\xc3\xa9") },
	{ DK_MQTT, LEVEL, TEXT("caf\xe9"), NOT_UTF8, TEXT("caf%E9") },
	{ DK_MQTT, LEVEL, TEXT("\xf0\x9f\x9a\xa2\xf0\x9f\x9a"), NOT_UTF8,
	  TEXT("\xf0\x9f\x9a\xa2%F0%9F%9A") },
	{ DK_MQTT, LEVEL, TEXT("\xed\xa0\x80"), NOT_UTF8, TEXT("%ED%A0%80") },
	{ DK_MQTT, LEVEL, TEXT("\x1f \x7f"), CONTROL, TEXT("%1F %7F") },
	{ DK_MQTT, LEVEL, TEXT("\xc2\x85\xef\xbf\xbf"), CONTROL, TEXT("%C2%85%EF%BF%BF") },
	{ DK_MQTT, LEVEL, TEXT("$SYS"), NULL, TEXT("$SYS") },
	{ DK_MQTT, FIRST, TEXT("$SYS$"), DOLLAR, TEXT("%24SYS$") },
	{ DK_MQTT, FIRST, TEXT("a$"), NULL, TEXT("a$") },
	{ DK_MQTT, FIRST, TEXT(""), "is empty", TEXT("%") },
	{ DK_MQTT, FIRST_REST, TEXT("$a/b"), DOLLAR, TEXT("%24a/b") },
	{ DK_MQTT, REST, TEXT("a/b/"), NULL, TEXT("a/b/") },
	{ DK_MQTT, REST, TEXT("/+"), WILDCARD, TEXT("/%2B") },
	{ DK_MQTT, REST, TEXT(""), NULL, TEXT("") },
	{ DK_AMQP, LEVEL, TEXT("a/b"), NULL, TEXT("a/b") },
	{ DK_AMQP, LEVEL, TEXT("a.b"), LEVELS, TEXT("a%2Eb") },
	{ DK_AMQP, LEVEL, TEXT("*#+"), WILDCARD, TEXT("%2A%23+") },
	{ DK_AMQP, LEVEL, TEXT("\x01\t"), NULL, TEXT("\x01\t") },
	{ DK_AMQP, LEVEL, TEXT("\xff"), NOT_UTF8, TEXT("%FF") },
	{ DK_AMQP, LEVEL, TEXT(""), "is empty", TEXT("%") },
	{ DK_AMQP, LEVEL, TEXT("$"), NULL, TEXT("$") },
	{ DK_AMQP, REST, TEXT("a.b/c"), NULL, TEXT("a.b/c") },
	{ DK_AMQP, REST, TEXT(""), NULL, TEXT("") },
	{ DK_AMQP, EXCHANGE, TEXT("a/b"), "holds a /, which would end the exchange",
	  TEXT("a%2Fb") },
	{ DK_AMQP, EXCHANGE, TEXT("a.b"), LEVELS, TEXT("a%2Eb") },
	{ DK_AMQP, EXCHANGE, TEXT(""), "is empty, which is no name of an exchange", TEXT("%") },
	{ DK_AMQP, REST_EXCHANGE, TEXT("a.b/c"), "holds a /, which would end the exchange",
	  TEXT("a.b%2Fc") },
	{ DK_AMQP, REST_EXCHANGE, TEXT(""), "is empty, which is no name of an exchange",
	  TEXT("%") },
	{ DK_KAFKA, LEVEL, TEXT("aZ09-"), NULL, TEXT("aZ09-") },
	{ DK_KAFKA, LEVEL, TEXT("a_b"), NULL, TEXT("a__b") },
	{ DK_KAFKA, LEVEL, TEXT("_"), NULL, TEXT("__") },
	{ DK_KAFKA, LEVEL, TEXT(""), "is empty", TEXT("_") },
	{ DK_KAFKA, LEVEL, TEXT("a.b"), LEVELS, TEXT("a_2eb") },
	{ DK_KAFKA, LEVEL, TEXT(".."), LEVELS, TEXT("_2e_2e") },
	{ DK_KAFKA, LEVEL, TEXT("a/b%"), NOT_KAFKA, TEXT("a_2fb_25") },
	{ DK_KAFKA, LEVEL, TEXT("\xc3\xa9"), NOT_KAFKA, TEXT("_c3_a9") },
	{ DK_KAFKA, LEVEL, TEXT("\0"), "holds a NUL", TEXT("_00") },
	{ DK_KAFKA, REST, TEXT("a.b"), NULL, TEXT("a.b") },
	{ DK_KAFKA, REST, TEXT(""), NULL, TEXT("") },
	{ DK_KAFKA, REST, TEXT("."), NULL, TEXT("_2e") }, /* the whole address has the last word */
	{ DK_KAFKA, REST, TEXT(".."), NULL, TEXT("_2e_2e") },
	{ DK_KAFKA, REST, TEXT("..."), NULL, TEXT("...") },
	{ DK_KAFKA, REST, TEXT("a..b"), NULL, TEXT("a..b") },
	{ DK_PATH, LEVEL, TEXT("a.b+#*\x01\xff"), NULL, TEXT("a.b+#*\x01\xff") },
	{ DK_PATH, LEVEL, TEXT("a/b"), LEVELS, TEXT("a%2Fb") },
	{ DK_PATH, LEVEL, TEXT("."), DOTS, TEXT("%2E") },
	{ DK_PATH, LEVEL, TEXT(".."), DOTS, TEXT("%2E%2E") },
	{ DK_PATH, LEVEL, TEXT("..."), NULL, TEXT("...") },
	{ DK_PATH, LEVEL, TEXT(".a"), NULL, TEXT(".a") },
	{ DK_PATH, LEVEL, TEXT("../a"), DOTS, TEXT("%2E%2E%2Fa") },
	{ DK_PATH, REST, TEXT("a/../b"), DOTS, TEXT("a/%2E%2E/b") },
	{ DK_PATH, REST, TEXT("./a/.."), DOTS, TEXT("%2E/a/%2E%2E") },
	{ DK_PATH, REST, TEXT("a./.b/c.d"), NULL, TEXT("a./.b/c.d") },
};

static void
show(const struct row *row, const char *what, const struct dk_buffer *got)
{
	fail_msg("row %zu, %.*s: %s %.*s", (size_t)(row - rows), (int)row->value.length,
		 row->value.data, what, (int)got->length, got->data);
}

static void
a_value_is_taken_or_refused_with_the_reason(void **state)
{
	struct dk_buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *fault = dk_emit(rows[i].dialect, false, rows[i].value,
					    place_of(rows[i].place), &out);

		if (!fault != !rows[i].fault || (fault && strcmp(fault, rows[i].fault) != 0))
			show(&rows[i], fault ? fault : "no fault", &out);
		if (!dk_slice_is(dk_slice_new(out.data, out.length), rows[i].value))
			show(&rows[i], "became", &out);
		out.length = 0;
	}
	dk_buffer_clear(&out);
}

static void
a_value_is_escaped_and_read_back(void **state)
{
	struct dk_buffer out = { 0 }, read = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_null(dk_emit(rows[i].dialect, true, rows[i].value, place_of(rows[i].place),
				    &out));
		if (!dk_slice_is(dk_slice_new(out.data, out.length), rows[i].escaped))
			show(&rows[i], "became", &out);
		if (!dk_emit_read(rows[i].dialect, rows[i].escaped, &read) ||
		    !dk_slice_is(dk_slice_new(read.data, read.length), rows[i].value))
			show(&rows[i], "was read as", &read);
		out.length = read.length = 0;
	}
	dk_buffer_clear(&out);
	dk_buffer_clear(&read);
}

static void
what_is_no_escape_is_not_read(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		struct dk_slice text;
		const char *value; /* NULL: it is refused */
	} others[] = {
		{ DK_MQTT, TEXT("%4"), NULL },	      { DK_MQTT, TEXT("%%"), NULL },
		{ DK_MQTT, TEXT("a%"), NULL },	      { DK_MQTT, TEXT("%g0"), NULL },
		{ DK_MQTT, TEXT("%0g"), NULL },	      { DK_MQTT, TEXT("a%2"), NULL },
		{ DK_MQTT, TEXT("%2F%"), NULL },      { DK_KAFKA, TEXT("a_"), NULL },
		{ DK_KAFKA, TEXT("_2"), NULL },	      { DK_KAFKA, TEXT("___"), NULL },
		{ DK_KAFKA, TEXT("_.e"), NULL },      { DK_MQTT, TEXT("%2f_%41"), "/_A" },
		{ DK_KAFKA, TEXT("_2E____"), ".__" }, { DK_AMQP, TEXT("a_%"), NULL },
		{ DK_KAFKA, TEXT("%41"), "%41" },     { DK_MQTT, TEXT(""), "" },
		{ DK_MQTT, TEXT("%"), "" },	      { DK_KAFKA, TEXT("_"), "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(others); i++) {
		struct dk_buffer read = { 0 };
		bool is_read = dk_emit_read(others[i].dialect, others[i].text, &read);

		if (is_read != (others[i].value != NULL))
			fail_msg("%s was %s", others[i].text.data, is_read ? "read" : "not read");
		if (is_read)
			assert_slice(dk_slice_new(read.data, read.length), others[i].value);
		dk_buffer_clear(&read);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_taken_or_refused_with_the_reason),
		cmocka_unit_test(a_value_is_escaped_and_read_back),
		cmocka_unit_test(what_is_no_escape_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
