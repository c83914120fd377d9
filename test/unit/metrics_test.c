/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_test.c - figures as Prometheus reads them, of a flow that this test says the figures of.
 */
#include "test/unit/unit.h"

#include "daemon/flow/journal.h"
#include "daemon/surface/metrics.h"

static struct {
	struct dk_latency latency;
	struct dk_route_account account;
	struct dk_route_traffic traffic;
} flow;

const struct dk_flow *__wrap_dk_gateway_flow(const struct dk_gateway *gateway);
struct dk_journal *__wrap_dk_flow_dead(const struct dk_flow *unused);
struct dk_journal_state __wrap_dk_journal_state(struct dk_journal *journal);
const struct dk_latency *__wrap_dk_flow_latency(const struct dk_flow *unused, size_t route);
const struct dk_route_account *__wrap_dk_flow_route_account(const struct dk_flow *unused,
							    size_t route);

const struct dk_route_traffic *__wrap_dk_flow_route_traffic(const struct dk_flow *unused,
							    size_t route);

const struct dk_flow *
__wrap_dk_gateway_flow(const struct dk_gateway *gateway)
{
	(void)gateway;
	return NULL;
}

struct dk_journal *
__wrap_dk_flow_dead(const struct dk_flow *unused)
{
	(void)unused;
	return NULL;
}

struct dk_journal_state
__wrap_dk_journal_state(struct dk_journal *journal)
{
	(void)journal;
	return (struct dk_journal_state){ 0 };
}

bool __wrap_dk_route_is_paused(const struct dk_flow *unused, size_t route);

bool
__wrap_dk_route_is_paused(const struct dk_flow *unused, size_t route)
{
	(void)unused, (void)route;
	return true;
}

const struct dk_latency *
__wrap_dk_flow_latency(const struct dk_flow *unused, size_t route)
{
	(void)unused, (void)route;
	return &flow.latency;
}

const struct dk_route_account *
__wrap_dk_flow_route_account(const struct dk_flow *unused, size_t route)
{
	(void)unused, (void)route;
	return &flow.account;
}

const struct dk_route_traffic *
__wrap_dk_flow_route_traffic(const struct dk_flow *unused, size_t route)
{
	(void)unused, (void)route;
	return &flow.traffic;
}

/* A rate of a sum with six digits is 0, and then a leap. */
static void
the_sum_of_latencies_is_exact(void **state)
{
	static const struct {
		int64_t sum_ms;
		const char *written;
	} rows[] = {
		{ 0, "0.000" },
		{ 7, "0.007" },
		{ 1230, "1.230" },
		{ 1234567891, "1234567.891" },
		{ INT64_C(9007199254740993), "9007199254740.993" },
	};
	struct dk_route route = { .name = "odd" };
	struct dk_plan plan = { .routes = &route, .route_count = 1 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_buffer out = { 0 };
		char wanted[128];

		flow.latency.sum_ms = rows[i].sum_ms;
		snprintf(wanted, sizeof(wanted),
			 "\ndiolkos_route_latency_seconds_sum{route=\"odd\"} %s\n", rows[i].written);
		dk_metrics_write((const struct dk_gateway *)(const void *)&flow, &plan, &out);
		assert_non_null(strstr(out.data, wanted));
		dk_buffer_clear(&out);
	}
}

static void
assert_written(const struct dk_plan *plan, const char *wanted)
{
	struct dk_buffer out = { 0 };

	dk_metrics_write((const struct dk_gateway *)(const void *)&flow, plan, &out);
	if (!strstr(out.data, wanted))
		fail_msg("no %s in: %s", wanted, out.data);
	dk_buffer_clear(&out);
}

/* Names may have any bytes but NUL: three of them mean something within a label's quotes. */
static void
names_are_escaped(void **state)
{
	struct dk_route route = { .name = "a\"b\\c\nd<e>" };
	struct dk_plan plan = { .routes = &route, .route_count = 1 };

	(void)state;
	assert_written(&plan, "\ndiolkos_route_paused{route=\"a\\\"b\\\\c\\nd<e>\"} 1\n");
	flow.account.created = 18446744073709551u;
	assert_written(&plan, "\ndiolkos_route_created_total{route=\"a\\\"b\\\\c\\nd<e>\"} "
			      "18446744073709551\n");
	flow.account = (struct dk_route_account){ .delivered = 3 };
	assert_written(&plan, "\ndiolkos_route_account_difference{route=\"a\\\"b\\\\c\\nd<e>\"} "
			      "-3\n");
	flow.account = (struct dk_route_account){ 0 };
}

static void
the_process_is_told_as_by_other_clients(void **state)
{
	static const char *const names[] = {
		"\nprocess_cpu_seconds_total ", "\nprocess_resident_memory_bytes ",
		"\nprocess_open_fds ", "\nprocess_start_time_seconds ", "\nprocess_max_fds ",
	};
	struct dk_plan plan = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++)
		assert_written(&plan, names[i]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sum_of_latencies_is_exact),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(the_process_is_told_as_by_other_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
