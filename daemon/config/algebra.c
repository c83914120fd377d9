/* SPDX-License-Identifier: Apache-2.0
 *
 * algebra.c - what can be said of each route by itself: that it never matches, that its target is
 * anybody's choice, that its values may not be legal there.
 */
#include "daemon/config/algebra.h"

#include "daemon/language/levels.h"
#include "daemon/language/pieces.h"
#include "daemon/language/regex.h"

#define PIECES_MAX 64 /* of an address; one with more is taken for any */

/* --- Systems and outputs --- */

static bool
is_one_system(const struct dk_endpoint_plan *a, const struct dk_endpoint_plan *b)
{
	bool is_named = false;

	if (a->plugin != b->plugin)
		return false;
	for (const struct dk_option *row = a->plugin->endpoint.rows; row && row->name; row++) {
		if (!(row->flags & DK_NAMES_SYSTEM))
			continue;
		is_named = true;
		if (!dk_option_is_same(row, a->config, b->config))
			return false;
	}
	return is_named;
}

bool
dk_algebra_drops_own(const struct dk_endpoint_plan *endpoint, const struct dk_from *from)
{
	const char *options = from->interest.options;

	for (const struct dk_option *row = endpoint->plugin->from.rows; row && row->name; row++)
		if (row->flags & DK_DROPS_OWN && *(const bool *)(options + row->offset))
			return true;
	return false;
}

size_t *
dk_algebra_systems(struct dk_compiling *compiling)
{
	const struct dk_plan *plan = compiling->plan;
	size_t *systems =
		dk_memory_take(compiling->memory, plan->endpoint_count * sizeof(*systems));

	for (size_t i = 0; i < plan->endpoint_count; i++) {
		systems[i] = i;
		for (size_t j = 0; j < i; j++)
			if (is_one_system(&plan->endpoints[i], &plan->endpoints[j])) {
				systems[i] = systems[j];
				break;
			}
	}
	return systems;
}

struct dk_pattern *
dk_algebra_output(const struct dk_way *way)
{
	struct dk_pattern_piece pieces[PIECES_MAX];
	size_t count = dk_template_count(way->address);
	bool is_any = count > PIECES_MAX;

	for (size_t i = 0; !is_any && i < count; i++) {
		struct dk_template_piece piece = dk_template_piece(way->address, i);

		pieces[i] = (struct dk_pattern_piece){ piece.is_literal ?
							       piece.name :
							       (struct dk_slice){ NULL, 0 },
						       piece.is_rest };
	}
	if (is_any)
		pieces[0] = (struct dk_pattern_piece){ { NULL, 0 }, true };
	return dk_pattern_of_pieces(way->dialect, pieces, is_any ? 1 : count);
}

/* --- Routes that never match --- */

static void
check_from(struct dk_compiling *compiling, const struct dk_from *from)
{
	const struct dk_plugin *plugin = compiling->plan->endpoints[from->endpoint].plugin;
	struct dk_error error;

	if (!dk_pattern_can_match(plugin->dialect, from->pattern, &error))
		dk_warning(compiling->faults, from->place, "route %s: from: \"%s\" never matches: %s",
			   from->route->name, from->interest.pattern, error.text);
}

/* What a regular expression captures is the administrator's word. */
static bool
is_by_expression(const struct dk_compiling *compiling, const struct dk_from *from)
{
	const struct dk_plugin *plugin = compiling->plan->endpoints[from->endpoint].plugin;

	return dk_regex_begin(plugin->dialect, dk_slice_of(from->interest.pattern)) > 0;
}

static void
check_when(struct dk_compiling *compiling, const struct dk_route *route,
	   const struct dk_route_origin *origin)
{
	const struct dk_node *node = dk_layers_find(origin->layers, "when");

	if (route->when && dk_expression_always(route->when) == DK_ALWAYS_FALSE)
		dk_warning(compiling->faults, node->place,
			   "route %s: when = \"%s\" never holds: the route takes nothing",
			   route->name, dk_expression_text(route->when));
}

/* --- Targets --- */

/* Where a way stands in the file: its route's `to`. */
static struct dk_place
place_of(const struct dk_route_origin *origin)
{
	return dk_layers_find(origin->layers, "to")->place;
}

static void
check_choice(struct dk_compiling *compiling, const struct dk_way *way,
	     const struct dk_route_origin *origin)
{
	for (size_t i = 0; i < dk_template_count(way->address); i++) {
		struct dk_template_piece piece = dk_template_piece(way->address, i);

		if (piece.is_literal ||
		    (piece.slot >= 0 && is_by_expression(compiling, &origin->froms[0])))
			return;
	}
	dk_warning(compiling->faults, place_of(origin),
		   "route %s: to: \"%s\" has no literal part: whoever sends a message decides where in "
		   "%s it goes; a word before it?",
		   way->route->name, way->target.template,
		   compiling->plan->endpoints[way->endpoint].name);
}

/* What a level of the one system may hold that is not legal in a level of the other; NULL: nothing
 * that need be told. An empty level is not told of. */
static const char *
misfit(enum dk_dialect from, enum dk_dialect to)
{
	static const struct {
		enum dk_dialect from, to;
		const char *what;
	} rows[] = {
		{ DK_MQTT, DK_KAFKA, "anything but A-Z a-z 0-9 _ -" },
		{ DK_AMQP, DK_KAFKA, "anything but A-Z a-z 0-9 _ -" },
		{ DK_PATH, DK_KAFKA, "anything but A-Z a-z 0-9 _ -" },
		{ DK_PLAIN, DK_KAFKA, "anything but A-Z a-z 0-9 _ -" },
		{ DK_MQTT, DK_AMQP, "a dot" },
		{ DK_PATH, DK_AMQP, "a dot" },
		{ DK_PLAIN, DK_AMQP, "a dot" },
		{ DK_AMQP, DK_MQTT, "a /, a + or a #" },
		{ DK_PATH, DK_MQTT, "a + or a #" },
		{ DK_PLAIN, DK_MQTT, "a /, a + or a #" },
		{ DK_AMQP, DK_PATH, "a /" },
		{ DK_PLAIN, DK_PATH, "a /" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].from == from && rows[i].to == to)
			return rows[i].what;
	return NULL;
}

/* Of a capture of levels. */
static void
check_piece(struct dk_compiling *compiling, const struct dk_way *way,
	    const struct dk_template_piece *piece, const struct dk_route_origin *origin)
{
	const struct dk_from *from = &origin->froms[0];
	const struct dk_plugin *plugin = compiling->plan->endpoints[from->endpoint].plugin;
	const char *what = misfit(plugin->dialect, way->dialect);

	if (!what || is_by_expression(compiling, from))
		return;
	dk_warning(compiling->faults, place_of(origin),
		   "route %s: to: $%.*s is of %s and may hold %s, which may not stand there in %s: such "
		   "a message becomes a dead letter; escape = true?",
		   way->route->name, (int)piece->name.length, piece->name.data,
		   dk_grammar_of(plugin->dialect)->name, what, dk_grammar_of(way->dialect)->name);
}

static void
check_way(struct dk_compiling *compiling, const struct dk_way *way,
	  const struct dk_route_origin *origin)
{
	check_choice(compiling, way, origin);
	for (size_t i = 0; !way->route->escapes && i < dk_template_count(way->address); i++) {
		struct dk_template_piece piece = dk_template_piece(way->address, i);

		if (piece.slot >= 0)
			check_piece(compiling, way, &piece, origin);
	}
}

/* --- All routes --- */

/* Of a group's routes, which are many and alike, the first is looked at. */
static bool
is_like_last(const struct dk_plan *plan, size_t number)
{
	return number > 0 && plan->origins[number].layers == plan->origins[number - 1].layers;
}

void
dk_algebra_check_routes(struct dk_compiling *compiling)
{
	const struct dk_plan *plan = compiling->plan;

	for (size_t i = 0; i < plan->route_count; i++) {
		const struct dk_route *route = &plan->routes[i];
		const struct dk_route_origin *origin = &plan->origins[i];

		for (size_t n = 0; n < origin->from_count; n++) {
			check_from(compiling, &origin->froms[n]);
			dk_misreadings_check_from(compiling, &origin->froms[n]);
		}
		if (is_like_last(plan, i))
			continue;
		check_when(compiling, route, origin);
		dk_misreadings_check_texts(compiling, route, origin);
		dk_algebra_check_lacks(compiling, route, origin);
		for (size_t n = 0; n < route->way_count; n++)
			check_way(compiling, &route->ways[n], origin);
	}
}
