/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_test.c - diolkosctl, the program, in front of a daemon that begins anew or goes away.
 */
#include "test/unit/caller.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "daemon/system/http.h"

extern char **environ;

static struct {
	struct folder folder;
	struct dk_loop *loop;
	struct dk_http *http;
	char path[128];
	const char *status; /* what is answered to /v1/status; NULL: the daemon goes away first */
	bool is_gone;
	const char *posted; /* what is answered to an order; NULL: to that of a reload */
	size_t address; /* the length of what was to be explained */
} world;

/* --- The daemon --- */

static void
answer(void *context, struct dk_http_call *call)
{
	const char *address = dk_http_parameter(call, "address");
	struct dk_buffer body = { 0 };

	(void)context;
	world.address = address ? strlen(address) : 0;
	if (world.posted) {
		dk_buffer_add_text(&body, world.posted);
	} else if (strcmp(dk_http_method(call), "POST") == 0) {
		dk_buffer_add_text(&body, "{ \"count_before\": 3, \"since_ms\": 1, \"pid\": 1 }");
		world.is_gone = !world.status;
	} else {
		dk_buffer_add_text(&body, world.status ? world.status : "");
	}
	dk_http_answer(call, 200, "application/json", &body);
}

struct running {
	pid_t process;
	struct caller caller;
	int status;
};

static void
turn(void *context)
{
	struct running *running = context;
	bool is_over = waitpid(running->process, &running->status, WNOHANG) == running->process;

	if (world.is_gone)
		unlink(world.path);
	if (is_over || dk_clock_now_ms() >= running->caller.until)
		dk_loop_stop(world.loop);
}

/* The exit status, -1 when it did not end in five seconds; what it said is in the file "said",
 * what it showed in "shown". */
static int
run_ctl(const char *command, const char *argument)
{
	char program[512], said[512], shown[512];
	char *words[] = {
		program, (char *)"-s", world.path, (char *)command, (char *)argument, NULL
	};
	struct running running = { .caller = { .loop = world.loop,
					       .until = dk_clock_now_ms() + 5000 } };
	posix_spawn_file_actions_t actions;
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 32);

	assert_true(length > 0);
	program[length] = '\0';
	strcpy(strrchr(program, '/'), "/../diolkosctl");
	strcpy(said, folder_file(&world.folder, "said"));
	strcpy(shown, folder_file(&world.folder, "shown"));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, shown, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_addopen(&actions, 2, said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(posix_spawn(&running.process, program, &actions, NULL, words, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	running.caller.tick = dk_loop_timer(world.loop, caller_due, &running.caller);
	dk_loop_timer_set(running.caller.tick, 5);
	dk_loop_run(world.loop, turn, &running);
	dk_loop_event_free(running.caller.tick);
	if (!WIFEXITED(running.status) || dk_clock_now_ms() >= running.caller.until) {
		kill(running.process, SIGKILL);
		waitpid(running.process, NULL, 0);
		return -1;
	}
	return WEXITSTATUS(running.status);
}

/* One line, with these words. */
static void
assert_said(const char *wanted)
{
	size_t length;
	char *said = file_read(&world.folder, "said", &length);

	said[length] = '\0';
	if (!strstr(said, wanted))
		fail_msg("no \"%s\" in: %s", wanted, said);
	assert_ptr_equal(strchr(said, '\n'), said + length - 1);
	free(said);
}

/* --- Tests --- */

static void
a_daemon_that_begins_anew_ends_the_wait_for_a_reload(void **state)
{
	(void)state;
	world.status = "{ \"since_ms\": 2, \"pid\": 1, \"reload\": null }";
	assert_int_equal(run_ctl("reload", NULL), EX_TEMPFAIL);
	assert_said("began anew");
}

/* It may have read its configuration as often as the one before. */
static void
another_daemon_that_has_reloaded_too_is_another(void **state)
{
	(void)state;
	world.status = "{ \"since_ms\": 1, \"pid\": 2, \"reload\": { \"count\": 4, \"good\": true } }";
	assert_int_equal(run_ctl("reload", NULL), EX_TEMPFAIL);
	assert_said("began anew");
}

static void
a_reload_that_was_good_is_told(void **state)
{
	(void)state;
	world.status = "{ \"since_ms\": 1, \"pid\": 1, \"reload\": { \"count\": 4, "
		       "\"good\": true, \"said\": \"line 7: odd\\n\" } }";
	assert_int_equal(run_ctl("reload", NULL), EX_OK);
	assert_said("line 7: odd");
}

static void
a_daemon_that_goes_away_ends_the_wait_for_a_reload(void **state)
{
	(void)state;
	world.status = NULL;
	assert_int_equal(run_ctl("reload", NULL), EX_UNAVAILABLE);
	assert_said("does not answer");
}

static void
a_long_address_is_explained_as_a_whole(void **state)
{
	char address[6001];

	(void)state;
	world.status = "as text\n";
	memset(address, 'a', sizeof(address) - 1);
	address[sizeof(address) - 1] = '\0';
	assert_int_equal(run_ctl("explain", address), EX_OK);
	assert_int_equal(world.address, sizeof(address) - 1);
}

static void
what_is_written_wrong_is_one_line_with_what_was_meant(void **state)
{
	static const struct {
		const char *command, *argument, *said;
	} rows[] = {
		{ "sttus", NULL, "there is no command sttus; status?" },
		{ "bogus", NULL, "there is no command bogus; diolkosctl --help?" },
		{ "tap", "--evry=3", "there is no option --evry=3; --every?" },
		{ "tap", "--count", "--count wants a value" },
		{ "explain", NULL, "explain takes ENDPOINT:ADDRESS" },
		{ "status", "more", "status takes no argument" },
		{ "drain", "--timeout=5x", "--timeout 5x; a number from 0 to 86400?" },
		{ "drain", "-t-1", "--timeout -1; a number from 0 to 86400?" },
		{ "tap", "--count=0", "--count 0; a number from 1 to 1000000?" },
		{ "tap", "--bytes=65537", "--bytes 65537; a number from 0 to 65536?" },
		{ "dead", "show", "dead show; list, show NUMBER, or drop" },
		{ "dead", "drop", "which letters? dead drop NUMBER, --route ROUTE or --all" },
		{ "dead", "replay", "which letters? dead replay NUMBER, --route ROUTE or --all" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(run_ctl(rows[i].command, rows[i].argument), EX_USAGE);
		assert_said(rows[i].said);
	}
}

static void
who_is_silent_is_said_with_what_to_look_at(void **state)
{
	(void)state;
	assert_int_equal(run_ctl("--instance=nosuch", "status"), EX_UNAVAILABLE);
	assert_said("/run/diolkos-nosuch/control does not answer: there is no such socket; does "
		    "diolkosd run (systemctl status diolkos@nosuch)?");
}

static void
what_is_not_well_is_part_of_the_status(void **state)
{
	size_t length;
	char *shown;

	(void)state;
	world.status = "{ \"version\": \"1\", \"reasons\": [ \"the disk is full\" ] }";
	assert_int_equal(run_ctl("status", NULL), EX_OK);
	shown = file_read(&world.folder, "shown", &length);
	shown[length] = '\0';
	assert_non_null(strstr(shown, "\nnot well: the disk is full\n"));
	free(shown);
}

/* Exit statuses of what was sent, by what is answered. */
static void
what_was_sent_ends_as_its_deliveries_did(void **state)
{
	static const struct {
		const char *status;
		int wanted;
	} rows[] = {
		{ "{ \"state\": \"settled\", \"deliveries\": [ { \"outcome\": \"accepted\" } ] }",
		  EX_OK },
		{ "{ \"state\": \"settled\", \"deliveries\": [ { \"outcome\": \"rejected\" } ] }",
		  EX_DATAERR },
		{ "{ \"state\": \"waiting\", \"deliveries\": [ { \"outcome\": \"waiting\" } ] }",
		  EX_TEMPFAIL },
		{ "{ \"state\": \"ended\", \"deliveries\": [] }", EX_TEMPFAIL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world.posted = rows[i].status;
		assert_int_equal(run_ctl("send", "a:b"), rows[i].wanted);
	}
}

static int
begin(void **state)
{
	(void)state;
	folder_make(&world.folder);
	snprintf(world.path, sizeof(world.path), "%s/control", world.folder.path);
	world.loop = dk_loop_new(NULL);
	world.http = dk_http_new(world.loop, answer, NULL);
	world.is_gone = false;
	world.posted = NULL;
	return dk_http_listen_path(world.http, world.path, NULL);
}

static int
end(void **state)
{
	(void)state;
	dk_http_free(world.http);
	dk_loop_free(world.loop);
	folder_remove(&world.folder);
	return 0;
}

#define RUNNING(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		RUNNING(a_daemon_that_begins_anew_ends_the_wait_for_a_reload),
		RUNNING(another_daemon_that_has_reloaded_too_is_another),
		RUNNING(a_reload_that_was_good_is_told),
		RUNNING(what_is_written_wrong_is_one_line_with_what_was_meant),
		RUNNING(who_is_silent_is_said_with_what_to_look_at),
		RUNNING(what_is_not_well_is_part_of_the_status),
		RUNNING(what_was_sent_ends_as_its_deliveries_did),
		RUNNING(a_daemon_that_goes_away_ends_the_wait_for_a_reload),
		RUNNING(a_long_address_is_explained_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
