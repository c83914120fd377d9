/* SPDX-License-Identifier: Apache-2.0
 *
 * page_map.c - the status page's map of the routes that are shown: sources at the left, sinks at
 * the right, routes between them with their rates. Of many routes those that lead from the same to
 * the same are one.
 */
#include <stdlib.h>

#include "daemon/base/checksum.h"
#include "daemon/surface/health.h"
#include "daemon/surface/page_parts.h"

#define SINGLE_ROUTES 40 /* of more, those of the same endpoints are one band */
#define MOST_BANDS 60
#define MOST_NODES 40 /* at each side */
#define BAND_HEIGHT 28
#define NODE_HEIGHT 64

/* Where things stand, from left to right. */
enum {
	SOURCE_LEFT = 4,
	SOURCE_RIGHT = 204,
	LABEL_LEFT = 340,
	LABEL_RIGHT = 660,
	SINK_LEFT = 796,
	SINK_RIGHT = 996,
	WIDTH = 1000
};

/* One route, or several that lead from the same endpoints to the same. */
struct band {
	uint64_t ends;	     /* which these are: a hash */
	size_t source, sink; /* the first of them */
	size_t route;	     /* the first that is in it */
	size_t count;	     /* of routes */
	double rate;
	bool is_stuck;
};

struct side {
	size_t endpoints[MOST_NODES]; /* from top to bottom */
	size_t count;
};

struct map {
	struct dk_page *page;
	struct band bands[MOST_BANDS];
	size_t band_count, left_out;
	struct side sources, sinks;
	size_t height;
};

/* --- Gathering --- */

struct ends {
	uint64_t hash;
	size_t first, count;
};

static void
hash_end(void *context, size_t endpoint)
{
	struct ends *ends = context;

	if (ends->count++ == 0)
		ends->first = endpoint;
	ends->hash = dk_hash(ends->hash, dk_slice_new((const char *)&endpoint, sizeof(endpoint)));
}

static struct band *
band_of(struct map *map, size_t route)
{
	struct ends sources = { .hash = DK_HASH_BEGIN }, sinks;
	bool is_single = map->page->shown_count <= SINGLE_ROUTES;

	dk_page_each_source(map->page->plan, route, hash_end, &sources);
	sinks = (struct ends){ .hash = ~sources.hash };
	dk_page_each_sink(map->page->plan, route, hash_end, &sinks);
	for (size_t i = 0; i < map->band_count && !is_single; i++)
		if (map->bands[i].ends == sinks.hash)
			return &map->bands[i];
	if (map->band_count == MOST_BANDS)
		return NULL;
	map->bands[map->band_count] = (struct band){
		.ends = sinks.hash, .source = sources.first, .sink = sinks.first, .route = route
	};
	return &map->bands[map->band_count++];
}

static void
gather_route(struct map *map, size_t route)
{
	const struct dk_pace *pace = dk_health_route(route);
	struct band *band = band_of(map, route);

	if (!band) {
		map->left_out++;
		return;
	}
	band->count++;
	band->rate += pace ? pace->delivered : 0;
	band->is_stuck |= pace && pace->is_stuck;
}

/* By their sources, then by their sinks, so that few cross. */
static int
compare(const void *a, const void *b)
{
	const struct band *one = a, *other = b;

	if (one->source != other->source)
		return one->source < other->source ? -1 : 1;
	if (one->sink != other->sink)
		return one->sink < other->sink ? -1 : 1;
	return one->route < other->route ? -1 : one->route > other->route;
}

static size_t
find_node(const struct side *side, size_t endpoint)
{
	size_t number = 0;

	while (number < side->count && side->endpoints[number] != endpoint)
		number++;
	return number;
}

static void
add_node(void *context, size_t endpoint)
{
	struct side *side = context;

	if (find_node(side, endpoint) == side->count && side->count < MOST_NODES)
		side->endpoints[side->count++] = endpoint;
}

static void
gather(struct map *map)
{
	size_t most;

	for (size_t i = 0; i < map->page->shown_count; i++)
		gather_route(map, map->page->shown[i]);
	qsort(map->bands, map->band_count, sizeof(map->bands[0]), compare);
	for (size_t i = 0; i < map->band_count; i++) {
		dk_page_each_source(map->page->plan, map->bands[i].route, add_node, &map->sources);
		dk_page_each_sink(map->page->plan, map->bands[i].route, add_node, &map->sinks);
	}
	most = map->sources.count > map->sinks.count ? map->sources.count : map->sinks.count;
	map->height = most * NODE_HEIGHT;
	if (map->band_count * BAND_HEIGHT > map->height)
		map->height = map->band_count * BAND_HEIGHT;
}

/* --- Drawing --- */

static void
put(const struct map *map, const char *literal)
{
	dk_page_put(&map->page->writing, literal);
}

static void
put_at(const struct map *map, const char *before, size_t number)
{
	dk_page_put(&map->page->writing, before);
	dk_page_put_number(&map->page->writing, (int64_t)number);
}

/* The middle of the number-th of `count` things, all of which share the height. */
static size_t
middle(const struct map *map, size_t number, size_t count)
{
	return map->height * (2 * number + 1) / (2 * count);
}

static void
put_curve(const struct map *map, size_t left, size_t left_y, size_t right, size_t right_y)
{
	size_t half = (left + right) / 2;

	put_at(map, "<path d=\"M", left);
	put_at(map, " ", left_y);
	put_at(map, "C", half);
	put_at(map, " ", left_y);
	put_at(map, " ", half);
	put_at(map, " ", right_y);
	put_at(map, " ", right);
	put_at(map, " ", right_y);
	put(map, "\"/>");
}

static void
put_box(const struct map *map, size_t left, size_t right, size_t y, size_t height)
{
	put_at(map, "<rect rx=\"5\" x=\"", left);
	put_at(map, "\" y=\"", y - height / 2);
	put_at(map, "\" width=\"", right - left);
	put_at(map, "\" height=\"", height);
	put(map, "\"/>");
}

static void
put_text_at(const struct map *map, const char *class, size_t x, size_t y)
{
	put(map, "<text class=\"");
	put(map, class);
	put_at(map, "\" x=\"", x);
	put_at(map, "\" y=\"", y);
	put(map, "\">");
}

static void
put_band_name(const struct map *map, const struct band *band)
{
	if (band->count == 1) {
		dk_page_put_short(&map->page->writing, map->page->plan->routes[band->route].name,
				  28);
		return;
	}
	dk_page_put_number(&map->page->writing, (int64_t)band->count);
	put(map, " routes");
}

struct curves {
	const struct map *map;
	size_t y; /* of the band */
};

static void
put_curve_from(void *context, size_t endpoint)
{
	const struct curves *curves = context;
	const struct side *side = &curves->map->sources;
	size_t number = find_node(side, endpoint);

	if (number < side->count)
		put_curve(curves->map, SOURCE_RIGHT, middle(curves->map, number, side->count),
			  LABEL_LEFT, curves->y);
}

static void
put_curve_to(void *context, size_t endpoint)
{
	const struct curves *curves = context;
	const struct side *side = &curves->map->sinks;
	size_t number = find_node(side, endpoint);

	if (number < side->count)
		put_curve(curves->map, LABEL_RIGHT, curves->y, SINK_LEFT,
			  middle(curves->map, number, side->count));
}

static void
put_band(const struct map *map, size_t number)
{
	const struct band *band = &map->bands[number];
	struct curves curves = { map, middle(map, number, map->band_count) };
	struct dk_cell rate = { "tspan", 'm', number, "rate", band->is_stuck ? DK_PAGE_BAD : 0 };

	dk_page_each_source(map->page->plan, band->route, put_curve_from, &curves);
	dk_page_each_sink(map->page->plan, band->route, put_curve_to, &curves);
	put(map, "<g class=\"band\">");
	put_box(map, LABEL_LEFT, LABEL_RIGHT, curves.y, BAND_HEIGHT - 4);
	put_text_at(map, "name", LABEL_LEFT + 10, curves.y + 5);
	put_band_name(map, band);
	put(map, "</text>");
	put_text_at(map, "rate", LABEL_RIGHT - 10, curves.y + 5);
	dk_page_put_cell(&map->page->writing, &rate, dk_page_rate(band->rate).text);
	put(map, "</text></g>\n");
}

static enum dk_page_state
state_of(const struct map *map, size_t endpoint)
{
	const struct dk_pace *pace = dk_health_endpoint(endpoint);

	if (pace && pace->is_stuck)
		return DK_PAGE_BAD;
	return map->page->endpoints[endpoint].connected ? DK_PAGE_GOOD : DK_PAGE_WAITS;
}

/* `group` tells an endpoint's two sides apart. */
static void
put_node(const struct map *map, char group, size_t endpoint, size_t left, size_t y, double rate)
{
	struct dk_cell dot = { "tspan class=\"dot\"", group, endpoint, "state",
			       state_of(map, endpoint) };
	struct dk_cell cell = { "tspan", group, endpoint, "rate", 0 };

	put(map, "<g class=\"node\">");
	put_box(map, left, left + SOURCE_RIGHT - SOURCE_LEFT, y, NODE_HEIGHT - 14);
	put_text_at(map, "name", left + 12, y - 3);
	dk_page_put_cell(&map->page->writing, &dot, "\xe2\x97\x8f");
	put(map, " ");
	dk_page_put_short(&map->page->writing, map->page->plan->endpoints[endpoint].name, 20);
	put(map, "</text>");
	put_text_at(map, "detail", left + 12, y + 16);
	dk_page_put_text(&map->page->writing, map->page->plan->endpoints[endpoint].plugin->name);
	put(map, " \xc2\xb7 ");
	dk_page_put_cell(&map->page->writing, &cell, dk_page_rate(rate).text);
	put(map, "</text></g>\n");
}

static void
put_nodes(const struct map *map)
{
	for (size_t i = 0; i < map->sources.count; i++) {
		const struct dk_pace *pace = dk_health_endpoint(map->sources.endpoints[i]);

		put_node(map, 's', map->sources.endpoints[i], SOURCE_LEFT,
			 middle(map, i, map->sources.count), pace ? pace->received : 0);
	}
	for (size_t i = 0; i < map->sinks.count; i++) {
		const struct dk_pace *pace = dk_health_endpoint(map->sinks.endpoints[i]);

		put_node(map, 'k', map->sinks.endpoints[i], SINK_LEFT,
			 middle(map, i, map->sinks.count), pace ? pace->delivered : 0);
	}
}

static void
put_picture(const struct map *map)
{
	put_at(map,
	       "<svg role=\"img\" aria-label=\"Sources at the left, sinks at the right, and the "
	       "routes between them; the tables say the same\" viewBox=\"0 0 ",
	       WIDTH);
	put_at(map, " ", map->height);
	put_at(map, "\" width=\"", WIDTH);
	put_at(map, "\" height=\"", map->height);
	put(map, "\">\n");
	for (size_t i = 0; i < map->band_count; i++)
		put_band(map, i);
	put_nodes(map);
	put(map, "</svg></div>\n");
}

void
dk_page_map(struct dk_page *page)
{
	struct map map = { .page = page };

	gather(&map);
	if (map.band_count == 0)
		return;
	put(&map, "<section aria-labelledby=\"map\"><h2 id=\"map\">Map</h2>\n");
	put(&map, "<div class=\"scroll map\" role=\"region\" aria-labelledby=\"map\" "
		  "tabindex=\"0\">");
	put_picture(&map);
	if (page->found_count > page->shown_count)
		put(&map, "<p>It is of the routes that are listed below.</p>\n");
	if (map.left_out > 0) {
		put_at(&map, "<p>Routes that are not drawn, for want of room: ", map.left_out);
		put(&map, "</p>\n");
	}
	put(&map, "</section>\n");
}
