/* SPDX-License-Identifier: Apache-2.0
 *
 * health_test.c - whether all goes well, of a flow that this test says the figures of: a route from
 * an endpoint to two sinks.
 */
#include "test/unit/unit.h"

#include "daemon/surface/health.h"
#include "daemon/surface/status.h"
#include "daemon/system/complaint.h"

static struct {
	struct dk_route_account route;
	struct dk_route_traffic route_traffic;
	struct dk_sink_state sinks[2];
	struct dk_sink_traffic traffic[2];
	bool is_connected[2], is_sink_paused, is_route_paused;
	struct dk_way ways[2];
	struct dk_route routes[1];
	struct dk_endpoint_plan endpoints[2];
	struct dk_plan plan;
	int64_t now_ms;
} world;

/* --- The flow --- */

const struct dk_flow *__wrap_dk_gateway_flow(const struct dk_gateway *gateway);
const struct dk_source *__wrap_dk_gateway_source(const struct dk_gateway *gateway, size_t endpoint);
const struct dk_sink *__wrap_dk_gateway_sink(const struct dk_gateway *gateway, size_t endpoint);
bool __wrap_dk_gateway_is_connected(const struct dk_gateway *gateway, size_t endpoint);
uint64_t __wrap_dk_gateway_connects(const struct dk_gateway *gateway, size_t endpoint);
const struct dk_route_account *__wrap_dk_flow_route_account(const struct dk_flow *flow,
							    size_t route);
const struct dk_route_traffic *__wrap_dk_flow_route_traffic(const struct dk_flow *flow,
							    size_t route);
struct dk_sink_state __wrap_dk_sink_state(const struct dk_sink *sink);
const struct dk_sink_traffic *__wrap_dk_sink_traffic(const struct dk_sink *sink);

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
	(void)gateway;
	return (const struct dk_sink *)(const void *)&world.sinks[endpoint];
}

bool
__wrap_dk_gateway_is_connected(const struct dk_gateway *gateway, size_t endpoint)
{
	(void)gateway;
	return world.is_connected[endpoint];
}

uint64_t
__wrap_dk_gateway_connects(const struct dk_gateway *gateway, size_t endpoint)
{
	(void)gateway, (void)endpoint;
	return 1;
}

const struct dk_route_account *
__wrap_dk_flow_route_account(const struct dk_flow *flow, size_t route)
{
	(void)flow, (void)route;
	return &world.route;
}

const struct dk_route_traffic *
__wrap_dk_flow_route_traffic(const struct dk_flow *flow, size_t route)
{
	(void)flow, (void)route;
	return &world.route_traffic;
}

struct dk_sink_state
__wrap_dk_sink_state(const struct dk_sink *sink)
{
	return *(const struct dk_sink_state *)(const void *)sink;
}

const struct dk_sink_traffic *
__wrap_dk_sink_traffic(const struct dk_sink *sink)
{
	return &world.traffic[(const struct dk_sink_state *)(const void *)sink - world.sinks];
}

bool __wrap_dk_sink_is_paused(const struct dk_sink *sink);
bool __wrap_dk_source_is_paused(const struct dk_source *source);
bool __wrap_dk_route_is_paused(const struct dk_flow *flow, size_t route);

bool
__wrap_dk_sink_is_paused(const struct dk_sink *sink)
{
	(void)sink;
	return world.is_sink_paused;
}

bool
__wrap_dk_source_is_paused(const struct dk_source *source)
{
	(void)source;
	return false;
}

bool
__wrap_dk_route_is_paused(const struct dk_flow *flow, size_t route)
{
	(void)flow, (void)route;
	return world.is_route_paused;
}

/* --- The world --- */

static int
begin(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.endpoints[0].name = "lake";
	world.endpoints[1].name = "erp";
	for (size_t i = 0; i < 2; i++) {
		world.ways[i] = (struct dk_way){ .route = world.routes, .endpoint = i };
		world.sinks[i].is_up = world.is_connected[i] = true;
	}
	world.routes[0] = (struct dk_route){
		.name = "readings", .ways = world.ways, .way_count = 2, .retry_max_ms = 5000
	};
	world.plan = (struct dk_plan){ .endpoints = world.endpoints,
				       .endpoint_count = 2,
				       .routes = world.routes,
				       .route_count = 1 };
	world.now_ms = 1000000;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dk_health_forget();
	dk_complaints_forget();
	return 0;
}

static size_t
beat_after(int64_t ms, const char *const **reasons)
{
	world.now_ms += ms;
	dk_health_beat((const struct dk_gateway *)(const void *)&world, &world.plan, world.now_ms,
		       world.now_ms);
	return dk_health_reasons(reasons);
}

static void
assert_well_after(int64_t ms)
{
	const char *const *reasons;

	if (beat_after(ms, &reasons) > 0)
		fail_msg("not well: %s", reasons[0]);
}

/* The one reason there is has all of these words. */
static void
assert_ill_after(int64_t ms, const char *const *words)
{
	const char *const *reasons;

	assert_int_equal(beat_after(ms, &reasons), 1);
	for (; *words; words++)
		if (!strstr(reasons[0], *words))
			fail_msg("no \"%s\" in: %s", *words, reasons[0]);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
deliver(uint64_t created, uint64_t delivered)
{
	world.route.created += created;
	world.route.delivered += delivered;
	world.route.in_flight += created - delivered;
}

/* --- Tests --- */

static void
what_moves_is_well_however_slowly(void **state)
{
	(void)state;
	assert_well_after(0);
	deliver(100, 0);
	world.sinks[0].in_flight = 50;
	for (int i = 0; i < 10; i++) {
		assert_well_after(25000);
		deliver(0, 1);
		world.traffic[0].settled++;
	}
}

static void
a_sink_that_answers_nothing_is_named_with_the_time_since(void **state)
{
	(void)state;
	assert_well_after(0);
	world.sinks[0].in_flight = 7;
	assert_well_after(0);
	assert_well_after(DK_HEALTH_PATIENCE_MS - 1);
	assert_ill_after(1, WORDS("endpoint lake", "7 deliveries", "since 1970-01-01T00:16:40Z"));
	assert_true(dk_health_endpoint(0)->is_stuck);
	assert_false(dk_health_endpoint(1)->is_stuck);
	assert_ill_after(60000, WORDS("since 1970-01-01T00:16:40Z"));
	world.traffic[0].settled++;
	assert_well_after(1);
	assert_false(dk_health_endpoint(0)->is_stuck);
}

/* It waits on purpose for as long as it may between two tries. */
static void
a_route_is_given_its_longest_wait_besides(void **state)
{
	(void)state;
	deliver(3, 0);
	assert_well_after(0);
	assert_well_after(DK_HEALTH_PATIENCE_MS + 4999);
	assert_ill_after(1, WORDS("route readings", "3 deliveries", "since ", "lake"));
	assert_true(dk_health_route(0)->is_stuck);
	world.route.retried++;
	assert_well_after(1);
}

static void
what_waits_for_a_sink_that_is_away_or_full_is_not_stuck(void **state)
{
	(void)state;
	deliver(3, 0);
	world.sinks[0].in_flight = 3;
	world.is_connected[0] = world.sinks[0].is_up = false;
	assert_well_after(0);
	assert_well_after(10 * DK_HEALTH_PATIENCE_MS);
	world.is_connected[0] = world.sinks[0].is_up = true;
	world.sinks[0].is_full = true;
	assert_well_after(10 * DK_HEALTH_PATIENCE_MS);
	world.sinks[0].is_full = false;
	assert_well_after(10 * DK_HEALTH_PATIENCE_MS);
	assert_well_after(DK_HEALTH_PATIENCE_MS - 1);
}

static void
what_an_administrator_has_paused_is_not_stuck(void **state)
{
	(void)state;
	deliver(3, 0);
	world.is_route_paused = true;
	assert_well_after(0);
	assert_well_after(10 * DK_HEALTH_PATIENCE_MS);
	world.is_route_paused = false;
	world.is_sink_paused = true;
	assert_well_after(10 * DK_HEALTH_PATIENCE_MS);
	world.is_sink_paused = false;
	assert_well_after(0);
	assert_ill_after(10 * DK_HEALTH_PATIENCE_MS, WORDS("route readings", "come to an end"));
}

static void
an_account_that_is_off_is_told_with_its_difference(void **state)
{
	(void)state;
	assert_well_after(0);
	world.route.created = 5;
	assert_ill_after(1, WORDS("route readings", "off by 5 deliveries"));
}

static void
stores_that_fail_and_routes_that_are_denied_are_reasons(void **state)
{
	(void)state;
	assert_well_after(0);
	dk_complain("plant", "store-failed", "No space left on device");
	assert_ill_after(1, WORDS("plant", "No space left on device"));
	dk_complain("plant", "store-failed", NULL);
	dk_complain("plant", "disconnected", "Connection refused");
	assert_well_after(1);
	dk_complain("readings", "denied", "lake:x: not authorised; the route stops");
	assert_ill_after(1, WORDS("route readings", "not authorised"));
}

static void
of_many_reasons_the_last_says_how_many_more(void **state)
{
	struct dk_route routes[50];
	const char *const *reasons;

	(void)state;
	for (size_t i = 0; i < ROWS(routes); i++)
		routes[i] = world.routes[0];
	world.plan.routes = routes;
	world.plan.route_count = ROWS(routes);
	world.route.created = 5;
	assert_int_equal(beat_after(1, &reasons), DK_HEALTH_REASONS);
	assert_string_equal(reasons[DK_HEALTH_REASONS - 1], "and 31 more");
}

/* Another route at the same number has waited for nothing yet. */
static void
a_change_of_the_routes_begins_anew(void **state)
{
	(void)state;
	deliver(3, 0);
	assert_well_after(0);
	world.routes[0].name = "bookings";
	assert_well_after(10 * DK_HEALTH_PATIENCE_MS);
	world.plan.route_count = 0;
	assert_well_after(1);
	world.plan.route_count = 1;
	assert_well_after(10 * DK_HEALTH_PATIENCE_MS);
	assert_ill_after(DK_HEALTH_PATIENCE_MS + 5000, WORDS("route bookings"));
}

static void
rates_are_of_the_time_between_two_beats(void **state)
{
	(void)state;
	assert_well_after(0);
	deliver(500, 500);
	world.route_traffic.received = 250;
	assert_well_after(5000);
	assert_true(dk_health_route(0)->delivered == 100.0);
	assert_true(dk_health_route(0)->received == 50.0);
	assert_well_after(5000);
	assert_true(dk_health_route(0)->delivered == 0);
	world.route = (struct dk_route_account){ 0 };
	assert_well_after(5000);
	assert_true(dk_health_route(0)->delivered == 0);
}

/* It is one line of systemctl status. */
static void
the_status_line_says_what_is_wrong(void **state)
{
	const char *const *reasons;
	char line[256];

	(void)state;
	world.route.created = 5;
	beat_after(1, &reasons);
	dk_status_line((const struct dk_gateway *)(const void *)&world, &world.plan, "x", line,
		       sizeof(line));
	assert_memory_equal(line, "not well: route readings", 24);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_moves_is_well_however_slowly),
		TEST(a_sink_that_answers_nothing_is_named_with_the_time_since),
		TEST(a_route_is_given_its_longest_wait_besides),
		TEST(what_waits_for_a_sink_that_is_away_or_full_is_not_stuck),
		TEST(what_an_administrator_has_paused_is_not_stuck),
		TEST(an_account_that_is_off_is_told_with_its_difference),
		TEST(stores_that_fail_and_routes_that_are_denied_are_reasons),
		TEST(of_many_reasons_the_last_says_how_many_more),
		TEST(a_change_of_the_routes_begins_anew),
		TEST(rates_are_of_the_time_between_two_beats),
		TEST(the_status_line_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
