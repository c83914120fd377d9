/* SPDX-License-Identifier: Apache-2.0
 *
 * settle.c - steps 7 and 8: the plugin says what became of a delivery, and the core finishes it.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/flow/state.h"

static const char *const words[] = { "accepted", "released", "denied", "rejected" };

static void
show_to_hooks(struct dk_duty *duty, enum dk_outcome outcome, const char *reason)
{
	struct dk_flow *flow = duty->flow;

	for (size_t i = 0; i < flow->hook_count; i++)
		if (flow->hooks[i].functions->outcome)
			flow->hooks[i].functions->outcome(flow->hooks[i].plugin, &duty->delivery,
							  outcome, reason);
}

/* One line for each delivery, when somebody wants to see each message's way. */
static void
tell_way(const struct dk_duty *duty, const char *word, const char *reason)
{
	const struct dk_world *world = duty->flow->world;
	const struct dk_slice from = duty->delivery.message->address;
	const struct dk_slice to = duty->delivery.address;
	char from_text[512], to_text[512];

	snprintf(from_text, sizeof(from_text), "%s:%.*s", dk_source_of(duty->received)->name,
		 (int)from.length, from.data);
	snprintf(to_text, sizeof(to_text), "%s:%.*s", duty->sink->name, (int)to.length, to.data);
	world->log(world->context, DK_DEBUG, duty->way->route->name, "way",
		   DK_FIELDS(DK_FIELD_TEXT("from", from_text),
			     DK_FIELD_TEXT("route", duty->way->route->name),
			     DK_FIELD_TEXT("to", to_text), DK_FIELD_TEXT("outcome", word),
			     { .name = reason ? "why" : NULL, .text = reason }));
}

void
dk_settle(struct dk_delivery *delivery, enum dk_outcome outcome, const char *reason,
	  const struct dk_reply *reply)
{
	struct dk_duty *duty = (struct dk_duty *)(void *)delivery;
	struct dk_sink *sink = duty->sink;

	assert(duty->state == DK_DUTY_SENT);
	assert(outcome == DK_ACCEPTED || reason);
	sink->in_flight--;
	sink->traffic.settled++;
	sink->is_stalled = false;
	dk_sink_activate(sink);
	show_to_hooks(duty, outcome, reason);
	if (duty->flow->tap && outcome != DK_REJECTED)
		dk_tap_settled(duty, outcome, reason);
	if (atomic_load_explicit(duty->flow->world->log_level, memory_order_relaxed) >= DK_DEBUG)
		tell_way(duty, words[outcome], reason);
	switch (outcome) {
	case DK_ACCEPTED:
		dk_finish(duty, duty->is_dead_letter ? DK_END_DEAD : DK_END_DELIVERED, reply);
		break;
	case DK_RELEASED:
	case DK_DENIED:
		dk_retry(duty, outcome, reason);
		break;
	case DK_REJECTED:
		if (!dk_renew(duty))
			dk_reject(duty, reason);
		break;
	}
}

/* Whether its source brings the message again by itself, so that this delivery is not owed. */
bool
dk_is_stale(const struct dk_duty *duty)
{
	const struct dk_stream_state *stream =
		(const void *)duty->received->message.stream;

	return stream && !stream->is_open;
}

/* Somebody has granted what was not allowed. */
static void
tell_granted(struct dk_duty *duty)
{
	const struct dk_world *world = duty->flow->world;

	dk_state_of(duty)->denied = 0;
	world->trouble(world->context, duty->way->route->name, "denied", NULL);
}

static void
count_end(struct dk_route_account *account, enum dk_end end)
{
	account->in_flight--;
	account->delivered += end == DK_END_DELIVERED;
	account->dead += end == DK_END_DEAD;
	account->stale += end == DK_END_STALE;
}

static void
measure(const struct dk_duty *duty)
{
	const struct dk_world *world = duty->flow->world;
	struct dk_latency **latency = &dk_state_of(duty)->latency;

	if (!*latency && !(*latency = calloc(1, sizeof(**latency))))
		abort();
	dk_latency_add(*latency, world->now_ms(world->context) - duty->received->since_ms);
}

/* The end of every delivery. With the last one its message is settled. */
void
dk_finish(struct dk_duty *duty, enum dk_end end, const struct dk_reply *reply)
{
	struct dk_received *received = duty->received;
	struct dk_source *source = dk_source_of(received);

	dk_hold_pass(duty);
	if (end == DK_END_DELIVERED && dk_state_of(duty)->denied == duty->way->key)
		tell_granted(duty);
	if (end == DK_END_DELIVERED)
		measure(duty);
	count_end(&dk_state_of(duty)->account, end);
	dk_count_end(duty, end);
	received->is_committed |= duty->sink->functions->commits_positions;
	received->owed--;
	if ((received->owed > 0 || received->is_abandoned) && received->sequence > 0)
		dk_spool_note(source->spool, received->sequence, duty->origin->key,
			      DK_NOTE_SETTLED);
	dk_duty_free(duty);
	if (received->owed == 0)
		dk_settled(source, received, reply);
}
