/* SPDX-License-Identifier: Apache-2.0
 *
 * life.c - one life of the daemon: the flow over the simulated world, from its making to its end.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/checksum.h"
#include "daemon/flow/record.h"
#include "daemon/flow/replay.h"
#include "daemon/model/received.h"
#include "test/simulation/simulation.h"

#define HANDED_MAX 256

/* Stored messages on their way from the source's thread to the loop. */
static struct {
	struct dk_source *source;
	struct dk_received *received;
} handed[HANDED_MAX];
static int handed_count;

void
trace(const struct simulation *simulation, const char *format, ...)
{
	va_list arguments;

	if (!simulation->is_traced)
		return;
	printf("%8lld  ", (long long)simulation->now_ms);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/* --- The world --- */

static int64_t
now_ms(void *context)
{
	return ((struct simulation *)context)->now_ms;
}

static uint64_t
chance_of(void *context)
{
	return chance_next(&((struct simulation *)context)->chance);
}

static void
turn_after(void *context, int64_t after_ms)
{
	struct simulation *simulation = context;
	int64_t at = simulation->now_ms + after_ms;

	if (simulation->turn_at_ms < 0 || at < simulation->turn_at_ms)
		simulation->turn_at_ms = at;
}

static void
hand_over(void *context, struct dk_source *source, struct dk_received *received)
{
	(void)context;
	if (handed_count == HANDED_MAX)
		abort();
	handed[handed_count].source = source;
	handed[handed_count++].received = received;
}

static void
sleep_ms(void *context, int64_t ms)
{
	((struct simulation *)context)->now_ms += ms;
}

static void __attribute__((noreturn))
give_up(void *context, const char *reason)
{
	struct simulation *simulation = context;

	trace(simulation, "gave up: %s", reason);
	longjmp(simulation->death, 1);
}

static void
sync_later(void *context, struct dk_journal *journal)
{
	((struct simulation *)context)->sync_wanted = journal;
}

static void
say(void *context, enum dk_level level, const char *who, const char *event,
    const struct dk_field *fields)
{
	(void)level, (void)fields;
	trace(context, "log %s %s", who, event);
}

static void
complain(void *context, const char *who, const char *event, const char *reason)
{
	struct simulation *simulation = context;

	/* A dead letter that found no room keeps its message unsettled: it may come again. */
	if (reason)
		simulation->ledger.had_fault = true;
	trace(context, "trouble %s %s %s", who, event, reason ? reason : "over");
}

/* --- Beginning --- */

static void
make_source(struct simulation *simulation, int number)
{
	static const char *const names[] = { "stores", "prefix", "each" };
	struct broker_source *source = &simulation->sources[number];
	struct dk_source_options options = {
		.endpoint = (size_t)number,
		.name = names[number],
		.functions = simulation->replay ? &dk_replay_source : &source_functions[number],
		.plugin = simulation->replay ? (void *)simulation->replay : source,
		.window_messages = 6,
		.window_bytes = 1 << 20,
		.spool_folder = "spool",
		.sync_always = simulation->sync_always,
		.spool_size = 24 * SEGMENT,
		.spool_segment = SEGMENT,
		.store_timeout_ms = 300,
	};
	struct dk_error error;

	source->source = dk_source_new(simulation->flow, &options, &error);
	if (!source->source) {
		ledger_violate(&simulation->ledger, "a spool could not be opened");
		longjmp(simulation->death, 1);
	}
	source->subscription = dk_source_subscription(source->source, "all", NULL, 0,
						      plan_matcher(simulation, number));
}

static void
make_sink(struct simulation *simulation, int number)
{
	static const char *const names[] = { "a", "b", "commits", "dead" };
	struct broker_sink *sink = &simulation->sinks[number];

	sink->sink = dk_sink_new(simulation->flow, (size_t)number, names[number - SOURCES],
				 number == SINK_COMMITS ? &committing_functions : &sink_functions,
				 sink, 8);
}

/* What is told only to who debugs is not made. */
static const atomic_int log_level = DK_INFO;

static void
begin(struct simulation *simulation, struct dk_replay *replay)
{
	struct dk_flow_options options = {
		.route_count = ROUTES,
		.endpoint_count = ENDPOINTS,
		.dead_folder = "dead",
		.dead_size = replay ? 1 : 64 * SEGMENT,
		.dead_segment = SEGMENT,
	};
	struct dk_error error;

	plan_begin(simulation);
	options.routes = plan_routes(simulation);
	simulation->lives++;
	simulation->is_over = false;
	simulation->replay = replay;
	simulation->turn_at_ms = simulation->now_ms;
	simulation->sync_wanted = NULL;
	handed_count = 0;
	simulation->world = (struct dk_world){
		now_ms, now_ms, chance_of, turn_after, hand_over, sleep_ms, give_up,
		sync_later, say, &log_level, complain, &disk_files, simulation,
	};
	disk_files.context = simulation->disk;
	simulation->flow = dk_flow_new(&simulation->world, &options, &error);
	if (!simulation->flow) {
		ledger_violate(&simulation->ledger, "the dead letters could not be opened");
		longjmp(simulation->death, 1);
	}
	for (int i = 0; i < SOURCES; i++)
		make_source(simulation, i);
	for (int i = SOURCES; i < ENDPOINTS; i++)
		make_sink(simulation, i);
	for (int i = 0; i < SOURCES; i++)
		source_begin_life(&simulation->sources[i]);
	for (int i = SOURCES; i < ENDPOINTS; i++)
		sink_begin_life(&simulation->sinks[i]);
}

void
life_begin(struct simulation *simulation)
{
	begin(simulation, NULL);
}

void
life_begin_replay(struct simulation *simulation)
{
	begin(simulation, dk_replay_new(NULL));
	dk_replay_begin(simulation->replay, simulation->flow);
}

/* --- Living --- */

/* Some of what was handed over reaches the loop: in its order, but any number at a time. */
static void
bring_handed(struct simulation *simulation, int count)
{
	int brought = 0;

	for (; brought < count && brought < handed_count; brought++)
		dk_flow_stored(handed[brought].source, handed[brought].received);
	memmove(&handed[0], &handed[brought],
		(size_t)(handed_count - brought) * sizeof(handed[0]));
	handed_count -= brought;
	(void)simulation;
}

static void
take_plans_back(struct simulation *simulation)
{
	const struct dk_route *routes;

	while ((routes = dk_flow_give_back(simulation->flow)))
		plan_give_back(routes);
}

void
life_turn(struct simulation *simulation)
{
	if (!simulation->has_slow_loop || chance_is(&simulation->chance, 15))
		bring_handed(simulation, (int)chance_below(&simulation->chance, 5));
	if (simulation->turn_at_ms >= 0 && simulation->turn_at_ms <= simulation->now_ms)
		simulation->turn_at_ms = -1;
	if (simulation->replay)
		dk_replay_turn(simulation->replay);
	dk_flow_turn(simulation->flow);
	take_plans_back(simulation);
}

static void
resubscribe(struct simulation *simulation, int number)
{
	struct broker_source *source = &simulation->sources[number];

	dk_source_unsubscribe(source->source);
	source->subscription = dk_source_subscription(source->source, "all", NULL, 0,
						      plan_matcher(simulation, number));
}

/* What a sink knows to be denied may be allowed by another plan, which asks anew. */
void
life_change(struct simulation *simulation)
{
	struct dk_passage routes[ROUTES], endpoints[ENDPOINTS];
	struct dk_flow_change change = { .route_count = ROUTES,
					 .endpoint_count = ENDPOINTS,
					 .of_routes = routes,
					 .of_sources = endpoints,
					 .of_sinks = endpoints };

	if (!plan_change(simulation, routes))
		return;
	trace(simulation, "another plan");
	change.routes = plan_routes(simulation);
	for (size_t i = 0; i < ENDPOINTS; i++)
		endpoints[i] = (struct dk_passage){ i, true };
	for (int i = SOURCES; i < ENDPOINTS; i++)
		simulation->sinks[i].is_unsure = true;
	dk_flow_prepare(simulation->flow, &change);
	dk_flow_switch(simulation->flow);
	for (int i = 0; i < SOURCES; i++)
		resubscribe(simulation, i);
	dk_flow_renew(simulation->flow);
}

void
life_sync(struct simulation *simulation)
{
	struct dk_journal *journal = simulation->sync_wanted;
	struct dk_journal_state state;
	int result;

	if (!journal)
		return;
	simulation->sync_wanted = NULL;
	state = dk_journal_state(journal);
	result = dk_journal_sync_all(journal, NULL);
	dk_flow_synced(simulation->flow, journal, state.next_serial, result == 0);
}

/* Until all is settled, or patience ends. As in the daemon, it may be looked at between what settles
 * the last message and the turn that tells its source. */
static void
drain(struct simulation *simulation)
{
	int patience = (int)chance_below(&simulation->chance, 40);

	for (int i = 0; i < patience && !dk_flow_is_drained(simulation->flow); i++) {
		if (i > 0)
			life_turn(simulation);
		for (int sink = SOURCES; sink < ENDPOINTS; sink++)
			sink_act(&simulation->sinks[sink]);
		life_sync(simulation);
	}
}

static void
close_streams(struct simulation *simulation)
{
	for (int i = 0; i < SOURCES; i++)
		for (int partition = 0; partition < PARTITIONS; partition++) {
			struct dk_stream **stream = &simulation->sources[i].streams[partition];

			if (*stream)
				dk_stream_close(*stream);
			*stream = NULL;
		}
}

void
life_end_orderly(struct simulation *simulation)
{
	dk_flow_stop(simulation->flow);
	drain(simulation);
	bring_handed(simulation, handed_count);
	if (!dk_flow_is_drained(simulation->flow))
		simulation->ledger.had_fault = true; /* what has arrived may come again */
	dk_flow_cancel(simulation->flow);
	simulation->is_over = true;
	close_streams(simulation);
	for (int i = 0; i < 3; i++) {
		for (int sink = SOURCES; sink < ENDPOINTS; sink++)
			sink_act(&simulation->sinks[sink]);
		life_turn(simulation);
	}
	for (int sink = SOURCES; sink < ENDPOINTS; sink++)
		sink_release_all(&simulation->sinks[sink]);
	dk_replay_free(simulation->replay);
	dk_flow_free(simulation->flow);
}

/* --- Dead letters, as they are on disk --- */

struct counting {
	struct simulation *simulation;
	int route;
};

static void
note_route(void *context, enum dk_tag tag, struct dk_slice value)
{
	struct counting *counting = context;

	for (int route = 0; tag == DK_TAG_ROUTE && route < ROUTES; route++)
		if (dk_slice_is(value, dk_slice_of(plan_name(route))))
			counting->route = route;
}

static void
count_dead(void *context, const struct dk_found *found)
{
	struct counting counting = { context, -1 };
	struct dk_header headers[8];
	struct dk_message message;

	if (dk_record_read(found->body, &message, headers, 8, note_route, &counting) == 0 &&
	    counting.route >= 0)
		ledger_die(&counting.simulation->ledger, counting.route, ledger_id(&message));
}

void
life_count_dead(struct simulation *simulation)
{
	struct dk_journal_kind kind = { "DKDEAD\n\n", SEGMENT, count_dead, simulation };

	dk_journal_close(dk_journal_open(disk_durable_files(simulation->disk), "dead", &kind, NULL));
}
