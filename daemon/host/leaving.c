/* SPDX-License-Identifier: Apache-2.0
 *
 * leaving.c - what a change of the plan has left: endpoints are closed when what is on their way is
 * settled, those that take their places begin, and plans of before are freed.
 *
 * What can't move is not waited for: its source brings it again.
 */
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/flow/spool.h"
#include "daemon/host/running.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/log.h"

#define CLOSE_MS 10000
#define LOOK_MS 5

/* --- What is left is closed, one thing after another --- */

static struct dk_endpoint *
find_successor(const struct dk_gateway *gateway, const struct dk_endpoint *endpoint, size_t *number)
{
	for (*number = 0; *number < gateway->plan->endpoint_count; ++*number)
		if (gateway->endpoints[*number]->before == endpoint)
			return gateway->endpoints[*number];
	return NULL;
}

/* Its plugin is closed. What that has handed over is its source's still. */
static void
give_way(struct dk_gateway *gateway, struct dk_endpoint *endpoint)
{
	size_t number;
	struct dk_endpoint *successor = find_successor(gateway, endpoint, &number);

	dk_handover_run(endpoint);
	dk_complaints_drop(endpoint->plan->name, NULL);
	dk_list_append(&gateway->retired, &endpoint->link);
	if (!successor)
		return;
	if (successor->source == endpoint->source)
		endpoint->source = NULL;
	if (successor->sink == endpoint->sink)
		endpoint->sink = NULL;
	dk_endpoint_begin(successor, gateway->plan, number);
	dk_endpoint_connect(successor);
}

/* Once, when a change takes long: what for. */
static void
tell_waiting(struct dk_endpoint *endpoint, int64_t now)
{
	const struct dk_source *source = endpoint->source;
	const struct dk_sink *sink = endpoint->sink;
	size_t messages = source ? dk_source_credit(source).messages : 0;
	size_t deliveries = sink ? dk_sink_state(sink).in_flight : 0;

	if (now < endpoint->tell_ms)
		return;
	endpoint->tell_ms = INT64_MAX;
	dk_log(DK_NOTICE, endpoint->plan->name, "waiting",
	       DK_FIELDS(DK_FIELD_TEXT("why", "the configuration has changed; before it is closed, "
					      "what is on its way is to be settled"),
			 DK_FIELD_NUMBER("messages", (int64_t)messages),
			 DK_FIELD_NUMBER("deliveries", (int64_t)deliveries),
			 DK_FIELD_NUMBER("seconds", (endpoint->deadline_ms - now) / 1000)));
}

static void
begin_to_close(struct dk_endpoint *endpoint)
{
	endpoint->deadline_ms = dk_clock_now_ms() + CLOSE_MS;
	dk_complaints_drop(endpoint->plan->name, NULL); /* what ends with it is not over */
	dk_endpoint_close(endpoint);
}

/* False: it does not close. */
static bool
move_on(struct dk_gateway *gateway, struct dk_endpoint *endpoint)
{
	int64_t now = dk_clock_now_ms();
	bool is_late = now >= endpoint->deadline_ms;

	if (endpoint->life < DK_LIFE_CLOSING && (is_late || dk_endpoint_is_quiet(endpoint))) {
		begin_to_close(endpoint);
		is_late = false;
	} else if (endpoint->life < DK_LIFE_CLOSING) {
		tell_waiting(endpoint, now);
	}
	if (endpoint->life == DK_LIFE_CLOSED) {
		dk_list_remove(&endpoint->link);
		give_way(gateway, endpoint);
	}
	return endpoint->life != DK_LIFE_CLOSING || !is_late;
}

static void
tell(struct dk_gateway *gateway, bool is_stuck)
{
	if (gateway->changed.tell)
		gateway->changed.tell(gateway->changed.context, is_stuck);
	gateway->changed.tell = NULL;
}

void
dk_leaving_look(void *argument)
{
	struct dk_gateway *gateway = argument;
	struct dk_list *link = gateway->leaving.next;
	bool is_stuck = false;

	while (link != &gateway->leaving) {
		struct dk_endpoint *endpoint = DK_OF(link, struct dk_endpoint, link);

		link = link->next;
		is_stuck |= !move_on(gateway, endpoint);
	}
	if (is_stuck || dk_list_is_empty(&gateway->leaving))
		tell(gateway, is_stuck);
	else
		dk_loop_timer_set(gateway->change_timer, LOOK_MS);
}

/* --- What nothing refers to any more is freed --- */

/* Nobody syncs it any more, so it is once now. One that was opened in vain has left nothing. */
static void
close_spool(struct dk_gateway *gateway, const struct dk_endpoint *endpoint, struct dk_spool *spool)
{
	struct dk_error error = { "" };

	if (endpoint->is_leaving)
		dk_leftover_tell(gateway->plan->settings.state, endpoint->plan->name, spool);
	dk_spool_flush(spool);
	dk_syncer_remove(gateway->syncer, dk_spool_journal(spool));
	if (dk_journal_sync_all(dk_spool_journal(spool), &error) != 0)
		dk_complain("disk", "sync-failed", error.text);
}

static bool
free_sides(struct dk_gateway *gateway, struct dk_endpoint *endpoint)
{
	struct dk_spool *spool = endpoint->source ? dk_source_spool(endpoint->source) : NULL;

	if (endpoint->source && dk_source_is_settled(endpoint->source)) {
		if (spool)
			close_spool(gateway, endpoint, spool);
		dk_source_free(endpoint->source);
		endpoint->source = NULL;
	}
	if (endpoint->sink && dk_sink_free(endpoint->sink))
		endpoint->sink = NULL;
	return !endpoint->source && !endpoint->sink;
}

static void
free_retired(struct dk_gateway *gateway)
{
	struct dk_list *link = gateway->retired.next;

	while (link != &gateway->retired) {
		struct dk_endpoint *endpoint = DK_OF(link, struct dk_endpoint, link);

		link = link->next;
		if (!free_sides(gateway, endpoint))
			continue;
		dk_list_remove(&endpoint->link);
		dk_endpoint_free(endpoint);
	}
}

static bool
uses(const struct dk_endpoint *endpoint, const struct dk_plan *plan)
{
	return endpoint->opened_by == plan || endpoint->subscribed_by == plan;
}

static bool
is_used(const struct dk_gateway *gateway, const struct dk_past_plan *past)
{
	for (size_t i = 0; i < gateway->plan->endpoint_count; i++)
		if (uses(gateway->endpoints[i], past->plan))
			return true;
	DK_EACH(link, &gateway->leaving)
		if (uses(DK_OF(link, struct dk_endpoint, link), past->plan))
			return true;
	DK_EACH(link, &gateway->retired)
		if (uses(DK_OF(link, struct dk_endpoint, link), past->plan))
			return true;
	return !past->is_given_back;
}

static void
free_past(struct dk_past_plan *past)
{
	dk_list_remove(&past->link);
	dk_plan_free(past->plan);
	free(past);
}

static void
free_past_plans(struct dk_gateway *gateway)
{
	struct dk_list *link = gateway->past.next;

	while (link != &gateway->past) {
		struct dk_past_plan *past = DK_OF(link, struct dk_past_plan, link);

		link = link->next;
		if (!is_used(gateway, past))
			free_past(past);
	}
}

static void
take_back_routes(struct dk_gateway *gateway, const struct dk_route *routes)
{
	DK_EACH(link, &gateway->past) {
		struct dk_past_plan *past = DK_OF(link, struct dk_past_plan, link);

		past->is_given_back |= past->plan->routes == routes;
	}
}

void
dk_leaving_turn(struct dk_gateway *gateway)
{
	const struct dk_route *routes;
	bool is_any = !dk_list_is_empty(&gateway->retired);

	while ((routes = dk_flow_give_back(gateway->flow))) {
		take_back_routes(gateway, routes);
		is_any = true;
	}
	if (!is_any)
		return;
	free_retired(gateway);
	free_past_plans(gateway);
}

static void
free_endpoints(struct dk_list *endpoints)
{
	struct dk_list *link;

	while ((link = dk_list_shift(endpoints)))
		dk_endpoint_free(DK_OF(link, struct dk_endpoint, link));
}

void
dk_leaving_clear(struct dk_gateway *gateway)
{
	free_endpoints(&gateway->leaving);
	free_endpoints(&gateway->retired);
}

void
dk_leaving_forget(struct dk_gateway *gateway)
{
	while (!dk_list_is_empty(&gateway->past))
		free_past(DK_OF(gateway->past.next, struct dk_past_plan, link));
}
