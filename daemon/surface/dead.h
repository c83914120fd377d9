/* SPDX-License-Identifier: Apache-2.0
 *
 * dead.h - the store of dead letters, for people: diolkosd --dead.
 */
#ifndef DK_SURFACE_DEAD_H
#define DK_SURFACE_DEAD_H

#include "daemon/config/plan.h"
#include "daemon/flow/replay.h"
#include "daemon/host/gateway.h"

/* `what` is list, drop, or a letter's number; `route` NULL: every route's. Listing and showing also
 * work while a daemon runs. The exit status. */
int dk_dead_command(const struct dk_plan *plan, const char *what, const char *route);

/* What a replay came to, as one line. The exit status: 69 when a letter has died again. */
int dk_dead_log_replay(const struct dk_gateway *gateway, const struct dk_plan *plan,
		       const struct dk_replay *replay);

#endif
