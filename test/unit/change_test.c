/* SPDX-License-Identifier: Apache-2.0
 *
 * change_test.c - a gateway that goes from plan to plan, over plugins that do what the test says:
 * what is opened in vain, what goes with messages on their way, what waits for what.
 */
#include "test/unit/folder.h"

#include <ftw.h>

#include "daemon/base/error.h"
#include "daemon/flow/pause.h"
#include "daemon/flow/state.h"
#include "daemon/host/running.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/log.h"

#define LIVES 16
#define SOON_MS 5000
#define WINDOW 4

/* --- Plugins: "keeps" stores what it brings, "holds" waits for its outcome --- */

struct config {
	int64_t version;
	bool fails, is_away, complains, lingers;
};

struct life {
	const struct dk_host *host;
	struct dk_endpoint *handle;
	const struct config *config;
	char name[16];
	bool is_connected;
	struct dk_subscription *subscription;
	struct dk_stream *stream;
	int64_t position;
	struct dk_delivery *taken[WINDOW];
	size_t count;
};

static struct {
	struct folder folder;
	struct dk_loop *loop;
	struct dk_loop_event *timer;
	struct dk_gateway *gateway;
	struct dk_plan *plan;
	struct life *lives[LIVES], *lingering;
	int64_t until_ms;
	bool (*is_there)(void);
	bool is_over, is_stuck, is_settling; /* is_settling: what is sent is accepted soon */
	bool is_ending, is_large; /* is_large: what is brought */
	unsigned sent, hooked, over, waiting, left;
	const char *drain;
	pthread_t thread;
	unsigned synced; /* by the loop */
	char addresses[400]; /* to which something was sent */
} world;

void __wrap_dk_log(enum dk_level level, const char *who, const char *event,
		   const struct dk_field *fields);

void
__wrap_dk_log(enum dk_level level, const char *who, const char *event,
	      const struct dk_field *fields)
{
	(void)level, (void)who;
	world.over += fields && fields[0].name && strcmp(fields[0].name, "over") == 0;
	world.waiting += strcmp(event, "waiting") == 0;
	if (strcmp(event, "spool-left") == 0)
		world.left += (unsigned)fields[0].number;
}

int __real_dk_journal_sync_all(struct dk_journal *journal, struct dk_error *error);
int __wrap_dk_journal_sync_all(struct dk_journal *journal, struct dk_error *error);

int
__wrap_dk_journal_sync_all(struct dk_journal *journal, struct dk_error *error)
{
	if (pthread_equal(pthread_self(), world.thread)) /* and not the syncer's */
		world.synced++;
	return __real_dk_journal_sync_all(journal, error);
}

/* Whatever is called with one that was closed is a fault. */
static struct life *
alive(void *argument)
{
	for (size_t i = 0; i < LIVES; i++)
		if (argument && world.lives[i] == argument)
			return argument;
	fail_msg("a plugin was called for an endpoint that is closed");
	return NULL;
}

static void *
open_life(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
	  const void *config, struct dk_error *error)
{
	struct life *life = calloc(1, sizeof(*life));
	size_t i = 0;

	assert_non_null(life);
	*life = (struct life){ .host = host, .handle = handle, .config = config };
	snprintf(life->name, sizeof(life->name), "%s", name);
	if (life->config->fails) {
		free(life);
		dk_fail(error, "it is told to fail");
		return NULL;
	}
	while (world.lives[i])
		assert_true(++i < LIVES);
	world.lives[i] = life;
	return life;
}

static void
connect_life(void *argument)
{
	struct life *life = alive(argument);

	if (life->config->is_away)
		return;
	life->is_connected = true;
	if (life->config->complains)
		life->host->trouble(life->handle, "grumbled", "it is not as it was");
	life->host->up(life->handle);
}

static void
settle(struct life *life, enum dk_outcome outcome)
{
	size_t count = life->count;
	struct dk_delivery *taken[WINDOW];

	memcpy(taken, life->taken, sizeof(taken));
	life->count = 0;
	for (size_t i = 0; i < count; i++)
		life->host->settle(taken[i], outcome,
				   outcome == DK_ACCEPTED ? NULL : "so it was decided", NULL);
}

static void
finish(struct life *life)
{
	assert_in_range(life->config->version, 1, 9); /* of a plan that is there */
	settle(life, DK_RELEASED);
	if (life->stream)
		life->host->stream_close(life->stream);
	life->host->trouble_over(life->handle, "grumbled");
	for (size_t i = 0; i < LIVES; i++)
		if (world.lives[i] == life)
			world.lives[i] = NULL;
	life->host->closed(life->handle);
	free(life);
}

static void
close_life(void *argument)
{
	struct life *life = alive(argument);

	if (life->config->lingers)
		world.lingering = life;
	else
		finish(life);
}

static void
subscribe(void *argument, struct dk_subscription *const *subscriptions, size_t count)
{
	assert_true(count > 0);
	alive(argument)->subscription = subscriptions[0];
}

static void
rest(void *argument, struct dk_stream *stream)
{
	(void)stream;
	assert_non_null(alive(argument)->subscription);
}

static void
hear_settled(void *argument, const struct dk_settlement *settlements, size_t count)
{
	(void)settlements, (void)count;
	alive(argument);
}

static void
stop(void *argument)
{
	rest(argument, NULL);
}

static size_t
window(const void *config)
{
	(void)config;
	return WINDOW;
}

static void
note(const char *before, struct dk_slice text)
{
	assert_true(strlen(world.addresses) + 1 + text.length < sizeof(world.addresses));
	strcat(world.addresses, before);
	strncat(world.addresses, text.data, text.length);
}

static size_t
take(void *argument, struct dk_delivery *const *deliveries, size_t count)
{
	struct life *life = alive(argument);

	for (size_t i = 0; i < count; i++) {
		note(" ", deliveries[i]->address);
		if (deliveries[i]->header_count > 0)
			note(",", deliveries[i]->headers[0].name);
		life->taken[life->count++] = deliveries[i];
		world.sent++;
	}
	return count;
}

static void
look_at_delivery(void *argument, const struct dk_delivery *delivery)
{
	(void)delivery;
	alive(argument);
	world.hooked++;
}

static const struct dk_option rows[] = {
	{ "version", DK_INTEGER, DK_AT(struct config, version, int64_t), .preset = "1", .min = 1,
	  .max = 9, .help = "Another." },
	{ "fails", DK_TRUTH, DK_AT(struct config, fails, bool), .help = "No." },
	{ "away", DK_TRUTH, DK_AT(struct config, is_away, bool), .help = "Not there." },
	{ "lingers", DK_TRUTH, DK_AT(struct config, lingers, bool), .help = "Closes later." },
	{ "complains", DK_TRUTH, DK_AT(struct config, complains, bool), .help = "Troubled." },
	{ 0 },
};
static const struct dk_source_functions keeping = { .waiting = DK_STORES, .subscribe = subscribe,
						    .pause = rest, .resume = rest, .stop = stop };
static const struct dk_source_functions holding = {
	.waiting = DK_HOLDS, .settling = DK_SETTLES_EACH, .subscribe = subscribe,
	.resubscribe = subscribe, .pause = rest, .resume = rest, .settled = hear_settled, .stop = stop
};
static const struct dk_sink_functions sink = { .window = window, .send = take };
static const struct dk_hook_functions hooks = { .delivery = look_at_delivery };

#define PLUGIN(its_name, its_source, its_hooks)                                                    \
	{                                                                                          \
		.abi = DK_ABI, .size = sizeof(struct dk_plugin), .name = (its_name),               \
		.dialect = DK_MQTT, .endpoint = { sizeof(struct config), rows, NULL, NULL, NULL }, \
		.open = open_life, .connect = connect_life, .close = close_life,                   \
		.source = (its_source), .sink = &sink, .hooks = (its_hooks)                        \
	}

static const struct dk_plugin plugins[] = { PLUGIN("keeps", &keeping, NULL),
					    PLUGIN("holds", &holding, NULL),
					    PLUGIN("looks", NULL, &hooks) };

static const struct dk_plugin *
find_plugin(void *context, const char *folder, const char *name, struct dk_error *error)
{
	(void)context, (void)folder;
	for (size_t i = 0; i < ROWS(plugins); i++)
		if (strcmp(plugins[i].name, name) == 0)
			return &plugins[i];
	dk_fail(error, "there is no plugin \"%s\"", name);
	return NULL;
}

/* --- A gateway and its loop --- */

static struct dk_plan *
read_plan(const char *endpoints, const char *routes)
{
	static const struct dk_plugin_finder finder = { .find = find_plugin };
	struct dk_plan_reading reading = { .finder = &finder };
	struct dk_faults *faults = dk_faults_new();
	struct dk_plan *plan;
	char text[2000];

	snprintf(text, sizeof(text),
		 "state = \"%s/state\"; spool = { size = \"1 MB\"; }; drain = \"%s\";\n"
		 "endpoints = { %s };\nroutes = { %s };\n",
		 world.folder.path, world.drain, endpoints, routes);
	file_write(&world.folder, "conf", dk_slice_of(text));
	reading.path = folder_file(&world.folder, "conf");
	plan = dk_plan_read(&reading, faults);
	if (!plan)
		dk_faults_print(faults, stderr);
	assert_non_null(plan);
	dk_faults_free(faults);
	return plan;
}

static void
look(void *argument)
{
	(void)argument;
	if (world.lingering)
		finish(world.lingering);
	world.lingering = NULL;
	for (size_t i = 0; world.is_settling && i < LIVES; i++)
		if (world.lives[i])
			settle(world.lives[i], DK_ACCEPTED);
	if (!world.is_ending && (world.is_there() || dk_clock_now_ms() >= world.until_ms))
		dk_gateway_interrupt(world.gateway);
	else
		dk_loop_timer_set(world.timer, 1);
}

/* Whether it came to that soon. */
static bool
comes(bool (*is_there)(void))
{
	world.is_there = is_there;
	world.until_ms = dk_clock_now_ms() + SOON_MS;
	dk_loop_timer_set(world.timer, 0);
	dk_gateway_run(world.gateway);
	return is_there();
}

static void
start(const char *endpoints, const char *routes)
{
	struct dk_error error = { "" };

	world.plan = read_plan(endpoints, routes);
	world.gateway = dk_gateway_new(world.plan, world.loop, NULL, &error);
	if (!world.gateway)
		fail_msg("%s", error.text);
	dk_gateway_connect(world.gateway);
}

static void
hear_changed(void *context, bool is_stuck)
{
	(void)context;
	world.is_over = true;
	world.is_stuck = is_stuck;
}

static int
change(const char *endpoints, const char *routes)
{
	struct dk_plan *plan = read_plan(endpoints, routes);
	struct dk_difference *difference = dk_difference_new(world.plan, plan);
	struct dk_gateway_changed changed = { hear_changed, NULL };
	struct dk_error error = { "" };
	int result;

	assert_true(dk_gateway_can_change(world.gateway, plan, difference));
	world.is_over = false;
	result = dk_gateway_change(world.gateway, plan, difference, changed, &error);
	dk_difference_free(difference);
	if (result == 0)
		world.plan = plan;
	return result;
}

static struct life *
find(const char *name)
{
	struct life *found = NULL;

	for (size_t i = 0; i < LIVES; i++)
		if (world.lives[i] && strcmp(world.lives[i]->name, name) == 0 &&
		    world.lives[i]->is_connected)
			found = world.lives[i];
	return found;
}

static void
bring(const char *name, const char *address)
{
	static const char bytes[100000];
	struct dk_message message = DK_MESSAGE_NONE;
	struct life *life = find(name);

	assert_non_null(life);
	message.address = dk_slice_of(address);
	message.payload = dk_slice_new(bytes, world.is_large ? sizeof(bytes) : 10);
	if (dk_source_spool(life->handle->source)) {
		life->host->store(life->subscription, &message, NULL);
		return;
	}
	if (!life->stream)
		life->stream = life->host->stream_open(life->handle, "one", NULL);
	message.stream = life->stream;
	message.position = ++life->position;
	life->host->receive(life->subscription, &message, NULL);
}

static void
bring_many(const char *name, const char *address, int count)
{
	while (count-- > 0)
		bring(name, address);
}

static int
begin(void **state)
{
	char path[300];

	(void)state;
	memset(&world, 0, sizeof(world));
	world.drain = "30s";
	world.thread = pthread_self();
	folder_make(&world.folder);
	snprintf(path, sizeof(path), "%s/state", world.folder.path);
	assert_int_equal(mkdir(path, 0700), 0);
	world.loop = dk_loop_new(NULL);
	world.timer = dk_loop_timer(world.loop, look, NULL);
	return 0;
}

static int
remove_one(const char *path, const struct stat *status, int what, struct FTW *walk)
{
	(void)status, (void)what, (void)walk;
	return remove(path);
}

static void
stop_gateway(void)
{
	world.is_ending = true;
	dk_loop_timer_set(world.timer, 0);
	dk_gateway_end(world.gateway);
	assert_true(dk_gateway_free(world.gateway));
	world.gateway = NULL;
	world.is_ending = false;
	dk_loop_timer_set(world.timer, -1);
}

/* As a process after another. */
static void
start_again(const char *endpoints, const char *routes)
{
	stop_gateway();
	dk_plan_free(world.plan);
	start(endpoints, routes);
}

static int
end(void **state)
{
	(void)state;
	world.is_settling = true;
	if (world.gateway)
		stop_gateway();
	dk_loop_event_free(world.timer);
	dk_loop_free(world.loop);
	dk_plan_free(world.plan);
	dk_complaints_forget();
	nftw(world.folder.path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

/* --- What may come --- */

static bool
is_over(void)
{
	return world.is_over;
}

/* Nothing of another plan is left but those that endpoints were opened by. */
static bool
is_quiet(void)
{
	return dk_list_is_empty(&world.gateway->leaving) &&
	       dk_list_is_empty(&world.gateway->retired);
}

static bool
four_are_sent(void)
{
	return world.sent >= WINDOW;
}

static bool
one_is_sent(void)
{
	return world.sent >= 1;
}

static bool
two_are_sent(void)
{
	return world.sent >= 2;
}

static bool
six_are_sent(void)
{
	return world.sent >= 6;
}

static bool
it_is_said(void)
{
	return world.waiting > 0;
}

static size_t
count_lives(void)
{
	size_t count = 0;

	for (size_t i = 0; i < LIVES; i++)
		count += world.lives[i] != NULL;
	return count;
}

/* --- What is opened in vain --- */

#define PLANT_AND_LAKE "plant = { plugin = \"keeps\"; }; lake = { plugin = \"keeps\"; }; "
#define WAY "way = { from = \"plant:in/:x\"; to = \"lake:out/$x\"; }; "
#define MORE_WAY "more = { from = \"more:in/:x\"; to = \"lake:more/$x\"; }; "

static void
what_was_opened_before_one_that_fails_is_closed_again(void **state)
{
	(void)state;
	world.drain = "1ms";
	start("more = { plugin = \"keeps\"; }; " PLANT_AND_LAKE, WAY MORE_WAY);
	bring_many("more", "in/a", WINDOW);
	assert_true(comes(four_are_sent));
	start_again(PLANT_AND_LAKE, WAY);
	assert_int_equal(world.left, WINDOW);
	world.sent = 0;
	assert_int_equal(change("more = { plugin = \"keeps\"; }; "
				"none = { plugin = \"keeps\"; fails = true; }; " PLANT_AND_LAKE,
				WAY MORE_WAY "no = { from = \"none:in\"; to = \"lake:no\"; }; "),
			 -1);
	assert_true(comes(is_quiet));
	assert_int_equal(count_lives(), 2);
	assert_int_equal(world.left, WINDOW); /* which was said before */
	assert_true(dk_list_is_empty(&world.gateway->past));
	bring_many("plant", "in/a", WINDOW);
	assert_true(comes(four_are_sent));
	/* Its spool is free. */
	assert_int_equal(change("more = { plugin = \"keeps\"; }; " PLANT_AND_LAKE, WAY MORE_WAY),
			 0);
	assert_true(comes(is_over));
	assert_int_equal(count_lives(), 3);
}

static void
a_spool_that_does_not_open_changes_nothing(void **state)
{
	(void)state;
	start(PLANT_AND_LAKE, WAY);
	file_write(&world.folder, "state/spool/more", DK_SLICE("no folder"));
	assert_int_equal(change("more = { plugin = \"keeps\"; }; " PLANT_AND_LAKE, WAY MORE_WAY),
			 -1);
	assert_true(comes(is_quiet));
	assert_int_equal(count_lives(), 2);
	stop_gateway(); /* which stops all sources that there are */
}

static void
an_end_comes_while_what_was_opened_in_vain_is_closed(void **state)
{
	(void)state;
	start(PLANT_AND_LAKE, WAY);
	assert_int_equal(change("more = { plugin = \"keeps\"; }; "
				"none = { plugin = \"keeps\"; fails = true; }; " PLANT_AND_LAKE,
				WAY MORE_WAY "no = { from = \"none:in\"; to = \"lake:no\"; }; "),
			 -1);
	stop_gateway();
	assert_int_equal(count_lives(), 0);
}

/* --- What goes --- */

#define SMALL_PLANT "plant = { plugin = \"keeps\"; in_flight = 6; }; "
#define LAKE "lake = { plugin = \"keeps\"; }; "
#define OTHER "other = { plugin = \"holds\"; }; "
#define OTHER_WAY "side = { from = \"other:in\"; to = \"lake:side\"; }; "

/* Of ten messages six are on their way: four at the sink, two in its queue. */
static void
what_a_source_has_stored_stays_when_it_goes(void **state)
{
	(void)state;
	start(SMALL_PLANT LAKE OTHER, OTHER_WAY WAY);
	bring_many("plant", "in/a", 10);
	assert_true(comes(four_are_sent));
	assert_int_equal(change(LAKE OTHER, OTHER_WAY), 0);
	world.is_settling = true;
	assert_true(comes(is_over));
	assert_true(comes(is_quiet));
	assert_int_equal(world.sent, 4);
	assert_int_equal(world.left, 4);
	assert_int_equal(world.synced, 1); /* for nobody does any more */
	assert_int_equal(change(SMALL_PLANT LAKE OTHER, OTHER_WAY WAY), 0);
	assert_true(comes(is_over));
	assert_true(comes(six_are_sent));
	stop_gateway();
	assert_int_equal(world.sent, 8);
}

static void
what_is_left_is_told_at_the_start(void **state)
{
	(void)state;
	world.drain = "1ms";
	start(SMALL_PLANT LAKE OTHER, OTHER_WAY WAY);
	bring_many("plant", "in/a", 10);
	assert_true(comes(four_are_sent));
	assert_int_equal(world.left, 0);
	start_again(LAKE OTHER, OTHER_WAY);
	assert_int_equal(world.left, 10);
	start_again(SMALL_PLANT LAKE OTHER, OTHER_WAY WAY);
	assert_int_equal(world.left, 10);
}

static void
one_that_is_a_source_no_more_leaves_what_it_has_stored(void **state)
{
	(void)state;
	start(SMALL_PLANT LAKE OTHER, OTHER_WAY WAY);
	bring_many("plant", "in/a", 10);
	assert_true(comes(four_are_sent));
	assert_int_equal(change(SMALL_PLANT LAKE OTHER,
				OTHER_WAY "to = { from = \"other:to\"; to = \"plant:x\"; }; "),
			 0);
	world.is_settling = true;
	assert_true(comes(is_over));
	assert_true(comes(is_quiet));
	assert_int_equal(world.left, 4);
}

static bool
it_is_over_while_messages_come(void)
{
	bring("plant", "in/a");
	return world.is_over;
}

static void
hooks_are_not_called_for_who_is_closed(void **state)
{
	(void)state;
	start(PLANT_AND_LAKE "eye = { plugin = \"looks\"; lingers = true; }; ", WAY);
	bring_many("plant", "in/a", WINDOW);
	assert_true(comes(four_are_sent));
	assert_int_equal(world.hooked, WINDOW);
	world.is_settling = true;
	assert_int_equal(change(PLANT_AND_LAKE, WAY), 0);
	assert_true(comes(it_is_over_while_messages_come));
}

static void
what_ends_with_an_endpoint_is_not_said_to_be_over(void **state)
{
	(void)state;
	start(PLANT_AND_LAKE "cross = { plugin = \"keeps\"; complains = true; }; ", WAY);
	assert_int_equal(change(PLANT_AND_LAKE, WAY), 0);
	assert_true(comes(is_over));
	assert_int_equal(world.over, 0);
}

/* Its spool has room again when it is closed already. */
static void
a_full_spool_of_one_that_goes_asks_nobody(void **state)
{
	(void)state;
	start("plant = { plugin = \"keeps\"; }; " LAKE OTHER, OTHER_WAY WAY);
	world.is_large = true;
	bring_many("plant", "in/a", 12);
	assert_true(comes(four_are_sent));
	assert_true(world.gateway->endpoints[0]->source->is_away);
	assert_int_equal(change(LAKE OTHER, OTHER_WAY), 0);
	assert_true(comes(is_over));
	world.is_settling = true;
	assert_true(comes(is_quiet));
}

/* --- What waits for what --- */

#define HOLDING(its_version, lakes_version)                                                        \
	"plant = { plugin = \"holds\"; version = " its_version "; }; "                             \
	"lake = { plugin = \"keeps\"; version = " lakes_version "; }; "

/* What waits for the one to come back is of no use to the other. */
static void
a_source_and_its_sink_change_at_once(void **state)
{
	int64_t began;

	(void)state;
	start(HOLDING("1", "1"), WAY);
	bring_many("plant", "in/a", 10);
	assert_true(comes(four_are_sent));
	assert_int_equal(change(HOLDING("2", "2"), WAY), 0);
	assert_true(comes(it_is_said));
	assert_false(world.is_over); /* what the sink has is waited for */
	began = dk_clock_now_ms();
	world.is_settling = true;
	assert_true(comes(is_over));
	assert_in_range(dk_clock_now_ms() - began, 0, 1000);
	assert_int_equal(world.sent, 4);
	assert_int_equal(find("plant")->config->version, 2);
	bring("plant", "in/b");
	assert_true(comes(is_quiet));
}

static void
what_waits_for_a_sink_that_is_away_holds_up_no_change(void **state)
{
	static const char others[] = "lake = { plugin = \"keeps\"; away = true; }; "
				     "busy = { plugin = \"holds\"; }; pond = { plugin = \"keeps\"; "
				     "}; ";
	static const char routes[] = WAY "b = { from = \"busy:in\"; to = \"pond:out\"; }; ";
	char endpoints[400];

	(void)state;
	snprintf(endpoints, sizeof(endpoints), "plant = { plugin = \"holds\"; }; %s", others);
	start(endpoints, routes);
	assert_true(comes(is_quiet));
	bring_many("plant", "in/a", 10);
	bring("busy", "in"); /* whose sink takes its time */
	snprintf(endpoints, sizeof(endpoints), "plant = { plugin = \"holds\"; version = 2; }; %s",
		 others);
	assert_int_equal(change(endpoints, routes), 0);
	assert_true(comes(is_over));
	assert_int_equal(find("plant")->config->version, 2);
}

static void
an_end_does_not_wait_for_a_sink_that_leaves(void **state)
{
	int64_t began = dk_clock_now_ms();

	(void)state;
	start(HOLDING("1", "1"), WAY);
	bring_many("plant", "in/a", 10);
	assert_true(comes(four_are_sent));
	assert_int_equal(change(HOLDING("1", "2"), WAY), 0);
	world.is_settling = true;
	stop_gateway();
	assert_in_range(dk_clock_now_ms() - began, 0, SOON_MS);
}

static void
a_source_that_has_not_begun_is_not_stopped(void **state)
{
	(void)state;
	start(HOLDING("1", "1"), WAY);
	bring_many("plant", "in/a", 10);
	assert_true(comes(four_are_sent));
	assert_int_equal(change(HOLDING("1", "1"),
				WAY "back = { from = \"lake:in/:x\"; to = \"plant:back/$x\"; }; "),
			 0);
	world.is_settling = true;
	stop_gateway();
}

/* --- Where to --- */

/* One that was away. */
static void
let_come(const char *name)
{
	size_t i = 0;

	while (!world.lives[i] || strcmp(world.lives[i]->name, name) != 0)
		assert_true(++i < LIVES);
	world.lives[i]->is_connected = true;
	world.lives[i]->host->up(world.lives[i]->handle);
	dk_flow_turn(world.gateway->flow);
}

static void
a_target_that_comes_in_anothers_place_has_what_waited_for_that(void **state)
{
	static const char away[] = "plant = { plugin = \"holds\"; }; "
				   "lake = { plugin = \"keeps\"; away = true; }; ";
	(void)state;
	start(away, "way = { from = \"plant:in\"; to = ( \"lake:one\", \"lake:two\" ); }; ");
	assert_true(comes(is_quiet));
	bring("plant", "in");
	assert_int_equal(change(away, "way = { from = \"plant:in\"; "
				      "to = ( \"lake:one\", \"lake:three\" ); }; "),
			 0);
	assert_true(comes(is_over));
	let_come("lake");
	assert_string_equal(world.addresses, " one three");
}

#define KEEPING(options)                                                                           \
	"plant = { plugin = \"keeps\"; " options " }; lake = { plugin = \"keeps\"; " options " }; "
#define TO(address)                                                                                \
	"way = { from = \"plant:in\"; to = \"lake:" address "\"; headers = ( \"h: 1\" ); }; "
#define SIDE "side = { from = \"plant:side\"; to = \"lake:side\"; }; "

static void
change_routes(const char *routes)
{
	assert_int_equal(change(HOLDING("1", "1"), routes), 0);
	assert_true(comes(is_over));
}

/* What the sink has while the plan changes is led on by each, also where its route is as it was, or
 * has another number. */
static void
what_a_sink_gives_back_goes_by_the_plan_that_runs(void **state)
{
	(void)state;
	start(HOLDING("1", "1"), TO("one"));
	assert_true(comes(is_quiet));
	bring("plant", "in");
	dk_flow_turn(world.gateway->flow);
	change_routes(SIDE TO("one"));
	change_routes(TO("two") SIDE);
	change_routes(SIDE TO("two"));
	settle(find("lake"), DK_RELEASED);
	assert_true(comes(two_are_sent));
	assert_string_equal(world.addresses, " one,h two,h");
}

/* Its texts are the new plan's, for the old one is freed. */
static void
what_is_as_it_was_is_sent_again_as_it_was(void **state)
{
	(void)state;
	start(KEEPING(""), TO("one"));
	assert_true(comes(is_quiet));
	bring("plant", "in");
	assert_true(comes(one_is_sent));
	assert_int_equal(change(KEEPING("away = true;"), SIDE TO("one")), 0);
	settle(find("lake"), DK_RELEASED);
	assert_true(comes(is_over));
	assert_true(comes(is_quiet));
	assert_true(dk_list_is_empty(&world.gateway->past));
	let_come("lake");
	assert_string_equal(world.addresses, " one,h one,h");
	settle(find("lake"), DK_ACCEPTED);
	assert_int_equal(dk_flow_route_account(world.gateway->flow, 1)->delivered, 1);
}

static void
a_paused_route_that_goes_is_not_counted_any_more(void **state)
{
	(void)state;
	start(HOLDING("1", "1"), SIDE TO("one"));
	assert_true(comes(is_quiet));
	dk_route_pause(world.gateway->flow, 0, true);
	change_routes(TO("one") SIDE);
	assert_true(dk_route_is_paused(world.gateway->flow, 1));
	assert_false(dk_route_is_paused(world.gateway->flow, 0));
	change_routes(TO("one"));
	assert_int_equal(world.gateway->flow->paused_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(what_was_opened_before_one_that_fails_is_closed_again),
		TEST(a_spool_that_does_not_open_changes_nothing),
		TEST(an_end_comes_while_what_was_opened_in_vain_is_closed),
		TEST(what_a_source_has_stored_stays_when_it_goes),
		TEST(what_is_left_is_told_at_the_start),
		TEST(one_that_is_a_source_no_more_leaves_what_it_has_stored),
		TEST(hooks_are_not_called_for_who_is_closed),
		TEST(a_full_spool_of_one_that_goes_asks_nobody),
		TEST(what_ends_with_an_endpoint_is_not_said_to_be_over),
		TEST(a_source_and_its_sink_change_at_once),
		TEST(what_waits_for_a_sink_that_is_away_holds_up_no_change),
		TEST(an_end_does_not_wait_for_a_sink_that_leaves),
		TEST(a_source_that_has_not_begun_is_not_stopped),
		TEST(a_target_that_comes_in_anothers_place_has_what_waited_for_that),
		TEST(what_a_sink_gives_back_goes_by_the_plan_that_runs),
		TEST(what_is_as_it_was_is_sent_again_as_it_was),
		TEST(a_paused_route_that_goes_is_not_counted_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
