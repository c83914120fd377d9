/* SPDX-License-Identifier: Apache-2.0
 *
 * gateway.c - a plan brought to life: the flow in the real world, its endpoints, start and end.
 */
#include "daemon/host/gateway.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/flow/letters.h"
#include "daemon/flow/spool.h"
#include "daemon/host/running.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/files.h"
#include "daemon/system/log.h"

/* How long the endpoints may take to close once nothing is on its way. */
#define CLOSE_MS 10000
#define LOOK_MS 20

/* --- From the syncer's thread to the loop --- */

struct synced {
	struct dk_post post;
	struct dk_gateway *gateway;
	struct dk_journal *journal;
	uint64_t serial;
	bool is_durable;
};

static void
apply_synced(struct dk_post *post)
{
	struct synced *synced = DK_OF(post, struct synced, post);

	dk_flow_synced(synced->gateway->flow, synced->journal, synced->serial, synced->is_durable);
	free(synced);
}

static void
note_synced(void *context, struct dk_journal *journal, uint64_t serial, const char *error)
{
	struct dk_gateway *gateway = context;
	struct synced *synced = malloc(sizeof(*synced));

	if (!synced)
		abort();
	*synced = (struct synced){ { .run = apply_synced }, gateway, journal, serial, !error };
	if (error)
		dk_complain("disk", "sync-failed", error);
	dk_loop_post(gateway->loop, &synced->post);
}

/* --- Opening --- */

static int
make_flow(struct dk_gateway *gateway, struct dk_error *error)
{
	const struct dk_plan *plan = gateway->plan;
	char folder[4096];
	struct dk_flow_options options = {
		.routes = plan->routes,
		.route_count = plan->route_count,
		.endpoint_count = plan->endpoint_count,
		.dead_folder = folder,
		.dead_size = (uint64_t)plan->settings.dead_size,
		.dead_segment = dk_letters_segment(plan->settings.dead_size),
	};

	gateway->held = dk_folder_hold(plan->settings.state, error);
	if (gateway->held < 0)
		return -1;
	snprintf(folder, sizeof(folder), "%s/dead", plan->settings.state);
	gateway->flow = dk_flow_new(&gateway->world, &options, error);
	return gateway->flow ? 0 : -1;
}

struct dk_surroundings
dk_gateway_surroundings(const struct dk_gateway *gateway)
{
	return (struct dk_surroundings){ gateway->flow, gateway->replay, gateway->loop };
}

void
dk_gateway_watch_spool(struct dk_gateway *gateway, const struct dk_endpoint *endpoint)
{
	struct dk_spool *spool = endpoint->source ? dk_source_spool(endpoint->source) : NULL;

	if (spool && gateway->plan->settings.spool_sync_ms > 0)
		dk_syncer_add(gateway->syncer, dk_spool_journal(spool),
			      gateway->plan->settings.spool_sync_ms);
}

static int
open_endpoint(struct dk_gateway *gateway, size_t number, struct dk_error *error)
{
	const struct dk_endpoint_plan *plan = &gateway->plan->endpoints[number];
	const struct dk_surroundings surroundings = dk_gateway_surroundings(gateway);
	struct dk_error why = { "" };

	if (dk_endpoint_open(&gateway->endpoints[number], &surroundings, gateway->plan, number,
			     NULL, &why) != 0)
		return dk_fail(error, "%s:%u: endpoint %s: %.300s", plan->place.file,
			       plan->place.line, plan->name, why.text);
	dk_gateway_watch_spool(gateway, gateway->endpoints[number]);
	return 0;
}

static int
open_endpoints(struct dk_gateway *gateway, struct dk_error *error)
{
	for (size_t i = 0; i < gateway->plan->endpoint_count; i++)
		if (open_endpoint(gateway, i, error) != 0)
			return -1;
	for (size_t i = 0; i < gateway->plan->endpoint_count; i++)
		dk_endpoint_begin(gateway->endpoints[i], gateway->plan, i);
	return 0;
}

/* --- Ending: stop the sources, wait for outcomes, let go of the rest, close --- */

static bool
are_all_closed(const struct dk_gateway *gateway)
{
	for (size_t i = 0; i < gateway->plan->endpoint_count; i++)
		if (gateway->endpoints[i] && gateway->endpoints[i]->life != DK_LIFE_CLOSED)
			return false;
	DK_EACH(link, &gateway->leaving)
		if (DK_OF(link, struct dk_endpoint, link)->life != DK_LIFE_CLOSED)
			return false;
	return true;
}

static void
close_endpoints(struct dk_gateway *gateway)
{
	gateway->is_closing = true;
	gateway->deadline_ms = dk_clock_now_ms() + CLOSE_MS;
	for (size_t i = 0; i < gateway->plan->endpoint_count; i++)
		if (gateway->endpoints[i])
			dk_endpoint_close(gateway->endpoints[i]);
	DK_EACH(link, &gateway->leaving)
		dk_endpoint_close(DK_OF(link, struct dk_endpoint, link));
}

static void
close_all(struct dk_gateway *gateway)
{
	if (!dk_flow_is_drained(gateway->flow))
		dk_log(DK_WARNING, NULL, "not-drained",
		       DK_FIELDS(DK_FIELD_TEXT("so", "what is left is kept, and comes again")));
	dk_complaints_keep();
	dk_flow_cancel(gateway->flow);
	close_endpoints(gateway);
}

static void
look_at_end(void *argument)
{
	struct dk_gateway *gateway = argument;
	bool is_late = dk_clock_now_ms() >= gateway->deadline_ms;

	if (!gateway->is_closing && (is_late || dk_flow_is_drained(gateway->flow)))
		close_all(gateway);
	else if (gateway->is_closing && (is_late || are_all_closed(gateway)))
		dk_loop_stop(gateway->loop);
	dk_loop_timer_set(gateway->end_timer, LOOK_MS);
}

static void
turn(void *context)
{
	struct dk_gateway *gateway = context;

	if (gateway->replay)
		dk_replay_turn(gateway->replay);
	dk_flow_turn(gateway->flow);
	dk_leaving_turn(gateway);
	if (gateway->replay && dk_replay_is_over(gateway->replay))
		dk_gateway_interrupt(gateway);
}

void
dk_gateway_end(struct dk_gateway *gateway)
{
	gateway->is_ending = true;
	dk_loop_timer_set(gateway->change_timer, -1);
	gateway->deadline_ms = dk_clock_now_ms() + gateway->plan->settings.drain_ms;
	dk_flow_stop(gateway->flow);
	dk_loop_timer_set(gateway->end_timer, 0);
	dk_loop_run(gateway->loop, turn, gateway);
	dk_loop_timer_set(gateway->end_timer, -1);
}

void
dk_gateway_hurry(struct dk_gateway *gateway)
{
	gateway->deadline_ms = 0;
}

/* An endpoint that would not close in time keeps its memory: its threads may still use it. */
bool
dk_gateway_free(struct dk_gateway *gateway)
{
	if (!are_all_closed(gateway)) {
		dk_log(DK_WARNING, NULL, "not-closed", NULL);
		return false;
	}
	dk_syncer_free(gateway->syncer);
	dk_loop_read_mail(gateway->loop); /* its last word, after which there is no gateway */
	for (size_t i = 0; i < gateway->plan->endpoint_count; i++)
		if (gateway->endpoints[i])
			dk_endpoint_free(gateway->endpoints[i]);
	dk_leaving_clear(gateway);
	dk_replay_free(gateway->replay);
	if (gateway->flow)
		dk_flow_free(gateway->flow);
	dk_leaving_forget(gateway);
	dk_loop_event_free(gateway->turn_timer);
	dk_loop_event_free(gateway->end_timer);
	dk_loop_event_free(gateway->change_timer);
	dk_complaints_forget();
	dk_folder_let_go(gateway->held);
	free(gateway->endpoints);
	free(gateway);
	return true;
}

static void
rest(void *context)
{
	(void)context;
}

/* One that could not be opened as a whole: nothing was connected, so nothing is on its way. */
static void
abandon(struct dk_gateway *gateway)
{
	close_endpoints(gateway);
	dk_loop_timer_set(gateway->end_timer, 0);
	dk_loop_run(gateway->loop, rest, NULL);
	dk_gateway_free(gateway);
}

/* --- The whole --- */

static struct dk_gateway *
make(const struct dk_plan *plan, struct dk_loop *loop, struct dk_replay *replay)
{
	struct dk_gateway *gateway = calloc(1, sizeof(*gateway));

	if (!gateway)
		abort();
	gateway->plan = plan;
	gateway->loop = loop;
	gateway->replay = replay;
	gateway->turn_at_ms = -1;
	gateway->held = -1;
	gateway->world = dk_world_of(gateway);
	gateway->endpoints = calloc(plan->endpoint_count + 1, sizeof(void *));
	if (!gateway->endpoints)
		abort();
	gateway->turn_timer = dk_loop_timer(loop, dk_world_turn_is_due, gateway);
	gateway->end_timer = dk_loop_timer(loop, look_at_end, gateway);
	gateway->change_timer = dk_loop_timer(loop, dk_leaving_look, gateway);
	dk_list_init(&gateway->leaving);
	dk_list_init(&gateway->retired);
	dk_list_init(&gateway->past);
	gateway->syncer = dk_syncer_new(note_synced, gateway);
	return gateway;
}

struct dk_gateway *
dk_gateway_new(const struct dk_plan *plan, struct dk_loop *loop,
	       struct dk_replay *replay, struct dk_error *error)
{
	struct dk_gateway *gateway = make(plan, loop, replay);

	if (make_flow(gateway, error) != 0 || open_endpoints(gateway, error) != 0) {
		abandon(gateway);
		return NULL;
	}
	dk_syncer_add(gateway->syncer, dk_flow_dead(gateway->flow), 0);
	if (replay)
		dk_replay_begin(replay, gateway->flow);
	else
		dk_leftover_look(gateway);
	return gateway;
}

void
dk_gateway_connect(struct dk_gateway *gateway)
{
	for (size_t i = 0; i < gateway->plan->endpoint_count; i++)
		dk_endpoint_connect(gateway->endpoints[i]);
	dk_log(DK_INFO, NULL, "started",
	       DK_FIELDS(DK_FIELD_NUMBER("endpoints", (int64_t)gateway->plan->endpoint_count),
			 DK_FIELD_NUMBER("routes", (int64_t)gateway->plan->route_count)));
}

void
dk_gateway_run(struct dk_gateway *gateway)
{
	dk_loop_run(gateway->loop, turn, gateway);
}

/* Its end runs until it is over. */
void
dk_gateway_interrupt(struct dk_gateway *gateway)
{
	if (!gateway->is_ending)
		dk_loop_stop(gateway->loop);
}

const struct dk_source *
dk_gateway_source(const struct dk_gateway *gateway, size_t endpoint)
{
	return gateway->endpoints[endpoint]->source;
}

const struct dk_sink *
dk_gateway_sink(const struct dk_gateway *gateway, size_t endpoint)
{
	return gateway->endpoints[endpoint]->sink;
}

const char *
dk_gateway_reason(const struct dk_gateway *gateway, size_t endpoint)
{
	return gateway->endpoints[endpoint]->reason;
}

uint64_t
dk_gateway_connects(const struct dk_gateway *gateway, size_t endpoint)
{
	return gateway->endpoints[endpoint]->connects;
}

bool
dk_gateway_is_connected(const struct dk_gateway *gateway, size_t endpoint)
{
	return gateway->endpoints[endpoint]->life == DK_LIFE_UP;
}

const struct dk_flow *
dk_gateway_flow(const struct dk_gateway *gateway)
{
	return gateway->flow;
}

uint64_t
dk_gateway_inject(struct dk_gateway *gateway, size_t endpoint, const struct dk_message *message,
		  const struct dk_injected *injected, struct dk_error *error)
{
	return dk_inject(gateway->flow, endpoint, message, injected, error);
}

int
dk_gateway_resend(struct dk_gateway *gateway, const struct dk_resend_options *options,
		  struct dk_error *error)
{
	return dk_resend(gateway->flow, options, error);
}
