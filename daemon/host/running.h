/* SPDX-License-Identifier: Apache-2.0
 *
 * running.h - the gateway's own struct, shared by gateway.c, standing.c and world.c and by nobody
 * else.
 */
#ifndef DK_HOST_RUNNING_H
#define DK_HOST_RUNNING_H

#include "daemon/host/endpoint.h"
#include "daemon/system/syncer.h"

struct dk_gateway {
	uint64_t number; /* of this process */
	const struct dk_plan *plan;
	struct dk_loop *loop;
	struct dk_world world;
	struct dk_flow *flow;
	struct dk_syncer *syncer;
	struct dk_replay *replay; /* NULL: it carries what its sources bring */
	struct dk_endpoint **endpoints;
	struct dk_loop_event *turn_timer;
	struct dk_loop_event *end_timer; /* looks whether all is drained, then closed */
	int64_t turn_at_ms; /* what turn_timer is set to; -1: not set */
	int64_t deadline_ms;
	int held; /* the state folder; -1: not */
	bool is_ending, is_closing;
};

struct dk_world dk_world_of(struct dk_gateway *gateway);
/* The timer that turn_after sets; the turn itself follows every round of events. */
void dk_world_turn_is_due(void *gateway);

#endif
