/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint.h - what an endpoint's two halves need of its life, on the loop.
 */
#ifndef PLUGIN_RABBITMQ_ENDPOINT_H
#define PLUGIN_RABBITMQ_ENDPOINT_H

#include "plugins/rabbitmq/rabbitmq.h"

/* The link has posted: it is up, or has ended. Called last, for the endpoint may be gone then. */
void rabbitmq_hear_life(struct rabbitmq_link *link, bool is_ended);

#endif
