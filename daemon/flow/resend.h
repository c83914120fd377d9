/* SPDX-License-Identifier: Apache-2.0
 *
 * resend.h - dead letters are received again beside what the sources bring, as messages by hand,
 * and go to where they could not go before. A letter leaves the store when it has arrived, or has
 * died again as a new letter; until then it is there, whatever becomes of this run.
 */
#ifndef DK_FLOW_RESEND_H
#define DK_FLOW_RESEND_H

#include "daemon/flow/flow.h"

struct dk_resend_options {
	const char *route; /* NULL: of every route */
	uint64_t number;   /* 0: whatever their number */
	/* Once, on the loop, not within dk_resend: all were looked at, and those that were received
	 * are settled, or (is_over false) the flow has ended before. */
	void (*told)(void *context, uint64_t settled, uint64_t left, bool is_over);
	void *context;
};

/* Begins; only those that are in the store now. -1 with an error: another is not over yet. */
int dk_resend(struct dk_flow *flow, const struct dk_resend_options *options,
	      struct dk_error *error);

#endif
