/* SPDX-License-Identifier: Apache-2.0
 *
 * compile.h - from the tree to the plan: settings in compile.c, endpoints in endpoints.c, which
 * routes there are in groups.c, each of them in routes.c.
 */
#ifndef DK_CONFIG_COMPILE_H
#define DK_CONFIG_COMPILE_H

#include "daemon/base/map.h"
#include "daemon/config/faults.h"
#include "daemon/config/layers.h"
#include "daemon/config/lists.h"
#include "daemon/config/options.h"
#include "daemon/config/tree.h"
#include "daemon/config/variables.h"

#define DK_NAMES_ROOM 400 /* for names that are told */

struct dk_compiling {
	struct dk_plan *plan;
	struct dk_plan_memory *memory;
	struct dk_variables *variables;
	struct dk_faults *faults;
	const struct dk_plugin_finder *finder;
	struct dk_map endpoint_numbers; /* by name: the number and 1 */
	struct dk_map off;              /* endpoints that are not enabled, by name */
	struct dk_map profiles;         /* struct dk_layer, by name */
	struct dk_map told;		/* what was told of a node, for all routes that it is in */
	struct dk_layer *layers;        /* all that are shared */
	const struct dk_captures *captures; /* the last route's: many are alike */
	bool copies_only;               /* of the lists' urls */
};

/* endpoints.c */
void dk_compile_endpoints(struct dk_compiling *compiling, const struct dk_node *group);
/* The number of an endpoint by its name; -1 when there is none, -2 when it is not enabled. */
int dk_endpoint_find(const struct dk_compiling *compiling, struct dk_slice name);
/* A member that no table knows; `names` are those that there are. */
void dk_fault_unknown(struct dk_compiling *compiling, const struct dk_node *node, const char *where,
		      const struct dk_suggestion *suggestion, const char *names);
/* Whether a node, which may be NULL, says that what it is in is there: a truth value, or an
 * expression over variables. `what` is whose it is: "route readings". */
bool dk_is_enabled(struct dk_compiling *compiling, const struct dk_node *node, const char *what);

/* groups.c: all routes of the file. */
void dk_compile_routes(struct dk_compiling *compiling, const struct dk_node *root);
/* subscriptions.c, when all routes are known: which subscription brings what to whom. */
void dk_compile_subscriptions(struct dk_compiling *compiling);

#endif
