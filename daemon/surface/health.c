/* SPDX-License-Identifier: Apache-2.0
 *
 * health.c - the beat looks at everything, so that whoever asks need not.
 */
#include "daemon/surface/health.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/flow/pause.h"
#include "daemon/surface/figures.h"
#include "daemon/system/complaint.h"

static struct {
	struct dk_paces routes, endpoints;
	char *reasons[DK_HEALTH_REASONS];
	size_t kept, found;
} health;

/* --- Reasons --- */

static void DK_PRINTF(1, 2) find(const char *format, ...)
{
	va_list arguments;

	if (health.found++ >= DK_HEALTH_REASONS)
		return;
	va_start(arguments, format);
	if (vasprintf(&health.reasons[health.kept++], format, arguments) < 0)
		abort();
	va_end(arguments);
}

static void
forget_reasons(void)
{
	while (health.kept > 0)
		free(health.reasons[--health.kept]);
	health.found = 0;
}

static void
tell_how_many_more(void)
{
	char **last = &health.reasons[DK_HEALTH_REASONS - 1];

	if (health.found <= DK_HEALTH_REASONS)
		return;
	free(*last);
	if (asprintf(last, "and %zu more", health.found - DK_HEALTH_REASONS + 1) < 0)
		abort();
}

struct moment {
	char text[32];
};

static struct moment
moment_of(int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct moment moment;
	struct tm utc;

	strftime(moment.text, sizeof(moment.text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
	return moment;
}

/* --- Accounts --- */

static void
find_difference(const char *what, const char *name, const char *of, int64_t difference)
{
	char text[256];

	if (difference == 0)
		return;
	snprintf(text, sizeof(text),
		 "%s %s: the account is off by %" PRId64 " %s, which were lost or counted twice",
		 what, name, difference, of);
	find("%s", text);
	dk_complain(name, "account-off", text);
}

/* --- What stands still --- */

/* Whether it has been still for too long; what is found, and what is over, is told. */
static bool
is_stuck(struct dk_pace *pace, int64_t now_ms, int64_t patience_ms)
{
	bool was_stuck = pace->is_stuck;

	pace->is_stuck = pace->last.could_move && now_ms - pace->still_ms >= patience_ms;
	if (was_stuck && !pace->is_stuck)
		dk_complain(pace->name, "stuck", NULL);
	return pace->is_stuck;
}

static void
find_stuck(const struct dk_pace *pace, const char *text)
{
	find("%s", text);
	dk_complain(pace->name, "stuck", text);
}

static void
look_at_endpoint(const struct dk_gateway *gateway, const struct dk_plan *plan, size_t number)
{
	const char *name = plan->endpoints[number].name;
	struct dk_endpoint_figures figures = dk_figures_of_endpoint(gateway, plan, number);
	struct dk_step step = { (uint64_t)figures.settled, (uint64_t)figures.received,
				(uint64_t)figures.delivered,
				figures.connected && !figures.full && figures.in_flight > 0 };
	struct dk_pace *pace = dk_paces_take(&health.endpoints, number, name, step);
	char text[256];

	find_difference("endpoint", name, "messages", figures.difference);
	if (!is_stuck(pace, health.endpoints.now_ms, DK_HEALTH_PATIENCE_MS))
		return;
	snprintf(text, sizeof(text),
		 "endpoint %s: it is connected, was sent %" PRId64
		 " deliveries, and has answered none since %s",
		 name, figures.in_flight, moment_of(pace->still_wall_ms).text);
	find_stuck(pace, text);
}

/* Whether all that the route goes to would take more. */
static bool
has_open_sinks(const struct dk_gateway *gateway, const struct dk_route *route)
{
	for (size_t i = 0; i < route->way_count; i++) {
		const struct dk_sink *sink = dk_gateway_sink(gateway, route->ways[i].endpoint);

		if (!sink || !dk_sink_state(sink).is_up || dk_sink_state(sink).is_full ||
		    dk_sink_is_paused(sink))
			return false;
	}
	return true;
}

static void
tell_stuck_route(const struct dk_plan *plan, const struct dk_route *route,
		 const struct dk_pace *pace, uint64_t in_flight)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "route %s: of its %" PRIu64 " deliveries on their way none has "
		 "come to an end since %s, though %s%s connected",
		 route->name, in_flight, moment_of(pace->still_wall_ms).text,
		 plan->endpoints[route->ways[0].endpoint].name,
		 route->way_count > 1 ? " and its other sinks are" : " is");
	find_stuck(pace, text);
}

static void
look_at_route(const struct dk_gateway *gateway, const struct dk_plan *plan, size_t number)
{
	const struct dk_route *route = &plan->routes[number];
	const struct dk_flow *flow = dk_gateway_flow(gateway);
	const struct dk_route_account *account = dk_flow_route_account(flow, number);
	struct dk_step step = { dk_figures_moved(account),
				dk_flow_route_traffic(flow, number)->received, account->delivered,
				account->in_flight > 0 && !dk_route_is_paused(flow, number) &&
					has_open_sinks(gateway, route) };
	struct dk_pace *pace = dk_paces_take(&health.routes, number, route->name, step);

	find_difference("route", route->name, "deliveries", dk_route_difference(account));
	if (is_stuck(pace, health.routes.now_ms, DK_HEALTH_PATIENCE_MS + route->retry_max_ms))
		tell_stuck_route(plan, route, pace, account->in_flight);
}

/* --- What others have said already --- */

static void
find_complaint(void *context, const char *who, const char *event, const char *reason)
{
	(void)context;
	if (strcmp(event, "store-failed") == 0)
		find("%s: the store fails: %s", who, reason);
	else if (strcmp(event, "denied") == 0)
		find("route %s: %s", who, reason);
}

/* --- The whole --- */

void
dk_health_beat(const struct dk_gateway *gateway, const struct dk_plan *plan, int64_t now_ms,
	       int64_t wall_ms)
{
	if (!gateway)
		return;
	forget_reasons();
	dk_complaints_each(find_complaint, NULL);
	dk_paces_begin(&health.endpoints, plan->endpoint_count, now_ms, wall_ms);
	for (size_t i = 0; i < plan->endpoint_count; i++)
		look_at_endpoint(gateway, plan, i);
	dk_paces_end(&health.endpoints);
	dk_paces_begin(&health.routes, plan->route_count, now_ms, wall_ms);
	for (size_t i = 0; i < plan->route_count; i++)
		look_at_route(gateway, plan, i);
	dk_paces_end(&health.routes);
	tell_how_many_more();
}

void
dk_health_forget(void)
{
	forget_reasons();
	dk_paces_clear(&health.routes);
	dk_paces_clear(&health.endpoints);
}

size_t
dk_health_reasons(const char *const **reasons)
{
	*reasons = (const char *const *)health.reasons;
	return health.kept;
}

const struct dk_pace *
dk_health_route(size_t route)
{
	return route < health.routes.count ? &health.routes.list[route] : NULL;
}

const struct dk_pace *
dk_health_endpoint(size_t endpoint)
{
	return endpoint < health.endpoints.count ? &health.endpoints.list[endpoint] : NULL;
}
