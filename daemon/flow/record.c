/* SPDX-License-Identifier: Apache-2.0
 *
 * record.c - a message as bytes, and back.
 */
#include "daemon/flow/record.h"

#include <assert.h>
#include <stdlib.h>

struct dk_field_head {
	uint16_t tag;
	uint16_t detail;
	uint32_t length;
};

static_assert(sizeof(struct dk_field_head) == 8, "written to disk as it is");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "written to disk as it is");

/* The fields that are slices: one row for both ways. */
static const struct {
	enum dk_tag tag;
	size_t offset;
} rows[] = {
	{ DK_TAG_ADDRESS, offsetof(struct dk_message, address) },
	{ DK_TAG_KEY, offsetof(struct dk_message, key) },
	{ DK_TAG_PAYLOAD, offsetof(struct dk_message, payload) },
	{ DK_TAG_CONTENT_TYPE, offsetof(struct dk_message, content_type) },
	{ DK_TAG_CORRELATION_ID, offsetof(struct dk_message, correlation_id) },
	{ DK_TAG_REPLY_TO, offsetof(struct dk_message, reply_to) },
	{ DK_TAG_MESSAGE_ID, offsetof(struct dk_message, message_id) },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
#define ROOM_FIELDS 24

/* The numbers of DK_TAG_NUMBERS: timestamp, expiry, when it was stored, priority and flags. */
enum { NUMBER_TIMESTAMP, NUMBER_EXPIRY, NUMBER_STORED, NUMBER_PRIORITY_AND_FLAGS, NUMBERS };

static void
add_piece(struct dk_pieces *pieces, const void *data, size_t length)
{
	pieces->list[pieces->count++] = dk_slice_new(data, length);
	pieces->length += length;
}

static void
add_field(struct dk_pieces *pieces, enum dk_tag tag, unsigned detail, struct dk_slice value)
{
	struct dk_field_head *head = pieces->heads++;

	*head = (struct dk_field_head){ (uint16_t)tag, (uint16_t)detail, (uint32_t)value.length };
	add_piece(pieces, head, sizeof(*head));
	if (value.length > 0)
		add_piece(pieces, value.data, value.length);
}

static void
add_numbers(struct dk_pieces *pieces, const struct dk_message *message, int64_t wall_ms)
{
	pieces->numbers[NUMBER_TIMESTAMP] = message->timestamp_ms;
	pieces->numbers[NUMBER_EXPIRY] = message->expiry_ms;
	pieces->numbers[NUMBER_STORED] = wall_ms;
	pieces->numbers[NUMBER_PRIORITY_AND_FLAGS] =
		(int64_t)((uint64_t)(uint32_t)message->priority << 32 | message->flags);
	add_field(pieces, DK_TAG_NUMBERS, 0,
		  dk_slice_new((const char *)pieces->numbers, sizeof(pieces->numbers)));
}

/* Room for the fields: in the struct itself, else from the heap. */
static int
make_room(struct dk_pieces *pieces, size_t fields)
{
	pieces->count = pieces->length = 0;
	pieces->more = NULL;
	pieces->list = pieces->list_room;
	pieces->heads = (struct dk_field_head *)(void *)pieces->heads_room;
	if (fields <= ROOM_FIELDS)
		return 0;
	pieces->more = malloc(fields * (2 * sizeof(struct dk_slice) + sizeof(*pieces->heads)));
	if (!pieces->more)
		return -1;
	pieces->list = pieces->more;
	pieces->heads = (struct dk_field_head *)(void *)(pieces->list + 2 * fields);
	return 0;
}

int
dk_pieces_of(struct dk_pieces *pieces, const struct dk_message *message,
	     const struct dk_extra *extras, size_t extra_count, int64_t wall_ms)
{
	if (make_room(pieces, ROWS + 1 + extra_count + 2 * message->header_count) != 0)
		return -1;
	for (size_t i = 0; i < extra_count; i++)
		add_field(pieces, extras[i].tag, 0, extras[i].value);
	add_numbers(pieces, message, wall_ms);
	for (size_t i = 0; i < ROWS; i++) {
		const struct dk_slice *slice =
			(const void *)((const char *)message + rows[i].offset);

		if (slice->data)
			add_field(pieces, rows[i].tag, 0, *slice);
	}
	for (size_t i = 0; i < message->header_count; i++) {
		const struct dk_header *header = &message->headers[i];

		add_field(pieces, DK_TAG_HEADER_NAME, header->type, header->name);
		add_field(pieces, DK_TAG_HEADER_VALUE, header->value.data != NULL, header->value);
	}
	return 0;
}

void
dk_pieces_free(struct dk_pieces *pieces)
{
	free(pieces->more);
}

/* --- And back --- */

struct reading {
	struct dk_message *message;
	struct dk_header *headers;
	size_t room;
	void (*extra)(void *context, enum dk_tag tag, struct dk_slice value);
	void *context;
};

static int
read_numbers(struct dk_message *message, struct dk_slice value)
{
	int64_t numbers[NUMBERS];

	if (value.length < sizeof(numbers))
		return -1;
	memcpy(numbers, value.data, sizeof(numbers));
	message->timestamp_ms = numbers[NUMBER_TIMESTAMP];
	message->expiry_ms = numbers[NUMBER_EXPIRY];
	message->priority = (int)(numbers[NUMBER_PRIORITY_AND_FLAGS] >> 32);
	message->flags = (unsigned)(numbers[NUMBER_PRIORITY_AND_FLAGS] & 0xffffffff);
	return 0;
}

static int
read_header_name(struct reading *reading, unsigned detail, struct dk_slice value)
{
	struct dk_message *message = reading->message;

	if (message->header_count == reading->room)
		return -1;
	reading->headers[message->header_count++] =
		(struct dk_header){ .name = value, .type = (enum dk_header_type)detail };
	return 0;
}

static int
read_header_value(struct reading *reading, bool is_present, struct dk_slice value)
{
	if (reading->message->header_count == 0)
		return -1;
	reading->headers[reading->message->header_count - 1].value =
		is_present ? value : (struct dk_slice){ NULL, 0 };
	return 0;
}

static int
read_field(struct reading *reading, const struct dk_field_head *head, struct dk_slice value)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].tag == head->tag) {
			memcpy((char *)reading->message + rows[i].offset, &value, sizeof(value));
			return 0;
		}
	switch (head->tag) {
	case DK_TAG_NUMBERS:
		return read_numbers(reading->message, value);
	case DK_TAG_HEADER_NAME:
		return read_header_name(reading, head->detail, value);
	case DK_TAG_HEADER_VALUE:
		return read_header_value(reading, head->detail != 0, value);
	default:
		if (reading->extra)
			reading->extra(reading->context, (enum dk_tag)head->tag, value);
		return 0;
	}
}

/* Cuts the first field off; -1 when the bytes are none. */
static int
next_field(struct dk_slice *bytes, struct dk_field_head *head, struct dk_slice *value)
{
	if (bytes->length < sizeof(*head))
		return -1;
	memcpy(head, bytes->data, sizeof(*head));
	*bytes = dk_slice_after(*bytes, sizeof(*head));
	if (bytes->length < head->length)
		return -1;
	*value = dk_slice_new(bytes->data, head->length);
	*bytes = dk_slice_after(*bytes, head->length);
	return 0;
}

size_t
dk_record_headers(struct dk_slice bytes)
{
	struct dk_field_head head;
	struct dk_slice value;
	size_t count = 0;

	while (next_field(&bytes, &head, &value) == 0)
		count += head.tag == DK_TAG_HEADER_NAME;
	return count;
}

int64_t
dk_record_stored_ms(struct dk_slice bytes)
{
	struct dk_field_head head;
	int64_t numbers[NUMBERS];
	struct dk_slice value;

	while (next_field(&bytes, &head, &value) == 0)
		if (head.tag == DK_TAG_NUMBERS && value.length >= sizeof(numbers)) {
			memcpy(numbers, value.data, sizeof(numbers));
			return numbers[NUMBER_STORED];
		}
	return -1;
}

int
dk_record_read(struct dk_slice bytes, struct dk_message *message, struct dk_header *headers,
	       size_t header_room,
	       void (*extra)(void *context, enum dk_tag tag, struct dk_slice value), void *context)
{
	struct reading reading = { message, headers, header_room, extra, context };
	struct dk_field_head head;
	struct dk_slice value;

	*message = DK_MESSAGE_NONE;
	message->headers = headers;
	while (bytes.length > 0)
		if (next_field(&bytes, &head, &value) != 0 ||
		    read_field(&reading, &head, value) != 0)
			return -1;
	return message->address.data ? 0 : -1;
}
