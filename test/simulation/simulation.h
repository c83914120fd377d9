/* SPDX-License-Identifier: Apache-2.0
 *
 * simulation.h - a world in which the real flow code runs: everything in it follows from a seed.
 *
 * What is outside the daemon (brokers, disk) outlives its deaths; what is inside (the flow) is made
 * anew for each life. One step is one thing that happens; after each the ledger is checked.
 */
#ifndef TEST_SIMULATION_H
#define TEST_SIMULATION_H

#include <setjmp.h>

#include "daemon/flow/flow.h"
#include "daemon/flow/journal.h"

#define MESSAGES_MAX 64
#define KEYS 4
#define PARTITIONS 2
#define PROBES 8
#define SEGMENT 1024
#define PLANS 5 /* so many may be used at once: the one that runs, and those of before */
#define ADDRESSES 2

enum { SOURCE_STORES, SOURCE_PREFIX, SOURCE_EACH, SOURCES };
enum { SINK_A = SOURCES, SINK_B, SINK_COMMITS, SINK_DEAD, ENDPOINTS };
enum {
	ROUTE_STORED_A, /* the fan-out: the same messages */
	ROUTE_STORED_B,
	ROUTE_PREFIX_A,
	ROUTE_PREFIX_COMMITS, /* instead of ROUTE_PREFIX_A, in worlds that commit */
	ROUTE_EACH_B,
	ROUTES,
};

/* --- Chance: chance.c --- */
struct chance {
	uint64_t state;
};
uint64_t chance_next(struct chance *chance);
/* 0 … below - 1 */
unsigned chance_below(struct chance *chance, unsigned below);
/* true in `percent` of 100 */
bool chance_is(struct chance *chance, unsigned percent);

/* --- Ledger: ledger.c. What there is to know about each message; nobody else knows it all. --- */
struct entry {
	int source, key, partition;
	int64_t position;
	bool is_poison;       /* sinks reject it */
	bool is_illegal;      /* its capture is illegal at sink B */
	bool is_owed;         /* its source need not keep it any more: we must */
	unsigned arrived[ROUTES];
	bool is_dead[ROUTES];
	bool is_lost_by_right; /* a power cut, where the world does not sync always */
};

struct ledger {
	struct entry entries[MESSAGES_MAX];
	int count;
	int newest[ROUTES][KEYS]; /* the latest first arrival: order */
	unsigned repeats;
	bool had_fault;           /* repeats are only allowed after one */
	const char *violation;    /* the first */
};

/* A sink has taken a message for good. */
void ledger_arrive(struct ledger *ledger, int route, const struct dk_delivery *delivery);
void ledger_die(struct ledger *ledger, int route, int id);
/* Everything that this message is owed has happened. */
bool ledger_is_fulfilled(const struct ledger *ledger, int id);
void ledger_violate(struct ledger *ledger, const char *what);
int ledger_id(const struct dk_message *message);

/* --- Disk: disk.c --- */
struct disk;
struct disk *disk_new(struct chance *chance);
void disk_free(struct disk *disk);
/* The next so many operations work, then the process dies in the middle; -1: it does not. */
void disk_die_after(struct disk *disk, int operations);
void disk_faults(struct disk *disk, unsigned percent_of_syncs, unsigned percent_of_creates);
/* What had not been synced is gone, or half gone. */
void disk_cut_power(struct disk *disk);
/* What the process had open is closed by its death. */
void disk_close_all(struct disk *disk);
extern struct dk_files disk_files; /* context: the disk */
/* The same disk as it would be after a power cut now, to be read. */
const struct dk_files *disk_durable_files(struct disk *disk);

/* --- Brokers: sources.c, sinks.c --- */
struct simulation;

struct broker_source {
	struct simulation *simulation;
	int number;
	/* outside: */
	int log[PARTITIONS][MESSAGES_MAX]; /* ids */
	int length[PARTITIONS];
	int committed[PARTITIONS];         /* the next to be delivered after a restart */
	bool is_acknowledged[MESSAGES_MAX]; /* by id; of one that settles each, or stores */
	/* inside: */
	struct dk_source *source;
	struct dk_subscription *subscription;
	struct dk_stream *streams[PARTITIONS];
	int next[PARTITIONS];
	bool is_paused[PARTITIONS];
	bool is_away, is_stopped;
	int replies_wanted;
};

struct broker_sink {
	struct simulation *simulation;
	int number;
	struct dk_sink *sink;
	struct dk_delivery *taken[MESSAGES_MAX * 2]; /* in the order of sending */
	int count;
	bool is_up, is_denying;
	int room; /* it takes no more than so many */
	/* By route: the core was told that it is denied, and what it has sent since. */
	bool is_told[ROUTES];
	bool is_unsure; /* what was denied may have gone with its stream or its way */
	const struct dk_delivery *probes[ROUTES][PROBES];
};

/* What a file says of a route. */
struct route_settings {
	enum dk_order order;
	int64_t retry_ms;
	int address; /* one of two */
};

struct simulation {
	struct chance chance;
	struct route_settings settings[ROUTES];
	struct plan *plan; /* the one that runs */
	struct ledger ledger;
	struct disk *disk;
	struct broker_source sources[SOURCES];
	struct broker_sink sinks[ENDPOINTS];
	bool commits, sync_always, has_dead_target, has_slow_loop;
	bool is_deadly; /* many are rejected */
	unsigned fault_percent;
	bool is_traced;
	struct dk_world world;
	struct dk_flow *flow;
	int64_t now_ms;
	int64_t turn_at_ms; /* -1: no turn is wanted */
	struct dk_journal *sync_wanted;
	bool is_replaying;
	struct dk_replay *replay; /* of this life; NULL: its sources bring messages */
	bool is_settled; /* it goes to no other plan any more */
	bool is_over; /* cancelled: nothing leaves any more */
	jmp_buf death;
	int lives;
};

extern const struct dk_source_functions source_functions[SOURCES];
extern const struct dk_sink_functions sink_functions, committing_functions;

void source_produce(struct broker_source *source);
void source_deliver(struct broker_source *source);
void source_lose(struct broker_source *source); /* a revoked partition, a lost connection */
void source_begin_life(struct broker_source *source);
int source_backlog(const struct broker_source *source);

void sink_act(struct broker_sink *sink);   /* settles something */
void sink_fail(struct broker_sink *sink);  /* some of what is on its way has arrived or not: gone */
void sink_begin_life(struct broker_sink *sink);
void sink_release_all(struct broker_sink *sink);

/* --- Lives: life.c --- */
void life_begin(struct simulation *simulation);
void life_begin_replay(struct simulation *simulation);
void life_turn(struct simulation *simulation);
void life_end_orderly(struct simulation *simulation);
void life_sync(struct simulation *simulation);
void life_count_dead(struct simulation *simulation);
void life_change(struct simulation *simulation); /* to another plan, while it lives */

/* --- Plans: plan.c --- */
const struct dk_route *plan_routes(const struct simulation *simulation);
const char *plan_name(int route);
void plan_make(void);
void plan_begin(struct simulation *simulation);
/* To another; `passages` says what became of each route. False: none is free. */
bool plan_change(struct simulation *simulation, struct dk_passage *passages);
/* Whether it is a target of the plan that runs. */
bool plan_has(const struct simulation *simulation, const struct dk_target *target);
void plan_give_back(const struct dk_route *routes);
void plan_vary(struct simulation *simulation);
const struct dk_matcher *plan_matcher(const struct simulation *simulation, int source);

/* --- Dead letters received again: replays.c --- */
void replay_letters(struct simulation *simulation);

/* --- Memory: memory.c. What a life allocates is gone with it. --- */
void memory_begin_life(void);
void memory_end_life(void);

void trace(const struct simulation *simulation, const char *format, ...) DK_PRINTF(2, 3);

/* main.c */
void check_accounts(struct simulation *simulation);
/* Runs one seed; NULL or the violation. */
const char *simulate(uint64_t seed, bool is_traced);

#endif
