/* SPDX-License-Identifier: Apache-2.0
 *
 * index.c - filters by what they have before their first wildcard; see index.h.
 *
 * A filter can only match a topic that begins with that. So a topic's beginnings are looked up, one
 * for each of its levels, in a hash table: some steps however many filters there are.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/hash.h"
#include "plugins/mqtt/cover.h"
#include "plugins/mqtt/index.h"

#define NONE SIZE_MAX

struct entry {
	const char *filter;
	uint64_t hash; /* of its beginning */
	size_t next;   /* in its bucket; NONE: it is the last */
};

struct mqtt_index {
	size_t mask;
	size_t *buckets; /* each the number of its first entry, or NONE */
	struct entry *entries;
};

static size_t *
find_bucket(const struct mqtt_index *index, uint64_t hash)
{
	return &index->buckets[dk_hash_fold(hash) & index->mask];
}

struct mqtt_index *
mqtt_index_new(const char *const *filters, size_t count)
{
	struct mqtt_index *index = calloc(1, sizeof(*index));
	size_t size = 16;

	while (size < 2 * count)
		size *= 2;
	if (!index || !(index->buckets = malloc(size * sizeof(*index->buckets))) ||
	    !(index->entries = calloc(count + 1, sizeof(*index->entries))))
		abort();
	index->mask = size - 1;
	memset(index->buckets, 0xFF, size * sizeof(*index->buckets));
	for (size_t i = 0; i < count; i++) {
		struct entry *entry = &index->entries[i];
		size_t literal = mqtt_filter_literal(filters[i]), *bucket;

		entry->filter = filters[i];
		entry->hash = dk_hash_slice(DK_HASH_SEED, (struct dk_slice){ filters[i], literal });
		bucket = find_bucket(index, entry->hash);
		entry->next = *bucket;
		*bucket = i;
	}
	return index;
}

void
mqtt_index_free(struct mqtt_index *index)
{
	if (!index)
		return;
	free(index->buckets);
	free(index->entries);
	free(index);
}

static size_t
look_up(const struct mqtt_index *index, uint64_t hash, struct dk_slice topic)
{
	for (size_t i = *find_bucket(index, hash); i != NONE; i = index->entries[i].next)
		if (index->entries[i].hash == hash &&
		    mqtt_filter_matches(index->entries[i].filter, topic))
			return i;
	return NONE;
}

size_t
mqtt_index_find(const struct mqtt_index *index, struct dk_slice topic)
{
	uint64_t hash = DK_HASH_SEED;
	size_t found = look_up(index, hash, topic);

	for (size_t i = 0; i < topic.length && found == NONE; i++) {
		hash = dk_hash_byte(hash, topic.data[i]);
		if (i + 1 == topic.length || topic.data[i + 1] == '/')
			found = look_up(index, hash, topic);
	}
	return found;
}
