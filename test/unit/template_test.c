/* SPDX-License-Identifier: Apache-2.0
 *
 * template_test.c - templates: compiled, rendered, refused; and the law that no value breaks out of
 * its level.
 */
#include "test/unit/unit.h"

#include "daemon/language/dialect.h"
#include "daemon/language/levels.h"
#include "daemon/language/template.h"

/* Two variables, one of them empty. */
static const char *
variable(void *context, struct dk_slice name)
{
	(void)context;
	return dk_slice_is(name, DK_SLICE("SITE"))  ? "berlin" :
	       dk_slice_is(name, DK_SLICE("EMPTY")) ? "" :
	       dk_slice_is(name, DK_SLICE("both"))  ? "x" :
						      NULL;
}

static const char *
suggest(void *context, struct dk_slice name)
{
	(void)context;
	return dk_slice_is(name, DK_SLICE("SIT")) ? "SITE" : NULL;
}

static const struct dk_captures route_captures = {
	.names = { { "line", 4 }, { "sensor", 6 }, { "rest", 4 }, { "both", 4 } },
	.is_rest = { false, false, true, false },
	.count = 4,
};
static const struct dk_scope scope = { variable, suggest, NULL, &route_captures };
static const struct dk_scope variables_only = { variable, suggest, NULL, NULL };

static const struct dk_slice values[] = { { "7", 1 }, { "t", 1 }, { "a/b.c", 5 }, { NULL, 0 } };

static void
a_template_renders_to_its_text(void **state)
{
	static const struct {
		const char *template, *rendered, *text;
		bool is_literal;
	} rows[] = {
		{ "iot.$SITE", "iot.berlin", "iot.berlin", true },
		{ "$line/$sensor", "7/t", "${line}/${sensor}", false },
		{ "${line}x${SITE}y", "7xberliny", "${line}xberliny", false },
		{ "a$$b$$", "a$b$", "a$b$", true },
		{ "", "", "", true },
		{ "${NONE:-else}", "else", "else", true },
		{ "${EMPTY:-else}", "else", "else", true },
		{ "${EMPTY}.", ".", ".", true },
		{ "${NONE:-}", "", "", true },
		{ "${SITE:-else}", "berlin", "berlin", true },
		{ "${line:-else}", "7", "${line}", false },
		{ "$SITE.$line-x", "berlin.7-x", "berlin.${line}-x", false },
		{ "$rest", "a/b.c", "${rest}", false },
		{ "$line$line$line", "777", "${line}${line}${line}", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_error error = { "" };
		struct dk_template *template =
			dk_template_new(dk_slice_of(rows[i].template), &scope, &error);
		char out[64];

		if (!template)
			fail_msg("%s: %s", rows[i].template, error.text);
		*dk_template_render(template, values, out) = '\0';
		assert_string_equal(out, rows[i].rendered);
		assert_int_equal(dk_template_length(template, values), strlen(out));
		assert_string_equal(dk_template_text(template), rows[i].text);
		assert_int_equal(dk_template_is_literal(template), rows[i].is_literal);
		dk_template_free(template);
	}
}

static void
what_is_no_template_is_refused_with_the_reason(void **state)
{
	static const struct {
		const struct dk_scope *scope;
		const char *template, *error;
	} rows[] = {
		{ &scope, "$SIT", "$SIT is neither a variable nor a capture; $SITE?" },
		{ &scope, "$nothing",
		  "$nothing is neither a variable nor a capture; declare it in variables, or "
		  "write $$ if a dollar is meant?" },
		{ &variables_only, "$line",
		  "$line is not a declared variable (and here are no captures); declare it" },
		{ &scope, "$both",
		  "$both is a variable and a capture; name one of them otherwise" },
		{ &scope, "a ${line", "a ${ has no }" },
		{ &scope, "${}", "\"${}\" has no name" },
		{ &scope, "${1}", "\"${1}\" has no name" },
		{ &scope, "${line:%d}", "\"${line:%d}\" is not understood" },
		{ &scope, "${line:?why}", "\"${line:?why}\" is not understood" },
		{ &scope, "${line:}", "\"${line:}\" is not understood" },
		{ &scope, "${header.x}", "\"${header.x}\" is not understood" },
		{ &scope, "costs 5$", "a $ has no name after it" },
		{ &scope, "$ 5", "a $ has no name after it" },
		{ &scope, "$5", "a $ has no name after it" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_error error = { "" };

		if (dk_template_new(dk_slice_of(rows[i].template), rows[i].scope, &error))
			fail_msg("%s was taken", rows[i].template);
		if (strncmp(error.text, rows[i].error, strlen(rows[i].error)) != 0)
			fail_msg("%s: %s", rows[i].template, error.text);
	}
}

static void
a_value_that_would_break_out_is_named(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		const char *template, *value, *fault;
	} rows[] = {
		{ DK_MQTT, "a/$line", "7", NULL },
		{ DK_MQTT, "a/$line", "7/8", "holds the character that parts levels there" },
		{ DK_MQTT, "a/$line", "+", "holds a wildcard" },
		{ DK_MQTT, "a/$line", "", "is empty" },
		{ DK_MQTT, "a/$rest", "7/8", NULL },
		{ DK_KAFKA, "a.$line", "7.8", "holds the character that parts levels there" },
		{ DK_KAFKA, "a.$rest", "7.8", NULL },
		{ DK_KAFKA, "a.$line", "7/8",
		  "holds a character that is not legal in a Kafka topic (A-Z a-z 0-9 . _ -)" },
		{ DK_AMQP, "x/$line", "7/8", NULL },
		{ DK_AMQP, "$line/x", "7/8", "holds a /, which would end the exchange" },
		{ DK_AMQP, "$rest/x", "7/8", "holds a /, which would end the exchange" },
		{ DK_AMQP, "x/$line.y", "7.8", "holds the character that parts levels there" },
		{ DK_AMQP, "$rest/x", "", "is empty, which is no name of an exchange" },
		{ DK_AMQP, "x/$rest", "", NULL },
		{ DK_MQTT, "$line/a", "$SYS", "begins with a $, which only the broker's own topics do" },
		{ DK_MQTT, "$rest", "$SYS/a",
		  "begins with a $, which only the broker's own topics do" },
		{ DK_MQTT, "${NONE:-}$line", "$SYS",
		  "begins with a $, which only the broker's own topics do" },
		{ DK_MQTT, "a/$line", "$SYS", NULL },
		{ DK_MQTT, "a$line", "$SYS", NULL },
		{ DK_MQTT, "a/$line", "\x01", "holds a control character, which MQTT brokers refuse" },
		{ DK_AMQP, "x/$line", "\x01", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_template *template =
			dk_template_new(dk_slice_of(rows[i].template), &scope, NULL);
		struct dk_slice value = dk_slice_of(rows[i].value), culprit = { NULL, 0 };
		const struct dk_slice captures[] = { value, value, value, value };
		const char *fault =
			dk_template_fault(template, rows[i].dialect, captures, &culprit);

		if (!fault != !rows[i].fault || (fault && strcmp(fault, rows[i].fault) != 0))
			fail_msg("%s with %s: %s", rows[i].template, rows[i].value,
				 fault ? fault : "no fault");
		if (fault)
			assert_slice(culprit, strstr(rows[i].template, "rest") ? "rest" : "line");
		dk_template_free(template);
	}
}

static size_t
count_levels(enum dk_dialect dialect, const char *address)
{
	struct dk_level_cursor cursor = dk_levels_begin(dk_slice_of(address));
	struct dk_slice level;
	size_t count = 0;

	while (dk_levels_next(&cursor, dk_grammar_of(dialect), &level))
		count++;
	return count;
}

/* A text of some of these pieces. */
static void
compose(uint64_t *seed, const char *const *pieces, size_t count, size_t most, char *text)
{
	*text = '\0';
	for (unsigned n = chance_below(seed, (unsigned)most); n > 0; n--)
		strcat(text, pieces[chance_below(seed, (unsigned)count)]);
}

/* Renders a random template with random values; whether it was legal. */
static bool
check_law(uint64_t *seed, enum dk_dialect dialect)
{
	static const char *const pieces[] = { "a", "/", ".", "${line}", "${sensor}", "/", "b" };
	static const char *const parts[] = { "x", "7", "y", "z", "x", "/", ".", "+", " ", "\xff" };
	static const struct dk_slice plain[] = { { "x", 1 }, { "x", 1 }, { "x", 1 }, { "x", 1 } };
	char text[96], line[32], sensor[32], given[96], rendered[160];
	struct dk_slice captures[4] = { { 0 } };
	struct dk_template *template;
	bool is_legal;

	compose(seed, pieces, ROWS(pieces), 8, text);
	compose(seed, parts, ROWS(parts), 5, line);
	compose(seed, parts, ROWS(parts), 5, sensor);
	captures[0] = dk_slice_of(line);
	captures[1] = dk_slice_of(sensor);
	template = dk_template_new(dk_slice_of(text), &scope, NULL);
	assert_non_null(template);
	*dk_template_render(template, plain, given) = '\0';
	*dk_template_render(template, captures, rendered) = '\0';
	is_legal = !dk_template_fault(template, dialect, captures, NULL) &&
		   !dk_dialect_address_fault(dialect, dk_slice_of(rendered));
	if (is_legal && count_levels(dialect, rendered) != count_levels(dialect, given))
		fail_msg("dialect %d: %s became %s", (int)dialect, text, rendered);
	dk_template_free(template);
	return is_legal;
}

static void
a_rendered_address_never_has_more_levels_than_its_template_gave_it(void **state)
{
	uint64_t seed = 7;
	size_t legal[DK_PATH + 1] = { 0 };

	(void)state;
	for (size_t i = 0; i < 200000; i++)
		legal[i % (DK_PATH + 1)] += check_law(&seed, (enum dk_dialect)(i % (DK_PATH + 1)));
	for (size_t i = 0; i <= DK_PATH; i++)
		assert_true(legal[i] > 1000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_template_renders_to_its_text),
		cmocka_unit_test(what_is_no_template_is_refused_with_the_reason),
		cmocka_unit_test(a_value_that_would_break_out_is_named),
		cmocka_unit_test(
			a_rendered_address_never_has_more_levels_than_its_template_gave_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
