/* SPDX-License-Identifier: Apache-2.0
 *
 * routes.c - from the tree to the plan: one route, with its ways in and out.
 */
#include <stdlib.h>

#include "daemon/config/addresses.h"
#include "daemon/config/route.h"

/* Of a node that is a profile's, or of a group's route, the same is told once, and not of each
 * route that comes of it. */
static void
fault(const struct dk_building *building, const struct dk_node *node, const struct dk_error *error)
{
	struct dk_compiling *compiling = building->compiling;
	const char *key =
		dk_memory_print(compiling->memory, "%p %s", (const void *)node, error->text);

	if (dk_map_find(&compiling->told, dk_slice_of(key)))
		return;
	dk_map_put(&compiling->told, dk_slice_of(key), building->route);
	dk_fault(compiling->faults, node->place, "route %s: %s: %s", building->route->name,
		 *node->name ? node->name : building->member, error->text);
}

static const struct dk_node *
member(const struct dk_building *building, const char *name)
{
	return dk_layers_find(building->layers, name);
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

/* --- from, to and dead --- */

static void
build_from(struct dk_building *building, const struct dk_node *node)
{
	struct dk_route_origin *origin = building->origin;
	struct dk_error error;
	int result = dk_address_compile_from(building->compiling, node, building->route,
					     building->captures,
					     &origin->froms[origin->from_count], &error);

	if (result == DK_ADDRESS_GOOD) {
		origin->from_count++;
		return;
	}
	dk_address_guess_captures(building->compiling, building->captures, node->text);
	if (result == DK_ADDRESS_OFF)
		return;
	building->is_incomplete = true;
	if (result == DK_ADDRESS_FAULTY)
		fault(building, node, &error);
}

static void
build_to(struct dk_building *building, const struct dk_node *node)
{
	struct dk_route *route = building->route;
	struct dk_way *way = &route->ways[route->way_count];
	struct dk_error error;
	int result = dk_address_compile_to(building->compiling, node, route, building->captures,
					   way, &error);

	if (result == DK_ADDRESS_GOOD)
		result = dk_route_check_twice(route, way, &error);
	if (result == DK_ADDRESS_FAULTY)
		fault(building, node, &error);
	if (result == DK_ADDRESS_GOOD)
		route->way_count++;
	else if (result != DK_ADDRESS_OFF)
		building->is_incomplete = true;
}

static void
build_dead(struct dk_building *building, const struct dk_node *node)
{
	struct dk_way *way = dk_memory_take(building->compiling->memory, sizeof(*way));
	struct dk_error error;
	int result = dk_address_compile_to(building->compiling, node, building->route, NULL, way,
					   &error);

	if (result == DK_ADDRESS_FAULTY)
		fault(building, node, &error);
	if (result == DK_ADDRESS_GOOD)
		building->route->dead = way;
}

/* --- key, headers, when --- */

static struct dk_template *
template_of(struct dk_building *building, const struct dk_node *node, const char *text)
{
	struct dk_error error;
	struct dk_template *template = dk_variables_template(building->compiling->variables, text,
							     building->captures, NULL, &error);

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
	if (memchr(node->text, '$', (size_t)(colon - node->text))) {
		dk_fault(building->compiling->faults, node->place,
			 "route %s: the name of the header \"%s\" is taken as it is, with its $; "
			 "values stand behind the colon",
			 route->name, node->text);
		return;
	}
	if (route->header_count == DK_ROUTE_HEADERS_MAX) {
		dk_fault(building->compiling->faults, node->place,
			 "route %s has more than %d headers", route->name, DK_ROUTE_HEADERS_MAX);
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

static void
free_expression(void *expression)
{
	dk_expression_free(expression);
}

static void
build_when(struct dk_building *building, const struct dk_node *node)
{
	struct dk_error error;

	building->route->when = dk_variables_expression(building->compiling->variables, node->text,
							building->captures, &error);
	if (building->route->when)
		dk_memory_keep(building->compiling->memory, building->route->when, free_expression);
	else
		fault(building, node, &error);
}

static void
free_jq(void *jq)
{
	dk_jq_free(jq);
}

static void
build_jq(struct dk_building *building, const struct dk_node *node)
{
	struct dk_compiling *compiling = building->compiling;
	struct dk_error error;
	const char *program = dk_variables_expand_jq(compiling->variables, node->text, &error);

	if (program)
		building->route->jq = dk_jq_new(program, &error);
	if (building->route->jq)
		dk_memory_keep(compiling->memory, building->route->jq, free_jq);
	else
		fault(building, node, &error);
}

/* --- The route --- */

static size_t
length_of(const struct dk_node *node)
{
	return !node ? 0 : node->kind == DK_NODE_LIST ? node->count : 1;
}

/* Many routes capture alike; they share what they are told by. */
static const struct dk_captures *
keep_captures(struct dk_compiling *compiling, const struct dk_captures *captures)
{
	const struct dk_captures *last = compiling->captures;
	struct dk_captures *kept;
	bool is_same = last && last->count == captures->count;

	for (size_t i = 0; is_same && i < captures->count; i++)
		is_same = dk_slice_is(last->names[i], captures->names[i]) &&
			  last->is_rest[i] == captures->is_rest[i];
	if (is_same)
		return last;
	kept = dk_memory_take(compiling->memory, sizeof(*kept));
	*kept = *captures;
	return compiling->captures = kept;
}

static void
build_ways(struct dk_building *building)
{
	const struct dk_node *to = member(building, "to"), *from = member(building, "from");
	struct dk_compiling *compiling = building->compiling;
	struct dk_captures captures = { .count = 0 };

	building->route->ways =
		dk_memory_take(compiling->memory, length_of(to) * sizeof(struct dk_way));
	building->captures = &captures;
	each(building, from, "endpoint:address", build_from);
	dk_route_check_froms(building);
	building->route->captures = keep_captures(compiling, &captures);
	building->captures = (struct dk_captures *)building->route->captures;
	each(building, to, "endpoint:address", build_to);
	building->is_off = !building->is_incomplete && (building->origin->from_count == 0 ||
							building->route->way_count == 0);
}

static void
build_members(struct dk_building *building)
{
	struct dk_route *route = building->route;
	const struct dk_node *headers = member(building, "headers");
	const struct dk_node *key = member(building, "key"), *dead = member(building, "dead");
	const struct dk_node *when = member(building, "when"), *jq = member(building, "jq");

	route->headers = dk_memory_take(building->compiling->memory,
					length_of(headers) * sizeof(*route->headers));
	if (is_text(building, key))
		route->key = template_of(building, key, key->text);
	if (headers && !(headers->kind == DK_NODE_LIST && headers->count == 0))
		each(building, headers, "name: value", build_header);
	if (is_text(building, when))
		build_when(building, when);
	if (is_text(building, jq))
		build_jq(building, jq);
	if (is_text(building, dead))
		build_dead(building, dead);
	dk_route_set_options(building);
}

bool
dk_route_build(struct dk_compiling *compiling, const char *name, const struct dk_layers *layers,
	       struct dk_place place)
{
	struct dk_plan *plan = compiling->plan;
	struct dk_route *route = &plan->routes[plan->route_count];
	struct dk_building building = {
		.compiling = compiling,
		.route = route,
		.origin = &plan->origins[plan->route_count],
		.layers = layers,
		.place = place,
	};

	if (!dk_is_enabled(compiling, dk_layers_find(layers, "enabled"), layers->list[0]->what))
		return false;
	*route = (struct dk_route){ .name = name, .number = plan->route_count };
	*building.origin = (struct dk_route_origin){ .layers = layers,
						     .place = place,
						     .froms = &plan->froms[plan->from_count] };
	build_ways(&building);
	if (building.is_off)
		return false;
	build_members(&building);
	dk_layers_note_built(layers);
	plan->from_count += building.origin->from_count;
	plan->route_count++;
	return true;
}
