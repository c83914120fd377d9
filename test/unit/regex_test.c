/* SPDX-License-Identifier: Apache-2.0
 *
 * regex_test.c - regular expressions: what they match, what they are known to begin with, and that
 * a filter brings all that its expression matches.
 */
#include <regex.h>

#include "test/unit/mqtt_filter.h"

#include "daemon/language/matcher.h"
#include "daemon/language/regex.h"

/* The values of the named groups, each followed by a |, one that took no part as -; NULL: no match.
 */
static const char *
match(struct dk_slice expression, bool is_utf8, struct dk_slice text)
{
	static char result[128];
	struct dk_error error = { "" };
	struct dk_regex *regex = dk_regex_new(expression, is_utf8, &error);
	struct dk_slice captures[8] = { { NULL, 0 } };
	size_t count;
	struct dk_regex_group *groups;
	bool is_match;

	if (!regex)
		fail_msg("%s", error.text);
	groups = dk_regex_groups(regex, &count);
	for (size_t i = 0; i < count; i++)
		groups[i].slot = (int)i;
	is_match = dk_regex_match(regex, text, captures);
	*result = '\0';
	for (size_t i = 0; i < count && is_match; i++)
		strcat(captures[i].data ? strncat(result, captures[i].data, captures[i].length)
					: strcat(result, "-"),
		       "|");
	assert_int_equal(dk_regex_given_up(regex), 0);
	dk_regex_free(regex);
	return is_match ? result : NULL;
}

static void
an_expression_matches_the_whole_or_nothing(void **state)
{
	static const struct {
		const char *expression;
		bool is_utf8;
		struct dk_slice text;
		const char *groups;
	} rows[] = {
		{ "a", true, DK_SLICE("a"), "" },
		{ "a", true, DK_SLICE("ab"), NULL },
		{ "a", true, DK_SLICE("ba"), NULL },
		{ "a|ab", true, DK_SLICE("ab"), "" },
		{ "^a$", true, DK_SLICE("a"), "" },
		{ "a$.", true, DK_SLICE("a\n"), NULL },
		{ "a.b", true, DK_SLICE("a\nb"), "" },
		{ "ab(*ACCEPT)c", true, DK_SLICE("abd"), NULL },
		{ "site/(?<line>[0-9]+)/.*", true, DK_SLICE("site/7/t"), "7|" },
		{ "site/(?<line>[0-9]+)/.*", true, DK_SLICE("site/x/t"), NULL },
		{ "(?P<b>x)(?'a'y)", true, DK_SLICE("xy"), "y|x|" }, /* by name */
		{ "(?<a>x)?(?<b>y)?", true, DK_SLICE("y"), "-|y|" },
		{ "(?<a>x.)|(?<a>y.)", true, DK_SLICE("y1"), "-|y1|" },
		{ "a\\K(?<v>b)", true, DK_SLICE("ab"), "b|" },
		{ "(.)\\1", true, DK_SLICE("aa"), "" },
		{ ".", true, DK_SLICE("\xc3\xa9"), "" },
		{ ".", false, DK_SLICE("\xc3\xa9"), NULL },
		{ "..", false, DK_SLICE("\xc3\xa9"), "" },
		{ ".*", true, DK_SLICE("\xff"), NULL },
		{ ".*", false, DK_SLICE("\xff"), "" },
		{ ".*", true, DK_SLICE(""), "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *groups =
			match(dk_slice_of(rows[i].expression), rows[i].is_utf8, rows[i].text);

		if (!groups != !rows[i].groups || (groups && strcmp(groups, rows[i].groups) != 0))
			fail_msg("%s with \"%s\": %s", rows[i].expression, rows[i].text.data,
				 groups ? groups : "no match");
	}
}

static void
what_is_no_expression_is_told_with_its_place(void **state)
{
	static const struct {
		const char *expression, *error;
	} rows[] = {
		{ "cmd\\.(", "\"cmd\\.(\" is no regular expression: missing closing parenthesis "
			     "after 6 characters" },
		{ "\xc3\xa9[",
		  "is no regular expression: missing terminating ] for character class "
		  "after 2 characters" },
		{ "*", "quantifier does not follow a repeatable item after 0 characters" },
		{ "a\\Cb", "using \\C is disabled by the application after" },
		{ "\xff", "is no regular expression: UTF-8 error" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_error error = { "" };

		assert_null(dk_regex_new(dk_slice_of(rows[i].expression), true, &error));
		if (!strstr(error.text, rows[i].error))
			fail_msg("%s: %s", rows[i].expression, error.text);
	}
}

/* Without a limit each would take years. */
static void
an_expression_that_does_not_end_is_given_up_and_counted(void **state)
{
	static const char *const expressions[] = { "(a+)+[bc]", "(a|aa)+[bc]", "(?<x>(a|a)*)*[bc]",
						   "[^b]*(.*)*(.*)*(.*)*[bc]",
						   ".*?.*+[bc]|(a|a)*[bc]" };
	static char text[60001];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	for (size_t i = 0; i < ROWS(expressions); i++) {
		struct dk_slice captures[1];
		struct dk_regex *regex = dk_regex_new(dk_slice_of(expressions[i]), true, NULL);

		for (size_t length = 60; length < sizeof(text); length *= 10)
			assert_false(dk_regex_match(regex, dk_slice_new(text, length), captures));
		assert_in_range(dk_regex_given_up(regex), 1, 4);
		dk_regex_free(regex);
	}
}

static void
a_limit_is_some_hundred_thousand_steps(void **state)
{
	struct dk_regex *regex = dk_regex_new(DK_SLICE("(?:a|a)*[bc]"), true, NULL);
	struct dk_slice captures[1];

	(void)state;
	assert_false(dk_regex_match(regex, DK_SLICE("aaaaaaaaaa"), captures)); /* a thousand */
	assert_int_equal(dk_regex_given_up(regex), 0);
	assert_true(dk_regex_match(regex, DK_SLICE("aaaaaaaaaaaaaaaaaaaaaaaac"), captures));
	assert_int_equal(dk_regex_given_up(regex), 0);
	assert_false(dk_regex_match(regex, DK_SLICE("aaaaaaaaaaaaaaaaaaaa"), captures));
	assert_int_equal(dk_regex_given_up(regex), 1); /* would be a million */
	dk_regex_free(regex);
}

/* --- What it begins with --- */

static const char *
prefix_of(const char *expression)
{
	static char text[128];
	struct dk_buffer prefix = { 0 };

	dk_regex_prefix(dk_slice_of(expression), &prefix);
	snprintf(text, sizeof(text), "%s", prefix.data ? prefix.data : "");
	dk_buffer_clear(&prefix);
	return text;
}

static void
an_expression_begins_with_its_literals(void **state)
{
	static const struct {
		const char *expression, *prefix;
	} rows[] = {
		{ "site/berlin/.*", "site/berlin/" },
		{ "^site/x$", "site/x" },
		{ "iot\\.(?<site>[a-z]+)", "iot." },
		{ "ab*", "a" },
		{ "ab?c", "a" },
		{ "ab{0}c", "a" },
		{ "ab+c", "ab" },
		{ "caf\xc3\xa9*", "caf" },
		{ "ab(?#no)*", "a" },
		{ "ab\\E*", "a" },
		{ "ab\\d", "ab" },
		{ "a\\$\\-\\/b", "a$-/b" },
		{ "a|b", "" },
		{ "a(b|c)d", "a" },
		{ "a(b|c)|d", "" },
		{ "a[|]b", "a" },
		{ "a[]|]b", "a" },
		{ "a[[:alpha:]|]b", "a" },
		{ "a\\|b", "a|b" },
		{ "a(?|b|c)", "a" },
		{ "a\\c(b|c", "" },
		{ "a(?#()b|c", "" },
		{ "a(*:()b|c", "" },
		{ "a\\Q(\\Eb|c", "" },
		{ "a(?x)b #(\n|c", "" },
		{ "a[[:alpha:](]b|c", "" },
		{ "(?i)a", "" },
		{ ".*", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (strcmp(prefix_of(rows[i].expression), rows[i].prefix) != 0)
			fail_msg("%s begins with %s", rows[i].expression,
				 prefix_of(rows[i].expression));
}

/* --- By property --- */

/* Pieces that make the plainest and the oddest expressions; many that are made are none. */
static const char *const tokens[] = {
	"a",	 "b",	    "a",     "b",	  "/",	   "\\.",   "\\/",   "[ab]",
	"[^a]",	 ".",	    "(",     "(?:",	  "(?<n>", ")",	    ")",     "|",
	"*",	 "+",	    "?",     "{0,1}",	  "{2}",   "\\Q",   "\\E",   "(?i)",
	"(?#|)", "(?#(",    "(?x)",  " ",	  "#",	   "\n",    "[]|(]", "[[:al",
	"pha:]", "]",	    "\\c(",  "(*COMMIT)", "(?=",   "(?!",   "(?<=",  "(?>",
	"(?|",	 "\\K",	    "(?1)",  "(*ACCEPT)", "^",	   "$",	    "\\b",   "(?(1)",
	"\\A",	 "[[:<:]]", "(?C1)", "(?C\"(\")", "\\",	   "[",	    "\\x61", "(?-i)",
	"(?R)",	 "{",	    "}",     "\\N{U+61}", "a{0}",  "(?xx)", "[(|",
};

static void
make_expression(uint64_t *seed, char *text)
{
	size_t count = 1 + chance_below(seed, 8);

	for (*text = '\0'; count > 0; count--)
		strcat(text, tokens[chance_below(seed, chance_below(seed, 2) ? 20 : ROWS(tokens))]);
}

struct system {
	enum dk_dialect dialect;
	const char *before; /* the ~ */
	const char *letters;
};

static const struct system systems[] = {
	{ DK_MQTT, "~", "ab/$" },
	{ DK_AMQP, "x/~", "ab./" },
	{ DK_KAFKA, "~", "ab.A" },
};

static void
count(void *context, void *value, const struct dk_slice *captures)
{
	(void)value, (void)captures;
	++*(size_t *)context;
}

static bool
is_found(const struct dk_matcher *matcher, struct dk_slice address)
{
	size_t found = 0;

	dk_matcher_find(matcher, address, count, &found);
	assert_true(found <= 1);
	return found == 1;
}

/* A filter as its system reads it: by the plugin's own reading, by a pattern of it, or by POSIX. */
struct filter {
	enum dk_dialect dialect;
	const char *text;
	struct dk_pattern *pattern;
	struct dk_matcher *matcher;
	regex_t posix;
};

static void
filter_make(struct filter *filter, enum dk_dialect dialect, const char *text)
{
	struct dk_captures captures = { .count = 0 };

	*filter = (struct filter){ .dialect = dialect, .text = text };
	if (dialect == DK_KAFKA)
		assert_int_equal(regcomp(&filter->posix, text, REG_EXTENDED | REG_NOSUB), 0);
	if (dialect != DK_AMQP)
		return;
	filter->matcher = dk_matcher_new(dialect);
	filter->pattern = dk_pattern_new(dialect, dk_slice_of(text), &captures, NULL);
	assert_non_null(filter->pattern);
	dk_matcher_add(filter->matcher, filter->pattern, NULL);
}

static bool
filter_brings(const struct filter *filter, const char *address)
{
	if (filter->dialect == DK_KAFKA)
		return regexec(&filter->posix, address, 0, NULL, 0) == 0;
	if (filter->dialect == DK_MQTT)
		return filter_matches(filter->text, address);
	return is_found(filter->matcher, dk_slice_of(address));
}

static void
filter_free(struct filter *filter)
{
	if (filter->dialect == DK_KAFKA)
		regfree(&filter->posix);
	if (filter->dialect != DK_AMQP)
		return;
	dk_matcher_free(filter->matcher);
	dk_pattern_free(filter->pattern);
}

/* The address that a number stands for; false: there are no more. */
static bool
write_address(const struct system *system, size_t number, char *text)
{
	if (number > 1364) /* of five letters */
		return false;
	strcpy(text, system->dialect == DK_AMQP ? "x/" : "");
	for (text += strlen(text); number > 0; number = (number - 1) / 4)
		*text++ = system->letters[(number - 1) % 4];
	*text = '\0';
	return true;
}

/* Returns how many addresses were matched. */
static size_t
compare(const struct system *system, const char *expression)
{
	struct dk_captures captures = { .count = 0 };
	char text[256], address[16];
	struct dk_matcher *matcher = dk_matcher_new(system->dialect);
	struct dk_pattern *pattern;
	struct filter filter;
	size_t matched = 0;

	snprintf(text, sizeof(text), "%s%s", system->before, expression);
	pattern = dk_pattern_new(system->dialect, dk_slice_of(text), &captures, NULL);
	if (pattern) {
		dk_matcher_add(matcher, pattern, NULL);
		filter_make(&filter, system->dialect, dk_pattern_filter(pattern));
		for (size_t n = 0; write_address(system, n, address); n++)
			if (is_found(matcher, dk_slice_of(address)) && ++matched &&
			    !filter_brings(&filter, address))
				fail_msg("%s matches %s, which %s does not bring", text, address,
					 dk_pattern_filter(pattern));
		filter_free(&filter);
		dk_pattern_free(pattern);
	}
	dk_matcher_free(matcher);
	return matched;
}

static void
a_filter_brings_all_that_its_expression_matches(void **state)
{
	uint64_t seed = 7;
	size_t matched = 0;
	char expression[256];

	(void)state;
	for (size_t i = 0; i < 12000; i++) {
		make_expression(&seed, expression);
		matched += compare(&systems[i % ROWS(systems)], expression) > 0;
	}
	assert_true(matched > 1500);
}

/* What PCRE2 matches in all of the short texts begins with what this says. */
static void
what_it_begins_with_is_what_all_that_it_matches_begins_with(void **state)
{
	static const struct system any = { DK_PLAIN, "", "ab/(" };
	uint64_t seed = 8;
	size_t matched = 0;
	char expression[256], text[16];

	(void)state;
	for (size_t i = 0; i < 12000; i++) {
		struct dk_regex *regex;
		struct dk_slice captures[8];

		make_expression(&seed, expression);
		regex = dk_regex_new(dk_slice_of(expression), true, NULL);
		for (size_t n = 0; regex && write_address(&any, n, text); n++) {
			if (!dk_regex_match(regex, dk_slice_of(text), captures))
				continue;
			matched++;
			if (strncmp(text, prefix_of(expression), strlen(prefix_of(expression))))
				fail_msg("%s matches %s and begins with %s", expression, text,
					 prefix_of(expression));
		}
		dk_regex_free(regex);
	}
	assert_true(matched > 10000);
}

static void
a_quoted_value_stands_for_itself(void **state)
{
	static const char letters[] = "a0_.\\E|()[]{}^$*+?/-# \n\t\"'<>:=!,&~@%;`Q";
	static const char *const frames[] = { "%s", "x%s", "(?x:%s)", "(?:%s)" };
	uint64_t seed = 9;

	(void)state;
	for (size_t i = 0; i < 4000; i++) {
		struct dk_buffer quoted = { 0 };
		char value[9] = "", expression[64], text[16];
		const char *frame = frames[i % ROWS(frames)];

		for (size_t n = 0; n < i % 8 + 1; n++)
			value[n] = letters[chance_below(&seed, sizeof(letters) - 1)];
		dk_regex_quote(dk_slice_of(value), &quoted);
		snprintf(expression, sizeof(expression), frame, quoted.data);
		snprintf(text, sizeof(text), "%s%s", *frame == 'x' ? "x" : "", value);
		if (!match(dk_slice_of(expression), true, dk_slice_of(text)))
			fail_msg("%s does not match %s", expression, text);
		dk_buffer_clear(&quoted);
	}
	for (size_t i = 0; i < sizeof(letters) - 1; i++) { /* in a class it is a character of it */
		struct dk_buffer quoted = { 0 };
		char expression[16];

		dk_regex_quote(dk_slice_new(&letters[i], 1), &quoted);
		snprintf(expression, sizeof(expression), "[\x01%s\x02]", quoted.data);
		assert_non_null(match(dk_slice_of(expression), true, dk_slice_new(&letters[i], 1)));
		assert_null(match(dk_slice_of(expression), true, DK_SLICE("\x03")));
		dk_buffer_clear(&quoted);
	}
}

static void
an_expression_begins_at_a_tilde(void **state)
{
	(void)state;
	assert_int_equal(dk_regex_begin(DK_MQTT, DK_SLICE("~a")), 1);
	assert_int_equal(dk_regex_begin(DK_MQTT, DK_SLICE("a/~b")), 0);
	assert_int_equal(dk_regex_begin(DK_MQTT, DK_SLICE("")), 0);
	assert_int_equal(dk_regex_begin(DK_AMQP, DK_SLICE("xy/~b")), 4);
	assert_int_equal(dk_regex_begin(DK_AMQP, DK_SLICE("/~b")), 2);
	assert_int_equal(dk_regex_begin(DK_AMQP, DK_SLICE("~b")), 0);
	assert_int_equal(dk_regex_begin(DK_AMQP, DK_SLICE("x/a~b")), 0);
	assert_int_equal(dk_regex_begin(DK_AMQP, DK_SLICE("x/")), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_expression_matches_the_whole_or_nothing),
		cmocka_unit_test(what_is_no_expression_is_told_with_its_place),
		cmocka_unit_test(an_expression_that_does_not_end_is_given_up_and_counted),
		cmocka_unit_test(a_limit_is_some_hundred_thousand_steps),
		cmocka_unit_test(an_expression_begins_with_its_literals),
		cmocka_unit_test(a_filter_brings_all_that_its_expression_matches),
		cmocka_unit_test(what_it_begins_with_is_what_all_that_it_matches_begins_with),
		cmocka_unit_test(a_quoted_value_stands_for_itself),
		cmocka_unit_test(an_expression_begins_at_a_tilde),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
