/* SPDX-License-Identifier: Apache-2.0
 *
 * compile.h - from the tree to the plan: settings and endpoints in compile.c, routes in routes.c.
 */
#ifndef DK_CONFIG_COMPILE_H
#define DK_CONFIG_COMPILE_H

#include "daemon/config/faults.h"
#include "daemon/config/lists.h"
#include "daemon/config/options.h"
#include "daemon/config/tree.h"
#include "daemon/config/variables.h"

/* One route's wish for messages, until they are sorted by endpoint. */
struct dk_from {
	struct dk_interest interest;
	const struct dk_pattern *pattern;
	struct dk_route *route;
	size_t endpoint;
	struct dk_place place;
};

struct dk_compiling {
	struct dk_plan *plan;
	struct dk_plan_memory *memory;
	struct dk_variables *variables;
	const struct dk_lists *lists;
	struct dk_faults *faults;
	const struct dk_plugin_finder *finder;
	struct dk_from *froms;
	size_t from_count;
};

/* The number of an endpoint by its name; -1 when there is none. */
int dk_endpoint_find(const struct dk_plan *plan, struct dk_slice name);

void dk_compile_routes(struct dk_compiling *compiling, const struct dk_node *group);
/* When all routes are known: which subscription brings what to whom. */
void dk_compile_subscriptions(struct dk_compiling *compiling);

#endif
