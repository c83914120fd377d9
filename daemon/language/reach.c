/* SPDX-License-Identifier: Apache-2.0
 *
 * reach.c - whether there can be an address that a pattern matches: is none of them so long?
 */
#include "daemon/base/error.h"
#include "daemon/language/pattern_levels.h"

/* AMQP 0-9-1 section 4.2.5.3: exchange and routing key are short strings. */
#define SHORT_STRING 255

/* Kafka's filters bring nothing that is empty where something is captured. */
static size_t
least_of(const struct dk_grammar *grammar, const struct dk_pattern *pattern, size_t level)
{
	if (pattern->levels[level].kind == DK_LEVEL_LITERAL)
		return pattern->levels[level].length;
	return grammar->legal != NULL;
}

/* The fewest bytes of what the levels from this one on match, without the separator before them. */
static size_t
least_bytes(const struct dk_grammar *grammar, const struct dk_pattern *pattern, size_t first)
{
	size_t bytes = 0, levels = 0;

	for (size_t i = first; i < pattern->count; i++) {
		if (pattern->levels[i].kind == DK_LEVEL_REST && grammar->rest_may_be_none)
			continue;
		bytes += least_of(grammar, pattern, i);
		levels++;
	}
	bytes += levels > 0 ? levels - 1 : 0;
	if (pattern->regex && dk_regex_least(pattern->regex) > bytes)
		return dk_regex_least(pattern->regex);
	return bytes;
}

static bool
fits(size_t least, size_t most, const char *name, struct dk_error *error)
{
	if (least > most)
		dk_fail(error, "no address is matched: %s has at most %zu bytes, not %zu or more",
			name, most, least);
	return least <= most;
}

bool
dk_pattern_can_match(enum dk_dialect dialect, const struct dk_pattern *pattern,
		     struct dk_error *error)
{
	const struct dk_grammar *grammar = dk_grammar_of(dialect);

	if (!grammar->first_separator)
		return fits(least_bytes(grammar, pattern, 0), grammar->longest, grammar->name,
			    error);
	return fits(pattern->levels[0].length, SHORT_STRING, "an exchange's name", error) &&
	       fits(least_bytes(grammar, pattern, 1), SHORT_STRING, grammar->name, error);
}
