/* SPDX-License-Identifier: Apache-2.0
 *
 * faults_test.c - what is said of a configuration: its order, its words, and how much it counts.
 */
#include <time.h>

#include "test/unit/unit.h"

#include "daemon/config/faults.h"

/* What is printed, to be freed. */
static char *
printed(const struct dk_faults *faults)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	dk_faults_print(faults, out);
	fclose(out);
	return text;
}

static void
assert_printed(const struct dk_faults *faults, const char *wanted)
{
	char *text = printed(faults);

	assert_string_equal(text, wanted);
	free(text);
}

static void
errors_alone_are_errors(void **state)
{
	struct dk_faults *faults = dk_faults_new();

	(void)state;
	dk_note(faults, (struct dk_place){ "a.conf", 1 }, "not checked: %s", "this");
	dk_warning(faults, (struct dk_place){ "a.conf", 2 }, "hardly meant");
	dk_warning(faults, (struct dk_place){ "a.conf", 3 }, "hardly meant");
	assert_int_equal(dk_faults_count(faults), 0);
	assert_int_equal(dk_faults_warnings(faults), 2);
	dk_fault(faults, (struct dk_place){ "a.conf", 4 }, "wrong");
	assert_int_equal(dk_faults_count(faults), 1);
	assert_int_equal(dk_faults_warnings(faults), 2);
	dk_faults_free(faults);
}

static void
they_are_told_in_the_order_of_the_file(void **state)
{
	struct dk_faults *faults = dk_faults_new();

	(void)state;
	dk_fault(faults, (struct dk_place){ "b.conf", 0 }, "cannot be read");
	dk_note(faults, (struct dk_place){ "a.conf", 10 }, "not checked");
	dk_fault(faults, (struct dk_place){ "a.conf", 9 }, "wrong");
	dk_warning(faults, (struct dk_place){ "a.conf", 9 }, "hardly meant");
	dk_warning(faults, (struct dk_place){ "a.conf", 0 }, "empty");
	assert_printed(faults, "a.conf: warning: empty\n"
			       "a.conf:9: wrong\n"
			       "a.conf:9: warning: hardly meant\n"
			       "a.conf:10: note: not checked\n"
			       "b.conf: cannot be read\n");
	dk_faults_free(faults);
}

static void
the_same_is_told_once_at_each_place(void **state)
{
	struct dk_faults *faults = dk_faults_new();

	(void)state;
	for (int i = 0; i < 2; i++) {
		dk_fault(faults, (struct dk_place){ "a.conf", 1 }, "wrong");
		dk_fault(faults, (struct dk_place){ "a.conf", 2 }, "wrong");
		dk_fault(faults, (struct dk_place){ "b.conf", 1 }, "wrong");
		dk_warning(faults, (struct dk_place){ "a.conf", 1 }, "wrong");
	}
	assert_printed(faults, "a.conf:1: wrong\n"
			       "a.conf:1: warning: wrong\n"
			       "a.conf:2: wrong\n"
			       "b.conf:1: wrong\n");
	assert_int_equal(dk_faults_count(faults), 6);
	assert_int_equal(dk_faults_warnings(faults), 2);
	dk_faults_free(faults);
}

static void
a_secret_is_taken_out_of_all_of_them(void **state)
{
	struct dk_faults *faults = dk_faults_new();

	(void)state;
	dk_fault(faults, (struct dk_place){ "a.conf", 1 }, "\"%s\" is no integer", "hush");
	dk_warning(faults, (struct dk_place){ "a.conf", 2 }, "hush and %s", "hush");
	dk_note(faults, (struct dk_place){ "a.conf", 3 }, "nothing");
	dk_faults_hide(faults, "hush");
	assert_printed(faults, "a.conf:1: \"*****\" is no integer\n"
			       "a.conf:2: warning: ***** and *****\n"
			       "a.conf:3: note: nothing\n");
	dk_faults_free(faults);
}

/* An error has room for some hundred characters: a key may be cut in its middle. */
static void
a_secret_that_was_cut_is_taken_out(void **state)
{
	struct dk_faults *faults = dk_faults_new();

	(void)state;
	dk_fault(faults, (struct dk_place){ "a.conf", 1 }, "\"open sesame and op");
	dk_fault(faults, (struct dk_place){ "a.conf", 2 }, "\"open ses");
	dk_faults_hide(faults, "open sesame");
	assert_printed(faults, "a.conf:1: \"***** and op\n"
			       "a.conf:2: \"*****\n");
	dk_faults_free(faults);
}

/* All in one line, as an option of a group's routes would have them. */
static void
very_many_are_told_without_delay(void **state)
{
	struct dk_faults *faults = dk_faults_new();
	clock_t begin = clock();

	(void)state;
	for (int i = 0; i < 100000; i++)
		dk_fault(faults, (struct dk_place){ "a.conf", 1 }, "wrong %d", i);
	assert_int_equal(dk_faults_count(faults), 100000);
	assert_true(clock() - begin < 5 * CLOCKS_PER_SEC);
	dk_faults_free(faults);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_alone_are_errors),
		cmocka_unit_test(they_are_told_in_the_order_of_the_file),
		cmocka_unit_test(the_same_is_told_once_at_each_place),
		cmocka_unit_test(a_secret_is_taken_out_of_all_of_them),
		cmocka_unit_test(a_secret_that_was_cut_is_taken_out),
		cmocka_unit_test(very_many_are_told_without_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
