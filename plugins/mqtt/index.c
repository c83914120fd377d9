/* SPDX-License-Identifier: Apache-2.0
 *
 * index.c - filters in a trie of their levels; see index.h.
 *
 * Some steps for each of a topic's levels, however many filters there are. All nodes are in one
 * array, and their literal children in one hash table.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/hash.h"
#include "plugins/mqtt/index.h"

#define NONE SIZE_MAX

/* Numbers of nodes; 0, the root's, where there is none. */
struct node {
	struct dk_slice level; /* literal: in the filter that made it */
	uint32_t parent, first_child, next_child;
	uint32_t plus, rest; /* behind + and # */
	uint32_t entry;	     /* the first that ends here; 0: none does */
	uint32_t count;	     /* of the entries here and below */
};

/* The first one, of number 0, is nobody's. */
struct entry {
	size_t number;
	uint32_t next;
};

struct mqtt_index {
	struct node *nodes;
	struct entry *entries;
	uint32_t *children; /* a power of two of places, by hash of parent and level */
	size_t node_count, node_room, entry_count, entry_room, child_count, child_room;
};

/* --- Memory -------------------------------------------------------------------------------- */

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
node_new(struct mqtt_index *index, uint32_t parent)
{
	index->nodes = make_room(index->nodes, index->node_count, &index->node_room,
				 sizeof(*index->nodes));
	index->nodes[index->node_count] = (struct node){ .parent = parent };
	return (uint32_t)index->node_count++;
}

static uint32_t
entry_new(struct mqtt_index *index, size_t number)
{
	index->entries = make_room(index->entries, index->entry_count, &index->entry_room,
				   sizeof(*index->entries));
	index->entries[index->entry_count] = (struct entry){ number, 0 };
	return (uint32_t)index->entry_count++;
}

struct mqtt_index *
mqtt_index_new(void)
{
	struct mqtt_index *index = calloc(1, sizeof(*index));

	if (!index)
		abort();
	node_new(index, 0);
	entry_new(index, NONE);
	return index;
}

void
mqtt_index_free(struct mqtt_index *index)
{
	if (!index)
		return;
	free(index->nodes);
	free(index->entries);
	free(index->children);
	free(index);
}

/* --- Children ------------------------------------------------------------------------------ */

static bool
is_same(struct dk_slice a, struct dk_slice b)
{
	return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

static bool
is_wildcard(struct dk_slice level, char wildcard)
{
	return level.length == 1 && *level.data == wildcard;
}

/* The place of a literal child, or the empty one where it belongs. There is always one. */
static uint32_t *
place_of(const struct mqtt_index *index, uint32_t parent, struct dk_slice level)
{
	uint64_t hash = dk_hash_slice(DK_HASH_SEED ^ parent * DK_HASH_PRIME, level);
	size_t mask = index->child_room - 1, at = (size_t)dk_hash_fold(hash) & mask;

	for (; index->children[at]; at = (at + 1) & mask) {
		const struct node *node = &index->nodes[index->children[at]];

		if (node->parent == parent && is_same(node->level, level))
			break;
	}
	return &index->children[at];
}

static void
make_places(struct mqtt_index *index)
{
	size_t old_room = index->child_room;
	uint32_t *old = index->children;

	if (2 * (index->child_count + 1) <= old_room)
		return;
	index->child_room = old_room ? 2 * old_room : 8;
	index->children = calloc(index->child_room, sizeof(*index->children));
	if (!index->children)
		abort();
	for (size_t i = 0; i < old_room; i++)
		if (old[i])
			*place_of(index, index->nodes[old[i]].parent, index->nodes[old[i]].level) =
				old[i];
	free(old);
}

/* 0: there is none. */
static uint32_t
find_child(const struct mqtt_index *index, uint32_t parent, struct dk_slice level)
{
	if (index->nodes[parent].first_child == 0)
		return 0;
	return *place_of(index, parent, level);
}

static uint32_t
literal_child(struct mqtt_index *index, uint32_t parent, struct dk_slice level)
{
	uint32_t *place, child;

	make_places(index);
	place = place_of(index, parent, level);
	if (*place)
		return *place;
	*place = child = node_new(index, parent);
	index->child_count++;
	index->nodes[child].level = level;
	index->nodes[child].next_child = index->nodes[parent].first_child;
	index->nodes[parent].first_child = child;
	return child;
}

static uint32_t
wild_child(struct mqtt_index *index, uint32_t parent, bool is_rest)
{
	uint32_t child = is_rest ? index->nodes[parent].rest : index->nodes[parent].plus;

	if (child)
		return child;
	child = node_new(index, parent);
	if (is_rest)
		index->nodes[parent].rest = child;
	else
		index->nodes[parent].plus = child;
	return child;
}

/* --- Filters ------------------------------------------------------------------------------- */

/* The levels of a topic or a filter, one after the other; data is NULL behind the last one. */
struct cursor {
	struct dk_slice level;
	const char *end;
	bool is_first;
};

static struct cursor
level_at(const char *at, const char *end, bool is_first)
{
	const char *slash = end > at ? memchr(at, '/', (size_t)(end - at)) : NULL;

	return (struct cursor){ { at, (size_t)((slash ? slash : end) - at) }, end, is_first };
}

static struct cursor
first_level(struct dk_slice text)
{
	return level_at(text.data, text.data + text.length, true);
}

static struct cursor
next_level(struct cursor cursor)
{
	const char *slash = cursor.level.data + cursor.level.length;

	if (slash == cursor.end)
		return (struct cursor){ { NULL, 0 }, cursor.end, false };
	return level_at(slash + 1, cursor.end, false);
}

static struct dk_slice
slice_of(const char *text)
{
	return (struct dk_slice){ text, strlen(text) };
}

static uint32_t
make_node(struct mqtt_index *index, const char *filter)
{
	struct cursor cursor = first_level(slice_of(filter));
	uint32_t node = 0;

	for (; cursor.level.data; cursor = next_level(cursor))
		node = is_wildcard(cursor.level, '+')	? wild_child(index, node, false)
		       : is_wildcard(cursor.level, '#') ? wild_child(index, node, true)
							: literal_child(index, node, cursor.level);
	return node;
}

void
mqtt_index_add(struct mqtt_index *index, const char *filter, size_t number)
{
	uint32_t node = make_node(index, filter), entry = entry_new(index, number);

	index->entries[entry].next = index->nodes[node].entry;
	index->nodes[node].entry = entry;
	for (; node; node = index->nodes[node].parent)
		index->nodes[node].count++;
}

void
mqtt_index_remove(struct mqtt_index *index, const char *filter)
{
	uint32_t node = make_node(index, filter), count = 0;

	for (uint32_t i = index->nodes[node].entry; i; i = index->entries[i].next)
		count++;
	index->nodes[node].entry = 0;
	for (; node; node = index->nodes[node].parent)
		index->nodes[node].count -= count;
}

/* --- Matching ------------------------------------------------------------------------------ */

/* MQTT 5.0 section 4.7.2: wildcards do not reach the topics that begin with $. */
static bool
is_reserved(struct dk_slice level)
{
	return level.length > 0 && *level.data == '$';
}

struct matching {
	const struct mqtt_index *index;
	bool (*found)(void *context, size_t number);
	void *context;
};

/* Whether to go on. */
static bool
tell(const struct matching *matching, uint32_t node)
{
	const struct mqtt_index *index = matching->index;

	for (uint32_t i = index->nodes[node].entry; i; i = index->entries[i].next)
		if (!matching->found(matching->context, index->entries[i].number))
			return false;
	return true;
}

static bool
match(const struct matching *matching, uint32_t number, struct cursor cursor)
{
	const struct node *node = &matching->index->nodes[number];
	bool is_hidden = cursor.is_first && is_reserved(cursor.level);
	uint32_t child;

	if (node->rest && !is_hidden && !tell(matching, node->rest))
		return false;
	if (!cursor.level.data)
		return tell(matching, number);
	child = find_child(matching->index, number, cursor.level);
	if (child && !match(matching, child, next_level(cursor)))
		return false;
	return !node->plus || is_hidden || match(matching, node->plus, next_level(cursor));
}

void
mqtt_index_match(const struct mqtt_index *index, struct dk_slice topic,
		 bool (*found)(void *context, size_t number), void *context)
{
	const struct matching matching = { index, found, context };

	match(&matching, 0, first_level(topic));
}

static bool
keep_first(void *context, size_t number)
{
	*(size_t *)context = number;
	return false;
}

size_t
mqtt_index_find(const struct mqtt_index *index, struct dk_slice topic)
{
	size_t found = NONE;

	mqtt_index_match(index, topic, keep_first, &found);
	return found;
}

/* --- Overlapping --------------------------------------------------------------------------- */

static uint32_t find_overlap(const struct mqtt_index *index, uint32_t number, struct cursor cursor);

/* Below each of the literal children; those that begin with $ are not for wildcards. */
static uint32_t
find_below(const struct mqtt_index *index, uint32_t number, struct cursor cursor)
{
	struct cursor next = is_wildcard(cursor.level, '#') ? cursor : next_level(cursor);
	uint32_t found = 0, child = index->nodes[number].first_child;

	next.is_first = false;
	for (; child && !found; child = index->nodes[child].next_child)
		if (number != 0 || !is_reserved(index->nodes[child].level))
			found = find_overlap(index, child, next);
	return found;
}

/* With the levels from here on; the entry, or 0. What is behind # overlaps all, also nothing. */
static uint32_t
find_overlap(const struct mqtt_index *index, uint32_t number, struct cursor cursor)
{
	const struct node *node = &index->nodes[number];
	bool is_hidden = cursor.is_first && is_reserved(cursor.level);
	bool is_rest = is_wildcard(cursor.level, '#'), is_plus = is_wildcard(cursor.level, '+');
	uint32_t found = 0, child;

	if (node->count == 0 && number != 0)
		return 0;
	if (node->rest && !is_hidden)
		found = index->nodes[node->rest].entry;
	if (!found && (is_rest || !cursor.level.data))
		found = node->entry;
	if (found || !cursor.level.data)
		return found;
	if (node->plus && !is_hidden) {
		struct cursor next = is_rest ? cursor : next_level(cursor);

		next.is_first = false;
		found = find_overlap(index, node->plus, next);
	}
	if (found || is_rest || is_plus)
		return found ? found : find_below(index, number, cursor);
	child = find_child(index, number, cursor.level);
	return child ? find_overlap(index, child, next_level(cursor)) : 0;
}

size_t
mqtt_index_overlap(const struct mqtt_index *index, const char *filter)
{
	return index->entries[find_overlap(index, 0, first_level(slice_of(filter)))].number;
}
