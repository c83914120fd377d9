/* SPDX-License-Identifier: Apache-2.0
 *
 * traffic.h - how much went: what is counted besides the accounts, and is no part of their sums.
 *
 * Bytes are of payloads alone. All begin as { 0 }.
 */
#ifndef DK_MODEL_TRAFFIC_H
#define DK_MODEL_TRAFFIC_H

#include <stdint.h>

struct dk_route_traffic {
	uint64_t received; /* messages that it wanted; each makes a delivery for each target */
	uint64_t received_bytes;
	uint64_t delivered_bytes;
};

struct dk_source_traffic {
	uint64_t received_bytes;
	uint64_t settlements; /* that the source was told, each of one message or of a prefix */
	uint64_t tellings;    /* so often, several at a time: commits, where it commits */
};

struct dk_sink_traffic {
	uint64_t delivered; /* accepted */
	uint64_t delivered_bytes;
	uint64_t dead;    /* deliveries meant for it that became dead letters */
	uint64_t retried; /* released or denied, to be sent again */
	uint64_t settled; /* answered, whatever the outcome */
	uint64_t sent;    /* that its plugin has taken, the same again when it was retried */
	uint64_t batches; /* so often, several at a time */
};

#endif
