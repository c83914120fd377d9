/* SPDX-License-Identifier: Apache-2.0
 *
 * page_test.c - the status page, of a plan and a flow that this test makes up.
 */
#include "test/unit/unit.h"

#include <jansson.h>
#include <stdio.h>

#include "daemon/surface/health.h"
#include "daemon/surface/page.h"

#define MANY 10000
#define NASTY "<script>alert(\"1\")</script>&'\x01\xff"

static struct {
	struct dk_route routes[MANY];
	struct dk_route_origin origins[MANY];
	char names[MANY][32];
	struct dk_from from;
	struct dk_way way;
	struct dk_plugin plugin;
	struct dk_endpoint_plan endpoints[2];
	struct dk_plan plan;
	struct dk_route_account account;
	struct dk_latency latency;
	bool is_route_paused, is_sink_paused;
	struct dk_page_request request;
	struct dk_buffer page, values;
} world;

/* --- The flow --- */

const struct dk_flow *__wrap_dk_gateway_flow(const struct dk_gateway *gateway);
const struct dk_source *__wrap_dk_gateway_source(const struct dk_gateway *gateway, size_t endpoint);
const struct dk_sink *__wrap_dk_gateway_sink(const struct dk_gateway *gateway, size_t endpoint);
bool __wrap_dk_gateway_is_connected(const struct dk_gateway *gateway, size_t endpoint);
uint64_t __wrap_dk_gateway_connects(const struct dk_gateway *gateway, size_t endpoint);
const struct dk_route_account *__wrap_dk_flow_route_account(const struct dk_flow *flow,
							    size_t route);
const struct dk_latency *__wrap_dk_flow_latency(const struct dk_flow *flow, size_t route);

const struct dk_flow *
__wrap_dk_gateway_flow(const struct dk_gateway *gateway)
{
	(void)gateway;
	return NULL;
}

const struct dk_source *
__wrap_dk_gateway_source(const struct dk_gateway *gateway, size_t endpoint)
{
	(void)gateway, (void)endpoint;
	return NULL;
}

const struct dk_sink *
__wrap_dk_gateway_sink(const struct dk_gateway *gateway, size_t endpoint)
{
	(void)gateway, (void)endpoint;
	return NULL;
}

bool
__wrap_dk_gateway_is_connected(const struct dk_gateway *gateway, size_t endpoint)
{
	(void)gateway;
	return endpoint == 0;
}

uint64_t
__wrap_dk_gateway_connects(const struct dk_gateway *gateway, size_t endpoint)
{
	(void)gateway, (void)endpoint;
	return 3;
}

const struct dk_route_account *
__wrap_dk_flow_route_account(const struct dk_flow *flow, size_t route)
{
	(void)flow, (void)route;
	return &world.account;
}

const struct dk_latency *
__wrap_dk_flow_latency(const struct dk_flow *flow, size_t route)
{
	(void)flow, (void)route;
	return &world.latency;
}

bool __wrap_dk_route_is_paused(const struct dk_flow *flow, size_t route);

bool
__wrap_dk_route_is_paused(const struct dk_flow *flow, size_t route)
{
	(void)flow, (void)route;
	return world.is_route_paused;
}

bool __wrap_dk_sink_is_paused(const struct dk_sink *sink);

bool
__wrap_dk_sink_is_paused(const struct dk_sink *sink)
{
	(void)sink;
	return world.is_sink_paused;
}

/* --- The world --- */

static void
make_routes(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		snprintf(world.names[i], sizeof(world.names[i]), "tenant-%05zu", i);
		world.origins[i] = (struct dk_route_origin){ .froms = &world.from, .from_count = 1 };
		world.routes[i] = (struct dk_route){ .name = world.names[i], .number = i,
						     .ways = &world.way, .way_count = 1 };
	}
	world.plan.route_count = count;
}

static int
begin(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.plugin.name = "mqtt";
	for (size_t i = 0; i < 2; i++)
		world.endpoints[i].plugin = &world.plugin;
	world.endpoints[0].name = "plant";
	world.endpoints[1].name = "lake";
	world.way.endpoint = 1;
	world.plan = (struct dk_plan){ .endpoints = world.endpoints, .endpoint_count = 2,
				       .routes = world.routes, .origins = world.origins };
	world.request = (struct dk_page_request){ .gateway = (const void *)&world,
						  .plan = &world.plan };
	make_routes(3);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dk_buffer_clear(&world.page);
	dk_buffer_clear(&world.values);
	dk_health_forget();
	return 0;
}

static const char *
page(void)
{
	dk_buffer_clear(&world.page);
	dk_page_write(&world.request, &world.page);
	return world.page.data;
}

static json_t *
values(void)
{
	json_error_t error;
	json_t *json;

	dk_buffer_clear(&world.values);
	dk_page_write_values(&world.request, &world.values);
	json = json_loadb(world.values.data, world.values.length, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fail_msg("%s at %d: %s", error.text, error.position, world.values.data);
	return json;
}

static void
assert_has(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("no %s in: %s", wanted, text);
}

static size_t
count_of(const char *text, const char *wanted)
{
	size_t count = 0;

	while ((text = strstr(text, wanted))) {
		count++;
		text++;
	}
	return count;
}

/* --- Tests --- */

static void
nothing_that_a_file_or_a_client_says_is_markup(void **state)
{
	static const char written[] = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;"
				      "\xef\xbf\xbd\xef\xbf\xbd";

	(void)state;
	world.routes[0].name = world.endpoints[1].name = NASTY;
	world.request.address = NASTY;
	assert_has(page(), written);
	assert_int_equal(count_of(page(), "<script"), 1);
	world.request.search = NASTY;
	assert_int_equal(count_of(page(), "<script"), 1);
	assert_has(page(), "value=\"&lt;script&gt;alert(&quot;1&quot;)");
	make_routes(MANY);
	world.request.search = "t\"><b>";
	world.endpoints[0].name = "t\"><b>";
	assert_has(page(), "&amp;search=t%22%3E%3Cb%3E#routes\"");
	assert_int_equal(count_of(page(), "<b>"), 0);
}

/* What the policy forbids is not there: it would be missing in browsers, and nowhere else. */
static void
all_that_is_loaded_is_served_here(void **state)
{
	static const char *const forbidden[] = { " style=", " onclick=", "<style", "javascript:",
						 "http:", "https:" };

	(void)state;
	for (size_t i = 0; i < ROWS(forbidden); i++) {
		assert_int_equal(count_of(page(), forbidden[i]), 0);
		assert_null(memmem(dk_page_style().data, dk_page_style().length, forbidden[i],
				   strlen(forbidden[i])));
		assert_null(memmem(dk_page_script().data, dk_page_script().length, forbidden[i],
				   strlen(forbidden[i])));
	}
	assert_has(page(), "<script src=\"/page.js\" defer></script>");
	assert_true(dk_page_style().length > 1000 && dk_page_script().length > 1000);
	assert_true(world.page.length + dk_page_style().length + dk_page_script().length < 30000);
}

/* For each of the values a cell with the same text, and for each of the cells a value. */
static void
the_script_brings_what_the_page_says(void **state)
{
	const char *key;
	json_t *json, *cells, *value;

	(void)state;
	world.routes[0].name = NASTY;
	world.account = (struct dk_route_account){ .created = 1234567, .delivered = 1234567 };
	world.latency = (struct dk_latency){ .buckets = { 98, 0, 2 }, .count = 101 };
	page();
	json = values();
	cells = json_object_get(json, "cells");
	json_object_foreach(cells, key, value) {
		char wanted[128], *cell;

		snprintf(wanted, sizeof(wanted), " data-k=\"%s\"", key);
		cell = strstr(world.page.data, wanted);
		assert_non_null(cell);
		cell = strchr(cell, '>') + 1;
		assert_memory_equal(cell, json_string_value(json_array_get(value, 0)),
				    strcspn(cell, "<"));
	}
	assert_int_equal(json_object_size(cells), count_of(world.page.data, " data-k="));
	snprintf(world.names[1], sizeof(world.names[1]), "<body data-plan=\"%s\">",
		 json_string_value(json_object_get(json, "plan")));
	assert_has(world.page.data, world.names[1]);
	assert_has(world.page.data, "data-k=\"r0.delivered\">1\u202f234\u202f567</td>");
	assert_has(world.page.data, "data-k=\"r0.median\">\u2264\u00a01\u00a0ms</td>");
	assert_has(world.page.data, "data-k=\"r0.slowest\">\u2264\u00a05\u00a0ms</td>");
	json_decref(json);
}

static void
another_plan_is_told_from_this_one(void **state)
{
	json_t *one = values(), *other;

	(void)state;
	world.routes[1].name = "another";
	other = values();
	assert_string_not_equal(json_string_value(json_object_get(one, "plan")),
				json_string_value(json_object_get(other, "plan")));
	json_decref(one);
	json_decref(other);
}

static void
of_many_routes_a_part_is_shown(void **state)
{
	(void)state;
	make_routes(MANY);
	assert_has(page(), "<p>1 to 200 of 10000 <a href=\"/?first=200&amp;search=#routes\">the next");
	assert_int_equal(count_of(page(), "<th scope=\"row\">tenant-"), DK_PAGE_ROUTES);
	assert_has(page(), ">200 routes</text>");
	world.request.first = "9900";
	assert_has(page(), "<p>9901 to 10000 of 10000 <a href=\"/?first=9700&amp;search=#routes\">those");
	assert_null(strstr(page(), "the next"));
	world.request.first = "-1";
	assert_has(page(), "<p>None of 10000");
	world.request.first = "x";
	world.request.search = "0004";
	assert_has(page(), "<p>1 to 11 of 11</p>");
	assert_has(page(), ">tenant-00042</text>");
	world.request.search = "LAKE";
	assert_has(page(), "<p>1 to 200 of 10000");
}

static void
what_is_paused_is_said_to_be(void **state)
{
	(void)state;
	assert_int_equal(count_of(page(), ">paused<"), 0);
	world.is_route_paused = true;
	assert_int_equal(count_of(page(), ">paused<"), 3);
}

/* Not that it carries: nothing moves. */
static void
what_waits_for_a_sink_that_is_away_is_said_to(void **state)
{
	(void)state;
	assert_int_equal(count_of(page(), ">rests<"), 3);
	world.account.in_flight = 1;
	assert_int_equal(count_of(page(), ">waits for its sink<"), 3);
	world.way.endpoint = 0;
	assert_int_equal(count_of(page(), ">carries<"), 3);
	world.is_sink_paused = true;
	assert_int_equal(count_of(page(), ">waits for its sink<"), 3);
}

/* By characters, not by bytes: in the map alone. */
static void
long_names_are_cut_in_the_map(void **state)
{
	(void)state;
	world.routes[0].name = "0123456789012345678901234567";
	assert_has(page(), ">0123456789012345678901234567</text>");
	world.routes[0].name = "01234567890123456789012345678";
	assert_has(page(), ">012345678901234567890123456\u2026</text>");
	world.routes[0].name = "\u00e9123456789012345678901234567";
	assert_has(page(), ">\u00e9123456789012345678901234567</text>");
	assert_has(page(), "<th scope=\"row\">\u00e9123456789012345678901234567</th>");
}

static void
who_is_away_and_what_is_wrong_are_told_first(void **state)
{
	const struct dk_gateway *gateway = world.request.gateway;

	(void)state;
	assert_has(page(), "data-s=\"waits\">Waiting for lake</p>");
	world.plan.endpoint_count = 1;
	assert_has(page(), "data-s=\"good\">All is well.</p>");
	world.plan.endpoint_count = 2;
	world.request.gateway = NULL;
	assert_has(page(), "Another configuration is being changed to");
	world.request.gateway = gateway;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(nothing_that_a_file_or_a_client_says_is_markup),
		TEST(all_that_is_loaded_is_served_here),
		TEST(the_script_brings_what_the_page_says),
		TEST(another_plan_is_told_from_this_one),
		TEST(of_many_routes_a_part_is_shown),
		TEST(what_is_paused_is_said_to_be),
		TEST(what_waits_for_a_sink_that_is_away_is_said_to),
		TEST(long_names_are_cut_in_the_map),
		TEST(who_is_away_and_what_is_wrong_are_told_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
