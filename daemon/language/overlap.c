/* SPDX-License-Identifier: Apache-2.0
 *
 * overlap.c - whether two patterns have an address in common: a table of what is left of the one
 * against what is left of the other, filled in from the end.
 */
#include "daemon/language/overlap.h"

#include "daemon/language/pattern_levels.h"

struct pair {
	const struct dk_grammar *grammar;
	const struct dk_pattern *a, *b;
	bool meets[DK_LEVELS_MAX + 1][DK_LEVELS_MAX + 1]; /* from level i of a and j of b on */
};

static bool
is_rest(const struct dk_pattern *pattern, size_t level)
{
	return level < pattern->count && pattern->levels[level].kind == DK_LEVEL_REST;
}

/* What a rest takes one level of, it may take more of. Where it is not empty it is the last level,
 * and then it takes all that there is. */
static bool
rest_meets(const struct pair *pair, bool may_take, bool meets_after, bool meets_further)
{
	if (!pair->grammar->rest_may_be_none)
		return may_take;
	return meets_after || (may_take && meets_further);
}

static bool
level_meets(const struct dk_pattern_level *a, const struct dk_pattern_level *b)
{
	return a->kind == DK_LEVEL_ONE || b->kind == DK_LEVEL_ONE || dk_slice_is(a->text, b->text);
}

static bool
meets(const struct pair *pair, size_t i, size_t j)
{
	const struct dk_pattern *a = pair->a, *b = pair->b;
	bool ends_a = i == a->count, ends_b = j == b->count;

	if (ends_a && ends_b)
		return true;
	if (is_rest(a, i))
		return rest_meets(pair, !ends_b, pair->meets[i + 1][j],
				  !ends_b && pair->meets[i][j + 1]);
	if (is_rest(b, j))
		return rest_meets(pair, !ends_a, pair->meets[i][j + 1],
				  !ends_a && pair->meets[i + 1][j]);
	return !ends_a && !ends_b && level_meets(&a->levels[i], &b->levels[j]) &&
	       pair->meets[i + 1][j + 1];
}

/* MQTT 5.0 section 4.7.2: what begins with $ is not matched by a leading wildcard. */
static bool
hides(enum dk_dialect dialect, const struct dk_pattern *literal, const struct dk_pattern *wild)
{
	const struct dk_pattern_level *first = &literal->levels[0];

	return dialect == DK_MQTT && first->kind == DK_LEVEL_LITERAL && first->text.length > 0 &&
	       first->text.data[0] == '$' && wild->levels[0].kind != DK_LEVEL_LITERAL;
}

bool
dk_patterns_overlap(enum dk_dialect dialect, const struct dk_pattern *a,
		    const struct dk_pattern *b)
{
	struct pair pair = { .grammar = dk_grammar_of(dialect), .a = a, .b = b };

	if (hides(dialect, a, b) || hides(dialect, b, a))
		return false;
	for (size_t i = a->count + 1; i-- > 0;)
		for (size_t j = b->count + 1; j-- > 0;)
			pair.meets[i][j] = meets(&pair, i, j);
	return pair.meets[0][0];
}
