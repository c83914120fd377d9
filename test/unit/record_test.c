/* SPDX-License-Identifier: Apache-2.0
 *
 * record_test.c - messages as bytes and back, and bytes that are no message.
 */
#include "test/unit/unit.h"

#include "daemon/flow/record.h"

/* The bytes of a message, put together; in a block of exactly their length. */
static struct dk_slice
write_message(const struct dk_message *message, const struct dk_extra *extras, size_t extra_count)
{
	struct dk_pieces pieces;
	size_t length = 0;
	char *bytes;

	assert_int_equal(dk_pieces_of(&pieces, message, extras, extra_count, 1234), 0);
	bytes = malloc(pieces.length + 1);
	for (size_t i = 0; i < pieces.count; i++) {
		memcpy(bytes + length, pieces.list[i].data, pieces.list[i].length);
		length += pieces.list[i].length;
	}
	assert_int_equal(length, pieces.length);
	dk_pieces_free(&pieces);
	return dk_slice_new(bytes, length);
}

static void
assert_same(struct dk_slice a, struct dk_slice b)
{
	assert_int_equal(!a.data, !b.data);
	assert_true(dk_slice_is(a, b));
}

static void
check_round_trip(const struct dk_message *message)
{
	struct dk_slice bytes = write_message(message, NULL, 0);
	size_t count = dk_record_headers(bytes);
	struct dk_header *headers = calloc(count + 1, sizeof(*headers));
	struct dk_message read;

	assert_int_equal(count, message->header_count);
	assert_int_equal(dk_record_read(bytes, &read, headers, count, NULL, NULL), 0);
	assert_same(read.address, message->address);
	assert_same(read.key, message->key);
	assert_same(read.payload, message->payload);
	assert_same(read.content_type, message->content_type);
	assert_same(read.correlation_id, message->correlation_id);
	assert_same(read.reply_to, message->reply_to);
	assert_same(read.message_id, message->message_id);
	assert_true(read.timestamp_ms == message->timestamp_ms);
	assert_true(read.expiry_ms == message->expiry_ms);
	assert_int_equal(read.priority, message->priority);
	assert_int_equal(read.flags, message->flags);
	assert_int_equal(read.header_count, message->header_count);
	for (size_t i = 0; i < count; i++) {
		assert_same(read.headers[i].name, message->headers[i].name);
		assert_same(read.headers[i].value, message->headers[i].value);
		assert_int_equal(read.headers[i].type, message->headers[i].type);
	}
	free(headers);
	free((void *)(uintptr_t)bytes.data);
}

static void
a_payload_comes_back_as_it_was(void **state)
{
	static const struct dk_slice payloads[] = {
		{ NULL, 0 }, { "", 0 }, { "\0", 1 }, { "a\0b", 3 }, { "\xff\xfe", 2 }, { "{}", 2 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(payloads); i++) {
		struct dk_message message = DK_MESSAGE_NONE;

		message.address = DK_SLICE("a/b");
		message.payload = payloads[i];
		check_round_trip(&message);
	}
}

static void
all_fields_come_back_as_they_were(void **state)
{
	static const struct dk_header headers[] = {
		{ { "text", 4 }, { "value", 5 }, DK_HEADER_TEXT },
		{ { "text", 4 }, { "", 0 }, DK_HEADER_TEXT },
		{ { "nothing", 7 }, { NULL, 0 }, DK_HEADER_NOTHING },
		{ { "", 0 }, { "\0\1", 2 }, DK_HEADER_BINARY },
		{ { "time", 4 }, { "-5", 2 }, DK_HEADER_TIME },
	};
	struct dk_message message = {
		.address = DK_SLICE("x/a.b"), .key = DK_SLICE(""), .payload = DK_SLICE("p"),
		.headers = headers, .header_count = ROWS(headers),
		.content_type = DK_SLICE("text/plain"), .correlation_id = DK_SLICE("\0\0"),
		.reply_to = DK_SLICE("r"), .message_id = DK_SLICE("id"),
		.timestamp_ms = INT64_MAX, .expiry_ms = 0, .priority = 255,
		.flags = DK_RETAINED | DK_PERSISTENT,
	};

	(void)state;
	check_round_trip(&message);
	message.priority = -1;
	message.timestamp_ms = INT64_MIN;
	message.flags = 0;
	check_round_trip(&message);
}

static void
many_headers_come_back_as_they_were(void **state)
{
	static struct dk_header headers[3000];
	struct dk_message message = DK_MESSAGE_NONE;

	(void)state;
	for (size_t i = 0; i < ROWS(headers); i++)
		headers[i] = (struct dk_header){ DK_SLICE("name"), DK_SLICE("v"),
						 (enum dk_header_type)(i % 3) };
	message.address = DK_SLICE("a");
	message.headers = headers;
	for (size_t count = 0; count < 20; count++) {
		message.header_count = count;
		check_round_trip(&message);
	}
	message.header_count = ROWS(headers);
	check_round_trip(&message);
}

static void
note_extra(void *context, enum dk_tag tag, struct dk_slice value)
{
	struct dk_extra **next = context;

	*(*next)++ = (struct dk_extra){ tag, value };
}

static void
what_is_not_the_messages_own_is_handed_out(void **state)
{
	static const struct dk_extra extras[] = {
		{ DK_TAG_SUBSCRIPTION, { "a/#", 3 } },
		{ DK_TAG_REASON, { "", 0 } },
		{ (enum dk_tag)999, { "from a later version", 20 } },
	};
	struct dk_message message = DK_MESSAGE_NONE, read;
	struct dk_extra found[4], *next = found;
	struct dk_slice bytes;

	(void)state;
	message.address = DK_SLICE("a");
	bytes = write_message(&message, extras, ROWS(extras));
	assert_int_equal(dk_record_read(bytes, &read, NULL, 0, note_extra, &next), 0);
	assert_int_equal(next - found, ROWS(extras));
	for (size_t i = 0; i < ROWS(extras); i++) {
		assert_int_equal(found[i].tag, extras[i].tag);
		assert_true(dk_slice_is(found[i].value, extras[i].value));
	}
	free((void *)(uintptr_t)bytes.data);
}

/* A cut between two fields leaves a shorter record: one without an address is refused. */
static void
a_cut_inside_a_field_is_refused(void **state)
{
	static const struct dk_header header = { { "name", 4 }, { "value", 5 }, DK_HEADER_TEXT };
	struct dk_message message = DK_MESSAGE_NONE, read;
	struct dk_header room[2];
	struct dk_slice bytes;
	size_t sound = 0;

	(void)state;
	message.address = DK_SLICE("address");
	message.payload = DK_SLICE("payload");
	message.headers = &header;
	message.header_count = 1;
	bytes = write_message(&message, NULL, 0);
	for (size_t length = 0; length < bytes.length; length++) {
		char *part = malloc(length + 1);

		memcpy(part, bytes.data, length);
		sound += dk_record_read(dk_slice_new(part, length), &read, room, 2, NULL, NULL) ==
			 0;
		free(part);
	}
	assert_int_equal(sound, 3); /* after the address, the payload, the header's name */
	free((void *)(uintptr_t)bytes.data);
}

static void
bytes_that_are_no_message_are_refused(void **state)
{
	static const struct dk_slice rows[] = {
		{ "", 0 },
		{ "\2\0\0\0\377\377\377\377abc", 11 },		    /* longer than there is */
		{ "\13\0\1\0\1\0\0\0v\2\0\0\0\1\0\0\0a", 18 },	    /* a value before any name */
		{ "\12\0\0\0\0\0\0\0\2\0\0\0\1\0\0\0a", 17 },	    /* no room for the header */
		{ "\11\0\0\0\4\0\0\0abcd\2\0\0\0\1\0\0\0a", 21 },   /* numbers cut short */
		{ "\2\0\0\0\1\0\0\0ab", 10 },			    /* something behind */
	};
	struct dk_message read;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (dk_record_read(rows[i], &read, NULL, 0, NULL, NULL) == 0)
			fail_msg("row %zu was taken", i);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_payload_comes_back_as_it_was),
		cmocka_unit_test(all_fields_come_back_as_they_were),
		cmocka_unit_test(many_headers_come_back_as_they_were),
		cmocka_unit_test(what_is_not_the_messages_own_is_handed_out),
		cmocka_unit_test(a_cut_inside_a_field_is_refused),
		cmocka_unit_test(bytes_that_are_no_message_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
