/* SPDX-License-Identifier: Apache-2.0
 *
 * health.h - whether all goes well, as the last beat found it; there is one of it in the process.
 *
 * It is not well while
 *   an account is off: the difference of a route's or an endpoint's account is not 0;
 *   a store fails: the disk takes no message, or no dead letter, or its store is full;
 *   a route stops, because its sink denies it;
 *   nothing moves that could: an endpoint is connected, not full, has deliveries and has answered none
 *   for DK_HEALTH_PATIENCE_MS; or a route has deliveries on their way to sinks all of which are
 *   connected and not full, and none has come to an end or was tried again for that long and its
 *   `retry_max`.
 * A broker that is away is not ill health: see readiness.
 *
 * What is found anew, and what is over, is a line in the log. On the loop's thread.
 */
#ifndef DK_SURFACE_HEALTH_H
#define DK_SURFACE_HEALTH_H

#include "daemon/host/gateway.h"
#include "daemon/surface/pace.h"

#define DK_HEALTH_PATIENCE_MS 30000
#define DK_HEALTH_REASONS 20 /* of more, the last says how many more there are */

/* gateway NULL, between two of them: all stays as it was found. */
void dk_health_beat(const struct dk_gateway *gateway, const struct dk_plan *plan, int64_t now_ms,
		    int64_t wall_ms);
void dk_health_forget(void);

/* What is wrong, each a sentence; 0: all is well. They live until the next beat. */
size_t dk_health_reasons(const char *const **reasons);
/* By number in the plan; NULL: no beat has seen it yet. */
const struct dk_pace *dk_health_route(size_t route);
const struct dk_pace *dk_health_endpoint(size_t endpoint);

#endif
