/* SPDX-License-Identifier: Apache-2.0
 *
 * list.h - an intrusive doubly linked list: a ring whose head is an element without a body.
 *
 * A link that is on no list points to itself, so that removing it twice does no harm.
 */
#ifndef DK_BASE_LIST_H
#define DK_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct dk_list {
	struct dk_list *next, *previous;
};

/* The struct that a link is a member of. */
#define DK_OF(link, struct_type, member)                                                           \
	((struct_type *)(void *)((char *)(link)-offsetof(struct_type, member)))

/* For each element; the loop must not remove what it stands on, unless it leaves at once. */
#define DK_EACH(link, list)                                                                        \
	for (struct dk_list *link = (list)->next; link != (list); link = link->next)

static inline void
dk_list_init(struct dk_list *list)
{
	list->next = list->previous = list;
}

static inline bool
dk_list_is_empty(const struct dk_list *list)
{
	return list->next == list;
}

static inline void
dk_list_insert_after(struct dk_list *place, struct dk_list *link)
{
	link->previous = place;
	link->next = place->next;
	place->next->previous = link;
	place->next = link;
}

static inline void
dk_list_append(struct dk_list *list, struct dk_list *link)
{
	dk_list_insert_after(list->previous, link);
}

static inline void
dk_list_remove(struct dk_list *link)
{
	link->previous->next = link->next;
	link->next->previous = link->previous;
	dk_list_init(link);
}

/* Takes the first one off; NULL when there is none. */
static inline struct dk_list *
dk_list_shift(struct dk_list *list)
{
	struct dk_list *first = list->next;

	if (first == list)
		return NULL;
	dk_list_remove(first);
	return first;
}

/* Moves all that `from` has to the end of `list`. */
static inline void
dk_list_take_all(struct dk_list *list, struct dk_list *from)
{
	if (dk_list_is_empty(from))
		return;
	from->next->previous = list->previous;
	list->previous->next = from->next;
	from->previous->next = list;
	list->previous = from->previous;
	dk_list_init(from);
}

#endif
