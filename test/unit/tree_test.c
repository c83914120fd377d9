/* SPDX-License-Identifier: Apache-2.0
 *
 * tree_test.c - files that are read into a tree, joined, or refused: what needs a file made for it.
 */
#include <time.h>

#include "daemon/base/buffer.h"
#include "daemon/config/faults.h"
#include "daemon/config/tree.h"
#include "test/unit/told.h"

static struct dk_plan_memory *memory;
static struct dk_faults *faults;
static struct folder folder, confd;

static int
begin(void **state)
{
	(void)state;
	memory = dk_memory_new();
	faults = dk_faults_new();
	folder_make(&folder);
	strcpy(confd.path, folder_file(&folder, "conf.d"));
	assert_int_equal(mkdir(confd.path, 0700), 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dk_memory_free(memory);
	dk_faults_free(faults);
	folder_remove(&confd);
	folder_remove(&folder);
	return 0;
}

static struct dk_tree
read_tree(void)
{
	return dk_tree_read(dk_memory_text(memory, dk_slice_of(folder_file(&folder, "a.conf"))),
			    memory, faults);
}

static void
lists_of_tests_are_joined_in_the_order_of_their_files(void **state)
{
	struct dk_tree tree;
	const struct dk_node *tests;

	(void)state;
	file_write(&folder, "a.conf", DK_SLICE("tests = ( \"1\", \"2\" );"));
	file_write(&confd, "a.conf", DK_SLICE("tests = ( \"4\" );"));
	file_write(&confd, "B.conf", DK_SLICE("tests = ( \"3\" );"));
	file_write(&confd, "a.txt", DK_SLICE("tests = ( \"5\" );"));
	tree = read_tree();
	assert_told(&folder, faults, "");
	assert_true(tree.is_whole);
	tests = dk_node_find(&tree.root, "tests");
	assert_int_equal(tests->count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(tests->inside[i].text[0], '1' + (int)i);
}

static void
members_of_very_many_files_come_together(void **state)
{
	struct dk_tree tree;
	const struct dk_node *routes;
	char name[32], text[64];

	(void)state;
	file_write(&folder, "a.conf", DK_SLICE("routes = { };"));
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "%03d.conf", i);
		snprintf(text, sizeof(text), "routes = { a%d = { }; b%d = %d; };", i, i, i);
		file_write(&confd, name, dk_slice_of(text));
	}
	tree = read_tree();
	assert_told(&folder, faults, "");
	routes = dk_node_find(&tree.root, "routes");
	assert_int_equal(routes->count, 1000);
	for (size_t i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%c%zu", i % 2 ? 'b' : 'a', i / 2);
		assert_string_equal(routes->inside[i].name, name);
	}
}

static void
a_fifo_and_a_device_are_not_waited_for(void **state)
{
	(void)state;
	alarm(5);
	assert_int_equal(mkfifo(folder_file(&folder, "a.conf"), 0600), 0);
	file_write(&confd, "a.conf", DK_SLICE("@include \"fifo\"\n"));
	assert_int_equal(mkfifo(folder_file(&confd, "fifo"), 0600), 0);
	assert_int_equal(symlink("/dev/zero", folder_file(&confd, "b.conf")), 0);
	assert_false(read_tree().is_whole);
	assert_told(&folder, faults, "a.conf: is no plain file\n"
		    "conf.d/a.conf:1: cannot include \"conf.d/fifo\": it is no plain file\n"
		    "conf.d/b.conf: is no plain file\n");
	alarm(0);
}

/* Fills a file with so many bytes of nothing. */
static void
write_large(const char *name, size_t size)
{
	char *text = malloc(size);

	memset(text, ' ', size);
	file_write(&folder, name, dk_slice_new(text, size));
	free(text);
}

static void
eight_megabytes_are_read_and_no_more(void **state)
{
	(void)state;
	write_large("a.conf", 8 << 20);
	assert_true(read_tree().is_whole);
	assert_told(&folder, faults, "");
	write_large("a.conf", (8 << 20) + 1);
	assert_false(read_tree().is_whole);
	assert_told(&folder, faults, "a.conf: is larger than 8 MB; use groups and lists for large numbers of "
		    "routes\n");
}

/* Ten files that each include the next ten times would be read ten thousand million times. */
static void
includes_of_includes_end_at_eight_megabytes(void **state)
{
	char name[16], line[32];
	struct dk_buffer text = { 0 };

	(void)state;
	write_large("i9", 1000);
	for (int i = 8; i >= 0; i--) {
		snprintf(name, sizeof(name), "i%d", i);
		snprintf(line, sizeof(line), "@include \"i%d\"\n", i + 1);
		text.length = 0;
		for (int j = 0; j < 10; j++)
			dk_buffer_add_text(&text, line);
		file_write(&folder, i ? name : "a.conf", dk_slice_new(text.data, text.length));
	}
	dk_buffer_clear(&text);
	alarm(30);
	assert_false(read_tree().is_whole);
	assert_told(&folder, faults, "i8:10: with \"i9\" more than 8 MB are included\n");
	alarm(0);
}

static void
very_many_names_in_a_group_are_compared_without_delay(void **state)
{
	struct dk_buffer text = { 0 };
	clock_t begun;

	(void)state;
	for (int i = 0; i < 200000; i++)
		dk_buffer_print(&text, "name_%d = %d;\n", i, i);
	dk_buffer_add_text(&text, "name_77 = 1;\n");
	file_write(&folder, "a.conf", dk_slice_new(text.data, text.length));
	dk_buffer_clear(&text);
	begun = clock();
	assert_null(dk_lexical_read(folder_file(&folder, "a.conf"), faults));
	assert_true(clock() - begun < 5 * CLOCKS_PER_SEC);
	assert_told(&folder, faults, "a.conf:200001: \"name_77\" is given twice in one group, here and in line 78; "
		    "remove or rename one?\n");
}

static void
ten_thousand_levels_are_refused(void **state)
{
	struct dk_buffer text = { 0 };

	(void)state;
	dk_buffer_add_text(&text, "a = ");
	for (int i = 0; i < 10000; i++)
		dk_buffer_add_text(&text, "(");
	file_write(&folder, "a.conf", dk_slice_new(text.data, text.length));
	dk_buffer_clear(&text);
	assert_false(read_tree().is_whole);
	assert_told(&folder, faults, "a.conf:1: more than 64 groups and lists stand in each other; is a closing "
		    "brace missing?\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			lists_of_tests_are_joined_in_the_order_of_their_files, begin, end),
		cmocka_unit_test_setup_teardown(members_of_very_many_files_come_together, begin,
						end),
		cmocka_unit_test_setup_teardown(a_fifo_and_a_device_are_not_waited_for, begin, end),
		cmocka_unit_test_setup_teardown(eight_megabytes_are_read_and_no_more, begin, end),
		cmocka_unit_test_setup_teardown(includes_of_includes_end_at_eight_megabytes, begin,
						end),
		cmocka_unit_test_setup_teardown(
			very_many_names_in_a_group_are_compared_without_delay, begin, end),
		cmocka_unit_test_setup_teardown(ten_thousand_levels_are_refused, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
