/* SPDX-License-Identifier: Apache-2.0
 *
 * trie.c - building a matcher: a way of nodes for each pattern's levels.
 */
#include "daemon/language/trie.h"

#include <stdlib.h>

#include "daemon/base/checksum.h"

/* --- Memory --- */

/* Room for one more. Half as much again: what is left over is little where there are many. */
static void *
make_room(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room ? *room + *room / 2 : 4;
	array = realloc(array, *room * size);
	if (!array)
		abort();
	return array;
}

static uint32_t
node_new(struct dk_matcher *matcher)
{
	matcher->nodes = make_room(matcher->nodes, matcher->node_count, &matcher->node_room,
				   sizeof(*matcher->nodes));
	matcher->nodes[matcher->node_count] = (struct dk_trie_node){ 0 };
	return (uint32_t)matcher->node_count++;
}

static uint32_t
entry_new(struct dk_matcher *matcher)
{
	matcher->entries = make_room(matcher->entries, matcher->entry_count, &matcher->entry_room,
				     sizeof(*matcher->entries));
	matcher->entries[matcher->entry_count] = (struct dk_trie_entry){ 0 };
	return (uint32_t)matcher->entry_count++;
}

struct dk_matcher *
dk_matcher_new(enum dk_dialect dialect)
{
	struct dk_matcher *matcher = calloc(1, sizeof(*matcher));

	if (!matcher || !(matcher->scratch = calloc(1, sizeof(*matcher->scratch))))
		abort();
	matcher->dialect = dialect;
	matcher->grammar = dk_grammar_of(dialect);
	node_new(matcher);
	entry_new(matcher);
	return matcher;
}

void
dk_matcher_free(struct dk_matcher *matcher)
{
	if (!matcher)
		return;
	free(matcher->scratch->left);
	free(matcher->scratch);
	free(matcher->nodes);
	free(matcher->entries);
	free(matcher->children);
	free(matcher);
}

/* --- Literal children --- */

uint32_t
dk_trie_hash(struct dk_slice level)
{
	uint64_t hash = dk_hash(DK_HASH_BEGIN, level);

	return (uint32_t)(hash ^ hash >> 32);
}

/* The place of a child in the table, or the empty one where it belongs. There is always one. */
static uint32_t *
place_of(const struct dk_matcher *matcher, uint32_t parent, uint32_t hash, struct dk_slice level)
{
	size_t mask = matcher->child_room - 1;
	size_t at = (hash ^ (uint64_t)parent * 0x9e3779b97f4a7c15u >> 32) & mask;

	for (; matcher->children[at]; at = (at + 1) & mask) {
		const struct dk_trie_node *node = &matcher->nodes[matcher->children[at]];

		if (node->hash == hash && node->parent == parent &&
		    dk_slice_is(dk_slice_new(node->text, node->length), level))
			break;
	}
	return &matcher->children[at];
}

uint32_t
dk_trie_child(const struct dk_matcher *matcher, uint32_t parent, uint32_t hash,
	      struct dk_slice level)
{
	if (matcher->nodes[parent].first_child == 0)
		return 0;
	return *place_of(matcher, parent, hash, level);
}

/* At most three quarters of the places are taken. */
static void
make_places(struct dk_matcher *matcher)
{
	size_t old_room = matcher->child_room;
	uint32_t *old = matcher->children;

	if (4 * (matcher->child_count + 1) <= 3 * old_room)
		return;
	matcher->child_room = old_room ? 2 * old_room : 8;
	matcher->children = calloc(matcher->child_room, sizeof(*matcher->children));
	if (!matcher->children)
		abort();
	for (size_t i = 0; i < old_room; i++) {
		const struct dk_trie_node *node = &matcher->nodes[old[i]];

		if (old[i])
			*place_of(matcher, node->parent, node->hash,
				  dk_slice_new(node->text, node->length)) = old[i];
	}
	free(old);
}

static uint32_t
literal_child(struct dk_matcher *matcher, uint32_t parent, struct dk_slice level)
{
	uint32_t hash = dk_trie_hash(level), *place, child;

	make_places(matcher);
	place = place_of(matcher, parent, hash, level);
	if (*place)
		return *place;
	*place = child = node_new(matcher);
	matcher->child_count++;
	matcher->nodes[child].text = level.data;
	matcher->nodes[child].length = (uint32_t)level.length;
	matcher->nodes[child].hash = hash;
	matcher->nodes[child].parent = parent;
	matcher->nodes[child].next_child = matcher->nodes[parent].first_child;
	matcher->nodes[parent].first_child = child;
	return child;
}

/* --- Adding --- */

static void
number_inner(struct dk_matcher *matcher, uint32_t rest)
{
	struct dk_trie_left **left = &matcher->scratch->left;

	*left = make_room(*left, matcher->inner_count, &matcher->inner_room, sizeof(**left));
	(*left)[matcher->inner_count] = (struct dk_trie_left){ 0 };
	matcher->nodes[rest].inner = (uint32_t)++matcher->inner_count;
}

/* `is_inner`: there was a rest on the way already. */
static uint32_t
child_of(struct dk_matcher *matcher, uint32_t parent, const struct dk_pattern *pattern,
	 size_t level, bool is_inner)
{
	enum dk_level_kind kind = pattern->levels[level].kind;
	uint32_t child;

	if (kind == DK_LEVEL_LITERAL)
		return literal_child(matcher, parent, dk_pattern_text(pattern, level));
	child = kind == DK_LEVEL_ONE ? matcher->nodes[parent].one : matcher->nodes[parent].rest;
	if (child)
		return child;
	child = node_new(matcher);
	if (kind == DK_LEVEL_ONE)
		matcher->nodes[parent].one = child;
	else
		matcher->nodes[parent].rest = child;
	if (kind == DK_LEVEL_REST && is_inner)
		number_inner(matcher, child);
	return child;
}

/* At the end of the node's ring. */
static void
add_entry(struct dk_matcher *matcher, uint32_t node, const struct dk_pattern *pattern, void *value)
{
	uint32_t entry = entry_new(matcher), last = matcher->nodes[node].last_entry;

	matcher->entries[entry].pattern = pattern;
	matcher->entries[entry].value = value;
	matcher->entries[entry].next = last ? matcher->entries[last].next : entry;
	if (last)
		matcher->entries[last].next = entry;
	matcher->nodes[node].last_entry = entry;
}

void
dk_matcher_add(struct dk_matcher *matcher, const struct dk_pattern *pattern, void *value)
{
	uint32_t node = 0;
	bool is_inner = false;

	for (size_t i = 0; i < pattern->count; i++) {
		node = child_of(matcher, node, pattern, i, is_inner);
		is_inner |= pattern->levels[i].kind == DK_LEVEL_REST;
	}
	add_entry(matcher, node, pattern, value);
}

uint64_t
dk_matcher_given_up(const struct dk_matcher *matcher)
{
	return matcher->scratch->given_up;
}
