/* SPDX-License-Identifier: Apache-2.0
 *
 * state.h - what runs: the flow's own structs, shared by the files of the nine steps and by nobody
 * else.
 */
#ifndef DK_FLOW_STATE_H
#define DK_FLOW_STATE_H

#include "daemon/base/map.h"
#include "daemon/flow/flow.h"
#include "daemon/flow/inject.h"
#include "daemon/flow/letters.h"
#include "daemon/flow/resend.h"
#include "daemon/flow/spool.h"
#include "daemon/flow/tap.h"
#include "daemon/model/credit.h"
#include "daemon/model/prefix.h"
#include "daemon/model/received.h"

struct dk_resend;

/* Where a delivery is. It is always in exactly one of these, and on the list that goes with it. */
enum dk_duty_state {
	DK_DUTY_QUEUED,  /* in its sink's queue, by turn */
	DK_DUTY_SENT,    /* the plugin's; on no list */
	DK_DUTY_WAITING, /* for its time to be tried again; in flow->waiting, by due time */
	DK_DUTY_HELD,    /* behind an earlier one of its key or route; in its hold, by turn */
	DK_DUTY_PARKED,  /* until its route is paused no more; in flow->parked */
	DK_DUTY_BURIED,  /* to become a dead letter; in a grave of flow->graves */
};

/* What runs of a route: the same over reloads, as long as there is a route of that name. */
struct dk_route_state {
	struct dk_route_account account;
	struct dk_route_traffic traffic;
	struct dk_latency *latency; /* NULL: nothing was delivered yet */
	uint64_t denied;            /* the key of the way that this was said of; 0: none, or over */
	bool is_paused;             /* by an administrator */
	unsigned generations;       /* that have it */
};

/* The routes of one plan, with what runs of each. One is current; those of plans before it stay
 * while deliveries are on their way by them. */
struct dk_generation {
	struct dk_list link; /* of flow->past */
	const struct dk_route *routes;
	size_t route_count;
	struct dk_route_state **states; /* by route number */
	size_t endpoint_count;
	struct dk_source **sources; /* by endpoint number; NULL where it is none */
	struct dk_sink **sinks;
	size_t duties; /* that are on their way by these routes */
	struct dk_passage *passages; /* of a past one: by route number, to the current one */
};

/* The core's side of a delivery: the duty to say what became of one message at one sink. */
struct dk_duty {
	struct dk_delivery delivery;
	struct dk_flow *flow;
	struct dk_generation *generation; /* whose way it goes */
	struct dk_received *received;
	const struct dk_way *way;    /* where it goes */
	const struct dk_way *origin; /* the same, or of a dead letter the one that failed */
	struct dk_sink *sink;
	struct dk_list link;
	enum dk_duty_state state;
	uint64_t turn;         /* rises with each delivery: the order of sending */
	int64_t due_ms;        /* while waiting */
	bool is_dead_letter;
};

enum dk_hold_kind {
	DK_HOLD_KEY,   /* of one order key */
	DK_HOLD_ROUTE, /* of one route, which is denied */
	DK_HOLD_KINDS,
};

/* Deliveries that stay behind `head`, which is being tried again. */
struct dk_hold {
	struct dk_list link; /* of the sink's holds */
	enum dk_hold_kind kind;
	uint64_t name; /* what they have in common: order key, or way */
	struct dk_duty *head;
	struct dk_list held;
	unsigned denials; /* so often in a row */
};

struct dk_sink {
	struct dk_flow *flow;
	struct dk_list link; /* of flow->sinks */
	char *name;
	const struct dk_sink_functions *functions;
	void *plugin;
	size_t window;
	size_t in_flight;
	struct dk_sink_traffic traffic;
	bool is_up;
	bool is_stalled; /* it took fewer than it was offered */
	bool is_leaving; /* nothing more is offered: its endpoint is to be closed */
	bool is_paused;  /* by an administrator */
	struct dk_list queue;
	struct dk_duty *hint; /* the last one that was put back: the next comes near it */
	struct dk_list holds[64];
	size_t hold_count[DK_HOLD_KINDS];
	struct dk_list active; /* of flow->active_sinks */
};

/* The core's side of a stream. It lives until it is closed and nothing of it is unsettled. */
struct dk_stream_state {
	struct dk_stream stream;
	struct dk_source *source;
	char *name;
	bool is_open;
	bool is_rewound;      /* asked to begin again: nothing of it is told any more */
	bool is_paused;
	size_t unsettled;
	struct dk_credit credit;
	struct dk_prefix prefix;
	struct dk_list link;  /* of source->streams while open */
	struct dk_list told;  /* of source->to_tell */
	struct dk_list awake; /* of flow->to_reconsider */
};

struct dk_feed {
	struct dk_subscription subscription; /* with a name of its own */
	struct dk_source *source;
	const struct dk_matcher *matcher; /* NULL: the plan has no such subscription any more */
	struct dk_list link; /* of source->feeds */
};

struct dk_source {
	struct dk_flow *flow;
	struct dk_list link; /* of flow->sources */
	char *name;
	void *host;
	const struct dk_source_functions *functions;
	void *plugin;
	size_t window_messages, window_bytes;
	struct dk_list feeds;
	struct dk_map feed_names; /* the same: over reloads there may be many that the plan has not */
	size_t feed_count;        /* of those that it has */
	struct dk_source_account account;
	struct dk_source_traffic traffic;
	size_t unsettled;  /* messages */
	bool is_stopped;   /* for good */
	bool is_paused;  /* by an administrator */
	bool is_by_hand; /* the core's own: inject.c */
	struct dk_source *by_hand; /* the one that has its name and subscriptions; NULL: none yet */

	/* of one that holds */
	struct dk_list streams;
	size_t stream_count;
	struct dk_list to_tell;             /* streams whose prefix has grown */
	struct dk_settlement *settlements;  /* of this turn */
	size_t settlement_count, settlement_room;

	/* of one that stores */
	struct dk_spool *spool;
	struct dk_credit credit;
	bool is_away;  /* paused, because the spool is full */
	bool has_more; /* to take in the next turn */

	struct dk_list active; /* of flow->active_sources */
};

/* What a dead letter says of itself, in headers besides its message's. */
enum dk_dead_header {
	DK_DEAD_ROUTE,
	DK_DEAD_SOURCE,
	DK_DEAD_TARGET,
	DK_DEAD_REASON,
	DK_DEAD_HEADERS,
};

/* What is delivered of a message that was received before: that which is still owed. */
struct dk_wanted {
	const struct dk_route *route;  /* NULL: all */
	const struct dk_way *way;      /* NULL: all of the route's */
	const struct dk_route *before; /* but for those that this one has too; NULL: none */
	bool is_undecided;             /* whether the route wants the message is to be looked at */
	uint64_t turn;                 /* of the delivery in whose place it is; 0: its own */
	unsigned attempts;             /* that it has had */
};

struct dk_hook {
	const struct dk_hook_functions *functions;
	void *plugin;
};

struct dk_flow {
	const struct dk_world *world;
	struct dk_flow_options options;
	struct dk_generation *current;
	struct dk_generation *next; /* while another plan is prepared; NULL: none is */
	struct dk_list past;        /* generations, the oldest first */
	struct dk_list sources, sinks; /* all that there are, also those of no plan any more */
	struct dk_letters *letters;    /* dead ones */
	const struct dk_wanted *wanted; /* NULL, but while a message is matched again */
	const struct dk_tap *tap;       /* NULL: nobody looks on */
	struct dk_list injections;      /* messages by hand that are not settled */
	struct dk_resend *resend;       /* NULL: no dead letters are received again */
	struct dk_hook *hooks;
	size_t hook_count;
	struct dk_view view;       /* of the message that is being matched */
	struct dk_buffer rendered; /* what becomes a delivery's texts */
	uint64_t next_turn, next_epoch;
	bool is_stopping;  /* no new messages */
	bool is_cancelled; /* and nothing is tried again */
	bool is_syncing;      /* the store of dead letters */
	int64_t dig_again_ms; /* when it refused: not before that */
	struct dk_list active_sinks, active_sources;
	struct dk_list to_reconsider; /* streams that may have to be paused, or resumed */
	struct dk_list waiting; /* duties, by due time */
	struct dk_list graves;  /* dead letters that are not durable yet */
	struct dk_list parked;  /* duties of paused routes */
	size_t paused_count;    /* of routes */
};

#define DK_DUTY(list_link) DK_OF(list_link, struct dk_duty, link)

/* --- Plans: generation.c --- */

struct dk_generation *dk_generation_new(const struct dk_route *routes, size_t route_count,
					size_t endpoint_count);
/* The states of routes that no generation before had. */
void dk_generation_fill(struct dk_generation *generation);
void dk_generation_free(struct dk_generation *generation);
/* The one that endpoints which are made now belong to. */
static inline struct dk_generation *
dk_generation_made(const struct dk_flow *flow)
{
	return flow->next ? flow->next : flow->current;
}

static inline struct dk_route_state *
dk_state_of(const struct dk_duty *duty)
{
	return duty->generation->states[duty->origin->route->number];
}

/* renew.c: a delivery by a way of a past plan, which is on no list and not the plugin's any more, goes
 * on by the plan that runs now. False: by the same way; it is as it was. True: that way has gone or
 * was changed, and it was *taken*. */
bool dk_renew(struct dk_duty *duty);

/* --- Step 3: match.c. With the opener's hold on `received`, which it lets go. --- */
void dk_match(struct dk_feed *feed, struct dk_received *received);
/* Once more, for what is in flow->wanted. How many such routes match. */
size_t dk_match_wanted(struct dk_feed *feed, struct dk_received *received);

/* --- Step 4: deliver.c. The message and its captures are in flow->view. --- */
void dk_deliver(struct dk_flow *flow, struct dk_received *received, const struct dk_way *way);
/* The rejected one's message again, to its route's dead-letter target. *Takes* the duty. */
void dk_deliver_dead(struct dk_duty *duty, const char *reason);
void dk_duty_free(struct dk_duty *duty);

/* --- Steps 5 and 6: queue.c --- */
void dk_enqueue(struct dk_duty *duty);
/* Back to where it was by its turn. */
void dk_enqueue_again(struct dk_duty *duty);
/* From wherever it waits, to be taken. */
void dk_dequeue(struct dk_duty *duty);
void dk_dispatch(struct dk_sink *sink);
void dk_sink_activate(struct dk_sink *sink);
/* Whether what is in its queue may leave, if its window has room. */
bool dk_sink_is_open(const struct dk_sink *sink);

/* --- Step 8: settle.c, retry.c, hold.c, dead.c. All *take* the duty. --- */
enum dk_end { DK_END_DELIVERED, DK_END_DEAD, DK_END_STALE };
void dk_finish(struct dk_duty *duty, enum dk_end end, const struct dk_reply *reply);
void dk_retry(struct dk_duty *duty, enum dk_outcome outcome, const char *reason);
void dk_retry_due(struct dk_flow *flow);
/* Those that wait for this sink are put back into its queue: it has gone, they go when it comes. */
void dk_retry_recall(struct dk_sink *sink);
void dk_reject(struct dk_duty *duty, const char *reason);
/* Into the store of dead letters, whatever the route says. */
void dk_bury(struct dk_duty *duty, const char *reason);
/* A message of an earlier run that no route wants any more. *Takes* it. */
void dk_bury_orphan(struct dk_source *source, struct dk_received *received);
void dk_dead_turn(struct dk_flow *flow);
void dk_dead_cancel(struct dk_flow *flow);
bool dk_is_stale(const struct dk_duty *duty);
/* The end of a run: nobody is told, so the source keeps the message or brings it again. */
void dk_abandon(struct dk_duty *duty);

/* hold.c: the hold that this delivery belongs to, or NULL. */
struct dk_hold *dk_hold_find(enum dk_hold_kind kind, const struct dk_duty *duty);
struct dk_hold *dk_hold_new(enum dk_hold_kind kind, struct dk_duty *head);
void dk_hold_behind(struct dk_hold *hold, struct dk_duty *duty);
/* The duty is earlier than all of the hold: it is the head now. */
void dk_hold_lead(struct dk_hold *hold, struct dk_duty *duty);
/* The duty is settled for good: if it was at the head, those behind it go on. */
void dk_hold_pass(struct dk_duty *duty);
/* The duty is at the head of its hold, or not: those behind it do not wait for it. */
void dk_hold_open(enum dk_hold_kind kind, struct dk_duty *duty);
void dk_hold_dissolve_all(struct dk_sink *sink);

/* tap.c: only where there is a tap. */
void dk_tap_made(const struct dk_duty *duty);
void dk_tap_settled(const struct dk_duty *duty, enum dk_outcome outcome, const char *reason);

/* resend.c: at the beginning of a turn; and at the end of the flow, when nothing of it waits. */
void dk_resend_turn(struct dk_resend *resend);
void dk_resend_cancel(struct dk_resend *resend);

/* source.c: what every source has. */
void dk_source_begin(struct dk_source *source, struct dk_flow *flow, const char *name);
/* replay.c: the subscription that a letter is received by, and what of it is to be delivered: to
 * where it could not go before. NULL: no route of its name wants it any more. */
struct dk_feed *dk_letter_way(struct dk_flow *flow, const struct dk_letter *letter,
			      struct dk_wanted *wanted);
/* inject.c: the letter as a message by hand, of such a subscription. */
int dk_inject_letter(struct dk_flow *flow, const struct dk_feed *like,
		     const struct dk_letter *letter, const struct dk_wanted *wanted,
		     const struct dk_injected *injected, struct dk_error *error);
/* inject.c: what was brought by hand and is not settled is told so. Once nothing is on its way. */
void dk_inject_cancel(struct dk_flow *flow);
/* The source by hand of this one, if it has one: another plan may have other subscriptions; and its
 * end, with this one's. */
void dk_inject_renew(struct dk_source *like);
void dk_inject_end(struct dk_source *like);

/* pause.c: out of its queue, until its route goes on. *Takes* the duty. */
void dk_park(struct dk_duty *duty);
/* Whether the first of its queue is of a paused route, which nothing of this sink may pass. */
bool dk_sink_is_barred(const struct dk_sink *sink);
/* --- traffic.c --- */
void dk_count_wanted(struct dk_flow *flow, const struct dk_route *route,
		     const struct dk_message *message);
void dk_count_end(const struct dk_duty *duty, enum dk_end end);

/* --- Step 9: tell.c. *Takes* the message. --- */
void dk_settled(struct dk_source *source, struct dk_received *received,
		const struct dk_reply *reply);
void dk_tell(struct dk_source *source);
void dk_source_activate(struct dk_source *source);
/* The subscription of that name; NULL: there is none. */
struct dk_feed *dk_feed_find(const struct dk_source *source, struct dk_slice name);
void dk_stream_release(struct dk_stream_state *stream);
/* At the end of the turn: whether it is to be paused, or resumed. */
void dk_stream_reconsider(struct dk_stream_state *stream); /* receive.c */
bool dk_receive_stored(struct dk_source *source); /* receive.c; whether there may be more */

static inline struct dk_source *
dk_source_of(const struct dk_received *received)
{
	return ((struct dk_feed *)(void *)received->subscription)->source;
}

#endif
