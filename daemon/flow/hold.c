/* SPDX-License-Identifier: Apache-2.0
 *
 * hold.c - while a delivery is tried again, later ones of its key stay behind it, for the sake of
 * order; behind one that was denied, all of its route to that sink do: none of them would pass.
 */
#include <stdlib.h>

#include "daemon/flow/state.h"

/* What those that are held together have in common. */
static uint64_t
name_of(enum dk_hold_kind kind, const struct dk_duty *duty)
{
	return kind == DK_HOLD_KEY ? duty->delivery.order : duty->way->key;
}

static struct dk_list *
bucket(struct dk_sink *sink, uint64_t name)
{
	return &sink->holds[name % (sizeof(sink->holds) / sizeof(sink->holds[0]))];
}

struct dk_hold *
dk_hold_find(enum dk_hold_kind kind, const struct dk_duty *duty)
{
	uint64_t name = name_of(kind, duty);

	if (duty->sink->hold_count[kind] == 0)
		return NULL;
	DK_EACH(link, bucket(duty->sink, name)) {
		struct dk_hold *hold = DK_OF(link, struct dk_hold, link);

		if (hold->name == name && hold->kind == kind)
			return hold;
	}
	return NULL;
}

struct dk_hold *
dk_hold_new(enum dk_hold_kind kind, struct dk_duty *head)
{
	struct dk_hold *hold = calloc(1, sizeof(*hold));

	if (!hold)
		abort();
	hold->kind = kind;
	hold->name = name_of(kind, head);
	hold->head = head;
	dk_list_init(&hold->held);
	dk_list_append(bucket(head->sink, hold->name), &hold->link);
	head->sink->hold_count[kind]++;
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

/* One at the head that waits for its time goes behind; one that is elsewhere gets there when it
 * would leave again. */
void
dk_hold_lead(struct dk_hold *hold, struct dk_duty *duty)
{
	struct dk_duty *later = hold->head;

	hold->head = duty;
	if (later != duty && later->state == DK_DUTY_WAITING) {
		dk_list_remove(&later->link);
		dk_hold_behind(hold, later);
	}
}

static void
dissolve(struct dk_sink *sink, struct dk_hold *hold)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&hold->held)))
		dk_enqueue_again(DK_DUTY(link));
	dk_list_remove(&hold->link);
	sink->hold_count[hold->kind]--;
	free(hold);
}

void
dk_hold_open(enum dk_hold_kind kind, struct dk_duty *duty)
{
	struct dk_hold *hold = dk_hold_find(kind, duty);

	if (hold && hold->head == duty)
		dissolve(duty->sink, hold);
}

void
dk_hold_pass(struct dk_duty *duty)
{
	for (enum dk_hold_kind kind = 0; kind < DK_HOLD_KINDS; kind++)
		dk_hold_open(kind, duty);
}

void
dk_hold_dissolve_all(struct dk_sink *sink)
{
	for (size_t i = 0; i < sizeof(sink->holds) / sizeof(sink->holds[0]); i++)
		while (!dk_list_is_empty(&sink->holds[i]))
			dissolve(sink, DK_OF(sink->holds[i].next, struct dk_hold, link));
}
