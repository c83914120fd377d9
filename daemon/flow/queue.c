/* SPDX-License-Identifier: Apache-2.0
 *
 * queue.c - steps 5 and 6: a delivery joins its sink's queue, and leaves it in a batch when the
 * sink's window has room. The queue is always in the order of turns.
 */
#include <assert.h>
#include <stdlib.h>

#include "daemon/flow/state.h"

#define BATCH 256

struct dk_sink *
dk_sink_new(struct dk_flow *flow, size_t endpoint, const char *name,
	    const struct dk_sink_functions *functions, void *plugin, size_t window)
{
	struct dk_sink *sink = calloc(1, sizeof(*sink));

	if (!sink || !(sink->name = strdup(name)))
		abort();
	sink->flow = flow;
	sink->functions = functions;
	sink->plugin = plugin;
	sink->window = window > 0 ? window : 1;
	dk_list_init(&sink->queue);
	dk_list_init(&sink->active);
	for (size_t i = 0; i < sizeof(sink->holds) / sizeof(sink->holds[0]); i++)
		dk_list_init(&sink->holds[i]);
	dk_list_append(&flow->sinks, &sink->link);
	dk_generation_made(flow)->sinks[endpoint] = sink;
	return sink;
}

void
dk_sink_leave(struct dk_sink *sink)
{
	sink->is_leaving = true;
}

void
dk_sink_bind(struct dk_sink *sink, void *plugin, size_t window)
{
	assert(sink->in_flight == 0);
	sink->plugin = plugin;
	sink->window = window > 0 ? window : 1;
	sink->is_leaving = sink->is_stalled = false;
}

/* One that is buried still names it. */
bool
dk_sink_free(struct dk_sink *sink)
{
	if (sink->in_flight > 0 || !dk_list_is_empty(&sink->queue) ||
	    !dk_list_is_empty(&sink->flow->past))
		return false;
	dk_list_remove(&sink->active);
	dk_list_remove(&sink->link);
	free(sink->name);
	free(sink);
	return true;
}

/* It will be looked at before the turn ends. */
void
dk_sink_activate(struct dk_sink *sink)
{
	if (dk_list_is_empty(&sink->active))
		dk_list_append(&sink->flow->active_sinks, &sink->active);
}

void
dk_sink_up(struct dk_sink *sink)
{
	sink->is_up = true;
	dk_sink_ready(sink);
}

void
dk_sink_ready(struct dk_sink *sink)
{
	sink->is_stalled = false;
	dk_sink_activate(sink);
}

void
dk_sink_down(struct dk_sink *sink)
{
	sink->is_up = false;
	dk_retry_recall(sink);
}

void
dk_enqueue(struct dk_duty *duty)
{
	duty->state = DK_DUTY_QUEUED;
	dk_list_append(&duty->sink->queue, &duty->link);
	dk_sink_activate(duty->sink);
}

/* After which link of the queue this turn belongs. Those that come back do so mostly one after the
 * other, so the search begins where the last one went. */
static struct dk_list *
place_of(struct dk_sink *sink, uint64_t turn)
{
	struct dk_list *place = sink->hint ? &sink->hint->link : &sink->queue;

	while (place != &sink->queue && DK_DUTY(place)->turn > turn)
		place = place->previous;
	while (place->next != &sink->queue && DK_DUTY(place->next)->turn < turn)
		place = place->next;
	return place;
}

static void
insert(struct dk_duty *duty)
{
	struct dk_sink *sink = duty->sink;

	duty->state = DK_DUTY_QUEUED;
	dk_list_insert_after(place_of(sink, duty->turn), &duty->link);
	sink->hint = duty;
}

void
dk_enqueue_again(struct dk_duty *duty)
{
	insert(duty);
	dk_sink_activate(duty->sink);
}

void
dk_dequeue(struct dk_duty *duty)
{
	if (duty->sink->hint == duty)
		duty->sink->hint = NULL;
	dk_list_remove(&duty->link);
}

static struct dk_duty *
take_first(struct dk_sink *sink)
{
	struct dk_duty *duty = DK_DUTY(sink->queue.next);

	dk_dequeue(duty);
	return duty;
}

/* Whether it has to stay behind an earlier one. Behind a later one it never does, for that may be
 * held behind this one, for another reason: it takes the lead. */
static bool
stays_behind(enum dk_hold_kind kind, struct dk_duty *duty)
{
	struct dk_hold *hold = dk_hold_find(kind, duty);

	if (!hold)
		return false;
	if (hold->head->turn < duty->turn) {
		dk_hold_behind(hold, duty);
		return true;
	}
	dk_hold_lead(hold, duty);
	return false;
}

/* Whether it may leave now. One that is held stays with its hold, one whose source will bring it
 * again ends here. */
static bool
may_leave(struct dk_duty *duty)
{
	enum dk_order order = duty->way->route->order;

	if (dk_is_stale(duty)) {
		dk_finish(duty, DK_END_STALE, NULL);
		return false;
	}
	if (duty->flow->paused_count > 0 && dk_state_of(duty)->is_paused) {
		dk_park(duty);
		return false;
	}
	if (stays_behind(DK_HOLD_ROUTE, duty))
		return false;
	if (order != DK_ORDER_NONE && stays_behind(DK_HOLD_KEY, duty))
		return false;
	if (order == DK_ORDER_STRICT && !dk_hold_find(DK_HOLD_KEY, duty))
		dk_hold_new(DK_HOLD_KEY, duty);
	return true;
}

static size_t
gather(struct dk_sink *sink, struct dk_delivery **batch, size_t room)
{
	size_t count = 0;

	while (count < room && !dk_list_is_empty(&sink->queue) &&
	       !(sink->flow->paused_count > 0 && dk_sink_is_barred(sink))) {
		struct dk_duty *duty = take_first(sink);

		if (may_leave(duty))
			batch[count++] = &duty->delivery;
	}
	return count;
}

static void
mark_sent(struct dk_delivery **batch, size_t count)
{
	for (size_t i = 0; i < count; i++)
		((struct dk_duty *)(void *)batch[i])->state = DK_DUTY_SENT;
}

/* What the plugin did not take. */
static void
put_back(struct dk_delivery **batch, size_t from, size_t to)
{
	while (to-- > from)
		insert((struct dk_duty *)(void *)batch[to]);
}

bool
dk_sink_is_open(const struct dk_sink *sink)
{
	return sink->is_up && !sink->is_paused && !sink->is_leaving && !dk_sink_is_barred(sink);
}

void
dk_dispatch(struct dk_sink *sink)
{
	struct dk_delivery *batch[BATCH];

	while (sink->is_up && !sink->is_paused && !sink->is_stalled && !sink->is_leaving &&
	       sink->in_flight < sink->window) {
		size_t room = sink->window - sink->in_flight;
		size_t count = gather(sink, batch, room < BATCH ? room : BATCH);
		size_t taken;

		if (count == 0)
			return;
		mark_sent(batch, count);
		sink->in_flight += count;
		taken = sink->functions->send(sink->plugin, batch, count);
		assert(taken <= count);
		sink->in_flight -= count - taken;
		sink->traffic.sent += taken;
		sink->traffic.batches += taken > 0;
		put_back(batch, taken, count);
		sink->is_stalled = taken < count;
	}
}
