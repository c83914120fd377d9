/* SPDX-License-Identifier: Apache-2.0
 *
 * routes.c - from the tree to the plan: the routes, with their ways in and out.
 */
#include <stdlib.h>

#include "daemon/base/checksum.h"
#include "daemon/base/error.h"
#include "daemon/config/route.h"
#include "daemon/language/dialect.h"

static void
fault(const struct dk_building *building, const struct dk_node *node, const struct dk_error *error)
{
	dk_fault(building->compiling->faults, node->place, "route %s: %s: %s",
		 building->route->name, *node->name ? node->name : building->member, error->text);
}

/* --- Addresses --- */

/* The colon that ends the endpoint's name: the first that is in no ${…}. */
static const char *
find_colon(const char *text)
{
	while (*text && *text != ':') {
		const char *brace = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;

		text = brace ? brace : text + 1;
	}
	return *text ? text : NULL;
}

static int
fail_endpoint(const struct dk_plan *plan, const char *name, struct dk_error *error)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(name) };

	for (size_t i = 0; i < plan->endpoint_count; i++)
		dk_suggest(&suggestion, plan->endpoints[i].name);
	if (suggestion.nearest)
		return dk_fail(error, "there is no endpoint \"%s\"; \"%s\"?", name,
			       suggestion.nearest);
	return dk_fail(error, "there is no endpoint \"%s\"; endpoints = { %s = { … }; };?", name,
		       name);
}

/* The endpoint that an address names, and the rest of it, as it is written. -1 with an error. */
static int
split(const struct dk_compiling *compiling, const char *text, const char **rest,
      struct dk_error *error)
{
	const char *colon = find_colon(text);
	const char *name;
	int number;

	if (!colon)
		return dk_fail(error, "\"%s\" names no endpoint; \"endpoint:address\"?", text);
	*rest = colon + 1;
	name = dk_memory_text(compiling->memory, dk_slice_new(text, (size_t)(colon - text)));
	name = dk_variables_expand(compiling->variables, name, error);
	if (!name)
		return -1;
	number = dk_endpoint_find(compiling->plan, dk_slice_of(name));
	return number >= 0 ? number : fail_endpoint(compiling->plan, name, error);
}

/* --- Every node of a scalar or a list of them --- */

/* `example` is what one of them looks like. */
static void
each(struct dk_building *building, const struct dk_node *node, const char *example,
     void (*build)(struct dk_building *building, const struct dk_node *node))
{
	const struct dk_node *wrong = node;

	building->member = node->name;
	if (node->kind == DK_NODE_TEXT) {
		build(building, node);
		return;
	}
	for (size_t i = 0; node->kind == DK_NODE_LIST && i < node->count; i++) {
		if (node->inside[i].kind == DK_NODE_TEXT)
			build(building, &node->inside[i]);
		else
			wrong = &node->inside[i];
	}
	if (node->kind == DK_NODE_LIST && wrong == node && node->count > 0)
		return;
	building->is_incomplete = true;
	dk_fault(building->compiling->faults, wrong->place, "route %s: %s %s %s; \"%s\"%s?",
		 building->route->name, node->name, wrong == node ? "is" : "holds",
		 node->count == 0 && node->kind == DK_NODE_LIST ? "an empty list" :
								  dk_node_kind_name(wrong),
		 example, wrong == node ? ", or a list of such" : "");
}

/* A text, not a list of them. */
static bool
is_text(struct dk_building *building, const struct dk_node *node)
{
	if (!node || node->kind == DK_NODE_TEXT)
		return node != NULL;
	dk_fault(building->compiling->faults, node->place, "route %s: %s is %s; a text?",
		 building->route->name, node->name, dk_node_kind_name(node));
	return false;
}

/* --- from --- */

static void
free_pattern(void *pattern)
{
	dk_pattern_free(pattern);
}

static int
compile_from(struct dk_building *building, const struct dk_node *node, struct dk_from *from,
	     struct dk_error *error)
{
	struct dk_compiling *compiling = building->compiling;
	const struct dk_plugin *plugin;
	const char *address;
	struct dk_pattern *pattern;
	int endpoint = split(compiling, node->text, &address, error);

	if (endpoint < 0)
		return -1;
	address = dk_variables_expand_pattern(compiling->variables, address, error);
	if (!address)
		return -1;
	plugin = compiling->plan->endpoints[endpoint].plugin;
	if (!plugin)
		return 1; /* was told where the endpoint is */
	if (!plugin->source)
		return dk_fail(error, "%s is no source: the plugin %s only takes messages",
			       compiling->plan->endpoints[endpoint].name, plugin->name);
	pattern = dk_pattern_new(plugin->dialect, dk_slice_of(address), building->captures, error);
	if (!pattern)
		return -1;
	dk_memory_keep(compiling->memory, pattern, free_pattern);
	*from = (struct dk_from){ .pattern = pattern,
				  .route = building->route,
				  .endpoint = (size_t)endpoint,
				  .place = node->place };
	from->interest = (struct dk_interest){
		.route = building->route->name,
		.pattern = address,
		.filter = dk_pattern_filter(pattern),
		.options = dk_options_new(&plugin->from, compiling->memory),
	};
	return 0;
}

/* Of a pattern that is none, so that the captures it would have made are not told as unknown. */
static void
guess_captures(struct dk_captures *captures, const char *text)
{
	static const char legal[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	while (text && (text = strchr(text + 1, ':'))) {
		struct dk_slice name = dk_slice_new(text + 1, strspn(text + 1, legal));

		if (name.length > 0 && captures->count < DK_CAPTURES_MAX &&
		    dk_captures_find(captures, name) < 0)
			captures->names[captures->count++] = name;
	}
}

static void
build_from(struct dk_building *building, const struct dk_node *node)
{
	struct dk_compiling *compiling = building->compiling;
	struct dk_error error;
	int result = compile_from(building, node, &compiling->froms[compiling->from_count], &error);

	if (result < 0)
		fault(building, node, &error);
	if (result != 0) {
		guess_captures(building->captures, find_colon(node->text));
		building->is_incomplete = true;
		return;
	}
	compiling->from_count++;
	building->from_count++;
}

/* --- to and dead --- */

static int
check_literal(const struct dk_way *way, struct dk_error *error)
{
	const char *text = dk_template_text(way->address);
	const char *why;

	if (!way->target.is_literal)
		return 0;
	why = dk_dialect_address_fault(way->dialect, dk_slice_of(text));
	return why ? dk_fail(error, "\"%s\" %s", text, why) : 0;
}

static int
compile_way(struct dk_building *building, const struct dk_node *node, struct dk_way *way,
	    const struct dk_captures *captures, struct dk_error *error)
{
	struct dk_compiling *compiling = building->compiling;
	struct dk_endpoint_plan *of;
	const char *address;
	int endpoint = split(compiling, node->text, &address, error);

	if (endpoint < 0)
		return -1;
	of = &compiling->plan->endpoints[endpoint];
	if (!of->plugin)
		return 1;
	if (!of->plugin->sink)
		return dk_fail(error, "%s is no sink: the plugin %s only brings messages", of->name,
			       of->plugin->name);
	way->address = dk_variables_template(compiling->variables, address, captures, error);
	if (!way->address)
		return -1;
	way->route = building->route;
	way->endpoint = (size_t)endpoint;
	way->dialect = of->plugin->dialect;
	way->key = dk_hash(dk_hash(DK_HASH_BEGIN, dk_slice_new(building->route->name,
							       strlen(building->route->name) + 1)),
			   dk_slice_of(node->text));
	way->target = (struct dk_target){
		.route = building->route->name,
		.template = dk_template_text(way->address),
		.is_literal = dk_template_is_literal(way->address),
		.options = dk_options_new(&of->plugin->to, compiling->memory),
	};
	of->is_sink = true;
	return check_literal(way, error);
}

static void
build_to(struct dk_building *building, const struct dk_node *node)
{
	struct dk_route *route = building->route;
	struct dk_way *way = &route->ways[route->way_count];
	struct dk_error error;
	int result = compile_way(building, node, way, building->captures, &error);

	if (result == 0)
		result = dk_route_check_twice(route, way, &error);
	if (result < 0)
		fault(building, node, &error);
	if (result == 0)
		route->way_count++;
	else
		building->is_incomplete = true;
}

static void
build_dead(struct dk_building *building, const struct dk_node *node)
{
	struct dk_way *way = dk_memory_take(building->compiling->memory, sizeof(*way));
	struct dk_error error;
	int result = compile_way(building, node, way, NULL, &error);

	if (result < 0)
		fault(building, node, &error);
	if (result == 0)
		building->route->dead = way;
}

/* --- key, headers, enabled --- */

static struct dk_template *
template_of(struct dk_building *building, const struct dk_node *node, const char *text)
{
	struct dk_error error;
	struct dk_template *template = dk_variables_template(building->compiling->variables, text,
							     building->captures, &error);

	if (!template)
		fault(building, node, &error);
	return template;
}

static void
build_header(struct dk_building *building, const struct dk_node *node)
{
	struct dk_route *route = building->route;
	const char *colon = strchr(node->text, ':');
	const char *value = colon ? colon + 1 : NULL;

	if (!colon || colon == node->text) {
		dk_fault(building->compiling->faults, node->place,
			 "route %s: the header \"%s\" has no name; \"name: value\"?", route->name,
			 node->text);
		return;
	}
	while (*value == ' ')
		value++;
	route->headers[route->header_count].name = dk_slice_of(
		dk_memory_text(building->compiling->memory,
			       dk_slice_new(node->text, (size_t)(colon - node->text))));
	route->headers[route->header_count].value = template_of(building, node, value);
	if (route->headers[route->header_count].value)
		route->header_count++;
}

/* --- The route --- */

static size_t
length_of(const struct dk_node *node)
{
	return !node ? 0 : node->kind == DK_NODE_LIST ? node->count : 1;
}

static bool
is_enabled(struct dk_building *building)
{
	static const struct dk_option rows[] = {
		{ "enabled", DK_TRUTH, 0, NULL, 0, 0, NULL, 0, "Whether the route is there." },
		{ 0 },
	};
	static const struct dk_options table = { sizeof(bool), rows, 0, 0, 0 };
	const struct dk_node *node = dk_node_find(building->node, "enabled");
	bool enabled = true;

	if (node)
		dk_options_set(&table, &enabled, node, building->compiling->variables,
			       building->compiling->faults);
	return enabled;
}

static void
build_members(struct dk_building *building)
{
	struct dk_route *route = building->route;
	const struct dk_node *node = building->node;
	const struct dk_node *to = dk_node_find(node, "to"), *from = dk_node_find(node, "from");
	const struct dk_node *key = dk_node_find(node, "key"), *dead = dk_node_find(node, "dead");
	const struct dk_node *headers = dk_node_find(node, "headers");
	struct dk_plan_memory *memory = building->compiling->memory;

	route->ways = dk_memory_take(memory, length_of(to) * sizeof(*route->ways));
	route->headers = dk_memory_take(memory, length_of(headers) * sizeof(*route->headers));
	each(building, from, "endpoint:address", build_from);
	dk_route_check_froms(building);
	each(building, to, "endpoint:address", build_to);
	if (is_text(building, key))
		route->key = template_of(building, key, key->text);
	if (headers && !(headers->kind == DK_NODE_LIST && headers->count == 0))
		each(building, headers, "name: value", build_header);
	if (is_text(building, dead))
		build_dead(building, dead);
	dk_route_set_options(building);
}

static bool
is_complete(struct dk_compiling *compiling, const struct dk_node *node)
{
	bool is_group = node->kind == DK_NODE_GROUP;

	if (is_group && dk_node_find(node, "from") && dk_node_find(node, "to"))
		return true;
	dk_fault(compiling->faults, node->place,
		 "route %s %s %s; %s = { from = \"endpoint:address\"; "
		 "to = \"endpoint:address\"; };?",
		 node->name, is_group ? "has no" : "is",
		 !is_group		     ? dk_node_kind_name(node) :
		 dk_node_find(node, "from") ? "to" :
					      "from",
		 node->name);
	return false;
}

static void
compile_route(struct dk_compiling *compiling, const struct dk_node *node)
{
	struct dk_plan *plan = compiling->plan;
	struct dk_route *route = &plan->routes[plan->route_count];
	struct dk_building building = {
		.compiling = compiling,
		.route = route,
		.captures = dk_memory_take(compiling->memory, sizeof(struct dk_captures)),
		.node = node,
		.froms = &compiling->froms[compiling->from_count],
	};

	if (!is_complete(compiling, node))
		return;
	route->name = node->name;
	route->number = plan->route_count;
	route->captures = building.captures;
	if (!is_enabled(&building))
		return;
	plan->route_count++;
	build_members(&building);
}

void
dk_compile_routes(struct dk_compiling *compiling, const struct dk_node *group)
{
	size_t froms = 0;

	for (size_t i = 0; group && i < group->count; i++)
		froms += length_of(dk_node_find(&group->inside[i], "from"));
	compiling->froms = dk_memory_take(compiling->memory, froms * sizeof(*compiling->froms));
	compiling->plan->routes = dk_memory_take(compiling->memory, (group ? group->count : 0) *
									    sizeof(struct dk_route));
	for (size_t i = 0; group && i < group->count; i++)
		compile_route(compiling, &group->inside[i]);
}
