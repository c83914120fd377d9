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

#define PATTERN_LEVELS_MAX (DK_LEVELS_MAX - 8)

struct parsing {
	enum dk_dialect dialect;
	const struct dk_grammar *grammar;
	struct dk_pattern *pattern;
	struct dk_captures *captures;
	struct dk_error *error;
	char *end; /* of the literals written so far */
};

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

	for (size_t i = 0; i < parsing->pattern->count; i++)
		if (slot >= 0 && parsing->pattern->levels[i].slot == slot)
			return dk_fail(parsing->error, ":%.*s captures twice in one pattern",
				       (int)name.length, name.data);
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
parse_capture(struct parsing *parsing, struct dk_slice text, struct dk_pattern_level *level)
{
	struct dk_slice name = dk_slice_after(text, 1);
	bool is_rest = name.length > 0 && name.data[name.length - 1] == '*';

	name.length -= is_rest;
	if (!is_name(name))
		return dk_fail(parsing->error,
			       "\"%.*s\" is no capture: a capture is a whole level, :name or "
			       ":name*; a colon that is meant as such is written ::",
			       (int)text.length, text.data);
	level->kind = is_rest ? DK_LEVEL_REST : DK_LEVEL_ONE;
	level->slot = slot_of(parsing, name, is_rest);
	return level->slot < 0 ? -1 : 0;
}

/* :: is a colon. */
static int
parse_literal(struct parsing *parsing, struct dk_slice text, struct dk_pattern_level *level)
{
	const struct dk_grammar *grammar = parsing->grammar;
	const char *why;

	level->kind = DK_LEVEL_LITERAL;
	level->text.data = parsing->end;
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
	level->text.length = (size_t)(parsing->end - level->text.data);
	why = dk_dialect_value_fault(parsing->dialect, level->text, true);
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
	struct dk_pattern *pattern = parsing->pattern;
	struct dk_pattern_level *level = &pattern->levels[pattern->count];
	int result = 0;

	*level = (struct dk_pattern_level){ .slot = -1 };
	if (is_alone(text, parsing->grammar->one))
		level->kind = DK_LEVEL_ONE;
	else if (is_alone(text, parsing->grammar->rest))
		level->kind = DK_LEVEL_REST;
	else if (text.length > 1 && text.data[0] == ':' && text.data[1] != ':')
		result = parse_capture(parsing, text, level);
	else
		result = parse_literal(parsing, text, level);
	if (pattern->count == 0 && parsing->grammar->first_separator &&
	    level->kind != DK_LEVEL_LITERAL && result == 0)
		return dk_fail(parsing->error, "the exchange of a pattern is a name, not a wildcard");
	pattern->count++;
	return result;
}

static int
check(const struct parsing *parsing, struct dk_slice text)
{
	const struct dk_pattern *pattern = parsing->pattern;

	if (parsing->grammar->first_separator && pattern->count < 2)
		return dk_fail(parsing->error,
			       "\"%.*s\" has no exchange: write exchange/routing-key, or /queue",
			       (int)text.length, text.data);
	for (size_t i = 0; i + 1 < pattern->count; i++)
		if (pattern->levels[i].kind == DK_LEVEL_REST &&
		    !parsing->grammar->rest_is_anywhere)
			return dk_fail(parsing->error, "what takes the rest must be the last level");
	return 0;
}

static int
parse(struct parsing *parsing, struct dk_slice text)
{
	struct dk_level_cursor cursor = dk_levels_begin(text);
	struct dk_slice level;

	if (text.length == 0)
		return dk_fail(parsing->error, "the pattern is empty");
	if (dk_slice_has(text, '\0'))
		return dk_fail(parsing->error, "the pattern holds a NUL");
	if (text.data[0] == '~')
		return dk_fail(parsing->error, "regular expressions (~) are not known yet");
	while (dk_levels_next(&cursor, parsing->grammar, &level)) {
		if (parsing->pattern->count == PATTERN_LEVELS_MAX)
			return dk_fail(parsing->error, "the pattern has more than %d levels",
				       PATTERN_LEVELS_MAX);
		if (parse_level(parsing, level) != 0)
			return -1;
	}
	return check(parsing, text);
}

/* --- In the system's own wildcards --- */

/* Kafka's subscriptions are regular expressions (librdkafka: POSIX extended). */
static void
write_regex(struct dk_buffer *out, const struct dk_pattern_level *level)
{
	if (level->kind == DK_LEVEL_ONE)
		dk_buffer_add_text(out, "[^.]+");
	if (level->kind == DK_LEVEL_REST)
		dk_buffer_add_text(out, ".+");
	for (size_t i = 0; i < level->text.length; i++) {
		if (strchr(".[]{}()*+?|^$\\", level->text.data[i]))
			dk_buffer_add_text(out, "\\");
		dk_buffer_add(out, dk_slice_new(&level->text.data[i], 1));
	}
}

static void
write_native(struct dk_buffer *out, const struct dk_grammar *grammar,
	     const struct dk_pattern_level *level)
{
	char wildcard = level->kind == DK_LEVEL_ONE ? grammar->one : grammar->rest;

	if (level->kind == DK_LEVEL_LITERAL)
		dk_buffer_add(out, level->text);
	else
		dk_buffer_add(out, dk_slice_new(wildcard ? &wildcard : "*", 1));
}

static bool
is_literal(const struct dk_pattern *pattern)
{
	for (size_t i = 0; i < pattern->count; i++)
		if (pattern->levels[i].kind != DK_LEVEL_LITERAL)
			return false;
	return true;
}

static void
write_separator(struct dk_buffer *out, const struct dk_grammar *grammar, size_t level,
		bool is_regex)
{
	char separator = level == 1 && grammar->first_separator ? grammar->first_separator :
								  grammar->separator;

	if (level == 0)
		return;
	if (is_regex)
		dk_buffer_add_text(out, "\\");
	dk_buffer_add(out, dk_slice_new(&separator, 1));
}

static char *
filter_of(const struct dk_pattern *pattern, enum dk_dialect dialect)
{
	const struct dk_grammar *grammar = dk_grammar_of(dialect);
	bool is_regex = dialect == DK_KAFKA && !is_literal(pattern);
	struct dk_buffer out = { 0 };

	if (is_regex)
		dk_buffer_add_text(&out, "^");
	for (size_t i = 0; i < pattern->count; i++) {
		write_separator(&out, grammar, i, is_regex);
		if (is_regex)
			write_regex(&out, &pattern->levels[i]);
		else
			write_native(&out, grammar, &pattern->levels[i]);
	}
	if (is_regex)
		dk_buffer_add_text(&out, "$");
	return dk_buffer_detach(&out);
}

/* Nothing comes from an address that there cannot be; nor, in MQTT, from $share/…, for what comes
 * of a shared subscription has a topic without it. */
static int
check_filter(const struct parsing *parsing)
{
	const struct dk_pattern *pattern = parsing->pattern;
	const char *why = NULL;

	if (parsing->dialect == DK_MQTT &&
	    dk_slice_is(pattern->levels[0].text, DK_SLICE("$share")))
		return dk_fail(parsing->error, "shared subscriptions ($share) are not known yet");
	if (is_literal(pattern))
		why = dk_dialect_address_fault(parsing->dialect, dk_slice_of(pattern->filter));
	return why ? dk_fail(parsing->error, "\"%s\" %s", pattern->filter, why) : 0;
}

/* The text's levels and their filter. */
static int
compile(struct parsing *parsing, struct dk_slice text)
{
	struct dk_pattern *pattern = parsing->pattern;

	if (parse(parsing, text) != 0)
		return -1;
	pattern->filter = filter_of(pattern, parsing->dialect);
	return check_filter(parsing);
}

/* There may be very many patterns: none keeps more room than its levels need. */
static void
shrink(struct dk_pattern *pattern)
{
	pattern->levels = realloc(pattern->levels, pattern->count * sizeof(*pattern->levels));
	if (!pattern->levels)
		abort();
}

struct dk_pattern *
dk_pattern_new(enum dk_dialect dialect, struct dk_slice text, struct dk_captures *captures,
	       struct dk_error *error)
{
	struct dk_pattern *pattern = calloc(1, sizeof(*pattern));
	struct parsing parsing = { dialect, dk_grammar_of(dialect), pattern, captures, error, NULL };

	if (!pattern)
		abort();
	pattern->levels = calloc(PATTERN_LEVELS_MAX, sizeof(*pattern->levels));
	pattern->text = parsing.end = malloc(text.length + 1);
	if (!pattern->levels || !pattern->text)
		abort();
	if (compile(&parsing, text) != 0) {
		dk_pattern_free(pattern);
		return NULL;
	}
	shrink(pattern);
	return pattern;
}

void
dk_pattern_free(struct dk_pattern *pattern)
{
	if (!pattern)
		return;
	free(pattern->levels);
	free(pattern->text);
	free(pattern->filter);
	free(pattern);
}

const char *
dk_pattern_filter(const struct dk_pattern *pattern)
{
	return pattern->filter;
}
