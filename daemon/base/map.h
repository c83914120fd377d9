/* SPDX-License-Identifier: Apache-2.0
 *
 * map.h - from names to pointers, by hash. Begins as { 0 }. Names are borrowed. No memory: abort.
 */
#ifndef DK_BASE_MAP_H
#define DK_BASE_MAP_H

#include "daemon/base/slice.h"

struct dk_map_place;

struct dk_map {
	struct dk_map_place *places; /* a power of two of them, at most half of them taken */
	size_t count, room;
};

/* NULL when the name has none. */
void *dk_map_find(const struct dk_map *map, struct dk_slice name);
/* The value must not be NULL; it takes the place of another of the same name. */
void dk_map_put(struct dk_map *map, struct dk_slice name, void *value);
void dk_map_clear(struct dk_map *map);

#endif
