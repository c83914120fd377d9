/* SPDX-License-Identifier: Apache-2.0
 *
 * matcher_overlaps.c - a pattern's walk through the trie: all patterns there that overlap it.
 *
 * A set of places goes along: before which of the pattern's levels one may stand when the trie's
 * levels have been taken up to here. So each node is seen once, whatever rests there are.
 */
#include "daemon/language/level_pair.h"
#include "daemon/language/trie.h"

/* A bit for each place, before each level and at the end: more than the levels that there can be.
 */
typedef unsigned __int128 places;
_Static_assert(DK_PATTERN_LEVELS_MAX < 128, "a bit for each");

struct walk {
	const struct dk_matcher *matcher;
	const struct dk_pattern *pattern;
	places all, end;	       /* of the pattern */
	places literal, many, no_need; /* before levels of that kind; which may be none */
	bool is_over;
	bool (*found)(void *context, void *value, const struct dk_pattern *pattern);
	void *context;
};

static places
bit(size_t place)
{
	return (places)1 << place;
}

/* Also the places behind what may be none. */
static places
close(const struct walk *walk, places set)
{
	places before;

	do {
		before = set;
		set |= (set & walk->no_need) << 1;
	} while (set != before);
	return set & walk->all;
}

/* Where one may stand when the trie has taken one level more: any, or the literal one. */
static places
take_any(const struct walk *walk, places set)
{
	return close(walk, (set & walk->many) | (set & ~walk->end) << 1);
}

static places
take_literal(const struct walk *walk, places set, struct dk_slice text)
{
	places taken = (set & walk->many) | (set & walk->many) << 1;

	for (size_t i = 0; i < walk->pattern->count; i++)
		if ((set & ~walk->many & bit(i)) && dk_level_can_be(walk->pattern, i, text))
			taken |= bit(i + 1);
	return close(walk, taken);
}

/* A rest of the trie takes any number of levels; where it must not be none it is the last. */
static places
take_rest(const struct walk *walk, places set)
{
	if (!walk->matcher->grammar->rest_may_be_none)
		return set & ~walk->end ? walk->end : 0;
	return ~((set & -set) - 1) & walk->all;
}

static void
emit(struct walk *walk, const struct dk_trie_node *node)
{
	const struct dk_trie_entry *entries = walk->matcher->entries;
	uint32_t entry = node->last_entry;

	if (!entry)
		return;
	do {
		entry = entries[entry].next;
		walk->is_over =
			!walk->found(walk->context, entries[entry].value, entries[entry].pattern);
	} while (entry != node->last_entry && !walk->is_over);
}

static void walk_on(struct walk *walk, uint32_t number, places set);

static void
walk_literal(struct walk *walk, uint32_t parent, uint32_t child, places set)
{
	const struct dk_trie_node *node = &walk->matcher->nodes[child];

	if (parent == 0 && walk->matcher->dialect == DK_MQTT && node->length > 0 &&
	    node->text[0] == '$' && dk_pattern_is_wild_first(walk->pattern))
		return;
	walk_on(walk, child, take_literal(walk, set, dk_slice_new(node->text, node->length)));
}

/* Where only literals may come, their children alone are looked up, each once. */
static void
walk_looked_up(struct walk *walk, uint32_t parent, places set)
{
	uint32_t child;

	for (size_t i = 0; i < walk->pattern->count; i++) {
		struct dk_slice text = dk_pattern_text(walk->pattern, i);
		bool is_seen = !(set & bit(i));

		for (size_t j = 0; j < i && !is_seen; j++)
			is_seen = (set & bit(j)) &&
				  dk_slice_is(text, dk_pattern_text(walk->pattern, j));
		child = is_seen ? 0
				: dk_trie_child(walk->matcher, parent, dk_trie_hash(text), text);
		if (child)
			walk_literal(walk, parent, child, set);
	}
}

static void
walk_literals(struct walk *walk, uint32_t parent, places set)
{
	const struct dk_trie_node *nodes = walk->matcher->nodes;

	if (!(set & ~walk->literal & ~walk->end)) {
		walk_looked_up(walk, parent, set);
		return;
	}
	for (uint32_t child = nodes[parent].first_child; child; child = nodes[child].next_child)
		walk_literal(walk, parent, child, set);
}

static void
walk_on(struct walk *walk, uint32_t number, places set)
{
	const struct dk_trie_node *node = &walk->matcher->nodes[number];
	bool is_hidden = number == 0 && walk->matcher->dialect == DK_MQTT &&
			 dk_pattern_is_dollar_first(walk->pattern);

	if (!set || walk->is_over)
		return;
	if (set & walk->end)
		emit(walk, node);
	if (node->rest && !is_hidden)
		walk_on(walk, node->rest, take_rest(walk, set));
	if (!(set & ~walk->end))
		return;
	if (node->one && !is_hidden)
		walk_on(walk, node->one, take_any(walk, set));
	walk_literals(walk, number, set);
}

void
dk_matcher_overlaps(const struct dk_matcher *matcher, const struct dk_pattern *pattern,
		    bool (*found)(void *context, void *value, const struct dk_pattern *pattern),
		    void *context)
{
	struct walk walk = { .matcher = matcher,
			     .pattern = pattern,
			     .end = bit(pattern->count),
			     .found = found,
			     .context = context };

	walk.all = (walk.end << 1) - 1;
	for (size_t i = 0; i < pattern->count; i++) {
		walk.literal |= pattern->levels[i].kind == DK_LEVEL_LITERAL ? bit(i) : 0;
		walk.many |= dk_level_is_many(pattern, i) ? bit(i) : 0;
		walk.no_need |= dk_level_may_be_none(matcher->grammar, pattern, i) ? bit(i) : 0;
	}
	walk_on(&walk, 0, close(&walk, 1));
}
