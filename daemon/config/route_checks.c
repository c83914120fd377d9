/* SPDX-License-Identifier: Apache-2.0
 *
 * route_checks.c - what the addresses of one route must be to each other, and to their plugins.
 */
#include "daemon/base/error.h"
#include "daemon/config/route.h"
#include "daemon/language/overlap.h"

static enum dk_dialect
dialect_of(const struct dk_building *building, const struct dk_from *from)
{
	return building->compiling->plan->endpoints[from->endpoint].plugin->dialect;
}

/* A capture that not every `from` has would be empty for some messages. */
static void
check_captures(const struct dk_building *building, const struct dk_from *from)
{
	struct dk_captures own = { .count = 0 };

	dk_pattern_free(dk_pattern_new(dialect_of(building, from),
				       dk_slice_of(from->interest.pattern), &own, NULL));
	for (size_t i = 0; i < building->captures->count; i++)
		if (dk_captures_find(&own, building->captures->names[i]) < 0)
			dk_fault(building->compiling->faults, from->place,
				 "route %s: from: \"%s\" does not capture :%.*s, as another "
				 "from of the route does; two routes?",
				 building->route->name, from->interest.pattern,
				 (int)building->captures->names[i].length,
				 building->captures->names[i].data);
}

/* What two of them match would be two deliveries of one message over one way, which cannot be told
 * apart: the first that is settled would settle both, and the other might be lost in a crash. */
static void
check_overlaps(const struct dk_building *building, const struct dk_from *from)
{
	for (const struct dk_from *other = building->origin->froms; other < from; other++)
		if (other->endpoint == from->endpoint &&
		    dk_patterns_overlap(dialect_of(building, from), other->pattern, from->pattern))
			dk_fault(building->compiling->faults, from->place,
				 "route %s: from: \"%s\" and \"%s\" match some addresses both, "
				 "and the route would carry those twice; is one of them enough?",
				 building->route->name, other->interest.pattern,
				 from->interest.pattern);
}

void
dk_route_check_froms(const struct dk_building *building)
{
	const struct dk_route_origin *origin = building->origin;

	for (size_t i = 0; origin->from_count > 1 && i < origin->from_count; i++) {
		if (building->is_incomplete)
			return;
		check_captures(building, &origin->froms[i]);
		check_overlaps(building, &origin->froms[i]);
	}
}

/* Two that are the same would have one key in the spool. */
int
dk_route_check_twice(const struct dk_route *route, const struct dk_way *way, struct dk_error *error)
{
	for (const struct dk_way *other = route->ways; other < way; other++)
		if (other->endpoint == way->endpoint &&
		    strcmp(other->target.template, way->target.template) == 0)
			return dk_fail(error, "\"%s\" is given twice; is one of them enough?",
				       way->target.template);
	return 0;
}

int
dk_route_check_target(const struct dk_building *building, const struct dk_way *way,
		      struct dk_error *error)
{
	const struct dk_endpoint_plan *endpoint =
		&building->compiling->plan->endpoints[way->endpoint];
	const struct dk_sink_functions *sink = endpoint->plugin->sink;

	return sink->check ? sink->check(endpoint->config, &way->target, error) : 0;
}
