/* SPDX-License-Identifier: Apache-2.0
 *
 * ranges.h - a set of sequences as ranges: what is settled, to be written or as it was read.
 */
#ifndef DK_FLOW_RANGES_H
#define DK_FLOW_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Both ends included. Written to disk as it is. */
struct dk_range {
	uint64_t first, last;
};

struct dk_ranges {
	struct dk_range *list;
	size_t count, room;
};

/* Joined to the one before where it continues it. */
void dk_ranges_add(struct dk_ranges *ranges, uint64_t first, uint64_t last);
/* Sorts them and joins those that touch. */
void dk_ranges_tidy(struct dk_ranges *ranges);
/* Of tidy ones. */
bool dk_ranges_has(const struct dk_ranges *ranges, uint64_t number);
/* How many of the first are not in the second. Both tidy. */
uint64_t dk_ranges_beyond(const struct dk_ranges *ranges, const struct dk_ranges *known);
void dk_ranges_clear(struct dk_ranges *ranges);

#endif
