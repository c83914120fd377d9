/* SPDX-License-Identifier: Apache-2.0
 *
 * route.h - a route while it is built, shared by groups.c, routes.c, route_options.c and
 * route_checks.c.
 */
#ifndef DK_CONFIG_ROUTE_H
#define DK_CONFIG_ROUTE_H

#include "daemon/config/compile.h"

struct dk_building {
	struct dk_compiling *compiling;
	struct dk_route *route;
	struct dk_route_origin *origin;
	struct dk_captures *captures;
	const struct dk_layers *layers;
	struct dk_place place; /* of the route as a whole */
	const char *member;    /* of the route, that is being read */
	bool is_incomplete; /* a fault of a from or a to was told: what follows from it is not */
	bool is_off;        /* all that it comes from, or goes to, is not enabled */
};

/* Builds the next route of the plan; false when it is off, or no route at all. */
bool dk_route_build(struct dk_compiling *compiling, const char *name,
		    const struct dk_layers *layers, struct dk_place place);

/* When its ways in and out are known: what the core, the sources' and the sinks' plugins know. */
void dk_route_set_options(struct dk_building *building);
/* Whether a name is read by a function of its own, and not by a table of options. */
bool dk_is_route_word(const char *name);

/* What the route's patterns must have in common, and must not. */
void dk_route_check_froms(const struct dk_building *building);
/* Whether the way is none of those before it; 0, or -1 with an error. */
int dk_route_check_twice(const struct dk_route *route, const struct dk_way *way,
			 struct dk_error *error);
/* Whether its plugin takes the way as it is; 0, or -1 with an error. */
int dk_route_check_target(const struct dk_building *building, const struct dk_way *way,
			  struct dk_error *error);

#endif
