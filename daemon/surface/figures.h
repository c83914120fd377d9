/* SPDX-License-Identifier: Apache-2.0
 *
 * figures.h - how it goes with an endpoint, as one flat struct: for metrics and for the page, so that
 * both say the same.
 */
#ifndef DK_SURFACE_FIGURES_H
#define DK_SURFACE_FIGURES_H

#include "daemon/host/gateway.h"

struct dk_endpoint_figures {
	bool is_source, stores, is_sink; /* what it is none of, its figures are 0 of */
	int64_t connected, paused, connects, reconnects;

	int64_t received, recovered, received_bytes, routed, filtered, unrouted, orphans;
	int64_t difference; /* of its account */
	int64_t unsettled, unsettled_bytes, window, window_bytes;
	int64_t oldest_ms; /* so long the oldest unsettled one has waited; 0: there is none */
	int64_t settlements, tellings;

	int64_t spool_messages, spool_bytes, spool_limit; /* at the last its source is left */

	int64_t delivered, delivered_bytes, dead, retried, settled, sent, batches;
	int64_t in_flight, sink_window, full;
};

struct dk_endpoint_figures dk_figures_of_endpoint(const struct dk_gateway *gateway,
						  const struct dk_plan *plan, size_t endpoint);

/* Deliveries that came to an end or were sent again: while this stands still, nothing moves. */
uint64_t dk_figures_moved(const struct dk_route_account *account);

#endif
