/* SPDX-License-Identifier: Apache-2.0
 *
 * figures.c - what the flow counts, gathered.
 */
#include "daemon/surface/figures.h"

#include "daemon/flow/pause.h"
#include "daemon/flow/spool.h"
#include "daemon/system/clock.h"

static void
gather_account(struct dk_endpoint_figures *figures, const struct dk_source_account *account)
{
	figures->received = (int64_t)account->received;
	figures->recovered = (int64_t)account->recovered;
	figures->routed = (int64_t)account->routed;
	figures->filtered = (int64_t)account->filtered;
	figures->unrouted = (int64_t)account->unrouted;
	figures->orphans = (int64_t)account->orphans;
	figures->difference = dk_source_difference(account);
}

static void
gather_source(struct dk_endpoint_figures *figures, const struct dk_source *source)
{
	const struct dk_source_traffic *traffic = dk_source_traffic(source);
	struct dk_credit credit = dk_source_credit(source);
	int64_t since_ms = dk_source_waiting_since_ms(source);

	figures->is_source = true;
	gather_account(figures, dk_source_account(source));
	figures->received_bytes = (int64_t)traffic->received_bytes;
	figures->settlements = (int64_t)traffic->settlements;
	figures->tellings = (int64_t)traffic->tellings;
	figures->unsettled = (int64_t)credit.messages;
	figures->unsettled_bytes = (int64_t)credit.bytes;
	figures->window = (int64_t)credit.messages_limit;
	figures->window_bytes = (int64_t)credit.bytes_limit;
	figures->paused |= dk_source_is_paused(source);
	figures->oldest_ms = since_ms < 0 ? 0 : dk_clock_now_ms() - since_ms;
}

static void
gather_spool(struct dk_endpoint_figures *figures, struct dk_spool *spool, int64_t limit)
{
	figures->stores = true;
	figures->spool_messages = (int64_t)dk_spool_messages(spool);
	figures->spool_bytes = (int64_t)dk_journal_state(dk_spool_journal(spool)).bytes;
	figures->spool_limit = limit;
}

static void
gather_sink(struct dk_endpoint_figures *figures, const struct dk_sink *sink)
{
	const struct dk_sink_traffic *traffic = dk_sink_traffic(sink);
	struct dk_sink_state state = dk_sink_state(sink);

	figures->is_sink = true;
	figures->delivered = (int64_t)traffic->delivered;
	figures->delivered_bytes = (int64_t)traffic->delivered_bytes;
	figures->dead = (int64_t)traffic->dead;
	figures->retried = (int64_t)traffic->retried;
	figures->settled = (int64_t)traffic->settled;
	figures->sent = (int64_t)traffic->sent;
	figures->batches = (int64_t)traffic->batches;
	figures->in_flight = (int64_t)state.in_flight;
	figures->sink_window = (int64_t)state.window;
	figures->full = state.is_full;
	figures->paused |= dk_sink_is_paused(sink);
}

struct dk_endpoint_figures
dk_figures_of_endpoint(const struct dk_gateway *gateway, const struct dk_plan *plan,
		       size_t endpoint)
{
	const struct dk_source *source = dk_gateway_source(gateway, endpoint);
	const struct dk_sink *sink = dk_gateway_sink(gateway, endpoint);
	struct dk_spool *spool = source ? dk_source_spool(source) : NULL;
	struct dk_endpoint_figures figures = { 0 };

	figures.connected = dk_gateway_is_connected(gateway, endpoint);
	figures.connects = (int64_t)dk_gateway_connects(gateway, endpoint);
	figures.reconnects = figures.connects > 0 ? figures.connects - 1 : 0;
	if (source)
		gather_source(&figures, source);
	if (spool)
		gather_spool(&figures, spool, plan->settings.spool_size);
	if (sink)
		gather_sink(&figures, sink);
	return figures;
}

uint64_t
dk_figures_moved(const struct dk_route_account *account)
{
	return account->delivered + account->dead + account->stale + account->rerouted +
	       account->retried;
}
