/* SPDX-License-Identifier: Apache-2.0
 *
 * variables_test.c - variables whose values come from files that a test makes, and very many of
 * them. What their declarations ask of values is in test/conf/.
 */
#include <time.h>

#include "daemon/base/buffer.h"
#include "daemon/config/faults.h"
#include "daemon/config/tree.h"
#include "daemon/config/variables.h"
#include "test/unit/told.h"

static struct dk_plan_memory *memory;
static struct dk_faults *faults;
static struct folder folder;

static int
begin(void **state)
{
	(void)state;
	memory = dk_memory_new();
	faults = dk_faults_new();
	folder_make(&folder);
	setenv("CREDENTIALS_DIRECTORY", folder.path, 1);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	dk_memory_free(memory);
	dk_faults_free(faults);
	folder_remove(&folder);
	return 0;
}

/* Of a configuration that is nothing but variables. */
static struct dk_variables *
read_variables(const char *text, bool is_check)
{
	const struct dk_variable_sources sources = { .is_check = is_check, .is_whole = true };
	struct dk_tree tree;

	file_write(&folder, "a.conf", dk_slice_of(text));
	tree = dk_tree_read(dk_memory_text(memory, dk_slice_of(folder_file(&folder, "a.conf"))),
			    memory, faults);
	assert_true(tree.is_whole);
	return dk_variables_read(dk_node_find(&tree.root, "variables"), &sources, memory, faults);
}

static const char text[] = "variables = { A = { file = \"$CREDENTIALS_DIRECTORY/x\"; }; };";

static const char *
read_x(struct dk_slice bytes)
{
	struct dk_variables *variables;

	file_write(&folder, "x", bytes);
	variables = read_variables(text, false);
	return dk_variables_expand(variables, "$A", NULL);
}

static void
one_line_end_of_a_file_is_no_part_of_its_value(void **state)
{
	(void)state;
	assert_string_equal(read_x(DK_SLICE("hush\n")), "hush");
	assert_string_equal(read_x(DK_SLICE("hush")), "hush");
	assert_string_equal(read_x(DK_SLICE("hush\n\n")), "hush\n");
	assert_string_equal(read_x(DK_SLICE(" hush $A \r\n")), " hush $A \r");
	assert_string_equal(read_x(DK_SLICE("\n")), "");
	assert_string_equal(read_x(DK_SLICE("")), "");
	assert_told(&folder, faults, "");
}

static void
a_file_of_64_kb_is_read_and_no_larger_one(void **state)
{
	static char bytes[65537];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(strlen(read_x(dk_slice_new(bytes, 65536))), 65536);
	assert_told(&folder, faults, "");
	read_x(dk_slice_new(bytes, 65537));
	assert_told(&folder, faults, "a.conf:1: the variable A comes from x, which is larger than 64 kB\n");
}

static void
a_fifo_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(folder_file(&folder, "x"), 0600), 0);
	alarm(5);
	read_variables(text, false);
	alarm(0);
	assert_told(&folder, faults, "a.conf:1: the variable A comes from x, which is no plain file\n");
}

/* The tree is read as root, the file as nobody; root may read all. */
static void
read_as_nobody(bool is_check)
{
	const struct dk_variable_sources sources = { .is_check = is_check, .is_whole = true };
	struct dk_tree tree;
	bool is_root = geteuid() == 0;

	file_write(&folder, "x", DK_SLICE("hush"));
	chmod(folder_file(&folder, "x"), 0);
	file_write(&folder, "a.conf", dk_slice_of(text));
	tree = dk_tree_read(dk_memory_text(memory, dk_slice_of(folder_file(&folder, "a.conf"))),
			    memory, faults);
	assert_true(!is_root || seteuid(65534) == 0);
	dk_variables_read(dk_node_find(&tree.root, "variables"), &sources, memory, faults);
	assert_true(!is_root || seteuid(0) == 0);
}

static void
a_file_that_may_not_be_read_is_a_fault_to_the_daemon(void **state)
{
	(void)state;
	read_as_nobody(false);
	assert_int_equal(dk_faults_count(faults), 1);
	assert_told(&folder, faults, "a.conf:1: the variable A comes from x, which cannot be read: Permission "
		    "denied\n");
}

static void
a_file_that_may_not_be_read_is_noted_in_a_check(void **state)
{
	(void)state;
	read_as_nobody(true);
	assert_int_equal(dk_faults_count(faults), 0);
	assert_told(&folder, faults, "a.conf:1: note: not checked: the variable A comes from x, which cannot be "
		    "read: Permission denied\n");
}

static void
very_many_variables_are_found_without_delay(void **state)
{
	struct dk_buffer whole = { 0 };
	struct dk_variables *variables;
	clock_t begun = clock();
	char name[32];

	(void)state;
	dk_buffer_add_text(&whole, "variables = {");
	for (int i = 0; i < 5000; i++)
		dk_buffer_print(&whole, "V%d = \"%d\"; ", i, i);
	dk_buffer_add_text(&whole, "};");
	variables = read_variables(whole.data, false);
	dk_buffer_clear(&whole);
	for (int i = 0; i < 200000; i++) {
		snprintf(name, sizeof(name), "$V%d", i % 5000);
		assert_int_equal(atoi(dk_variables_expand(variables, name, NULL)), i % 5000);
	}
	assert_true(clock() - begun < 5 * CLOCKS_PER_SEC);
	assert_told(&folder, faults, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_line_end_of_a_file_is_no_part_of_its_value,
						begin, end),
		cmocka_unit_test_setup_teardown(a_file_of_64_kb_is_read_and_no_larger_one, begin,
						end),
		cmocka_unit_test_setup_teardown(a_fifo_is_not_waited_for, begin, end),
		cmocka_unit_test_setup_teardown(
			a_file_that_may_not_be_read_is_a_fault_to_the_daemon, begin, end),
		cmocka_unit_test_setup_teardown(a_file_that_may_not_be_read_is_noted_in_a_check,
						begin, end),
		cmocka_unit_test_setup_teardown(very_many_variables_are_found_without_delay, begin,
						end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
