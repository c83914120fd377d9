/* SPDX-License-Identifier: Apache-2.0
 *
 * template_test.c - templates: compiled, rendered, refused; and the law that no value breaks out of
 * its level.
 */
#include "test/unit/language.h"

#include "daemon/language/dialect.h"
#include "daemon/language/levels.h"
#include "daemon/language/template.h"

static const struct dk_scope variables_only = {
	.variable = find_variable, .suggest = suggest_variable
};
static const struct dk_scope keeping = { .variable = find_variable,
					 .suggest = suggest_variable,
					 .captures = &route_captures,
					 .keeps_unknown = true };

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
	out = render(again, captured, &fault);
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
		{ "$line/$sensor", "7/temp", "${line}/${sensor}", false },
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
		{ "$correlation_id $reply_to", "c-1 answers", "${correlation_id} ${reply_to}",
		  false },
		{ "${message_id:-none}", "none", "${message_id:-none}", false },
		{ "${header.}", "nameless", "${header.}", false },
		{ "${header.null:-x}", "x", "${header.null:-x}", false },
		{ "${json.:%.7s}", "{\"deep\"", "${json.:%.7s}", false },
		{ "${json.large}", "9007199254740993", "${json.large}", false },
		{ "${json.user.tags}", "[\"a\",\"b\"]", "${json.user.tags}", false },
		{ "${json.user.tags|upper}", "[\"A\",\"B\"]", "${json.user.tags|upper}", false },
		{ "${payload:%.5s}", "{\"use", "${payload:%.5s}", false },
		{ "${timestamp|%Y}", "2023", "${timestamp|%Y}", false },
		{ "${timestamp|%H:%M|replace(':', '')}", "2213",
		  "${timestamp|%H:%M|replace(':', '')}", false },
		{ "${timestamp |%H }", "22", "${timestamp |%H }", false },
		{ "${tenant.rate}", "5", "5", true },
		{ "${tenant.rate:%03d}", "005", "005", true },
		{ "$tenant.rate", "acme.rate", "acme.rate", true },
		{ "${tenant.empty:-0}", "0", "0", true },
		{ "${NONE:-a:b-c?%d}", "a:b-c?%d", "a:b-c?%d", true },
		{ "${NONE:-it's|upper}", "IT'S", "IT'S", true },
		{ "${NONE :-x }", "x ", "x ", true },
		{ "${SITE:?which}", "berlin", "berlin", true },
		{ "${line:?which}", "7", "${line:?which}", false },
		{ "${SITE  | upper  |  lower }", "berlin", "berlin", true },
		{ "${both_ways:-}", "", "", true },
		{ "$SITE$SITE", "berlinberlin", "berlinberlin", true },
		{ "$DOLLAR$$$line", "$x{$7", "$x{$${line}", false },
		{ "${line|lower|lower|lower|lower|lower|lower|lower|lower}", "7",
		  "${line|lower|lower|lower|lower|lower|lower|lower|lower}", false },
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
		out = render(template, captured, &fault);
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

/* Variables and captures that have names of fields, and one that may not stand where it is wanted. */
static const char *
field_variable(void *context, struct dk_slice name)
{
	(void)context;
	return dk_slice_is(name, DK_SLICE("picky")) ? "x/y" :
	       dk_slice_is(name, DK_SLICE("key"))   ? "k" :
	       dk_slice_is(name, DK_SLICE("json.a")) ? "j" :
						       NULL;
}

static const char *
check_variable(void *context, struct dk_slice name, const char *value)
{
	(void)context;
	(void)name;
	return strcmp(value, "x/y") == 0 ? "is not to be had" : NULL;
}

static const struct dk_captures field_captures = { .names = { TEXT("topic") }, .count = 1 };
static const struct dk_scope fields = { .variable = field_variable,
					.check = check_variable,
					.captures = &field_captures };

#define NEITHER(name) name " is neither a variable nor a capture; "
#define DECLARE "declare it in variables, or write $$ if a dollar is meant?"
#define NO_TIME(text) "\"" text "\" is no format of a time; %Y-%m-%dT%H:%M:%S?"
#define NOT_UNDERSTOOD(text)                                                                       \
	"\"" text "\" is not understood; ${NAME}, ${NAME:-default}, ${NAME:?what is missing}, "    \
	"${NAME:%05d} or ${NAME|lower}?"
#define NO_NAME "a $ has no name after it; $$ if a dollar is meant?"

static void
what_is_no_template_is_refused_with_the_reason(void **state)
{
	static const struct {
		const struct dk_scope *scope;
		const char *template, *error;
	} rows[] = {
		{ &scope, "$SIT", NEITHER("$SIT") "$SITE?" },
		{ &scope, "${SIT:%d}", NEITHER("$SIT") "$SITE?" },
		{ &scope, "${tenant.rat}", NEITHER("${tenant.rat}") "${tenant.rate}?" },
		{ &scope, "$nothing", NEITHER("$nothing") DECLARE },
		{ &scope, "${no.thing|lower}", NEITHER("${no.thing}") DECLARE },
		{ &scope, "${heade.x}", NEITHER("${heade.x}") "${header.x}?" },
		{ &scope, "$header.x", NEITHER("$header") "${header.x}?" },
		{ &scope, "${payload.x}", NEITHER("${payload.x}") "${json.x}?" },
		{ &scope, "$jsn.user.", NEITHER("$jsn") "${json.user}?" },
		{ &scope, "${key.x}", NEITHER("${key.x}") "$key?" },
		{ &scope, "$header", NEITHER("$header") "${header.NAME}?" },
		{ &scope, "$kee", NEITHER("$kee") "$key?" },
		{ &scope, "${timestmp:%Y}", "\"%Y\" is no format; %05d, %x, %.2f or %-10s?" },
		{ &variables_only, "$line",
		  "$line is not a declared variable (and here are no captures); " DECLARE },
		{ &variables_only, "$SIT",
		  "$SIT is not a declared variable (and here are no captures); $SITE?" },
		{ &variables_only, "$key",
		  "$key is a field of a message, and here is no message yet" },
		{ &variables_only, "${key:-x}",
		  "$key is a field of a message, and here is no message yet" },
		{ &variables_only, "${json.x}",
		  "${json.x} is a field of a message, and here is no message yet" },
		{ &scope, "$both",
		  "$both is a variable and a capture; name one of them otherwise" },
		{ &fields, "$key",
		  "$key is a variable and a field of the message; name one of them otherwise" },
		{ &fields, "${json.a}",
		  "${json.a} is a variable and a field of the message; name one of them otherwise" },
		{ &fields, "$topic",
		  "$topic is a capture and a field of the message; name one of them otherwise" },
		{ &fields, "$picky", "${picky} is \"x/y\", which is not to be had" },
		{ &scope, "${NONE:?which site}", "$NONE is missing: which site" },
		{ &scope, "${NONE:?}", "$NONE is missing" },
		{ &scope, "${EMPTY:?which site}", "$EMPTY is missing: which site" },
		{ &scope, "${EMPTY:?100%|lower}", "$EMPTY is missing: 100%" },
		{ &scope, "${EMPTY:?}", "$EMPTY is missing" },
		{ &scope, "${tenant.empty:?}", "${tenant.empty} is missing" },
		{ &scope, "${SITE:%d}", "$SITE is no integer" },
		{ &scope, "${SITE|lower|%.1f}", "$SITE is no number" },
		{ &scope, "${NONE:-x|%d}", "$NONE is no integer" },
		{ &scope, "${line:%}", "\"%\" is no format; %05d, %x, %.2f or %-10s?" },
		{ &scope, "${line:%05}", "\"%05\" is no format; %05d, %x, %.2f or %-10s?" },
		{ &scope, "${line:%Y}", "\"%Y\" is no format; %05d, %x, %.2f or %-10s?" },
		{ &scope, "${line|%Y}", "\"%Y\" is no format; %05d, %x, %.2f or %-10s?" },
		{ &scope, "${line:%d }", "\"%d \" is no format; %05d, %x, %.2f or %-10s?" },
		{ &scope, "${timestamp:%Q}", NO_TIME("%Q") },
		{ &scope, "${timestamp:%}", NO_TIME("%") },
		{ &scope, "${timestamp|%05d}", NO_TIME("%05d") },
		{ &scope, "${line|lowr}", "there is no filter \"lowr\"; lower?" },
		{ &scope, "${line|}", "a | has no filter behind it" },
		{ &scope, "${line:-x|}", "a | has no filter behind it" },
		{ &scope, "${line|lower|}", "a | has no filter behind it" },
		{ &scope, "${line|lower| }",
		  "there is no filter \"\"; lower, upper, replace, escape, or a format like %05d?" },
		{ &scope, "${line|lower upper}",
		  "\"upper\" follows a filter in ${line|lower upper}; a | between them?" },
		{ &scope, "${line|%d upper}", "\"%d upper\" is no format; %05d, %x, %.2f or %-10s?" },
		{ &scope, "${line|replace('a', 'b') , }",
		  "\", \" follows a filter in ${line|replace('a', 'b') , }; a | between them?" },
		{ &scope, "${line|replace('a')}", "replace is written replace('what', 'by what')" },
		{ &scope, "${line|lower|lower|lower|lower|lower|lower|lower|lower|upper}",
		  "there are more than 8 filters in "
		  "${line|lower|lower|lower|lower|lower|lower|lower|lower|upper}" },
		{ &scope, "${line:%d|lower|lower|lower|lower|lower|lower|lower|upper}",
		  "there are more than 8 filters in "
		  "${line:%d|lower|lower|lower|lower|lower|lower|lower|upper}" },
		{ &scope, "${line x}", NOT_UNDERSTOOD("${line x}") },
		{ &scope, "${line:}", NOT_UNDERSTOOD("${line:}") },
		{ &scope, "${line: -x}", NOT_UNDERSTOOD("${line: -x}") },
		{ &scope, "${line:=x}", NOT_UNDERSTOOD("${line:=x}") },
		{ &scope, "${line-x}", NOT_UNDERSTOOD("${line-x}") },
		{ &scope, "${line:05d}", NOT_UNDERSTOOD("${line:05d}") },
		{ &scope, "${line:-$SITE}",
		  "there is a $ inside of ${line:-$SITE}: what stands there is a plain text" },
		{ &scope, "${line:?$SITE}",
		  "there is a $ inside of ${line:?$SITE}: what stands there is a plain text" },
		{ &scope, "a ${line", "a ${ has no }; ${NAME}?" },
		{ &scope, "${line|replace('}', '')", "a ${ has no }; ${NAME}?" },
		{ &scope, "${", "a ${ has no }; ${NAME}?" },
		{ &scope, "${}", "\"${}\" has no name; ${NAME}, without a space?" },
		{ &scope, "${1}", "\"${1}\" has no name; ${NAME}, without a space?" },
		{ &scope, "${ line}", "\"${ line}\" has no name; ${NAME}, without a space?" },
		{ &scope, "${.x}", "\"${.x}\" has no name; ${NAME}, without a space?" },
		{ &scope, "costs 5$", NO_NAME },
		{ &scope, "$ 5", NO_NAME },
		{ &scope, "$5", NO_NAME },
		{ &scope, "$$$", NO_NAME },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_error error = { "" };

		if (dk_template_new(dk_slice_of(rows[i].template), rows[i].scope, &error))
			fail_msg("%s was taken", rows[i].template);
		if (strcmp(error.text, rows[i].error) != 0)
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
		{ "${header.null}", "${header.null} is absent" },
		{ "${header.empty:?}", "${header.empty} is missing" },
		{ "${json.deep:%d}", "${json.deep} is no integer" },
		{ "${json.total:%d}", "${json.total} is no integer" },
		{ "${line:%d}${header.none}", "${header.none} is absent" },
		{ "${header.none|lower}", "${header.none} is absent" },
		{ "${header.type:%d}${header.none}", "${header.type} is no integer" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_template *template =
			dk_template_new(dk_slice_of(rows[i].template), &scope, NULL);
		struct dk_rendering_fault fault;
		char told[256] = "nothing";

		free(render(template, captured, &fault));
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
	out = render(template, captured, &fault);
	assert_string_equal(out, "berlin/$nothing/x/${nobody|lower}/7");
	check_written(template, out);
	free(out);
	dk_template_free(template);
}

/* Nothing but the address, which no message is without. */
static void
a_message_may_lack_everything(void **state)
{
	static const char *const absent[] = { "key", "payload", "timestamp", "content_type",
					      "correlation_id", "reply_to", "message_id", "json.",
					      "header.x" };
	struct dk_message bare = DK_MESSAGE_NONE;
	struct dk_view view = { .message = &bare };
	struct dk_rendering_fault fault;
	struct dk_buffer out = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(absent); i++) {
		struct dk_template *template;
		char text[64];

		snprintf(text, sizeof(text), "${%s}${%s:-none}", absent[i], absent[i]);
		template = dk_template_new(dk_slice_of(text), &scope, NULL);
		out.length = 0;
		assert_false(dk_template_render(template, &view, &out, &fault));
		assert_string_equal(fault.why, "is absent");
		assert_slice(fault.name, absent[i]);
		assert_string_equal(out.data, "none");
		dk_template_free(template);
	}
	dk_buffer_clear(&out);
	dk_view_free(&view);
}

static void
what_is_wrong_with_the_whole_has_its_name(void **state)
{
	struct dk_rendering_fault fault = { "is empty", { NULL, 0 } };
	char told[64];

	(void)state;
	dk_rendering_fault_tell(&fault, "the address", told, sizeof(told));
	assert_string_equal(told, "the address is empty");
	dk_rendering_fault_tell(&fault, "the address", told, 8);
	assert_string_equal(told, "the add");
}

/* Those who reason about a template see its pieces. */
static void
a_template_tells_of_its_pieces(void **state)
{
	static const struct {
		const char *name;
		bool is_literal, is_rest;
		int slot;
	} wanted[] = {
		{ "a.berlin", true, false, -1 }, { "line", false, false, 0 },
		{ "/$", true, false, -1 },	 { "rest", false, true, 2 },
		{ "sensor", false, false, -1 },	 { "topic", false, true, -1 },
		{ "header.x-n", false, false, -1 }, { "key", false, false, -1 },
	};
	struct dk_template *template = dk_template_new(
		DK_SLICE("a.$SITE$line/$$$rest${sensor|lower}$topic${header.x-n}$key"), &scope, NULL);

	(void)state;
	assert_non_null(template);
	assert_int_equal(dk_template_count(template), ROWS(wanted));
	for (size_t i = 0; i < ROWS(wanted); i++) {
		struct dk_template_piece piece = dk_template_piece(template, i);

		assert_slice(piece.name, wanted[i].name);
		assert_int_equal(piece.is_literal, wanted[i].is_literal);
		assert_int_equal(piece.is_rest, wanted[i].is_rest);
		assert_int_equal(piece.slot, wanted[i].slot);
	}
	dk_template_free(template);
}

static void
a_template_tells_whether_it_needs_the_document(void **state)
{
	static const struct {
		const char *template;
		bool needs_it;
	} rows[] = {
		{ "json.x", false },	      { "$$json", false },    { "$line$payload", false },
		{ "a${json.x}", true },	      { "${json.}", true },   { "${header.json.x}", false },
		{ "$line${json.x|lower}", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_template *template =
			dk_template_new(dk_slice_of(rows[i].template), &scope, NULL);

		assert_int_equal(dk_template_needs_document(template), rows[i].needs_it);
		dk_template_free(template);
	}
}

static void
there_is_an_end_to_parts(void **state)
{
	struct dk_buffer text = { 0 };
	struct dk_error error = { "" };
	struct dk_template *template;

	(void)state;
	for (size_t i = 0; i < 1024; i++)
		dk_buffer_add_text(&text, "$line");
	template = dk_template_new(dk_slice_new(text.data, text.length), &scope, &error);
	assert_non_null(template);
	assert_int_equal(dk_template_count(template), 1024);
	dk_template_free(template);
	dk_buffer_add_text(&text, "$line");
	assert_null(dk_template_new(dk_slice_new(text.data, text.length), &scope, &error));
	assert_string_equal(error.text, "it has more than 1024 parts");
	dk_buffer_clear(&text);
}

/* Into an address, with the place that each value has in it. */
static void
a_value_is_escaped_for_its_place(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		const char *template, *value, *address, *fault;
	} rows[] = {
		{ DK_MQTT, "$line/$line", "$a", "%24a/$a", NULL },
		{ DK_MQTT, "${EMPTY}$line", "$a", "%24a", NULL },
		{ DK_MQTT, "a/$line", "", "a/%", NULL },
		{ DK_MQTT, "a/$rest", "", "a/", NULL },
		{ DK_MQTT, "$rest", "", "", "is empty" },
		{ DK_AMQP, "$line/$line", "a/b", "a%2Fb/a/b", NULL },
		{ DK_AMQP, "$rest/$rest", "", "%/", NULL },
		{ DK_AMQP, "e-$line/$line", "a/b", "e-a%2Fb/a/b", NULL },
		{ DK_AMQP, "$line", "a/b", "a%2Fb", "has no / between exchange and routing key" },
		{ DK_KAFKA, "a.$rest", "", "a.", NULL },
		{ DK_KAFKA, "$rest", "..", "_2e_2e", NULL },
		{ DK_KAFKA, ".$rest", "", ".", "is . or .., which no Kafka topic may be named" },
		{ DK_PATH, "/a/$line", "..", "/a/%2E%2E", NULL },
		{ DK_PATH, "/a/${line|replace('x', '/')}", "bxc", "/a/b%2Fc", NULL },
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

		dk_buffer_add_text(&out, "before");
		dk_template_render_address(template, rows[i].dialect, true, &view, &out, &fault);
		assert_string_equal(out.data + 6, rows[i].address);
		if (rows[i].fault)
			assert_string_equal(fault.why, rows[i].fault);
		else
			assert_null(fault.why);
		dk_buffer_clear(&out);
		dk_view_free(&view);
		dk_template_free(template);
	}
}

static void
a_value_behind_an_empty_rest_is_the_first(void **state)
{
	const struct dk_slice captures[] = { TEXT("$a"), TEXT(""), TEXT(""), TEXT("") };
	struct dk_template *template = dk_template_new(DK_SLICE("$rest$line"), &scope, NULL);
	struct dk_view view = { .captures = captures };
	struct dk_rendering_fault fault;
	struct dk_buffer out = { 0 };

	(void)state;
	assert_true(dk_template_render_address(template, DK_MQTT, true, &view, &out, &fault));
	assert_string_equal(out.data, "%24a");
	assert_false(dk_template_render_address(template, DK_MQTT, false, &view, &out, &fault));
	assert_string_equal(fault.why, "begins with a $, which only the broker's own topics do");
	dk_buffer_clear(&out);
	dk_view_free(&view);
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
		cmocka_unit_test(a_message_may_lack_everything),
		cmocka_unit_test(what_is_wrong_with_the_whole_has_its_name),
		cmocka_unit_test(a_value_behind_an_empty_rest_is_the_first),
		cmocka_unit_test(a_template_tells_of_its_pieces),
		cmocka_unit_test(a_template_tells_whether_it_needs_the_document),
		cmocka_unit_test(there_is_an_end_to_parts),
		cmocka_unit_test(a_value_is_escaped_for_its_place),
		cmocka_unit_test(an_unknown_name_stays_as_it_is_written_where_that_is_wanted),
		cmocka_unit_test(
			a_rendered_address_never_has_more_levels_than_its_template_gave_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
