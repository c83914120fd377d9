/* SPDX-License-Identifier: Apache-2.0
 *
 * flow.h - the way of a message, as a state machine: events in, effects out.
 *
 * The nine steps of DESIGN.md section 2, each in the file of its name:
 *
 *	1  dk_store      spool.c     the source's thread: durable before it is acknowledged
 *	2  dk_receive    receive.c   the loop: counted in the source's window
 *	3  dk_match      match.c     every route of its subscription that wants it
 *	4  dk_deliver    deliver.c   a delivery for each target, rendered
 *	5  dk_enqueue    queue.c     joins its sink's queue
 *	6  dk_dispatch   queue.c     leaves in a batch, within the sink's window
 *	7  dk_settle     settle.c    the plugin says what became of it
 *	8  dk_finish     settle.c    or kept for a retry (retry.c), or buried (dead.c)
 *	9  dk_tell       tell.c      with the last delivery, the source hears of it
 *
 * Nothing here reads a clock, a file or a socket by itself: see world.h. All functions are the
 * loop's thread's, but for dk_store.
 */
#ifndef DK_FLOW_FLOW_H
#define DK_FLOW_FLOW_H

#include "daemon/flow/route.h"
#include "daemon/flow/world.h"
#include "daemon/model/account.h"
#include "daemon/model/credit.h"
#include "daemon/model/latency.h"
#include "daemon/model/traffic.h"

struct dk_flow;
struct dk_letters;
struct dk_source;
struct dk_sink;

struct dk_flow_options {
	const struct dk_route *routes; /* borrowed: they live as long as the flow */
	size_t route_count;
	size_t endpoint_count;
	const char *dead_folder; /* of the store of dead letters */
	uint64_t dead_size;
	size_t dead_segment;
};

struct dk_flow *dk_flow_new(const struct dk_world *world, const struct dk_flow_options *options,
			    struct dk_error *error);
void dk_flow_free(struct dk_flow *flow);

/* --- Another plan, while all goes on --- */

#define DK_GONE SIZE_MAX

/* What became of a route, or an endpoint, of the plan before. */
struct dk_passage {
	size_t now;   /* its number in the new plan; DK_GONE: it has none */
	bool is_same; /* nothing of it is changed */
};

struct dk_flow_change {
	const struct dk_route *routes; /* borrowed, until the flow gives them back */
	size_t route_count;
	size_t endpoint_count;
	/* By number in the plan before; DK_GONE also where one is no source, or sink, any more. */
	const struct dk_passage *of_routes, *of_sources, *of_sinks;
};

/* First step: sources and sinks that are made from now on are the new plan's; those that pass keep
 * what they have. */
void dk_flow_prepare(struct dk_flow *flow, const struct dk_flow_change *change);
/* Back to before the first step. What was made for the new plan is gone. */
void dk_flow_withdraw(struct dk_flow *flow);
/* Second step, at once: messages that come from now on go by the new plan. The subscriptions of
 * sources that pass are given again before or after it, in the same turn. */
void dk_flow_switch(struct dk_flow *flow);
/* Third step, when all subscriptions are there: what waits for a sink goes on by the new plan. By
 * another way, where its own has gone or is changed; as a dead letter, where no route wants it any
 * more. What plugins have been given stays theirs. */
void dk_flow_renew(struct dk_flow *flow);
/* The routes of a past plan by which nothing is on its way any more, and that are used no more;
 * NULL: there are none. */
const struct dk_route *dk_flow_give_back(struct dk_flow *flow);

/* --- Endpoints --- */

struct dk_source_options {
	size_t endpoint; /* its number in the plan */
	void *host;      /* the host's own: dk_source_host */
	const char *name;
	const struct dk_source_functions *functions;
	void *plugin; /* what the functions are called with */
	size_t window_messages, window_bytes;
	/* of a source that stores: */
	const char *spool_folder;
	bool sync_always;
	uint64_t spool_size;
	size_t spool_segment;
	int64_t store_timeout_ms;
};

struct dk_source *dk_source_new(struct dk_flow *flow, const struct dk_source_options *options,
				struct dk_error *error);
/* The matcher's values are const struct dk_route *. The matcher and the interests are borrowed. One
 * of that name that is there already gets the matcher and is the result; its interests stay, until
 * dk_subscription_renew. */
struct dk_subscription *dk_source_subscription(struct dk_source *source, const char *name,
					       const struct dk_interest *const *interests,
					       size_t interest_count,
					       const struct dk_matcher *matcher);

/* None of its subscriptions is the plan's any more, but those that are given again. */
void dk_source_unsubscribe(struct dk_source *source);
void dk_subscription_renew(struct dk_subscription *subscription,
			   const struct dk_interest *const *interests, size_t interest_count);
/* It is to bring no more, but goes on telling what is settled. */
void dk_source_stop(struct dk_source *source);
/* Its plugin has not begun, or is closed: it is asked for nothing, until another is bound. */
void dk_source_leave(struct dk_source *source);
/* Whether its endpoint need not be waited for: nothing that it brought is unsettled, or settled and
 * not told; or it is stored, and nobody need be told. */
bool dk_source_is_quiet(const struct dk_source *source);
/* Whether none of what it has brought can be settled for now: each message waits for a sink that is
 * away, paused or leaving, or to be tried again. Looks through all that waits. */
bool dk_source_is_stuck(const struct dk_source *source);
/* Another plugin's endpoint takes the place of one that is closed. */
void dk_source_bind(struct dk_source *source, const struct dk_source_options *options);
void *dk_source_host(const struct dk_source *source);
/* Whether nothing that it brought is on its way. */
bool dk_source_is_settled(const struct dk_source *source);
/* Once its endpoint is closed, it is of no plan, and it is settled. */
void dk_source_free(struct dk_source *source);

struct dk_sink *dk_sink_new(struct dk_flow *flow, size_t endpoint, const char *name,
			    const struct dk_sink_functions *functions, void *plugin,
			    size_t window);
void dk_sink_up(struct dk_sink *sink);
void dk_sink_down(struct dk_sink *sink);
void dk_sink_ready(struct dk_sink *sink);
/* Nothing more is offered; what was taken is settled still. */
void dk_sink_leave(struct dk_sink *sink);
/* Another plugin's endpoint takes the place of one that is closed. */
void dk_sink_bind(struct dk_sink *sink, void *plugin, size_t window);
/* Once its endpoint is closed and it is of no plan: false, while something names it. */
bool dk_sink_free(struct dk_sink *sink);

void dk_flow_add_hooks(struct dk_flow *flow, const struct dk_hook_functions *functions,
		       void *plugin);
void dk_flow_remove_hooks(struct dk_flow *flow, void *plugin);

/* --- Events --- */

/* Step 1. The source's thread; see plugin.h, store. */
void dk_store(struct dk_subscription *subscription, const struct dk_message *message,
	      const struct dk_loan *loan);
/* What world.hand_over was given. */
void dk_flow_stored(struct dk_source *source, struct dk_received *received);
/* Step 2 of a source that holds; see plugin.h, receive. */
void dk_receive(struct dk_subscription *subscription, const struct dk_message *message,
		const struct dk_loan *loan);
struct dk_stream *dk_stream_open(struct dk_source *source, const char *name, void *plugin);
void dk_stream_close(struct dk_stream *stream);
/* Step 7; see plugin.h, settle. */
void dk_settle(struct dk_delivery *delivery, enum dk_outcome outcome, const char *reason,
	       const struct dk_reply *reply);
/* What world.sync_later asked for: all below `serial` is durable, or (is_durable false) is not. */
void dk_flow_synced(struct dk_flow *flow, struct dk_journal *journal, uint64_t serial,
		    bool is_durable);
/* At the end of each turn of the loop: retries that are due, stored messages within the windows,
 * deliveries that may leave, sources that are to be told. */
void dk_flow_turn(struct dk_flow *flow);

/* --- Ending --- */

/* No new messages from now on; outcomes still come. */
void dk_flow_stop(struct dk_flow *flow);
/* Whether nothing is on its way any more, but what waits for a sink that is away. */
bool dk_flow_is_drained(const struct dk_flow *flow);
/* Lets go all that has not left yet; what is released from now on is let go too. Nobody is told:
 * it stays in the spool, or its source brings it again. Before the endpoints are closed, for this
 * gives back what they have lent. */
void dk_flow_cancel(struct dk_flow *flow);

/* --- Accounts --- */

const struct dk_route_account *dk_flow_route_account(const struct dk_flow *flow, size_t route);
const struct dk_source_account *dk_source_account(const struct dk_source *source);
/* From a message's coming to its delivery's acceptance; NULL: the route has delivered nothing. */
const struct dk_latency *dk_flow_latency(const struct dk_flow *flow, size_t route);
/* What of a source's window is taken: of one that holds, of all its streams. */
struct dk_credit dk_source_credit(const struct dk_source *source);

struct dk_sink_state {
	size_t in_flight, window;
	bool is_up;
	bool is_full; /* its plugin took fewer than it was offered, and has settled nothing since */
};
struct dk_sink_state dk_sink_state(const struct dk_sink *sink);
/* Whether a target of the route does not allow it. */
bool dk_flow_is_denied(const struct dk_flow *flow, size_t route);
/* How much went. */
const struct dk_route_traffic *dk_flow_route_traffic(const struct dk_flow *flow, size_t route);
const struct dk_source_traffic *dk_source_traffic(const struct dk_source *source);
const struct dk_sink_traffic *dk_sink_traffic(const struct dk_sink *sink);
/* By world.now_ms, when the oldest of its messages that are not settled came, or was read again from
 * the spool of an earlier run; -1: all are settled. */
int64_t dk_source_waiting_since_ms(const struct dk_source *source);
struct dk_spool *dk_source_spool(const struct dk_source *source); /* NULL: it holds */
struct dk_letters *dk_flow_letters(const struct dk_flow *flow);
struct dk_journal *dk_flow_dead(const struct dk_flow *flow);

#endif
