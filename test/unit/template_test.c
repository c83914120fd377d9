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
static const struct dk_scope scope = {
	.variable = variable, .suggest = suggest, .captures = &route_captures
};
static const struct dk_scope variables_only = { .variable = variable, .suggest = suggest };
static const struct dk_scope keeping = {
	.variable = variable, .suggest = suggest, .captures = &route_captures, .keeps_unknown = true
};

static const struct dk_slice values[] = { { "7", 1 }, { "t", 1 }, { "a/b.c", 5 }, { NULL, 0 } };

#define TEXT(literal) { literal, sizeof(literal) - 1 }

static const struct dk_header headers[] = {
	{ TEXT("type"), TEXT("order"), DK_HEADER_TEXT },
	{ TEXT("x-n"), TEXT("42"), DK_HEADER_INTEGER },
	{ TEXT("type"), TEXT("last"), DK_HEADER_TEXT },
	{ TEXT("empty"), TEXT(""), DK_HEADER_TEXT },
};
static const struct dk_message message = {
	.address = TEXT("site/7"),
	.key = TEXT("Key"),
	.payload = TEXT("{\"user\":{\"id\":17,\"name\":\"Ann\",\"tags\":[\"a\",\"b\"]},\"total\":1.5,"
			"\"ok\":true,\"none\":null,\"deep\":{\"b\":1,\"a\":[]}}"),
	.headers = headers,
	.header_count = ROWS(headers),
	.content_type = TEXT("application/json"),
	.timestamp_ms = 1700000000123,
};

/* To be freed. */
static char *
render(const struct dk_template *template, const struct dk_slice *captures,
       struct dk_rendering_fault *fault)
{
	struct dk_view view = { .message = &message, .captures = captures };
	struct dk_buffer out = { 0 };

	dk_buffer_add_text(&out, "");
	dk_template_render(template, &view, &out, fault);
	dk_view_free(&view);
	return dk_buffer_detach(&out);
}

/* What a template writes of itself is a template that renders alike. */
static void
check_written(const struct dk_template *template, const char *rendered)
{
	struct dk_buffer written = { 0 };
	struct dk_rendering_fault fault;
	struct dk_template *again;
	char *out;

	dk_buffer_add_text(&written, "");
	dk_template_write(template, &written);
	again = dk_template_new(dk_slice_new(written.data, written.length), &scope, NULL);
	if (!again)
		fail_msg("%s is no template", written.data);
	out = render(again, values, &fault);
	assert_string_equal(out, rendered);
	free(out);
	dk_template_free(again);
	dk_buffer_clear(&written);
}

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
		{ "${line:-else}", "7", "${line:-else}", false },
		{ "$SITE.$line-x", "berlin.7-x", "berlin.${line}-x", false },
		{ "$rest", "a/b.c", "${rest}", false },
		{ "$line$line$line", "777", "${line}${line}${line}", false },
		{ "${SITE|upper}", "BERLIN", "BERLIN", true },
		{ "${NONE:-A b|lower|replace(' ', '_')}", "a_b", "a_b", true },
		{ "${SITE:%-8s}|", "berlin  |", "berlin  |", true },
		{ "${SITE|%.3s}", "ber", "ber", true },
		{ "${NONE:-7|%03d}", "007", "007", true },
		{ "${key}", "Key", "${key}", false },
		{ "$key|${key|lower}", "Key|key", "${key}|${key|lower}", false },
		{ "${topic}", "site/7", "${topic}", false },
		{ "${topic|replace('/', '::')}", "site::7", "${topic|replace('/', '::')}", false },
		{ "${topic|escape}", "site%2F7", "${topic|escape}", false },
		{ "${topic|replace('site/', '')}", "7", "${topic|replace('site/', '')}", false },
		{ "${topic|replace('}', '')}", "site/7", "${topic|replace('}', '')}", false },
		{ "${header.type}", "last", "${header.type}", false },
		{ "${header.x-n:%05d}", "00042", "${header.x-n:%05d}", false },
		{ "${header.x-n:%x}", "2a", "${header.x-n:%x}", false },
		{ "${header.none:-else}", "else", "${header.none:-else}", false },
		{ "${header.empty:-else}", "else", "${header.empty:-else}", false },
		{ "${header.empty}", "", "${header.empty}", false },
		{ "${line:%03d}", "007", "${line:%03d}", false },
		{ "${line:%.2f}", "7.00", "${line:%.2f}", false },
		{ "${json.user.id}", "17", "${json.user.id}", false },
		{ "${json.user.name|lower}", "ann", "${json.user.name|lower}", false },
		{ "${json.user.tags.1}", "b", "${json.user.tags.1}", false },
		{ "${json.total}", "1.5", "${json.total}", false },
		{ "${json.ok}", "true", "${json.ok}", false },
		{ "${json.none:-null}", "null", "${json.none:-null}", false },
		{ "${json.deep}", "{\"a\":[],\"b\":1}", "${json.deep}", false },
		{ "${json.user.id:%04d}", "0017", "${json.user.id:%04d}", false },
		{ "${timestamp}", "1700000000123", "${timestamp}", false },
		{ "${timestamp:%Y-%m-%dT%H:%M:%S}", "2023-11-14T22:13:20",
		  "${timestamp:%Y-%m-%dT%H:%M:%S}", false },
		{ "${content_type}", "application/json", "${content_type}", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_error error = { "" };
		struct dk_template *template =
			dk_template_new(dk_slice_of(rows[i].template), &scope, &error);
		struct dk_rendering_fault fault;
		char *out;

		if (!template)
			fail_msg("%s: %s", rows[i].template, error.text);
		out = render(template, values, &fault);
		if (fault.why)
			fail_msg("%s: %s", rows[i].template, fault.why);
		assert_string_equal(out, rows[i].rendered);
		assert_string_equal(dk_template_text(template), rows[i].text);
		assert_int_equal(dk_template_is_literal(template), rows[i].is_literal);
		check_written(template, out);
		free(out);
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
		{ &variables_only, "$key",
		  "$key is a field of a message, and here is no message yet" },
		{ &variables_only, "${json.x}",
		  "$json.x is a field of a message, and here is no message yet" },
		{ &scope, "$kee", "$kee is neither a variable nor a capture; $key?" },
		{ &scope, "${heade.x}", "${heade.x} is neither a variable nor a capture; ${header.x}?" },
		{ &scope, "${NONE:?which site}", "$NONE is missing: which site" },
		{ &scope, "${EMPTY:?which site}", "$EMPTY is missing: which site" },
		{ &scope, "${EMPTY:?}", "$EMPTY is missing" },
		{ &scope, "${SITE:%d}", "$SITE is no integer" },
		{ &scope, "${line:%}", "\"%\" is no format; %05d" },
		{ &scope, "${line:%05}", "\"%05\" is no format" },
		{ &scope, "${line:%d%d}", "\"%d%d\" is no format" },
		{ &scope, "${line:%n}", "\"%n\" is no format" },
		{ &scope, "${line:%*d}", "\"%*d\" is no format" },
		{ &scope, "${line:%123d}", "\"%123d\" is no format" },
		{ &scope, "${line:%Y}", "\"%Y\" is no format" },
		{ &scope, "${timestamp:%Q}", "\"%Q\" is no format of a time" },
		{ &scope, "${timestamp:%}", "\"%\" is no format of a time" },
		{ &scope, "${line|lowr}", "there is no filter \"lowr\"; lower?" },
		{ &scope, "${line|frobnicate}", "there is no filter \"frobnicate\"; lower, upper" },
		{ &scope, "${line|}", "a | has no filter behind it" },
		{ &scope, "${line|lower|}", "a | has no filter behind it" },
		{ &scope, "${line|lower upper}", "\"upper\" follows a filter in ${line|lower upper}" },
		{ &scope, "${line|replace('a')}", "replace is written replace(" },
		{ &scope, "${line|replace('', 'b')}", "replace is written replace(" },
		{ &scope, "${line|replace(a, b)}", "replace is written replace(" },
		{ &scope, "${line x}", "\"${line x}\" is not understood" },
		{ &scope, "$both",
		  "$both is a variable and a capture; name one of them otherwise" },
		{ &scope, "a ${line", "a ${ has no }" },
		{ &scope, "${}", "\"${}\" has no name" },
		{ &scope, "${1}", "\"${1}\" has no name" },
		{ &scope, "${line:}", "\"${line:}\" is not understood" },
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
		struct dk_slice value = dk_slice_of(rows[i].value);
		const struct dk_slice captures[] = { value, value, value, value };
		struct dk_view view = { .captures = captures };
		struct dk_rendering_fault fault;
		struct dk_buffer out = { 0 };

		dk_template_render_address(template, rows[i].dialect, false, &view, &out, &fault);
		if (!fault.why != !rows[i].fault ||
		    (fault.why && strcmp(fault.why, rows[i].fault) != 0))
			fail_msg("%s with %s: %s", rows[i].template, rows[i].value,
				 fault.why ? fault.why : "no fault");
		if (fault.why)
			assert_slice(fault.name, strstr(rows[i].template, "rest") ? "rest" : "line");
		dk_buffer_clear(&out);
		dk_view_free(&view);
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
check_law(uint64_t *seed, enum dk_dialect dialect, bool escapes)
{
	static const char *const pieces[] = { "a", "/", ".", "${line}", "${sensor}", "/", "b" };
	static const char *const parts[] = { "x", "7", "y", "z", "x", "/", ".", "+", " ", "\xff" };
	static const struct dk_slice plain[] = { { "x", 1 }, { "x", 1 }, { "x", 1 }, { "x", 1 } };
	char text[96], line[32], sensor[32];
	struct dk_slice captures[4] = { { 0 } };
	struct dk_view view = { .captures = captures }, given_view = { .captures = plain };
	struct dk_buffer given = { 0 }, rendered = { 0 };
	struct dk_rendering_fault fault;
	struct dk_template *template;
	bool is_legal;

	compose(seed, pieces, ROWS(pieces), 8, text);
	compose(seed, parts, ROWS(parts), 5, line);
	compose(seed, parts, ROWS(parts), 5, sensor);
	captures[0] = dk_slice_of(line);
	captures[1] = dk_slice_of(sensor);
	template = dk_template_new(dk_slice_of(text), &scope, NULL);
	assert_non_null(template);
	dk_buffer_add_text(&given, "");
	dk_buffer_add_text(&rendered, "");
	dk_template_render(template, &given_view, &given, &fault);
	is_legal = dk_template_render_address(template, dialect, escapes, &view, &rendered,
					      &fault) &&
		   (!dk_template_is_literal(template) ||
		    !dk_dialect_address_fault(dialect, dk_slice_of(rendered.data)));
	if (is_legal && count_levels(dialect, rendered.data) != count_levels(dialect, given.data))
		fail_msg("dialect %d: %s became %s", (int)dialect, text, rendered.data);
	dk_template_free(template);
	dk_buffer_clear(&given);
	dk_buffer_clear(&rendered);
	dk_view_free(&view);
	dk_view_free(&given_view);
	return is_legal;
}

static void
a_rendered_address_never_has_more_levels_than_its_template_gave_it(void **state)
{
	uint64_t seed = 7;
	size_t legal[DK_PATH + 1] = { 0 };

	(void)state;
	for (size_t i = 0; i < 200000; i++)
		legal[i % (DK_PATH + 1)] += check_law(&seed, (enum dk_dialect)(i % (DK_PATH + 1)),
						       i / (DK_PATH + 1) % 2);
	for (size_t i = 0; i <= DK_PATH; i++)
		assert_true(legal[i] > 1000);
}

static void
a_value_that_is_missing_is_named(void **state)
{
	static const struct {
		const char *template, *told;
	} rows[] = {
		{ "${header.none}", "${header.none} is absent" },
		{ "a${json.none}", "${json.none} is absent" },
		{ "${json.user.none.more}", "${json.user.none.more} is absent" },
		{ "${json.user.tags.7}", "${json.user.tags.7} is absent" },
		{ "${message_id}", "$message_id is absent" },
		{ "${header.none:?who sent it}", "${header.none} is missing: who sent it" },
		{ "${header.type:%d}", "${header.type} is no integer" },
		{ "${header.type:%.1f}", "${header.type} is no number" },
		{ "${line:%d}${header.none}", "${header.none} is absent" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_template *template =
			dk_template_new(dk_slice_of(rows[i].template), &scope, NULL);
		struct dk_rendering_fault fault;
		char told[256] = "nothing";

		free(render(template, values, &fault));
		if (fault.why)
			dk_rendering_fault_tell(&fault, "the key", told, sizeof(told));
		assert_string_equal(told, rows[i].told);
		dk_template_free(template);
	}
}

static void
an_unknown_name_stays_as_it_is_written_where_that_is_wanted(void **state)
{
	struct dk_template *template = dk_template_new(
		DK_SLICE("$SITE/$nothing/${no.thing:-x}/${nobody|lower}/$line"), &keeping, NULL);
	struct dk_rendering_fault fault;
	char *out;

	(void)state;
	assert_non_null(template);
	out = render(template, values, &fault);
	assert_string_equal(out, "berlin/$nothing/x/${nobody|lower}/7");
	check_written(template, out);
	free(out);
	dk_template_free(template);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_template_renders_to_its_text),
		cmocka_unit_test(what_is_no_template_is_refused_with_the_reason),
		cmocka_unit_test(a_value_that_would_break_out_is_named),
		cmocka_unit_test(a_value_that_is_missing_is_named),
		cmocka_unit_test(an_unknown_name_stays_as_it_is_written_where_that_is_wanted),
		cmocka_unit_test(
			a_rendered_address_never_has_more_levels_than_its_template_gave_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
