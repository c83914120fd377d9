/* SPDX-License-Identifier: Apache-2.0
 *
 * renew.c - deliveries that were made by the routes of a past plan go on by the plan that runs now.
 */
#include <stdlib.h>

#include "daemon/flow/state.h"

/* --- By the same way --- */

static const struct dk_route *
route_now(const struct dk_duty *duty)
{
	const struct dk_passage *passage =
		&duty->generation->passages[duty->origin->route->number];

	return passage->now == DK_GONE ? NULL : &duty->flow->current->routes[passage->now];
}

static bool
is_same(const struct dk_duty *duty)
{
	return duty->generation->passages[duty->origin->route->number].is_same;
}

/* A route that is the same has the same ways in the same order. */
static const struct dk_way *
way_now(const struct dk_way *way, const struct dk_route *now)
{
	return way == way->route->dead ? now->dead : &now->ways[way - way->route->ways];
}

/* Its texts are its own, but for what the plan says literally. */
static void
adopt(struct dk_duty *duty)
{
	const struct dk_route *now = route_now(duty);
	struct dk_header *headers = (struct dk_header *)(void *)(duty + 1);

	duty->way = way_now(duty->way, now);
	duty->origin = way_now(duty->origin, now);
	duty->delivery.target = &duty->way->target;
	for (size_t i = 0; !duty->is_dead_letter && i < now->header_count; i++)
		headers[i].name = now->headers[i].name;
	duty->generation->duties--;
	duty->generation = duty->flow->current;
	duty->generation->duties++;
}

/* --- By another --- */

/* Through whichever subscription of its source leads to the wanted route. Whether one does. */
static bool
match_again(struct dk_duty *duty, const struct dk_wanted *wanted)
{
	struct dk_flow *flow = duty->flow;
	size_t routes = 0;

	flow->wanted = wanted;
	DK_EACH(link, &dk_source_of(duty->received)->feeds) {
		struct dk_feed *feed = DK_OF(link, struct dk_feed, link);

		if (feed->matcher && routes == 0)
			routes = dk_match_wanted(feed, duty->received);
	}
	flow->wanted = NULL;
	return routes > 0;
}

static void
end(struct dk_duty *duty)
{
	struct dk_received *received = duty->received;
	struct dk_route_account *account = &dk_state_of(duty)->account;

	account->in_flight--;
	account->rerouted++;
	received->owed--;
	dk_duty_free(duty);
	if (received->owed == 0)
		dk_settled(dk_source_of(received), received, NULL);
}

/* By its own way as that is now; where that has gone, by those that have come in its place. */
static void
reroute(struct dk_duty *duty, bool is_first)
{
	const struct dk_route *now = route_now(duty);
	struct dk_wanted wanted = { .route = now, .is_undecided = true, .turn = duty->turn,
				    .attempts = duty->delivery.attempts };

	if (now)
		wanted.way = dk_route_way(now, duty->origin->key);
	if (now && !wanted.way)
		wanted.before = duty->origin->route;
	dk_hold_pass(duty);
	if (now && ((wanted.before && !is_first) || match_again(duty, &wanted)))
		end(duty);
	else
		dk_bury(duty, "it waited when the configuration was read again, and no route "
			      "wants it any more");
}

bool
dk_renew(struct dk_duty *duty)
{
	if (duty->generation == duty->flow->current || duty->flow->is_cancelled)
		return false;
	if (is_same(duty)) {
		adopt(duty);
		return false;
	}
	reroute(duty, true);
	return true;
}

/* --- All that waits --- */

struct changed {
	struct dk_duty **list;
	size_t count, room;
};

static void
keep_changed(struct changed *changed, struct dk_duty *duty)
{
	if (changed->count == changed->room) {
		changed->room = changed->room ? 2 * changed->room : 64;
		changed->list = realloc(changed->list, changed->room * sizeof(*changed->list));
		if (!changed->list)
			abort();
	}
	changed->list[changed->count++] = duty;
}

static void
look_through(struct changed *changed, const struct dk_list *duties)
{
	DK_EACH(link, duties) {
		struct dk_duty *duty = DK_DUTY(link);

		if (duty->generation == duty->flow->current)
			continue;
		if (is_same(duty))
			adopt(duty);
		else
			keep_changed(changed, duty);
	}
}

static void
look_through_sink(struct changed *changed, const struct dk_sink *sink)
{
	look_through(changed, &sink->queue);
	for (size_t i = 0; i < sizeof(sink->holds) / sizeof(sink->holds[0]); i++)
		DK_EACH(link, &sink->holds[i])
			look_through(changed, &DK_OF(link, struct dk_hold, link)->held);
}

static int
compare_turns(const void *a, const void *b)
{
	uint64_t x = (*(struct dk_duty *const *)a)->turn, y = (*(struct dk_duty *const *)b)->turn;

	return x < y ? -1 : x > y;
}

static bool
has_lost_its_way(const struct dk_duty *duty)
{
	const struct dk_route *now = route_now(duty);

	return now && !dk_route_way(now, duty->origin->key);
}

/* Of several deliveries of a message whose ways have gone, one goes by the new ones. */
static bool
is_first(struct dk_duty *const *list, size_t number)
{
	const struct dk_duty *duty = list[number];

	for (size_t i = number; i > 0 && list[i - 1]->received == duty->received &&
				list[i - 1]->origin->route == duty->origin->route; i--)
		if (has_lost_its_way(list[i - 1]))
			return false;
	return true;
}

void
dk_flow_renew(struct dk_flow *flow)
{
	struct changed changed = { NULL, 0, 0 };
	bool *firsts;

	DK_EACH(link, &flow->sources)
		dk_inject_renew(DK_OF(link, struct dk_source, link));
	look_through(&changed, &flow->waiting);
	look_through(&changed, &flow->parked);
	DK_EACH(link, &flow->sinks)
		look_through_sink(&changed, DK_OF(link, struct dk_sink, link));
	if (changed.count > 0)
		qsort(changed.list, changed.count, sizeof(*changed.list), compare_turns);
	firsts = calloc(changed.count + 1, sizeof(*firsts));
	if (!firsts)
		abort();
	for (size_t i = 0; i < changed.count; i++)
		firsts[i] = is_first(changed.list, i);
	for (size_t i = 0; i < changed.count; i++) {
		dk_dequeue(changed.list[i]);
		reroute(changed.list[i], firsts[i]);
	}
	free(firsts);
	free(changed.list);
	flow->world->turn_after(flow->world->context, 0);
}
