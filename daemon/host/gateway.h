/* SPDX-License-Identifier: Apache-2.0
 *
 * gateway.h - the running whole: a plan brought to life, and its end.
 */
#ifndef DK_HOST_GATEWAY_H
#define DK_HOST_GATEWAY_H

#include "daemon/config/plan.h"
#include "daemon/flow/flow.h"
#include "daemon/flow/replay.h"

struct dk_gateway;

/* Opens the spools and all endpoints; connects nothing. The plan is borrowed. With a replay, which
 * is *taken*, no source is connected: dead letters are sent again instead, and then it is over. */
struct dk_gateway *dk_gateway_new(const struct dk_plan *plan, bool is_verbose,
				  struct dk_replay *replay, struct dk_error *error);
/* Connects, and runs until SIGTERM or SIGINT, or the end of the replay; then drains, closes and
 * returns. */
void dk_gateway_run(struct dk_gateway *gateway);
void dk_gateway_free(struct dk_gateway *gateway);

/* Called once the endpoints are being connected, and when the end begins: for systemd. */
void dk_gateway_on_ready(struct dk_gateway *gateway, void (*ready)(void));
void dk_gateway_on_stopping(struct dk_gateway *gateway, void (*stopping)(void));

/* NULL: the endpoint is no source. */
const struct dk_source *dk_gateway_source(const struct dk_gateway *gateway, size_t endpoint);
const struct dk_flow *dk_gateway_flow(const struct dk_gateway *gateway);

#endif
