/* SPDX-License-Identifier: Apache-2.0
 *
 * rabbitmq_blame_test.c - whose fault it was that the broker closed the channel or the connection:
 * the publishing thread's own state, without a broker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/rabbitmq/publisher.h"

#define ROOM 16

/* --- What blame.c and obstacles.c stand on --- */

static enum dk_outcome outcomes[ROOM];
static struct dk_delivery deliveries[ROOM], *flights[ROOM];
static char told[2000];
static int64_t now;

void
rabbitmq_split(struct dk_slice address, amqp_bytes_t *exchange, amqp_bytes_t *key)
{
	const char *slash = memchr(address.data, '/', address.length);

	*exchange = (amqp_bytes_t){ (size_t)(slash - address.data), (void *)address.data };
	*key = (amqp_bytes_t){ address.length - exchange->len - 1, (void *)(slash + 1) };
}

struct dk_delivery *
rabbitmq_land(struct rabbitmq_publisher *publisher, uint64_t tag)
{
	struct dk_delivery *delivery = flights[tag % ROOM];

	flights[tag % ROOM] = NULL;
	publisher->in_flight -= delivery != NULL;
	return delivery;
}

void
rabbitmq_settle(struct rabbitmq_publisher *publisher, struct dk_delivery *delivery,
		enum dk_outcome outcome, const char *reason)
{
	(void)publisher;
	assert_non_null(reason);
	outcomes[delivery - deliveries] = outcome;
}

static void
trouble(struct dk_endpoint *endpoint, const char *event, const char *reason)
{
	(void)endpoint;
	snprintf(told, sizeof(told), "%s: %s", event, reason);
}

static void
trouble_over(struct dk_endpoint *endpoint, const char *event)
{
	(void)endpoint;
	snprintf(told, sizeof(told), "%s is over", event);
}

static int64_t
now_ms(void)
{
	return now;
}

static const struct dk_host host = { .trouble = trouble,
				     .trouble_over = trouble_over,
				     .now_ms = now_ms };
static const struct rabbitmq_config config = { .username = "me" };
static const struct rabbitmq_host broker = { .name = "broker:5672" };
static struct rabbitmq endpoint = { .host = &host, .config = &config };
static struct dk_target target = { .route = "bookings" };

static struct rabbitmq_publisher publisher;

/* In flight are messages to these addresses, the last NULL. */
static void
fly(const char *const *addresses)
{
	rabbitmq_obstacles_free(&publisher);
	memset(&publisher, 0, sizeof(publisher));
	publisher.link.endpoint = &endpoint;
	publisher.link.host = &broker;
	publisher.last_pending = &publisher.pending;
	publisher.flights = flights;
	publisher.flight_room = ROOM;
	publisher.first_tag = publisher.next_tag = 1;
	for (int i = 0; addresses[i]; i++) {
		struct dk_slice address = { addresses[i], strlen(addresses[i]) };

		deliveries[i] = (struct dk_delivery){ .target = &target, .address = address };
		outcomes[i] = DK_ACCEPTED;
		flights[publisher.next_tag++ % ROOM] = &deliveries[i];
		publisher.in_flight++;
	}
}

static void
refuse(int code, const char *text)
{
	publisher.link.code = code;
	snprintf(publisher.link.reason, sizeof(publisher.link.reason), "%d %s", code, text);
	rabbitmq_blame(&publisher, (struct dk_slice){ text, strlen(text) });
}

static bool
is_kept(const char *address)
{
	amqp_bytes_t exchange, key;

	rabbitmq_split((struct dk_slice){ address, strlen(address) }, &exchange, &key);
	return rabbitmq_obstacle_of(&publisher, exchange, key) != NULL;
}

/* Those that wait again are the first so many, in their order. */
static void
check_pending(size_t count)
{
	struct dk_delivery *delivery = publisher.pending;

	assert_int_equal(publisher.pending_count, count);
	for (size_t i = 0; i < count; i++, delivery = delivery->next)
		assert_ptr_equal(delivery, &deliveries[i]);
	assert_null(delivery);
}

/* --- Tests --- */

static void
a_missing_exchange_keeps_its_own_back(void **state)
{
	(void)state;
	fly((const char *[]){ "x/1", "y/1", "x/2", NULL });
	refuse(404, "NOT_FOUND - no exchange 'y' in vhost '/'");
	check_pending(3);
	assert_int_equal(publisher.suspects, 0);
	assert_true(is_kept("y/other"));
	assert_false(is_kept("x/1"));
	assert_non_null(
		strstr(told, "exchange-missing: route bookings: exchange y of broker:5672"));
	now += 1001;
	assert_false(is_kept("y/other"));
	rabbitmq_obstacle_passed(&publisher, (amqp_bytes_t){ 1, (void *)"y" },
				 (amqp_bytes_t){ 1, (void *)"1" });
	assert_string_equal(told, "exchange-missing is over");
}

static void
a_name_that_ends_another_is_not_meant(void **state)
{
	(void)state;
	fly((const char *[]){ "x/1", "ax/1", NULL });
	refuse(404, "NOT_FOUND - no exchange 'ax' in vhost '/'");
	assert_true(is_kept("ax/1"));
	assert_false(is_kept("x/1"));
}

static void
a_key_that_is_not_allowed_keeps_no_other_back(void **state)
{
	(void)state;
	fly((const char *[]){ "x/1", "x/2", NULL });
	refuse(403, "ACCESS_REFUSED - access to topic '2' in exchange 'x' in vhost '/' refused");
	assert_true(is_kept("x/2"));
	assert_false(is_kept("x/1"));
}

static void
the_default_exchange_has_a_name(void **state)
{
	(void)state;
	fly((const char *[]){ "x/1", "/q", NULL });
	refuse(403, "ACCESS_REFUSED - access to exchange 'amq.default' in vhost '/' refused");
	assert_true(is_kept("/q"));
	assert_false(is_kept("x/1"));
	assert_int_equal(publisher.obstacles[0].outcome, DK_DENIED);
}

static void
several_are_suspected_and_one_is_rejected(void **state)
{
	(void)state;
	fly((const char *[]){ "x/1", "x/2", "x/3", NULL });
	refuse(406, "PRECONDITION_FAILED - message size 9 is larger than 8");
	check_pending(3);
	assert_int_equal(publisher.suspects, 3);
	fly((const char *[]){ "x/1", NULL });
	refuse(406, "PRECONDITION_FAILED - message size 9 is larger than 8");
	assert_int_equal(outcomes[0], DK_REJECTED);
	assert_int_equal(publisher.suspects, 0);
	check_pending(0);
}

static void
a_full_queue_is_no_fault_of_the_message(void **state)
{
	(void)state;
	fly((const char *[]){ "x/1", NULL });
	refuse(406, "PRECONDITION_FAILED - partial tx completion");
	assert_int_equal(outcomes[0], DK_RELEASED);
}

static void
one_alone_whose_exchange_is_not_told_is_kept_back(void **state)
{
	(void)state;
	fly((const char *[]){ "x/1", NULL });
	refuse(404, "NOT_FOUND");
	assert_true(is_kept("x/1"));
	check_pending(1);
}

static void
a_connection_lost_three_times_over_one_message_rejects_it(void **state)
{
	static const char *const addresses[] = { "x/1", NULL };
	unsigned losses;

	(void)state;
	fly((const char *[]){ "x/1", "x/2", "x/3", "x/4", NULL });
	publisher.link.code = AMQP_SYNTAX_ERROR;
	assert_null(rabbitmq_blame_for_loss(&publisher));
	assert_int_equal(publisher.suspects, 4);
	fly(addresses);
	for (int i = 0; i < 2; i++) {
		publisher.link.code = AMQP_SYNTAX_ERROR;
		assert_null(rabbitmq_blame_for_loss(&publisher));
		assert_int_equal(publisher.suspects, 1);
		losses = publisher.alone_losses;
		fly(addresses);
		publisher.alone_losses = losses;
	}
	publisher.link.code = AMQP_SYNTAX_ERROR;
	assert_ptr_equal(rabbitmq_blame_for_loss(&publisher), &deliveries[0]);
}

static void
a_connection_that_is_lost_blames_nobody(void **state)
{
	static const int codes[] = { 0, 320, 530 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		fly((const char *[]){ "x/1", NULL });
		publisher.alone_losses = 2;
		publisher.link.code = codes[i];
		assert_null(rabbitmq_blame_for_loss(&publisher));
		assert_int_equal(publisher.suspects, 0);
	}
}

static void
more_obstacles_than_there_is_room_for_drop_the_oldest(void **state)
{
	static char names[RABBITMQ_OBSTACLES + 1][8];

	(void)state;
	fly((const char *[]){ NULL });
	for (int i = 0; i <= RABBITMQ_OBSTACLES; i++) {
		int length = snprintf(names[i], sizeof(names[i]), "%d", i);

		rabbitmq_obstacle_put(&publisher, DK_RELEASED, "exchange-missing",
				      (amqp_bytes_t){ (size_t)length, names[i] },
				      (amqp_bytes_t){ 0, NULL }, 1000, names[i]);
	}
	assert_int_equal(publisher.obstacle_count, RABBITMQ_OBSTACLES);
	assert_false(is_kept("0/k"));
	assert_true(is_kept("1/k"));
	rabbitmq_obstacles_free(&publisher);
}

/* What is told of an obstacle is over when the last of its kind is, whatever comes in its place. */
static void
a_trouble_is_over_with_its_last_obstacle(void **state)
{
	static const char full[] = "not-taken", unbound[] = "unroutable";
	amqp_bytes_t exchange = { 1, (void *)"x" }, key = { 1, (void *)"1" };

	(void)state;
	fly((const char *[]){ NULL });
	rabbitmq_obstacle_put(&publisher, DK_RELEASED, unbound, exchange, key, 0, "nobody");
	assert_string_equal(told, "unroutable: nobody");
	rabbitmq_obstacle_put(&publisher, DK_DENIED, NULL, exchange, key, 0, "not allowed");
	assert_string_equal(told, "unroutable is over");
	rabbitmq_obstacle_put(&publisher, DK_RELEASED, full, exchange, key, 0, "full");
	for (int i = 0; i < RABBITMQ_OBSTACLES; i++)
		rabbitmq_obstacle_put(&publisher, DK_DENIED, NULL, exchange,
				      (amqp_bytes_t){ 1, &(char){ (char)('a' + i) } }, 0, "no");
	assert_string_equal(told, "not-taken is over");
	rabbitmq_obstacles_free(&publisher);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_exchange_keeps_its_own_back),
		cmocka_unit_test(a_name_that_ends_another_is_not_meant),
		cmocka_unit_test(a_key_that_is_not_allowed_keeps_no_other_back),
		cmocka_unit_test(the_default_exchange_has_a_name),
		cmocka_unit_test(several_are_suspected_and_one_is_rejected),
		cmocka_unit_test(a_full_queue_is_no_fault_of_the_message),
		cmocka_unit_test(one_alone_whose_exchange_is_not_told_is_kept_back),
		cmocka_unit_test(a_connection_lost_three_times_over_one_message_rejects_it),
		cmocka_unit_test(a_connection_that_is_lost_blames_nobody),
		cmocka_unit_test(more_obstacles_than_there_is_room_for_drop_the_oldest),
		cmocka_unit_test(a_trouble_is_over_with_its_last_obstacle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
