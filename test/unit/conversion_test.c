/* SPDX-License-Identifier: Apache-2.0
 *
 * conversion_test.c - random messages, as clients of each system may send them, go to each other
 * system and back: what becomes of each thing that they say is what is declared, and all that is
 * declared comes to pass.
 */
#include <ctype.h>

#include "test/unit/conversion.h"

#define BATCH 100
#define ROWS_MOST 200

static const struct {
	const char *name;
	const struct protocol *from, *to;
} ways[] = {
	[MQTT_KAFKA] = { "MQTT -> Kafka", &mqtt_protocol, &kafka_protocol },
	[MQTT_AMQP] = { "MQTT -> AMQP", &mqtt_protocol, &rabbitmq_protocol },
	[KAFKA_MQTT] = { "Kafka -> MQTT", &kafka_protocol, &mqtt_protocol },
	[KAFKA_AMQP] = { "Kafka -> AMQP", &kafka_protocol, &rabbitmq_protocol },
	[AMQP_MQTT] = { "AMQP -> MQTT", &rabbitmq_protocol, &mqtt_protocol },
	[AMQP_KAFKA] = { "AMQP -> Kafka", &rabbitmq_protocol, &kafka_protocol },
};

/* --- Saying what is wrong --- */

static void
say_slice(struct dk_slice slice)
{
	print_error("\"");
	for (size_t i = 0; i < slice.length && i < 60; i++)
		print_error(isprint((unsigned char)slice.data[i]) ? "%c" : "\\x%02x",
			    (unsigned char)slice.data[i]);
	print_error(slice.length > 60 ? "...\"" : "\"");
}

static void
say(const char *title, const struct facts *facts)
{
	print_error("  %s%s\n", title, facts->is_rejected ? ": rejected" : "");
	for (size_t i = 0; i < facts->count; i++) {
		const struct fact *fact = &facts->list[i];

		print_error("    %s ", fact->field);
		say_slice(fact->name);
		print_error(" %c ", fact->kind);
		say_slice(fact->value);
		print_error("\n");
	}
}

struct message_facts {
	struct facts sent, between, back;
};

static void
complain(enum way way, const char *what, const struct fact *fact, const struct message_facts *all)
{
	print_error("%s: %s: %s ", ways[way].name, what, fact ? fact->field : "");
	if (fact)
		say_slice(fact->name);
	print_error("\n");
	say("sent", &all->sent);
	say("got", &all->between);
	say("got back", &all->back);
	fail_msg("%s: %s", ways[way].name, what);
}

/* --- One way --- */

static size_t row_uses[ROWS_MOST], trip_uses[ROWS_MOST];

static bool
is_of(const struct row *row, enum way way, const struct fact *fact, const struct facts *all)
{
	return row->way == way && is_field(fact, row->field) && is_named(fact, row->name) &&
	       (!row->kinds || strchr(row->kinds, fact->kind)) &&
	       (!row->when || row->when(fact, all));
}

static void
apply(const struct row *row, const struct fact *fact, struct facts *expected)
{
	struct fact become = *fact;

	row_uses[row - conversion_rows]++;
	if (!row->to)
		return;
	if (strcmp(row->to, CONVERSION_REJECTED) == 0) {
		expected->is_rejected = true;
		return;
	}
	become.field = row->to;
	if (row->to_name)
		become.name = keep_text("%s", row->to_name);
	else if (strcmp(row->to, "header") != 0)
		become.name = (struct dk_slice){ "", 0 };
	if (row->how)
		row->how(&become);
	expected->list[expected->count++] = become;
}

static bool
expect_one(enum way way, const struct fact *fact, const struct facts *sent, struct facts *expected)
{
	for (size_t i = 0; i < conversion_row_count; i++) {
		const struct row *row = &conversion_rows[i];

		if (!is_of(row, way, fact, sent))
			continue;
		apply(row, fact, expected);
		if (!row->goes_on)
			return true;
	}
	return false;
}

static void
expect_additions(enum way way, const struct facts *sent, struct facts *expected)
{
	for (size_t i = 0; i < conversion_addition_count; i++) {
		const struct addition *added = &conversion_additions[i];
		struct dk_slice name = { added->name ? added->name : "",
					 added->name ? strlen(added->name) : 0 };

		if (added->way != way || (added->when && !added->when(NULL, sent)) ||
		    (!added->name && find_fact(expected, added->field)))
			continue;
		add_fact(expected, added->field, name, 'S',
			 keep_text("%s", added->value ? added->value : ""));
		expected->list[expected->count - 1].is_any = !added->value;
	}
}

/* Headers keep their order, but for those that are fields of one of the systems. */
static bool
is_ordered(const struct fact *fact)
{
	return is_field(fact, "header") && fact->name.length < 10 && fact->kind == 'S' &&
	       !is_named(fact, "reply-to");
}

static const struct fact *
next_ordered(const struct facts *facts, size_t *from)
{
	while (*from < facts->count)
		if (is_ordered(&facts->list[(*from)++]))
			return &facts->list[*from - 1];
	return NULL;
}

static void
check_order(enum way way, const struct facts *expected, const struct message_facts *all)
{
	size_t i = 0, j = 0;
	const struct fact *a, *b;

	do {
		a = next_ordered(expected, &i);
		b = next_ordered(&all->between, &j);
		if (!a != !b || (a && !same_slice(a->name, b->name)))
			complain(way, "the order of headers is another", a ? a : b, all);
	} while (a && b);
}

static void
check_way(enum way way, const struct message_facts *all)
{
	static struct facts expected;
	const struct facts *got = &all->between;

	expected.count = 0;
	expected.is_rejected = false;
	for (size_t i = 0; i < all->sent.count; i++)
		if (!expect_one(way, &all->sent.list[i], &all->sent, &expected))
			complain(way, "nothing is declared of it", &all->sent.list[i], all);
	expect_additions(way, &all->sent, &expected);
	if (expected.is_rejected != got->is_rejected)
		complain(way, "it should be rejected, or should not", NULL, all);
	if (got->is_rejected)
		return;
	for (size_t i = 0; i < expected.count; i++)
		if (count_of(&expected, &expected.list[i]) != count_of(got, &expected.list[i]))
			complain(way, "not as declared", &expected.list[i], all);
	for (size_t i = 0; i < got->count; i++)
		if (count_of(&expected, &got->list[i]) == 0)
			complain(way, "it is not declared", &got->list[i], all);
	check_order(way, &expected, all);
}

/* --- There and back --- */

static const struct trip *
find_trip(enum way way, const struct fact *fact, const struct facts *all)
{
	for (size_t i = 0; i < conversion_trip_count; i++) {
		const struct trip *trip = &conversion_trips[i];

		if (trip->way == way && is_field(fact, trip->field) && is_named(fact, trip->name) &&
		    (!trip->kinds || strchr(trip->kinds, fact->kind)) &&
		    (!trip->when || trip->when(fact, all)))
			return trip;
	}
	return NULL;
}

static bool
is_newcomer(enum way way, const struct fact *fact)
{
	for (size_t i = 0; i < conversion_newcomer_count; i++)
		if (conversion_newcomers[i].way == way &&
		    is_field(fact, conversion_newcomers[i].field) &&
		    is_named(fact, conversion_newcomers[i].name))
			return true;
	return false;
}

/* How many there are like this one, as far as they are to be kept. */
static size_t
count_kept(enum way way, const struct fact *wanted, const struct facts *sent)
{
	size_t count = 0;

	for (size_t i = 0; i < sent->count; i++)
		if (same_fact(&sent->list[i], wanted))
			count += find_trip(way, &sent->list[i], sent)->fate == KEPT;
	return count;
}

static bool
is_as_declared(const struct trip *trip, const struct fact *fact, const struct message_facts *all)
{
	size_t after = count_of(&all->back, fact);

	switch (trip->fate) {
	case KEPT:
		return after >= count_kept(trip->way, fact, &all->sent);
	case LOST:
		trip_uses[trip - conversion_trips]++;
		return !find_fact(&all->back, fact->field);
	default:
		trip_uses[trip - conversion_trips] += after < count_of(&all->sent, fact);
		return true;
	}
}

/* What is there and was not: it came of what is declared to be changed, or is declared itself. */
static bool
is_changed(enum way way, const struct fact *back, const struct facts *sent)
{
	for (size_t i = 0; i < sent->count; i++) {
		const struct trip *trip = find_trip(way, &sent->list[i], sent);

		if (trip->fate == CHANGED && is_field(back, trip->field))
			return true;
	}
	return false;
}

static void
check_trip(enum way way, const struct message_facts *all)
{
	for (size_t i = 0; i < all->sent.count; i++) {
		const struct fact *fact = &all->sent.list[i];
		const struct trip *trip = find_trip(way, fact, &all->sent);

		if (!trip)
			complain(way, "nothing is declared of it there and back", fact, all);
		if (!is_as_declared(trip, fact, all))
			complain(way, "not as declared there and back", fact, all);
	}
	for (size_t i = 0; i < all->back.count; i++) {
		const struct fact *fact = &all->back.list[i];

		if (count_of(&all->back, fact) > count_of(&all->sent, fact) &&
		    !is_newcomer(way, fact) && !is_changed(way, fact, &all->sent))
			complain(way, "it is new, and not declared", fact, all);
	}
}

/* --- The run --- */

static void
carry(const struct protocol *from, const struct protocol *to, const struct facts *sent,
      struct facts *got, size_t count)
{
	struct dk_message messages[BATCH];
	struct dk_delivery deliveries[BATCH];

	from->receive(sent, messages, count);
	for (size_t i = 0; i < count; i++)
		deliveries[i] =
			(struct dk_delivery){ .message = &messages[i], .key = messages[i].key };
	to->deliver(deliveries, got, count);
}

static void
go(enum way way, uint64_t *state)
{
	static struct facts sent[BATCH], between[BATCH], there[BATCH], back[BATCH];
	static struct message_facts all;
	const struct protocol *from = ways[way].from, *to = ways[way].to;
	size_t count = 0;

	memset(sent, 0, sizeof(sent));
	memset(between, 0, sizeof(between));
	memset(back, 0, sizeof(back));
	for (size_t i = 0; i < BATCH; i++)
		from->invent(state, &sent[i]);
	carry(from, to, sent, between, BATCH);
	for (size_t i = 0; i < BATCH; i++) {
		all = (struct message_facts){ .sent = sent[i], .between = between[i] };
		check_way(way, &all);
		if (between[i].is_rejected)
			continue;
		sent[count] = sent[i];
		there[count++] = between[i];
	}
	carry(to, from, there, back, count);
	for (size_t i = 0; i < count; i++) {
		all = (struct message_facts){ sent[i], there[i], back[i] };
		if (back[i].is_rejected)
			complain(way, "it is rejected on its way back", NULL, &all);
		check_trip(way, &all);
	}
	keep_nothing();
}

static void
every_message_becomes_what_is_declared(void **unused)
{
	const char *seed = getenv("SEED"), *rounds = getenv("ROUNDS");
	uint64_t state = seed ? strtoull(seed, NULL, 0) : 20260;
	long left = rounds ? atol(rounds) : 30;

	(void)unused;
	print_message("seed %llu: %ld messages on each of %d ways\n", (unsigned long long)state,
		      left * BATCH, WAYS);
	while (left-- > 0)
		for (enum way way = 0; way < WAYS; way++)
			go(way, &state);
}

/* As headers of the message's they do; and no field goes beside them. */
static void
a_routes_headers_replace_fields_that_are_headers(void **state)
{
	static const struct dk_header own = { { "message-id", 10 }, { "own", 3 }, DK_HEADER_TEXT };
	static const struct dk_header routes = { { "message-id", 10 },
						 { "route's", 7 },
						 DK_HEADER_TEXT };
	const struct protocol *const protocols[] = { &kafka_protocol, &mqtt_protocol };
	struct dk_message message = DK_MESSAGE_NONE;
	struct dk_delivery delivery = { .message = &message, .headers = &routes };

	(void)state;
	message.payload = message.message_id = (struct dk_slice){ "field", 5 };
	message.headers = &own;
	message.header_count = delivery.header_count = 1;
	for (size_t i = 0; i < ROWS(protocols); i++) {
		struct facts got = { .count = 0 };
		const struct fact *header;
		size_t headers = 0;

		protocols[i]->deliver(&delivery, &got, 1);
		header = find_fact(&got, H);
		assert_non_null(header);
		assert_true(same_slice(header->value, routes.value));
		for (size_t j = 0; j < got.count; j++)
			headers += is_field(&got.list[j], H);
		assert_int_equal(headers, 1);
	}
	keep_nothing();
}

/* A row that nothing comes to is one too many. */
static void
every_row_comes_to_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < conversion_row_count; i++)
		if (row_uses[i] == 0)
			fail_msg("%s: row %zu, of %s", ways[conversion_rows[i].way].name, i,
				 conversion_rows[i].field);
	for (size_t i = 0; i < conversion_trip_count; i++)
		if (conversion_trips[i].fate != KEPT && trip_uses[i] == 0)
			fail_msg("%s: there and back, row %zu, of %s",
				 ways[conversion_trips[i].way].name, i, conversion_trips[i].field);
}

static int
begin_all(void **state)
{
	(void)state;
	assert_in_range(conversion_row_count, 1, ROWS_MOST);
	assert_in_range(conversion_trip_count, 1, ROWS_MOST);
	mqtt_protocol.begin();
	rabbitmq_protocol.begin();
	kafka_protocol.begin();
	return 0;
}

static int
end_all(void **state)
{
	(void)state;
	kafka_protocol.end();
	rabbitmq_protocol.end();
	mqtt_protocol.end();
	keep_nothing();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_routes_headers_replace_fields_that_are_headers),
		cmocka_unit_test(every_message_becomes_what_is_declared),
		cmocka_unit_test(every_row_comes_to_pass),
	};

	return cmocka_run_group_tests_name("conversion", tests, begin_all, end_all);
}
