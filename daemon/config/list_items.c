/* SPDX-License-Identifier: Apache-2.0
 *
 * list_items.c - the items of one list, gathered one by one.
 */
#include "daemon/config/list_items.h"

#include <stdlib.h>

struct dk_items
dk_items_begin(const char *list, struct dk_plan_memory *memory, struct dk_faults *faults)
{
	return (struct dk_items){ .list = list, .memory = memory, .faults = faults };
}

static bool
is_legal(const char *name)
{
	static const char legal[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t length = strspn(name, legal);

	return length > 0 && length <= DK_ITEM_NAME_MAX && !name[length];
}

static bool
is_new(struct dk_items *items, const char *name, struct dk_place place)
{
	const struct dk_place *first = dk_map_find(&items->names, dk_slice_of(name));

	if (!first)
		return true;
	if (first->line > 0)
		dk_fault(items->faults, place,
			 "list %s: the item %s is there already, at %s:%u; remove or rename one?",
			 items->list, name, first->file, first->line);
	else
		dk_fault(items->faults, place,
			 "list %s: the item %s is there already, from %s; remove or rename one?",
			 items->list, name, first->file);
	return false;
}

static bool
has_room(struct dk_items *items, struct dk_place place)
{
	if (items->count < DK_ITEMS_MAX)
		return true;
	if (!items->is_full)
		dk_fault(items->faults, place, "list %s has more than %d items", items->list,
			 DK_ITEMS_MAX);
	items->is_full = true;
	return false;
}

static void
make_room(struct dk_items *items)
{
	if (items->count < items->room)
		return;
	items->room = items->room ? 2 * items->room : 16;
	items->items = realloc(items->items, items->room * sizeof(*items->items));
	if (!items->items)
		abort();
}

static void
note_place(struct dk_items *items, const char *name, struct dk_place place)
{
	struct dk_place *noted = dk_memory_take(items->memory, sizeof(*noted));

	*noted = place;
	dk_map_put(&items->names, dk_slice_of(name), noted);
}

bool
dk_items_add(struct dk_items *items, const char *name, struct dk_place place,
	     const struct dk_node *fields)
{
	if (!has_room(items, place))
		return false;
	if (!is_legal(name)) {
		dk_fault(items->faults, place,
			 "list %s: \"%.80s\" is no name of an item; it is part of names and "
			 "addresses of routes, so it is of 1 to %d letters, digits, _ and -",
			 items->list, name, DK_ITEM_NAME_MAX);
		return false;
	}
	if (!is_new(items, name, place))
		return false;
	note_place(items, name, place);
	make_room(items);
	items->items[items->count++] = (struct dk_item){ name, place, fields };
	return true;
}

void
dk_items_end(struct dk_items *items, struct dk_item_list *list)
{
	struct dk_item *kept =
		dk_memory_take(items->memory, items->count * sizeof(*items->items));

	if (items->count > 0)
		memcpy(kept, items->items, items->count * sizeof(*items->items));
	list->items = kept;
	list->count = items->count;
	free(items->items);
	dk_map_clear(&items->names);
}
