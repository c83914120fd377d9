/* SPDX-License-Identifier: Apache-2.0
 *
 * model_test.c - received messages, windows, settled prefixes, accounts.
 */
#include "test/unit/unit.h"

#include "daemon/model/account.h"
#include "daemon/model/credit.h"
#include "daemon/model/prefix.h"
#include "daemon/model/received.h"

/* --- received --- */

static void
give_back(void *thing)
{
	++*(int *)thing;
}

/* A message in memory of its own, so that it can be spoilt after it was received. */
struct original {
	char bytes[64];
	struct dk_header headers[2];
	struct dk_message message;
};

static void
fill(struct original *original)
{
	strcpy(original->bytes, "addresskeypay\0loadnamevaluetype");
	memcpy(original->bytes + 10, "pay\0loadnamevaluetype", 21);
	original->headers[0] = (struct dk_header){ { original->bytes + 18, 4 },
						   { original->bytes + 22, 5 }, DK_HEADER_TEXT };
	original->headers[1] =
		(struct dk_header){ { original->bytes + 18, 0 }, { NULL, 0 }, DK_HEADER_NOTHING };
	original->message = DK_MESSAGE_NONE;
	original->message.address = dk_slice_new(original->bytes, 7);
	original->message.key = dk_slice_new(original->bytes + 7, 3);
	original->message.payload = dk_slice_new(original->bytes + 10, 8);
	original->message.content_type = dk_slice_new(original->bytes + 27, 0);
	original->message.headers = original->headers;
	original->message.header_count = 2;
	original->message.priority = 4;
	original->message.position = 42;
}

static void
check_received(const struct dk_received *received)
{
	const struct dk_message *message = &received->message;

	assert_slice(message->address, "address");
	assert_slice(message->key, "key");
	assert_int_equal(message->payload.length, 8);
	assert_memory_equal(message->payload.data, "pay\0load", 8);
	assert_non_null(message->content_type.data);
	assert_int_equal(message->content_type.length, 0);
	assert_null(message->reply_to.data);
	assert_int_equal(message->header_count, 2);
	assert_slice(message->headers[0].name, "name");
	assert_slice(message->headers[0].value, "value");
	assert_non_null(message->headers[1].name.data);
	assert_null(message->headers[1].value.data);
	assert_int_equal(message->headers[1].type, DK_HEADER_NOTHING);
	assert_int_equal(message->priority, 4);
	assert_int_equal(message->timestamp_ms, -1);
	assert_int_equal(message->position, 42);
	assert_int_equal(received->bytes, 7 + 3 + 8 + 4 + 5 + sizeof(*received));
	assert_int_equal(received->sequence, 0);
}

static void
a_message_without_a_loan_is_copied(void **state)
{
	struct original original;
	struct dk_received *received;

	(void)state;
	fill(&original);
	received = dk_received_new(&original.message, NULL);
	memset(&original, 'x', sizeof(original));
	check_received(received);
	dk_received_free(received);
}

static void
a_lent_message_stays_where_it_is_and_is_given_back_once(void **state)
{
	struct original original;
	struct dk_received *received;
	int given_back = 0;
	struct dk_loan loan = { give_back, &given_back };

	(void)state;
	fill(&original);
	received = dk_received_new(&original.message, &loan);
	assert_ptr_equal(received->message.payload.data, original.message.payload.data);
	assert_ptr_not_equal(received->message.headers, original.headers);
	memset(original.headers, 0, sizeof(original.headers));
	check_received(received);
	assert_int_equal(given_back, 0);
	dk_received_free(received);
	assert_int_equal(given_back, 1);
}

static void
a_message_of_nothing_stays_absent(void **state)
{
	struct dk_message none = DK_MESSAGE_NONE;
	struct dk_received *received = dk_received_new(&none, NULL);

	(void)state;
	assert_null(received->message.address.data);
	assert_null(received->message.payload.data);
	assert_int_equal(received->message.header_count, 0);
	dk_received_free(received);
}

/* --- credit --- */

static void
a_window_shuts_at_its_limit_and_opens_at_half(void **state)
{
	static const struct {
		int take, bytes; /* take: +1; give: -1 */
		bool is_changed, is_shut;
	} rows[] = {
		{ 1, 10, false, false }, { 1, 10, false, false }, { 1, 10, false, false },
		{ 1, 10, true, true },	 { 1, 10, false, true },  { -1, 10, false, true },
		{ -1, 10, false, true }, { -1, 10, true, false }, { 1, 80, true, true },
		{ -1, 10, false, true }, { -1, 10, false, true }, { -1, 80, true, false },
		{ 1, 100, true, true },	 { -1, 100, true, false },
	};
	struct dk_credit credit = { .messages_limit = 4, .bytes_limit = 100 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		bool is_changed = rows[i].take > 0 ?
					  dk_credit_take(&credit, (size_t)rows[i].bytes) :
					  dk_credit_give(&credit, (size_t)rows[i].bytes);

		if (is_changed != rows[i].is_changed || credit.is_shut != rows[i].is_shut)
			fail_msg("row %zu", i);
	}
	assert_int_equal(credit.messages, 0);
	assert_int_equal(credit.bytes, 0);
}

static void
a_new_limit_shuts_and_opens(void **state)
{
	struct dk_credit credit = { .messages_limit = 10, .bytes_limit = 100 };

	(void)state;
	for (int i = 0; i < 4; i++)
		dk_credit_take(&credit, 1);
	assert_true(dk_credit_limit(&credit, 4, 100));
	assert_true(credit.is_shut);
	assert_false(dk_credit_limit(&credit, 6, 100));
	assert_true(dk_credit_limit(&credit, 8, 100));
	assert_false(credit.is_shut);
	assert_true(dk_credit_limit(&credit, 0, 0));
	assert_int_equal(credit.messages_limit, 1);
}

static void
a_window_of_one_opens_with_each_message(void **state)
{
	struct dk_credit credit = { .messages_limit = 1, .bytes_limit = 100 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(dk_credit_take(&credit, 1));
		assert_true(dk_credit_give(&credit, 1));
	}
}

/* --- prefix --- */

static void
a_prefix_grows_when_its_oldest_is_settled(void **state)
{
	struct dk_prefix prefix;

	(void)state;
	dk_prefix_init(&prefix);
	assert_true(dk_prefix_is_empty(&prefix));
	assert_int_equal(dk_prefix_since_ms(&prefix), -1);
	assert_int_equal(prefix.position, -1);
	assert_int_equal(dk_prefix_enter(&prefix, 10, 100), 0);
	dk_prefix_enter(&prefix, 15, 101);
	dk_prefix_enter(&prefix, 16, 102);
	assert_false(dk_prefix_settle(&prefix, 1));
	assert_int_equal(prefix.position, -1);
	assert_int_equal(dk_prefix_oldest(&prefix), 10);
	assert_int_equal(dk_prefix_since_ms(&prefix), 100);
	assert_true(dk_prefix_settle(&prefix, 0));
	assert_int_equal(prefix.position, 15);
	assert_int_equal(dk_prefix_oldest(&prefix), 16);
	assert_int_equal(dk_prefix_since_ms(&prefix), 102);
	assert_true(dk_prefix_settle(&prefix, 2));
	assert_int_equal(prefix.position, 16);
	assert_true(dk_prefix_is_empty(&prefix));
	dk_prefix_clear(&prefix);
}

/* Compared after each step with what a plain array says. */
static void
a_prefix_is_right_in_any_order(void **state)
{
	enum { MANY = 5000 };
	static bool is_settled[MANY];
	struct dk_prefix prefix;
	uint64_t seed = 3;
	size_t entered = 0, first = 0;

	(void)state;
	dk_prefix_init(&prefix);
	while (first < MANY) {
		size_t window = entered - first, at;

		if (entered < MANY && (window == 0 || chance_below(&seed, 100) < 52)) {
			assert_int_equal(dk_prefix_enter(&prefix, (int64_t)entered * 3, 0), entered);
			entered++;
			continue;
		}
		at = first + chance_below(&seed, (unsigned)window);
		if (is_settled[at])
			at = first;
		is_settled[at] = true;
		assert_int_equal(dk_prefix_settle(&prefix, at), at == first);
		while (first < entered && is_settled[first])
			first++;
		assert_int_equal(prefix.position, first ? ((int64_t)first - 1) * 3 : -1);
		assert_int_equal(dk_prefix_is_empty(&prefix), first == entered);
	}
	dk_prefix_clear(&prefix);
}

/* --- accounts --- */

static void
the_difference_of_an_account_is_what_was_lost(void **state)
{
	struct dk_route_account route = { .created = 10, .recovered = 5, .delivered = 7,
					  .dead = 3, .stale = 2, .in_flight = 3, .retried = 99 };
	struct dk_source_account source = { .received = 10, .recovered = 2, .routed = 9,
					    .unrouted = 3, .orphans = 1 };

	(void)state;
	assert_int_equal(dk_route_difference(&route), 0);
	route.delivered++;
	assert_int_equal(dk_route_difference(&route), -1);
	route.in_flight -= 3;
	assert_int_equal(dk_route_difference(&route), 2);
	assert_int_equal(dk_source_difference(&source), 0);
	source.received++;
	assert_int_equal(dk_source_difference(&source), 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_without_a_loan_is_copied),
		cmocka_unit_test(a_lent_message_stays_where_it_is_and_is_given_back_once),
		cmocka_unit_test(a_message_of_nothing_stays_absent),
		cmocka_unit_test(a_window_shuts_at_its_limit_and_opens_at_half),
		cmocka_unit_test(a_new_limit_shuts_and_opens),
		cmocka_unit_test(a_window_of_one_opens_with_each_message),
		cmocka_unit_test(a_prefix_grows_when_its_oldest_is_settled),
		cmocka_unit_test(a_prefix_is_right_in_any_order),
		cmocka_unit_test(the_difference_of_an_account_is_what_was_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
