/* SPDX-License-Identifier: Apache-2.0
 *
 * expression_test.c - conditions: what holds, what is none, what is known at start, and random ones
 * against what the grammar says of them.
 */
#include "test/unit/language.h"

#include "daemon/language/expression.h"

static struct dk_expression *
compile(const char *text)
{
	struct dk_error error = { "" };
	struct dk_expression *expression = dk_expression_new(dk_slice_of(text), &scope, &error);

	if (!expression)
		fail_msg("%s: %s", text, error.text);
	return expression;
}

static bool
holds(const struct dk_expression *expression)
{
	struct dk_view view = { .message = &message, .captures = captured };
	bool result = dk_expression_holds(expression, &view);

	dk_view_free(&view);
	return result;
}

static void
a_condition_holds_or_not(void **state)
{
	static const struct {
		const char *text;
		bool holds;
	} rows[] = {
		/* Values alone. */
		{ "true", true },
		{ "false", false },
		{ "1", true },
		{ "0", false },
		{ "0.0", false },
		{ "'yes'", true },
		{ "'on'", true },
		{ "'no'", false },
		{ "''", false },
		{ "$line", true },
		{ "$sensor", false },
		{ "${json.ok}", true },
		{ "${json.not}", false },
		{ "${json.none}", false },
		{ "${json.user}", false },
		{ "${header.none}", false },
		{ "${header.none:-yes}", true },
		{ "$PORT", true },
		{ "$EMPTY", false },
		/* Texts, numbers, and one against the other. */
		{ "$line == '7'", true },
		{ "$line == 7", true },
		{ "$line == 7.0", true },
		{ "$line == '7.0'", false },
		{ "$line != 8", true },
		{ "$line < 10", true },
		{ "$line < '10'", false },
		{ "$line >= 7", true },
		{ "$line <= 6", false },
		{ "$line > -1", true },
		{ "$sensor == 'temp'", true },
		{ "$sensor > 5", false },
		{ "$sensor != 5", false },
		{ "$SITE == 'berlin'", true },
		{ "'berlin' == $SITE", true },
		{ "$PORT == 8080", true },
		{ "$PORT >= 8e3", true },
		{ "${header.x-n} > 41", true },
		{ "${header.type} == 'last'", true },
		{ "${header.} == 'nameless'", true },
		{ "${json.user.id} == 17", true },
		{ "${json.user.id} == '17'", true },
		{ "${json.user.id} == 17.0", true },
		{ "${json.text} == 5", true },
		{ "${json.text} == ${json.text}", true },
		{ "${json.total} == 1.5", true },
		{ "${json.total} > 1 && ${json.total} < 2", true },
		{ "${json.ok} == true", true },
		{ "${json.ok} == 'true'", true },
		{ "${json.ok} != false", true },
		{ "${json.ok} == 1", false },
		{ "${json.large} == 9007199254740993", true },
		{ "${json.large} == 9007199254740992", false },
		{ "${json.deep} == '{}'", false },
		{ "${json.user.tags.1} == 'b'", true },
		{ "${timestamp} > 1600000000000", true },
		{ "${timestamp:%Y} == '2023'", true },
		{ "${timestamp|%H:%M|replace(':', '')} == 2213", true },
		{ "${topic} == 'site/7' && ${key} == 'Key'", true },
		{ "$content_type == 'application/json'", true },
		{ "$correlation_id == 'c-1' && $reply_to == 'answers'", true },
		/* What is absent makes a comparison false. */
		{ "${header.none} == ''", false },
		{ "${header.none} != ''", false },
		{ "${header.null} != 'x'", false },
		{ "!(${header.none} == '')", true },
		{ "${header.none} == ${header.none}", false },
		{ "${header.none} < 1 || ${header.none} >= 1", false },
		{ "${json.none} == ${json.none}", false },
		{ "${message_id:-none} == 'none'", true },
		{ "${header.type:%d} == 0 || ${header.type:%d} != 0", false },
		{ "${header.none:?who} == 'who'", false },
		{ "${header.none:?who}", false },
		/* in */
		{ "$line in ('5', '7')", true },
		{ "$line in (5, 7.0)", true },
		{ "$line in('8')", false },
		{ "$line in ( 7 )", true },
		{ "$line in ($sensor, $line)", true },
		{ "$line in $LIST", true },
		{ "$SITE in $LIST", true },
		{ "'a b' in $LIST", true },
		{ "'a' in $LIST", false },
		{ "'' in $LIST", true },
		{ "${json.text} in $LIST", true },
		{ "7.0 in $LIST", true },
		{ "${header.none} in $LIST", false },
		{ "$line in '6,7'", true },
		{ "'' in $EMPTY", false },
		{ "'' in 'a,'", false },
		{ "'' in ('a', '')", true },
		{ "$SITE in '${SITE},x'", true },
		{ "${line:%02d} in ('7', '07')", true },
		/* Regular expressions. */
		{ "$sensor ~ 't.*'", true },
		{ "$sensor ~ 'emp'", false },
		{ "$sensor ~ '(?i)TEMP'", true },
		{ "$sensor ~ ''", false },
		{ "'' ~ ''", true },
		{ "$EMPTY ~ ''", true },
		{ "${header.none} ~ '.*'", false },
		{ "${json.user.id} ~ '1[0-9]'", true },
		{ "${json.total} ~ '1\\.5'", true },
		{ "${json.ok} ~ 'true'", true },
		{ "${json.deep} ~ '\\{\"a\":\\[\\],\"b\":1\\}'", true },
		{ "5 ~ '[0-9]'", true },
		{ "5.50 ~ '5\\.50'", true },
		{ "true ~ 't...'", true },
		{ "$SITE ~ '${SITE}'", true },
		{ "'a.b*' ~ '${REGEX}'", true },
		{ "'axb' ~ '${REGEX}'", false },
		{ "'x' ~ 'x$'", true },
		{ "${line:%05d} ~ '0000[6-8]'", true },
		{ "'caf\xc3\xa9' ~ 'caf.'", true },
		/* Texts hold variables, as every string does. */
		{ "'$SITE' == $SITE", true },
		{ "'iot.${SITE}.x' == 'iot.berlin.x'", true },
		{ "'$$x{' == $DOLLAR", true },
		{ "'${NONE:-else}' == 'else'", true },
		/* What binds more tightly. */
		{ "true || false && false", true },
		{ "(true || false) && false", false },
		{ "false && false || true", true },
		{ "false && (false || true)", false },
		{ "!false && false", false },
		{ "!(false && false)", true },
		{ "!true || true", true },
		{ "!!true", true },
		{ "! ! false", false },
		{ "!$line == 8", true }, /* ! is of the whole comparison */
		{ "!1 == 2", true },
		{ "1 == 1 && 2 == 2 && 3 == 3", true },
		{ "1 == 2 || 2 == 3 || 3 == 3", true },
		{ "((((1))))", true },
		{ "  \t\n true\r\n ", true },
		{ "true&&!false||false", true },
		{ "$line==7&&$sensor=='temp'", true },
		{ "${header.x-n}<=42", true },
		/* Both sides are made, each in its own memory. */
		{ "${line:%03d} == ${line:%03d}", true },
		{ "${line:%03d} == ${line:%04d}", false },
		{ "${sensor|upper} == ${sensor|lower}", false },
		{ "${sensor|upper} > ${line:%09d}", true },
		{ "${sensor|upper} != ${line:%09d}", true },
		{ "${json.user.id:%04d} < ${header.x-n:%04d}", true },
		{ "${sensor|upper} in (${sensor|lower}, ${line:%09d}, ${sensor|upper})", true },
		{ "${sensor|upper} in (${sensor|lower}, ${line:%09d})", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_expression *expression = compile(rows[i].text);

		if (holds(expression) != rows[i].holds)
			fail_msg("%s %s", rows[i].text, rows[i].holds ? "does not hold" : "holds");
		dk_expression_free(expression);
	}
}

#define VALUE "a value ($NAME, ${header.x}, 'text', 100, true) is wanted"
#define COMPARISON "a comparison (== != < <= > >= in ~), && or || is wanted"
#define LIST "what stands behind in is a list: in ('a', 'b'), or in $LIST of a variable"

static void
what_is_no_condition_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "", "it ends where a value ($NAME, ${header.x}, 'text', 100, true) is wanted" },
		{ "   ",
		  "it ends where a value ($NAME, ${header.x}, 'text', 100, true) is wanted" },
		{ "$line ==",
		  "it ends where a value ($NAME, ${header.x}, 'text', 100, true) is wanted" },
		{ "$line = 7", "at \"= 7\" " COMPARISON "; == to compare?" },
		{ "$line === 7", "at \"= 7\" " VALUE "; == to compare?" },
		{ "$line == 7 == 7", "at \"== 7\" " COMPARISON },
		{ "$line == seven", "at \"seven\" " VALUE "; 'seven' or $seven?" },
		{ "line == 7", "at \"line == 7\" " VALUE "; 'line' or $line?" },
		{ "trueish", "at \"trueish\" " VALUE "; 'trueish' or $trueish?" },
		{ "true false", "at \"false\" " COMPARISON },
		{ "$line & 1", "at \"& 1\" " COMPARISON "; && for and?" },
		{ "$line &&",
		  "it ends where a value ($NAME, ${header.x}, 'text', 100, true) is wanted" },
		{ "|| true", "at \"|| true\" " VALUE },
		{ "$line == \"7\"", "at \"\"7\"\" " VALUE "; a text in single quotes, 'text'?" },
		{ "'a", "at \"'a\" a ' at the end of the text is wanted" },
		{ "$line == 'a || true", "at \"'a || true\" a ' at the end of the text is wanted" },
		{ "$line == 1-2", "at \"1-2\" a number is wanted" },
		{ "1e", "at \"1e\" a number is wanted" },
		{ "$line < .", "at \".\" a number is wanted" },
		{ "(true", "it ends where &&, || or a ) is wanted" },
		{ "(true false)", "at \"false)\" &&, || or a ) is wanted" },
		{ "true)", "at \")\" " COMPARISON },
		{ "()", "at \")\" " VALUE },
		{ "!", "it ends where a value ($NAME, ${header.x}, 'text', 100, true) is wanted" },
		{ "$line in",
		  "it ends where a value ($NAME, ${header.x}, 'text', 100, true) is wanted" },
		{ "$line in ()", "at \")\" " VALUE },
		{ "$line in ('a'", "it ends where a , or a ) is wanted" },
		{ "$line in ('a' 'b')", "at \"'b')\" a , or a ) is wanted" },
		{ "$line in ('a',)", "at \")\" " VALUE },
		{ "$line in 7", LIST },
		{ "$line in true", LIST },
		{ "$line in $sensor", LIST },
		{ "$line in ${json.tags}", LIST },
		{ "$line inside 7", "at \"inside 7\" " COMPARISON },
		{ "$line ~ 7", "at \"7\" a regular expression in quotes, like 'ab+', is wanted" },
		{ "$line ~",
		  "it ends where a regular expression in quotes, like 'ab+', is wanted" },
		{ "$line ~ $SITE",
		  "at \"$SITE\" a regular expression in quotes, like 'ab+', is wanted" },
		{ "$SIT == 7", "$SIT is neither a variable nor a capture; $SITE?" },
		{ "$kee == 7", "$kee is neither a variable nor a capture; $key?" },
		{ "${tenant.rat} > 1",
		  "${tenant.rat} is neither a variable nor a capture; ${tenant.rate}?" },
		{ "$both", "$both is a variable and a capture; name one of them otherwise" },
		{ "${line", "a ${ has no }; ${NAME}?" },
		{ "$ line", "a $ has no name after it; $$ if a dollar is meant?" },
		{ "${line|lowr} == 'a'", "there is no filter \"lowr\"; lower?" },
		{ "${EMPTY:?which} == 'a'", "$EMPTY is missing: which" },
		{ "${tenant.empty:?which} == 'a'", "${tenant.empty} is missing: which" },
		{ "${SITE:%d} == 1", "$SITE is no integer" },
		{ "'a $line' == 'a 7'", "\"a $line\" holds what is known for each message only; "
					"here variables may stand" },
		{ "'${header.x}' == ''", "\"${header.x}\" holds what is known for each message "
					 "only; here variables may stand" },
		{ "'costs 5$' == ''", "a $ has no name after it; $$ if a dollar is meant?" },
		{ "'$SIT' == ''", "$SIT is neither a variable nor a capture; $SITE?" },
		{ "$line ~ 'a${line}'", "\"${line}\" holds what is known for each message only; "
					"here variables may stand" },
		{ "$line ~ '${SIT}'", "$SIT is neither a variable nor a capture; $SITE?" },
		{ "$line ~ '${'", "a ${ has no }; ${NAME}?" },
		{ "01234567890123456789012345678901234567890-1",
		  "at \"0123456789012345678901234567890123456789…\" a number is wanted" },
		{ "x12345678901234567890123456789012345678901 == 'a'",
		  "at \"x123456789012345678901234567890123456789…\" " VALUE
		  "; 'x12345678901234567890123456789012345678901' or "
		  "$x12345678901234567890123456789012345678901?" },
		{ "x1234567890123456789012345678901234567\xf0\x9f\x9a\xa2 == 'a'",
		  "at \"x1234567890123456789012345678901234567\xf0\x9f\x9a\xa2…\" " VALUE
		  "; 'x1234567890123456789012345678901234567' or "
		  "$x1234567890123456789012345678901234567?" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_error error = { "" };

		if (dk_expression_new(dk_slice_of(rows[i].text), &scope, &error))
			fail_msg("%s was taken", rows[i].text);
		assert_string_equal(error.text, rows[i].error);
	}
}

/* The text, repeated, between two others. */
static char *
repeat(const char *before, const char *text, size_t times, const char *after)
{
	struct dk_buffer made = { 0 };

	dk_buffer_add_text(&made, before);
	for (size_t i = 0; i < times; i++)
		dk_buffer_add_text(&made, text);
	dk_buffer_add_text(&made, after);
	return dk_buffer_detach(&made);
}

static void
there_is_an_end_to_conditions(void **state)
{
	static const struct {
		const char *before, *text;
		size_t times;
		const char *after, *error; /* NULL: it is taken */
	} rows[] = {
		{ "", "!", 64, "true", NULL },
		{ "", "!", 65, "true", "at \"true\" less nesting is wanted" },
		{ "", "(", 65, "true", "at \"true\" less nesting is wanted" },
		{ "(((((((((", "!", 56, "true", "at \"true\" less nesting is wanted" },
		{ "true", " && true", 511, "", NULL },
		{ "true", " && true", 1023, "", "it has more than 1024 conditions" },
		{ "1 in (1", ", 1", 1022, ")", NULL },
		{ "1 in (1", ", 1", 1023, ")", "it has more than 1024 values" },
		{ "1 in '1", ",1", 1021, "'", NULL },
		{ "1 in '1", ",1", 1022, "'", "it has more than 1024 values" },
		{ "'a' ~ 'a'", " && 'a' ~ 'a'", 700, "", "it has more than 1024 conditions" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char *text = repeat(rows[i].before, rows[i].text, rows[i].times, rows[i].after);
		struct dk_error error = { "" };
		struct dk_expression *expression =
			dk_expression_new(dk_slice_of(text), &scope, &error);

		if (!expression != (rows[i].error != NULL))
			fail_msg("row %zu: %s", i, error.text);
		assert_string_equal(error.text, rows[i].error ? rows[i].error : "");
		if (expression)
			assert_true(holds(expression));
		dk_expression_free(expression);
		free(text);
	}
}

static void
what_is_known_at_start_is_known(void **state)
{
	static const struct {
		const char *text;
		enum dk_always always;
	} rows[] = {
		{ "true", DK_ALWAYS_TRUE },
		{ "'no'", DK_ALWAYS_FALSE },
		{ "$line", DK_ALWAYS_EITHER },
		{ "$PORT > 8000", DK_ALWAYS_TRUE },
		{ "$SITE == 'hamburg'", DK_ALWAYS_FALSE },
		{ "$SITE in $LIST", DK_ALWAYS_TRUE },
		{ "$EMPTY in $EMPTY", DK_ALWAYS_FALSE },
		{ "$line in $EMPTY", DK_ALWAYS_FALSE },
		{ "5 ~ '5'", DK_ALWAYS_TRUE },
		{ "true ~ 'false'", DK_ALWAYS_FALSE },
		{ "$SITE ~ 'b.*'", DK_ALWAYS_TRUE },
		{ "$line ~ '.*'", DK_ALWAYS_EITHER },
		{ "$line == 7", DK_ALWAYS_EITHER },
		{ "7 == $line", DK_ALWAYS_EITHER },
		{ "7 in (8, $line)", DK_ALWAYS_EITHER },
		{ "7 in ($line, 7)", DK_ALWAYS_TRUE },
		{ "7 in ($line, 8)", DK_ALWAYS_EITHER },
		{ "!true", DK_ALWAYS_FALSE },
		{ "!$line", DK_ALWAYS_EITHER },
		{ "$line && false", DK_ALWAYS_FALSE },
		{ "false && $line", DK_ALWAYS_FALSE },
		{ "$line && true", DK_ALWAYS_EITHER },
		{ "true && $line", DK_ALWAYS_EITHER },
		{ "$line || true", DK_ALWAYS_TRUE },
		{ "true || $line", DK_ALWAYS_TRUE },
		{ "$line || false", DK_ALWAYS_EITHER },
		{ "false || $line", DK_ALWAYS_EITHER },
		{ "$line || $sensor", DK_ALWAYS_EITHER },
		{ "($line || true) && ('' || $SITE == 'berlin')", DK_ALWAYS_TRUE },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_expression *expression = compile(rows[i].text);

		if (dk_expression_always(expression) != rows[i].always)
			fail_msg("%s", rows[i].text);
		dk_expression_free(expression);
	}
}

static void
a_condition_is_shown_with_its_variables_replaced(void **state)
{
	static const struct {
		const char *text, *shown;
		bool needs_document;
	} rows[] = {
		{ "$line == 7", "$line == 7", false },
		{ " $SITE  == ${SITE|upper}&&true ", " 'berlin'  == 'BERLIN'&&true ", false },
		{ "$PORT > 8000", "'8080' > 8000", false },
		{ "$EMPTY", "''", false },
		{ "${tenant.rate} < 7", "'5' < 7", false },
		{ "$QUOTED == '$SITE'", "$QUOTED == 'berlin'", false },
		{ "'$QUOTED' == 'x'", "'$QUOTED' == 'x'", false },
		{ "$DOLLAR == '$$x{'", "'$$x{' == '$$x{'", false },
		{ "'${DOLLAR}$$'", "'$$x{$$'", false },
		{ "$line in $LIST", "$line in '5,7,berlin,,a b'", false },
		{ "$line in ($SITE, '$SITE')", "$line in ('berlin', 'berlin')", false },
		{ "$line ~ '${SITE}$'", "$line ~ 'berlin$'", false },
		{ "${json.a} == 1", "${json.a} == 1", true },
		{ "true || 1 in (1, ${json.a})", "true || 1 in (1, ${json.a})", true },
		{ "${header.json} == 1", "${header.json} == 1", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_expression *expression = compile(rows[i].text);

		assert_string_equal(dk_expression_text(expression), rows[i].shown);
		assert_int_equal(dk_expression_needs_document(expression), rows[i].needs_document);
		dk_expression_free(expression);
	}
}

static void
an_unknown_name_is_a_text_where_that_is_wanted(void **state)
{
	static const char *const texts[] = { "$nothing == '$$nothing'", "'$nothing' == $nothing",
					     "'a${b.c}' == 'a$${b.c}'", "$nothing in 'a,$$nothing'",
					     "'$${n}' ~ '${n}'" };
	struct dk_scope keeping = scope;

	(void)state;
	keeping.keeps_unknown = true;
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct dk_expression *expression =
			dk_expression_new(dk_slice_of(texts[i]), &keeping, NULL);
		struct dk_expression *again;

		assert_non_null(expression);
		if (dk_expression_always(expression) != DK_ALWAYS_TRUE)
			fail_msg("%s", texts[i]);
		again = dk_expression_new(dk_slice_of(dk_expression_text(expression)), &keeping,
					  NULL);
		assert_non_null(again);
		assert_int_equal(dk_expression_always(again), DK_ALWAYS_TRUE);
		dk_expression_free(expression);
		dk_expression_free(again);
	}
}

static void
without_a_message_its_fields_are_absent(void **state)
{
	static const struct {
		const char *text;
		bool holds;
	} rows[] = {
		{ "${key:-none} == 'none'", true },
		{ "${json.user.id} == 17", false },
		{ "$line == 7", true },
		{ "${timestamp} > 0", false },
	};
	struct dk_view view = { .captures = captured };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_expression *expression = compile(rows[i].text);

		if (dk_expression_holds(expression, &view) != rows[i].holds)
			fail_msg("%s", rows[i].text);
		dk_expression_free(expression);
	}
	view.captures = NULL;
	dk_view_free(&view);
}

/* --- By property: each part of the grammar says what it is --- */

#define IS_TEXT(literal)                                     \
	{                                                    \
		.kind = DK_VALUE_TEXT, .text = TEXT(literal) \
	}
#define IS_INTEGER(number)                                  \
	{                                                   \
		.kind = DK_VALUE_INTEGER, .integer = number \
	}
#define IS_REAL(number)                               \
	{                                             \
		.kind = DK_VALUE_REAL, .real = number \
	}
#define IS_TRUTH(is_true)                                \
	{                                                \
		.kind = DK_VALUE_TRUTH, .truth = is_true \
	}
#define IS_ABSENT                       \
	{                               \
		.kind = DK_VALUE_ABSENT \
	}

static const struct known {
	const char *text;
	struct dk_value value;
	const char *as_text; /* for regular expressions, where it is no text */
} known[] = {
	{ "$line", IS_TEXT("7"), NULL },
	{ "${line:%03d}", IS_TEXT("007"), NULL },
	{ "${sensor|upper}", IS_TEXT("TEMP"), NULL },
	{ "$sensor", IS_TEXT("temp"), NULL },
	{ "${header.type}", IS_TEXT("last"), NULL },
	{ "${header.type:%d}", IS_ABSENT, NULL },
	{ "${header.none}", IS_ABSENT, NULL },
	{ "${header.none:-7}", IS_TEXT("7"), NULL },
	{ "${header.x-n:%x}", IS_TEXT("2a"), NULL },
	{ "${json.user.id}", IS_INTEGER(17), "17" },
	{ "${json.total}", IS_REAL(1.5), "1.5" },
	{ "${json.ok}", IS_TRUTH(true), "true" },
	{ "${json.none}", IS_ABSENT, NULL },
	{ "${json.text}", IS_TEXT("5"), NULL },
	{ "${json.deep}", { .kind = DK_VALUE_COMPOUND }, "{\"a\":[],\"b\":1}" },
	{ "$SITE", IS_TEXT("berlin"), NULL },
	{ "$QUOTED", IS_TEXT("it's"), NULL },
	{ "$DOLLAR", IS_TEXT("$x{"), NULL },
	{ "$EMPTY", IS_TEXT(""), NULL },
	{ "$PORT", IS_TEXT("8080"), NULL },
	{ "'$SITE'", IS_TEXT("berlin"), NULL },
	{ "'$QUOTED'", IS_TEXT("it's"), NULL },
	{ "'a $$b'", IS_TEXT("a $b"), NULL },
	{ "'7'", IS_TEXT("7"), NULL },
	{ "''", IS_TEXT(""), NULL },
	{ "'&& || ! ( ) in'", IS_TEXT("&& || ! ( ) in"), NULL },
	{ "7", IS_INTEGER(7), "7" },
	{ "-8", IS_INTEGER(-8), "-8" },
	{ "1.5", IS_REAL(1.5), "1.5" },
	{ "17e0", IS_REAL(17.0), "17e0" },
	{ "true", IS_TRUTH(true), "true" },
	{ "false", IS_TRUTH(false), "false" },
};

struct making {
	uint64_t seed;
	struct dk_buffer text;
	unsigned depth;
};

static void
put(struct making *making, const char *text)
{
	static const char *const blanks[] = { "", "", " ", "  ", "\t", "\n" };

	dk_buffer_add_text(&making->text, text);
	dk_buffer_add_text(&making->text, blanks[chance_below(&making->seed, ROWS(blanks))]);
}

static const struct known *
put_value(struct making *making)
{
	const struct known *value = &known[chance_below(&making->seed, ROWS(known))];

	put(making, value->text);
	return value;
}

static bool
put_comparison(struct making *making, const struct known *left)
{
	static const struct {
		const char *word;
		bool less, equal, more;
	} operators[] = {
		{ "==", false, true, false }, { "!=", true, false, true },
		{ "<", true, false, false },  { "<=", true, true, false },
		{ ">", false, false, true },  { ">=", false, true, true },
	};
	size_t number = chance_below(&making->seed, ROWS(operators));
	const struct known *right;
	int order;

	put(making, operators[number].word);
	right = put_value(making);
	if (!dk_values_compare(&left->value, &right->value, &order))
		return false;
	return order < 0   ? operators[number].less
	       : order > 0 ? operators[number].more
			   : operators[number].equal;
}

static bool
put_list(struct making *making, const struct known *left)
{
	static const char *const items[] = { "5", "7", "berlin", "", "a b" };
	bool is_in = false;
	int order;

	put(making, " in ");
	if (chance_below(&making->seed, 3) == 0) {
		put(making, "$LIST");
		for (size_t i = 0; i < ROWS(items); i++) {
			struct dk_value item = { .kind = DK_VALUE_TEXT,
						 .text = dk_slice_of(items[i]) };

			is_in |= dk_values_compare(&left->value, &item, &order) && order == 0;
		}
		return is_in;
	}
	put(making, "(");
	for (unsigned n = 1 + chance_below(&making->seed, 4); n > 0; n--) {
		const struct known *item = put_value(making);

		is_in |= dk_values_compare(&left->value, &item->value, &order) && order == 0;
		put(making, n > 1 ? "," : ")");
	}
	return is_in;
}

static bool
put_regex(struct making *making, const struct known *left)
{
	struct dk_slice text = left->as_text ? dk_slice_of(left->as_text) : left->value.text;
	bool is_absent = left->value.kind == DK_VALUE_ABSENT, is_known = true;

	put(making, "~");
	switch (chance_below(&making->seed, 3)) {
	case 0:
		put(making, "'.*'");
		return !is_absent;
	case 1:
		put(making, "'${SITE}|${DOLLAR}'");
		return dk_slice_is(text, DK_SLICE("berlin")) || dk_slice_is(text, DK_SLICE("$x{"));
	default:
		put(making, "'[0-9.]+'");
		for (size_t i = 0; i < text.length; i++)
			is_known = is_known && strchr("0123456789.", text.data[i]);
		return is_known && text.length > 0;
	}
}

static bool put_or(struct making *making);

static bool
put_one(struct making *making)
{
	const struct known *left;
	bool inside;

	if (chance_below(&making->seed, 6) == 0) {
		put(making, "!");
		return !put_one(making);
	}
	if (making->depth < 5 && chance_below(&making->seed, 4) == 0) {
		making->depth++;
		put(making, "(");
		inside = put_or(making);
		put(making, ")");
		making->depth--;
		return inside;
	}
	left = put_value(making);
	switch (chance_below(&making->seed, 8)) {
	case 0:
		return dk_value_is_true(&left->value);
	case 1:
		return put_list(making, left);
	case 2:
		return put_regex(making, left);
	default:
		return put_comparison(making, left);
	}
}

static bool
put_and(struct making *making)
{
	bool result = put_one(making);

	while (chance_below(&making->seed, 3) == 0) {
		put(making, "&&");
		result &= put_one(making);
	}
	return result;
}

static bool
put_or(struct making *making)
{
	bool result = put_and(making);

	while (chance_below(&making->seed, 3) == 0) {
		put(making, "||");
		result |= put_and(making);
	}
	return result;
}

static void
check_always(const struct dk_expression *expression, bool expected, size_t *known_at_start)
{
	enum dk_always always = dk_expression_always(expression);

	if (always == DK_ALWAYS_EITHER)
		return;
	++*known_at_start;
	if ((always == DK_ALWAYS_TRUE) != expected)
		fail_msg("%s is not always %d", dk_expression_text(expression), !expected);
}

/* What is shown is a condition that holds where the first one does, and is shown alike. */
static void
check_shown(const struct dk_expression *expression, bool expected)
{
	struct dk_expression *again = compile(dk_expression_text(expression));

	if (holds(again) != expected)
		fail_msg("%s %s", dk_expression_text(expression),
			 expected ? "does not hold" : "holds");
	assert_string_equal(dk_expression_text(again), dk_expression_text(expression));
	assert_int_equal(dk_expression_always(again), dk_expression_always(expression));
	dk_expression_free(again);
}

static void
random_conditions_hold_as_the_grammar_says(void **state)
{
	struct making making = { .seed = 31 };
	size_t true_ones = 0, known_at_start = 0;

	(void)state;
	for (size_t i = 0; i < 30000; i++) {
		struct dk_expression *expression;
		bool expected;

		making.text.length = 0;
		expected = put_or(&making);
		expression = compile(making.text.data);
		if (holds(expression) != expected)
			fail_msg("%s %s", making.text.data, expected ? "does not hold" : "holds");
		check_always(expression, expected, &known_at_start);
		check_shown(expression, expected);
		dk_expression_free(expression);
		true_ones += expected;
	}
	assert_true(true_ones > 5000 && true_ones < 25000 && known_at_start > 1000);
	dk_buffer_clear(&making.text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_condition_holds_or_not),
		cmocka_unit_test(what_is_no_condition_is_refused_with_the_reason),
		cmocka_unit_test(there_is_an_end_to_conditions),
		cmocka_unit_test(what_is_known_at_start_is_known),
		cmocka_unit_test(a_condition_is_shown_with_its_variables_replaced),
		cmocka_unit_test(an_unknown_name_is_a_text_where_that_is_wanted),
		cmocka_unit_test(without_a_message_its_fields_are_absent),
		cmocka_unit_test(random_conditions_hold_as_the_grammar_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
