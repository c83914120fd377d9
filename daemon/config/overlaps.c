/* SPDX-License-Identifier: Apache-2.0
 *
 * overlaps.c - routes that carry the same messages: each its own copy, which may not be meant.
 */
#include "daemon/config/algebra.h"

#include <stdlib.h>

#include "daemon/language/overlap.h"

struct search {
	struct dk_compiling *compiling;
	enum dk_dialect dialect;
	const struct dk_from *from; /* whose overlaps are looked for */
	const struct dk_from *found;
};

/* Content decides between routes that have a condition; what is meant is not told. */
static bool
is_silent(const struct dk_route *route)
{
	return route->may_overlap || dk_route_chooses(route);
}

static bool
note(void *context, void *value, const struct dk_pattern *pattern)
{
	struct search *search = context;
	const struct dk_from *other = value;

	(void)pattern;
	if (other->route->number >= search->from->route->number)
		return true;
	search->found = other;
	return false;
}

/* Of routes of a group, and of their defaults, one is told for all: by the two lines. */
static bool
was_told(struct dk_compiling *compiling, struct dk_map *told, const struct search *search)
{
	const char *key = dk_memory_print(compiling->memory, "%s:%u %s:%u",
					  search->from->place.file, search->from->place.line,
					  search->found->place.file, search->found->place.line);

	if (dk_map_find(told, dk_slice_of(key)))
		return true;
	dk_map_put(told, dk_slice_of(key), (void *)(uintptr_t)key);
	return false;
}

static void
tell(const struct search *search)
{
	const struct dk_from *from = search->from, *other = search->found;
	bool is_covered = dk_pattern_covers(search->dialect, other->pattern, from->pattern);

	dk_warning(search->compiling->faults, from->place,
		   "route %s: from: \"%s\" and \"%s\" of the route %s (%s:%u) match %s, and each route "
		   "carries its own copy; overlap = true if that is meant?",
		   from->route->name, from->interest.pattern, other->interest.pattern,
		   other->route->name, other->place.file, other->place.line,
		   is_covered ? "all that this one does" : "some addresses both");
}

static void
check_endpoint(struct dk_compiling *compiling, size_t endpoint, struct dk_map *told)
{
	const struct dk_plan *plan = compiling->plan;
	enum dk_dialect dialect = plan->endpoints[endpoint].plugin->dialect;
	struct dk_matcher *matcher = dk_matcher_new(dialect);

	for (size_t i = 0; i < plan->from_count; i++)
		if (plan->froms[i].endpoint == endpoint && !is_silent(plan->froms[i].route))
			dk_matcher_add(matcher, plan->froms[i].pattern, &plan->froms[i]);
	for (size_t i = 0; i < plan->from_count; i++) {
		struct search search = { compiling, dialect, &plan->froms[i], NULL };

		if (plan->froms[i].endpoint != endpoint || is_silent(plan->froms[i].route))
			continue;
		dk_matcher_overlaps(matcher, plan->froms[i].pattern, note, &search);
		if (search.found && !was_told(compiling, told, &search))
			tell(&search);
	}
	dk_matcher_free(matcher);
}

void
dk_algebra_check_overlaps(struct dk_compiling *compiling)
{
	struct dk_map told = { 0 };

	for (size_t i = 0; i < compiling->plan->endpoint_count; i++)
		if (compiling->plan->endpoints[i].subscription_count > 0)
			check_endpoint(compiling, i, &told);
	dk_map_clear(&told);
}
