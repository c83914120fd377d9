/* SPDX-License-Identifier: Apache-2.0
 *
 * account.h - what became of everything: for each route its deliveries, for each endpoint its
 * messages. The difference of each account is 0 at every instant, or something was lost here.
 */
#ifndef DK_MODEL_ACCOUNT_H
#define DK_MODEL_ACCOUNT_H

#include <stdint.h>

/* Deliveries of a route: created + recovered = delivered + dead + stale + rerouted + in_flight. */
struct dk_route_account {
	uint64_t created;   /* by messages of this run */
	uint64_t recovered; /* by messages that an earlier run had stored */
	uint64_t delivered; /* accepted by the sink */
	uint64_t dead;      /* accepted as a dead letter */
	uint64_t stale;     /* dropped: its stream was closed, so its source brings it again */
	uint64_t rerouted;  /* ended where a reload changed the route: what goes on is created anew */
	uint64_t in_flight; /* not settled yet */
	uint64_t retried;   /* sent again; not part of the sum */
	uint64_t filtered;  /* messages that matched and were not wanted; not part of the sum */
};

/* Messages of a source: received + recovered = routed + filtered + unrouted. */
struct dk_source_account {
	uint64_t received;
	uint64_t recovered;
	uint64_t routed;   /* to at least one sink */
	uint64_t filtered; /* routes matched, and wanted none like it */
	uint64_t unrouted; /* no route matched */
	uint64_t orphans;  /* recovered, wanted by no route any more: kept; part of unrouted */
};

int64_t dk_route_difference(const struct dk_route_account *account);
int64_t dk_source_difference(const struct dk_source_account *account);

#endif
