/* SPDX-License-Identifier: Apache-2.0
 *
 * matcher.c - a trie of levels, and the walk through it.
 */
#include "daemon/language/matcher.h"

#include <stdlib.h>

#include "daemon/base/checksum.h"
#include "daemon/language/pattern_levels.h"

/* A pattern that ends at a node. */
struct entry {
	struct entry *next;
	const struct dk_pattern *pattern;
	void *value;
};

struct node {
	struct child *children; /* literal levels: a table by hash, of a power of two */
	size_t child_count, child_room;
	struct node *one;  /* exactly one level */
	struct node *rest; /* several */
	struct entry *entries, **last_entry;
	size_t inner;       /* of a rest below another: its number among those; 0: it is none */
	size_t inner_count; /* of the outermost rest: how many are below it */
};

struct child {
	uint64_t hash;
	struct dk_slice level;
	struct node *node; /* NULL: an empty place */
};

struct dk_matcher {
	enum dk_dialect dialect;
	const struct dk_grammar *grammar;
	struct node *root;
};

/* --- Building --- */

static struct node *
node_new(void)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		abort();
	node->last_entry = &node->entries;
	return node;
}

static void
node_free(struct node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->child_room; i++)
		node_free(node->children[i].node);
	while (node->entries) {
		struct entry *next = node->entries->next;

		free(node->entries);
		node->entries = next;
	}
	node_free(node->one);
	node_free(node->rest);
	free(node->children);
	free(node);
}

struct dk_matcher *
dk_matcher_new(enum dk_dialect dialect)
{
	struct dk_matcher *matcher = calloc(1, sizeof(*matcher));

	if (!matcher)
		abort();
	matcher->dialect = dialect;
	matcher->grammar = dk_grammar_of(dialect);
	matcher->root = node_new();
	return matcher;
}

void
dk_matcher_free(struct dk_matcher *matcher)
{
	if (!matcher)
		return;
	node_free(matcher->root);
	free(matcher);
}

/* The place of a level in the table, or the empty one where it belongs. There is always one. */
static struct child *
place_of(const struct node *node, uint64_t hash, struct dk_slice level)
{
	size_t at = hash & (node->child_room - 1);

	while (node->children[at].node && (node->children[at].hash != hash ||
					   !dk_slice_is(node->children[at].level, level)))
		at = (at + 1) & (node->child_room - 1);
	return &node->children[at];
}

static void
make_room(struct node *node)
{
	struct node larger = *node;

	if (2 * (node->child_count + 1) <= node->child_room)
		return;
	larger.child_room = node->child_room ? 2 * node->child_room : 4;
	larger.children = calloc(larger.child_room, sizeof(*larger.children));
	if (!larger.children)
		abort();
	for (size_t i = 0; i < node->child_room; i++)
		if (node->children[i].node)
			*place_of(&larger, node->children[i].hash, node->children[i].level) =
				node->children[i];
	free(node->children);
	node->children = larger.children;
	node->child_room = larger.child_room;
}

static struct node *
literal_child(struct node *node, struct dk_slice level)
{
	uint64_t hash = dk_hash(DK_HASH_BEGIN, level);
	struct child *place;

	make_room(node);
	place = place_of(node, hash, level);
	if (!place->node) {
		*place = (struct child){ hash, level, node_new() };
		node->child_count++;
	}
	return place->node;
}

/* `outermost` is the first rest on the way to the node, if there was one. */
static struct node *
child_of(struct node *node, const struct dk_pattern_level *level, struct node *outermost)
{
	struct node **wild = level->kind == DK_LEVEL_ONE ? &node->one : &node->rest;

	if (level->kind == DK_LEVEL_LITERAL)
		return literal_child(node, level->text);
	if (!*wild) {
		*wild = node_new();
		if (level->kind == DK_LEVEL_REST && outermost)
			(*wild)->inner = ++outermost->inner_count;
	}
	return *wild;
}

void
dk_matcher_add(struct dk_matcher *matcher, const struct dk_pattern *pattern, void *value)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	struct node *node = matcher->root, *outermost = NULL;

	if (!entry)
		abort();
	for (size_t i = 0; i < pattern->count; i++) {
		node = child_of(node, &pattern->levels[i], outermost);
		if (pattern->levels[i].kind == DK_LEVEL_REST && !outermost)
			outermost = node;
	}
	entry->pattern = pattern;
	entry->value = value;
	*node->last_entry = entry;
	node->last_entry = &entry->next;
}

/* --- Finding --- */

/* A bit for each of the places in an address: before each level, and at the end. */
#define PLACE_WORDS (DK_LEVELS_MAX / 64 + 1)

/* Which of the address's levels a level of the pattern has matched: from … to - 1. */
struct span {
	size_t from, to;
};

struct walk {
	const struct dk_matcher *matcher;
	struct dk_slice address;
	struct dk_slice levels[DK_LEVELS_MAX];
	size_t count;
	struct span spans[DK_LEVELS_MAX];
	uint64_t (*left)[PLACE_WORDS]; /* by node->inner: where the walk has gone on from it */
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

static void
emit(struct walk *walk, const struct node *node)
{
	struct dk_slice captures[DK_CAPTURES_MAX];

	for (const struct entry *entry = node->entries; entry; entry = entry->next) {
		memset(captures, 0, sizeof(captures));
		for (size_t i = 0; i < entry->pattern->count; i++) {
			int slot = entry->pattern->levels[i].slot;

			if (slot >= 0)
				captures[slot] = text_of(walk, walk->spans[i]);
		}
		walk->found_count++;
		walk->found(walk->context, entry->value, captures);
	}
}

static void walk_on(struct walk *walk, const struct node *node, size_t depth, size_t at);

/* Whether the walk has gone on from this rest at this place before. What is below would be found
 * again: once is enough, and the ways through several rests would multiply. */
static bool
was_left(struct walk *walk, const struct node *rest, size_t at)
{
	uint64_t bit = (uint64_t)1 << (at % 64), *word;
	bool was;

	if (rest->inner == 0)
		return false;
	word = &walk->left[rest->inner - 1][at / 64];
	was = *word & bit;
	*word |= bit;
	return was;
}

static void
walk_rest(struct walk *walk, const struct node *node, size_t depth, size_t at)
{
	const struct dk_grammar *grammar = walk->matcher->grammar;
	size_t first = at == walk->count || grammar->rest_is_anywhere ? at : walk->count;
	uint64_t left[node->rest->inner_count + 1][PLACE_WORDS];

	if (at == walk->count && !grammar->rest_may_be_none)
		return;
	if (node->rest->inner_count > 0)
		walk->left = memset(left, 0, sizeof(left));
	for (size_t to = first; to <= walk->count; to++) {
		if (was_left(walk, node->rest, to))
			continue;
		walk->spans[depth] = (struct span){ at, to };
		walk_on(walk, node->rest, depth + 1, to);
	}
}

static const struct node *
find_child(const struct node *node, struct dk_slice level)
{
	if (node->child_count == 0)
		return NULL;
	return place_of(node, dk_hash(DK_HASH_BEGIN, level), level)->node;
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
walk_on(struct walk *walk, const struct node *node, size_t depth, size_t at)
{
	const struct node *child;

	if (at == walk->count)
		emit(walk, node);
	if (node->rest && !is_hidden(walk, at))
		walk_rest(walk, node, depth, at);
	if (at == walk->count)
		return;
	walk->spans[depth] = (struct span){ at, at + 1 };
	child = find_child(node, walk->levels[at]);
	if (child)
		walk_on(walk, child, depth + 1, at + 1);
	walk->spans[depth] = (struct span){ at, at + 1 };
	if (node->one && !is_hidden(walk, at) && !is_no_word(walk, at))
		walk_on(walk, node->one, depth + 1, at + 1);
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
	walk.left = NULL;
	walk.found = found;
	walk.context = context;
	cut(&walk);
	walk_on(&walk, matcher->root, 0, 0);
	return walk.found_count;
}
