/* SPDX-License-Identifier: Apache-2.0
 *
 * profiles.h - what routes share: defaults and profiles read, and which of them a route has.
 */
#ifndef DK_CONFIG_PROFILES_H
#define DK_CONFIG_PROFILES_H

#include "daemon/config/compile.h"

/* A group of settings that routes share; NULL when there is none, or with a fault. `what` is told.
 */
struct dk_layer *dk_read_layer(struct dk_compiling *compiling, const struct dk_node *node,
			       const char *what);
/* All of the file's, which may be NULL, by their names. */
void dk_read_profiles(struct dk_compiling *compiling, const struct dk_node *profiles);
/* The route's own, its profiles in their order, its group's defaults, the file's; either may be
 * NULL. */
const struct dk_layers *dk_layers_of(struct dk_compiling *compiling, const struct dk_node *node,
				     const char *what, struct dk_layer *defaults,
				     struct dk_layer *file_defaults);

/* There is no list or profile (`kind`) of the name that the node is; `nearest` may be NULL. */
void dk_fault_absent(struct dk_compiling *compiling, const struct dk_node *node, const char *what,
		     const char *kind, const char *nearest, const char *example);

#endif
