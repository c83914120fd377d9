/* SPDX-License-Identifier: Apache-2.0
 *
 * complaint_test.c - how often a trouble is said, by a clock and a log of the test's own.
 */
#include "test/unit/unit.h"

#include "daemon/system/complaint.h"
#include "daemon/system/log.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)

static struct {
	int64_t now_ms;
	int said, over;
	int64_t times; /* of the last line; of an end its seconds */
	char who[200], why[600];
} world;

int64_t __wrap_dk_clock_now_ms(void);
void __wrap_dk_log(enum dk_level level, const char *who, const char *event,
		   const struct dk_field *fields);

int64_t
__wrap_dk_clock_now_ms(void)
{
	return world.now_ms;
}

void
__wrap_dk_log(enum dk_level level, const char *who, const char *event,
	      const struct dk_field *fields)
{
	(void)event;
	world.said += level == DK_WARNING;
	world.over += level == DK_NOTICE;
	world.times = fields[1].number;
	snprintf(world.who, sizeof(world.who), "%s", who);
	snprintf(world.why, sizeof(world.why), "%s", fields[0].text);
}

static int
begin(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.now_ms = 1000000;
	dk_complaints_forget();
	return 0;
}

/* Complains so often in that time. Returns how many lines that were. */
static int
complain_for(int64_t ms, int64_t each_ms, const char *reason)
{
	int before = world.said + world.over;

	for (int64_t passed = 0; passed < ms; passed += each_ms) {
		dk_complain("plant", "disconnected", reason);
		world.now_ms += each_ms;
	}
	return world.said + world.over - before;
}

static void
the_same_is_said_at_intervals_that_double(void **state)
{
	(void)state;
	assert_int_equal(complain_for(4 * SECOND, SECOND, "no"), 1);
	assert_int_equal(world.times, 1);
	assert_int_equal(complain_for(2 * SECOND, SECOND, "no"), 1);
	assert_int_equal(world.times, 5); /* since it was said */
	assert_int_equal(complain_for(MINUTE, SECOND, "no"), 2);
	assert_int_equal(world.times, 20);
	complain_for(60 * MINUTE, SECOND, "no");
	assert_in_range(complain_for(60 * MINUTE, SECOND, "no"), 5, 7);
}

static void
another_reason_is_said_at_once_and_many_are_not(void **state)
{
	char reason[40];

	(void)state;
	assert_int_equal(complain_for(SECOND, SECOND, "no"), 1);
	assert_int_equal(complain_for(SECOND, SECOND, "never"), 1);
	assert_string_equal(world.why, "never");
	for (int i = 0; i < 3600; i++) {
		snprintf(reason, sizeof(reason), "by port %d", i);
		complain_for(SECOND, SECOND, reason);
	}
	assert_in_range(world.said, 60, 90);
}

static void
it_is_over_once_and_again_when_it_was_there_again(void **state)
{
	(void)state;
	dk_complain("plant", "disconnected", NULL);
	assert_int_equal(world.over, 0);
	complain_for(3 * SECOND, SECOND, "no");
	dk_complain("plant", "disconnected", NULL);
	assert_int_equal(world.over, 1);
	assert_int_equal(world.times, 3);
	dk_complain("plant", "disconnected", NULL);
	assert_int_equal(world.over, 1);
	assert_int_equal(complain_for(SECOND, SECOND, "no"), 1);
	dk_complain("plant", "disconnected", NULL);
	assert_int_equal(world.over, 2);
	assert_int_equal(world.times, 1);
}

/* Each second for an hour; and after a quiet minute it is news. */
static void
what_comes_and_goes_is_said_at_times(void **state)
{
	(void)state;
	for (int i = 0; i < 3600; i++) {
		dk_complain("plant", "disconnected", "no");
		world.now_ms += SECOND / 2;
		dk_complain("plant", "disconnected", NULL);
		world.now_ms += SECOND / 2;
	}
	assert_in_range(world.said, 60, 90);
	assert_int_equal(world.over, world.said);
	world.now_ms += MINUTE;
	assert_int_equal(complain_for(SECOND, SECOND, "no"), 1);
	assert_int_equal(world.times, 1);
}

/* What was heard too soon after another line; also if it is not heard again. */
static void
what_was_not_said_is_said_when_it_is_due(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		dk_complain("lake", "full", "yes");
		dk_complain("lake", "full", NULL);
	}
	dk_complain("lake", "full", "for good");
	world.said = 0;
	dk_complaints_look();
	assert_int_equal(world.said, 0);
	world.now_ms += MINUTE * 10;
	dk_complaints_look();
	assert_int_equal(world.said, 1);
	assert_string_equal(world.why, "for good");
	assert_int_equal(world.times, 4);
	world.now_ms += MINUTE * 10;
	dk_complaints_look();
	assert_int_equal(world.said, 1); /* said it is */
}

static void
a_name_that_is_too_long_is_one_name(void **state)
{
	char who[300];

	(void)state;
	memset(who, 'w', sizeof(who) - 1);
	who[sizeof(who) - 1] = '\0';
	for (int i = 0; i < 100; i++)
		dk_complain(who, "disconnected", "no");
	assert_int_equal(world.said, 1);
	dk_complain(who, "disconnected", NULL);
	assert_int_equal(world.over, 1);
}

static void
very_many_are_said_together(void **state)
{
	char who[40];

	(void)state;
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < DK_COMPLAINTS_MAX + 500; i++) {
			snprintf(who, sizeof(who), "route-%d", i);
			dk_complain(who, "denied", "no");
		}
	assert_int_equal(world.said, DK_COMPLAINTS_MAX + 1);
	assert_string_equal(world.who, "diolkosd");
	assert_string_equal(world.why, "route-1000 denied: no");
	for (int i = 0; i < DK_COMPLAINTS_MAX; i++) {
		snprintf(who, sizeof(who), "route-%d", i);
		dk_complain(who, "denied", NULL);
	}
	assert_int_equal(world.over, DK_COMPLAINTS_MAX);
	world.now_ms += MINUTE;
	dk_complaints_look();
	assert_int_equal(world.over, DK_COMPLAINTS_MAX + 1);
	dk_complain("route-1200", "denied", "no");
	assert_string_equal(world.who, "route-1200");
}

static void
what_ends_because_all_ends_is_not_over(void **state)
{
	(void)state;
	complain_for(SECOND, SECOND, "no");
	dk_complaints_keep();
	dk_complain("plant", "disconnected", NULL);
	assert_int_equal(world.over, 0);
	dk_complaints_forget();
	dk_complain("plant", "disconnected", NULL);
	assert_int_equal(world.over, 0);
	assert_int_equal(complain_for(SECOND, SECOND, "no"), 1);
}

static int
end(void **state)
{
	(void)state;
	dk_complaints_forget();
	return 0;
}

/* Who has gone leaves no word; one that comes by its name has troubles of its own. */
static void
what_is_dropped_is_neither_over_nor_known(void **state)
{
	(void)state;
	dk_complain("plant", "disconnected", "no");
	dk_complain("plant", "denied", "no");
	dk_complain("lake", "denied", "no");
	dk_complaints_drop("plant", "denied");
	dk_complain("plant", "denied", NULL);
	assert_int_equal(world.over, 0);
	dk_complain("plant", "disconnected", NULL);
	assert_int_equal(world.over, 1);
	dk_complain("plant", "disconnected", "no");
	assert_int_equal(world.said, 4);
	dk_complaints_drop("plant", NULL);
	dk_complain("plant", "disconnected", NULL);
	assert_int_equal(world.over, 1);
	dk_complain("plant", "disconnected", "no");
	assert_int_equal(world.said, 5);
	dk_complain("lake", "denied", NULL);
	assert_int_equal(world.over, 2);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_same_is_said_at_intervals_that_double, begin),
		cmocka_unit_test_setup(another_reason_is_said_at_once_and_many_are_not, begin),
		cmocka_unit_test_setup(it_is_over_once_and_again_when_it_was_there_again, begin),
		cmocka_unit_test_setup(what_comes_and_goes_is_said_at_times, begin),
		cmocka_unit_test_setup(what_was_not_said_is_said_when_it_is_due, begin),
		cmocka_unit_test_setup(a_name_that_is_too_long_is_one_name, begin),
		cmocka_unit_test_setup(very_many_are_said_together, begin),
		cmocka_unit_test_setup(what_is_dropped_is_neither_over_nor_known, begin),
		cmocka_unit_test_setup_teardown(what_ends_because_all_ends_is_not_over, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
