/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.c - the routes of the simulated world: a fan-out of stored messages, one way for each other
 * source, and a target for dead letters. There are several plans, for the flow goes from one to
 * another while it lives: each route may go to one address or another, and be tried again sooner or
 * later.
 */
#include <stdlib.h>

#include "daemon/base/checksum.h"
#include "test/simulation/simulation.h"

static const struct {
	const char *name, *pattern, *addresses[ADDRESSES];
	int source, sink;
	enum dk_dialect dialect;
} rows[ROUTES] = {
	[ROUTE_STORED_A] = { "stored-a", "s/:k/:x", { "a/$k", "aa/$k" }, SOURCE_STORES, SINK_A,
			     DK_MQTT },
	[ROUTE_STORED_B] = { "stored-b", "s/:k/:x", { "b.$k.$x", "bb.$k.$x" }, SOURCE_STORES,
			     SINK_B, DK_KAFKA },
	[ROUTE_PREFIX_A] = { "prefix-a", "p/:k/:x", { "a/$k", "aa/$k" }, SOURCE_PREFIX, SINK_A,
			     DK_MQTT },
	[ROUTE_PREFIX_COMMITS] = { "prefix-c", "p/:k/:x", { "t/$k", "tt/$k" }, SOURCE_PREFIX,
				   SINK_COMMITS, DK_MQTT },
	[ROUTE_EACH_B] = { "each-b", "e/:k/:x", { "b.$k.$x", "bb.$k.$x" }, SOURCE_EACH, SINK_B,
			   DK_KAFKA },
};

struct plan {
	struct dk_route routes[ROUTES];
	struct dk_captures captures[ROUTES]; /* templates borrow them */
	struct dk_way ways[ROUTES][ADDRESSES], dead_ways[ROUTES];
	struct dk_matcher *matchers[SOURCES], *committing_matcher;
	bool is_used; /* in this life */
};

static struct plan plans[PLANS];

const struct dk_route *
plan_routes(const struct simulation *simulation)
{
	return simulation->plan->routes;
}

const char *
plan_name(int route)
{
	return rows[route].name;
}

const struct dk_matcher *
plan_matcher(const struct simulation *simulation, int source)
{
	return source == SOURCE_PREFIX && simulation->commits ?
		       simulation->plan->committing_matcher :
		       simulation->plan->matchers[source];
}

static const char *
no_variable(void *context, struct dk_slice name)
{
	(void)context, (void)name;
	return NULL;
}

static struct dk_template *
compile(const char *text, const struct dk_captures *captures)
{
	struct dk_scope scope = { .variable = no_variable, .captures = captures };
	struct dk_error error;
	struct dk_template *template = dk_template_new(dk_slice_of(text), &scope, &error);

	if (!template)
		abort();
	return template;
}

static void
make_way(struct dk_way *way, const struct dk_route *route, int sink, const char *address,
	 enum dk_dialect dialect, const struct dk_captures *captures)
{
	way->route = route;
	way->endpoint = (size_t)sink;
	way->dialect = dialect;
	way->address = compile(address, captures);
	way->key = dk_hash(dk_hash(DK_HASH_BEGIN, dk_slice_of(route->name)), dk_slice_of(address));
	way->target.route = route->name;
	way->target.template = address;
	way->target.is_literal = dk_template_is_literal(way->address);
}

static void
make_route(struct plan *plan, int number)
{
	struct dk_route *route = &plan->routes[number];
	struct dk_captures *captures = &plan->captures[number];
	struct dk_matcher *matcher = number == ROUTE_PREFIX_COMMITS ?
					     plan->committing_matcher :
					     plan->matchers[rows[number].source];
	struct dk_error error;
	struct dk_pattern *pattern =
		dk_pattern_new(DK_MQTT, dk_slice_of(rows[number].pattern), captures, &error);

	if (!pattern)
		abort();
	route->name = rows[number].name;
	route->number = (size_t)number;
	route->key = compile("$k", captures);
	route->way_count = 1;
	for (int i = 0; i < ADDRESSES; i++)
		make_way(&plan->ways[number][i], route, rows[number].sink,
			 rows[number].addresses[i], rows[number].dialect, captures);
	make_way(&plan->dead_ways[number], route, SINK_DEAD, "dead", DK_MQTT, NULL);
	dk_matcher_add(matcher, pattern, route);
}

static void
make_plan(struct plan *plan)
{
	for (int i = 0; i < SOURCES; i++)
		plan->matchers[i] = dk_matcher_new(DK_MQTT);
	plan->committing_matcher = dk_matcher_new(DK_MQTT);
	for (int i = 0; i < ROUTES; i++)
		make_route(plan, i);
}

/* Once for all seeds. */
void
plan_make(void)
{
	for (int i = 0; i < PLANS; i++)
		make_plan(&plans[i]);
}

/* What may differ from world to world. */
void
plan_vary(struct simulation *simulation)
{
	struct chance *chance = &simulation->chance;

	for (int i = 0; i < ROUTES; i++)
		simulation->settings[i] = (struct route_settings){
			.order = chance_is(chance, 60) ? DK_ORDER_KEY :
				 chance_is(chance, 60) ? DK_ORDER_STRICT :
							 DK_ORDER_NONE,
			.retry_ms = 100,
		};
}

static void
fill(struct plan *plan, const struct simulation *simulation)
{
	plan->is_used = true;
	for (int i = 0; i < ROUTES; i++) {
		const struct route_settings *settings = &simulation->settings[i];
		struct dk_route *route = &plan->routes[i];

		route->ways = &plan->ways[i][settings->address];
		route->order = settings->order;
		route->retry_ms = settings->retry_ms;
		route->retry_max_ms = 2000;
		route->dead = simulation->has_dead_target ? &plan->dead_ways[i] : NULL;
	}
}

void
plan_begin(struct simulation *simulation)
{
	for (int i = 0; i < PLANS; i++)
		plans[i].is_used = false;
	simulation->plan = &plans[0];
	fill(simulation->plan, simulation);
}

/* Another file: some routes are as they were, some are changed. */
static void
change_settings(struct simulation *simulation, struct dk_passage *passages)
{
	struct chance *chance = &simulation->chance;

	for (int i = 0; i < ROUTES; i++) {
		struct route_settings *settings = &simulation->settings[i];
		unsigned what = chance_below(chance, 4);

		passages[i] = (struct dk_passage){ (size_t)i, what >= 2 };
		if (what == 0)
			settings->address = !settings->address;
		if (what == 1)
			settings->retry_ms = 300 - settings->retry_ms;
	}
}

bool
plan_change(struct simulation *simulation, struct dk_passage *passages)
{
	for (int i = 0; i < PLANS; i++) {
		if (plans[i].is_used)
			continue;
		change_settings(simulation, passages);
		fill(&plans[i], simulation);
		simulation->plan = &plans[i];
		return true;
	}
	return false;
}

bool
plan_has(const struct simulation *simulation, const struct dk_target *target)
{
	for (int i = 0; i < ROUTES; i++)
		if (target == &simulation->plan->routes[i].ways->target ||
		    target == &simulation->plan->dead_ways[i].target)
			return true;
	return false;
}

void
plan_give_back(const struct dk_route *routes)
{
	for (int i = 0; i < PLANS; i++)
		if (plans[i].routes == routes)
			plans[i].is_used = false;
}
