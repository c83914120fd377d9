/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics.c - figures of what runs, a row for each.
 */
#include "daemon/surface/metrics.h"

#include <inttypes.h>

#include "daemon/flow/spool.h"
#include "daemon/surface/version.h"

struct writing {
	const struct dk_gateway *gateway;
	const struct dk_plan *plan;
	struct dk_buffer *out;
};

/* --- The format --- */

static void
put_head(const struct writing *writing, const char *name, const char *type, const char *help)
{
	dk_buffer_print(writing->out, "# HELP diolkos_%s %s\n# TYPE diolkos_%s %s\n", name, help,
			name, type);
}

/* Within quotes of a label. */
static void
put_value(struct dk_buffer *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			dk_buffer_add(out, DK_SLICE("\\"));
		dk_buffer_add(out, *value == '\n' ? DK_SLICE("\\n") : dk_slice_new(value, 1));
	}
}

static void
put_label(const struct writing *writing, const char *name, const char *label, const char *value)
{
	dk_buffer_print(writing->out, "diolkos_%s{%s=\"", name, label);
	put_value(writing->out, value);
	dk_buffer_add_text(writing->out, "\"");
}

static void
put_number(const struct writing *writing, const char *name, const char *label, const char *value,
	   int64_t number)
{
	put_label(writing, name, label, value);
	dk_buffer_print(writing->out, "} %" PRId64 "\n", number);
}

/* --- Routes --- */

#define OF_ROUTE(member) offsetof(struct dk_route_account, member)

static const struct {
	const char *name, *type, *help;
	size_t offset;
} route_rows[] = {
	{ "route_created_total", "counter", "Deliveries made of messages of this run.",
	  OF_ROUTE(created) },
	{ "route_recovered_total", "counter", "Deliveries made of messages stored by an earlier run.",
	  OF_ROUTE(recovered) },
	{ "route_delivered_total", "counter", "Deliveries that the sink has accepted.",
	  OF_ROUTE(delivered) },
	{ "route_dead_total", "counter", "Deliveries that became dead letters.", OF_ROUTE(dead) },
	{ "route_stale_total", "counter", "Deliveries let go, for their source brings them again.",
	  OF_ROUTE(stale) },
	{ "route_retried_total", "counter", "Deliveries sent again.", OF_ROUTE(retried) },
	{ "route_filtered_total", "counter", "Messages that matched, and no condition held.",
	  OF_ROUTE(filtered) },
	{ "route_in_flight", "gauge", "Deliveries that are not settled yet.", OF_ROUTE(in_flight) },
};

static const struct dk_route_account *
account_of(const struct writing *writing, size_t route)
{
	return dk_flow_route_account(dk_gateway_flow(writing->gateway), route);
}

static void
put_routes(const struct writing *writing)
{
	for (size_t row = 0; row < sizeof(route_rows) / sizeof(route_rows[0]); row++) {
		put_head(writing, route_rows[row].name, route_rows[row].type, route_rows[row].help);
		for (size_t i = 0; i < writing->plan->route_count; i++)
			put_number(writing, route_rows[row].name, "route",
				   writing->plan->routes[i].name,
				   *(const int64_t *)(const void *)((const char *)account_of(writing, i) +
								    route_rows[row].offset));
	}
	put_head(writing, "route_account_difference", "gauge",
		 "What the account of deliveries does not explain: always 0.");
	for (size_t i = 0; i < writing->plan->route_count; i++)
		put_number(writing, "route_account_difference", "route",
			   writing->plan->routes[i].name,
			   dk_route_difference(account_of(writing, i)));
}

static void
put_bucket(const struct writing *writing, const char *route, const char *bound, uint64_t count)
{
	put_label(writing, "route_latency_seconds_bucket", "route", route);
	dk_buffer_print(writing->out, ",le=\"%s\"} %" PRIu64 "\n", bound, count);
}

static void
put_latency(const struct writing *writing, const char *route, const struct dk_latency *latency)
{
	uint64_t count = 0;
	char bound[32];

	for (size_t i = 0; i < DK_LATENCY_BUCKETS; i++) {
		count += latency->buckets[i];
		snprintf(bound, sizeof(bound), "%g", (double)dk_latency_bounds[i] / 1000);
		put_bucket(writing, route, bound, count);
	}
	put_bucket(writing, route, "+Inf", latency->count);
	put_label(writing, "route_latency_seconds_sum", "route", route);
	dk_buffer_print(writing->out, "} %" PRId64 ".%03d\n", latency->sum_ms / 1000,
			(int)(latency->sum_ms % 1000));
	put_number(writing, "route_latency_seconds_count", "route", route, (int64_t)latency->count);
}

static void
put_latencies(const struct writing *writing)
{
	put_head(writing, "route_latency_seconds", "histogram",
		 "From a message's coming to its delivery's acceptance.");
	for (size_t i = 0; i < writing->plan->route_count; i++) {
		const struct dk_latency *latency =
			dk_flow_latency(dk_gateway_flow(writing->gateway), i);

		if (latency)
			put_latency(writing, writing->plan->routes[i].name, latency);
	}
}

/* --- Endpoints: false where an endpoint has no such figure --- */

static bool
connected(const struct dk_gateway *gateway, size_t endpoint, int64_t *value)
{
	*value = dk_gateway_is_connected(gateway, endpoint);
	return true;
}

static bool
connects(const struct dk_gateway *gateway, size_t endpoint, int64_t *value)
{
	*value = (int64_t)dk_gateway_connects(gateway, endpoint);
	return true;
}

#define OF_SOURCE(member)                                                                          \
	static bool member##_messages(const struct dk_gateway *gateway, size_t endpoint,           \
				      int64_t *value)                                              \
	{                                                                                          \
		const struct dk_source *source = dk_gateway_source(gateway, endpoint);             \
                                                                                                   \
		*value = source ? (int64_t)dk_source_account(source)->member : 0;                  \
		return source != NULL;                                                             \
	}

OF_SOURCE(received)
OF_SOURCE(recovered)
OF_SOURCE(routed)
OF_SOURCE(filtered)
OF_SOURCE(unrouted)
OF_SOURCE(orphans)

static bool
difference(const struct dk_gateway *gateway, size_t endpoint, int64_t *value)
{
	const struct dk_source *source = dk_gateway_source(gateway, endpoint);

	*value = source ? dk_source_difference(dk_source_account(source)) : 0;
	return source != NULL;
}

static bool
unsettled(const struct dk_gateway *gateway, size_t endpoint, int64_t *value)
{
	const struct dk_source *source = dk_gateway_source(gateway, endpoint);

	*value = source ? (int64_t)dk_source_credit(source).messages : 0;
	return source != NULL;
}

static bool
unsettled_bytes(const struct dk_gateway *gateway, size_t endpoint, int64_t *value)
{
	const struct dk_source *source = dk_gateway_source(gateway, endpoint);

	*value = source ? (int64_t)dk_source_credit(source).bytes : 0;
	return source != NULL;
}

static bool
spool_bytes(const struct dk_gateway *gateway, size_t endpoint, int64_t *value)
{
	const struct dk_source *source = dk_gateway_source(gateway, endpoint);
	struct dk_spool *spool = source ? dk_source_spool(source) : NULL;

	*value = spool ? (int64_t)dk_journal_state(dk_spool_journal(spool)).bytes : 0;
	return spool != NULL;
}

static bool
sink_in_flight(const struct dk_gateway *gateway, size_t endpoint, int64_t *value)
{
	const struct dk_sink *sink = dk_gateway_sink(gateway, endpoint);

	*value = sink ? (int64_t)dk_sink_state(sink).in_flight : 0;
	return sink != NULL;
}

static bool
sink_window(const struct dk_gateway *gateway, size_t endpoint, int64_t *value)
{
	const struct dk_sink *sink = dk_gateway_sink(gateway, endpoint);

	*value = sink ? (int64_t)dk_sink_state(sink).window : 0;
	return sink != NULL;
}

static const struct {
	const char *name, *type, *help;
	bool (*value)(const struct dk_gateway *gateway, size_t endpoint, int64_t *value);
} endpoint_rows[] = {
	{ "endpoint_connected", "gauge", "Whether it is connected.", connected },
	{ "endpoint_connects_total", "counter", "How often it was connected.", connects },
	{ "endpoint_received_total", "counter", "Messages of this run.", received_messages },
	{ "endpoint_recovered_total", "counter", "Messages stored by an earlier run.",
	  recovered_messages },
	{ "endpoint_routed_total", "counter", "Messages that went to at least one sink.",
	  routed_messages },
	{ "endpoint_filtered_total", "counter", "Messages that matched, and no condition held.",
	  filtered_messages },
	{ "endpoint_unrouted_total", "counter", "Messages that no route wanted.",
	  unrouted_messages },
	{ "endpoint_orphans_total", "counter", "Stored messages that no route wants any more.",
	  orphans_messages },
	{ "endpoint_account_difference", "gauge",
	  "What the account of messages does not explain: always 0.", difference },
	{ "endpoint_unsettled", "gauge", "Messages in the source's window.", unsettled },
	{ "endpoint_unsettled_bytes", "gauge", "Bytes in the source's window.", unsettled_bytes },
	{ "endpoint_spool_bytes", "gauge", "Bytes that the source's spool has on disk.",
	  spool_bytes },
	{ "endpoint_sink_in_flight", "gauge", "Deliveries that the sink has and has not settled.",
	  sink_in_flight },
	{ "endpoint_sink_window", "gauge", "The most of these that there may be.", sink_window },
};

static void
put_endpoints(const struct writing *writing)
{
	for (size_t row = 0; row < sizeof(endpoint_rows) / sizeof(endpoint_rows[0]); row++) {
		put_head(writing, endpoint_rows[row].name, endpoint_rows[row].type,
			 endpoint_rows[row].help);
		for (size_t i = 0; i < writing->plan->endpoint_count; i++) {
			int64_t value;

			if (endpoint_rows[row].value(writing->gateway, i, &value))
				put_number(writing, endpoint_rows[row].name, "endpoint",
					   writing->plan->endpoints[i].name, value);
		}
	}
}

void
dk_metrics_write(const struct dk_gateway *gateway, const struct dk_plan *plan,
		 struct dk_buffer *out)
{
	struct writing writing = { gateway, plan, out };

	put_head(&writing, "info", "gauge", "The daemon's version.");
	put_number(&writing, "info", "version", DK_VERSION, 1);
	if (!gateway)
		return;
	put_head(&writing, "dead_letters_bytes", "gauge",
		 "Bytes that the store of dead letters has on disk.");
	dk_buffer_print(out, "diolkos_dead_letters_bytes %" PRIu64 "\n",
			dk_journal_state(dk_flow_dead(dk_gateway_flow(gateway))).bytes);
	put_endpoints(&writing);
	put_routes(&writing);
	put_latencies(&writing);
}
