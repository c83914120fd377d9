/* SPDX-License-Identifier: Apache-2.0
 *
 * hold.c - order: while a delivery is tried again, later ones of its key stay behind it.
 */
#include <stdlib.h>

#include "daemon/flow/state.h"

static struct dk_list *
bucket(struct dk_sink *sink, uint64_t order)
{
	return &sink->holds[order % (sizeof(sink->holds) / sizeof(sink->holds[0]))];
}

struct dk_hold *
dk_hold_find(struct dk_sink *sink, uint64_t order)
{
	DK_EACH(link, bucket(sink, order)) {
		struct dk_hold *hold = DK_OF(link, struct dk_hold, link);

		if (hold->order == order)
			return hold;
	}
	return NULL;
}

struct dk_hold *
dk_hold_new(struct dk_sink *sink, struct dk_duty *head)
{
	struct dk_hold *hold = calloc(1, sizeof(*hold));

	if (!hold)
		abort();
	hold->order = head->delivery.order;
	hold->head = head;
	dk_list_init(&hold->held);
	dk_list_append(bucket(sink, hold->order), &hold->link);
	sink->hold_count++;
	return hold;
}

/* By turn; the newest is mostly the last. */
void
dk_hold_behind(struct dk_hold *hold, struct dk_duty *duty)
{
	struct dk_list *place = hold->held.previous;

	while (place != &hold->held && DK_DUTY(place)->turn > duty->turn)
		place = place->previous;
	duty->state = DK_DUTY_HELD;
	dk_list_insert_after(place, &duty->link);
}

static void
dissolve(struct dk_sink *sink, struct dk_hold *hold)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&hold->held)))
		dk_enqueue_again(DK_DUTY(link));
	dk_list_remove(&hold->link);
	free(hold);
	sink->hold_count--;
}

void
dk_hold_pass(struct dk_duty *duty)
{
	struct dk_hold *hold;

	if (duty->sink->hold_count == 0)
		return;
	hold = dk_hold_find(duty->sink, duty->delivery.order);
	if (hold && hold->head == duty)
		dissolve(duty->sink, hold);
}

void
dk_hold_dissolve_all(struct dk_sink *sink)
{
	for (size_t i = 0; i < sizeof(sink->holds) / sizeof(sink->holds[0]); i++)
		while (!dk_list_is_empty(&sink->holds[i]))
			dissolve(sink, DK_OF(sink->holds[i].next, struct dk_hold, link));
}
