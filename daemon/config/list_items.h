/* SPDX-License-Identifier: Apache-2.0
 *
 * list_items.h - the items of one list, gathered one by one: their names are checked here, whatever
 * they come from.
 */
#ifndef DK_CONFIG_LIST_ITEMS_H
#define DK_CONFIG_LIST_ITEMS_H

#include "daemon/base/map.h"
#include "daemon/config/faults.h"
#include "daemon/config/lists.h"

struct dk_items {
	const char *list; /* its name, for words */
	struct dk_plan_memory *memory;
	struct dk_faults *faults;
	struct dk_item *items;
	size_t count, room;
	struct dk_map names; /* to their places */
	bool is_full;
};

struct dk_items dk_items_begin(const char *list, struct dk_plan_memory *memory,
			       struct dk_faults *faults);
/* The name lives as long as the memory. False, with a fault, when the item may not be. */
bool dk_items_add(struct dk_items *items, const char *name, struct dk_place place,
		  const struct dk_node *fields);
/* Gives the list what was gathered. */
void dk_items_end(struct dk_items *items, struct dk_item_list *list);

/* A JSON array of items, as `file` gave it. A fault with its line for all that is wrong. */
void dk_items_read_json(struct dk_items *items, struct dk_slice text, const char *file);
/* Consul's answer to ?recurse: all keys that begin with `prefix`. */
void dk_items_read_consul(struct dk_items *items, struct dk_slice text, const char *file,
			  const char *prefix);

#endif
