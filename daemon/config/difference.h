/* SPDX-License-Identifier: Apache-2.0
 *
 * difference.h - what of one plan is another in the next: only that is touched by a reload.
 */
#ifndef DK_CONFIG_DIFFERENCE_H
#define DK_CONFIG_DIFFERENCE_H

#include "daemon/config/plan.h"
#include "daemon/flow/flow.h"

struct dk_difference {
	bool is_none;
	bool is_whole; /* of what all hangs on: nothing can stay as it is */
	/* By number in the old plan. An endpoint that is the same has the same settings, and brings
	 * and takes messages where it did. */
	struct dk_passage *routes, *endpoints, *sources, *sinks;
	bool *subscribes_alike; /* likewise: what it subscribes to is the same, too */
};

/* Any thread, as long as both plans live. To be freed. */
struct dk_difference *dk_difference_new(const struct dk_plan *old, const struct dk_plan *new);
void dk_difference_free(struct dk_difference *difference);

/* A line for each endpoint and route that has come (+), gone (-) or changed (~), one for those
 * that stay as they are, and one for each setting that wants a restart (!). */
void dk_difference_print(const struct dk_difference *difference, const struct dk_plan *old,
			 const struct dk_plan *new, FILE *out);

#endif
