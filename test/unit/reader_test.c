/* SPDX-License-Identifier: Apache-2.0
 *
 * reader_test.c - the configuration read again beside the loop: when asked, and when a list has
 * changed; what is faulty or the same goes no further.
 */
#include "test/unit/folder.h"

#include "daemon/base/buffer.h"
#include "daemon/config/lists.h"
#include "daemon/host/reader.h"
#include "daemon/system/complaint.h"
#include "test/unit/plugins.h"

#define SOON_MS 5000 /* what must come */
#define NEVER_MS 500 /* what must not: some looks at a list */

/* --- A reader and what it said --- */

static struct {
	struct folder folder;
	struct dk_loop *loop;
	struct dk_loop_event *timer;
	struct dk_reader *reader;
	struct dk_plan *running, *read;
	size_t answers;
	char changes[512]; /* of the last one */
} world;

static void
take(void *context, const struct dk_reader_answer *answer)
{
	dk_difference_free(answer->difference);
	(void)context;
	world.answers++;
	snprintf(world.changes, sizeof(world.changes), "%s", answer->changes ? answer->changes : "");
	world.read = answer->plan;
	dk_loop_stop(world.loop);
}

static void
hear_timer(void *context)
{
	(void)context;
	dk_loop_stop(world.loop);
}

static void
do_nothing(void *context)
{
	(void)context;
}

/* Whether there was an answer in that time. Then what runs is what was read, or the same as before. */
static bool
has_answer(int64_t within_ms)
{
	size_t before = world.answers;

	dk_loop_timer_set(world.timer, within_ms);
	dk_loop_run(world.loop, do_nothing, NULL);
	dk_loop_timer_set(world.timer, -1);
	return world.answers > before;
}

/* *Takes* what was read, and goes on with it. False: it was nothing. */
static bool
go_on(void)
{
	bool is_new = world.read != NULL;

	if (is_new) {
		dk_plan_free(world.running);
		world.running = world.read;
	}
	world.read = NULL;
	dk_reader_watch(world.reader, world.running);
	return is_new;
}

static void
write_configuration(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "lists = { l = { file = \"list.json\"; refresh = \"100ms\"; }; };\n%s", more);
	file_write(&world.folder, "conf", dk_slice_of(text));
}

/* In the place of the old one, never half of it. */
static void
write_list(const char *text)
{
	char path[512];

	file_write(&world.folder, "new", dk_slice_of(text));
	snprintf(path, sizeof(path), "%s", folder_file(&world.folder, "new"));
	assert_int_equal(rename(path, folder_file(&world.folder, "list.json")), 0);
}

static int
give_a(const struct dk_request *request, struct dk_buffer *answer, struct dk_error *error)
{
	(void)request, (void)error;
	dk_buffer_add_text(answer, "[ \"a\" ]");
	return 0;
}

static int
begin(void **state)
{
	static const struct dk_plugin_finder finder = { .find = fake_find, .fetch = give_a,
							.keeps_lists = true };
	static char path[512];
	static const struct dk_plan_reading reading = { .path = path, .finder = &finder };
	struct dk_reader_options options = { .reading = &reading,
					     .is_strict = *state != NULL, .read = take };
	struct dk_faults *faults = dk_faults_new();

	folder_make(&world.folder);
	snprintf(path, sizeof(path), "%s", folder_file(&world.folder, "conf"));
	write_configuration("");
	write_list("[ \"a\" ]");
	world.running = dk_plan_read(&reading, faults);
	assert_non_null(world.running);
	dk_faults_free(faults);
	options.loop = world.loop = dk_loop_new(NULL);
	world.timer = dk_loop_timer(world.loop, hear_timer, NULL);
	world.reader = dk_reader_new(&options);
	dk_reader_watch(world.reader, world.running);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dk_reader_free(world.reader);
	dk_loop_event_free(world.timer);
	dk_loop_free(world.loop);
	dk_plan_free(world.running);
	dk_plan_free(world.read);
	dk_complaints_forget();
	folder_remove(&world.folder);
	memset(&world, 0, sizeof(world));
	return 0;
}

/* --- When asked --- */

static void
what_is_the_same_changes_nothing(void **state)
{
	(void)state;
	dk_reader_ask(world.reader);
	assert_true(has_answer(SOON_MS));
	assert_false(go_on());
	assert_false(has_answer(NEVER_MS));
}

/* The address was opened at the start. */
static void
what_wants_a_restart_is_said(void **state)
{
	(void)state;
	write_configuration("http = { listen = \"127.0.0.1:9468\"; };");
	dk_reader_ask(world.reader);
	assert_true(has_answer(SOON_MS));
	assert_string_equal(world.changes,
			    "! http.listen is read at the start alone: a restart takes it over\n");
	assert_true(go_on());
}

static void
what_is_faulty_changes_nothing_until_it_is_mended(void **state)
{
	(void)state;
	write_configuration("drane = 5;");
	dk_reader_ask(world.reader);
	assert_true(has_answer(SOON_MS));
	assert_false(go_on());
	write_configuration("drain = \"5s\";");
	dk_reader_ask(world.reader);
	assert_true(has_answer(SOON_MS));
	assert_true(go_on());
	assert_int_equal(world.running->settings.drain_ms, 5000);
}

static void
what_is_asked_while_it_rests_is_read_later(void **state)
{
	(void)state;
	dk_reader_ask(world.reader);
	assert_true(has_answer(SOON_MS));
	write_configuration("drain = \"5s\";");
	dk_reader_ask(world.reader);
	assert_false(has_answer(NEVER_MS));
	assert_false(go_on());
	assert_true(has_answer(SOON_MS));
	assert_true(go_on());
}

/* Of a list whose copy cannot be kept. */
static void
ask_with_a_warning(void)
{
	file_write(&world.folder, "conf",
		   DK_SLICE("state = \"/dev/null\";\n"
			    "lists = { l = { url = \"http://h/x\"; refresh = \"1h\"; }; };\n"));
	dk_reader_ask(world.reader);
	assert_true(has_answer(SOON_MS));
}

static void
a_warning_keeps_no_plan_back(void **state)
{
	(void)state;
	ask_with_a_warning();
	assert_true(go_on());
}

static void
a_warning_is_an_error_where_that_is_asked_for(void **state)
{
	(void)state;
	ask_with_a_warning();
	assert_false(go_on());
}

/* --- When a list has changed --- */

static void
a_list_that_has_changed_is_read_again(void **state)
{
	(void)state;
	assert_false(has_answer(NEVER_MS));
	write_list("[ \"a\", \"b\" ]");
	assert_true(has_answer(SOON_MS));
	assert_true(go_on());
	assert_int_equal(world.running->lists->lists[0].count, 2);
	assert_false(has_answer(NEVER_MS));
	write_list("[ ]");
	assert_true(has_answer(SOON_MS));
	assert_true(go_on());
	assert_int_equal(world.running->lists->lists[0].count, 0);
}

static void
a_list_of_the_same_items_is_read_once(void **state)
{
	(void)state;
	write_list("[    \"a\"    ]");
	assert_true(has_answer(SOON_MS));
	assert_false(go_on());
	assert_false(has_answer(NEVER_MS));
	write_list("[    \"a\"    ");
	assert_false(has_answer(NEVER_MS));
}

static void
a_list_that_is_bad_or_away_changes_nothing(void **state)
{
	(void)state;
	write_list("[ \"a\", \"a\" ]");
	assert_false(has_answer(NEVER_MS));
	unlink(folder_file(&world.folder, "list.json"));
	assert_false(has_answer(NEVER_MS));
	write_list("[ \"a\" ]");
	assert_false(has_answer(NEVER_MS));
	write_list("[ \"b\" ]");
	assert_true(has_answer(SOON_MS));
	assert_true(go_on());
}

/* What could not be used when the list changed is tried again with each look. */
static void
a_change_that_met_a_faulty_file_is_not_forgotten(void **state)
{
	(void)state;
	write_configuration("drane = 5;");
	write_list("[ \"b\" ]");
	assert_true(has_answer(SOON_MS));
	assert_false(go_on());
	assert_true(has_answer(SOON_MS));
	assert_false(go_on());
	write_configuration("");
	while (has_answer(NEVER_MS) && !go_on())
		;
	assert_string_equal(world.running->lists->lists[0].items[0].name, "b");
}

/* A leak, which AddressSanitizer sees, is what could go wrong. */
static void
it_ends_with_an_answer_that_nobody_took(void **state)
{
	(void)state;
	write_list("[ \"b\" ]");
	usleep(NEVER_MS * 1000);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	static const struct CMUnitTest tests[] = {
		TEST(what_is_the_same_changes_nothing),
		TEST(what_wants_a_restart_is_said),
		TEST(what_is_faulty_changes_nothing_until_it_is_mended),
		TEST(what_is_asked_while_it_rests_is_read_later),
		TEST(a_warning_keeps_no_plan_back),
		cmocka_unit_test_prestate_setup_teardown(
			a_warning_is_an_error_where_that_is_asked_for, begin, end, &world),
		TEST(a_list_that_has_changed_is_read_again),
		TEST(a_list_of_the_same_items_is_read_once),
		TEST(a_list_that_is_bad_or_away_changes_nothing),
		TEST(a_change_that_met_a_faulty_file_is_not_forgotten),
		TEST(it_ends_with_an_answer_that_nobody_took),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
