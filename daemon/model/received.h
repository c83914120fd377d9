/* SPDX-License-Identifier: Apache-2.0
 *
 * received.h - a message that the core has received: the plugin's struct, and what is owed on it.
 *
 * It is made once and never changed. Its bytes are copied into the same block of memory, or lent by
 * whoever brought it. It lives until the last of its deliveries is settled; `owed` counts them, and
 * one more for the opener while routes are still being looked up.
 */
#ifndef DK_MODEL_RECEIVED_H
#define DK_MODEL_RECEIVED_H

#include "daemon/base/list.h"
#include "daemon/base/slice.h"

struct dk_received {
	struct dk_message message;
	struct dk_subscription *subscription;
	struct dk_loan loan;   /* give_back == NULL: nothing is lent */
	struct dk_list link;   /* of the stored ones that wait for their turn */
	uint64_t sequence;     /* in the spool; 0: it was never stored */
	uint64_t ticket;       /* its place in its stream's prefix */
	size_t bytes;          /* what it takes of a window */
	int64_t since_ms;      /* by the clock of its flow: when it came */
	uint32_t owed;
	bool is_committed;     /* a sink has committed its position: its source need not */
	bool is_recovered;     /* it was stored by an earlier run */
	bool is_abandoned;     /* a delivery of it was given up: it is not to count as settled */
};

/* Any thread. Without a loan all that the message points to is copied; with one only the array of
 * headers. The loan is *taken*. NULL when there is no memory. */
struct dk_received *dk_received_new(const struct dk_message *message, const struct dk_loan *loan);
void dk_received_free(struct dk_received *received);

#endif
