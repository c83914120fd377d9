/* SPDX-License-Identifier: Apache-2.0
 *
 * difference_test.c - what of one plan is another in the next: what has come, gone, changed, or is
 * at another place.
 */
#include "test/unit/folder.h"

#include "daemon/config/difference.h"
#include "test/unit/plugins.h"

static struct {
	struct folder folder;
	struct dk_plan *old, *new;
	struct dk_difference *difference;
	char *text;
} world;

static struct dk_plan *
read_text(const char *more, const char *endpoints, const char *routes)
{
	static const struct dk_plugin_finder finder = { .find = fake_find };
	struct dk_plan_reading reading = { .finder = &finder };
	struct dk_faults *faults = dk_faults_new();
	struct dk_plan *plan;
	char text[1000];

	snprintf(text, sizeof(text), "%sendpoints = { %s };\nroutes = { %s };\n", more, endpoints,
		 routes);
	file_write(&world.folder, "conf", dk_slice_of(text));
	reading.path = folder_file(&world.folder, "conf");
	plan = dk_plan_read(&reading, faults);
	dk_faults_print(faults, stderr);
	assert_non_null(plan);
	dk_faults_free(faults);
	return plan;
}

static void
forget(void)
{
	dk_difference_free(world.difference);
	dk_plan_free(world.old);
	dk_plan_free(world.new);
	free(world.text);
	world.difference = NULL;
	world.old = world.new = NULL;
	world.text = NULL;
}

/* *Takes* the plans. */
static void
compare(struct dk_plan *old, struct dk_plan *new)
{
	size_t length;
	FILE *out;

	forget();
	world.old = old;
	world.new = new;
	world.difference = dk_difference_new(old, new);
	out = open_memstream(&world.text, &length);
	dk_difference_print(world.difference, old, new, out);
	fclose(out);
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
	forget();
	folder_remove(&world.folder);
	return 0;
}

#define A "a = { plugin = \"mqtt\"; uri = \"u\"; }; "
#define B "b = { plugin = \"mqtt\"; uri = \"v\"; }; "
#define A_TO_B "r = { from = \"a:x\"; to = \"b:y\"; }; "

struct row {
	const char *more, *endpoints, *routes; /* of the new plan; the old one has A B and A_TO_B */
	const char *text;
	enum extent { NONE, PARTS, WHOLE } extent;
};

static const struct row rows[] = {
	{ "", A B, A_TO_B, "= 2 endpoints as before\n= 1 route as before\n", NONE },
	{ "", B A, A_TO_B, "= 2 endpoints as before\n= 1 route as before\n", PARTS },
	{ "", A B "c = { plugin = \"tap\"; uri = \"w\"; }; ", A_TO_B,
	  "+ endpoint c\n= 2 endpoints as before\n= 1 route as before\n", PARTS },
	{ "", B "c = { plugin = \"mqtt\"; uri = \"u\"; }; ", "r = { from = \"c:x\"; to = \"b:y\"; };",
	  "- endpoint a\n+ endpoint c\n= 1 endpoint as before\n~ route r\n", PARTS },
	{ "", "a = { plugin = \"mqtt\"; uri = \"w\"; }; " B, A_TO_B,
	  "~ endpoint a\n= 1 endpoint as before\n= 1 route as before\n", PARTS },
	{ "", A B, "r = { from = \"a:x\"; to = \"b:z\"; }; ",
	  "= 2 endpoints as before\n~ route r\n", PARTS },
	{ "", A B, "s = { from = \"a:x\"; to = \"b:y\"; }; ",
	  "= 2 endpoints as before\n- route r\n+ route s\n", PARTS },
	{ "", A B, "s = { from = \"a:z\"; to = \"b:y\"; }; " A_TO_B,
	  "= 2 endpoints as before\n+ route s\n= 1 route as before\n", PARTS },
	/* One that becomes a source, or a sink, is another. */
	{ "", A B, A_TO_B "s = { from = \"b:t\"; to = \"a:u\"; }; ",
	  "~ endpoint a\n~ endpoint b\n+ route s\n= 1 route as before\n", PARTS },
	{ "", A B, A_TO_B "s = { from = \"b:t\"; to = \"b:u\"; }; ",
	  "~ endpoint b\n= 1 endpoint as before\n+ route s\n= 1 route as before\n", PARTS },
	{ "drain = \"1s\"; ", A B, A_TO_B, "= 2 endpoints as before\n= 1 route as before\n", PARTS },
	{ "", "a = { plugin = \"kafka\"; uri = \"u\"; }; " B, A_TO_B,
	  "~ what all of it stands on: everything begins anew\n"
	  "~ endpoint a\n= 1 endpoint as before\n= 1 route as before\n", WHOLE },
	{ "state = \"/nowhere\"; ", A B, A_TO_B,
	  "~ what all of it stands on: everything begins anew\n"
	  "= 2 endpoints as before\n= 1 route as before\n", WHOLE },
	{ "spool = { sync = \"1s\"; }; ", A B, A_TO_B,
	  "~ what all of it stands on: everything begins anew\n"
	  "= 2 endpoints as before\n= 1 route as before\n", WHOLE },
	{ "spool = { size = \"1 GB\"; }; ", A B, A_TO_B,
	  "~ what all of it stands on: everything begins anew\n"
	  "= 2 endpoints as before\n= 1 route as before\n", WHOLE },
	{ "dead = { size = \"2 GB\"; }; ", A B, A_TO_B,
	  "~ what all of it stands on: everything begins anew\n"
	  "= 2 endpoints as before\n= 1 route as before\n", WHOLE },
	{ "store_timeout = \"1s\"; ", A B, A_TO_B,
	  "~ what all of it stands on: everything begins anew\n"
	  "= 2 endpoints as before\n= 1 route as before\n", WHOLE },
	{ "", A B, "", "~ endpoint a\n~ endpoint b\n- route r\n", PARTS },
};

static void
each_kind_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		compare(read_text("", A B, A_TO_B),
			read_text(rows[i].more, rows[i].endpoints, rows[i].routes));
		assert_string_equal(world.text, rows[i].text);
		assert_int_equal(world.difference->is_none, rows[i].extent == NONE);
		assert_int_equal(world.difference->is_whole, rows[i].extent == WHOLE);
	}
}

static void
what_is_at_another_place_is_found_there(void **state)
{
	const struct dk_difference *difference;

	(void)state;
	compare(read_text("", A B, A_TO_B),
		read_text("", B "c = { plugin = \"tap\"; uri = \"w\"; }; " A,
			  "q = { from = \"c:x\"; to = \"b:y\"; }; " A_TO_B));
	difference = world.difference;
	assert_int_equal(difference->endpoints[0].now, 2);
	assert_int_equal(difference->endpoints[1].now, 0);
	assert_true(difference->endpoints[0].is_same && difference->endpoints[1].is_same);
	assert_int_equal(difference->sources[0].now, 2);
	assert_int_equal(difference->sources[1].now, DK_GONE);
	assert_int_equal(difference->sinks[0].now, DK_GONE);
	assert_int_equal(difference->sinks[1].now, 0);
	assert_int_equal(difference->routes[0].now, 1);
	assert_true(difference->routes[0].is_same);
}

/* Its source passes to the one that takes its place; its sink is the plan's no more. */
static void
one_that_is_a_sink_no_more_is_a_source_still(void **state)
{
	static const char back[] = A_TO_B "s = { from = \"b:t\"; to = \"a:u\"; }; ";

	(void)state;
	compare(read_text("", A B, back),
		read_text("", A B, A_TO_B "s = { from = \"b:t\"; to = \"b:u\"; }; "));
	assert_false(world.difference->endpoints[0].is_same);
	assert_int_equal(world.difference->endpoints[0].now, 0);
	assert_int_equal(world.difference->sources[0].now, 0);
	assert_int_equal(world.difference->sinks[0].now, DK_GONE);
}

static void
what_is_subscribed_to_is_told_apart(void **state)
{
	static const struct {
		const char *routes;
		bool is_alike;
	} cases[] = {
		{ A_TO_B, true },
		{ "r = { from = \"a:x\"; to = \"b:z\"; }; ", true },
		{ "r = { from = \"a:z\"; to = \"b:y\"; }; ", false },
		{ "r = { from = \"a:x\"; to = \"b:y\"; qos = 2; }; ", false },
		{ A_TO_B "s = { from = \"a:z\"; to = \"b:y\"; }; ", false },
		{ A_TO_B "s = { from = \"a:x\"; to = \"b:z\"; overlap = true; }; ", false },
		{ "r = { from = \"a:x\"; to = \"b:y\"; queue = \"q\"; }; ", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		compare(read_text("", A B, A_TO_B), read_text("", A B, cases[i].routes));
		assert_true(world.difference->endpoints[0].is_same);
		assert_int_equal(world.difference->subscribes_alike[0], cases[i].is_alike);
	}
}

/* The path is an option's, or one of those that are in no table. */
static void
what_is_in_a_file_makes_another_endpoint(void **state)
{
	static const char *const plugins[] = { "mqtt", "open" };
	char endpoints[400];
	struct dk_plan *old;

	(void)state;
	for (size_t i = 0; i < ROWS(plugins); i++) {
		file_write(&world.folder, "pem", DK_SLICE("one"));
		snprintf(endpoints, sizeof(endpoints),
			 i == 0 ? "a = { plugin = \"%s\"; uri = \"%s\"; }; " B
				: "a = { plugin = \"%s\"; uri = \"u\"; ca = \"%s\"; }; " B,
			 plugins[i], folder_file(&world.folder, "pem"));
		old = read_text("", endpoints, A_TO_B);
		compare(old, read_text("", endpoints, A_TO_B));
		assert_true(world.difference->is_none);
		old = read_text("", endpoints, A_TO_B);
		file_write(&world.folder, "pem", DK_SLICE("two"));
		compare(old, read_text("", endpoints, A_TO_B));
		assert_string_equal(world.text, "~ endpoint a\n= 1 endpoint as before\n"
						"= 1 route as before\n");
		assert_false(world.difference->is_none);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(each_kind_is_told),
		TEST(what_is_at_another_place_is_found_there),
		TEST(one_that_is_a_sink_no_more_is_a_source_still),
		TEST(what_is_subscribed_to_is_told_apart),
		TEST(what_is_in_a_file_makes_another_endpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
