/* SPDX-License-Identifier: Apache-2.0
 *
 * log_test.c - a line in each of its forms, as who reads it finds it: on standard error, in JSON,
 * in the journal, of which the test is the library's other end.
 */
#include "test/unit/folder.h"

#include <fcntl.h>
#include <jansson.h>
#include <sys/uio.h>

#include "daemon/system/log.h"

/* --- The journal --- */

static struct {
	struct folder folder;
	bool is_there, takes;
	char fields[16][8192];
	int count;
} world;

int __wrap_access(const char *path, int mode);
int __real_access(const char *path, int mode);
int __wrap_sd_journal_sendv(const struct iovec *pieces, int count);

int
__wrap_access(const char *path, int mode)
{
	if (strcmp(path, "/run/systemd/journal/socket") == 0)
		return world.is_there ? 0 : -1;
	return __real_access(path, mode);
}

int
__wrap_sd_journal_sendv(const struct iovec *pieces, int count)
{
	if (!world.takes)
		return -90;
	world.count = count;
	for (int i = 0; i < count && i < (int)ROWS(world.fields); i++)
		snprintf(world.fields[i], sizeof(world.fields[i]), "%.*s", (int)pieces[i].iov_len,
			 (const char *)pieces[i].iov_base);
	return 0;
}

/* --- Standard error --- */

/* What is written while `log` runs; to be freed. */
static char *
written(void (*log)(void))
{
	char *bytes, *text;
	size_t length;
	int kept = dup(STDERR_FILENO);
	int file = open(folder_file(&world.folder, "log"), O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_true(kept >= 0 && file >= 0);
	dup2(file, STDERR_FILENO);
	log();
	dup2(kept, STDERR_FILENO);
	close(file);
	close(kept);
	bytes = file_read(&world.folder, "log", &length);
	text = strndup(bytes, length);
	free(bytes);
	return text;
}

static void
log_two(void)
{
	dk_log(DK_WARNING, "plant", "disconnected",
	       DK_FIELDS(DK_FIELD_TEXT("why", "it's \"lost\"\n"), DK_FIELD_NUMBER("times", -3)));
	dk_log(DK_DEBUG, NULL, "looked", NULL);
}

/* The time is another each time. */
static void
assert_line(const char *text, const char *wanted)
{
	assert_true(strlen(text) > 25 && text[23] == 'Z');
	assert_string_equal(text + 25, wanted);
}

#define LINE "warning plant disconnected why=\"it's \\\"lost\\\"\\x0a\" times=-3\n"

static void
text_is_one_line_whatever_is_in_it(void **state)
{
	char *text;

	(void)state;
	dk_log_set_form(DK_LOG_TEXT);
	text = written(log_two);
	assert_line(text, LINE);
	free(text);
}

static void
a_level_is_what_is_logged_and_what_is_graver(void **state)
{
	char *text;

	(void)state;
	dk_log_set_form(DK_LOG_TEXT);
	assert_int_equal(dk_log_level(), DK_INFO);
	dk_log_set_level(DK_DEBUG);
	assert_int_equal(*dk_log_level_place(), DK_DEBUG);
	text = written(log_two);
	assert_non_null(strstr(text, " debug diolkosd looked\n"));
	free(text);
	dk_log_set_level(DK_ERROR);
	text = written(log_two);
	assert_string_equal(text, "");
	free(text);
	dk_log_set_level(DK_INFO);
}

static void
json_has_each_part_by_its_name(void **state)
{
	char *text;
	json_t *json;

	(void)state;
	dk_log_set_form(DK_LOG_JSON);
	text = written(log_two);
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	assert_int_equal(strlen(json_string_value(json_object_get(json, "timestamp"))), 24);
	json_object_del(json, "timestamp");
	free(text);
	text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text,
			    "{\"event\":\"disconnected\",\"fields\":{\"times\":-3,"
			    "\"why\":\"it's \\\"lost\\\"\\n\"},\"level\":\"warning\",\"message\":"
			    "\"warning plant disconnected why=\\\"it's \\\\\\\"lost\\\\\\\""
			    "\\\\x0a\\\" times=-3\","
			    "\"who\":\"plant\"}");
	free(text);
	json_decref(json);
}

static void
the_journal_is_given_fields(void **state)
{
	char *text;

	(void)state;
	dk_log_set_form(DK_LOG_JOURNAL);
	world.is_there = world.takes = true;
	text = written(log_two);
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(world.count, 7);
	assert_string_equal(world.fields[0], "MESSAGE=warning plant disconnected why=\"it's "
					     "\\\"lost\\\"\\x0a\" times=-3");
	assert_string_equal(world.fields[1], "PRIORITY=4");
	assert_string_equal(world.fields[2], "SYSLOG_IDENTIFIER=diolkosd");
	assert_string_equal(world.fields[3], "DIOLKOS_WHO=plant");
	assert_string_equal(world.fields[4], "DIOLKOS_EVENT=disconnected");
	assert_string_equal(world.fields[5], "DIOLKOS_WHY=it's \"lost\"\n");
	assert_string_equal(world.fields[6], "DIOLKOS_TIMES=-3");
}

static void
what_the_journal_does_not_take_is_text(void **state)
{
	(void)state;
	dk_log_set_form(DK_LOG_JOURNAL);
	for (int is_there = 0; is_there < 2; is_there++) {
		char *text;

		world.is_there = is_there;
		world.takes = !is_there;
		text = written(log_two);
		assert_line(text, LINE);
		free(text);
	}
}

static void
log_much(void)
{
	struct dk_field fields[40] = { { .name = NULL } };
	static char value[2000];

	memset(value, 'x', sizeof(value) - 1);
	for (size_t i = 0; i < ROWS(fields) - 1; i++)
		fields[i] = (struct dk_field){ "a.b-Z9", value, 0 };
	dk_log(DK_INFO, "who", "event", fields);
}

static void
the_journal_takes_no_more_than_there_is_room_for(void **state)
{
	char *text;

	(void)state;
	dk_log_set_form(DK_LOG_JOURNAL);
	world.is_there = world.takes = true;
	text = written(log_much);
	free(text);
	assert_true(world.count > 8 && world.count < 40);
	assert_memory_equal(world.fields[5], "DIOLKOS_A_B_Z9=xxx", 18);
}

static void
no_journal_is_thought_of_where_standard_error_is_none(void **state)
{
	char *text;

	(void)state;
	world.is_there = world.takes = true;
	setenv("JOURNAL_STREAM", "1:1", 1);
	dk_log_set_form(DK_LOG_AUTO);
	text = written(log_two);
	assert_line(text, LINE);
	free(text);
}

static int
begin(void **state)
{
	(void)state;
	folder_make(&world.folder);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	folder_remove(&world.folder);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_one_line_whatever_is_in_it),
		cmocka_unit_test(a_level_is_what_is_logged_and_what_is_graver),
		cmocka_unit_test(json_has_each_part_by_its_name),
		cmocka_unit_test(the_journal_is_given_fields),
		cmocka_unit_test(what_the_journal_does_not_take_is_text),
		cmocka_unit_test(the_journal_takes_no_more_than_there_is_room_for),
		cmocka_unit_test(no_journal_is_thought_of_where_standard_error_is_none),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
