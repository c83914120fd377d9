/* SPDX-License-Identifier: Apache-2.0
 *
 * credit.c - a window with hysteresis.
 */
#include "daemon/model/credit.h"

#include <assert.h>

static bool
look(struct dk_credit *credit)
{
	bool was_shut = credit->is_shut;

	if (credit->messages >= credit->messages_limit || credit->bytes >= credit->bytes_limit)
		credit->is_shut = true;
	else if (credit->messages <= credit->messages_limit / 2 &&
		 credit->bytes <= credit->bytes_limit / 2)
		credit->is_shut = false;
	return credit->is_shut != was_shut;
}

bool
dk_credit_take(struct dk_credit *credit, size_t bytes)
{
	credit->messages++;
	credit->bytes += bytes;
	return look(credit);
}

bool
dk_credit_give(struct dk_credit *credit, size_t bytes)
{
	assert(credit->messages > 0 && credit->bytes >= bytes);
	credit->messages--;
	credit->bytes -= bytes;
	return look(credit);
}

bool
dk_credit_limit(struct dk_credit *credit, size_t messages, size_t bytes)
{
	credit->messages_limit = messages > 0 ? messages : 1;
	credit->bytes_limit = bytes > 0 ? bytes : 1;
	return look(credit);
}
