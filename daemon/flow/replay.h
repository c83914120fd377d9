/* SPDX-License-Identifier: Apache-2.0
 *
 * replay.h - dead letters are received again, as if their sources had just brought them, and go to
 * where they could not go before. A letter leaves the store when it has arrived, or has died again
 * as a new letter.
 *
 * The sources of a flow that replays are made with dk_replay_source in place of their plugin's
 * functions, and the flow's replay as the plugin: they bring dead letters and nothing else.
 */
#ifndef DK_FLOW_REPLAY_H
#define DK_FLOW_REPLAY_H

#include "daemon/flow/flow.h"

struct dk_replay;

struct dk_replay_account {
	uint64_t taken;   /* received again */
	uint64_t settled; /* of these: gone from the store */
	uint64_t left;    /* no route of theirs wants them any more: still there */
};

extern const struct dk_source_functions dk_replay_source;

/* Once the flow has its sources and sinks. `route` NULL: all letters; else those of one route. */
struct dk_replay *dk_replay_new(const char *route);
void dk_replay_begin(struct dk_replay *replay, struct dk_flow *flow);
/* Before each turn of the flow: as many as the windows let in. */
void dk_replay_turn(struct dk_replay *replay);
/* Whether all letters were received, and all that were are settled. */
bool dk_replay_is_over(const struct dk_replay *replay);
struct dk_replay_account dk_replay_account(const struct dk_replay *replay);
/* Before its flow is freed. */
void dk_replay_free(struct dk_replay *replay);

#endif
