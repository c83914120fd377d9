/* SPDX-License-Identifier: Apache-2.0
 *
 * control_test.c - the running daemon is asked and told, by a client that means it ill: a carrier
 * of this test's own stands behind it.
 */
#include "test/unit/caller.h"

#include "daemon/surface/control.h"

static struct {
	struct folder folder;
	struct dk_loop *loop;
	struct dk_control *control;
	struct dk_plan plan;
	struct dk_reload reload;
	unsigned reloads;
	char path[128];
	struct caller caller;
} world;

/* --- The carrier --- */

/* Of a plan without endpoints nothing is looked for in the gateway. */
const struct dk_gateway *
dk_carrier_gateway(const struct dk_carrier *carrier)
{
	return (const struct dk_gateway *)(const void *)carrier;
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
	world.reload.text = "caf\xe9: which caf\xc3\xa9?\n";
	assert_int_equal(ask("GET /v1/status"), 200);
	assert_told("caf\xef\xbf\xbd: which caf\xc3\xa9?\\n");
	world.reload.text = "";
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
	world.loop = dk_loop_new(NULL);
	open_control();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dk_control_close(world.control);
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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_that_is_no_utf8_is_an_error_and_no_end),
		cmocka_unit_test(an_error_that_is_cut_within_a_character_is_told),
		cmocka_unit_test(what_a_reload_said_in_another_encoding_is_told),
		cmocka_unit_test(only_post_reloads),
		cmocka_unit_test(the_first_of_several_runtime_folders_has_the_socket),
	};

	unsetenv("RUNTIME_DIRECTORY");
	return cmocka_run_group_tests(tests, begin, end);
}
