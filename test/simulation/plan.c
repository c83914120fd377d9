/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.c - the routes of the simulated world: a fan-out of stored messages, one way for each other
 * source, and a target for dead letters.
 */
#include <stdlib.h>

#include "daemon/base/checksum.h"
#include "test/simulation/simulation.h"

static const struct {
	const char *name, *pattern, *address;
	int source, sink;
	enum dk_dialect dialect;
} rows[ROUTES] = {
	[ROUTE_STORED_A] = { "stored-a", "s/:k/:x", "a/$k", SOURCE_STORES, SINK_A, DK_MQTT },
	[ROUTE_STORED_B] = { "stored-b", "s/:k/:x", "b.$k.$x", SOURCE_STORES, SINK_B, DK_KAFKA },
	[ROUTE_PREFIX_A] = { "prefix-a", "p/:k/:x", "a/$k", SOURCE_PREFIX, SINK_A, DK_MQTT },
	[ROUTE_PREFIX_COMMITS] = { "prefix-c", "p/:k/:x", "t/$k", SOURCE_PREFIX, SINK_COMMITS,
				   DK_MQTT },
	[ROUTE_EACH_B] = { "each-b", "e/:k/:x", "b.$k.$x", SOURCE_EACH, SINK_B, DK_KAFKA },
};

static struct dk_route routes[ROUTES];
static struct dk_way ways[ROUTES], dead_ways[ROUTES];
static struct dk_matcher *matchers[SOURCES], *committing_matcher;

const struct dk_route *
plan_routes(void)
{
	return routes;
}

const struct dk_matcher *
plan_matcher(const struct simulation *simulation, int source)
{
	return source == SOURCE_PREFIX && simulation->commits ? committing_matcher :
								matchers[source];
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
make_way(struct dk_way *way, int route, int sink, const char *address, enum dk_dialect dialect,
	 const struct dk_captures *captures)
{
	way->route = &routes[route];
	way->endpoint = (size_t)sink;
	way->dialect = dialect;
	way->address = compile(address, captures);
	way->key = dk_hash(DK_HASH_BEGIN, dk_slice_of(rows[route].name));
	way->target.route = rows[route].name;
	way->target.template = address;
	way->target.is_literal = dk_template_is_literal(way->address);
}

static void
make_route(int number)
{
	struct dk_route *route = &routes[number];
	static struct dk_captures of_all[ROUTES]; /* templates borrow them */
	struct dk_captures *captures = &of_all[number];
	struct dk_matcher *matcher = number == ROUTE_PREFIX_COMMITS ? committing_matcher :
								      matchers[rows[number].source];
	struct dk_error error;
	struct dk_pattern *pattern =
		dk_pattern_new(DK_MQTT, dk_slice_of(rows[number].pattern), captures, &error);

	if (!pattern)
		abort();
	route->name = rows[number].name;
	route->number = (size_t)number;
	route->key = compile("$k", captures);
	route->ways = &ways[number];
	route->way_count = 1;
	make_way(&ways[number], number, rows[number].sink, rows[number].address,
		 rows[number].dialect, captures);
	make_way(&dead_ways[number], number, SINK_DEAD, "dead", DK_MQTT, NULL);
	dk_matcher_add(matcher, pattern, route);
}

/* Once for all seeds. */
void
plan_make(void)
{
	for (int i = 0; i < SOURCES; i++)
		matchers[i] = dk_matcher_new(DK_MQTT);
	committing_matcher = dk_matcher_new(DK_MQTT);
	for (int i = 0; i < ROUTES; i++)
		make_route(i);
}

/* What may differ from world to world. */
void
plan_vary(struct simulation *simulation)
{
	struct chance *chance = &simulation->chance;

	for (int i = 0; i < ROUTES; i++) {
		routes[i].order = chance_is(chance, 60) ? DK_ORDER_KEY :
				  chance_is(chance, 60) ? DK_ORDER_STRICT :
							  DK_ORDER_NONE;
		routes[i].retry_ms = 100;
		routes[i].retry_max_ms = 2000;
		routes[i].dead = simulation->has_dead_target ? &dead_ways[i] : NULL;
	}
}
