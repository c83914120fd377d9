/* SPDX-License-Identifier: Apache-2.0
 *
 * prefix.h - the settled prefix of a stream: messages enter in order, are settled in any order, and
 * the position up to which all are settled is what may be committed.
 *
 * Positions may have gaps (Kafka's transaction markers, compacted records): what counts is the
 * order in which they entered.
 */
#ifndef DK_MODEL_PREFIX_H
#define DK_MODEL_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dk_prefix {
	struct dk_prefix_slot *slots; /* a ring; its size is a power of two */
	size_t size;
	uint64_t first, next; /* tickets: the oldest that is not settled, the one to be given out */
	int64_t position;     /* of the newest settled one of the prefix; -1: none yet */
};

void dk_prefix_init(struct dk_prefix *prefix);
void dk_prefix_clear(struct dk_prefix *prefix);

/* Enters a position, with the moment at which its message came, and returns its ticket. Aborts where
 * there is no memory for a slot. */
uint64_t dk_prefix_enter(struct dk_prefix *prefix, int64_t position, int64_t since_ms);
/* Once for each ticket. Whether the prefix has grown. */
bool dk_prefix_settle(struct dk_prefix *prefix, uint64_t ticket);
/* Whether nothing is unsettled. */
bool dk_prefix_is_empty(const struct dk_prefix *prefix);
/* The position of the oldest unsettled one; only where there is one. */
int64_t dk_prefix_oldest(const struct dk_prefix *prefix);
/* When it came; -1: there is none. */
int64_t dk_prefix_since_ms(const struct dk_prefix *prefix);

#endif
