/* SPDX-License-Identifier: Apache-2.0
 *
 * properties.c - AMQP's properties and headers, to messages and from deliveries.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/headers.h"
#include "plugins/rabbitmq/rabbitmq.h"
#include "plugins/text.h"

#define NUMBER_ROOM 32

/* --- From AMQP --- */

/* The properties that are texts, a row each, for both ways. */
static const struct text_row {
	amqp_flags_t flag;
	size_t property, field;
} text_rows[] = {
	{ AMQP_BASIC_CONTENT_TYPE_FLAG, offsetof(amqp_basic_properties_t, content_type),
	  offsetof(struct dk_message, content_type) },
	{ AMQP_BASIC_CORRELATION_ID_FLAG, offsetof(amqp_basic_properties_t, correlation_id),
	  offsetof(struct dk_message, correlation_id) },
	{ AMQP_BASIC_REPLY_TO_FLAG, offsetof(amqp_basic_properties_t, reply_to),
	  offsetof(struct dk_message, reply_to) },
	{ AMQP_BASIC_MESSAGE_ID_FLAG, offsetof(amqp_basic_properties_t, message_id),
	  offsetof(struct dk_message, message_id) },
};

#define TEXT_ROWS (sizeof(text_rows) / sizeof(text_rows[0]))

static const amqp_bytes_t *
property_of(const amqp_basic_properties_t *properties, size_t row)
{
	return (const void *)((const char *)properties + text_rows[row].property);
}

/* What kinds of field are as headers; a row each. Others are passed over. */
static enum dk_header_type
type_of(const amqp_field_value_t *value)
{
	switch (value->kind) {
	case AMQP_FIELD_KIND_UTF8:
		return DK_HEADER_TEXT;
	case AMQP_FIELD_KIND_BYTES:
		return DK_HEADER_BINARY;
	case AMQP_FIELD_KIND_BOOLEAN:
		return DK_HEADER_TRUTH;
	case AMQP_FIELD_KIND_TIMESTAMP:
		return DK_HEADER_TIME;
	case AMQP_FIELD_KIND_F32:
	case AMQP_FIELD_KIND_F64:
		return DK_HEADER_REAL;
	case AMQP_FIELD_KIND_I8:
	case AMQP_FIELD_KIND_U8:
	case AMQP_FIELD_KIND_I16:
	case AMQP_FIELD_KIND_U16:
	case AMQP_FIELD_KIND_I32:
	case AMQP_FIELD_KIND_U32:
	case AMQP_FIELD_KIND_I64:
	case AMQP_FIELD_KIND_U64:
		return DK_HEADER_INTEGER;
	default:
		return DK_HEADER_NOTHING;
	}
}

static long long
integer_of(const amqp_field_value_t *value)
{
	switch (value->kind) {
	case AMQP_FIELD_KIND_I8:
		return value->value.i8;
	case AMQP_FIELD_KIND_U8:
		return value->value.u8;
	case AMQP_FIELD_KIND_I16:
		return value->value.i16;
	case AMQP_FIELD_KIND_U16:
		return value->value.u16;
	case AMQP_FIELD_KIND_I32:
		return value->value.i32;
	case AMQP_FIELD_KIND_U32:
		return value->value.u32;
	default:
		return value->value.i64;
	}
}

/* A value as text, at *end, which moves on. */
static struct dk_slice
value_of(const amqp_field_value_t *value, char **end)
{
	char *begin = *end;

	switch (type_of(value)) {
	case DK_HEADER_TEXT:
	case DK_HEADER_BINARY:
		memcpy(begin, value->value.bytes.bytes, value->value.bytes.len);
		*end += value->value.bytes.len;
		break;
	case DK_HEADER_TRUTH:
		*end += sprintf(begin, "%s", value->value.boolean ? "true" : "false");
		break;
	case DK_HEADER_TIME:
		*end += sprintf(begin, "%lld", (long long)value->value.u64 * 1000);
		break;
	case DK_HEADER_REAL:
		*end += sprintf(begin, "%.17g",
				value->kind == AMQP_FIELD_KIND_F32 ? (double)value->value.f32 :
								     value->value.f64);
		break;
	case DK_HEADER_INTEGER:
		*end += sprintf(begin, "%lld", integer_of(value));
		break;
	case DK_HEADER_NOTHING:
		return (struct dk_slice){ NULL, 0 };
	}
	return (struct dk_slice){ begin, (size_t)(*end - begin) };
}

static size_t
measure_headers(const amqp_table_t *table)
{
	size_t bytes = 0;

	for (int i = 0; i < table->num_entries; i++) {
		const amqp_field_value_t *value = &table->entries[i].value;

		bytes += table->entries[i].key.len + NUMBER_ROOM;
		if (value->kind == AMQP_FIELD_KIND_UTF8 || value->kind == AMQP_FIELD_KIND_BYTES)
			bytes += value->value.bytes.len;
	}
	return bytes;
}

static size_t
measure(const amqp_basic_properties_t *properties, const amqp_table_t *table)
{
	size_t bytes = measure_headers(table);

	for (size_t i = 0; i < TEXT_ROWS; i++)
		if (properties->_flags & text_rows[i].flag)
			bytes += property_of(properties, i)->len;
	return bytes;
}

static struct dk_slice
copy(amqp_bytes_t bytes, char **end)
{
	char *begin = *end;

	if (bytes.len > 0)
		memcpy(begin, bytes.bytes, bytes.len);
	*end += bytes.len;
	return (struct dk_slice){ begin, bytes.len };
}

static void
read_headers(const amqp_table_t *table, struct dk_header *headers, char **end)
{
	for (int i = 0; i < table->num_entries; i++) {
		headers[i].name = copy(table->entries[i].key, end);
		headers[i].type = type_of(&table->entries[i].value);
		headers[i].value = value_of(&table->entries[i].value, end);
	}
}

static int64_t
read_expiration(amqp_bytes_t text)
{
	char digits[NUMBER_ROOM];

	snprintf(digits, sizeof(digits), "%.*s", (int)(text.len < 20 ? text.len : 20),
		 (char *)text.bytes);
	return strtoll(digits, NULL, 10);
}

static void
read_properties(const amqp_basic_properties_t *properties, struct dk_message *message, char **end)
{
	amqp_flags_t flags = properties->_flags;

	for (size_t i = 0; i < TEXT_ROWS; i++)
		if (flags & text_rows[i].flag) {
			struct dk_slice text = copy(*property_of(properties, i), end);

			memcpy((char *)message + text_rows[i].field, &text, sizeof(text));
		}
	if (flags & AMQP_BASIC_TIMESTAMP_FLAG)
		message->timestamp_ms = (int64_t)properties->timestamp * 1000;
	if (flags & AMQP_BASIC_EXPIRATION_FLAG)
		message->expiry_ms = read_expiration(properties->expiration);
	if (flags & AMQP_BASIC_PRIORITY_FLAG)
		message->priority = properties->priority;
	if (flags & AMQP_BASIC_DELIVERY_MODE_FLAG && properties->delivery_mode == 2)
		message->flags |= DK_PERSISTENT;
}

static struct dk_slice
write_address(const amqp_basic_deliver_t *delivered, const char *fixed, char **end)
{
	char *begin = *end;

	if (fixed)
		return (struct dk_slice){ fixed, strlen(fixed) };
	copy(delivered->exchange, end);
	*(*end)++ = '/';
	copy(delivered->routing_key, end);
	return (struct dk_slice){ begin, (size_t)(*end - begin) };
}

struct rabbitmq_message *
rabbitmq_message_read(const amqp_basic_deliver_t *delivered, const char *fixed_address,
		      const amqp_basic_properties_t *properties, size_t body_size)
{
	const amqp_table_t *table = properties->_flags & AMQP_BASIC_HEADERS_FLAG ?
					    &properties->headers :
					    &amqp_empty_table;
	size_t header_bytes = (size_t)table->num_entries * sizeof(struct dk_header);
	struct rabbitmq_message *message =
		malloc(sizeof(*message) + header_bytes + delivered->exchange.len + 1 +
		       delivered->routing_key.len + measure(properties, table) + body_size + 1);
	struct dk_header *headers = (void *)(message + 1);
	char *end = (char *)headers + header_bytes;

	if (!message)
		abort();
	memset(message, 0, sizeof(*message));
	message->message = DK_MESSAGE_NONE;
	message->message.address = write_address(delivered, fixed_address, &end);
	message->message.position = (int64_t)delivered->delivery_tag;
	message->message.flags = delivered->redelivered ? DK_REDELIVERED : 0;
	message->message.headers = headers;
	message->message.header_count = (size_t)table->num_entries;
	read_properties(properties, &message->message, &end);
	read_headers(table, headers, &end);
	message->body = end;
	message->body_size = body_size;
	message->message.payload = (struct dk_slice){ message->body, body_size };
	return message;
}

/* --- To AMQP --- */

static void
write_texts(const struct dk_message *message, amqp_basic_properties_t *properties)
{
	for (size_t i = 0; i < TEXT_ROWS; i++) {
		const struct dk_slice *text =
			(const void *)((const char *)message + text_rows[i].field);

		/* A short string holds no more than 255 bytes. */
		if (!text->data || text->length > 255)
			continue;
		properties->_flags |= text_rows[i].flag;
		*(amqp_bytes_t *)(void *)((char *)properties + text_rows[i].property) =
			rabbitmq_bytes(*text);
	}
}

static amqp_field_value_t
field_of(const struct dk_header *header)
{
	amqp_field_value_t value = { .kind = AMQP_FIELD_KIND_UTF8 };
	char digits[NUMBER_ROOM];

	value.value.bytes = rabbitmq_bytes(header->value);
	snprintf(digits, sizeof(digits), "%.*s",
		 (int)(header->value.length < 30 ? header->value.length : 30),
		 header->value.data ? header->value.data : "");
	switch (header->type) {
	case DK_HEADER_TRUTH:
		value.kind = AMQP_FIELD_KIND_BOOLEAN;
		value.value.boolean = digits[0] == 't';
		break;
	case DK_HEADER_INTEGER:
		value.kind = AMQP_FIELD_KIND_I64;
		value.value.i64 = strtoll(digits, NULL, 10);
		break;
	case DK_HEADER_REAL:
		value.kind = AMQP_FIELD_KIND_F64;
		value.value.f64 = strtod(digits, NULL);
		break;
	case DK_HEADER_TIME:
		value.kind = AMQP_FIELD_KIND_TIMESTAMP;
		value.value.u64 = strtoull(digits, NULL, 10) / 1000;
		break;
	case DK_HEADER_NOTHING:
		value.kind = AMQP_FIELD_KIND_VOID;
		break;
	default:
		if (header->type == DK_HEADER_BINARY || !dk_is_text(header->value))
			value.kind = AMQP_FIELD_KIND_BYTES;
		break;
	}
	return value;
}

static void
write_headers(const struct dk_delivery *delivery, amqp_basic_properties_t *properties,
	      amqp_table_entry_t *entries)
{
	int count = 0;

	for (size_t i = 0; i < dk_headers_count(delivery); i++) {
		const struct dk_header *header = dk_headers_at(delivery, i);

		if (!header || header->name.length > 255)
			continue;
		entries[count].key = rabbitmq_bytes(header->name);
		entries[count++].value = field_of(header);
	}
	if (count == 0)
		return;
	properties->_flags |= AMQP_BASIC_HEADERS_FLAG;
	properties->headers = (amqp_table_t){ count, entries };
}

/* Every message is persistent: one that is not would be lost with the broker's next restart. */
void
rabbitmq_properties_write(const struct dk_delivery *delivery, amqp_basic_properties_t *properties,
			  amqp_table_entry_t *entries, char *numbers, size_t room)
{
	const struct dk_message *message = delivery->message;

	memset(properties, 0, sizeof(*properties));
	properties->_flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
	properties->delivery_mode = 2;
	write_texts(message, properties);
	write_headers(delivery, properties, entries);
	if (message->timestamp_ms >= 0) {
		properties->_flags |= AMQP_BASIC_TIMESTAMP_FLAG;
		properties->timestamp = (uint64_t)message->timestamp_ms / 1000;
	}
	if (message->expiry_ms >= 0) {
		properties->_flags |= AMQP_BASIC_EXPIRATION_FLAG;
		snprintf(numbers, room, "%lld", (long long)message->expiry_ms);
		properties->expiration = amqp_cstring_bytes(numbers);
	}
	if (message->priority >= 0) {
		properties->_flags |= AMQP_BASIC_PRIORITY_FLAG;
		properties->priority = (uint8_t)message->priority;
	}
}
