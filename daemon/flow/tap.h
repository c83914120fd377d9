/* SPDX-License-Identifier: Apache-2.0
 *
 * tap.h - somebody looks on as deliveries are made and settled. What nobody looks at costs one
 * branch each time.
 */
#ifndef DK_FLOW_TAP_H
#define DK_FLOW_TAP_H

#include "daemon/flow/flow.h"

/* One delivery that passes; all of it is borrowed, for the call. */
struct dk_sight {
	const struct dk_delivery *delivery; /* with its message */
	const char *route, *source, *sink;
	bool is_dead_letter; /* to its route's dead target */
	uint64_t injection;  /* the number that dk_inject gave; 0: a source has brought it */
};

struct dk_tap {
	/* It was made; NULL: nobody wants to know. */
	void (*made)(void *context, const struct dk_sight *sight);
	/* It has an outcome: of one that is released not the last. Rejected: it becomes a dead
	 * letter. */
	void (*settled)(void *context, const struct dk_sight *sight, enum dk_outcome outcome,
			const char *reason);
	void *context;
};

/* The tap is borrowed. NULL: nobody looks. Neither of its functions may call into the flow. */
void dk_flow_tap(struct dk_flow *flow, const struct dk_tap *tap);

#endif
