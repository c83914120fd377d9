/* SPDX-License-Identifier: Apache-2.0
 *
 * running.h - the gateway's own struct, shared by gateway.c, change.c, leaving.c, standing.c and
 * world.c and by nobody else.
 */
#ifndef DK_HOST_RUNNING_H
#define DK_HOST_RUNNING_H

#include "daemon/host/endpoint.h"
#include "daemon/host/gateway.h"
#include "daemon/system/syncer.h"

/* A plan of before, of which something is used still. */
struct dk_past_plan {
	struct dk_list link;
	struct dk_plan *plan; /* its own */
	bool is_given_back;   /* its routes are used no more */
};

struct dk_gateway {
	const struct dk_plan *plan;
	struct dk_loop *loop;
	struct dk_world world;
	struct dk_flow *flow;
	struct dk_syncer *syncer;
	struct dk_replay *replay; /* NULL: it carries what its sources bring */
	struct dk_endpoint **endpoints; /* by number in the plan */
	struct dk_list leaving; /* endpoints of before that are not closed yet */
	struct dk_list retired; /* and those that are, while something of theirs is on its way */
	struct dk_list past;    /* plans */
	struct dk_loop_event *change_timer; /* looks how far they are */
	struct dk_gateway_changed changed;  /* who is told when a change is over */
	struct dk_loop_event *turn_timer;
	struct dk_loop_event *end_timer; /* looks whether all is drained, then closed */
	int64_t turn_at_ms; /* what turn_timer is set to; -1: not set */
	int64_t deadline_ms;
	int held; /* the state folder; -1: not */
	bool is_ending, is_closing;
};

struct dk_world dk_world_of(struct dk_gateway *gateway);

/* gateway.c */
struct dk_surroundings dk_gateway_surroundings(const struct dk_gateway *gateway);
void dk_gateway_watch_spool(struct dk_gateway *gateway, const struct dk_endpoint *endpoint);
/* leaving.c: at the end of each turn. */
void dk_leaving_turn(struct dk_gateway *gateway);
/* leftover.c: how much is left in the spool of one that brings nothing any more; and, at the start, in
 * all such. */
void dk_leftover_tell(const char *state, const char *name, struct dk_spool *spool);
void dk_leftover_look(const struct dk_gateway *gateway);
/* For the timer. */
void dk_leaving_look(void *gateway);
/* What is left when all is closed: endpoints, and, once there is no flow any more, plans. */
void dk_leaving_clear(struct dk_gateway *gateway);
void dk_leaving_forget(struct dk_gateway *gateway);
/* The timer that turn_after sets; the turn itself follows every round of events. */
void dk_world_turn_is_due(void *gateway);

#endif
