/* SPDX-License-Identifier: Apache-2.0
 *
 * standing_test.c - what an administrator says, in a flow of two routes from one source: pauses and
 * what they hold up, who looks on, messages by hand.
 */
#include "test/unit/folder.h"

#include "daemon/base/checksum.h"
#include "daemon/flow/pause.h"
#include "daemon/host/running.h"
#include "daemon/host/standing.h"
#include "daemon/surface/status.h"
#include "daemon/system/files.h"

enum { SOURCE, SINK, OTHER, ENDPOINTS };
enum { WORDS, THINGS, ROUTES };

#define TAKEN 32

/* --- A world --- */

static struct {
	struct folder folder;
	struct dk_world world;
	int64_t now_ms;
	bool commits; /* SINK commits positions */

	struct dk_plan plan;
	struct dk_endpoint_plan endpoint_plans[ENDPOINTS];
	struct dk_route routes[ROUTES];
	struct dk_way ways[ROUTES];
	struct dk_captures captures[ROUTES];
	struct dk_pattern *patterns[ROUTES];
	struct dk_matcher *matcher;

	struct dk_gateway gateway;
	struct dk_endpoint endpoints[ENDPOINTS], *list[ENDPOINTS];
	struct dk_subscription *subscription;
	struct dk_stream *stream;
	int64_t position;
	bool is_stream_paused;
	unsigned told; /* settlements that the source has heard of */

	struct dk_delivery *taken[TAKEN];
	size_t count; /* of those that the sinks have */
} world;

static int64_t
now_ms(void *context)
{
	(void)context;
	return world.now_ms;
}

static uint64_t
no_chance(void *context)
{
	(void)context;
	return 0;
}

static void
turn_after(void *context, int64_t after_ms)
{
	(void)context, (void)after_ms;
}

static void
say(void *context, enum dk_level level, const char *who, const char *event,
    const struct dk_field *fields)
{
	(void)context, (void)level, (void)who, (void)event, (void)fields;
}

static void
complain(void *context, const char *who, const char *event, const char *reason)
{
	(void)context, (void)who, (void)event, (void)reason;
}

static void
sync_later(void *context, struct dk_journal *journal)
{
	(void)context, (void)journal;
}

/* --- Its plugin --- */

static void
pause_stream(void *plugin, struct dk_stream *stream)
{
	(void)plugin, (void)stream;
	world.is_stream_paused = true;
}

static void
resume_stream(void *plugin, struct dk_stream *stream)
{
	(void)plugin, (void)stream;
	world.is_stream_paused = false;
}

static void
settled(void *plugin, const struct dk_settlement *settlements, size_t count)
{
	(void)plugin, (void)settlements;
	world.told += (unsigned)count;
}

static void
stop(void *plugin)
{
	(void)plugin;
}

static void
rewind_stream(void *plugin, struct dk_stream *stream)
{
	(void)plugin, (void)stream;
}

static size_t
take(void *plugin, struct dk_delivery *const *deliveries, size_t count)
{
	(void)plugin;
	assert_true(world.count + count <= TAKEN);
	for (size_t i = 0; i < count; i++)
		world.taken[world.count++] = deliveries[i];
	return count;
}

static size_t
window(const void *config)
{
	(void)config;
	return 8;
}

static const struct dk_source_functions source_functions = {
	.waiting = DK_HOLDS,	   .settling = DK_SETTLES_EACH, .pause = pause_stream,
	.resume = resume_stream, .settled = settled,		  .stop = stop,
	.rewind = rewind_stream,
};
static const struct dk_sink_functions sink_functions = { .window = window, .send = take };
static const struct dk_sink_functions committing = { .window = window,
						      .send = take,
						      .commits_positions = true };
static const struct dk_plugin plugin = { .name = "tiny" };

/* --- Its plan --- */

static const char *
no_variable(void *context, struct dk_slice name)
{
	(void)context, (void)name;
	return NULL;
}

static struct dk_template *
compile(const char *text, const struct dk_captures *captures)
{
	struct dk_scope scope = { .variable = no_variable, .captures = captures };

	return dk_template_new(dk_slice_of(text), &scope, NULL);
}

static void
make_route(int number, const char *name, const char *pattern, int sink)
{
	struct dk_route *route = &world.routes[number];
	struct dk_way *way = &world.ways[number];

	world.patterns[number] = dk_pattern_new(DK_MQTT, dk_slice_of(pattern),
						&world.captures[number], NULL);
	*route = (struct dk_route){ .name = name,
				    .number = (size_t)number,
				    .retry_ms = 100,
				    .retry_max_ms = 100,
				    .ways = way,
				    .way_count = 1 };
	*way = (struct dk_way){ .route = route,
				.endpoint = (size_t)sink,
				.dialect = DK_MQTT,
				.address = compile("to/$x", &world.captures[number]),
				.key = dk_hash(DK_HASH_BEGIN, dk_slice_of(name)),
				.target = { .route = name } };
	dk_matcher_add(world.matcher, world.patterns[number], route);
}

/* --- Its life --- */

static void
begin_gateway(void)
{
	struct dk_flow_options options = { .routes = world.routes,
					   .route_count = ROUTES,
					   .endpoint_count = ENDPOINTS,
					   .dead_folder = world.folder.path,
					   .dead_size = 1 << 20,
					   .dead_segment = 4096 };
	struct dk_source_options source = { .name = "plant",
					    .functions = &source_functions,
					    .window_messages = 100,
					    .window_bytes = 1 << 20 };

	world.count = 0;
	world.gateway = (struct dk_gateway){ .plan = &world.plan, .endpoints = world.list };
	world.gateway.flow = dk_flow_new(&world.world, &options, NULL);
	for (size_t i = 0; i < ENDPOINTS; i++) {
		world.list[i] = &world.endpoints[i];
		world.endpoints[i] = (struct dk_endpoint){ .plan = &world.endpoint_plans[i],
							   .life = DK_LIFE_UP };
	}
	world.endpoints[SOURCE].source = dk_source_new(world.gateway.flow, &source, NULL);
	world.subscription = dk_source_subscription(world.endpoints[SOURCE].source, "all", NULL, 0,
						    world.matcher);
	for (size_t i = SINK; i < ENDPOINTS; i++) {
		world.endpoints[i].sink =
			dk_sink_new(world.gateway.flow, i, world.endpoint_plans[i].name,
				    i == SINK && world.commits ? &committing : &sink_functions,
				    NULL, 8);
		dk_sink_up(world.endpoints[i].sink);
	}
	world.stream = dk_stream_open(world.endpoints[SOURCE].source, "all", NULL);
}

static void settle_all(enum dk_outcome outcome);

static void
end_gateway(void)
{
	dk_flow_cancel(world.gateway.flow);
	settle_all(DK_RELEASED);
	dk_stream_close(world.stream);
	dk_flow_free(world.gateway.flow);
}

static int
begin(void **state)
{
	static const char *const names[ENDPOINTS] = { "plant", "lake", "erp" };
	static const atomic_int log_level = DK_INFO;

	(void)state;
	memset(&world, 0, sizeof(world));
	folder_make(&world.folder);
	world.world = (struct dk_world){ .now_ms = now_ms,
					 .log_level = &log_level,
					 .wall_ms = now_ms,
					 .random = no_chance,
					 .turn_after = turn_after,
					 .log = say,
					 .trouble = complain,
					 .sync_later = sync_later,
					 .files = &dk_system_files };
	for (size_t i = 0; i < ENDPOINTS; i++)
		world.endpoint_plans[i] = (struct dk_endpoint_plan){ .name = names[i],
								     .plugin = &plugin };
	world.matcher = dk_matcher_new(DK_MQTT);
	make_route(WORDS, "words", "words/:x", SINK);
	make_route(THINGS, "things", "things/:x", SINK);
	world.plan = (struct dk_plan){ .endpoints = world.endpoint_plans,
				       .endpoint_count = ENDPOINTS,
				       .routes = world.routes,
				       .route_count = ROUTES };
	begin_gateway();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	end_gateway();
	for (size_t i = 0; i < ROUTES; i++) {
		dk_template_free(world.ways[i].address);
		dk_pattern_free(world.patterns[i]);
	}
	dk_matcher_free(world.matcher);
	folder_remove(&world.folder);
	return 0;
}

/* --- What happens --- */

static void
turn(void)
{
	dk_flow_turn(world.gateway.flow);
	for (size_t i = 0; i < ROUTES; i++)
		assert_int_equal(
			dk_route_difference(dk_flow_route_account(world.gateway.flow, i)), 0);
	assert_int_equal(
		dk_source_difference(dk_source_account(world.endpoints[SOURCE].source)), 0);
}

static struct dk_message
message_at(const char *address, const char *key)
{
	struct dk_message message = DK_MESSAGE_NONE;

	message.address = dk_slice_of(address);
	message.key = dk_slice_of(key);
	message.payload = DK_SLICE("so it is");
	return message;
}

static void
bring(const char *address, const char *key)
{
	struct dk_message message = message_at(address, key);

	message.stream = world.stream;
	message.position = ++world.position;
	dk_receive(world.subscription, &message, NULL);
	turn();
}

static void
settle_first(enum dk_outcome outcome)
{
	struct dk_delivery *first = world.taken[0];

	memmove(&world.taken[0], &world.taken[1], --world.count * sizeof(world.taken[0]));
	dk_settle(first, outcome, outcome == DK_ACCEPTED ? NULL : "so it was decided", NULL);
}

static void
settle_all(enum dk_outcome outcome)
{
	while (world.count > 0)
		settle_first(outcome);
}

/* What the sinks have, in the order of sending: "a b". */
static void
assert_taken(const char *wanted)
{
	struct dk_buffer text = { 0 };

	dk_buffer_add_text(&text, "");
	for (size_t i = 0; i < world.count; i++) {
		if (i > 0)
			dk_buffer_add_text(&text, " ");
		dk_buffer_add(&text, dk_slice_after(world.taken[i]->address, 3));
	}
	assert_string_equal(text.data, wanted);
	dk_buffer_clear(&text);
}

static struct dk_standing *
standing_here(void)
{
	struct dk_standing *standing = dk_standing_new();

	dk_standing_apply(standing, &world.gateway);
	return standing;
}

/* --- Pauses --- */

static void
a_paused_route_waits_and_others_go_on(void **state)
{
	struct dk_standing *standing = standing_here();

	(void)state;
	dk_standing_pause(standing, DK_PAUSABLE_ROUTE, "words");
	bring("words/a", NULL);
	bring("things/b", NULL);
	bring("words/c", NULL);
	assert_taken("b");
	settle_all(DK_ACCEPTED);
	turn();
	assert_true(dk_flow_is_drained(world.gateway.flow));
	assert_int_equal(world.told, 1);
	dk_standing_resume(standing, DK_PAUSABLE_ROUTE, "words");
	turn();
	assert_taken("a c");
	settle_all(DK_ACCEPTED);
	turn();
	assert_int_equal(world.told, 3);
	dk_standing_free(standing);
}

/* The earlier one is being tried again, and has its key held. */
static void
what_waits_for_its_route_holds_up_no_other_of_its_key(void **state)
{
	struct dk_standing *standing = standing_here();

	(void)state;
	bring("words/a", "key");
	settle_all(DK_RELEASED);
	bring("things/b", "key");
	assert_taken("");
	dk_standing_pause(standing, DK_PAUSABLE_ROUTE, "words");
	world.now_ms += 1000;
	turn();
	turn();
	assert_taken("b");
	settle_all(DK_ACCEPTED);
	bring("words/c", "key");
	dk_standing_resume_all(standing);
	turn();
	assert_taken("a c");
	dk_standing_free(standing);
}

/* A later position must not be committed first. */
static void
a_sink_that_commits_takes_nothing_past_a_paused_route(void **state)
{
	struct dk_standing *standing;

	(void)state;
	end_gateway();
	world.commits = true;
	begin_gateway();
	standing = standing_here();
	dk_standing_pause(standing, DK_PAUSABLE_ROUTE, "words");
	bring("things/a", NULL);
	bring("words/b", NULL);
	bring("things/c", NULL);
	assert_taken("a");
	settle_all(DK_ACCEPTED);
	turn();
	assert_taken("");
	assert_true(dk_flow_is_drained(world.gateway.flow));
	dk_standing_resume_all(standing);
	turn();
	assert_taken("b c");
	dk_standing_free(standing);
}

static void
a_paused_endpoint_brings_nothing_and_is_sent_nothing(void **state)
{
	struct dk_standing *standing = standing_here();

	(void)state;
	dk_standing_pause(standing, DK_PAUSABLE_ENDPOINT, "lake");
	bring("words/a", NULL);
	assert_taken("");
	assert_false(world.is_stream_paused);
	dk_standing_pause(standing, DK_PAUSABLE_ENDPOINT, "plant");
	turn();
	assert_true(world.is_stream_paused);
	dk_standing_resume(standing, DK_PAUSABLE_ENDPOINT, "lake");
	turn();
	assert_taken("a");
	dk_standing_resume(standing, DK_PAUSABLE_ENDPOINT, "plant");
	turn();
	assert_false(world.is_stream_paused);
	dk_standing_free(standing);
}

static void
pauses_last_over_a_reload(void **state)
{
	struct dk_standing *standing = standing_here();

	(void)state;
	dk_standing_pause(standing, DK_PAUSABLE_ROUTE, "things");
	dk_standing_drain(standing);
	dk_standing_apply(standing, NULL);
	end_gateway();
	dk_standing_pause(standing, DK_PAUSABLE_ENDPOINT, "erp"); /* between the two */
	begin_gateway();
	dk_standing_apply(standing, &world.gateway);
	assert_true(dk_route_is_paused(world.gateway.flow, THINGS));
	assert_false(dk_route_is_paused(world.gateway.flow, WORDS));
	assert_true(dk_sink_is_paused(world.endpoints[OTHER].sink));
	assert_true(dk_source_is_paused(world.endpoints[SOURCE].source));
	assert_false(dk_sink_is_paused(world.endpoints[SINK].sink));
	dk_standing_resume(standing, DK_PAUSABLE_ENDPOINT, "plant"); /* it was drained, not paused */
	assert_true(dk_source_is_paused(world.endpoints[SOURCE].source));
	dk_standing_resume_all(standing);
	assert_false(dk_source_is_paused(world.endpoints[SOURCE].source));
	dk_standing_free(standing);
}

static void
the_status_line_names_what_is_paused(void **state)
{
	struct dk_standing *standing = standing_here();
	char line[256];

	(void)state;
	dk_status_line(&world.gateway, &world.plan, "x", line, sizeof(line));
	assert_null(strstr(line, "paused"));
	dk_standing_pause(standing, DK_PAUSABLE_ROUTE, "things");
	dk_status_line(&world.gateway, &world.plan, "x", line, sizeof(line));
	assert_non_null(strstr(line, "3 of 3 endpoints connected, paused: things; 2 routes"));
	dk_standing_pause(standing, DK_PAUSABLE_ENDPOINT, "lake");
	dk_status_line(&world.gateway, &world.plan, "x", line, sizeof(line));
	assert_non_null(strstr(line, ", paused: lake and 1 more; "));
	dk_standing_free(standing);
}

/* --- Who looks on --- */

struct seen {
	unsigned made, accepted, released, rejected;
	uint64_t injection;
};

static void
see_made(void *context, const struct dk_sight *sight)
{
	struct seen *seen = context;

	seen->made++;
	seen->injection = sight->injection;
	assert_string_equal(sight->source, "plant");
}

static void
see_settled(void *context, const struct dk_sight *sight, enum dk_outcome outcome,
	    const char *reason)
{
	struct seen *seen = context;

	seen->accepted += outcome == DK_ACCEPTED;
	seen->released += outcome == DK_RELEASED;
	seen->rejected += outcome == DK_REJECTED;
	assert_true(reason || outcome == DK_ACCEPTED);
	assert_string_equal(sight->route, "words");
}

static void
a_tap_sees_each_outcome_until_it_is_taken_off(void **state)
{
	struct dk_standing *standing = standing_here();
	struct seen seen = { 0 };
	struct dk_tap tap = { see_made, see_settled, &seen };

	(void)state;
	dk_standing_tap(standing, &tap);
	bring("words/a", NULL);
	settle_all(DK_RELEASED);
	world.now_ms += 1000;
	turn();
	settle_all(DK_ACCEPTED);
	bring("words/b", NULL);
	settle_all(DK_REJECTED);
	assert_int_equal(seen.made, 2);
	assert_int_equal(seen.released, 1);
	assert_int_equal(seen.accepted, 1);
	assert_int_equal(seen.rejected, 1);
	assert_int_equal(seen.injection, 0);
	dk_standing_tap(standing, NULL);
	bring("words/c", NULL);
	settle_all(DK_ACCEPTED);
	assert_int_equal(seen.made, 2);
	assert_int_equal(seen.accepted, 1);
	dk_standing_free(standing);
}

/* It may last no longer than the route's attempts let it. */
static void
what_was_tried_too_often_is_seen_to_be_rejected(void **state)
{
	struct dk_standing *standing = standing_here();
	struct seen seen = { 0 };
	struct dk_tap tap = { see_made, see_settled, &seen };

	(void)state;
	dk_standing_tap(standing, &tap);
	world.routes[WORDS].attempts = 1;
	bring("words/a", NULL);
	settle_all(DK_RELEASED);
	assert_int_equal(seen.released, 1);
	assert_int_equal(seen.rejected, 1);
	dk_standing_free(standing);
}

/* --- By hand --- */

struct hearing {
	unsigned settled, ended;
	uint64_t number;
};

static void
hear(void *context, uint64_t injection, bool is_settled)
{
	struct hearing *hearing = context;

	hearing->settled += is_settled;
	hearing->ended += !is_settled;
	hearing->number = injection;
}

static uint64_t
inject(const char *address, struct hearing *hearing, struct dk_error *error)
{
	struct dk_message message = message_at(address, "key");
	struct dk_injected injected = { hear, hearing };

	return dk_inject(world.gateway.flow, SOURCE, &message, &injected, error);
}

static void
a_message_by_hand_goes_as_if_its_source_had_brought_it(void **state)
{
	struct hearing hearing = { 0 };
	struct dk_error error;
	uint64_t number;

	(void)state;
	number = inject("words/a", &hearing, &error);
	assert_true(number > 0);
	turn();
	assert_taken("a");
	assert_slice(world.taken[0]->key, "key");
	settle_all(DK_RELEASED);
	assert_int_equal(hearing.settled, 0);
	world.now_ms += 1000;
	turn();
	settle_all(DK_ACCEPTED);
	turn();
	assert_int_equal(hearing.settled, 1);
	assert_int_equal(hearing.number, number);
	assert_int_equal(dk_flow_route_account(world.gateway.flow, WORDS)->delivered, 1);
	assert_int_equal(dk_source_account(world.endpoints[SOURCE].source)->received, 0);
	assert_int_equal(world.told, 0);
}

static void
a_message_by_hand_that_is_not_wanted_is_refused(void **state)
{
	struct hearing hearing = { 0 };
	struct dk_error error;

	(void)state;
	assert_int_equal(inject("other/a", &hearing, &error), 0);
	assert_non_null(strstr(error.text, "no route takes it"));
	dk_flow_stop(world.gateway.flow);
	assert_int_equal(inject("words/a", &hearing, &error), 0);
	assert_non_null(strstr(error.text, "ending"));
	assert_int_equal(hearing.settled + hearing.ended, 0);
}

static void
a_message_by_hand_has_no_position_to_commit(void **state)
{
	struct hearing hearing = { 0 };
	struct dk_error error;

	(void)state;
	end_gateway();
	world.commits = true;
	begin_gateway();
	assert_int_equal(inject("words/a", &hearing, &error), 0);
	assert_non_null(strstr(error.text, "commits positions"));
}

static void
what_was_not_settled_is_told_to_be_gone(void **state)
{
	struct hearing hearing = { 0 };
	struct dk_error error;

	(void)state;
	assert_true(inject("words/a", &hearing, &error) > 0);
	assert_true(inject("words/b", &hearing, &error) > 0);
	turn();
	settle_first(DK_ACCEPTED);
	turn();
	end_gateway();
	assert_int_equal(hearing.settled, 1);
	assert_int_equal(hearing.ended, 1);
	begin_gateway();
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_A_WORLD(a_paused_route_waits_and_others_go_on),
		IN_A_WORLD(what_waits_for_its_route_holds_up_no_other_of_its_key),
		IN_A_WORLD(a_sink_that_commits_takes_nothing_past_a_paused_route),
		IN_A_WORLD(a_paused_endpoint_brings_nothing_and_is_sent_nothing),
		IN_A_WORLD(pauses_last_over_a_reload),
		IN_A_WORLD(the_status_line_names_what_is_paused),
		IN_A_WORLD(a_tap_sees_each_outcome_until_it_is_taken_off),
		IN_A_WORLD(what_was_tried_too_often_is_seen_to_be_rejected),
		IN_A_WORLD(a_message_by_hand_goes_as_if_its_source_had_brought_it),
		IN_A_WORLD(a_message_by_hand_that_is_not_wanted_is_refused),
		IN_A_WORLD(a_message_by_hand_has_no_position_to_commit),
		IN_A_WORLD(what_was_not_settled_is_told_to_be_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
