/* SPDX-License-Identifier: Apache-2.0
 *
 * overlap.c - two patterns against each other: a table of what is left of the one against what is
 * left of the other, filled in from the end. Of its rows only the last two are kept.
 */
#include "daemon/language/overlap.h"

#include "daemon/language/level_pair.h"

/* --- Levels --- */

bool
dk_level_is_many(const struct dk_pattern *pattern, size_t level)
{
	return level < pattern->count && (pattern->levels[level].kind == DK_LEVEL_REST ||
					  pattern->levels[level].kind == DK_LEVEL_ANY);
}

bool
dk_level_may_be_none(const struct dk_grammar *grammar, const struct dk_pattern *pattern,
		     size_t level)
{
	if (level < pattern->count && pattern->levels[level].kind == DK_LEVEL_ANY)
		return true;
	return dk_level_is_many(pattern, level) && grammar->rest_may_be_none;
}

/* What stands before a level's value, and what after it. */
static struct dk_slice
text_before(const struct dk_pattern *pattern, size_t level)
{
	return dk_slice_new(dk_pattern_text(pattern, level).data, pattern->levels[level].before);
}

static struct dk_slice
text_after(const struct dk_pattern *pattern, size_t level)
{
	return dk_slice_after(dk_pattern_text(pattern, level), pattern->levels[level].before);
}

/* Whether one of them begins with the other. */
static bool
begin_alike(struct dk_slice a, struct dk_slice b)
{
	size_t length = a.length < b.length ? a.length : b.length;

	return memcmp(a.data, b.data, length) == 0;
}

static bool
end_alike(struct dk_slice a, struct dk_slice b)
{
	size_t length = a.length < b.length ? a.length : b.length;

	return memcmp(a.data + a.length - length, b.data + b.length - length, length) == 0;
}

bool
dk_level_can_be(const struct dk_pattern *pattern, size_t level, struct dk_slice text)
{
	struct dk_slice before = text_before(pattern, level), after = text_after(pattern, level);

	switch ((enum dk_level_kind)pattern->levels[level].kind) {
	case DK_LEVEL_LITERAL:
		return dk_slice_is(dk_pattern_text(pattern, level), text);
	case DK_LEVEL_PARTLY:
		return text.length >= before.length + after.length && begin_alike(before, text) &&
		       end_alike(after, text);
	default:
		return true;
	}
}

static bool
level_meets(const struct dk_pattern *a, size_t i, const struct dk_pattern *b, size_t j)
{
	if (a->levels[i].kind == DK_LEVEL_LITERAL)
		return dk_level_can_be(b, j, dk_pattern_text(a, i));
	if (b->levels[j].kind == DK_LEVEL_LITERAL)
		return dk_level_can_be(a, i, dk_pattern_text(b, j));
	return begin_alike(text_before(a, i), text_before(b, j)) &&
	       end_alike(text_after(a, i), text_after(b, j));
}

bool
dk_pattern_is_wild_first(const struct dk_pattern *pattern)
{
	return pattern->levels[0].kind == DK_LEVEL_ONE || pattern->levels[0].kind == DK_LEVEL_REST;
}

bool
dk_pattern_is_dollar_first(const struct dk_pattern *pattern)
{
	struct dk_slice text = dk_pattern_text(pattern, 0);

	if (pattern->levels[0].kind == DK_LEVEL_PARTLY)
		text = text_before(pattern, 0);
	return text.length > 0 && text.data[0] == '$';
}

/* --- Tables --- */

struct pair {
	const struct dk_grammar *grammar;
	const struct dk_pattern *a, *b;
	bool rows[2][DK_LEVELS_MAX + 1];
	bool *here, *next; /* from a's level i on, and from i + 1 on: by b's levels */
	bool (*decide)(const struct pair *pair, size_t i, size_t j);
};

/* From level `first` of both on. */
static bool
fill(struct pair *pair, size_t first)
{
	for (size_t i = pair->a->count + 1u; i-- > first;) {
		pair->here = pair->rows[i % 2];
		pair->next = pair->rows[(i + 1) % 2];
		for (size_t j = pair->b->count + 1u; j-- > first;)
			pair->here[j] = pair->decide(pair, i, j);
	}
	return pair->here[first];
}

/* --- Overlap --- */

/* What a rest takes one level of, it may take more of. Where it is not empty it is the last level,
 * and then it takes all that there is. */
static bool
rest_meets(bool may_be_none, bool may_take, bool meets_after, bool meets_further)
{
	if (!may_be_none)
		return may_take;
	return meets_after || (may_take && meets_further);
}

static bool
meets(const struct pair *pair, size_t i, size_t j)
{
	const struct dk_pattern *a = pair->a, *b = pair->b;
	bool ends_a = i == a->count, ends_b = j == b->count;

	if (ends_a && ends_b)
		return true;
	if (dk_level_is_many(a, i))
		return rest_meets(dk_level_may_be_none(pair->grammar, a, i), !ends_b, pair->next[j],
				  !ends_b && pair->here[j + 1]);
	if (dk_level_is_many(b, j))
		return rest_meets(dk_level_may_be_none(pair->grammar, b, j), !ends_a,
				  pair->here[j + 1], !ends_a && pair->next[j]);
	return !ends_a && !ends_b && level_meets(a, i, b, j) && pair->next[j + 1];
}

static bool
is_literal(const struct dk_pattern *pattern, size_t level)
{
	return level < pattern->count && pattern->levels[level].kind == DK_LEVEL_LITERAL;
}

bool
dk_patterns_overlap(enum dk_dialect dialect, const struct dk_pattern *a, const struct dk_pattern *b)
{
	struct pair pair;
	size_t first = 0;

	if (dialect == DK_MQTT && ((dk_pattern_is_wild_first(a) && dk_pattern_is_dollar_first(b)) ||
				   (dk_pattern_is_wild_first(b) && dk_pattern_is_dollar_first(a))))
		return false;
	/* Most differ here already. */
	for (; is_literal(a, first) && is_literal(b, first); first++)
		if (!dk_slice_is(dk_pattern_text(a, first), dk_pattern_text(b, first)))
			return false;
	pair.grammar = dk_grammar_of(dialect);
	pair.a = a;
	pair.b = b;
	pair.decide = meets;
	return fill(&pair, first);
}

/* --- Cover --- */

/* RabbitMQ sees no word in an empty routing key: so there one level is not any one. */
static bool
level_covers(const struct pair *pair, size_t i, size_t j)
{
	if (pair->a->levels[i].kind == DK_LEVEL_LITERAL)
		return is_literal(pair->b, j) &&
		       dk_slice_is(dk_pattern_text(pair->a, i), dk_pattern_text(pair->b, j));
	return !pair->grammar->first_separator || !is_literal(pair->b, j) ||
	       pair->b->levels[j].length > 0;
}

/* A rest takes what the other has here, or nothing. One that is not empty is the last level: it
 * takes all that is left, if that is certain to be something. */
static bool
rest_covers(const struct pair *pair, size_t i, size_t j)
{
	if (dk_level_may_be_none(pair->grammar, pair->a, i))
		return pair->next[j] || pair->here[j + 1];
	return !dk_level_may_be_none(pair->grammar, pair->b, j) || pair->here[j + 1];
}

static bool
covers(const struct pair *pair, size_t i, size_t j)
{
	bool ends_a = i == pair->a->count, ends_b = j == pair->b->count;

	if (ends_a)
		return ends_b;
	if (ends_b)
		return dk_level_may_be_none(pair->grammar, pair->a, i) && pair->next[j];
	if (dk_level_is_many(pair->a, i))
		return rest_covers(pair, i, j);
	return !dk_level_is_many(pair->b, j) && level_covers(pair, i, j) && pair->next[j + 1];
}

static bool
is_same_regex(const struct dk_pattern *a, const struct dk_pattern *b)
{
	return a->regex && b->regex && strcmp(a->filter, b->filter) == 0 &&
	       dk_slice_is(dk_regex_text(a->regex), dk_regex_text(b->regex));
}

/* What begins with a value and is not one alone may begin with what comes after that. */
static bool
may_be_dollar_first(const struct dk_pattern *pattern)
{
	const struct dk_pattern_level *first = &pattern->levels[0];

	return dk_pattern_is_dollar_first(pattern) || first->kind == DK_LEVEL_ANY ||
	       (first->kind == DK_LEVEL_PARTLY && first->before == 0);
}

bool
dk_pattern_covers(enum dk_dialect dialect, const struct dk_pattern *a, const struct dk_pattern *b)
{
	struct pair pair;

	if (a->regex || a->is_of_pieces)
		return is_same_regex(a, b);
	if (dialect == DK_MQTT && dk_pattern_is_wild_first(a) && may_be_dollar_first(b))
		return false;
	pair.grammar = dk_grammar_of(dialect);
	pair.a = a;
	pair.b = b;
	pair.decide = covers;
	return fill(&pair, 0);
}
