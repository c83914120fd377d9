/* SPDX-License-Identifier: Apache-2.0
 *
 * ranges.c - a set of sequences as ranges.
 */
#include "daemon/flow/ranges.h"

#include <stdlib.h>
#include <string.h>

void
dk_ranges_add(struct dk_ranges *ranges, uint64_t first, uint64_t last)
{
	if (ranges->count > 0 && ranges->list[ranges->count - 1].last + 1 == first) {
		ranges->list[ranges->count - 1].last = last;
		return;
	}
	if (ranges->count == ranges->room) {
		ranges->room = ranges->room ? 2 * ranges->room : 64;
		ranges->list = realloc(ranges->list, ranges->room * sizeof(*ranges->list));
		if (!ranges->list)
			abort();
	}
	ranges->list[ranges->count++] = (struct dk_range){ first, last };
}

static int
compare(const void *a, const void *b)
{
	const struct dk_range *left = a, *right = b;

	return left->first < right->first ? -1 : left->first > right->first;
}

void
dk_ranges_tidy(struct dk_ranges *ranges)
{
	size_t kept = 0;

	if (ranges->count < 2)
		return;
	qsort(ranges->list, ranges->count, sizeof(*ranges->list), compare);
	for (size_t i = 1; i < ranges->count; i++) {
		struct dk_range *last = &ranges->list[kept];

		if (ranges->list[i].first > last->last + 1)
			ranges->list[++kept] = ranges->list[i];
		else if (ranges->list[i].last > last->last)
			last->last = ranges->list[i].last;
	}
	ranges->count = kept + 1;
}

bool
dk_ranges_has(const struct dk_ranges *ranges, uint64_t number)
{
	size_t low = 0, high = ranges->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ranges->list[middle].last < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ranges->count && ranges->list[low].first <= number;
}

/* How many numbers both ranges have. */
static uint64_t
overlap(struct dk_range one, struct dk_range other)
{
	uint64_t first = one.first > other.first ? one.first : other.first;
	uint64_t last = one.last < other.last ? one.last : other.last;

	return first <= last ? last - first + 1 : 0;
}

uint64_t
dk_ranges_beyond(const struct dk_ranges *ranges, const struct dk_ranges *known)
{
	uint64_t beyond = 0;
	size_t j = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		struct dk_range range = ranges->list[i];

		beyond += range.last - range.first + 1;
		while (j < known->count && known->list[j].last < range.first)
			j++;
		for (size_t k = j; k < known->count && known->list[k].first <= range.last; k++)
			beyond -= overlap(range, known->list[k]);
	}
	return beyond;
}

void
dk_ranges_clear(struct dk_ranges *ranges)
{
	free(ranges->list);
	memset(ranges, 0, sizeof(*ranges));
}
