/* SPDX-License-Identifier: Apache-2.0
 *
 * stuck.c - whether what a source has brought waits for something that may take long: a sink that
 * is away, an administrator, the next try.
 */
#include <stdlib.h>

#include "daemon/flow/state.h"

/* Messages of the source of which a delivery does not go on. */
struct stuck {
	const struct dk_source *source;
	const struct dk_received **list;
	size_t count, room;
};

static void
add(struct stuck *stuck, const struct dk_received *received)
{
	if (stuck->count == stuck->room) {
		stuck->room = stuck->room ? 2 * stuck->room : 64;
		stuck->list = realloc(stuck->list, stuck->room * sizeof(struct dk_received *));
		if (!stuck->list)
			abort();
	}
	stuck->list[stuck->count++] = received;
}

static void
add_all(struct stuck *stuck, const struct dk_list *duties)
{
	DK_EACH(link, duties)
		if (dk_source_of(DK_DUTY(link)->received) == stuck->source)
			add(stuck, DK_DUTY(link)->received);
}

static void
add_those_of_sink(struct stuck *stuck, const struct dk_sink *sink)
{
	if (!dk_sink_is_open(sink))
		add_all(stuck, &sink->queue);
	for (size_t i = 0; i < sizeof(sink->holds) / sizeof(sink->holds[0]); i++)
		DK_EACH(link, &sink->holds[i])
			add_all(stuck, &DK_OF(link, struct dk_hold, link)->held);
}

static int
compare(const void *a, const void *b)
{
	const struct dk_received *x = *(const struct dk_received *const *)a;
	const struct dk_received *y = *(const struct dk_received *const *)b;

	return x < y ? -1 : x > y;
}

/* One may have several deliveries. */
static size_t
count_messages(struct stuck *stuck)
{
	size_t count = 0;

	if (stuck->count > 0)
		qsort(stuck->list, stuck->count, sizeof(struct dk_received *), compare);
	for (size_t i = 0; i < stuck->count; i++)
		count += i == 0 || stuck->list[i - 1] != stuck->list[i];
	return count;
}

bool
dk_source_is_stuck(const struct dk_source *source)
{
	struct stuck stuck = { .source = source };
	size_t messages;

	if (source->settlement_count > 0 || !dk_list_is_empty(&source->to_tell))
		return false;
	add_all(&stuck, &source->flow->waiting);
	add_all(&stuck, &source->flow->parked);
	DK_EACH(link, &source->flow->sinks)
		add_those_of_sink(&stuck, DK_OF(link, struct dk_sink, link));
	messages = count_messages(&stuck);
	free(stuck.list);
	return messages == source->unsettled;
}
