/* SPDX-License-Identifier: Apache-2.0
 *
 * layers.h - a route's settings from several places: the route itself, the profiles that it is like,
 * its group's defaults, the file's defaults. The first that has a name decides.
 *
 * What is set for many routes need not be known to each of them: a setting of a profile or of
 * defaults is a fault only when none of the routes that have it knows it.
 */
#ifndef DK_CONFIG_LAYERS_H
#define DK_CONFIG_LAYERS_H

#include "daemon/base/suggest.h"
#include "daemon/config/tree.h"

#define DK_LAYERS_MAX 12

struct dk_layer {
	const struct dk_node *node;
	const char *what;     /* for messages: "profile telemetry", "route readings" */
	bool *is_asked;	      /* by member: some route has taken it from here, if it knows it */
	bool *is_known;	      /* and some route does; NULL: it is a route itself */
	const char **nearest; /* and what was probably meant */
	bool is_named; /* some route has it */
	bool is_built; /* and one of these is there */
	struct dk_layer *next; /* of all shared ones */
};

struct dk_layers {
	struct dk_layer *list[DK_LAYERS_MAX];
	size_t count;
};

/* A shared layer, in the plan's memory; `all` is the list that it joins. */
struct dk_layer *dk_layer_new(struct dk_plan_memory *memory, const struct dk_node *node,
			      const char *what, struct dk_layer **all);

/* The member that decides; NULL: no layer has the name. */
const struct dk_node *dk_layers_find(const struct dk_layers *layers, const char *name);
/* Calls back for each member that decides, the strongest layer first. */
void dk_layers_each(const struct dk_layers *layers,
		    void (*found)(void *context, struct dk_layer *layer,
				  const struct dk_node *node),
		    void *context);

/* A route has taken a shared layer's member, or does not know it. */
void dk_layer_note(struct dk_layer *layer, const struct dk_node *member, bool is_known,
		   const char *nearest);
/* A route is there that has them. */
void dk_layers_note_built(const struct dk_layers *layers);
/* Once all routes are made: what none of them knows, and profiles that none is like. */
void dk_layers_finish(const struct dk_layer *all, struct dk_faults *faults);

#endif
