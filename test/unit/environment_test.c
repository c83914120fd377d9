/* SPDX-License-Identifier: Apache-2.0
 *
 * environment_test.c - a file of environment variables is read as systemd 252 reads it.
 */
#include "test/unit/folder.h"

#include "daemon/config/environment.h"

static struct dk_plan_memory *memory;
static struct dk_faults *faults;

static int
begin(void **state)
{
	(void)state;
	memory = dk_memory_new();
	faults = dk_faults_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dk_memory_free(memory);
	dk_faults_free(faults);
	return 0;
}

/* What systemd 252 makes of each, as was seen of /etc/os-release, which the same code of it reads.
 * NULL: it is not set. */
static const struct {
	const char *text, *value; /* of NAME */
	unsigned line;
} rows[] = {
	{ "NAME=a", "a", 1 },
	{ "NAME=a\n", "a", 1 },
	{ "\n\n  NAME=a\n", "a", 3 },
	{ "NAME=a\r\n", "a", 1 },
	{ "NAME =a\n", "a", 1 },
	{ "NAME=  a b  \t\n", "a b", 1 },
	{ "NAME=\n", "", 1 },
	{ "NAME=", "", 1 },
	{ "NAME=a=b\n", "a=b", 1 },
	{ "NAME=a#b ; c\n", "a#b ; c", 1 },
	{ "# NAME=a\n", NULL, 0 },
	{ "; NAME=a\n", NULL, 0 },
	{ "# a \\\nNAME=a\n", NULL, 0 },
	{ "# a \\\nb\nNAME=a\n", "a", 3 },
	{ "NAME\n=a\n", NULL, 0 },
	{ "NAME\n", NULL, 0 },
	{ "NAME", NULL, 0 },
	{ "NAME=a\nNAME=b\n", "b", 2 },
	{ "OTHER=a\nNAME=b\n", "b", 2 },
	{ "export NAME=a\n", NULL, 0 },
	{ "1NAME=a\n", NULL, 0 },
	{ "=a\nNAME=b\n", "b", 2 },
	{ "NAME=a\\\nb\nX=c\n", "ab", 1 },
	{ "NAME=a \\\n b\n", "a  b", 1 },
	{ "NAME=a\\ \n", "a ", 1 },
	{ "NAME=\\\"a\\\\\\n\n", "\"a\\n", 1 },
	{ "NAME=\\\n", "", 1 },
	{ "NAME=\"a b \"\n", "a b ", 1 },
	{ "NAME=\"a\\\"b\\$c\\`d\\\\e\\n\"\n", "a\"b$c`d\\e\\n", 1 },
	{ "NAME=\"a\\\nb\"\n", "ab", 1 },
	{ "NAME=\"a\nb\"\nX=c\n", "a\nb", 1 },
	{ "NAME='a\\\"$b'\n", "a\\\"$b", 1 },
	{ "NAME='a\nb'  \n", "a\nb", 1 },
	{ "NAME='a'\"b\"\n", "ab", 1 },
	{ "NAME='a' b\n", "ab", 1 },
	{ "NAME=a'b'\n", "a'b'", 1 },
	{ "NAME=a \"b\"\n", "a \"b\"", 1 },
	{ "NAME=\"a", "a", 1 },
	{ "NAME='a", "a", 1 },
	{ "NAME=a  ", "a", 1 },
	{ "NAME=a\\", "a", 1 },
};

static void
a_value_is_what_systemd_makes_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct dk_environment *environment = dk_environment_parse(
			"file", dk_slice_of(rows[i].text), memory, faults);
		const struct dk_assignment *found = dk_environment_find(environment, "NAME");

		if (!found != !rows[i].value)
			fail_msg("%s: %s", rows[i].text, found ? found->value : "nothing");
		if (!found)
			continue;
		if (strcmp(found->value, rows[i].value) != 0)
			fail_msg("%s: \"%s\"", rows[i].text, found->value);
		if (found->place.line != rows[i].line)
			fail_msg("%s: in line %u", rows[i].text, found->place.line);
	}
	assert_int_equal(dk_faults_count(faults), 0);
}

static void
what_systemd_passes_over_is_warned_of(void **state)
{
	static const char text[] = "export A=b\n1=a\nno equals sign\nB='never closed\n";
	char *told = NULL;
	size_t length;
	FILE *out = open_memstream(&told, &length);

	(void)state;
	dk_environment_parse("file", dk_slice_of(text), memory, faults);
	assert_int_equal(dk_faults_count(faults), 0);
	dk_faults_print(faults, out);
	fclose(out);
	assert_string_equal(
		told,
		"file:1: warning: \"export A\" is no name of a variable: systemd passes over it; "
		"NAME=value?\n"
		"file:2: warning: \"1\" is no name of a variable: systemd passes over it; "
		"NAME=value?\n"
		"file:3: warning: there is no = in this line: systemd passes over it; NAME=value?\n"
		"file:4: warning: the quote that begins here is never closed; is a ' missing?\n");
	free(told);
}

static void
a_file_is_read_or_told_of(void **state)
{
	struct folder folder;
	const struct dk_environment *environment;

	(void)state;
	folder_make(&folder);
	file_write(&folder, "good", DK_SLICE("A=b\n"));
	environment = dk_environment_read(folder_file(&folder, "good"), memory, faults);
	assert_string_equal(dk_environment_find(environment, "A")->value, "b");
	assert_null(dk_environment_find(environment, "B"));
	assert_int_equal(dk_faults_count(faults), 0);
	environment = dk_environment_read(folder_file(&folder, "absent"), memory, faults);
	assert_null(dk_environment_find(environment, "A"));
	assert_int_equal(dk_faults_count(faults), 1);
	dk_environment_read(folder.path, memory, faults);
	assert_int_equal(dk_faults_count(faults), 2);
	folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_value_is_what_systemd_makes_of_it, begin, end),
		cmocka_unit_test_setup_teardown(what_systemd_passes_over_is_warned_of, begin, end),
		cmocka_unit_test_setup_teardown(a_file_is_read_or_told_of, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
