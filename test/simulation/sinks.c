/* SPDX-License-Identifier: Apache-2.0
 *
 * sinks.c - brokers that messages go to. What they take they take in the order of sending; the word
 * of it comes back later, in any order, or never.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/flow/state.h"
#include "test/simulation/simulation.h"

/* What the broker made of a delivery: kept in delivery->plugin until it is settled. */
enum fate { FATE_NONE, FATE_ACCEPTED, FATE_RELEASED, FATE_DENIED, FATE_REJECTED };

static enum fate
fate_of(const struct dk_delivery *delivery)
{
	return (enum fate)(intptr_t)delivery->plugin;
}

static void
set_fate(struct dk_delivery *delivery, enum fate fate)
{
	delivery->plugin = (void *)(intptr_t)fate;
}

static int
route_of(const struct dk_delivery *delivery)
{
	for (int route = 0; route < ROUTES; route++)
		if (strcmp(plan_name(route), delivery->target->route) == 0)
			return route;
	abort();
}

static uint64_t
turn_of(const struct dk_delivery *delivery)
{
	return ((const struct dk_duty *)(const void *)delivery)->turn;
}

static bool
is_earlier_on_its_way(const struct broker_sink *sink, int route, const struct dk_delivery *delivery)
{
	for (int i = 0; i < PROBES; i++)
		if (sink->probes[route][i] &&
		    turn_of(sink->probes[route][i]) < turn_of(delivery))
			return true;
	return false;
}

static bool
replace_probe(struct broker_sink *sink, int route, const struct dk_delivery *old,
	      const struct dk_delivery *new)
{
	for (int i = 0; i < PROBES; i++)
		if (sink->probes[route][i] == old) {
			sink->probes[route][i] = new;
			return true;
		}
	return false;
}

/* A route that was denied sends one at a time until one has passed, the earliest. */
static void
note_probe(struct broker_sink *sink, const struct dk_delivery *delivery)
{
	int route = route_of(delivery);

	if (sink->number == SINK_DEAD || sink->is_unsure || !sink->is_told[route])
		return;
	if (is_earlier_on_its_way(sink, route, delivery) ||
	    !replace_probe(sink, route, NULL, delivery))
		ledger_violate(&sink->simulation->ledger, "a denied route is sent on");
}

static void
note_answer(struct broker_sink *sink, const struct dk_delivery *delivery, enum fate fate)
{
	int route = route_of(delivery);

	replace_probe(sink, route, delivery, NULL);
	if (fate == FATE_RELEASED)
		return;
	sink->is_told[route] = fate == FATE_DENIED;
	if (!sink->is_told[route])
		memset(sink->probes[route], 0, sizeof(sink->probes[route]));
}

static void
forget_answers(struct broker_sink *sink)
{
	memset(sink->is_told, 0, sizeof(sink->is_told));
	sink->is_unsure = false;
	memset(sink->probes, 0, sizeof(sink->probes));
}

static size_t
take(void *plugin, struct dk_delivery *const *deliveries, size_t count)
{
	struct broker_sink *sink = plugin;
	size_t taken = 0;

	if (sink->simulation->is_over)
		ledger_violate(&sink->simulation->ledger, "a delivery left after the end");
	while (taken < count && sink->count < sink->room) {
		if (!plan_has(sink->simulation, deliveries[taken]->target))
			ledger_violate(&sink->simulation->ledger, "one left by a plan of before");
		note_probe(sink, deliveries[taken]);
		sink->taken[sink->count++] = deliveries[taken];
		set_fate(deliveries[taken++], FATE_NONE);
	}
	return taken;
}

static bool
rejects(const struct broker_sink *sink, const struct dk_delivery *delivery)
{
	int id = ledger_id(delivery->message);

	return sink->number != SINK_DEAD && id >= 0 &&
	       sink->simulation->ledger.entries[id].is_poison;
}

/* What the sender has not heard of yet: until it has, later ones of the key are refused too. */
static enum fate
pending_refusal(const struct broker_sink *sink, int before)
{
	for (int i = 0; i < before; i++)
		if (sink->taken[i]->order == sink->taken[before]->order &&
		    (fate_of(sink->taken[i]) == FATE_RELEASED ||
		     fate_of(sink->taken[i]) == FATE_DENIED))
			return fate_of(sink->taken[i]);
	return FATE_NONE;
}

/* Behind one that was denied, another may be refused for a reason of its own. */
static enum fate
refusal_behind(const struct broker_sink *sink, enum fate fate)
{
	return fate == FATE_DENIED && chance_is(&sink->simulation->chance, 30) ? FATE_RELEASED :
										 fate;
}

/* Those of its key that were sent after it are refused as well: no broker takes a later one first.
 */
static void
refuse_from(struct broker_sink *sink, int first, enum fate fate)
{
	uint64_t order = sink->taken[first]->order;

	set_fate(sink->taken[first], fate);
	for (int i = first + 1; i < sink->count; i++)
		if (sink->taken[i]->order == order && fate_of(sink->taken[i]) == FATE_NONE)
			set_fate(sink->taken[i], refusal_behind(sink, fate));
	sink->simulation->ledger.had_fault = true;
}

static void
arrive(struct broker_sink *sink, struct dk_delivery *delivery)
{
	struct ledger *ledger = &sink->simulation->ledger;

	if (sink->number == SINK_DEAD)
		ledger_die(ledger, route_of(delivery), ledger_id(delivery->message));
	else
		ledger_arrive(ledger, route_of(delivery), delivery);
	set_fate(delivery, FATE_ACCEPTED);
}

/* The broker looks at the first that it has not looked at. */
static void
process(struct broker_sink *sink, bool is_smooth)
{
	struct chance *chance = &sink->simulation->chance;
	int i = 0;

	while (i < sink->count && fate_of(sink->taken[i]) != FATE_NONE)
		i++;
	if (i == sink->count)
		return;
	if (pending_refusal(sink, i) != FATE_NONE)
		set_fate(sink->taken[i], pending_refusal(sink, i));
	else if (rejects(sink, sink->taken[i]))
		set_fate(sink->taken[i], FATE_REJECTED);
	else if (sink->is_denying)
		refuse_from(sink, i, FATE_DENIED);
	else if (!is_smooth && chance_is(chance, sink->simulation->fault_percent))
		refuse_from(sink, i, FATE_RELEASED);
	else
		arrive(sink, sink->taken[i]);
}

static struct dk_delivery *
remove_taken(struct broker_sink *sink, int i)
{
	struct dk_delivery *delivery = sink->taken[i];

	memmove(&sink->taken[i], &sink->taken[i + 1],
		(size_t)(--sink->count - i) * sizeof(sink->taken[0]));
	return delivery;
}

static void
settle(struct broker_sink *sink, int i)
{
	static const enum dk_outcome outcomes[] = {
		[FATE_ACCEPTED] = DK_ACCEPTED,
		[FATE_RELEASED] = DK_RELEASED,
		[FATE_DENIED] = DK_DENIED,
		[FATE_REJECTED] = DK_REJECTED,
	};
	bool is_refused = fate_of(sink->taken[i]) == FATE_RELEASED ||
			  fate_of(sink->taken[i]) == FATE_DENIED;
	struct dk_delivery *delivery;
	enum dk_outcome outcome;
	char text[16];
	struct dk_reply reply = { .payload = { text, 0 } };
	bool has_reply;

	if (is_refused)
		refuse_from(sink, i, fate_of(sink->taken[i]));
	delivery = remove_taken(sink, i);
	note_answer(sink, delivery, fate_of(delivery));
	outcome = outcomes[fate_of(delivery)];
	has_reply = outcome == DK_ACCEPTED && sink->number == SINK_B && delivery->message->stream &&
		    chance_is(&sink->simulation->chance, 50);
	reply.payload.length =
		(size_t)snprintf(text, sizeof(text), "re:%d", ledger_id(delivery->message));
	trace(sink->simulation, "settle %d at sink %d: %d", ledger_id(delivery->message),
	      sink->number, outcome);
	dk_settle(delivery, outcome, outcome == DK_ACCEPTED ? NULL : "so it was decided",
		  has_reply ? &reply : NULL);
}

/* --- The sink that commits positions --- */

static bool
is_any_stale(struct broker_sink *sink)
{
	struct broker_source *source = &sink->simulation->sources[SOURCE_PREFIX];

	for (int i = 0; i < sink->count; i++) {
		const struct dk_stream *stream = sink->taken[i]->message->stream;
		bool is_current = false;

		for (int partition = 0; partition < PARTITIONS; partition++)
			is_current |= source->streams[partition] == stream;
		if (!is_current)
			return true;
	}
	return false;
}

/* All messages and all positions, at once. */
static void
commit(struct broker_sink *sink)
{
	struct broker_source *source = &sink->simulation->sources[SOURCE_PREFIX];

	for (int i = 0; i < sink->count; i++) {
		const struct dk_message *message = sink->taken[i]->message;
		int partition = (int)(intptr_t)message->stream->plugin;

		if (source->committed[partition] > message->position)
			ledger_violate(&sink->simulation->ledger, "a position was committed again");
		arrive(sink, sink->taken[i]);
		source->committed[partition] = (int)message->position + 1;
	}
}

static void
settle_taken(struct broker_sink *sink, enum fate fate)
{
	int count = sink->count;

	for (int i = 0; i < count; i++)
		set_fate(sink->taken[i], fate);
	for (int i = 0; i < count; i++)
		settle(sink, 0);
}

static void
end_transaction(struct broker_sink *sink, bool is_smooth)
{
	if (sink->count == 0)
		return;
	if (is_any_stale(sink) ||
	    (!is_smooth &&
	     chance_is(&sink->simulation->chance, sink->simulation->fault_percent * 2))) {
		sink->simulation->ledger.had_fault = true;
		settle_taken(sink, FATE_RELEASED);
		return;
	}
	commit(sink);
	settle_taken(sink, FATE_ACCEPTED);
}

/* --- What happens --- */

void
sink_act(struct broker_sink *sink)
{
	struct chance *chance = &sink->simulation->chance;
	bool is_smooth = sink->simulation->fault_percent == 0;
	int i;

	if (sink->number == SINK_COMMITS) {
		end_transaction(sink, is_smooth);
		return;
	}
	if (sink->count == 0)
		return;
	for (unsigned n = chance_below(chance, 4); n > 0; n--)
		process(sink, is_smooth);
	i = (int)chance_below(chance, (unsigned)sink->count);
	if (fate_of(sink->taken[i]) != FATE_NONE)
		settle(sink, i);
}

void
sink_release_all(struct broker_sink *sink)
{
	while (sink->count > 0) {
		set_fate(sink->taken[0], FATE_RELEASED);
		settle(sink, 0);
	}
}

/* The connection is lost, or comes back. The broker may have taken some of what was on its way. */
void
sink_fail(struct broker_sink *sink)
{
	struct chance *chance = &sink->simulation->chance;
	bool is_down_first = chance_is(chance, 50);

	sink->simulation->ledger.had_fault = true;
	trace(sink->simulation, "sink %d goes %s", sink->number, sink->is_up ? "down" : "up");
	if (!sink->is_up) {
		sink->is_up = true;
		dk_sink_up(sink->sink);
		return;
	}
	sink->is_up = false;
	if (sink->number == SINK_COMMITS && sink->count > 0 && !is_any_stale(sink) &&
	    chance_is(chance, 50))
		commit(sink);
	for (unsigned n = chance_below(chance, 6); n > 0 && sink->number != SINK_COMMITS; n--)
		process(sink, true);
	forget_answers(sink);
	if (is_down_first)
		dk_sink_down(sink->sink);
	sink_release_all(sink);
	if (!is_down_first)
		dk_sink_down(sink->sink);
}

void
sink_begin_life(struct broker_sink *sink)
{
	sink->count = 0;
	sink->is_up = true;
	sink->is_denying = false;
	forget_answers(sink);
	sink->room = 1 + (int)chance_below(&sink->simulation->chance, 12);
	dk_sink_up(sink->sink);
}

static size_t
window(const void *config)
{
	(void)config;
	return 8;
}

const struct dk_sink_functions sink_functions = { .window = window, .send = take };
const struct dk_sink_functions committing_functions = { .window = window,
							 .send = take,
							 .commits_positions = true };
