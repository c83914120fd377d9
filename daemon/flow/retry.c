/* SPDX-License-Identifier: Apache-2.0
 *
 * retry.c - step 8, second way: a delivery that was released is kept until it is its time again.
 */
#include <stdio.h>

#include "daemon/flow/state.h"

/* Doubled with each failure up to the route's longest wait; then a random part of up to a half is
 * taken off, so that many do not come back at the same instant. */
static int64_t
back_off(const struct dk_duty *duty, unsigned failures)
{
	const struct dk_route *route = duty->way->route;
	const struct dk_world *world = duty->flow->world;
	int64_t wait = route->retry_ms;

	for (unsigned i = 1; i < failures && wait < route->retry_max_ms; i++)
		wait *= 2;
	if (wait > route->retry_max_ms)
		wait = route->retry_max_ms;
	return wait - (int64_t)(world->random(world->context) % (uint64_t)(wait / 2 + 1));
}

static void
wait_for_turn(struct dk_duty *duty, unsigned failures)
{
	struct dk_flow *flow = duty->flow;
	const struct dk_world *world = flow->world;
	struct dk_list *place = flow->waiting.previous;

	duty->state = DK_DUTY_WAITING;
	duty->due_ms = world->now_ms(world->context) + back_off(duty, failures);
	while (place != &flow->waiting && DK_DUTY(place)->due_ms > duty->due_ms)
		place = place->previous;
	dk_list_insert_after(place, &duty->link);
}

/* Takes its place in its hold: at the head, or behind an earlier one. */
static void
keep_in_order(enum dk_hold_kind kind, struct dk_duty *duty)
{
	struct dk_hold *hold = dk_hold_find(kind, duty);

	if (!hold)
		hold = dk_hold_new(kind, duty);
	if (hold->head->turn < duty->turn) {
		dk_hold_behind(hold, duty);
		return;
	}
	dk_hold_lead(hold, duty);
	wait_for_turn(duty, kind == DK_HOLD_KEY ? duty->delivery.attempts : ++hold->denials);
}

/* A sink that commits positions had to give its commit up: the source begins again at the last
 * committed position, and all that it has brought since is stale. */
static void
rewind_source(struct dk_duty *duty)
{
	struct dk_stream_state *stream = (void *)duty->received->message.stream;
	struct dk_source *source = stream->source;

	if (stream->is_open && !stream->is_rewound) {
		stream->is_rewound = true;
		source->functions->rewind(source->plugin, &stream->stream);
	}
}

/* Whether it has failed so often by itself that it is given up. */
static bool
is_worn_out(const struct dk_duty *duty)
{
	int64_t limit = duty->way->route->attempts;

	return limit > 0 && duty->delivery.attempts >= limit;
}

/* The route stops: one of its deliveries is tried again and again, the others stay behind it. */
static void
keep_denied(struct dk_duty *duty, const char *reason)
{
	const struct dk_world *world = duty->flow->world;
	char text[512];

	snprintf(text, sizeof(text), "%s:%.*s: %s; the route stops until that is allowed",
		 duty->sink->name, (int)duty->delivery.address.length, duty->delivery.address.data,
		 reason);
	dk_state_of(duty)->denied = duty->way->key;
	world->trouble(world->context, duty->way->route->name, "denied", text);
	keep_in_order(DK_HOLD_ROUTE, duty);
}

/* What may fail only so often is not to begin anew with each run. */
static void
count_attempt(struct dk_duty *duty)
{
	const struct dk_received *received = duty->received;

	duty->delivery.attempts++;
	if (duty->way->route->attempts > 0 && received->sequence > 0)
		dk_spool_note(dk_source_of(received)->spool, received->sequence, duty->origin->key,
			      duty->delivery.attempts);
}

/* It is tried again when its time has come. */
static void
keep_released(struct dk_duty *duty, const char *reason)
{
	count_attempt(duty);
	if (is_worn_out(duty))
		dk_reject(duty, reason);
	else if (duty->way->route->order == DK_ORDER_NONE)
		wait_for_turn(duty, duty->delivery.attempts);
	else
		keep_in_order(DK_HOLD_KEY, duty);
}

void
dk_retry(struct dk_duty *duty, enum dk_outcome outcome, const char *reason)
{
	if (duty->flow->is_cancelled) {
		dk_abandon(duty);
		return;
	}
	dk_state_of(duty)->account.retried++;
	duty->sink->traffic.retried++;
	if (duty->sink->functions->commits_positions && duty->received->message.stream)
		rewind_source(duty);
	if (dk_is_stale(duty)) {
		dk_finish(duty, DK_END_STALE, NULL);
		return;
	}
	if (dk_renew(duty))
		return;
	if (!duty->sink->is_up) {
		dk_enqueue_again(duty);
		return;
	}
	if (outcome == DK_DENIED)
		keep_denied(duty, reason);
	else
		keep_released(duty, reason);
}

void
dk_retry_due(struct dk_flow *flow)
{
	const struct dk_world *world = flow->world;
	int64_t now = world->now_ms(world->context);

	while (!dk_list_is_empty(&flow->waiting) &&
	       DK_DUTY(flow->waiting.next)->due_ms <= now)
		dk_enqueue_again(DK_DUTY(dk_list_shift(&flow->waiting)));
	if (!dk_list_is_empty(&flow->waiting))
		world->turn_after(world->context, DK_DUTY(flow->waiting.next)->due_ms - now);
}

void
dk_retry_recall(struct dk_sink *sink)
{
	struct dk_list *link = sink->flow->waiting.next;

	while (link != &sink->flow->waiting) {
		struct dk_duty *duty = DK_DUTY(link);

		link = link->next;
		if (duty->sink != sink)
			continue;
		dk_list_remove(&duty->link);
		dk_enqueue_again(duty);
	}
	dk_hold_dissolve_all(sink);
}
