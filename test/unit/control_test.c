/* SPDX-License-Identifier: Apache-2.0
 *
 * control_test.c - the running daemon is asked and told, by a client that means it ill: a carrier
 * of this test's own stands behind it.
 */
#include "test/unit/caller.h"

#include "daemon/surface/control.h"
#include "daemon/system/log.h"

static struct {
	struct folder folder;
	struct dk_loop *loop;
	struct dk_control *control;
	struct dk_plan plan;
	struct dk_reload reload;
	unsigned reloads;
	struct dk_standing *standing;
	bool is_between; /* two gateways */
	char path[128];
	struct caller caller;
} world;

/* --- The carrier --- */

/* Of a plan without endpoints nothing is looked for in the gateway. */
const struct dk_gateway *
dk_carrier_gateway(const struct dk_carrier *carrier)
{
	return world.is_between ? NULL : (const struct dk_gateway *)(const void *)carrier;
}

const struct dk_plan *
dk_carrier_plan(const struct dk_carrier *carrier)
{
	(void)carrier;
	return &world.plan;
}

void
dk_carrier_reload(struct dk_carrier *carrier)
{
	(void)carrier;
	world.reloads++;
}

struct dk_reload
dk_carrier_last_reload(const struct dk_carrier *carrier)
{
	(void)carrier;
	return world.reload;
}

struct dk_standing *
dk_carrier_standing(const struct dk_carrier *carrier)
{
	(void)carrier;
	return world.standing;
}

int
dk_carrier_resend(struct dk_carrier *carrier, const struct dk_resend_options *options,
		  struct dk_error *error)
{
	(void)carrier, (void)options;
	strcpy(error->text, "nothing is carried here");
	return -1;
}

uint64_t
dk_carrier_inject(struct dk_carrier *carrier, size_t endpoint, const struct dk_message *message,
		  const struct dk_injected *injected, struct dk_error *error)
{
	(void)carrier, (void)endpoint, (void)message, (void)injected;
	strcpy(error->text, "nothing is carried here");
	return 0;
}

static int
ask(const char *line)
{
	return caller_ask(&world.caller, world.loop, world.path, line);
}

static void
assert_told(const char *wanted)
{
	if (!strstr(world.caller.reply, wanted))
		fail_msg("no %s in: %s", wanted, world.caller.reply);
}

/* --- Tests --- */

static void
an_address_that_is_no_utf8_is_an_error_and_no_end(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /v1/explain?address=%FF"), 400);
	assert_told("\"error\": \"");
	assert_told("\xef\xbf\xbd");
	assert_int_equal(ask("GET /v1/status"), 200);
}

/* Errors have an end, which may fall within a character. */
static void
an_error_that_is_cut_within_a_character_is_told(void **state)
{
	char line[4096] = "GET /v1/explain?address=";

	(void)state;
	for (int shift = 0; shift < 3; shift++) {
		strcat(line, "x");
		for (int i = 0; i < 300; i++)
			strcat(line, "%E2%82%AC");
		assert_int_equal(ask(line), 400);
		assert_told("\"error\": \"");
		line[strlen("GET /v1/explain?address=") + (size_t)shift + 1] = '\0';
	}
}

static void
what_a_reload_said_in_another_encoding_is_told(void **state)
{
	(void)state;
	world.reload.count = 1;
	world.reload.changes = "";
	world.reload.text = "caf\xe9: which caf\xc3\xa9?\n";
	assert_int_equal(ask("GET /v1/status"), 200);
	assert_told("caf\xef\xbf\xbd: which caf\xc3\xa9?\\n");
	world.reload.text = "";
	world.reload.count = 0;
}

static void
only_post_reloads(void **state)
{
	(void)state;
	assert_int_equal(ask("HEAD /v1/reload"), 405);
	assert_int_equal(ask("GET /v1/reload"), 405);
	assert_int_equal(world.reloads, 0);
	assert_int_equal(ask("POST /v1/reload"), 202);
	assert_int_equal(world.reloads, 1);
	assert_int_equal(ask("HEAD /v1/status"), 200);
}

/* Before any reload there is none to tell of. */
static void
the_status_says_who_it_is_and_since_when(void **state)
{
	char pid[64];

	(void)state;
	assert_int_equal(ask("GET /v1/status"), 200);
	snprintf(pid, sizeof(pid), "\"pid\": %d,", (int)getpid());
	assert_told(pid);
	assert_told("\"since\": \"20");
	assert_told("\"reload\": null");
	world.reload.count = 2;
	assert_int_equal(ask("GET /v1/status"), 200);
	assert_told("\"count\": 2");
	world.reload.count = 0;
}

/* --- What it is told, with two routes and two endpoints --- */

static struct dk_route routes[] = { { .name = "words" }, { .name = "both", .number = 1 } };
static struct dk_endpoint_plan endpoints[] = { { .name = "plant" }, { .name = "both" } };

static int
begin_named(void **state)
{
	(void)state;
	world.is_between = true;
	world.plan.routes = routes;
	world.plan.route_count = 2;
	world.plan.endpoints = endpoints;
	world.plan.endpoint_count = 2;
	return 0;
}

static int
end_named(void **state)
{
	(void)state;
	dk_standing_resume_all(world.standing);
	world.is_between = false;
	world.plan.route_count = world.plan.endpoint_count = 0;
	return 0;
}

static void
names_are_paused_and_resumed_together_or_not_at_all(void **state)
{
	(void)state;
	assert_int_equal(ask("POST /v1/pause?name=words&name=plant"), 200);
	assert_true(dk_standing_has(world.standing, DK_PAUSABLE_ROUTE, "words"));
	assert_true(dk_standing_has(world.standing, DK_PAUSABLE_ENDPOINT, "plant"));
	assert_told("\"words\"");
	assert_int_equal(ask("POST /v1/resume?route=words&route=wrds"), 404);
	assert_told("there is no route \\\"wrds\\\"; \\\"words\\\"?");
	assert_true(dk_standing_has(world.standing, DK_PAUSABLE_ROUTE, "words"));
	assert_int_equal(ask("POST /v1/resume?route=words"), 200);
	assert_false(dk_standing_has(world.standing, DK_PAUSABLE_ROUTE, "words"));
	assert_true(dk_standing_has(world.standing, DK_PAUSABLE_ENDPOINT, "plant"));
	assert_int_equal(ask("POST /v1/resume"), 200);
	assert_false(dk_standing_has(world.standing, DK_PAUSABLE_ENDPOINT, "plant"));
}

static void
a_name_of_two_kinds_is_asked_back(void **state)
{
	(void)state;
	assert_int_equal(ask("POST /v1/pause?name=both"), 404);
	assert_told("is a route and an endpoint; route=both or endpoint=both?");
	assert_int_equal(ask("POST /v1/pause?endpoint=both"), 200);
	assert_false(dk_standing_has(world.standing, DK_PAUSABLE_ROUTE, "both"));
	assert_true(dk_standing_has(world.standing, DK_PAUSABLE_ENDPOINT, "both"));
	assert_int_equal(ask("POST /v1/pause"), 400);
	assert_int_equal(ask("GET /v1/pause?name=plant"), 405);
}

/* A reload may have taken it away while it was paused. */
static void
what_is_gone_can_be_resumed(void **state)
{
	(void)state;
	assert_int_equal(ask("POST /v1/pause?route=words"), 200);
	world.plan.route_count = 0;
	assert_int_equal(ask("POST /v1/pause?route=words"), 404);
	assert_int_equal(ask("POST /v1/resume?route=words"), 200);
	assert_null(dk_standing_name(world.standing, DK_PAUSABLE_ROUTE, 0));
}

static void
a_drain_lasts_until_all_is_resumed(void **state)
{
	(void)state;
	assert_int_equal(ask("POST /v1/drain"), 200);
	assert_told("\"sources\": true");
	assert_int_equal(ask("POST /v1/resume?endpoint=plant"), 200);
	assert_told("\"sources\": true");
	assert_int_equal(ask("POST /v1/resume"), 200);
	assert_told("\"sources\": false");
}

static void
the_level_of_the_log_is_told_and_changed(void **state)
{
	(void)state;
	assert_int_equal(ask("POST /v1/log?level=debug"), 200);
	assert_int_equal(dk_log_level(), DK_DEBUG);
	assert_int_equal(ask("GET /v1/log"), 200);
	assert_told("\"level\": \"debug\"");
	assert_int_equal(ask("POST /v1/log?level=loud"), 400);
	assert_int_equal(ask("POST /v1/log"), 400);
	assert_int_equal(ask("POST /v1/log?level=info"), 200);
}

static void
numbers_and_headers_that_are_none_are_told(void **state)
{
	static const char *const lines[] = {
		"GET /v1/tap",
		"GET /v1/tap?route=words&every=0",
		"GET /v1/tap?route=words&every=1x",
		"GET /v1/tap?route=words&every=",
		"GET /v1/tap?route=words&payload=65537",
		"GET /v1/explain?address=plant:x&header=odd",
		"GET /v1/explain?address=plant:x&header=:odd",
		"POST /v1/send",
		"POST /v1/send?address=plant",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(ask(lines[i]), 400);
	assert_int_equal(ask("GET /v1/tap?route=wrods"), 404);
	assert_told("words");
	assert_int_equal(ask("HEAD /v1/tap?route=words"), 200);
}

/* --- Who looks on --- */

static int
open_tap(void)
{
	int fd = caller_connect(world.path);

	dprintf(fd, "GET /v1/tap?route=words HTTP/1.1\r\nHost: diolkos\r\n\r\n");
	caller_hear(&world.caller, world.loop, fd, 100);
	return fd;
}

static void
four_taps_and_no_more(void **state)
{
	int taps[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		taps[i] = open_tap();
		assert_told("HTTP/1.1 200");
	}
	assert_int_equal(ask("GET /v1/tap?route=words"), 503);
	for (int i = 0; i < 4; i++)
		close(taps[i]);
	caller_hear(&world.caller, world.loop, -1, 100);
	close(open_tap());
	assert_told("HTTP/1.1 200");
	caller_hear(&world.caller, world.loop, -1, 100);
}

static void
a_tap_ends_with_its_route(void **state)
{
	int tap = open_tap();

	(void)state;
	world.plan.route_count = 0;
	caller_hear(&world.caller, world.loop, tap, 3000);
	close(tap);
	assert_true(world.caller.is_ended);
	assert_told("{\"ended\":\"the route is gone\"}\n");
}

/* --- Life --- */

static void
open_control(void)
{
	world.control = dk_control_open((struct dk_carrier *)(void *)&world, world.loop);
}

static int
begin(void **state)
{
	(void)state;
	folder_make(&world.folder);
	snprintf(world.path, sizeof(world.path), "%s/control", world.folder.path);
	world.plan.settings.state = world.folder.path;
	world.reload.text = "";
	world.standing = dk_standing_new();
	world.loop = dk_loop_new(NULL);
	open_control();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dk_control_close(world.control);
	dk_standing_free(world.standing);
	dk_loop_free(world.loop);
	folder_remove(&world.folder);
	return 0;
}

/* systemd.exec(5): with several of RuntimeDirectory=, their paths are parted by colons. */
static void
the_first_of_several_runtime_folders_has_the_socket(void **state)
{
	char folders[256];

	(void)state;
	dk_control_close(world.control);
	assert_int_equal(access(world.path, F_OK), -1);
	snprintf(folders, sizeof(folders), "%s:/nowhere", world.folder.path);
	setenv("RUNTIME_DIRECTORY", folders, 1);
	world.plan.settings.state = "/nowhere";
	open_control();
	unsetenv("RUNTIME_DIRECTORY");
	assert_int_equal(ask("GET /v1/status"), 200);
}

#define NAMED(test) cmocka_unit_test_setup_teardown(test, begin_named, end_named)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_that_is_no_utf8_is_an_error_and_no_end),
		cmocka_unit_test(an_error_that_is_cut_within_a_character_is_told),
		cmocka_unit_test(what_a_reload_said_in_another_encoding_is_told),
		cmocka_unit_test(only_post_reloads),
		cmocka_unit_test(the_status_says_who_it_is_and_since_when),
		NAMED(names_are_paused_and_resumed_together_or_not_at_all),
		NAMED(a_name_of_two_kinds_is_asked_back),
		NAMED(what_is_gone_can_be_resumed),
		NAMED(a_drain_lasts_until_all_is_resumed),
		NAMED(the_level_of_the_log_is_told_and_changed),
		NAMED(numbers_and_headers_that_are_none_are_told),
		NAMED(four_taps_and_no_more),
		NAMED(a_tap_ends_with_its_route),
		cmocka_unit_test(the_first_of_several_runtime_folders_has_the_socket),
	};

	unsetenv("RUNTIME_DIRECTORY");
	return cmocka_run_group_tests(tests, begin, end);
}
