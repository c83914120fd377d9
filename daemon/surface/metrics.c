/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics.c - figures of what runs, a row for each.
 */
#include "daemon/surface/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/flow/journal.h"
#include "daemon/flow/pause.h"
#include "daemon/surface/health.h"
#include "daemon/surface/metrics_process.h"
#include "daemon/surface/metrics_writing.h"
#include "daemon/surface/version.h"

/* --- Names: each is written in many lines, and escaped once --- */

static void
make_room(struct dk_metrics_writing *writing)
{
	const struct dk_plan *plan = writing->plan;
	size_t room = 0, count = plan->route_count + plan->endpoint_count;

	for (size_t i = 0; i < plan->route_count; i++)
		room += 2 * strlen(plan->routes[i].name);
	for (size_t i = 0; i < plan->endpoint_count; i++)
		room += 2 * strlen(plan->endpoints[i].name);
	dk_buffer_reserve(&writing->names, room);
	writing->routes = calloc(count + 1, sizeof(*writing->routes));
	if (!writing->routes)
		abort();
	writing->endpoints = writing->routes + plan->route_count;
}

static struct dk_slice
escape(struct dk_metrics_writing *writing, const char *name)
{
	size_t begin = writing->names.length;

	dk_metrics_escape(&writing->names, name);
	return dk_slice_new(writing->names.data + begin, writing->names.length - begin);
}

static void
begin_names(struct dk_metrics_writing *writing)
{
	make_room(writing);
	for (size_t i = 0; i < writing->plan->route_count; i++)
		writing->routes[i] = escape(writing, writing->plan->routes[i].name);
	for (size_t i = 0; i < writing->plan->endpoint_count; i++)
		writing->endpoints[i] = escape(writing, writing->plan->endpoints[i].name);
}

static void
end_names(struct dk_metrics_writing *writing)
{
	dk_buffer_clear(&writing->names);
	free(writing->routes);
}

/* --- Routes --- */

static const void *
account_of(const struct dk_metrics_writing *writing, size_t route)
{
	return dk_flow_route_account(dk_gateway_flow(writing->gateway), route);
}

static const void *
traffic_of(const struct dk_metrics_writing *writing, size_t route)
{
	return dk_flow_route_traffic(dk_gateway_flow(writing->gateway), route);
}

#define OF_ACCOUNT(member) account_of, offsetof(struct dk_route_account, member)
#define OF_TRAFFIC(member) traffic_of, offsetof(struct dk_route_traffic, member)

static const struct {
	const char *name, *type, *help;
	const void *(*of)(const struct dk_metrics_writing *writing, size_t route);
	size_t offset;
} route_rows[] = {
	{ "diolkos_route_received_total", "counter", "Messages that it wanted.",
	  OF_TRAFFIC(received) },
	{ "diolkos_route_received_bytes_total", "counter", "Bytes of their payloads.",
	  OF_TRAFFIC(received_bytes) },
	{ "diolkos_route_created_total", "counter", "Deliveries made of messages of this run.",
	  OF_ACCOUNT(created) },
	{ "diolkos_route_recovered_total", "counter",
	  "Deliveries made of messages stored by an earlier run.", OF_ACCOUNT(recovered) },
	{ "diolkos_route_delivered_total", "counter", "Deliveries that the sink has accepted.",
	  OF_ACCOUNT(delivered) },
	{ "diolkos_route_delivered_bytes_total", "counter", "Bytes of their payloads.",
	  OF_TRAFFIC(delivered_bytes) },
	{ "diolkos_route_dead_total", "counter", "Deliveries that became dead letters.",
	  OF_ACCOUNT(dead) },
	{ "diolkos_route_stale_total", "counter",
	  "Deliveries let go, for their source brings them again.", OF_ACCOUNT(stale) },
	{ "diolkos_route_rerouted_total", "counter",
	  "Deliveries ended where a reload changed the route: what goes on is created anew.",
	  OF_ACCOUNT(rerouted) },
	{ "diolkos_route_retried_total", "counter", "Deliveries sent again.", OF_ACCOUNT(retried) },
	{ "diolkos_route_filtered_total", "counter",
	  "Messages that matched, and no condition held.", OF_ACCOUNT(filtered) },
	{ "diolkos_route_in_flight", "gauge", "Deliveries that are not settled yet.",
	  OF_ACCOUNT(in_flight) },
};

static void
put_route_row(const struct dk_metrics_writing *writing, size_t row)
{
	struct dk_sample sample = dk_metrics_begin(
		writing, route_rows[row].name, route_rows[row].type, route_rows[row].help, "route");

	for (size_t i = 0; i < writing->plan->route_count; i++)
		dk_metrics_put(writing->out, &sample, writing->routes[i],
			       dk_metrics_number_at(route_rows[row].of(writing, i),
						    route_rows[row].offset));
}

static void
put_route_differences(const struct dk_metrics_writing *writing)
{
	struct dk_sample sample = dk_metrics_begin(
		writing, "diolkos_route_account_difference", "gauge",
		"What the account of deliveries does not explain: always 0.", "route");

	for (size_t i = 0; i < writing->plan->route_count; i++)
		dk_metrics_put(writing->out, &sample, writing->routes[i],
			       dk_route_difference(account_of(writing, i)));
}

static void
put_paused_routes(const struct dk_metrics_writing *writing)
{
	struct dk_sample sample = dk_metrics_begin(writing, "diolkos_route_paused", "gauge",
						   "Whether an administrator holds it up.", "route");

	for (size_t i = 0; i < writing->plan->route_count; i++)
		dk_metrics_put(writing->out, &sample, writing->routes[i],
			       dk_route_is_paused(dk_gateway_flow(writing->gateway), i));
}

static void
put_stuck_routes(const struct dk_metrics_writing *writing)
{
	struct dk_sample sample = dk_metrics_begin(
		writing, "diolkos_route_stuck", "gauge",
		"Whether deliveries could move, and do not: see /healthz.", "route");

	for (size_t i = 0; i < writing->plan->route_count; i++) {
		const struct dk_pace *pace = dk_health_route(i);

		dk_metrics_put(writing->out, &sample, writing->routes[i], pace && pace->is_stuck);
	}
}

/* --- Latencies: of the routes that have delivered --- */

static const char latency[] = "diolkos_route_latency_seconds";

/* The buckets' upper ends in seconds, as they are written. */
struct bounds {
	char texts[DK_LATENCY_BUCKETS][16];
	struct dk_slice slices[DK_LATENCY_BUCKETS];
};

static void
write_bounds(struct bounds *bounds)
{
	for (size_t i = 0; i < DK_LATENCY_BUCKETS; i++) {
		snprintf(bounds->texts[i], sizeof(bounds->texts[i]), "%g",
			 (double)dk_latency_bounds[i] / 1000);
		bounds->slices[i] = dk_slice_of(bounds->texts[i]);
	}
}

static void
put_buckets(const struct dk_metrics_writing *writing, const struct bounds *bounds,
	    struct dk_slice route, const struct dk_latency *of)
{
	struct dk_sample sample = { DK_SLICE("diolkos_route_latency_seconds_bucket"),
				    DK_SLICE("route") };
	uint64_t count = 0;

	for (size_t i = 0; i < DK_LATENCY_BUCKETS; i++) {
		count += of->buckets[i];
		dk_metrics_put_bucket(writing->out, &sample, route, bounds->slices[i],
				      (int64_t)count);
	}
	dk_metrics_put_bucket(writing->out, &sample, route, DK_SLICE("+Inf"), (int64_t)of->count);
}

static void
put_latencies(const struct dk_metrics_writing *writing)
{
	struct dk_sample sum = { DK_SLICE("diolkos_route_latency_seconds_sum"), DK_SLICE("route") };
	struct dk_sample count = { DK_SLICE("diolkos_route_latency_seconds_count"),
				   DK_SLICE("route") };
	struct bounds bounds;

	write_bounds(&bounds);
	dk_metrics_head(writing->out, latency, "histogram",
			"From a message's coming to its delivery's acceptance.");
	for (size_t i = 0; i < writing->plan->route_count; i++) {
		const struct dk_latency *of = dk_flow_latency(dk_gateway_flow(writing->gateway), i);

		if (!of)
			continue;
		put_buckets(writing, &bounds, writing->routes[i], of);
		dk_metrics_put_seconds(writing->out, &sum, writing->routes[i], of->sum_ms);
		dk_metrics_put(writing->out, &count, writing->routes[i], (int64_t)of->count);
	}
}

/* --- The daemon itself --- */

static void
put_one(const struct dk_metrics_writing *writing, const char *name, const char *help,
	int64_t number)
{
	dk_metrics_head(writing->out, name, "gauge", help);
	dk_metrics_put_bare(writing->out, name, number);
}

static void
put_daemon(const struct dk_metrics_writing *writing)
{
	struct dk_sample info = dk_metrics_begin(writing, "diolkos_info", "gauge",
						 "The daemon's version.", "version");
	const char *const *reasons;

	dk_metrics_put(writing->out, &info, DK_SLICE(DK_VERSION), 1);
	put_one(writing, "diolkos_healthy", "Whether all goes well: see /healthz.",
		dk_health_reasons(&reasons) == 0);
	dk_metrics_process(writing->out);
}

static void
put_dead_letters(const struct dk_metrics_writing *writing)
{
	struct dk_journal *dead = dk_flow_dead(dk_gateway_flow(writing->gateway));

	put_one(writing, "diolkos_dead_letters_bytes",
		"Bytes that the store of dead letters has on disk.",
		(int64_t)dk_journal_state(dead).bytes);
	put_one(writing, "diolkos_dead_letters_limit_bytes",
		"At so many none is taken, and its route stops: dead.size.",
		writing->plan->settings.dead_size);
}

void
dk_metrics_write(const struct dk_gateway *gateway, const struct dk_plan *plan,
		 struct dk_buffer *out)
{
	struct dk_metrics_writing writing = { .gateway = gateway, .plan = plan, .out = out };

	put_daemon(&writing);
	if (!gateway)
		return;
	begin_names(&writing);
	put_dead_letters(&writing);
	dk_metrics_endpoints(&writing);
	for (size_t row = 0; row < DK_ROWS(route_rows); row++)
		put_route_row(&writing, row);
	put_route_differences(&writing);
	put_paused_routes(&writing);
	put_stuck_routes(&writing);
	put_latencies(&writing);
	end_names(&writing);
}
