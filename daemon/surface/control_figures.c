/* SPDX-License-Identifier: Apache-2.0
 *
 * control_figures.c - how it goes: health, readiness, metrics, and each endpoint and route with its
 * figures.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/flow/pause.h"
#include "daemon/flow/spool.h"
#include "daemon/surface/control_inside.h"
#include "daemon/surface/health.h"
#include "daemon/surface/metrics.h"
#include "daemon/surface/version.h"
#include "daemon/system/log.h"

/* --- Figures --- */

static json_t *
json_of_source(const struct dk_source *source, const struct dk_endpoint_plan *plan)
{
	const struct dk_source_account *account = dk_source_account(source);
	struct dk_credit credit = dk_source_credit(source);

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "received",
			 (json_int_t)account->received, "recovered",
			 (json_int_t)account->recovered, "routed", (json_int_t)account->routed,
			 "filtered", (json_int_t)account->filtered, "unrouted",
			 (json_int_t)account->unrouted, "difference",
			 (json_int_t)dk_source_difference(account), "unsettled",
			 (json_int_t)credit.messages, "unsettled_bytes", (json_int_t)credit.bytes,
			 "window", (json_int_t)plan->in_flight, "paused",
			 dk_source_is_paused(source));
}

static json_t *
json_of_sink(const struct dk_sink *sink)
{
	struct dk_sink_state state = dk_sink_state(sink);

	return json_pack("{s:I, s:I, s:b}", "in_flight", (json_int_t)state.in_flight, "window",
			 (json_int_t)state.window, "paused", dk_sink_is_paused(sink));
}

static json_t *
json_of_endpoint(const struct dk_gateway *gateway, const struct dk_plan *plan, size_t number)
{
	const struct dk_endpoint_plan *endpoint = &plan->endpoints[number];
	const struct dk_source *source = dk_gateway_source(gateway, number);
	const struct dk_sink *sink = dk_gateway_sink(gateway, number);
	json_t *json = json_pack("{s:o, s:s, s:b, s:o, s:I}", "name",
				 dk_json_of_text(endpoint->name), "plugin", endpoint->plugin->name,
				 "connected", dk_gateway_is_connected(gateway, number), "why",
				 dk_json_of_text(dk_gateway_reason(gateway, number)), "connects",
				 (json_int_t)dk_gateway_connects(gateway, number));

	if (source)
		json_object_set_new(json, "source", json_of_source(source, endpoint));
	if (sink)
		json_object_set_new(json, "sink", json_of_sink(sink));
	return json;
}

static json_t *
json_of_sink_reason(const struct dk_plan *plan, size_t sink, const char *reason)
{
	char text[256];

	snprintf(text, sizeof(text), "%.200s %s", plan->endpoints[sink].name, reason);
	return dk_json_of_text(text);
}

/* Why the route has deliveries in flight, in a few words; NULL: it has none. */
static json_t *
json_of_reason(const struct dk_gateway *gateway, const struct dk_plan *plan, size_t number)
{
	const struct dk_flow *flow = dk_gateway_flow(gateway);
	const struct dk_route *route = &plan->routes[number];

	if (dk_flow_route_account(flow, number)->in_flight == 0)
		return json_null();
	if (dk_route_is_paused(flow, number))
		return json_string("the route is paused");
	for (size_t i = 0; i < route->way_count; i++) {
		size_t sink = route->ways[i].endpoint;

		if (dk_sink_is_paused(dk_gateway_sink(gateway, sink)))
			return json_of_sink_reason(plan, sink, "is paused");
		if (!dk_gateway_is_connected(gateway, sink))
			return json_of_sink_reason(plan, sink, "is not connected");
	}
	return json_string(dk_flow_is_denied(flow, number) ? "it is not allowed" :
							     "on its way, or to be tried again");
}

static json_t *
json_of_route(const struct dk_gateway *gateway, const struct dk_plan *plan, size_t number)
{
	const struct dk_route_account *account =
		dk_flow_route_account(dk_gateway_flow(gateway), number);

	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o}", "name",
			 dk_json_of_text(plan->routes[number].name), "created",
			 (json_int_t)account->created, "recovered", (json_int_t)account->recovered,
			 "delivered", (json_int_t)account->delivered, "dead",
			 (json_int_t)account->dead, "stale", (json_int_t)account->stale,
			 "rerouted", (json_int_t)account->rerouted, "retried", (json_int_t)account->retried, "filtered",
			 (json_int_t)account->filtered, "in_flight",
			 (json_int_t)account->in_flight, "difference",
			 (json_int_t)dk_route_difference(account), "paused",
			 dk_route_is_paused(dk_gateway_flow(gateway), number), "waits_because",
			 json_of_reason(gateway, plan, number));
}

/* A list of what `json_of` makes of each. */
static json_t *
json_of_all(const struct dk_gateway *gateway, const struct dk_plan *plan, size_t count,
	    json_t *(*json_of)(const struct dk_gateway *gateway, const struct dk_plan *plan,
			       size_t number))
{
	json_t *all = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(all, json_of(gateway, plan, i));
	return all;
}

/* The names of endpoints that are not connected. */
static json_t *
json_of_absent(const struct dk_gateway *gateway, const struct dk_plan *plan)
{
	json_t *absent = json_array();

	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (!dk_gateway_is_connected(gateway, i))
			json_array_append_new(absent, dk_json_of_text(plan->endpoints[i].name));
	return absent;
}

/* The names of routes and endpoints whose accounts are not even. */
static json_t *
json_of_uneven(const struct dk_gateway *gateway, const struct dk_plan *plan)
{
	json_t *uneven = json_array();

	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (dk_gateway_source(gateway, i) &&
		    dk_source_difference(dk_source_account(dk_gateway_source(gateway, i))) != 0)
			json_array_append_new(uneven, dk_json_of_text(plan->endpoints[i].name));
	for (size_t i = 0; i < plan->route_count; i++)
		if (dk_route_difference(dk_flow_route_account(dk_gateway_flow(gateway), i)) != 0)
			json_array_append_new(uneven, dk_json_of_text(plan->routes[i].name));
	return uneven;
}

/* --- Calls --- */

void
dk_give_metrics(struct dk_control *control, struct dk_http_call *call)
{
	struct dk_buffer text = { 0 };

	dk_metrics_write(dk_carrier_gateway(control->carrier), dk_carrier_plan(control->carrier),
			 &text);
	dk_http_answer(call, 200, "text/plain; version=0.0.4; charset=utf-8", &text);
}

/* *Takes* the list: what is in it is what is wrong. */
static void
give_verdict(struct dk_http_call *call, const char *what, json_t *wrong, int status)
{
	bool is_good = json_array_size(wrong) == 0;

	dk_answer_json(call, is_good ? 200 : status,
		       json_pack("{s:b, s:o}", "good", is_good, what, wrong));
}

void
dk_give_health(struct dk_control *control, struct dk_http_call *call)
{
	const char *const *reasons;
	size_t count = dk_health_reasons(&reasons);
	json_t *wrong = json_array();

	(void)control;
	for (size_t i = 0; i < count; i++)
		json_array_append_new(wrong, dk_json_of_text(reasons[i]));
	give_verdict(call, "reasons", wrong, 500);
}

void
dk_give_readiness(struct dk_control *control, struct dk_http_call *call)
{
	give_verdict(call, "not_connected",
		     json_of_absent(dk_carrier_gateway(control->carrier),
				    dk_carrier_plan(control->carrier)),
		     503);
}

static json_t *
json_of_lines(const char *text)
{
	json_t *lines = json_array();

	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = strndup(text, length);

		json_array_append_new(lines, dk_json_of_text(line ? line : ""));
		free(line);
		text += length + (text[length] == '\n');
	}
	return lines;
}

/* NULL: the configuration was never read again. */
static json_t *
json_of_reload(const struct dk_control *control)
{
	struct dk_reload reload = dk_carrier_last_reload(control->carrier);

	if (reload.count == 0)
		return json_null();
	return json_pack("{s:I, s:b, s:b, s:o, s:o}", "count", (json_int_t)reload.count, "good",
			 reload.is_good, "changed", reload.is_changed, "changes",
			 json_of_lines(reload.changes), "said", dk_json_of_text(reload.text));
}

void
dk_give_status(struct dk_control *control, struct dk_http_call *call)
{
	const struct dk_gateway *gateway = dk_carrier_gateway(control->carrier);
	const struct dk_plan *plan = dk_carrier_plan(control->carrier);

	dk_answer_json(call, 200,
		       json_pack("{s:s, s:I, s:o, s:I, s:s, s:I, s:I, s:o, s:o, s:o, s:o}",
				 "version", DK_VERSION, "pid", (json_int_t)getpid(), "since",
				 dk_json_of_time(control->since_ms), "since_ms",
				 (json_int_t)control->since_ms, "log_level",
				 dk_level_word(dk_log_level()), "endpoints",
				 (json_int_t)plan->endpoint_count, "routes",
				 (json_int_t)plan->route_count, "not_connected",
				 json_of_absent(gateway, plan), "uneven_accounts",
				 json_of_uneven(gateway, plan), "paused",
				 dk_json_of_paused(control), "reload",
				 json_of_reload(control)));
}

void
dk_give_endpoints(struct dk_control *control, struct dk_http_call *call)
{
	const struct dk_plan *plan = dk_carrier_plan(control->carrier);

	dk_answer_json(call, 200,
		       json_of_all(dk_carrier_gateway(control->carrier), plan, plan->endpoint_count,
				   json_of_endpoint));
}

void
dk_give_routes(struct dk_control *control, struct dk_http_call *call)
{
	const struct dk_plan *plan = dk_carrier_plan(control->carrier);

	dk_answer_json(call, 200,
		       json_of_all(dk_carrier_gateway(control->carrier), plan, plan->route_count,
				   json_of_route));
}

/* --- Spools --- */

static json_t *
json_of_spool(const struct dk_endpoint_plan *endpoint, const struct dk_source *source,
	      const struct dk_settings *settings)
{
	struct dk_spool *spool = dk_source_spool(source);
	int64_t oldest_ms = dk_spool_oldest_ms(spool);
	struct dk_journal_state journal = dk_journal_state(dk_spool_journal(spool));

	return json_pack("{s:o, s:I, s:I, s:I, s:b, s:o, s:s, s:I}", "endpoint",
			 dk_json_of_text(endpoint->name), "messages",
			 (json_int_t)dk_spool_messages(spool), "bytes", (json_int_t)journal.bytes,
			 "high_mark", (json_int_t)settings->spool_size, "full",
			 dk_spool_is_full(spool), "oldest",
			 oldest_ms < 0 ? json_null() : dk_json_of_time(oldest_ms), "sync",
			 settings->spool_sync, "unsynced", (json_int_t)journal.unsynced);
}

void
dk_give_spools(struct dk_control *control, struct dk_http_call *call)
{
	const struct dk_gateway *gateway = dk_carrier_gateway(control->carrier);
	const struct dk_plan *plan = dk_carrier_plan(control->carrier);
	json_t *spools = json_array();

	for (size_t i = 0; i < plan->endpoint_count; i++) {
		const struct dk_source *source = dk_gateway_source(gateway, i);

		if (source && dk_source_spool(source))
			json_array_append_new(spools, json_of_spool(&plan->endpoints[i], source,
								    &plan->settings));
	}
	dk_answer_json(call, 200, spools);
}
