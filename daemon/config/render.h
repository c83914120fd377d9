/* SPDX-License-Identifier: Apache-2.0
 *
 * render.h - a plan while it is printed: for people, or to be compared with another.
 */
#ifndef DK_CONFIG_RENDER_H
#define DK_CONFIG_RENDER_H

#include "daemon/config/options.h"
#include "daemon/config/plan.h"
#include "daemon/config/variables.h"

#define DK_PUT_MAX 64

struct dk_rendering {
	const struct dk_plan *plan;
	FILE *out;
	bool is_for_people;          /* secrets are masked, and places told */
	const char *put[DK_PUT_MAX]; /* the options of this route that are there already */
	size_t put_count;
};

/* The text, or for people ***** where it holds a secret. */
const char *dk_masked(const struct dk_rendering *rendering, const char *text);
/* In a libconfig string; a dollar that is meant as such is doubled, as in the file. */
void dk_put_quoted(const struct dk_rendering *rendering, const char *text);
/* With its dollars as they are, and nothing masked: what is itself as in the file. */
void dk_put_written(const struct dk_rendering *rendering, const char *text);
/* A comment that says where it stands, and the line's end. */
void dk_put_place(const struct dk_rendering *rendering, const struct dk_node *node);
/* A line for each option; `find` gives the node that set it, or NULL. */
void dk_put_options(struct dk_rendering *rendering, const struct dk_options *table,
		    const void *values, const struct dk_node *(*find)(const void *from, const char *name),
		    const void *from);
bool dk_was_put(const struct dk_rendering *rendering, const char *name);

void dk_put_settings(const struct dk_rendering *rendering);
void dk_put_lists(struct dk_rendering *rendering);
void dk_put_endpoint(struct dk_rendering *rendering, const struct dk_endpoint_plan *endpoint);
/* render_routes.c; a route of a group too. */
void dk_put_route(struct dk_rendering *rendering, const struct dk_route *route);

#endif
