/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern.c - a pattern's text compiled to levels, and written again in the system's own wildcards.
 */
#include "daemon/language/pattern.h"

#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/language/dialect.h"
#include "daemon/language/parsing.h"

/* What a level may need in the filter beyond its text: Kafka's [^.]+ and \. for two characters. */
#define LEVEL_EXTRA 4
#define FILTER_EXTRA 8 /* ^ .* $ and the NUL, and for what comes of a text without any */

static int
parse_capture(struct dk_parsing *parsing, struct dk_slice text)
{
	struct dk_slice name = dk_slice_after(text, 1);
	bool is_rest = name.length > 0 && name.data[name.length - 1] == '*';
	int slot;

	name.length -= is_rest;
	if (!dk_parsing_is_name(name))
		return dk_fail(parsing->error,
			       "\"%.*s\" is no capture: a capture is a whole level, :name or "
			       ":name*; a colon that is meant as such is written ::",
			       (int)text.length, text.data);
	slot = dk_parsing_slot(parsing, name, is_rest);
	for (size_t i = 0; i < parsing->pattern->count && slot >= 0; i++)
		if (parsing->pattern->levels[i].slot == slot)
			return dk_fail(parsing->error, ":%.*s captures twice in one pattern",
				       (int)name.length, name.data);
	if (slot < 0)
		return -1;
	dk_parsing_add_wild(parsing, is_rest ? DK_LEVEL_REST : DK_LEVEL_ONE, slot);
	return 0;
}

/* --- Levels --- */

#define SHOWN 80 /* bytes of what is too long, which leave room for the reason */

/* Kafka's topics have neither wildcards nor slashes, which other systems' do. */
static int
fail_literal(const struct dk_parsing *parsing, struct dk_slice text, const char *why)
{
	bool is_kafka = parsing->dialect == DK_KAFKA;
	const char *meant = "";

	if (is_kafka && dk_slice_has(text, '/'))
		meant = "; a . for each /?";
	else if (is_kafka &&
		 (dk_slice_has(text, '*') || dk_slice_has(text, '+') || dk_slice_has(text, '#')))
		meant = "; :name for a part between dots, :name* for the rest?";
	return dk_fail(parsing->error, "\"%.*s%s\" %s%s",
		       text.length > SHOWN ? SHOWN : (int)text.length, text.data,
		       text.length > SHOWN ? "…" : "", why, meant);
}

/* :: is a colon. */
static int
parse_literal(struct dk_parsing *parsing, struct dk_slice text)
{
	const struct dk_grammar *grammar = parsing->grammar;
	struct dk_pattern_level *level = dk_parsing_begin(parsing, DK_LEVEL_LITERAL);
	const char *why;

	for (size_t i = 0; i < text.length; i++) {
		if ((grammar->one && text.data[i] == grammar->one) ||
		    (grammar->rest && text.data[i] == grammar->rest))
			return dk_fail(parsing->error,
				       "\"%.*s\" is no level of %s: a wildcard stands alone in "
				       "its level",
				       (int)text.length, text.data, grammar->name);
		if (text.data[i] == ':' && i + 1 < text.length && text.data[i + 1] == ':')
			i++;
		*parsing->end++ = text.data[i];
	}
	dk_parsing_end_literal(parsing, level);
	why = dk_dialect_value_fault(
		parsing->dialect, dk_pattern_text(parsing->pattern, parsing->pattern->count - 1u),
		true);
	return why ? fail_literal(parsing, text, why) : 0;
}

static bool
is_alone(struct dk_slice text, char wildcard)
{
	return wildcard && text.length == 1 && text.data[0] == wildcard;
}

static int
parse_level(struct dk_parsing *parsing, struct dk_slice text)
{
	const struct dk_grammar *grammar = parsing->grammar;
	size_t before = parsing->pattern->count;
	int result = 0;

	if (is_alone(text, grammar->one))
		dk_parsing_add_wild(parsing, DK_LEVEL_ONE, -1);
	else if (is_alone(text, grammar->rest))
		dk_parsing_add_wild(parsing, DK_LEVEL_REST, -1);
	else if (text.length > 1 && text.data[0] == ':' && text.data[1] != ':')
		result = parse_capture(parsing, text);
	else
		result = parse_literal(parsing, text);
	if (before == 0 && grammar->first_separator && result == 0 &&
	    parsing->pattern->levels[0].kind != DK_LEVEL_LITERAL)
		return dk_fail(parsing->error,
			       "the exchange of a pattern is a name, not a wildcard");
	return result;
}

static int
check_rests(const struct dk_parsing *parsing)
{
	const struct dk_pattern *pattern = parsing->pattern;

	for (size_t i = 0; i + 1 < pattern->count; i++)
		if (pattern->levels[i].kind == DK_LEVEL_REST && !parsing->grammar->rest_is_anywhere)
			return dk_fail(
				parsing->error,
				"what takes the rest must be the last level, and there is one "
				"more behind it");
	return 0;
}

static int
parse_levels(struct dk_parsing *parsing, struct dk_slice text)
{
	struct dk_level_cursor cursor = dk_levels_begin(text);
	struct dk_slice level;

	while (dk_levels_next(&cursor, parsing->grammar, &level)) {
		if (parsing->pattern->count == DK_PATTERN_LEVELS_MAX)
			return dk_fail(parsing->error, "the pattern has more than %d levels",
				       DK_PATTERN_LEVELS_MAX);
		if (parse_level(parsing, level) != 0)
			return -1;
	}
	if (parsing->grammar->first_separator && parsing->pattern->count < 2)
		return dk_fail(parsing->error,
			       "\"%.*s\" has no exchange: write exchange/routing-key, or /queue",
			       (int)text.length, text.data);
	return check_rests(parsing);
}

/* --- Regular expressions --- */

/* In AMQP the exchange comes before it. */
static int
parse_expression(struct dk_parsing *parsing, struct dk_slice text, size_t begin)
{
	struct dk_slice expression = dk_slice_after(text, begin);

	parsing->pattern->regex =
		dk_regex_new(expression, parsing->grammar->is_utf8, parsing->error);
	if (!parsing->pattern->regex)
		return -1;
	if (begin > 1 && parse_level(parsing, dk_slice_new(text.data, begin - 2)) != 0)
		return -1;
	return dk_parsing_regex(parsing, expression);
}

/* --- All of it --- */

static bool
is_literal(const struct dk_pattern *pattern)
{
	for (size_t i = 0; i < pattern->count; i++)
		if (pattern->levels[i].kind != DK_LEVEL_LITERAL)
			return false;
	return true;
}

/* Nothing comes from an address that there cannot be; nor, in MQTT, from $share/…, for what comes
 * of a shared subscription has a topic without it. */
static int
check_filter(const struct dk_parsing *parsing)
{
	const struct dk_pattern *pattern = parsing->pattern;
	const char *why = NULL;

	if (parsing->dialect == DK_MQTT &&
	    dk_slice_is(dk_pattern_text(pattern, 0), DK_SLICE("$share")))
		return dk_fail(parsing->error,
			       "a shared subscription is not written into the topic; share = "
			       "\"GROUP\" in the route?");
	if (is_literal(pattern))
		why = dk_dialect_address_fault(parsing->dialect, dk_slice_of(pattern->filter));
	return why ? fail_literal(parsing, dk_slice_of(pattern->filter), why) : 0;
}

static int
compile(struct dk_parsing *parsing, struct dk_slice text, size_t begin)
{
	int result;

	if (parsing->is_posix)
		*parsing->end++ = '^';
	result = begin ? parse_expression(parsing, text, begin) : parse_levels(parsing, text);
	if (result != 0)
		return -1;
	if (parsing->is_posix)
		*parsing->end++ = '$';
	*parsing->end = '\0';
	return check_filter(parsing);
}

static int
check_text(const struct dk_parsing *parsing, struct dk_slice text, size_t begin)
{
	if (text.length == 0)
		return dk_fail(parsing->error, "the pattern is empty");
	if (dk_slice_has(text, '\0'))
		return dk_fail(parsing->error, "the pattern holds a NUL");
	if (text.length > DK_PATTERN_LONGEST)
		return dk_fail(parsing->error, "the pattern is longer than %d bytes",
			       DK_PATTERN_LONGEST);
	if (begin == text.length)
		return dk_fail(parsing->error, "the regular expression is empty");
	if (text.data[0] == '~' && begin == 0)
		return dk_fail(parsing->error,
			       "\"%.*s\" has no exchange before its regular expression; "
			       "exchange/~expression?",
			       (int)text.length, text.data);
	return 0;
}

/* One more than it has separators, and of an expression a rest. */
static size_t
count_levels(const struct dk_grammar *grammar, struct dk_slice text)
{
	size_t count = 2;

	for (size_t i = 0; i < text.length; i++)
		count += text.data[i] == grammar->separator ||
			 text.data[i] == grammar->first_separator;
	return count < DK_PATTERN_LEVELS_MAX ? count : DK_PATTERN_LEVELS_MAX;
}

static struct dk_pattern *
take_memory(const struct dk_grammar *grammar, struct dk_slice text)
{
	size_t levels = count_levels(grammar, text);
	size_t head = sizeof(struct dk_pattern) + levels * sizeof(struct dk_pattern_level);
	size_t extra = FILTER_EXTRA + (grammar->legal ? levels * LEVEL_EXTRA : 0);
	struct dk_pattern *pattern = malloc(head + text.length + extra);

	if (!pattern)
		abort();
	*pattern = (struct dk_pattern){ .filter = (char *)pattern + head };
	return pattern;
}

struct dk_pattern *
dk_pattern_new(enum dk_dialect dialect, struct dk_slice text, struct dk_captures *captures,
	       struct dk_error *error)
{
	struct dk_parsing parsing = { dialect, dk_grammar_of(dialect), captures, error, NULL, NULL,
				      false };
	size_t begin = dk_regex_begin(dialect, text);

	if (check_text(&parsing, text, begin) != 0)
		return NULL;
	parsing.pattern = take_memory(parsing.grammar, text);
	parsing.end = parsing.pattern->filter;
	/* In Kafka's names there is no colon but of a capture. */
	parsing.is_posix = dialect == DK_KAFKA && (begin || dk_slice_has(text, ':'));
	if (compile(&parsing, text, begin) != 0) {
		dk_pattern_free(parsing.pattern);
		return NULL;
	}
	return parsing.pattern;
}

void
dk_pattern_free(struct dk_pattern *pattern)
{
	if (!pattern)
		return;
	dk_regex_free(pattern->regex);
	free(pattern);
}

const char *
dk_pattern_filter(const struct dk_pattern *pattern)
{
	return pattern->filter;
}

