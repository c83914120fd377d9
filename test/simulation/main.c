/* SPDX-License-Identifier: Apache-2.0
 *
 * main.c - seeds: each is a world with its faults; runs them, on two processes, and says which one
 * broke a promise. `simulation --seed N` shows one, step by step.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test/simulation/simulation.h"

#define PROCESSES 2
#define LIVES_MAX 4

/* --- One world --- */

static void
setup(struct simulation *simulation, uint64_t seed, bool is_traced)
{
	memset(simulation, 0, sizeof(*simulation));
	simulation->chance.state = seed * 0x2545f4914f6cdd1du + 1;
	simulation->is_traced = is_traced;
	simulation->now_ms = 1000;
	simulation->commits = chance_is(&simulation->chance, 40);
	simulation->sync_always = chance_is(&simulation->chance, 70);
	simulation->has_slow_loop = chance_is(&simulation->chance, 30);
	simulation->has_dead_target = chance_is(&simulation->chance, 50);
	simulation->is_deadly = chance_is(&simulation->chance, 20);
	simulation->fault_percent = chance_is(&simulation->chance, 20) ?
					    0 :
					    chance_below(&simulation->chance, 12) + 1;
	simulation->disk = disk_new(&simulation->chance);
	memset(simulation->ledger.newest, 0xff, sizeof(simulation->ledger.newest));
	for (int i = 0; i < SOURCES; i++)
		simulation->sources[i] =
			(struct broker_source){ .simulation = simulation, .number = i };
	for (int i = SOURCES; i < ENDPOINTS; i++)
		simulation->sinks[i] =
			(struct broker_sink){ .simulation = simulation, .number = i };
	plan_vary(simulation);
}

static struct broker_source *
any_source(struct simulation *simulation)
{
	return &simulation->sources[chance_below(&simulation->chance, SOURCES)];
}

static struct broker_sink *
any_sink(struct simulation *simulation)
{
	return &simulation->sinks[SOURCES + chance_below(&simulation->chance, ENDPOINTS - SOURCES)];
}

static void
go_wrong(struct simulation *simulation)
{
	struct broker_sink *sink = any_sink(simulation);

	switch (chance_below(&simulation->chance, 4)) {
	case 0:
		source_lose(any_source(simulation));
		break;
	case 1:
		sink->is_denying = !sink->is_denying;
		break;
	default:
		sink_fail(sink);
		break;
	}
}

/* One, or now and then a burst that fills windows. */
static void
produce(struct simulation *simulation, struct broker_source *source)
{
	unsigned count = chance_is(&simulation->chance, 20) ? 12 : 1;

	while (count-- > 0 && simulation->ledger.count < MESSAGES_MAX)
		source_produce(source);
}

static void
step(struct simulation *simulation)
{
	struct chance *chance = &simulation->chance;
	unsigned what = chance_below(chance, 100);

	if (what < 8)
		produce(simulation, any_source(simulation));
	else if (what < 40)
		for (unsigned n = simulation->has_slow_loop ? 4 : 1; n > 0; n--)
			source_deliver(any_source(simulation));
	else if (what < 75)
		sink_act(any_sink(simulation));
	else if (what < 80)
		life_sync(simulation);
	else if (what < 90)
		simulation->now_ms += chance_below(chance, 300);
	else if (what < 92 && !simulation->is_settled)
		life_change(simulation);
	else if (chance_is(chance, simulation->fault_percent * 2))
		go_wrong(simulation);
	life_turn(simulation);
}

void
check_accounts(struct simulation *simulation)
{
	for (size_t i = 0; i < ROUTES; i++)
		if (dk_route_difference(dk_flow_route_account(simulation->flow, i)) != 0)
			ledger_violate(&simulation->ledger, "a route's account is off");
	for (int i = 0; i < SOURCES; i++)
		if (dk_source_difference(dk_source_account(simulation->sources[i].source)) != 0)
			ledger_violate(&simulation->ledger, "a source's account is off");
}

static void
live(struct simulation *simulation, unsigned steps)
{
	for (unsigned i = 0; i < steps && !simulation->ledger.violation; i++) {
		step(simulation);
		check_accounts(simulation);
	}
}

/* How a life ends: by itself, by kill -9 at any moment or at any write, by a power cut. */
static void
die(struct simulation *simulation)
{
	simulation->ledger.had_fault = true;
	disk_close_all(simulation->disk);
	if (simulation->sync_always && chance_is(&simulation->chance, 50)) {
		trace(simulation, "--- power cut ---");
		disk_cut_power(simulation->disk);
	} else {
		trace(simulation, "--- killed ---");
	}
}

static void
live_once(struct simulation *simulation)
{
	struct chance *chance = &simulation->chance;

	memory_begin_life();
	if (setjmp(simulation->death) == 0) {
		disk_faults(simulation->disk, chance_is(chance, 30) ? simulation->fault_percent : 0,
			    chance_is(chance, 20) ? simulation->fault_percent : 0);
		life_begin(simulation);
		if (simulation->fault_percent > 0 && chance_is(chance, 50))
			disk_die_after(simulation->disk, (int)chance_below(chance, 150));
		live(simulation, 20 + chance_below(chance, 150));
		if (simulation->fault_percent == 0 || chance_is(chance, 30))
			life_end_orderly(simulation);
		else
			die(simulation);
		disk_close_all(simulation->disk);
	} else {
		die(simulation);
	}
	memory_end_life();
}

static void
trace_missing(struct simulation *simulation)
{
	for (int id = 0; id < simulation->ledger.count; id++) {
		const struct entry *entry = &simulation->ledger.entries[id];

		if (!ledger_is_fulfilled(&simulation->ledger, id))
			trace(simulation, "missing: %d of source %d position %d%s%s%s", id,
			      entry->source, (int)entry->position, entry->is_poison ? " poison" : "",
			      entry->is_illegal ? " illegal" : "",
			      simulation->sources[entry->source].is_acknowledged[id] ?
				      " acknowledged" :
				      "");
	}
}

static bool
is_all_delivered(struct simulation *simulation)
{
	for (int i = 0; i < SOURCES; i++)
		if (source_backlog(&simulation->sources[i]) > 0 &&
		    simulation->sources[i].number != SOURCE_PREFIX)
			return false;
	for (int id = 0; id < simulation->ledger.count; id++)
		if (!ledger_is_fulfilled(&simulation->ledger, id))
			return false;
	return true;
}

static void
mend(struct simulation *simulation)
{
	for (int i = SOURCES; i < ENDPOINTS; i++) {
		simulation->sinks[i].is_denying = false;
		if (!simulation->sinks[i].is_up)
			sink_fail(&simulation->sinks[i]);
	}
	for (int i = SOURCE_PREFIX; i < SOURCES; i++)
		for (int partition = 0; partition < (i == SOURCE_PREFIX ? PARTITIONS : 1);
		     partition++)
			while (!simulation->sources[i].streams[partition])
				source_lose(&simulation->sources[i]);
}

/* A life may begin with routes that are denied. */
static void
deny_some(struct simulation *simulation)
{
	for (int i = SOURCES; i < ENDPOINTS; i++)
		simulation->sinks[i].is_denying = chance_is(&simulation->chance, 30);
}

/* No more faults, but what is denied at first: all that was produced must arrive, in bounded time.
 */
static void
live_happily(struct simulation *simulation)
{
	volatile int rounds = 0;
	bool was_faulty = simulation->fault_percent > 0;

	memory_begin_life();
	simulation->fault_percent = 0;
	simulation->is_settled = chance_is(&simulation->chance, 50);
	disk_faults(simulation->disk, 0, 0);
	if (setjmp(simulation->death) != 0) {
		ledger_violate(&simulation->ledger, "it died in a world without faults");
		memory_end_life();
		return;
	}
	life_begin(simulation);
	mend(simulation);
	if (was_faulty)
		deny_some(simulation);
	do {
		live(simulation, 40);
		mend(simulation);
		simulation->is_settled |= rounds >= 20;
	} while (!simulation->ledger.violation && !is_all_delivered(simulation) && rounds++ < 200);
	if (!simulation->ledger.violation && rounds >= 200) {
		trace_missing(simulation);
		ledger_violate(&simulation->ledger, "a message was lost, or is stuck");
	}
	if (!simulation->ledger.violation)
		life_end_orderly(simulation);
	memory_end_life();
}

const char *
simulate(uint64_t seed, bool is_traced)
{
	static struct simulation simulation;
	unsigned lives;

	setup(&simulation, seed, is_traced);
	lives = chance_below(&simulation.chance, LIVES_MAX);
	for (unsigned i = 0; i < lives && !simulation.ledger.violation; i++)
		live_once(&simulation);
	if (!simulation.ledger.violation)
		live_happily(&simulation);
	if (!simulation.ledger.violation)
		replay_letters(&simulation);
	return simulation.ledger.violation;
}

/* --- Many --- */

static volatile uint64_t running;

/* A world that goes round and round. */
static void
tell_stuck(int number)
{
	(void)number;
	printf("seed %llu: it does not end\n", (unsigned long long)running);
	fflush(stdout);
	_exit(1);
}

static int
run_share(uint64_t first, uint64_t last, unsigned share, const char *program)
{
	for (uint64_t seed = first + share; seed <= last; seed += PROCESSES) {
		const char *violation;

		running = seed;
		alarm(5);
		violation = simulate(seed, false);
		if (!violation)
			continue;
		printf("seed %llu: %s\n  replay it: %s --seed %llu\n", (unsigned long long)seed,
		       violation, program, (unsigned long long)seed);
		fflush(stdout);
		return 1;
	}
	return 0;
}

static int
run_all(uint64_t first, uint64_t last, const char *program)
{
	int failed = 0;

	for (unsigned share = 0; share < PROCESSES; share++) {
		fflush(stdout);
		if (fork() == 0) {
			signal(SIGALRM, tell_stuck);
			_exit(run_share(first, last, share, program));
		}
	}
	for (unsigned share = 0; share < PROCESSES; share++) {
		int status = 1;

		wait(&status);
		failed += status != 0;
	}
	return failed;
}

int
main(int count, char **words)
{
	uint64_t seeds = 100000;
	time_t began = time(NULL);
	int failed;

	plan_make();
	if (count == 3 && strcmp(words[1], "--seed") == 0) {
		const char *violation = simulate(strtoull(words[2], NULL, 10), true);

		puts(violation ? violation : "no violation");
		return violation != NULL;
	}
	if (count == 3 && strcmp(words[1], "--seeds") == 0)
		seeds = strtoull(words[2], NULL, 10);
	failed = run_all(1, seeds, words[0]);
	printf("simulation: %llu seeds, %s, %ld s\n", (unsigned long long)seeds,
	       failed ? "a promise was broken" : "0 violations", (long)(time(NULL) - began));
	return failed ? 1 : 0;
}
