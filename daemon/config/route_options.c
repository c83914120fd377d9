/* SPDX-License-Identifier: Apache-2.0
 *
 * route_options.c - a route's settings: each is the core's, its sources' plugins' or its sinks'.
 */
#include "daemon/config/route.h"

static const char *const orders[] = { "key", "strict", "none", NULL };

/* What the core asks of every route, besides what it reads by itself. */
struct route_values {
	int order;
	int64_t attempts, retry_ms, retry_max_ms;
};

static const struct dk_option route_rows[] = {
	{ "order", DK_CHOICE, DK_AT(struct route_values, order, int), "key", 0, 0, orders, 0,
	  "Whether one that is tried again holds back those of its key." },
	{ "attempts", DK_INTEGER, DK_AT(struct route_values, attempts, int64_t), "0", 0, 1000000,
	  NULL, 0, "After so many failures of its own a message is dead-lettered; 0: never." },
	{ "retry", DK_DURATION, DK_AT(struct route_values, retry_ms, int64_t), "1s", 1, 86400000,
	  NULL, 0, "The first wait before trying again." },
	{ "retry_max", DK_DURATION, DK_AT(struct route_values, retry_max_ms, int64_t), "5s", 1,
	  86400000, NULL, 0, "The longest; never shorter than the first." },
	{ 0 },
};
static const struct dk_options route_table = { sizeof(struct route_values), route_rows, 0, 0, 0 };

/* Read by functions of their own. */
static const char *const route_words[] = { "from", "to", "key", "headers", "dead", "enabled" };

#define ROUTE_WORDS (sizeof(route_words) / sizeof(route_words[0]))

static bool
is_route_word(const char *name)
{
	for (size_t i = 0; i < ROUTE_WORDS; i++)
		if (strcmp(route_words[i], name) == 0)
			return true;
	return false;
}

/* What is set for a route's sinks holds for where its dead letters go, too. */
static size_t
sink_count(const struct dk_building *building)
{
	return building->route->way_count + (building->route->dead != NULL);
}

static const struct dk_way *
sink_at(const struct dk_building *building, size_t i)
{
	return i < building->route->way_count ? &building->route->ways[i] : building->route->dead;
}

static const struct dk_plugin *
plugin_of(const struct dk_building *building, const struct dk_way *way)
{
	return building->compiling->plan->endpoints[way->endpoint].plugin;
}

static bool
offer(const struct dk_building *building, const struct dk_options *table, const void *values,
      const struct dk_node *node, struct dk_suggestion *suggestion)
{
	dk_options_suggest(table, suggestion);
	if (!dk_options_know(table, node->name))
		return false;
	dk_options_set(table, (void *)values, node, building->compiling->variables,
		       building->compiling->faults);
	return true;
}

/* Neither the route nor its endpoints' plugins know it, and no name is near. */
static void
fault_unknown(const struct dk_building *building, const struct dk_node *node)
{
	const struct dk_endpoint_plan *endpoints = building->compiling->plan->endpoints;
	char names[400] = "from, to, key, headers, dead, enabled";

	dk_options_names(&route_table, names, sizeof(names));
	for (size_t i = 0; i < building->from_count; i++)
		dk_options_names(&endpoints[building->froms[i].endpoint].plugin->from, names,
				 sizeof(names));
	for (size_t i = 0; i < sink_count(building); i++)
		dk_options_names(&plugin_of(building, sink_at(building, i))->to, names,
				 sizeof(names));
	dk_fault(building->compiling->faults, node->place,
		 "route %s has no setting \"%s\"; it has: %s", building->route->name, node->name,
		 names);
}

static void
set_option(const struct dk_building *building, struct route_values *values,
	   const struct dk_node *node)
{
	const struct dk_endpoint_plan *endpoints = building->compiling->plan->endpoints;
	struct dk_suggestion suggestion = { .written = dk_slice_of(node->name) };
	bool is_known = offer(building, &route_table, values, node, &suggestion);

	for (size_t i = 0; i < building->from_count; i++)
		is_known |= offer(building, &endpoints[building->froms[i].endpoint].plugin->from,
				  building->froms[i].interest.options, node, &suggestion);
	for (size_t i = 0; i < sink_count(building); i++)
		is_known |= offer(building, &plugin_of(building, sink_at(building, i))->to,
				  sink_at(building, i)->target.options, node, &suggestion);
	for (size_t i = 0; i < ROUTE_WORDS; i++)
		dk_suggest(&suggestion, route_words[i]);
	if (is_known || building->is_incomplete)
		return;
	if (suggestion.nearest)
		dk_fault(building->compiling->faults, node->place,
			 "route %s has no setting \"%s\"; \"%s\"?", building->route->name,
			 node->name, suggestion.nearest);
	else
		fault_unknown(building, node);
}

static void
finish_options(const struct dk_building *building)
{
	struct dk_compiling *compiling = building->compiling;
	const struct dk_endpoint_plan *endpoints = compiling->plan->endpoints;
	const char *what = dk_memory_print(compiling->memory, "route %s", building->route->name);
	struct dk_error error;

	for (size_t i = 0; i < building->from_count; i++) {
		const struct dk_from *from = &building->froms[i];
		const struct dk_plugin *plugin = endpoints[from->endpoint].plugin;

		dk_options_finish(&plugin->from, (void *)from->interest.options, what, from->place,
				  compiling->faults);
		if (plugin->source->check &&
		    plugin->source->check(endpoints[from->endpoint].config, &from->interest,
					  &error) != 0)
			dk_fault(compiling->faults, from->place, "%s: %s", what, error.text);
	}
	for (size_t i = 0; i < sink_count(building); i++) {
		const struct dk_way *way = sink_at(building, i);

		dk_options_finish(&plugin_of(building, way)->to, (void *)way->target.options, what,
				  building->node->place, compiling->faults);
		if (dk_route_check_target(building, way, &error) != 0)
			dk_fault(compiling->faults, building->node->place, "%s: %s%s", what,
				 way == building->route->dead ? "dead: " : "", error.text);
	}
}

void
dk_route_set_options(const struct dk_building *building)
{
	struct route_values *values = dk_options_new(&route_table, building->compiling->memory);

	for (size_t i = 0; i < building->node->count; i++)
		if (!is_route_word(building->node->inside[i].name))
			set_option(building, values, &building->node->inside[i]);
	finish_options(building);
	building->route->order = (enum dk_order)values->order;
	building->route->attempts = values->attempts;
	building->route->retry_ms = values->retry_ms;
	building->route->retry_max_ms = values->retry_max_ms > values->retry_ms ?
						values->retry_max_ms :
						values->retry_ms;
}
