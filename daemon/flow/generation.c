/* SPDX-License-Identifier: Apache-2.0
 *
 * generation.c - the routes of one plan after another: what runs of a route is handed on by name.
 */
#include <stdlib.h>

#include "daemon/flow/state.h"

static void *
make_array(size_t count, size_t size)
{
	void *array = calloc(count + 1, size);

	if (!array)
		abort();
	return array;
}

struct dk_generation *
dk_generation_new(const struct dk_route *routes, size_t route_count, size_t endpoint_count)
{
	struct dk_generation *generation = make_array(1, sizeof(*generation));

	generation->routes = routes;
	generation->route_count = route_count;
	generation->endpoint_count = endpoint_count;
	generation->states = make_array(route_count, sizeof(*generation->states));
	generation->sources = make_array(endpoint_count, sizeof(*generation->sources));
	generation->sinks = make_array(endpoint_count, sizeof(*generation->sinks));
	dk_list_init(&generation->link);
	return generation;
}

void
dk_generation_fill(struct dk_generation *generation)
{
	for (size_t i = 0; i < generation->route_count; i++) {
		if (!generation->states[i])
			generation->states[i] = make_array(1, sizeof(struct dk_route_state));
		generation->states[i]->generations++;
	}
}

static void
let_go(struct dk_route_state *state)
{
	if (state && --state->generations == 0) {
		free(state->latency);
		free(state);
	}
}

static void
free_arrays(struct dk_generation *generation)
{
	free(generation->states);
	free(generation->sources);
	free(generation->sinks);
	free(generation->passages);
	free(generation);
}

void
dk_generation_free(struct dk_generation *generation)
{
	if (!generation)
		return;
	for (size_t i = 0; i < generation->route_count; i++)
		let_go(generation->states[i]);
	free_arrays(generation);
}

/* --- From one to the next --- */

static void
hand_on(struct dk_generation *from, struct dk_generation *to, const struct dk_flow_change *change)
{
	for (size_t i = 0; i < from->route_count; i++)
		if (change->of_routes[i].now != DK_GONE)
			to->states[change->of_routes[i].now] = from->states[i];
	for (size_t i = 0; i < from->endpoint_count; i++) {
		if (change->of_sources[i].now != DK_GONE)
			to->sources[change->of_sources[i].now] = from->sources[i];
		if (change->of_sinks[i].now != DK_GONE)
			to->sinks[change->of_sinks[i].now] = from->sinks[i];
	}
}

static struct dk_passage *
copy(const struct dk_passage *passages, size_t count)
{
	struct dk_passage *copied = make_array(count, sizeof(*passages));

	if (count > 0)
		memcpy(copied, passages, count * sizeof(*passages));
	return copied;
}

void
dk_flow_prepare(struct dk_flow *flow, const struct dk_flow_change *change)
{
	flow->next = dk_generation_new(change->routes, change->route_count,
				       change->endpoint_count);
	hand_on(flow->current, flow->next, change);
	flow->current->passages = copy(change->of_routes, flow->current->route_count);
}

/* The states in it are the current one's: it has none of its own yet. */
void
dk_flow_withdraw(struct dk_flow *flow)
{
	free_arrays(flow->next);
	flow->next = NULL;
	free(flow->current->passages);
	flow->current->passages = NULL;
}

/* Those of plans before lead to the routes of the one that runs now. */
static void
lead_on(struct dk_generation *past, const struct dk_passage *passages)
{
	for (size_t i = 0; i < past->route_count; i++) {
		struct dk_passage *passage = &past->passages[i];

		if (passage->now == DK_GONE)
			continue;
		passage->is_same &= passages[passage->now].is_same;
		passage->now = passages[passage->now].now;
	}
}

/* A changed route may be allowed now; one that has gone needs it no more. Nothing is said to be
 * over, for nobody knows. */
static void
forget_denied(const struct dk_generation *from)
{
	for (size_t i = 0; i < from->route_count; i++)
		if (!from->passages[i].is_same)
			from->states[i]->denied = 0;
}

/* One that has gone is no more to be resumed. */
static void
count_paused(struct dk_flow *flow)
{
	flow->paused_count = 0;
	for (size_t i = 0; i < flow->next->route_count; i++)
		flow->paused_count += flow->next->states[i]->is_paused;
}

void
dk_flow_switch(struct dk_flow *flow)
{
	struct dk_generation *from = flow->current;

	DK_EACH(link, &flow->past)
		lead_on(DK_OF(link, struct dk_generation, link), from->passages);
	forget_denied(from);
	dk_generation_fill(flow->next);
	count_paused(flow);
	dk_list_append(&flow->past, &from->link);
	flow->current = flow->next;
	flow->next = NULL;
}

const struct dk_route *
dk_flow_give_back(struct dk_flow *flow)
{
	DK_EACH(link, &flow->past) {
		struct dk_generation *past = DK_OF(link, struct dk_generation, link);
		const struct dk_route *routes = past->routes;

		if (past->duties > 0)
			continue;
		dk_list_remove(&past->link);
		dk_generation_free(past);
		return routes;
	}
	return NULL;
}
