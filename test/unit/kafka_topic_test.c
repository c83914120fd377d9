/* SPDX-License-Identifier: Apache-2.0
 *
 * kafka_topic_test.c - flights of records: which leave together, and how a culprit is found.
 */
#include "plugins/kafka/topic.h"
#include "test/unit/unit.h"

#define SIZE 1000

static struct kafka_topics topics;

static struct kafka_topic *
topic_of(const char *name)
{
	return kafka_topics_find(&topics, (struct dk_slice){ name, strlen(name) });
}

/* As many of these as there is room for. */
static size_t
fly(struct kafka_topic *topic, size_t count)
{
	size_t flown = 0;

	while (flown < count && kafka_flight_has_room(topic, SIZE)) {
		kafka_flight_add(topic, SIZE);
		flown++;
	}
	return flown;
}

static void
report_all(struct kafka_topic *topic, size_t count, bool is_refused)
{
	while (count-- > 0)
		kafka_flight_report(topic, SIZE, is_refused);
}

static void
a_topic_is_found_by_its_whole_name(void **state)
{
	(void)state;
	assert_ptr_equal(topic_of("a"), topic_of("a"));
	assert_ptr_not_equal(topic_of("a"), topic_of("ab"));
	assert_string_equal(topic_of("ab")->name, "ab");
	kafka_topics_free(&topics);
}

static void
without_refusals_there_is_no_bound(void **state)
{
	struct kafka_topic *topic = topic_of("free");

	(void)state;
	assert_int_equal(fly(topic, 5000), 5000);
	report_all(topic, 2500, false);
	assert_int_equal(fly(topic, 2500), 2500);
	kafka_topics_free(&topics);
}

static void
after_a_refusal_the_next_flight_waits_and_is_smaller(void **state)
{
	struct kafka_topic *topic = topic_of("small");

	(void)state;
	fly(topic, 100);
	report_all(topic, 40, true);
	assert_int_equal(fly(topic, 1), 0);
	report_all(topic, 60, false);
	assert_int_equal(fly(topic, 100), 5); /* an eighth of the 40 */
	assert_int_equal(topic->bound, 5 * SIZE);
	kafka_topics_free(&topics);
}

static void
a_culprit_is_known_when_it_flew_alone(void **state)
{
	struct kafka_topic *topic = topic_of("culprit");

	(void)state;
	fly(topic, 2);
	assert_false(kafka_flight_report(topic, SIZE, true));
	assert_false(kafka_flight_report(topic, SIZE, true));
	assert_int_equal(fly(topic, 2), 1);
	assert_true(kafka_flight_report(topic, SIZE, true));
	assert_int_equal(fly(topic, 2), 1); /* and the next one flies */
	kafka_topics_free(&topics);
}

static void
one_larger_than_the_bound_flies_alone(void **state)
{
	struct kafka_topic *topic = topic_of("large");

	(void)state;
	topic->bound = 10;
	assert_int_equal(fly(topic, 3), 1);
	kafka_topics_free(&topics);
}

static void
a_bound_grows_with_full_flights_and_ends(void **state)
{
	struct kafka_topic *topic = topic_of("growing");
	size_t flights = 0;

	(void)state;
	topic->bound = 4 * SIZE;
	while (topic->bound > 0 && flights++ < 10000)
		report_all(topic, fly(topic, 1000000), false);
	assert_int_equal(topic->bound, 0);
	assert_in_range(flights, 64, 64 * 12);
	topic->bound = 4 * SIZE;
	for (size_t i = 0; i < 1000; i++)
		report_all(topic, fly(topic, 1), false); /* says nothing of four */
	assert_int_equal(topic->bound, 4 * SIZE);
	kafka_topics_free(&topics);
}

static void
those_that_wait_keep_their_order(void **state)
{
	struct kafka_topic *topic = topic_of("waiting");
	struct dk_delivery deliveries[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		kafka_flight_wait(topic, &deliveries[i]);
	assert_ptr_equal(kafka_flight_next(topic), &deliveries[0]);
	assert_ptr_equal(kafka_flight_next(topic), &deliveries[1]);
	kafka_flight_wait(topic, &deliveries[0]);
	assert_ptr_equal(kafka_flight_next(topic), &deliveries[2]);
	assert_ptr_equal(kafka_flight_next(topic), &deliveries[0]);
	assert_null(topic->waiting);
	kafka_topics_free(&topics);
}

/* --- Many names ---------------------------------------------------------------------------- */

static size_t forgotten;

static void
forget(struct kafka_topic *topic, void *argument)
{
	(void)argument;
	assert_memory_equal(topic->name, "many.", 5);
	forgotten++;
}

static void
make_topics(size_t first, size_t count)
{
	char name[32];

	for (size_t i = first; i < first + count; i++) {
		snprintf(name, sizeof(name), "many.%zu", i);
		topic_of(name);
	}
}

static void
what_nobody_writes_to_any_more_is_forgotten(void **state)
{
	struct kafka_topic *flying = topic_of("flying"), *waiting = topic_of("waiting");
	struct kafka_topic *wanted = topic_of("wanted"), *troubled = topic_of("troubled");
	struct dk_delivery delivery;

	(void)state;
	forgotten = 0;
	kafka_flight_add(flying, SIZE);
	kafka_flight_wait(waiting, &delivery);
	troubled->is_troubled = true;
	make_topics(0, KAFKA_TOPICS_MOST - 4);
	kafka_topics_trim(&topics, NULL, forget);
	make_topics(KAFKA_TOPICS_MOST, 1);
	kafka_topics_trim(&topics, NULL, forget);
	assert_int_equal(forgotten, 0); /* all were looked for since the last time: there was none */
	topic_of("wanted");
	make_topics(2 * KAFKA_TOPICS_MOST, KAFKA_TOPICS_MOST + 2);
	kafka_topics_trim(&topics, NULL, forget);
	assert_int_equal(forgotten, KAFKA_TOPICS_MOST - 3);
	assert_ptr_equal(topic_of("flying"), flying);
	assert_ptr_equal(topic_of("waiting"), waiting);
	assert_ptr_equal(topic_of("wanted"), wanted);
	assert_ptr_equal(topic_of("troubled"), troubled);
	kafka_topics_free(&topics);
}

static void
what_has_to_stay_is_not_looked_through_each_time(void **state)
{
	(void)state;
	forgotten = 0;
	make_topics(0, KAFKA_TOPICS_MOST + 1);
	kafka_topics_trim(&topics, NULL, forget);
	make_topics(KAFKA_TOPICS_MOST + 1, KAFKA_TOPICS_MOST + 1);
	kafka_topics_trim(&topics, NULL, forget);
	assert_int_equal(forgotten, 0);
	make_topics(2 * KAFKA_TOPICS_MOST + 2, 1);
	kafka_topics_trim(&topics, NULL, forget);
	assert_int_equal(forgotten, KAFKA_TOPICS_MOST + 1);
	kafka_topics_free(&topics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_topic_is_found_by_its_whole_name),
		cmocka_unit_test(without_refusals_there_is_no_bound),
		cmocka_unit_test(after_a_refusal_the_next_flight_waits_and_is_smaller),
		cmocka_unit_test(a_culprit_is_known_when_it_flew_alone),
		cmocka_unit_test(one_larger_than_the_bound_flies_alone),
		cmocka_unit_test(a_bound_grows_with_full_flights_and_ends),
		cmocka_unit_test(those_that_wait_keep_their_order),
		cmocka_unit_test(what_nobody_writes_to_any_more_is_forgotten),
		cmocka_unit_test(what_has_to_stay_is_not_looked_through_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
