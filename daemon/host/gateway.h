/* SPDX-License-Identifier: Apache-2.0
 *
 * gateway.h - a plan brought to life, and its end. One after another may use the same loop.
 */
#ifndef DK_HOST_GATEWAY_H
#define DK_HOST_GATEWAY_H

#include "daemon/config/difference.h"
#include "daemon/flow/flow.h"
#include "daemon/flow/inject.h"
#include "daemon/flow/replay.h"
#include "daemon/flow/resend.h"
#include "daemon/system/loop.h"

struct dk_gateway;

/* Opens the spools and all endpoints; connects nothing. The plan and the loop are borrowed. With a
 * replay, which is *taken*, no source is connected: dead letters are sent again instead, and then it
 * is over. NULL with an error: all is closed again. */
struct dk_gateway *dk_gateway_new(const struct dk_plan *plan, struct dk_loop *loop,
				  struct dk_replay *replay, struct dk_error *error);
void dk_gateway_connect(struct dk_gateway *gateway);
/* Who is told, on the loop, when a change is over: is_stuck, as an endpoint of before does not close. */
struct dk_gateway_changed {
	void (*tell)(void *context, bool is_stuck);
	void *context;
};

/* Whether it can go over to that plan while all else goes on. */
bool dk_gateway_can_change(const struct dk_gateway *gateway, const struct dk_plan *plan,
			   const struct dk_difference *difference);
/* From the plan that it carries by to another, while all else goes on: what the difference names
 * is opened, drained and closed, the rest stays as it is. The new plan is carried by at once, and the
 * one before is *taken*. -1 with an error: something could not be opened, and nothing is changed; the
 * new one is *taken*. */
int dk_gateway_change(struct dk_gateway *gateway, const struct dk_plan *plan,
		      const struct dk_difference *difference, struct dk_gateway_changed changed,
		      struct dk_error *error);
/* Carries until it is interrupted, on the loop, or the replay is over. */
void dk_gateway_run(struct dk_gateway *gateway);
void dk_gateway_interrupt(struct dk_gateway *gateway);
/* Drains and closes: returns when that is done, or took too long. */
void dk_gateway_end(struct dk_gateway *gateway);
/* On the loop, while it ends: it waits for nothing any more. */
void dk_gateway_hurry(struct dk_gateway *gateway);
/* False: an endpoint did not close. Its threads may still use all of it, and the plan and the loop,
 * which are to stay. */
bool dk_gateway_free(struct dk_gateway *gateway);

/* NULL: the endpoint is no source. */
const struct dk_source *dk_gateway_source(const struct dk_gateway *gateway, size_t endpoint);
/* NULL: it is no sink. */
const struct dk_sink *dk_gateway_sink(const struct dk_gateway *gateway, size_t endpoint);
/* How often it was connected. */
uint64_t dk_gateway_connects(const struct dk_gateway *gateway, size_t endpoint);
/* Why it is not connected, as it was said last; "": it is, or nobody has said. */
const char *dk_gateway_reason(const struct dk_gateway *gateway, size_t endpoint);
bool dk_gateway_is_connected(const struct dk_gateway *gateway, size_t endpoint);
const struct dk_flow *dk_gateway_flow(const struct dk_gateway *gateway);
/* See dk_inject. */
uint64_t dk_gateway_inject(struct dk_gateway *gateway, size_t endpoint,
			   const struct dk_message *message, const struct dk_injected *injected,
			   struct dk_error *error);
/* See dk_resend. */
int dk_gateway_resend(struct dk_gateway *gateway, const struct dk_resend_options *options,
		      struct dk_error *error);

#endif
