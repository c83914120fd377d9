/* SPDX-License-Identifier: Apache-2.0
 *
 * credit.h - a window: how many messages and bytes may be unsettled at once.
 *
 * A message that has come is always counted, also past the limit: what is on its way cannot be
 * refused. Past the limit the window is shut, and it opens again when half of it is free, so that
 * a source is not paused and resumed for every message.
 */
#ifndef DK_MODEL_CREDIT_H
#define DK_MODEL_CREDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dk_credit {
	size_t messages, bytes;             /* unsettled now */
	size_t messages_limit, bytes_limit;
	bool is_shut;
};

/* Both return whether is_shut has changed by it. */
bool dk_credit_take(struct dk_credit *credit, size_t bytes);
bool dk_credit_give(struct dk_credit *credit, size_t bytes);
/* New limits; whether is_shut has changed by them. */
bool dk_credit_limit(struct dk_credit *credit, size_t messages, size_t bytes);

#endif
