/* SPDX-License-Identifier: Apache-2.0
 *
 * inject.h - a message by hand, routed as though an endpoint's source had brought it.
 *
 * It is brought by a source of the core's own that has the endpoint's name and subscriptions. So it
 * is in the accounts of its routes, and not in that of the endpoint. It is not durable: what is not
 * settled when the flow ends is gone.
 */
#ifndef DK_FLOW_INJECT_H
#define DK_FLOW_INJECT_H

#include "daemon/flow/flow.h"

/* Told once, on the loop: all deliveries are settled, or (is_settled false) the flow has ended
 * before. Not within dk_inject. */
struct dk_injected {
	void (*told)(void *context, uint64_t injection, bool is_settled);
	void *context;
};

/* Brings the message to every subscription of the endpoint that has a route for its address. All of
 * it is copied. Its number, never the same twice in one process; 0 with an error, and nothing was
 * brought: the endpoint is no source, no route's pattern matches, or the flow ends. */
uint64_t dk_inject(struct dk_flow *flow, size_t endpoint, const struct dk_message *message,
		   const struct dk_injected *injected, struct dk_error *error);

#endif
