/* SPDX-License-Identifier: Apache-2.0
 *
 * standing.c - what stands over reloads: kept by name, told to each gateway.
 */
#include "daemon/host/standing.h"

#include <stdlib.h>

#include "daemon/base/map.h"
#include "daemon/flow/pause.h"
#include "daemon/host/running.h"

struct names {
	char **list;
	size_t count;
};

struct dk_standing {
	struct dk_gateway *gateway; /* NULL: there is none */
	struct names paused[DK_PAUSABLES];
	bool is_drained;
	const struct dk_tap *tap;
};

struct dk_standing *
dk_standing_new(void)
{
	struct dk_standing *standing = calloc(1, sizeof(*standing));

	if (!standing)
		abort();
	return standing;
}

/* --- Names --- */

static size_t
find(const struct names *names, const char *name)
{
	size_t i = 0;

	while (i < names->count && strcmp(names->list[i], name) != 0)
		i++;
	return i;
}

static void
add(struct names *names, const char *name)
{
	if (find(names, name) < names->count)
		return;
	names->list = realloc(names->list, (names->count + 1) * sizeof(char *));
	if (!names->list || !(names->list[names->count++] = strdup(name)))
		abort();
}

static void
drop(struct names *names, const char *name)
{
	size_t i = find(names, name);

	if (i == names->count)
		return;
	free(names->list[i]);
	memmove(&names->list[i], &names->list[i + 1], (--names->count - i) * sizeof(char *));
}

static void
clear(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct names){ 0 };
}

/* --- To the gateway --- */

static void
apply_to_endpoint(const struct dk_standing *standing, struct dk_endpoint *endpoint,
		  const struct dk_map *paused)
{
	bool is_paused = dk_map_find(paused, dk_slice_of(endpoint->plan->name));
	bool is_source_paused = is_paused || standing->is_drained;

	if (endpoint->source && dk_source_is_paused(endpoint->source) != is_source_paused)
		dk_source_pause(endpoint->source, is_source_paused);
	if (endpoint->sink && dk_sink_is_paused(endpoint->sink) != is_paused)
		dk_sink_pause(endpoint->sink, is_paused);
}

/* In a map, for there may be as many names as routes. */
static struct dk_map
map_of(const struct names *names)
{
	struct dk_map map = { 0 };

	for (size_t i = 0; i < names->count; i++)
		dk_map_put(&map, dk_slice_of(names->list[i]), names->list[i]);
	return map;
}

static void
tell(const struct dk_standing *standing)
{
	struct dk_gateway *gateway = standing->gateway;
	struct dk_map routes, endpoints;

	if (!gateway)
		return;
	routes = map_of(&standing->paused[DK_PAUSABLE_ROUTE]);
	endpoints = map_of(&standing->paused[DK_PAUSABLE_ENDPOINT]);
	for (size_t i = 0; i < gateway->plan->route_count; i++)
		dk_route_pause(gateway->flow, i,
			       dk_map_find(&routes, dk_slice_of(gateway->plan->routes[i].name)));
	for (size_t i = 0; i < gateway->plan->endpoint_count; i++)
		apply_to_endpoint(standing, gateway->endpoints[i], &endpoints);
	dk_flow_tap(gateway->flow, standing->tap);
	dk_map_clear(&routes);
	dk_map_clear(&endpoints);
}

void
dk_standing_apply(struct dk_standing *standing, struct dk_gateway *gateway)
{
	standing->gateway = gateway;
	tell(standing);
}

void
dk_standing_free(struct dk_standing *standing)
{
	for (enum dk_pausable kind = 0; kind < DK_PAUSABLES; kind++)
		clear(&standing->paused[kind]);
	free(standing);
}

/* --- From the administrator --- */

void
dk_standing_pause(struct dk_standing *standing, enum dk_pausable kind, const char *name)
{
	add(&standing->paused[kind], name);
	tell(standing);
}

void
dk_standing_resume(struct dk_standing *standing, enum dk_pausable kind, const char *name)
{
	drop(&standing->paused[kind], name);
	tell(standing);
}

void
dk_standing_resume_all(struct dk_standing *standing)
{
	for (enum dk_pausable kind = 0; kind < DK_PAUSABLES; kind++)
		clear(&standing->paused[kind]);
	standing->is_drained = false;
	tell(standing);
}

bool
dk_standing_has(const struct dk_standing *standing, enum dk_pausable kind, const char *name)
{
	return find(&standing->paused[kind], name) < standing->paused[kind].count;
}

const char *
dk_standing_name(const struct dk_standing *standing, enum dk_pausable kind, size_t number)
{
	const struct names *names = &standing->paused[kind];

	return number < names->count ? names->list[number] : NULL;
}

void
dk_standing_drain(struct dk_standing *standing)
{
	standing->is_drained = true;
	tell(standing);
}

bool
dk_standing_is_drained(const struct dk_standing *standing)
{
	return standing->is_drained;
}

void
dk_standing_tap(struct dk_standing *standing, const struct dk_tap *tap)
{
	standing->tap = tap;
	tell(standing);
}
