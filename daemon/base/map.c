/* SPDX-License-Identifier: Apache-2.0
 *
 * map.c - from names to pointers, by hash.
 */
#include "daemon/base/map.h"

#include <stdlib.h>

#include "daemon/base/checksum.h"

struct dk_map_place {
	struct dk_slice name;
	uint64_t hash;
	void *value; /* NULL: the place is empty */
};

/* The place of a name, or the empty one where it belongs. There is always one. */
static struct dk_map_place *
place_of(const struct dk_map *map, uint64_t hash, struct dk_slice name)
{
	size_t at = hash & (map->room - 1);

	while (map->places[at].value &&
	       (map->places[at].hash != hash || !dk_slice_is(map->places[at].name, name)))
		at = (at + 1) & (map->room - 1);
	return &map->places[at];
}

static void
make_room(struct dk_map *map)
{
	struct dk_map larger = { NULL, map->count, map->room ? 2 * map->room : 16 };

	if (2 * (map->count + 1) <= map->room)
		return;
	larger.places = calloc(larger.room, sizeof(*larger.places));
	if (!larger.places)
		abort();
	for (size_t i = 0; i < map->room; i++)
		if (map->places[i].value)
			*place_of(&larger, map->places[i].hash, map->places[i].name) =
				map->places[i];
	free(map->places);
	*map = larger;
}

void *
dk_map_find(const struct dk_map *map, struct dk_slice name)
{
	return map->room ? place_of(map, dk_hash(DK_HASH_BEGIN, name), name)->value : NULL;
}

void
dk_map_put(struct dk_map *map, struct dk_slice name, void *value)
{
	uint64_t hash = dk_hash(DK_HASH_BEGIN, name);
	struct dk_map_place *place;

	make_room(map);
	place = place_of(map, hash, name);
	map->count += !place->value;
	*place = (struct dk_map_place){ name, hash, value };
}

void
dk_map_clear(struct dk_map *map)
{
	free(map->places);
	*map = (struct dk_map){ 0 };
}
