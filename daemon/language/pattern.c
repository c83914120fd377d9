/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern.c - a pattern's text compiled to levels, and written again in the system's own wildcards.
 */
#include "daemon/language/pattern.h"

#include <stdlib.h>

#include "daemon/base/buffer.h"
#include "daemon/base/error.h"
#include "daemon/language/dialect.h"
#include "daemon/language/pattern_levels.h"

/* What a level may need in the filter beyond its text: Kafka's [^.]+ and \. for two characters. */
#define LEVEL_EXTRA 4
#define FILTER_EXTRA 8 /* ^ .* $ and the NUL, and for what comes of a text without any */

struct parsing {
	enum dk_dialect dialect;
	const struct dk_grammar *grammar;
	struct dk_captures *captures;
	struct dk_error *error;
	struct dk_pattern *pattern;
	char *end;     /* of the filter so far */
	bool is_posix; /* Kafka's filter is an expression of its own (librdkafka: POSIX extended) */
};

/* --- Writing levels and filter --- */

static void
write(struct parsing *parsing, struct dk_slice text)
{
	if (text.length > 0)
		memcpy(parsing->end, text.data, text.length);
	parsing->end += text.length;
}

static void
write_separator(struct parsing *parsing)
{
	const struct dk_grammar *grammar = parsing->grammar;
	bool is_first = parsing->pattern->count == 1 && grammar->first_separator;

	if (parsing->pattern->count == 0)
		return;
	if (parsing->is_posix)
		*parsing->end++ = '\\';
	*parsing->end++ = is_first ? grammar->first_separator : grammar->separator;
}

static struct dk_pattern_level *
begin_level(struct parsing *parsing, enum dk_level_kind kind)
{
	struct dk_pattern_level *level = &parsing->pattern->levels[parsing->pattern->count];

	write_separator(parsing);
	parsing->pattern->count++;
	*level = (struct dk_pattern_level){ .from = (uint16_t)(parsing->end -
							       parsing->pattern->filter),
					    .slot = -1,
					    .kind = (uint8_t)kind };
	return level;
}

static void
end_literal(struct parsing *parsing, struct dk_pattern_level *level)
{
	level->length = (uint16_t)(parsing->end - parsing->pattern->filter - level->from);
}

static void
add_wild(struct parsing *parsing, enum dk_level_kind kind, int slot)
{
	char wildcard = kind == DK_LEVEL_ONE ? parsing->grammar->one : parsing->grammar->rest;

	begin_level(parsing, kind)->slot = (int8_t)slot;
	if (parsing->is_posix)
		write(parsing, kind == DK_LEVEL_ONE ? DK_SLICE("[^.]+") : DK_SLICE(".+"));
	else
		*parsing->end++ = wildcard ? wildcard : '*';
}

/* --- Captures --- */

static bool
is_name(struct dk_slice name)
{
	for (size_t i = 0; i < name.length; i++) {
		char c = name.data[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!is_letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return name.length > 0;
}

/* The slot of a name, new or known. -1 with an error when it cannot have one. */
static int
slot_of(struct parsing *parsing, struct dk_slice name, bool is_rest)
{
	struct dk_captures *captures = parsing->captures;
	int slot = dk_captures_find(captures, name);

	if (slot >= 0) {
		captures->is_rest[slot] |= is_rest;
		return slot;
	}
	if (captures->count == DK_CAPTURES_MAX)
		return dk_fail(parsing->error, "there are more than %d captures", DK_CAPTURES_MAX);
	captures->names[captures->count] = name;
	captures->is_rest[captures->count] = is_rest;
	return (int)captures->count++;
}

static int
parse_capture(struct parsing *parsing, struct dk_slice text)
{
	struct dk_slice name = dk_slice_after(text, 1);
	bool is_rest = name.length > 0 && name.data[name.length - 1] == '*';
	int slot;

	name.length -= is_rest;
	if (!is_name(name))
		return dk_fail(parsing->error,
			       "\"%.*s\" is no capture: a capture is a whole level, :name or "
			       ":name*; a colon that is meant as such is written ::",
			       (int)text.length, text.data);
	slot = slot_of(parsing, name, is_rest);
	for (size_t i = 0; i < parsing->pattern->count && slot >= 0; i++)
		if (parsing->pattern->levels[i].slot == slot)
			return dk_fail(parsing->error, ":%.*s captures twice in one pattern",
				       (int)name.length, name.data);
	if (slot < 0)
		return -1;
	add_wild(parsing, is_rest ? DK_LEVEL_REST : DK_LEVEL_ONE, slot);
	return 0;
}

/* --- Levels --- */

/* :: is a colon. */
static int
parse_literal(struct parsing *parsing, struct dk_slice text)
{
	const struct dk_grammar *grammar = parsing->grammar;
	struct dk_pattern_level *level = begin_level(parsing, DK_LEVEL_LITERAL);
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
	end_literal(parsing, level);
	why = dk_dialect_value_fault(parsing->dialect,
				     dk_pattern_text(parsing->pattern, parsing->pattern->count - 1u),
				     true);
	return why ? dk_fail(parsing->error, "\"%.*s\" %s", (int)text.length, text.data, why) : 0;
}

static bool
is_alone(struct dk_slice text, char wildcard)
{
	return wildcard && text.length == 1 && text.data[0] == wildcard;
}

static int
parse_level(struct parsing *parsing, struct dk_slice text)
{
	const struct dk_grammar *grammar = parsing->grammar;
	size_t before = parsing->pattern->count;
	int result = 0;

	if (is_alone(text, grammar->one))
		add_wild(parsing, DK_LEVEL_ONE, -1);
	else if (is_alone(text, grammar->rest))
		add_wild(parsing, DK_LEVEL_REST, -1);
	else if (text.length > 1 && text.data[0] == ':' && text.data[1] != ':')
		result = parse_capture(parsing, text);
	else
		result = parse_literal(parsing, text);
	if (before == 0 && grammar->first_separator && result == 0 &&
	    parsing->pattern->levels[0].kind != DK_LEVEL_LITERAL)
		return dk_fail(parsing->error, "the exchange of a pattern is a name, not a wildcard");
	return result;
}

static int
check_rests(const struct parsing *parsing)
{
	const struct dk_pattern *pattern = parsing->pattern;

	for (size_t i = 0; i + 1 < pattern->count; i++)
		if (pattern->levels[i].kind == DK_LEVEL_REST &&
		    !parsing->grammar->rest_is_anywhere)
			return dk_fail(parsing->error, "what takes the rest must be the last level");
	return 0;
}

static int
parse_levels(struct parsing *parsing, struct dk_slice text)
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

static int
name_groups(struct parsing *parsing)
{
	size_t count;
	struct dk_regex_group *groups = dk_regex_groups(parsing->pattern->regex, &count);

	for (size_t i = 0; i < count; i++) {
		if (!is_name(groups[i].name))
			return dk_fail(parsing->error,
				       "the group <%.*s> cannot be a capture: a name is made of "
				       "letters, digits and _",
				       (int)groups[i].name.length, groups[i].name.data);
		groups[i].slot = slot_of(parsing, groups[i].name, false);
		if (groups[i].slot < 0)
			return -1;
	}
	return 0;
}

/* The whole levels of what the expression begins with, and a rest. In Kafka's filter what it begins
 * with need not end with a level. */
static void
add_prefix(struct parsing *parsing, struct dk_slice prefix)
{
	struct dk_level_cursor cursor = dk_levels_begin(prefix);
	struct dk_slice level = DK_SLICE("");

	cursor.is_first = false; /* the exchange is no part of it */
	while (parsing->pattern->count < DK_PATTERN_LEVELS_MAX - 1 &&
	       dk_levels_next(&cursor, parsing->grammar, &level) && !cursor.is_over) {
		struct dk_pattern_level *literal = begin_level(parsing, DK_LEVEL_LITERAL);

		write(parsing, level);
		end_literal(parsing, literal);
	}
	if (!parsing->is_posix) {
		add_wild(parsing, DK_LEVEL_REST, -1);
		return;
	}
	begin_level(parsing, DK_LEVEL_REST);
	write(parsing, cursor.is_over ? level : DK_SLICE(""));
	write(parsing, DK_SLICE(".*"));
}

/* What it begins with may be illegal; and of MQTT's topics with $ none is matched where the first
 * level is not literal. */
static const char *
prefix_fault(const struct parsing *parsing, struct dk_slice prefix)
{
	if (parsing->dialect == DK_MQTT && prefix.length > 0 && prefix.data[0] == '$' &&
	    !dk_slice_has(prefix, '/'))
		return "begins with $, and the first level of such topics has to be literal";
	return dk_dialect_value_fault(parsing->dialect, prefix, true);
}

static int
parse_regex(struct parsing *parsing, struct dk_slice expression)
{
	struct dk_buffer buffer = { 0 };
	struct dk_slice prefix;
	const char *why;

	if (name_groups(parsing) != 0)
		return -1;
	dk_regex_prefix(expression, &buffer);
	prefix = buffer.length > 0 ? dk_slice_new(buffer.data, buffer.length) : DK_SLICE("");
	why = prefix_fault(parsing, prefix);
	if (why)
		dk_fail(parsing->error, "\"~%.*s\" matches nothing: \"%.*s\" %s",
			(int)expression.length, expression.data, (int)prefix.length, prefix.data,
			why);
	else
		add_prefix(parsing, prefix);
	dk_buffer_clear(&buffer);
	return why ? -1 : 0;
}

/* In AMQP the exchange comes before it. */
static int
parse_expression(struct parsing *parsing, struct dk_slice text, size_t begin)
{
	struct dk_slice expression = dk_slice_after(text, begin);

	parsing->pattern->regex =
		dk_regex_new(expression, parsing->grammar->is_utf8, parsing->error);
	if (!parsing->pattern->regex)
		return -1;
	if (begin > 1 && parse_level(parsing, dk_slice_new(text.data, begin - 2)) != 0)
		return -1;
	return parse_regex(parsing, expression);
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
check_filter(const struct parsing *parsing)
{
	const struct dk_pattern *pattern = parsing->pattern;
	const char *why = NULL;

	if (parsing->dialect == DK_MQTT &&
	    dk_slice_is(dk_pattern_text(pattern, 0), DK_SLICE("$share")))
		return dk_fail(parsing->error, "shared subscriptions ($share) are not known yet");
	if (is_literal(pattern))
		why = dk_dialect_address_fault(parsing->dialect, dk_slice_of(pattern->filter));
	return why ? dk_fail(parsing->error, "\"%s\" %s", pattern->filter, why) : 0;
}

static int
compile(struct parsing *parsing, struct dk_slice text, size_t begin)
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
check_text(const struct parsing *parsing, struct dk_slice text, size_t begin)
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
		count += text.data[i] == grammar->separator || text.data[i] == grammar->first_separator;
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
	struct parsing parsing = {
		dialect, dk_grammar_of(dialect), captures, error, NULL, NULL, false
	};
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

uint64_t
dk_pattern_given_up(const struct dk_pattern *pattern)
{
	return pattern->regex ? dk_regex_given_up(pattern->regex) : 0;
}
