/* SPDX-License-Identifier: Apache-2.0
 *
 * route_options.c - a route's settings: each is the core's, its sources' plugins' or its sinks'.
 */
#include "daemon/config/route.h"
#include "daemon/config/route_table.h"
#include "daemon/config/words.h"

static const char *const orders[] = { "key", "strict", "none", NULL };

static const struct dk_option route_rows[] = {
	{ "order", DK_CHOICE, DK_AT(struct dk_route_values, order, int), "key", 0, 0, orders, 0,
	  "Whether one that is tried again holds back those of its key." },
	{ "attempts", DK_INTEGER, DK_AT(struct dk_route_values, attempts, int64_t), "0", 0, 1000000,
	  NULL, 0, "After so many failures of its own a message is dead-lettered; 0: never." },
	{ "retry", DK_DURATION, DK_AT(struct dk_route_values, retry_ms, int64_t), "1s", 1, 86400000,
	  NULL, 0, "The first wait before trying again." },
	{ "retry_max", DK_DURATION, DK_AT(struct dk_route_values, retry_max_ms, int64_t), "5s", 1,
	  86400000, NULL, 0, "The longest; never shorter than the first." },
	{ "escape", DK_TRUTH, DK_AT(struct dk_route_values, escapes, bool), "false", 0, 0, NULL, 0,
	  "Whether values that may not stand in the target's address are escaped there, reversibly, "
	  "instead of making a dead letter of the message." },
	{ "overlap", DK_TRUTH, DK_AT(struct dk_route_values, may_overlap, bool), "false", 0, 0, NULL, 0,
	  "Whether other routes may carry the same messages without a warning." },
	{ "loop", DK_TRUTH, DK_AT(struct dk_route_values, may_loop, bool), "false", 0, 0, NULL, 0,
	  "Whether what it sends may come back to it, for that has an end." },
	{ 0 },
};
const struct dk_options dk_route_table = { sizeof(struct dk_route_values), route_rows, 0, 0, 0 };

#define TEXTS (DK_KIND(TEXT) | DK_KIND(LIST))

const struct dk_word dk_route_words[] = {
	{ "from", TEXTS, "Where messages come from: endpoint:pattern, or a list of them.", NULL },
	{ "to", TEXTS, "Where they go: endpoint:template, or a list of them.", NULL },
	{ "key", DK_KIND(TEXT),
	  "The key that they get there; it also says which of them keep their order.", NULL },
	{ "headers", TEXTS, "Headers that they get: \"name: value\", or a list of them.", NULL },
	{ "when", DK_KIND(TEXT), "A condition: only messages for which it holds are taken.", NULL },
	{ "jq", DK_KIND(TEXT),
	  "A program of jq over the payload: only messages for which its first result is neither "
	  "false nor null are taken.",
	  NULL },
	{ "dead", DK_KIND(TEXT),
	  "Where those go that cannot be delivered: endpoint:address, instead of the store of dead "
	  "letters.",
	  NULL },
	{ "like", TEXTS, "The profile, or a list of them, whose settings it takes.", NULL },
	{ "enabled", DK_KIND(TRUTH) | DK_KIND(TEXT),
	  "Whether it is there: true, false, or a condition over variables.", NULL },
	{ 0 },
};

struct dk_route_values
dk_route_values_of(const struct dk_route *route)
{
	return (struct dk_route_values){ .order = (int)route->order,
					 .attempts = route->attempts,
					 .retry_ms = route->retry_ms,
					 .retry_max_ms = route->retry_max_ms,
					 .escapes = route->escapes,
					 .may_overlap = route->may_overlap,
					 .may_loop = route->may_loop };
}

bool
dk_is_route_word(const char *name)
{
	return dk_words_find(dk_route_words, name) != NULL;
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

struct setting {
	struct dk_building *building;
	struct dk_route_values *values;
	const struct dk_layer *layer; /* that it is in */
	bool is_faulty;		      /* one fault of it is enough, of all that know it */
	struct dk_suggestion *suggestion;
};

static bool
offer(struct setting *setting, const struct dk_options *table, const void *values,
      const struct dk_node *node)
{
	const struct dk_compiling *compiling = setting->building->compiling;

	dk_options_suggest(table, setting->suggestion);
	if (!dk_options_know(table, node->name))
		return false;
	if (!setting->is_faulty)
		setting->is_faulty = !dk_options_set(table, (void *)values, setting->layer->what,
						     node, compiling->variables, compiling->faults);
	return true;
}

/* Neither the route nor its endpoints' plugins know it, and no name is near. */
static void
fault_unknown(const struct dk_building *building, const struct dk_node *node,
	      const struct dk_suggestion *suggestion)
{
	const struct dk_endpoint_plan *endpoints = building->compiling->plan->endpoints;
	const struct dk_route_origin *origin = building->origin;
	char names[DK_NAMES_ROOM] = "";
	char what[300];

	snprintf(what, sizeof(what), "route %s", building->route->name);
	dk_words_names(dk_route_words, names, sizeof(names));
	dk_options_names(&dk_route_table, names, sizeof(names));
	for (size_t i = 0; i < origin->from_count; i++)
		dk_options_names(&endpoints[origin->froms[i].endpoint].plugin->from, names,
				 sizeof(names));
	for (size_t i = 0; i < sink_count(building); i++)
		dk_options_names(&plugin_of(building, sink_at(building, i))->to, names,
				 sizeof(names));
	dk_fault_unknown(building->compiling, node, what, suggestion, names);
}

static bool
offer_to_all(struct setting *setting, const struct dk_node *node)
{
	const struct dk_building *building = setting->building;
	const struct dk_endpoint_plan *endpoints = building->compiling->plan->endpoints;
	const struct dk_route_origin *origin = building->origin;
	bool is_known = offer(setting, &dk_route_table, setting->values, node);

	for (size_t i = 0; i < origin->from_count; i++)
		is_known |= offer(setting, &endpoints[origin->froms[i].endpoint].plugin->from,
				  origin->froms[i].interest.options, node);
	for (size_t i = 0; i < sink_count(building); i++)
		is_known |= offer(setting, &plugin_of(building, sink_at(building, i))->to,
				  sink_at(building, i)->target.options, node);
	return is_known;
}

static void
set_option(void *context, struct dk_layer *layer, const struct dk_node *node)
{
	struct setting *setting = context;
	struct dk_suggestion suggestion = { .written = dk_slice_of(node->name) };
	bool is_known;

	setting->layer = layer;
	setting->is_faulty = false;
	setting->suggestion = &suggestion;
	is_known = dk_is_route_word(node->name) || offer_to_all(setting, node) ||
		   setting->building->is_incomplete;

	if (!is_known)
		dk_words_suggest(dk_route_words, &suggestion);
	if (layer->is_known)
		dk_layer_note(layer, node, is_known, suggestion.nearest);
	else if (!is_known)
		fault_unknown(setting->building, node, &suggestion);
}

static void
finish_from(const struct dk_building *building, const struct dk_from *from, const char *what)
{
	const struct dk_endpoint_plan *endpoint =
		&building->compiling->plan->endpoints[from->endpoint];
	const struct dk_plugin *plugin = endpoint->plugin;
	struct dk_error error;

	dk_options_finish(&plugin->from, (void *)from->interest.options, what, from->place,
			  building->compiling->faults);
	if (plugin->source->check &&
	    plugin->source->check(endpoint->config, &from->interest, &error) != 0)
		dk_fault(building->compiling->faults, from->place, "%s: %s", what, error.text);
}

static void
finish_options(const struct dk_building *building)
{
	char what[300];
	struct dk_error error;

	snprintf(what, sizeof(what), "route %s", building->route->name);
	for (size_t i = 0; i < building->origin->from_count; i++)
		finish_from(building, &building->origin->froms[i], what);
	for (size_t i = 0; i < sink_count(building); i++) {
		const struct dk_way *way = sink_at(building, i);

		dk_options_finish(&plugin_of(building, way)->to, (void *)way->target.options, what,
				  building->place, building->compiling->faults);
		if (dk_route_check_target(building, way, &error) != 0)
			dk_fault(building->compiling->faults, building->place, "%s: %s%s", what,
				 way == building->route->dead ? "dead: " : "", error.text);
	}
}

void
dk_route_set_options(struct dk_building *building)
{
	struct dk_route_values values = { 0 };
	struct setting setting = { .building = building, .values = &values };
	struct dk_route *route = building->route;

	dk_options_preset(&dk_route_table, &values);
	dk_layers_each(building->layers, set_option, &setting);
	finish_options(building);
	route->order = (enum dk_order)values.order;
	route->attempts = values.attempts;
	route->escapes = values.escapes;
	route->may_overlap = values.may_overlap;
	route->may_loop = values.may_loop;
	route->retry_ms = values.retry_ms;
	route->retry_max_ms = values.retry_max_ms > values.retry_ms ? values.retry_max_ms :
								     values.retry_ms;
}
