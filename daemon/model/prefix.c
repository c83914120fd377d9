/* SPDX-License-Identifier: Apache-2.0
 *
 * prefix.c - the settled prefix of a stream, in a ring of slots.
 */
#include "daemon/model/prefix.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct dk_prefix_slot {
	int64_t position, since_ms;
	bool is_settled;
};

static struct dk_prefix_slot *
slot(const struct dk_prefix *prefix, uint64_t ticket)
{
	return &prefix->slots[ticket & (prefix->size - 1)];
}

void
dk_prefix_init(struct dk_prefix *prefix)
{
	memset(prefix, 0, sizeof(*prefix));
	prefix->position = -1;
}

void
dk_prefix_clear(struct dk_prefix *prefix)
{
	free(prefix->slots);
	dk_prefix_init(prefix);
}

static void
grow(struct dk_prefix *prefix)
{
	struct dk_prefix larger = *prefix;

	larger.size = prefix->size ? prefix->size * 2 : 64;
	larger.slots = calloc(larger.size, sizeof(*larger.slots));
	if (!larger.slots)
		abort();
	for (uint64_t ticket = prefix->first; ticket < prefix->next; ticket++)
		*slot(&larger, ticket) = *slot(prefix, ticket);
	free(prefix->slots);
	*prefix = larger;
}

uint64_t
dk_prefix_enter(struct dk_prefix *prefix, int64_t position, int64_t since_ms)
{
	if (prefix->next - prefix->first == prefix->size)
		grow(prefix);
	*slot(prefix, prefix->next) = (struct dk_prefix_slot){ position, since_ms, false };
	return prefix->next++;
}

bool
dk_prefix_settle(struct dk_prefix *prefix, uint64_t ticket)
{
	uint64_t before = prefix->first;

	assert(ticket >= prefix->first && ticket < prefix->next);
	assert(!slot(prefix, ticket)->is_settled);
	slot(prefix, ticket)->is_settled = true;
	while (prefix->first < prefix->next && slot(prefix, prefix->first)->is_settled) {
		prefix->position = slot(prefix, prefix->first)->position;
		prefix->first++;
	}
	return prefix->first != before;
}

bool
dk_prefix_is_empty(const struct dk_prefix *prefix)
{
	return prefix->first == prefix->next;
}

int64_t
dk_prefix_oldest(const struct dk_prefix *prefix)
{
	assert(!dk_prefix_is_empty(prefix));
	return slot(prefix, prefix->first)->position;
}

int64_t
dk_prefix_since_ms(const struct dk_prefix *prefix)
{
	return dk_prefix_is_empty(prefix) ? -1 : slot(prefix, prefix->first)->since_ms;
}
