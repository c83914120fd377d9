/* SPDX-License-Identifier: Apache-2.0
 *
 * matcher.c - an address's walk through the trie.
 */
#include "daemon/language/matcher.h"

#include "daemon/language/trie.h"

/* Which of the address's levels a level of the pattern has matched: from … to - 1. */
struct span {
	size_t from, to;
};

struct walk {
	const struct dk_matcher *matcher;
	struct dk_slice address;
	struct dk_slice levels[DK_LEVELS_MAX];
	uint32_t hashes[DK_LEVELS_MAX];
	size_t count;
	struct span spans[DK_LEVELS_MAX];
	size_t found_count;
	void (*found)(void *context, void *value, const struct dk_slice *captures);
	void *context;
};

/* More levels than there is room for end up in the last one: what takes the rest still does. */
static void
cut(struct walk *walk)
{
	struct dk_level_cursor cursor = dk_levels_begin(walk->address);
	struct dk_slice level;

	while (dk_levels_next(&cursor, walk->matcher->grammar, &level)) {
		if (walk->count == DK_LEVELS_MAX - 1) {
			level.length = (size_t)(cursor.end - level.data);
			cursor.is_over = true;
		}
		walk->hashes[walk->count] = dk_trie_hash(level);
		walk->levels[walk->count++] = level;
	}
}

static struct dk_slice
text_of(const struct walk *walk, struct span span)
{
	const struct dk_slice *last;

	if (span.from == span.to)
		return dk_slice_new(walk->address.data + walk->address.length, 0);
	last = &walk->levels[span.to - 1];
	return dk_slice_new(walk->levels[span.from].data,
			    (size_t)(last->data + last->length - walk->levels[span.from].data));
}

/* An expression has the last word. It is for what comes after the exchange, where there is one. */
static bool
match_regex(const struct walk *walk, const struct dk_pattern *pattern, struct dk_slice *captures)
{
	size_t exchange = walk->matcher->grammar->first_separator ? walk->levels[0].length + 1 : 0;
	uint64_t before = dk_regex_given_up(pattern->regex);
	bool is_match = exchange <= walk->address.length &&
			dk_regex_match(pattern->regex, dk_slice_after(walk->address, exchange),
				       captures);

	walk->matcher->scratch->given_up += dk_regex_given_up(pattern->regex) - before;
	return is_match;
}

static bool
capture(const struct walk *walk, const struct dk_pattern *pattern, struct dk_slice *captures)
{
	memset(captures, 0, DK_CAPTURES_MAX * sizeof(*captures));
	if (pattern->regex)
		return match_regex(walk, pattern, captures);
	for (size_t i = 0; i < pattern->count; i++)
		if (pattern->levels[i].slot >= 0)
			captures[pattern->levels[i].slot] = text_of(walk, walk->spans[i]);
	return true;
}

static void
emit(struct walk *walk, const struct dk_trie_node *node)
{
	const struct dk_trie_entry *entries = walk->matcher->entries;
	struct dk_slice captures[DK_CAPTURES_MAX];
	uint32_t entry = node->last_entry;

	if (!entry)
		return;
	do {
		entry = entries[entry].next;
		if (!capture(walk, entries[entry].pattern, captures))
			continue;
		walk->found_count++;
		walk->found(walk->context, entries[entry].value, captures);
	} while (entry != node->last_entry);
}

static void walk_on(struct walk *walk, const struct dk_trie_node *node, size_t depth, size_t at);

/* Whether the walk has gone on from this rest at this place before. What is below would be found
 * again: once is enough, and the ways through several rests would multiply. */
static bool
was_left(struct walk *walk, const struct dk_trie_node *rest, size_t at)
{
	const struct dk_trie_scratch *scratch = walk->matcher->scratch;
	uint64_t bit = (uint64_t)1 << (at % 64);
	struct dk_trie_left *left;
	bool was;

	if (rest->inner == 0)
		return false;
	left = &scratch->left[rest->inner - 1];
	if (left->search != scratch->search)
		*left = (struct dk_trie_left){ .search = scratch->search };
	was = left->places[at / 64] & bit;
	left->places[at / 64] |= bit;
	return was;
}

static void
walk_rest(struct walk *walk, const struct dk_trie_node *rest, size_t depth, size_t at)
{
	const struct dk_grammar *grammar = walk->matcher->grammar;
	size_t first = at == walk->count || grammar->rest_is_anywhere ? at : walk->count;

	if (at == walk->count && !grammar->rest_may_be_none)
		return;
	for (size_t to = first; to <= walk->count; to++) {
		if (was_left(walk, rest, to))
			continue;
		walk->spans[depth] = (struct span){ at, to };
		walk_on(walk, rest, depth + 1, to);
	}
}

/* MQTT 5.0 section 4.7.2: a topic that begins with $ is not matched by a leading wildcard. */
static bool
is_hidden(const struct walk *walk, size_t at)
{
	return at == 0 && walk->matcher->dialect == DK_MQTT && walk->address.length > 0 &&
	       walk->address.data[0] == '$';
}

/* RabbitMQ sees no word in an empty routing key. */
static bool
is_no_word(const struct walk *walk, size_t at)
{
	return walk->matcher->grammar->first_separator && at == 1 && walk->count == 2 &&
	       walk->levels[1].length == 0;
}

/* `depth` counts the pattern's levels, `at` the address's. */
static void
walk_on(struct walk *walk, const struct dk_trie_node *node, size_t depth, size_t at)
{
	const struct dk_trie_node *nodes = walk->matcher->nodes;
	uint32_t child;

	if (at == walk->count)
		emit(walk, node);
	if (node->rest && !is_hidden(walk, at))
		walk_rest(walk, &nodes[node->rest], depth, at);
	if (at == walk->count)
		return;
	child = dk_trie_child(walk->matcher, (uint32_t)(node - nodes), walk->hashes[at],
			      walk->levels[at]);
	walk->spans[depth] = (struct span){ at, at + 1 };
	if (child)
		walk_on(walk, &nodes[child], depth + 1, at + 1);
	walk->spans[depth] = (struct span){ at, at + 1 };
	if (node->one && !is_hidden(walk, at) && !is_no_word(walk, at))
		walk_on(walk, &nodes[node->one], depth + 1, at + 1);
}

size_t
dk_matcher_find(const struct dk_matcher *matcher, struct dk_slice address,
		void (*found)(void *context, void *value, const struct dk_slice *captures),
		void *context)
{
	struct walk walk;

	walk.matcher = matcher;
	walk.address = address;
	walk.count = walk.found_count = 0;
	walk.found = found;
	walk.context = context;
	cut(&walk);
	matcher->scratch->search++;
	walk_on(&walk, matcher->nodes, 0, 0);
	return walk.found_count;
}
