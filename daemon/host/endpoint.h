/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint.h - an endpoint's life: opened, connected again and again, closed.
 */
#ifndef DK_HOST_ENDPOINT_H
#define DK_HOST_ENDPOINT_H

#include <pthread.h>

#include "daemon/base/list.h"
#include "daemon/config/plan.h"
#include "daemon/flow/flow.h"
#include "daemon/flow/replay.h"
#include "daemon/system/loop.h"

/* Stored messages on their way from the plugin's thread to the loop. While they come fast the loop
 * looks by itself every other millisecond, so that there is no wake-up for each. */
struct dk_handover {
	pthread_mutex_t lock;
	struct dk_list messages; /* struct dk_received */
	bool is_watched; /* the loop will look: by a post that is on its way, or by its timer */
	struct dk_post post;
	struct dk_loop_event *timer;
};

enum dk_life {
	DK_LIFE_OPENED,     /* not connected yet, or waiting to be connected again */
	DK_LIFE_CONNECTING, /* connect was called, and the plugin has not answered */
	DK_LIFE_UP,
	DK_LIFE_CLOSING,
	DK_LIFE_CLOSED,
};

struct dk_endpoint {
	const struct dk_endpoint_plan *plan; /* as it was opened by */
	const struct dk_plan *opened_by, *subscribed_by; /* both stay as long as it lives */
	struct dk_endpoint *before; /* another of its name, to be closed first; NULL: none */
	struct dk_list link;        /* of those that leave */
	int64_t deadline_ms;        /* while it leaves, or closes */
	int64_t tell_ms;            /* when it is said what it waits for */
	bool is_leaving;
	struct dk_flow *flow;
	struct dk_replay *replay; /* instead of the plugin's source; NULL: none */
	struct dk_loop *loop;
	void *object; /* the plugin's endpoint */
	enum dk_life life;
	uint64_t connects; /* how often it was */
	char reason[512];  /* why it is not connected; "": it is, or nobody has said */
	int64_t back_off_ms;
	int64_t connecting_since_ms;
	struct dk_loop_event *reconnect;
	struct dk_source *source; /* NULL: it is none in this plan; shared with the one before */
	struct dk_sink *sink;
	struct dk_subscription **subscriptions;
	struct dk_handover handover;
	struct dk_list events; /* the plugin's watches and timers */
};

/* What all endpoints of a gateway have in common. */
struct dk_surroundings {
	struct dk_flow *flow;
	struct dk_replay *replay; /* NULL: none */
	struct dk_loop *loop;
};

/* First step: opens it; connects nothing. With a replay the endpoint brings dead letters alone, and
 * its plugin only sends. One that takes the place of another, `before`, has that one's source and
 * sink. -1 with an error: it can only be closed. */
int dk_endpoint_open(struct dk_endpoint **opened, const struct dk_surroundings *surroundings,
		     const struct dk_plan *plan, size_t number, struct dk_endpoint *before,
		     struct dk_error *error);
/* Second step, of an endpoint of the plan, new or kept: its source's messages are matched by it. */
void dk_endpoint_feed(struct dk_endpoint *endpoint, const struct dk_endpoint_plan *plan);
/* Third step, once nobody else has its source and its sink: tells its plugin what it is to know. */
void dk_endpoint_begin(struct dk_endpoint *endpoint, const struct dk_plan *plan, size_t number);
/* What its deliveries may go to from now on: the plan's. */
void dk_endpoint_aim(struct dk_endpoint *endpoint, const struct dk_plan *plan, size_t number);
/* One that is kept subscribes to what the plan says now. */
bool dk_endpoint_can_resubscribe(const struct dk_endpoint *endpoint);
void dk_endpoint_resubscribe(struct dk_endpoint *endpoint, const struct dk_plan *plan,
			     size_t number);
/* Fourth step, and again and again. */
void dk_endpoint_connect(struct dk_endpoint *endpoint);
/* The first step of its end: nothing new comes or goes, and no route is behind its source, until it
 * is fed by another that takes its place. */
void dk_endpoint_leave(struct dk_endpoint *endpoint);
/* Whether nothing of it is on its way any more, but what its source has brought and can't move. */
bool dk_endpoint_is_quiet(const struct dk_endpoint *endpoint);
void dk_endpoint_close(struct dk_endpoint *endpoint);
/* Once it is closed, or when nobody waits for that any more. */
void dk_endpoint_free(struct dk_endpoint *endpoint);

/* What the plugin says of itself: api.c. */
void dk_endpoint_up(struct dk_endpoint *endpoint);
void dk_endpoint_down(struct dk_endpoint *endpoint, const char *reason);
void dk_endpoint_closed(struct dk_endpoint *endpoint);

/* The table of functions that plugins are given. */
extern const struct dk_host dk_host_functions;

/* sides.c: its source and its sink. */
int dk_endpoint_make_sides(struct dk_endpoint *endpoint, const struct dk_plan *plan, size_t number,
			   struct dk_error *error);

/* handover.c */
struct dk_received;
void dk_handover_init(struct dk_endpoint *endpoint);
/* Any thread. */
void dk_handover_put(struct dk_endpoint *endpoint, struct dk_received *received);
/* All that is there, to the flow. */
void dk_handover_run(struct dk_endpoint *endpoint);
void dk_handover_clear(struct dk_endpoint *endpoint);

#endif
