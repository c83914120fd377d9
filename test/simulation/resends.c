/* SPDX-License-Identifier: Apache-2.0
 *
 * resends.c - an administrator who lets dead letters be received again while the sources go on.
 */
#include <string.h>

#include "daemon/flow/resend.h"
#include "test/simulation/simulation.h"

static void
heal_some(struct simulation *simulation)
{
	for (int id = 0; id < simulation->ledger.count; id++) {
		struct entry *entry = &simulation->ledger.entries[id];

		if (!entry->is_poison || !chance_is(&simulation->chance, 50))
			continue;
		entry->is_poison = false;
		entry->is_healed = true;
	}
}

/* From now on a letter counts while it is in the store, and else its message must have arrived. */
static void
forget_letters(struct simulation *simulation)
{
	for (int id = 0; id < simulation->ledger.count; id++)
		memset(simulation->ledger.entries[id].is_dead, 0,
		       sizeof(simulation->ledger.entries[id].is_dead));
}

static void
be_told(void *context, uint64_t settled, uint64_t left, bool is_over)
{
	struct simulation *simulation = context;

	trace(simulation, "%d letters were sent again%s", (int)settled, is_over ? "" : ", and it ended");
	if (!is_over)
		simulation->ledger.had_fault = true; /* some may have arrived */
	if (left > 0)
		ledger_violate(&simulation->ledger, "a letter of a route was left");
}

void
resends_begin(struct simulation *simulation)
{
	struct dk_resend_options options = { .told = be_told, .context = simulation };

	if (simulation->replay || dk_resend(simulation->flow, &options, NULL) != 0)
		return;
	trace(simulation, "dead letters are received again");
	if (simulation->fault_percent > 0)
		simulation->ledger.had_fault = true; /* where a sync fails a letter is written twice */
	heal_some(simulation);
	if (!simulation->has_dead_target)
		forget_letters(simulation);
}
