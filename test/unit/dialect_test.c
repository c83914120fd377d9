/* SPDX-License-Identifier: Apache-2.0
 *
 * dialect_test.c - which addresses and which captured values are legal where.
 */
#include "test/unit/unit.h"

#include "daemon/language/dialect.h"
#include "daemon/language/levels.h"

/* A text of `length` bytes of the same character. */
static struct dk_slice
many(char character, size_t length)
{
	static char text[1 << 17];

	memset(text, character, length);
	return dk_slice_new(text, length);
}

static void
check(struct dk_slice text, const char *fault, const char *wanted)
{
	if (!fault != !wanted || (fault && !strstr(fault, wanted)))
		fail_msg("\"%.*s\": %s; wanted: %s", (int)(text.length < 80 ? text.length : 80),
			 text.data, fault ? fault : "legal", wanted ? wanted : "legal");
}

static void
an_address_is_legal_as_its_system_says(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		struct dk_slice address;
		const char *fault;
	} rows[] = {
		{ DK_MQTT, { "a/b/c", 5 }, NULL },
		{ DK_MQTT, { "/", 1 }, NULL },
		{ DK_MQTT, { "a//b ", 5 }, NULL },
		{ DK_MQTT, { "caf\xc3\xa9", 5 }, NULL },
		{ DK_MQTT, { "\xf0\x9f\x9a\xa2", 4 }, NULL },
		{ DK_MQTT, { "", 0 }, "is empty" },
		{ DK_MQTT, { "a/+", 3 }, "holds a wildcard" },
		{ DK_MQTT, { "a#b", 3 }, "holds a wildcard" },
		{ DK_MQTT, { "a\0b", 3 }, "holds a NUL" },
		{ DK_MQTT, { "caf\xe9", 4 }, "is not valid UTF-8" },
		{ DK_MQTT, { "\xc0\xaf", 2 }, "is not valid UTF-8" },
		{ DK_MQTT, { "\xed\xa0\x80", 3 }, "is not valid UTF-8" },
		{ DK_MQTT, { "\xf4\x90\x80\x80", 4 }, "is not valid UTF-8" },
		{ DK_MQTT, { "\xe2\x82", 2 }, "is not valid UTF-8" },
		{ DK_MQTT, { "a/\x01", 3 }, "holds a control character" },
		{ DK_MQTT, { "a\tb", 3 }, "holds a control character" },
		{ DK_MQTT, { "a\x7f", 2 }, "holds a control character" },
		{ DK_MQTT, { "a\xc2\x9f", 3 }, "holds a control character" },
		{ DK_MQTT, { "a\xc2\xa0", 3 }, NULL },
		{ DK_MQTT, { "\xef\xb7\x8f", 3 }, NULL },
		{ DK_MQTT, { "\xef\xb7\x90", 3 }, "holds a control character" },
		{ DK_MQTT, { "\xef\xbf\xbd", 3 }, NULL },
		{ DK_MQTT, { "\xef\xbf\xbf", 3 }, "holds a control character" },
		{ DK_MQTT, { "\xf0\x9f\xbf\xbe", 4 }, "holds a control character" },
		{ DK_AMQP, { "x/a\tb", 5 }, NULL },
		{ DK_AMQP, { "telemetry/berlin.reading", 24 }, NULL },
		{ DK_AMQP, { "/queue", 6 }, NULL },
		{ DK_AMQP, { "x/", 2 }, NULL },
		{ DK_AMQP, { "x/a/b", 5 }, NULL },
		{ DK_AMQP, { "x", 1 }, "has no /" },
		{ DK_AMQP, { "x/a.*", 5 }, "holds a wildcard" },
		{ DK_AMQP, { "x/a\0b", 5 }, "holds a NUL" },
		{ DK_KAFKA, { "iot.berlin", 10 }, NULL },
		{ DK_KAFKA, { "A-z_0.9", 7 }, NULL },
		{ DK_KAFKA, { "...", 3 }, NULL },
		{ DK_KAFKA, { ".", 1 }, "is . or .." },
		{ DK_KAFKA, { "..", 2 }, "is . or .." },
		{ DK_KAFKA, { "a/b", 3 }, "not legal in a Kafka topic" },
		{ DK_KAFKA, { "a b", 3 }, "not legal in a Kafka topic" },
		{ DK_KAFKA, { "\xc3\xa9", 2 }, "not legal in a Kafka topic" },
		{ DK_KAFKA, { "a\0", 2 }, "holds a NUL" },
		{ DK_PLAIN, { "anything at all/.#", 18 }, NULL },
		{ DK_PLAIN, { "a\0", 2 }, "holds a NUL" },
		{ DK_PATH, { "a/b", 3 }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		check(rows[i].address, dk_dialect_address_fault(rows[i].dialect, rows[i].address),
		      rows[i].fault);
}

static void
an_address_has_a_longest_length(void **state)
{
	char amqp[600];

	(void)state;
	assert_null(dk_dialect_address_fault(DK_KAFKA, many('a', 249)));
	assert_string_equal(dk_dialect_address_fault(DK_KAFKA, many('a', 250)),
			    "is longer than a Kafka topic may be, 249 bytes");
	assert_null(dk_dialect_address_fault(DK_MQTT, many('a', 65535)));
	assert_string_equal(dk_dialect_address_fault(DK_MQTT, many('a', 65536)), "is too long");
	memset(amqp, 'a', sizeof(amqp));
	amqp[255] = '/';
	assert_null(dk_dialect_address_fault(DK_AMQP, dk_slice_new(amqp, 511)));
	assert_string_equal(dk_dialect_address_fault(DK_AMQP, dk_slice_new(amqp, 512)),
			    "is too long");
	amqp[255] = 'a';
	amqp[256] = '/';
	assert_string_equal(dk_dialect_address_fault(DK_AMQP, dk_slice_new(amqp, 300)),
			    "has an exchange of more than 255 bytes");
	amqp[256] = 'a';
	amqp[1] = '/';
	assert_string_equal(dk_dialect_address_fault(DK_AMQP, dk_slice_new(amqp, 300)),
			    "has a routing key of more than 255 bytes");
}

static void
a_captured_value_may_not_break_out_of_its_level(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		const char *value;
		bool is_rest;
		const char *fault;
	} rows[] = {
		{ DK_MQTT, "a", false, NULL },
		{ DK_MQTT, "a.b", false, NULL },
		{ DK_MQTT, "a/b", false, "parts levels" },
		{ DK_MQTT, "a/b", true, NULL },
		{ DK_MQTT, "", false, "is empty" },
		{ DK_MQTT, "", true, NULL },
		{ DK_MQTT, "+", true, "holds a wildcard" },
		{ DK_AMQP, "a.b", false, "parts levels" },
		{ DK_AMQP, "a.b", true, NULL },
		{ DK_AMQP, "a/b", false, NULL },
		{ DK_AMQP, "#", false, "holds a wildcard" },
		{ DK_KAFKA, "a.b", false, "parts levels" },
		{ DK_KAFKA, "a/b", false, "not legal in a Kafka topic" },
		{ DK_KAFKA, "a.b", true, NULL },
		{ DK_PATH, "a/b", false, "parts levels" },
		{ DK_PLAIN, "a/b", false, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		check(dk_slice_of(rows[i].value),
		      dk_dialect_value_fault(rows[i].dialect, dk_slice_of(rows[i].value),
					     rows[i].is_rest),
		      rows[i].fault);
}

static void
an_address_is_cut_into_its_levels(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		const char *address, *levels; /* each followed by a | */
	} rows[] = {
		{ DK_MQTT, "a/b", "a|b|" },	  { DK_MQTT, "/a/", "|a||" },
		{ DK_MQTT, "", "|" },		  { DK_AMQP, "x/a.b/c", "x|a|b/c|" },
		{ DK_AMQP, "x.y/a", "x.y|a|" },	  { DK_AMQP, "/q", "|q|" },
		{ DK_KAFKA, "a.b-c", "a|b-c|" },  { DK_PLAIN, "a/b.c", "a/b.c|" },
		{ DK_PATH, "a/b.c", "a|b.c|" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_level_cursor cursor = dk_levels_begin(dk_slice_of(rows[i].address));
		struct dk_slice level;
		char text[64] = "";

		while (dk_levels_next(&cursor, dk_grammar_of(rows[i].dialect), &level))
			strcat(strncat(text, level.data, level.length), "|");
		assert_string_equal(text, rows[i].levels);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_legal_as_its_system_says),
		cmocka_unit_test(an_address_has_a_longest_length),
		cmocka_unit_test(a_captured_value_may_not_break_out_of_its_level),
		cmocka_unit_test(an_address_is_cut_into_its_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
