/* SPDX-License-Identifier: Apache-2.0
 *
 * standing.h - what an administrator has told the running daemon and stands over reloads, by name:
 * what is paused, and who looks at deliveries. It ends with the process.
 *
 * On the loop.
 */
#ifndef DK_HOST_STANDING_H
#define DK_HOST_STANDING_H

#include "daemon/flow/tap.h"
#include "daemon/host/gateway.h"

struct dk_standing;

enum dk_pausable {
	DK_PAUSABLE_ROUTE,
	DK_PAUSABLE_ENDPOINT, /* its source, its sink, or both */
	DK_PAUSABLES,
};

struct dk_standing *dk_standing_new(void);
void dk_standing_free(struct dk_standing *standing);

/* All that stands is told to this gateway, which is borrowed until the next call; NULL: there is
 * none. After each change of what it carries. */
void dk_standing_apply(struct dk_standing *standing, struct dk_gateway *gateway);

/* A name that the plan does not have may be paused: it is when a reload brings it. */
void dk_standing_pause(struct dk_standing *standing, enum dk_pausable kind, const char *name);
void dk_standing_resume(struct dk_standing *standing, enum dk_pausable kind, const char *name);
void dk_standing_resume_all(struct dk_standing *standing);
bool dk_standing_has(const struct dk_standing *standing, enum dk_pausable kind, const char *name);
/* The names that are paused, in the order in which they were; NULL after the last. */
const char *dk_standing_name(const struct dk_standing *standing, enum dk_pausable kind,
			     size_t number);

/* Every source is paused, also those that a reload brings, until all is resumed. */
void dk_standing_drain(struct dk_standing *standing);
bool dk_standing_is_drained(const struct dk_standing *standing);

/* NULL: nobody looks any more. The tap is borrowed. */
void dk_standing_tap(struct dk_standing *standing, const struct dk_tap *tap);

#endif
