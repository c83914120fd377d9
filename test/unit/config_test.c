/* SPDX-License-Identifier: Apache-2.0
 *
 * config_test.c - every test/conf/NAME.conf, or NAME/diolkos.conf with a folder conf.d beside it,
 * against NAME.expected: what is said of a bad one, word for word; of a good one what -T shows or
 * what becomes of some addresses.
 *
 * A good file's comments say what is wanted: `#explain ADDRESS` and `#print`. `#set NAME=VALUE`
 * comes from the environment, `#environment FILE` is a file of the service's; `#check` reads it as
 * -t does. A good file is also printed and read again, and must be the same, if it has no
 * groups.
 * DK_WRITE_EXPECTED=1 in the environment writes the expected files instead of comparing.
 */
#include "test/unit/folder.h"

#include "test/unit/plugins.h"

#define FOLDER "test/conf/"

/* --- One file --- */

/* The value of a directive in a line, in the line's own memory; NULL: the line is none. */
static char *
directive(char *line, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(line, word, length) != 0)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return line + length;
}

/* Calls back for each line of the file that begins with the word. */
static void
each_directive(const char *path, const char *word, void (*call)(void *context, char *value),
	       void *context)
{
	FILE *file = fopen(path, "re");
	char line[512], *value;

	while (file && fgets(line, sizeof(line), file))
		if ((value = directive(line, word)))
			call(context, value);
	if (file)
		fclose(file);
}

static void
set_variable(void *context, char *value)
{
	char *equals = strchr(value, '=');

	(void)context;
	*equals = '\0';
	setenv(value, equals + 1, 1);
}

static void
unset_variable(void *context, char *value)
{
	(void)context;
	value[strcspn(value, "=")] = '\0';
	unsetenv(value);
}

static void
set_environment(void *context, char *file)
{
	static char path[256];

	snprintf(path, sizeof(path), FOLDER "%s", file);
	((struct dk_plan_reading *)context)->environment = path;
}

static void
set_check(void *context, char *nothing)
{
	(void)nothing;
	((struct dk_plan_reading *)context)->is_check = true;
	((struct dk_plan_reading *)context)->runs_tests = true;
}

struct telling {
	const struct dk_plan *plan;
	FILE *out;
};

static void
explain(void *context, char *address)
{
	const struct telling *telling = context;
	struct dk_error error;

	fprintf(telling->out, "%s:\n", address);
	if (dk_plan_explain(telling->plan, address, DK_MESSAGE_NONE, false, telling->out, &error) != 0)
		fprintf(telling->out, "%s\n", error.text);
}

static void
print(void *context, char *nothing)
{
	const struct telling *telling = context;

	(void)nothing;
	dk_plan_print(telling->plan, telling->out);
}

/* Prints the plan, reads that, and prints it again; places differ, so comments are left out. */
static char *
print_without_comments(const struct dk_plan *plan)
{
	char *whole = NULL, *bare = NULL;
	size_t length;
	FILE *out = open_memstream(&whole, &length), *kept = open_memstream(&bare, &length);

	dk_plan_print(plan, out);
	fclose(out);
	for (char *line = strtok(whole, "\n"); line; line = strtok(NULL, "\n")) {
		char *comment = strstr(line, " # ");

		fprintf(kept, "%.*s\n", comment ? (int)(comment - line) : (int)strlen(line), line);
	}
	fclose(kept);
	free(whole);
	return bare;
}

/* A group's routes have names with dots, which no file can give them. */
static bool
has_groups(const struct dk_plan *plan)
{
	for (size_t i = 0; i < plan->route_count; i++)
		if (strchr(plan->routes[i].name, '.'))
			return true;
	return false;
}

static void
check_round_trip(const struct dk_plan *plan, const char *name)
{
	char *first = print_without_comments(plan), *second;
	struct dk_faults *faults = dk_faults_new();
	struct dk_plan_reading reading = { .finder = &fake_finder };
	struct dk_plan *again;
	struct folder folder;

	folder_make(&folder);
	file_write(&folder, "again.conf", dk_slice_of(first));
	reading.path = folder_file(&folder, "again.conf");
	again = dk_plan_read(&reading, faults);
	if (!again) {
		dk_faults_print(faults, stderr);
		fail_msg("%s: what -T shows is not read again:\n%s", name, first);
	}
	second = print_without_comments(again);
	assert_string_equal(first, second);
	free(first);
	free(second);
	dk_plan_free(again);
	dk_faults_free(faults);
	folder_remove(&folder);
}

static void
tell_plan(const struct dk_plan *plan, const char *path, FILE *out)
{
	struct telling telling = { plan, out };

	fprintf(out, "good: %zu endpoints, %zu routes\n", plan->endpoint_count, plan->route_count);
	each_directive(path, "#print", print, &telling);
	each_directive(path, "#explain ", explain, &telling);
	if (!has_groups(plan))
		check_round_trip(plan, path);
}

/* What there is to be said of a file, without folders. To be freed. */
static char *
tell(const char *path)
{
	struct dk_faults *faults = dk_faults_new();
	struct dk_plan_reading reading = { .path = path, .finder = &fake_finder };
	struct dk_plan *plan;
	char *text = NULL, *folder;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	each_directive(path, "#set ", set_variable, NULL);
	each_directive(path, "#environment ", set_environment, &reading);
	each_directive(path, "#check", set_check, &reading);
	plan = dk_plan_read(&reading, faults);
	each_directive(path, "#set ", unset_variable, NULL);
	assert_int_equal(!plan, dk_faults_count(faults) > 0);
	if (plan)
		tell_plan(plan, path, out);
	dk_faults_print(faults, out);
	fclose(out);
	while ((folder = strstr(text, FOLDER)))
		memmove(folder, folder + strlen(FOLDER), strlen(folder + strlen(FOLDER)) + 1);
	dk_plan_free(plan);
	dk_faults_free(faults);
	return text;
}

/* --- All of them --- */

static void
check_file(void **state)
{
	static const struct folder folder = { "test/conf" };
	const char *name = *state;
	char path[256], expected_name[256], *told, *expected;
	size_t length;

	snprintf(path, sizeof(path), FOLDER "%s/diolkos.conf", name);
	if (access(path, F_OK) != 0)
		snprintf(path, sizeof(path), FOLDER "%s.conf", name);
	snprintf(expected_name, sizeof(expected_name), "%s.expected", name);
	told = tell(path);
	if (getenv("DK_WRITE_EXPECTED"))
		file_write(&folder, expected_name, dk_slice_of(told));
	expected = file_read(&folder, expected_name, &length);
	expected[length] = '\0';
	if (strcmp(told, expected) != 0)
		fail_msg("%s:\n%sbut wanted was:\n%s", path, told, expected);
	free(expected);
	free(told);
}

#define FILES_MAX 1024

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

/* A test for each file that is expected; the missing file is one of them. */
static size_t
list_tests(struct CMUnitTest *tests)
{
	DIR *list = opendir(FOLDER);
	struct dirent *entry;
	size_t count = 0;

	while (list && (entry = readdir(list)) && count < FILES_MAX) {
		char *name = strdup(entry->d_name);
		char *end = strstr(name, ".expected");

		if (!end) {
			free(name);
			continue;
		}
		*end = '\0';
		tests[count++] = (struct CMUnitTest){ name, check_file, NULL, NULL, name };
	}
	if (list)
		closedir(list);
	qsort(tests, count, sizeof(*tests), compare_names);
	return count;
}

int
main(void)
{
	static struct CMUnitTest tests[FILES_MAX];
	size_t count = list_tests(tests);
	int failed;

	if (count < 40 || count == FILES_MAX) {
		fprintf(stderr, "to be run where " FOLDER " is, with fewer than %d files\n",
			FILES_MAX);
		return 1;
	}
	failed = _cmocka_run_group_tests("config", tests, count, NULL, NULL);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)tests[i].name);
	return failed;
}
