/* SPDX-License-Identifier: Apache-2.0
 *
 * replays.c - lives in which the dead letters are received again. Some of what was rejected is
 * taken now; the rest must still be in the store afterwards.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/flow/letters.h"
#include "daemon/flow/replay.h"
#include "test/simulation/simulation.h"

#define LIVES 3

typedef bool letters_of[ROUTES][MESSAGES_MAX];

static int
route_of(struct dk_slice name)
{
	for (int route = 0; route < ROUTES; route++)
		if (dk_slice_is(name, dk_slice_of(plan_name(route))))
			return route;
	return -1;
}

static void
list_letters(struct simulation *simulation, letters_of found)
{
	struct dk_letters *letters;
	struct dk_letter letter;

	memset(found, 0, sizeof(letters_of));
	disk_files.context = simulation->disk;
	letters = dk_letters_open(&disk_files, "dead", SEGMENT, NULL);
	while (letters && dk_letters_next(letters, &letter)) {
		int route = route_of(letter.route), id = ledger_id(&letter.message);

		if (route < 0 || id < 0)
			ledger_violate(&simulation->ledger, "a dead letter of nobody's");
		else if (found[route][id])
			simulation->ledger.had_fault = true; /* it died twice: it arrives twice */
		else
			found[route][id] = true;
	}
	dk_letters_close(letters);
}

static void
heal_some(struct simulation *simulation)
{
	for (int id = 0; id < simulation->ledger.count; id++)
		if (chance_is(&simulation->chance, 60))
			simulation->ledger.entries[id].is_poison = false;
}

static bool
dies_again(const struct simulation *simulation, int route, int id)
{
	const struct entry *entry = &simulation->ledger.entries[id];
	bool is_at_b = route == ROUTE_STORED_B || route == ROUTE_EACH_B;

	return entry->is_poison || (entry->is_illegal && is_at_b);
}

/* --- One life --- */

static void
step(struct simulation *simulation)
{
	struct chance *chance = &simulation->chance;
	struct broker_sink *sink =
		&simulation->sinks[SOURCES + chance_below(chance, ENDPOINTS - SOURCES)];
	unsigned what = chance_below(chance, 100);

	if (what < 60)
		sink_act(sink);
	else if (what < 70)
		life_sync(simulation);
	else if (what < 85)
		simulation->now_ms += chance_below(chance, 300);
	else if (!sink->is_up || chance_is(chance, simulation->fault_percent))
		sink_fail(sink);
	life_turn(simulation);
	check_accounts(simulation);
}

static void
live(struct simulation *simulation, unsigned steps)
{
	while (steps-- > 0 && !simulation->ledger.violation &&
	       !dk_replay_is_over(simulation->replay))
		step(simulation);
}

/* Ends before its time, by itself or by kill -9, perhaps at a write. */
static void
live_once(struct simulation *simulation)
{
	struct chance *chance = &simulation->chance;

	memory_begin_life();
	simulation->ledger.had_fault = true;
	simulation->fault_percent = chance_below(chance, 12) + 1;
	if (setjmp(simulation->death) == 0) {
		life_begin_replay(simulation);
		if (chance_is(chance, 50))
			disk_die_after(simulation->disk, (int)chance_below(chance, 40));
		live(simulation, chance_below(chance, 80));
		if (chance_is(chance, 50))
			life_end_orderly(simulation);
	}
	disk_close_all(simulation->disk);
	if (simulation->sync_always && chance_is(chance, 30))
		disk_cut_power(simulation->disk);
	memory_end_life();
}

static void
live_to_the_end(struct simulation *simulation)
{
	memory_begin_life();
	simulation->fault_percent = 0;
	if (setjmp(simulation->death) != 0) {
		ledger_violate(&simulation->ledger, "a replay died in a world without faults");
		memory_end_life();
		return;
	}
	life_begin_replay(simulation);
	live(simulation, 8000);
	if (!simulation->ledger.violation && !dk_replay_is_over(simulation->replay))
		ledger_violate(&simulation->ledger, "a replay does not end");
	if (!simulation->ledger.violation)
		life_end_orderly(simulation);
	disk_close_all(simulation->disk);
	memory_end_life();
}

/* --- What must have become of the letters --- */

static void
check_letter(struct simulation *simulation, int route, int id, bool was_there, bool is_there)
{
	struct ledger *ledger = &simulation->ledger;

	if (dies_again(simulation, route, id)) {
		if (was_there && !is_there)
			ledger_violate(ledger, "a dead letter was lost");
		return;
	}
	if (was_there && ledger->entries[id].arrived[route] == 0)
		ledger_violate(ledger, "a replayed letter did not arrive");
	if (is_there)
		ledger_violate(ledger, "a letter that has arrived is still in the store");
}

void
replay_letters(struct simulation *simulation)
{
	letters_of before, after;

	disk_faults(simulation->disk, 0, 0);
	simulation->is_replaying = true;
	simulation->ledger.had_fault = false;
	list_letters(simulation, before);
	heal_some(simulation);
	for (unsigned n = chance_below(&simulation->chance, LIVES); n > 0; n--)
		if (!simulation->ledger.violation)
			live_once(simulation);
	if (!simulation->ledger.violation)
		live_to_the_end(simulation);
	if (simulation->ledger.violation)
		return;
	list_letters(simulation, after);
	for (int route = 0; route < ROUTES; route++)
		for (int id = 0; id < simulation->ledger.count; id++)
			check_letter(simulation, route, id, before[route][id], after[route][id]);
}
