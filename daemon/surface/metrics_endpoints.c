/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_endpoints.c - figures of endpoints, a row for each.
 */
#include <stdlib.h>

#include "daemon/surface/figures.h"
#include "daemon/surface/health.h"
#include "daemon/surface/metrics_writing.h"

enum side { ANY, SOURCE, STORE, SINK };

#define OF(member) offsetof(struct dk_endpoint_figures, member)

static const struct endpoint_row {
	const char *name, *type, *help;
	enum side side;
	size_t offset;
	bool is_seconds;
} endpoint_rows[] = {
	{ "diolkos_endpoint_connected", "gauge", "Whether it is connected.", ANY, OF(connected),
	  0 },
	{ "diolkos_endpoint_paused", "gauge", "Whether an administrator holds it up.", ANY, OF(paused),
	  0 },
	{ "diolkos_endpoint_connects_total", "counter", "How often it was connected.", ANY,
	  OF(connects), 0 },
	{ "diolkos_endpoint_reconnects_total", "counter", "Of these, all but the first.", ANY,
	  OF(reconnects), 0 },
	{ "diolkos_endpoint_received_total", "counter", "Messages of this run.", SOURCE,
	  OF(received), 0 },
	{ "diolkos_endpoint_recovered_total", "counter", "Messages stored by an earlier run.",
	  SOURCE, OF(recovered), 0 },
	{ "diolkos_endpoint_received_bytes_total", "counter", "Bytes of the payloads of both.",
	  SOURCE, OF(received_bytes), 0 },
	{ "diolkos_endpoint_routed_total", "counter", "Messages that went to at least one sink.",
	  SOURCE, OF(routed), 0 },
	{ "diolkos_endpoint_filtered_total", "counter",
	  "Messages that matched, and no condition held.", SOURCE, OF(filtered), 0 },
	{ "diolkos_endpoint_unrouted_total", "counter", "Messages that no route wanted.", SOURCE,
	  OF(unrouted), 0 },
	{ "diolkos_endpoint_orphans_total", "counter",
	  "Stored messages that no route wants any more.", SOURCE, OF(orphans), 0 },
	{ "diolkos_endpoint_account_difference", "gauge",
	  "What the account of messages does not explain: always 0.", SOURCE, OF(difference), 0 },
	{ "diolkos_endpoint_unsettled", "gauge", "Messages in the source's window.", SOURCE,
	  OF(unsettled), 0 },
	{ "diolkos_endpoint_unsettled_bytes", "gauge", "Bytes in the source's window.", SOURCE,
	  OF(unsettled_bytes), 0 },
	{ "diolkos_endpoint_window", "gauge", "The most messages in it: then it pauses.", SOURCE,
	  OF(window), 0 },
	{ "diolkos_endpoint_window_bytes", "gauge", "The most bytes in it.", SOURCE,
	  OF(window_bytes), 0 },
	{ "diolkos_endpoint_oldest_unsettled_seconds", "gauge",
	  "So long the oldest message that is not settled has waited; 0: there is none.", SOURCE,
	  OF(oldest_ms), true },
	{ "diolkos_endpoint_settlements_total", "counter",
	  "What the source was told is settled: messages, or positions up to which all are.",
	  SOURCE, OF(settlements), 0 },
	{ "diolkos_endpoint_settlement_batches_total", "counter",
	  "So often it was told, several at a time: acknowledgements, or offsets to commit.",
	  SOURCE, OF(tellings), 0 },
	{ "diolkos_endpoint_spool_messages", "gauge",
	  "Messages that the source's spool holds: stored, and not settled.", STORE,
	  OF(spool_messages), 0 },
	{ "diolkos_endpoint_spool_bytes", "gauge", "Bytes that the source's spool has on disk.",
	  STORE, OF(spool_bytes), 0 },
	{ "diolkos_endpoint_spool_limit_bytes", "gauge",
	  "At so many the source is left to its broker: spool.size.", STORE, OF(spool_limit), 0 },
	{ "diolkos_endpoint_delivered_total", "counter", "Deliveries that the sink has accepted.",
	  SINK, OF(delivered), 0 },
	{ "diolkos_endpoint_delivered_bytes_total", "counter", "Bytes of their payloads.", SINK,
	  OF(delivered_bytes), 0 },
	{ "diolkos_endpoint_dead_total", "counter",
	  "Deliveries meant for the sink that became dead letters.", SINK, OF(dead), 0 },
	{ "diolkos_endpoint_retried_total", "counter", "Deliveries to be sent to the sink again.",
	  SINK, OF(retried), 0 },
	{ "diolkos_endpoint_sent_total", "counter", "Deliveries that the sink was given.", SINK,
	  OF(sent), 0 },
	{ "diolkos_endpoint_sent_batches_total", "counter", "So often, several at a time.", SINK,
	  OF(batches), 0 },
	{ "diolkos_endpoint_sink_in_flight", "gauge",
	  "Deliveries that the sink has and has not settled.", SINK, OF(in_flight), 0 },
	{ "diolkos_endpoint_sink_window", "gauge", "The most of these that there may be.", SINK,
	  OF(sink_window), 0 },
	{ "diolkos_endpoint_sink_full", "gauge", "Whether it takes no more for now.", SINK,
	  OF(full), 0 },
};

static bool
is_of(const struct dk_endpoint_figures *figures, enum side side)
{
	const bool is[] = { true, figures->is_source, figures->stores, figures->is_sink };

	return is[side];
}

static void
put_endpoint_row(const struct dk_metrics_writing *writing, const struct endpoint_row *row,
		 const struct dk_endpoint_figures *figures)
{
	struct dk_sample sample =
		dk_metrics_begin(writing, row->name, row->type, row->help, "endpoint");

	for (size_t i = 0; i < writing->plan->endpoint_count; i++)
		if (is_of(&figures[i], row->side))
			(row->is_seconds ? dk_metrics_put_seconds : dk_metrics_put)(
				writing->out, &sample, writing->endpoints[i],
				dk_metrics_number_at(&figures[i], row->offset));
}

static void
put_stuck_endpoints(const struct dk_metrics_writing *writing)
{
	struct dk_sample sample = dk_metrics_begin(
		writing, "diolkos_endpoint_stuck", "gauge",
		"Whether it has deliveries and answers none: see /healthz.", "endpoint");

	for (size_t i = 0; i < writing->plan->endpoint_count; i++) {
		const struct dk_pace *pace = dk_health_endpoint(i);

		dk_metrics_put(writing->out, &sample, writing->endpoints[i],
			       pace && pace->is_stuck);
	}
}

void
dk_metrics_endpoints(const struct dk_metrics_writing *writing)
{
	size_t count = writing->plan->endpoint_count;
	struct dk_endpoint_figures *figures = calloc(count + 1, sizeof(*figures));

	if (!figures)
		abort();
	for (size_t i = 0; i < count; i++)
		figures[i] = dk_figures_of_endpoint(writing->gateway, writing->plan, i);
	for (size_t row = 0; row < DK_ROWS(endpoint_rows); row++)
		put_endpoint_row(writing, &endpoint_rows[row], figures);
	put_stuck_endpoints(writing);
	free(figures);
}
