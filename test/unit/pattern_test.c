/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern_test.c - patterns: what they compile to, and what is said of those that are none.
 */
#include "test/unit/unit.h"

#include "daemon/language/pattern_levels.h"

/* The captures as "name name*", in the order of their slots. */
static void
write_captures(char *text, const struct dk_captures *captures)
{
	*text = '\0';
	for (size_t i = 0; i < captures->count; i++) {
		strncat(strcat(text, i ? " " : ""), captures->names[i].data,
			captures->names[i].length);
		strcat(text, captures->is_rest[i] ? "*" : "");
	}
}

static void
a_pattern_is_written_in_the_systems_own_wildcards(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		const char *pattern, *filter, *captures;
	} rows[] = {
		{ DK_MQTT, "site/berlin/:line/sensor/:sensor", "site/berlin/+/sensor/+",
		  "line sensor" },
		{ DK_MQTT, "a/b", "a/b", "" },
		{ DK_MQTT, "+/:x/#", "+/+/#", "x" },
		{ DK_MQTT, "a/:rest*", "a/#", "rest*" },
		{ DK_MQTT, ":all*", "#", "all*" },
		{ DK_MQTT, "a::b", "a:b", "" },
		{ DK_MQTT, "::b/c::", ":b/c:", "" },
		{ DK_MQTT, "::::b", "::b", "" },
		{ DK_MQTT, "a:b/:", "a:b/:", "" },
		{ DK_MQTT, "$SYS/#", "$SYS/#", "" },
		{ DK_MQTT, "/a//", "/a//", "" },
		{ DK_MQTT, ":_a1/:B2", "+/+", "_a1 B2" },
		{ DK_AMQP, "commands/cmd.:line.:verb", "commands/cmd.*.*", "line verb" },
		{ DK_AMQP, "x/#.a.#", "x/#.a.#", "" },
		{ DK_AMQP, "x/:pre*.a.:post*", "x/#.a.#", "pre* post*" },
		{ DK_AMQP, "/queue", "/queue", "" },
		{ DK_KAFKA, "iot.:site", "^iot\\.[^.]+$", "site" },
		{ DK_KAFKA, "iot.berlin", "iot.berlin", "" },
		{ DK_KAFKA, "a.:rest*", "^a\\..+$", "rest*" },
		{ DK_KAFKA, "a-b_c.:x", "^a-b_c\\.[^.]+$", "x" },
		{ DK_PATH, "a/:x", "a/*", "x" },
		{ DK_PATH, "/a/:id/b", "/a/*/b", "id" },
		{ DK_PATH, "/a/:rest*", "/a/*", "rest*" },
		{ DK_MQTT, "~site/berlin/(?<line>[0-9]+)/.*", "site/berlin/#", "line" },
		{ DK_MQTT, "~site/ber.*", "site/#", "" },
		{ DK_MQTT, "~(?<a>x)/(?<b>.*)", "#", "a b" },
		{ DK_MQTT, "~\\$SYS/.*", "$SYS/#", "" },
		{ DK_MQTT, "~\\~a/.*", "~a/#", "" },
		{ DK_MQTT, "~/.*", "/#", "" },
		{ DK_AMQP, "commands/~cmd\\.(?<verb>.+)", "commands/cmd.#", "verb" },
		{ DK_AMQP, "x/~c.*", "x/#", "" },
		{ DK_AMQP, "/~q", "/#", "" },
		{ DK_KAFKA, "~iot\\.ber(?<x>.*)", "^iot\\.ber.*$", "x" },
		{ DK_KAFKA, "~[ab]", "^.*$", "" },
		{ DK_KAFKA, "~iot\\.", "^iot\\..*$", "" },
		{ DK_PATH, "~/a/(?<id>[0-9]+)", "/a/*", "id" },
		{ DK_PLAIN, "~in-(?<n>.)", "*", "n" },
		{ DK_PLAIN, "in-box", "in-box", "" },
	};
	char captures_text[128];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_captures captures = { .count = 0 };
		struct dk_error error = { "" };
		struct dk_pattern *pattern = dk_pattern_new(
			rows[i].dialect, dk_slice_of(rows[i].pattern), &captures, &error);

		if (!pattern)
			fail_msg("%s: %s", rows[i].pattern, error.text);
		assert_string_equal(dk_pattern_filter(pattern), rows[i].filter);
		write_captures(captures_text, &captures);
		assert_string_equal(captures_text, rows[i].captures);
		dk_pattern_free(pattern);
	}
}

static void
what_is_no_pattern_is_refused_with_the_reason(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		struct dk_slice pattern;
		const char *error;
	} rows[] = {
		{ DK_MQTT, { "", 0 }, "the pattern is empty" },
		{ DK_MQTT, { "a/:a-b", 6 }, "\":a-b\" is no capture" },
		{ DK_MQTT, { ":1", 2 }, "\":1\" is no capture" },
		{ DK_MQTT, { ":*", 2 }, "\":*\" is no capture" },
		{ DK_MQTT, { ":a**", 4 }, "\":a**\" is no capture" },
		{ DK_MQTT, { ":a/:a", 5 }, ":a captures twice in one pattern" },
		{ DK_MQTT, { ":a*/b", 5 }, "must be the last level" },
		{ DK_MQTT, { "#/b", 3 }, "must be the last level" },
		{ DK_MQTT, { "a+/b", 4 }, "a wildcard stands alone in its level" },
		{ DK_MQTT, { "a/b#", 4 }, "a wildcard stands alone in its level" },
		{ DK_MQTT, { "a\0b", 3 }, "NUL" },
		{ DK_MQTT, DK_SLICE("~"), "the regular expression is empty" },
		{ DK_AMQP, DK_SLICE("x/~"), "the regular expression is empty" },
		{ DK_AMQP, DK_SLICE("~x"), "\"~x\" has no exchange before its regular expression" },
		{ DK_AMQP, DK_SLICE("*/~x"), "the exchange of a pattern is a name" },
		{ DK_MQTT, DK_SLICE("~a("),
		  "\"a(\" is no regular expression: missing closing parenthesis after 2 "
		  "characters" },
		{ DK_MQTT, DK_SLICE("~a\\+b/"), "\"~a\\+b/\" matches nothing: \"a+b/\" holds a wildcard" },
		{ DK_KAFKA, DK_SLICE("~a/.*"), "\"a/\" holds a character that is not legal" },
		{ DK_MQTT, DK_SLICE("~\\$SYS.*"),
		  "\"$SYS\" begins with $, and the first level of such topics has to be literal" },
		{ DK_MQTT, DK_SLICE("~\\$share/g/.*"), "a shared subscription is not" },
		{ DK_MQTT, DK_SLICE("~(?<\xc3\xa9>a)"), "the group <\xc3\xa9> cannot be a capture" },
		{ DK_AMQP, { "x", 1 }, "has no exchange" },
		{ DK_AMQP, { ":x/a", 4 }, "the exchange of a pattern is a name" },
		{ DK_AMQP, { "*/a", 3 }, "the exchange of a pattern is a name" },
		{ DK_AMQP, { "x/a*", 4 }, "a wildcard stands alone in its level" },
		{ DK_KAFKA, { ":a*.b", 5 }, "must be the last level" },
		{ DK_KAFKA, { "iot/:x", 6 },
		  "\"iot/:x\" holds a character that is not legal in a Kafka topic" },
		{ DK_MQTT, { "a/\xff", 3 }, "is not valid UTF-8" },
		{ DK_MQTT, { "a/\x01", 3 }, "holds a control character" },
		{ DK_MQTT, { "$share/g/a", 10 }, "a shared subscription is not written into" },
		{ DK_KAFKA, { "..", 2 }, "is . or .., which no Kafka topic may be named" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_captures captures = { .count = 0 };
		struct dk_error error = { "" };

		if (dk_pattern_new(rows[i].dialect, rows[i].pattern, &captures, &error))
			fail_msg("\"%s\" was taken", rows[i].pattern.data);
		if (!strstr(error.text, rows[i].error))
			fail_msg("\"%s\": %s", rows[i].pattern.data, error.text);
	}
}

static void
a_capture_has_one_slot_in_all_patterns_of_a_route(void **state)
{
	struct dk_captures captures = { .count = 0 };
	struct dk_pattern *first =
		dk_pattern_new(DK_MQTT, DK_SLICE("a/:x/:y"), &captures, NULL);
	struct dk_pattern *second =
		dk_pattern_new(DK_KAFKA, DK_SLICE("a.:y.:x"), &captures, NULL);

	(void)state;
	assert_int_equal(captures.count, 2);
	assert_int_equal(first->levels[1].slot, 0);
	assert_int_equal(first->levels[2].slot, 1);
	assert_int_equal(second->levels[1].slot, 1);
	assert_int_equal(second->levels[2].slot, 0);
	dk_pattern_free(first);
	dk_pattern_free(second);
}

/* `count` levels of it, parted by /. */
static struct dk_pattern *
repeat(const char *level, size_t count, struct dk_error *error)
{
	static char text[2048];
	struct dk_captures captures = { .count = 0 };

	*text = '\0';
	for (size_t i = 0; i < count; i++)
		sprintf(text + strlen(text), level, i ? "/" : "", i);
	return dk_pattern_new(DK_MQTT, dk_slice_of(text), &captures, error);
}

static void
levels_and_captures_have_a_limit(void **state)
{
	struct dk_error error;
	struct dk_pattern *pattern;

	(void)state;
	pattern = repeat("%sa%zu", 120, &error);
	assert_non_null(pattern);
	dk_pattern_free(pattern);
	assert_null(repeat("%sa%zu", 121, &error));
	assert_string_equal(error.text, "the pattern has more than 120 levels");
	pattern = repeat("%s:a%zu", DK_CAPTURES_MAX, &error);
	assert_non_null(pattern);
	dk_pattern_free(pattern);
	assert_null(repeat("%s:a%zu", DK_CAPTURES_MAX + 1, &error));
	assert_string_equal(error.text, "there are more than 32 captures");
}

static void
a_group_is_a_capture_of_one_level(void **state)
{
	static const char text[] = "~(?<x>.*)/\\k<x>(?<y>b)?";
	struct dk_captures captures = { .count = 0 };
	struct dk_pattern *first = dk_pattern_new(DK_MQTT, DK_SLICE("a/:y*"), &captures, NULL);
	struct dk_pattern *second = dk_pattern_new(DK_MQTT, dk_slice_of(text), &captures, NULL);

	(void)state;
	assert_int_equal(captures.count, 2);
	assert_slice(captures.names[1], "x");
	assert_in_range((uintptr_t)captures.names[1].data, (uintptr_t)text,
			(uintptr_t)text + sizeof(text));
	assert_true(captures.is_rest[0]); /* of the other pattern */
	assert_false(captures.is_rest[1]);
	dk_pattern_free(first);
	dk_pattern_free(second);
}

static void
a_pattern_has_a_longest_length(void **state)
{
	static char text[65000];
	struct dk_captures captures = { .count = 0 };
	struct dk_error error;
	struct dk_pattern *pattern;

	(void)state;
	memset(text, 'a', sizeof(text));
	pattern = dk_pattern_new(DK_MQTT, dk_slice_new(text, 64000), &captures, &error);
	assert_int_equal(strlen(dk_pattern_filter(pattern)), 64000);
	dk_pattern_free(pattern);
	assert_null(dk_pattern_new(DK_MQTT, dk_slice_new(text, 64001), &captures, &error));
	assert_string_equal(error.text, "the pattern is longer than 64000 bytes");
}

static void
a_small_pattern_takes_little_memory(void **state)
{
	struct dk_captures captures = { .count = 0 };
	struct dk_pattern *pattern = dk_pattern_new(
		DK_MQTT, DK_SLICE("tenant/42/line/:line/sensor"), &captures, NULL);

	(void)state;
	assert_in_range((uintptr_t)pattern->filter - (uintptr_t)pattern, 1, 80);
	assert_int_equal(pattern->count, 5);
	dk_pattern_free(pattern);
}

/* A text of so many bytes between two others. */
static const char *
long_text(const char *before, size_t length, const char *after)
{
	static char text[1024];

	snprintf(text, sizeof(text), "%s%0*d%s", before, (int)length, 0, after);
	return text;
}

static void
what_no_address_can_be_matched_by_is_told(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		const char *before;
		size_t length;
		const char *after, *error;
	} rows[] = {
		{ DK_MQTT, "a/", 400, "/:x", NULL },
		{ DK_KAFKA, "", 247, ".:x", NULL },
		{ DK_KAFKA, "", 248, ".:x",
		  "no address is matched: a Kafka topic has at most 249 bytes, not 250 or more" },
		{ DK_KAFKA, "", 248, ".:x*", "a Kafka topic has at most 249 bytes" },
		{ DK_KAFKA, "~[ab]", 250, "", "a Kafka topic has at most 249 bytes" },
		{ DK_AMQP, "x/", 255, ".#", NULL },
		{ DK_AMQP, "x/", 255, ".*",
		  "an AMQP routing key has at most 255 bytes, not 256 or more" },
		{ DK_AMQP, "x/~.", 255, "", "an AMQP routing key has at most 255 bytes" },
		{ DK_AMQP, "x", 255, "/*", "an exchange's name has at most 255 bytes, not 256" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *text = long_text(rows[i].before, rows[i].length, rows[i].after);
		struct dk_captures captures = { .count = 0 };
		struct dk_error error = { "" };
		struct dk_pattern *pattern =
			dk_pattern_new(rows[i].dialect, dk_slice_of(text), &captures, &error);
		bool can;

		assert_non_null(pattern);
		can = dk_pattern_can_match(rows[i].dialect, pattern, &error);
		if (can != !rows[i].error || (!can && !strstr(error.text, rows[i].error)))
			fail_msg("%s: %s", text, error.text);
		dk_pattern_free(pattern);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_is_written_in_the_systems_own_wildcards),
		cmocka_unit_test(what_is_no_pattern_is_refused_with_the_reason),
		cmocka_unit_test(a_capture_has_one_slot_in_all_patterns_of_a_route),
		cmocka_unit_test(levels_and_captures_have_a_limit),
		cmocka_unit_test(a_group_is_a_capture_of_one_level),
		cmocka_unit_test(a_pattern_has_a_longest_length),
		cmocka_unit_test(a_small_pattern_takes_little_memory),
		cmocka_unit_test(what_no_address_can_be_matched_by_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
