/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint.c - an endpoint's life.
 */
#include "daemon/host/endpoint.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/log.h"

#define BACK_OFF_FIRST_MS 250
#define BACK_OFF_LAST_MS 5000

#define SPOOL_SEGMENT_LARGEST ((size_t)16 << 20)
#define SPOOL_SEGMENTS 16 /* at least so many fit below the high mark */

/* --- Opening --- */

static size_t
segment_size(int64_t spool_size)
{
	size_t share = (size_t)spool_size / SPOOL_SEGMENTS;

	return share < SPOOL_SEGMENT_LARGEST ? share : SPOOL_SEGMENT_LARGEST;
}

static int
make_source(struct dk_endpoint *endpoint, const struct dk_plan *plan, struct dk_error *error)
{
	const struct dk_endpoint_plan *of = endpoint->plan;
	char folder[4096];
	struct dk_source_options options = {
		.endpoint = endpoint->number,
		.host = endpoint,
		.name = of->name,
		.functions = endpoint->replay ? &dk_replay_source : of->plugin->source,
		.plugin = endpoint->replay ? (void *)endpoint->replay : endpoint->object,
		.window_messages = (size_t)of->in_flight,
		.window_bytes = (size_t)of->in_flight_bytes,
		.spool_folder = folder,
		.sync_always = plan->settings.spool_sync_ms == 0,
		.spool_size = (uint64_t)plan->settings.spool_size,
		.spool_segment = segment_size(plan->settings.spool_size),
		.store_timeout_ms = plan->settings.store_timeout_ms,
	};

	snprintf(folder, sizeof(folder), "%s/spool/%s", plan->settings.state, of->name);
	endpoint->source = dk_source_new(endpoint->flow, &options, error);
	return endpoint->source ? 0 : -1;
}

static void
subscribe(struct dk_endpoint *endpoint)
{
	const struct dk_endpoint_plan *of = endpoint->plan;

	endpoint->subscriptions = calloc(of->subscription_count, sizeof(void *));
	if (!endpoint->subscriptions)
		abort();
	for (size_t i = 0; i < of->subscription_count; i++) {
		const struct dk_subscription_plan *subscription = &of->subscriptions[i];

		endpoint->subscriptions[i] = dk_source_subscription(
			endpoint->source, subscription->name, subscription->interests,
			subscription->interest_count, subscription->matcher);
	}
	if (!endpoint->replay)
		of->plugin->source->subscribe(endpoint->object, endpoint->subscriptions,
					      of->subscription_count);
}

/* The targets are the plan's; the plugin's own pointer in them is written here, once. */
static int
prepare(struct dk_endpoint *endpoint, struct dk_way *way, struct dk_error *error)
{
	const struct dk_sink_functions *sink = endpoint->plan->plugin->sink;

	if (!way || way->endpoint != endpoint->number || !sink->prepare)
		return 0;
	return sink->prepare(endpoint->object, &way->target, error);
}

static int
prepare_all(struct dk_endpoint *endpoint, const struct dk_plan *plan, struct dk_error *error)
{
	for (size_t i = 0; i < plan->route_count; i++) {
		struct dk_route *route = &plan->routes[i];

		for (size_t j = 0; j < route->way_count; j++)
			if (prepare(endpoint, &route->ways[j], error) != 0)
				return -1;
		if (prepare(endpoint, route->dead, error) != 0)
			return -1;
	}
	return 0;
}

static int
make_sink(struct dk_endpoint *endpoint, const struct dk_plan *plan, struct dk_error *error)
{
	const struct dk_endpoint_plan *of = endpoint->plan;

	endpoint->sink = dk_sink_new(endpoint->flow, endpoint->number, of->name, of->plugin->sink,
				     endpoint->object, of->plugin->sink->window(of->config));
	return prepare_all(endpoint, plan, error);
}

static int
make_sides(struct dk_endpoint *endpoint, const struct dk_plan *plan, struct dk_error *error)
{
	const struct dk_endpoint_plan *of = endpoint->plan;

	if (of->is_sink && make_sink(endpoint, plan, error) != 0)
		return -1;
	if (of->subscription_count > 0) {
		if (make_source(endpoint, plan, error) != 0)
			return -1;
		subscribe(endpoint);
	}
	if (of->plugin->hooks)
		dk_flow_add_hooks(endpoint->flow, of->plugin->hooks, endpoint->object);
	return 0;
}

static void
reconnect(void *argument)
{
	dk_endpoint_connect(argument);
}

int
dk_endpoint_open(struct dk_endpoint **opened, const struct dk_plan *plan, size_t number,
		 struct dk_flow *flow, struct dk_replay *replay, struct dk_loop *loop,
		 struct dk_error *error)
{
	struct dk_endpoint *endpoint = calloc(1, sizeof(*endpoint));

	if (!endpoint)
		abort();
	*opened = endpoint;
	endpoint->plan = &plan->endpoints[number];
	endpoint->number = number;
	endpoint->flow = flow;
	endpoint->replay = replay;
	endpoint->loop = loop;
	endpoint->back_off_ms = BACK_OFF_FIRST_MS;
	endpoint->reconnect = dk_loop_timer(loop, reconnect, endpoint);
	dk_list_init(&endpoint->events);
	dk_handover_init(endpoint);
	endpoint->object = endpoint->plan->plugin->open(
		&dk_host_functions, endpoint, endpoint->plan->name, endpoint->plan->config, error);
	if (endpoint->object)
		return make_sides(endpoint, plan, error);
	endpoint->life = DK_LIFE_CLOSED;
	return -1;
}

/* --- Living --- */

void
dk_endpoint_connect(struct dk_endpoint *endpoint)
{
	if (!endpoint->plan->plugin->connect || endpoint->life != DK_LIFE_OPENED)
		return;
	if (endpoint->replay && !endpoint->sink)
		return;
	endpoint->life = DK_LIFE_CONNECTING;
	endpoint->plan->plugin->connect(endpoint->object);
}

void
dk_endpoint_up(struct dk_endpoint *endpoint)
{
	if (endpoint->life >= DK_LIFE_CLOSING)
		return;
	if (endpoint->life != DK_LIFE_UP) {
		dk_log(DK_INFO, endpoint->plan->name, "connected", NULL);
		endpoint->connects++;
	}
	endpoint->life = DK_LIFE_UP;
	endpoint->back_off_ms = BACK_OFF_FIRST_MS;
	dk_complain(endpoint->plan->name, "disconnected", NULL);
	if (endpoint->sink)
		dk_sink_up(endpoint->sink);
}

/* The wait doubles; a random part of a quarter keeps many daemons from coming back together. */
void
dk_endpoint_down(struct dk_endpoint *endpoint, const char *reason)
{
	if (endpoint->life >= DK_LIFE_CLOSING)
		return;
	endpoint->life = DK_LIFE_OPENED;
	dk_complain(endpoint->plan->name, "disconnected", reason);
	if (endpoint->sink)
		dk_sink_down(endpoint->sink);
	if (!endpoint->plan->plugin->connect)
		return;
	dk_loop_timer_set(endpoint->reconnect,
			  endpoint->back_off_ms - rand() % (endpoint->back_off_ms / 4 + 1));
	if (endpoint->back_off_ms < BACK_OFF_LAST_MS)
		endpoint->back_off_ms *= 2;
}

/* --- Closing --- */

void
dk_endpoint_close(struct dk_endpoint *endpoint)
{
	if (endpoint->life >= DK_LIFE_CLOSING)
		return;
	endpoint->life = DK_LIFE_CLOSING;
	dk_loop_timer_set(endpoint->reconnect, -1);
	endpoint->plan->plugin->close(endpoint->object);
}

void
dk_endpoint_closed(struct dk_endpoint *endpoint)
{
	endpoint->life = DK_LIFE_CLOSED;
}
