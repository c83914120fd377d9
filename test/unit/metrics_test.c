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
} flow;

const struct dk_flow *__wrap_dk_gateway_flow(const struct dk_gateway *gateway);
struct dk_journal *__wrap_dk_flow_dead(const struct dk_flow *unused);
struct dk_journal_state __wrap_dk_journal_state(struct dk_journal *journal);
const struct dk_latency *__wrap_dk_flow_latency(const struct dk_flow *unused, size_t route);
const struct dk_route_account *__wrap_dk_flow_route_account(const struct dk_flow *unused,
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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sum_of_latencies_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
