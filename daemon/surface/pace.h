/* SPDX-License-Identifier: Apache-2.0
 *
 * pace.h - how fast routes and endpoints go, and since when one stands still: what a beat compares
 * with the one before.
 */
#ifndef DK_SURFACE_PACE_H
#define DK_SURFACE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a beat sees of one. */
struct dk_step {
	uint64_t moved;     /* rises with all that comes to an end, or is tried again */
	uint64_t received;
	uint64_t delivered;
	bool could_move;    /* it has something on its way, and what it is on its way to takes it */
};

struct dk_pace {
	char *name;
	struct dk_step last;
	double received, delivered; /* a second, between the last two beats */
	int64_t still_ms;           /* monotonic: since when nothing moved that could */
	int64_t still_wall_ms;      /* the same, since 1970 */
	bool is_stuck;              /* for the owner to say */
};

/* By number; begins as { 0 }. */
struct dk_paces {
	struct dk_pace *list;
	size_t count;
	int64_t last_ms; /* of the last beat; 0: there was none */
	int64_t now_ms, now_wall_ms;
};

/* A beat begins: so many there are now. */
void dk_paces_begin(struct dk_paces *paces, size_t count, int64_t now_ms, int64_t now_wall_ms);
/* One of them. Another name at this number begins anew, as after a change of the configuration. */
struct dk_pace *dk_paces_take(struct dk_paces *paces, size_t number, const char *name,
			      struct dk_step step);
void dk_paces_end(struct dk_paces *paces);
void dk_paces_clear(struct dk_paces *paces);

#endif
