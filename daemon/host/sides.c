/* SPDX-License-Identifier: Apache-2.0
 *
 * sides.c - the two sides of an endpoint: the source that brings its messages, the sink that takes
 * deliveries to it; and what its plugin is told of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/host/endpoint.h"

#define SPOOL_SEGMENT_LARGEST ((size_t)16 << 20)
#define SPOOL_SEGMENTS 16 /* at least so many fit below the high mark */

static size_t
segment_size(int64_t spool_size)
{
	size_t share = (size_t)spool_size / SPOOL_SEGMENTS;

	return share < SPOOL_SEGMENT_LARGEST ? share : SPOOL_SEGMENT_LARGEST;
}

static struct dk_source_options
options_of(struct dk_endpoint *endpoint)
{
	const struct dk_endpoint_plan *of = endpoint->plan;

	return (struct dk_source_options){
		.host = endpoint,
		.name = of->name,
		.functions = endpoint->replay ? &dk_replay_source : of->plugin->source,
		.plugin = endpoint->replay ? (void *)endpoint->replay : endpoint->object,
		.window_messages = (size_t)of->in_flight,
		.window_bytes = (size_t)of->in_flight_bytes,
	};
}

static int
make_source(struct dk_endpoint *endpoint, const struct dk_plan *plan, size_t number,
	    struct dk_error *error)
{
	struct dk_source_options options = options_of(endpoint);
	char folder[4096];

	snprintf(folder, sizeof(folder), "%s/spool/%s", plan->settings.state, endpoint->plan->name);
	options.endpoint = number;
	options.spool_folder = folder;
	options.sync_always = plan->settings.spool_sync_ms == 0;
	options.spool_size = (uint64_t)plan->settings.spool_size;
	options.spool_segment = segment_size(plan->settings.spool_size);
	options.store_timeout_ms = plan->settings.store_timeout_ms;
	endpoint->source = dk_source_new(endpoint->flow, &options, error);
	if (endpoint->source && endpoint->before)
		dk_source_leave(endpoint->source); /* until it begins, in its turn */
	return endpoint->source ? 0 : -1;
}

static void
make_sink(struct dk_endpoint *endpoint, size_t number)
{
	const struct dk_endpoint_plan *of = endpoint->plan;

	endpoint->sink = dk_sink_new(endpoint->flow, number, of->name, of->plugin->sink,
				     endpoint->object, of->plugin->sink->window(of->config));
}

int
dk_endpoint_make_sides(struct dk_endpoint *endpoint, const struct dk_plan *plan, size_t number,
		       struct dk_error *error)
{
	const struct dk_endpoint_plan *of = endpoint->plan;
	const struct dk_endpoint *before = endpoint->before;

	if (of->is_sink && before && before->sink)
		endpoint->sink = before->sink;
	else if (of->is_sink)
		make_sink(endpoint, number);
	if (of->subscription_count > 0 && before && before->source)
		endpoint->source = before->source;
	else if (of->subscription_count > 0)
		return make_source(endpoint, plan, number, error);
	return 0;
}

/* --- What its source brings --- */

static struct dk_subscription **
make_subscriptions(const struct dk_endpoint *endpoint, const struct dk_endpoint_plan *of)
{
	struct dk_subscription **subscriptions =
		calloc(of->subscription_count + 1, sizeof(*subscriptions));

	if (!subscriptions)
		abort();
	for (size_t i = 0; i < of->subscription_count; i++) {
		const struct dk_subscription_plan *plan = &of->subscriptions[i];

		subscriptions[i] = dk_source_subscription(endpoint->source, plan->name,
							  plan->interests, plan->interest_count,
							  plan->matcher);
	}
	return subscriptions;
}

void
dk_endpoint_feed(struct dk_endpoint *endpoint, const struct dk_endpoint_plan *plan)
{
	if (!endpoint->source)
		return;
	dk_source_unsubscribe(endpoint->source);
	free(make_subscriptions(endpoint, plan));
}

/* With the plan's interests, of which the plugin may keep pointers. */
static void
renew(struct dk_endpoint *endpoint, const struct dk_plan *plan, const struct dk_endpoint_plan *of)
{
	free(endpoint->subscriptions);
	endpoint->subscriptions = make_subscriptions(endpoint, of);
	for (size_t i = 0; i < of->subscription_count; i++)
		dk_subscription_renew(endpoint->subscriptions[i], of->subscriptions[i].interests,
				      of->subscriptions[i].interest_count);
	endpoint->subscribed_by = plan;
}

bool
dk_endpoint_can_resubscribe(const struct dk_endpoint *endpoint)
{
	return !endpoint->replay && endpoint->plan->plugin->source->resubscribe;
}

void
dk_endpoint_resubscribe(struct dk_endpoint *endpoint, const struct dk_plan *plan, size_t number)
{
	const struct dk_endpoint_plan *of = &plan->endpoints[number];
	struct dk_subscription **before = endpoint->subscriptions;

	endpoint->subscriptions = NULL;
	renew(endpoint, plan, of);
	of->plugin->source->resubscribe(endpoint->object, endpoint->subscriptions,
					of->subscription_count);
	free(before);
}

/* --- What its sink goes to --- */

struct aiming {
	const struct dk_target **targets;
	size_t count, endpoint;
};

static void
aim_at(struct aiming *aiming, const struct dk_way *way)
{
	if (way && way->endpoint == aiming->endpoint)
		aiming->targets[aiming->count++] = &way->target;
}

static size_t
count_ways(const struct dk_plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->route_count; i++)
		count += plan->routes[i].way_count + 1;
	return count;
}

void
dk_endpoint_aim(struct dk_endpoint *endpoint, const struct dk_plan *plan, size_t number)
{
	const struct dk_sink_functions *sink = endpoint->plan->plugin->sink;
	struct aiming aiming = { .endpoint = number };

	if (!endpoint->sink || !sink->aim)
		return;
	aiming.targets = calloc(count_ways(plan) + 1, sizeof(*aiming.targets));
	if (!aiming.targets)
		abort();
	for (size_t i = 0; i < plan->route_count; i++) {
		const struct dk_route *route = &plan->routes[i];

		for (size_t j = 0; j < route->way_count; j++)
			aim_at(&aiming, &route->ways[j]);
		aim_at(&aiming, route->dead);
	}
	sink->aim(endpoint->object, aiming.targets, aiming.count);
	free(aiming.targets);
}

/* --- Both --- */

/* From the endpoint before, whose plugin is closed. */
static void
take_over(struct dk_endpoint *endpoint)
{
	const struct dk_endpoint_plan *of = endpoint->plan;
	struct dk_source_options options = options_of(endpoint);

	if (endpoint->source)
		dk_source_bind(endpoint->source, &options);
	if (endpoint->sink)
		dk_sink_bind(endpoint->sink, endpoint->object, of->plugin->sink->window(of->config));
	endpoint->before = NULL;
}

void
dk_endpoint_begin(struct dk_endpoint *endpoint, const struct dk_plan *plan, size_t number)
{
	const struct dk_endpoint_plan *of = &plan->endpoints[number];

	if (endpoint->before)
		take_over(endpoint);
	dk_endpoint_aim(endpoint, plan, number);
	if (endpoint->source) {
		renew(endpoint, plan, of);
		if (!endpoint->replay)
			of->plugin->source->subscribe(endpoint->object, endpoint->subscriptions,
						      of->subscription_count);
	}
	if (of->plugin->hooks)
		dk_flow_add_hooks(endpoint->flow, of->plugin->hooks, endpoint->object);
}
