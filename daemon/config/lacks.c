/* SPDX-License-Identifier: Apache-2.0
 *
 * lacks.c - what a route uses of a message, and its source never brings.
 */
#include "daemon/config/algebra.h"

bool
dk_algebra_lacks(const struct dk_endpoint_plan *endpoint, unsigned part)
{
	const struct dk_source_functions *source = endpoint->plugin->source;

	return source && source->brings && part & ~source->brings(endpoint->config);
}

/* A member of a route, looked at for one of its sources. */
struct looking {
	struct dk_compiling *compiling;
	const struct dk_route *route;
	const struct dk_route_origin *origin;
	const struct dk_endpoint_plan *source;
	const char *member;
};

static struct dk_place
place_of(const struct looking *looking)
{
	return dk_layers_find(looking->origin->layers, looking->member)->place;
}

static void
tell_template(void *context, unsigned part, struct dk_slice name)
{
	const struct looking *looking = context;
	int length = (int)name.length;

	if (dk_algebra_lacks(looking->source, part))
		dk_warning(looking->compiling->faults, place_of(looking),
			   "route %s: %s: ${%.*s} is never there in a message of %s (%s): each "
			   "becomes a dead letter; ${%.*s:-…}?",
			   looking->route->name, looking->member, length, name.data,
			   looking->source->name, looking->source->plugin->name, length, name.data);
}

static void
tell_condition(void *context, unsigned part, struct dk_slice name)
{
	const struct looking *looking = context;

	if (dk_algebra_lacks(looking->source, part))
		dk_warning(looking->compiling->faults, place_of(looking),
			   "route %s: when: ${%.*s} is never there in a message of %s (%s): the "
			   "comparison never holds",
			   looking->route->name, (int)name.length, name.data, looking->source->name,
			   looking->source->plugin->name);
}

static void
check_source(struct looking *looking)
{
	const struct dk_route *route = looking->route;

	looking->member = "to";
	for (size_t i = 0; i < route->way_count; i++)
		dk_template_each_wanted(route->ways[i].address, tell_template, looking);
	looking->member = "key";
	if (route->key)
		dk_template_each_wanted(route->key, tell_template, looking);
	looking->member = "headers";
	for (size_t i = 0; i < route->header_count; i++)
		dk_template_each_wanted(route->headers[i].value, tell_template, looking);
	looking->member = "when";
	if (route->when)
		dk_expression_each_wanted(route->when, tell_condition, looking);
}

void
dk_algebra_check_lacks(struct dk_compiling *compiling, const struct dk_route *route,
		       const struct dk_route_origin *origin)
{
	struct looking looking = { .compiling = compiling, .route = route, .origin = origin };

	for (size_t i = 0; i < origin->from_count; i++) {
		looking.source = &compiling->plan->endpoints[origin->froms[i].endpoint];
		check_source(&looking);
	}
}
