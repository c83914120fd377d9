/* SPDX-License-Identifier: Apache-2.0
 *
 * change.c - from one plan to another while messages are on their way: only that is touched of which
 * the difference speaks.
 *
 * All new endpoints are opened first: if that fails, nothing has happened. Then, at once, messages
 * are matched by the new plan. An endpoint that has gone or is another is left: it brings and takes
 * nothing new, what is on its way is waited for, and it is closed; one that takes its place begins
 * when it is closed, and has its source, its sink and what waits for them.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/error.h"
#include "daemon/host/gateway.h"
#include "daemon/host/running.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/log.h"

#define TELL_MS 1000 /* what is waited for so long is said */

struct change {
	struct dk_gateway *gateway;
	const struct dk_plan *plan;
	const struct dk_difference *difference;
	size_t *before;                 /* by new number: the old one, or DK_GONE */
	struct dk_endpoint **endpoints; /* by new number */
};

/* --- First: what is opened --- */

static struct dk_endpoint *
find_before(const struct change *change, size_t number)
{
	size_t before = change->before[number];

	return before == DK_GONE ? NULL : change->gateway->endpoints[before];
}

static bool
is_kept(const struct change *change, size_t number)
{
	size_t before = change->before[number];

	return before != DK_GONE && change->difference->endpoints[before].is_same &&
	       (change->difference->subscribes_alike[before] ||
		dk_endpoint_can_resubscribe(change->gateway->endpoints[before]));
}

static void
find_all_before(struct change *change)
{
	for (size_t i = 0; i < change->plan->endpoint_count; i++)
		change->before[i] = DK_GONE;
	for (size_t i = 0; i < change->gateway->plan->endpoint_count; i++)
		if (change->difference->endpoints[i].now != DK_GONE)
			change->before[change->difference->endpoints[i].now] = i;
}

static int
open_one(struct change *change, size_t number, struct dk_error *error)
{
	const struct dk_endpoint_plan *plan = &change->plan->endpoints[number];
	const struct dk_surroundings surroundings = dk_gateway_surroundings(change->gateway);
	struct dk_error why = { "" };

	if (dk_endpoint_open(&change->endpoints[number], &surroundings, change->plan, number,
			     find_before(change, number), &why) == 0)
		return 0;
	return dk_fail(error, "%s:%u: endpoint %s: %.300s", plan->place.file, plan->place.line,
		       plan->name, why.text);
}

static int
open_all(struct change *change, struct dk_error *error)
{
	for (size_t i = 0; i < change->plan->endpoint_count; i++)
		if (is_kept(change, i))
			change->endpoints[i] = find_before(change, i);
		else if (open_one(change, i, error) != 0)
			return -1;
	return 0;
}

static void
leave(struct dk_gateway *gateway, struct dk_endpoint *endpoint)
{
	int64_t now = dk_clock_now_ms();

	endpoint->deadline_ms = now + gateway->plan->settings.drain_ms;
	endpoint->tell_ms = now + TELL_MS;
	dk_list_append(&gateway->leaving, &endpoint->link);
}

/* A plan that is of the past, or will never be used. */
static void
keep_past(struct dk_gateway *gateway, const struct dk_plan *plan, bool is_given_back)
{
	struct dk_past_plan *past = calloc(1, sizeof(*past));

	if (!past)
		abort();
	past->plan = (struct dk_plan *)(uintptr_t)plan;
	past->is_given_back = is_given_back;
	dk_list_append(&gateway->past, &past->link);
}

/* What was opened is closed again, in its own time, and has the plan until then. */
static void
take_back(struct change *change)
{
	keep_past(change->gateway, change->plan, true);
	for (size_t i = 0; i < change->plan->endpoint_count; i++) {
		struct dk_endpoint *endpoint = change->endpoints[i];

		if (!endpoint || is_kept(change, i))
			continue;
		if (endpoint->before && endpoint->source == endpoint->before->source)
			endpoint->source = NULL;
		if (endpoint->before && endpoint->sink == endpoint->before->sink)
			endpoint->sink = NULL;
		endpoint->before = NULL;
		if (endpoint->source)
			dk_source_leave(endpoint->source);
		leave(change->gateway, endpoint);
	}
}

/* --- Second: the switch --- */

/* Those that are not kept, of the plan before. */
static void
leave_others(struct change *change)
{
	struct dk_gateway *gateway = change->gateway;

	for (size_t i = 0; i < gateway->plan->endpoint_count; i++) {
		size_t now = change->difference->endpoints[i].now;

		if (now != DK_GONE && change->endpoints[now] == gateway->endpoints[i])
			continue;
		dk_endpoint_leave(gateway->endpoints[i]);
		leave(gateway, gateway->endpoints[i]);
	}
}

/* One that takes another's place begins in its turn. */
static void
begin_opened(struct change *change, size_t number)
{
	struct dk_endpoint *endpoint = change->endpoints[number];

	if (!endpoint->before || endpoint->before->source != endpoint->source)
		dk_gateway_watch_spool(change->gateway, endpoint);
	if (!endpoint->before)
		dk_endpoint_begin(endpoint, change->plan, number);
}

static void
begin_one(struct change *change, size_t number)
{
	struct dk_endpoint *endpoint = change->endpoints[number];

	dk_endpoint_feed(endpoint, &change->plan->endpoints[number]);
	if (!is_kept(change, number)) {
		begin_opened(change, number);
		return;
	}
	dk_endpoint_aim(endpoint, change->plan, number);
	if (!change->difference->subscribes_alike[change->before[number]])
		dk_endpoint_resubscribe(endpoint, change->plan, number);
}

/* What is said of a route is of the one before. */
static void
drop_complaints(const struct change *change)
{
	const struct dk_plan *before = change->gateway->plan;

	for (size_t i = 0; i < before->route_count; i++)
		if (!change->difference->routes[i].is_same)
			dk_complaints_drop(before->routes[i].name, "denied");
}

static void
switch_over(struct change *change)
{
	struct dk_gateway *gateway = change->gateway;

	leave_others(change);
	dk_flow_switch(gateway->flow);
	drop_complaints(change);
	keep_past(gateway, gateway->plan, false);
	for (size_t i = 0; i < change->plan->endpoint_count; i++)
		begin_one(change, i);
	dk_flow_renew(gateway->flow);
	free(gateway->endpoints);
	gateway->endpoints = change->endpoints;
	gateway->plan = change->plan;
	for (size_t i = 0; i < gateway->plan->endpoint_count; i++)
		if (!gateway->endpoints[i]->before)
			dk_endpoint_connect(gateway->endpoints[i]);
	dk_loop_timer_set(gateway->change_timer, 0);
}

/* One of that name may have messages on their way, or its spool open, though its plugin is closed. */
static bool
is_retired(const struct dk_gateway *gateway, const char *name)
{
	DK_EACH(link, &gateway->retired)
		if (strcmp(DK_OF(link, struct dk_endpoint, link)->plan->name, name) == 0)
			return true;
	return false;
}

bool
dk_gateway_can_change(const struct dk_gateway *gateway, const struct dk_plan *plan,
		      const struct dk_difference *difference)
{
	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (is_retired(gateway, plan->endpoints[i].name))
			return false;
	return !difference->is_whole && dk_list_is_empty(&gateway->leaving);
}

int
dk_gateway_change(struct dk_gateway *gateway, const struct dk_plan *plan,
		  const struct dk_difference *difference, struct dk_gateway_changed changed,
		  struct dk_error *error)
{
	struct change change = { .gateway = gateway, .plan = plan, .difference = difference };
	const struct dk_flow_change of_flow = { .routes = plan->routes,
						.route_count = plan->route_count,
						.endpoint_count = plan->endpoint_count,
						.of_routes = difference->routes,
						.of_sources = difference->sources,
						.of_sinks = difference->sinks };
	int result;

	change.before = calloc(plan->endpoint_count + 1, sizeof(*change.before));
	change.endpoints = calloc(plan->endpoint_count + 1, sizeof(*change.endpoints));
	if (!change.before || !change.endpoints)
		abort();
	find_all_before(&change);
	dk_flow_prepare(gateway->flow, &of_flow);
	result = open_all(&change, error);
	if (result == 0) {
		gateway->changed = changed;
		switch_over(&change);
	} else {
		take_back(&change);
		dk_flow_withdraw(gateway->flow);
		free(change.endpoints);
		dk_loop_timer_set(gateway->change_timer, 0);
	}
	free(change.before);
	return result;
}
