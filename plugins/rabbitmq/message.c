/* SPDX-License-Identifier: Apache-2.0
 *
 * message.c - a message as it comes from AMQP: all of it in one block of memory.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/message.h"
#include "plugins/rabbitmq/rows.h"
#include "plugins/text.h"

void
rabbitmq_envelope_fill(struct rabbitmq_envelope *envelope, const amqp_basic_deliver_t *method)
{
	envelope->tag = method->delivery_tag;
	envelope->is_redelivered = method->redelivered;
	envelope->exchange_length = method->exchange.len;
	envelope->key_length = method->routing_key.len;
	memcpy(envelope->exchange, method->exchange.bytes, method->exchange.len);
	memcpy(envelope->key, method->routing_key.bytes, method->routing_key.len);
}

/* --- Tables and arrays, exactly --- */

/* All headers that are nested, in AMQP's own encoding; NULL bytes where there are none. The block
 * is free()'s. */
static amqp_bytes_t
encode_nested(const amqp_table_t *table, size_t nested)
{
	amqp_table_entry_t *entries = calloc(nested, sizeof(*entries));
	amqp_table_t part = { 0, entries };
	amqp_bytes_t encoded = { 4096, NULL };
	size_t offset;
	int status;

	if (!entries)
		abort();
	for (int i = 0; i < table->num_entries; i++)
		if (rabbitmq_field_is_nested(&table->entries[i].value))
			entries[part.num_entries++] = table->entries[i];
	do {
		encoded.len *= 4;
		encoded.bytes = realloc(encoded.bytes, encoded.len);
		if (!encoded.bytes)
			abort();
		offset = 0;
		status = amqp_encode_table(encoded, &part, &offset);
	} while (status == AMQP_STATUS_TABLE_TOO_BIG && encoded.len < (size_t)1 << 28);
	free(entries);
	encoded.len = status == AMQP_STATUS_OK ? offset : 0;
	return encoded;
}

static amqp_bytes_t
nested_of(const amqp_table_t *table)
{
	size_t nested = 0;

	for (int i = 0; i < table->num_entries; i++)
		nested += rabbitmq_field_is_nested(&table->entries[i].value);
	return nested > 0 ? encode_nested(table, nested) : amqp_empty_bytes;
}

/* --- The block --- */

struct source {
	const struct rabbitmq_envelope *envelope;
	const char *fixed_address;
	const amqp_basic_properties_t *properties;
	const amqp_table_t *table;
	amqp_bytes_t nested;
	size_t header_room;
};

static const amqp_bytes_t *
property_of(const struct source *from, size_t row)
{
	return rabbitmq_property((amqp_basic_properties_t *)(void *)from->properties, row);
}

static bool
has(const struct source *from, size_t row)
{
	return from->properties->_flags & rabbitmq_rows[row].flag;
}

static size_t
measure(const struct source *from)
{
	size_t bytes = from->envelope->exchange_length + 1 + from->envelope->key_length +
		       RABBITMQ_BASE64_ROOM(from->nested.len);

	for (size_t i = 0; i < RABBITMQ_ROWS; i++)
		if (has(from, i))
			bytes += property_of(from, i)->len;
	for (int i = 0; i < from->table->num_entries; i++)
		bytes += from->table->entries[i].key.len +
			 rabbitmq_field_room(&from->table->entries[i].value);
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

static struct dk_slice
write_address(const struct source *from, char **end)
{
	const struct rabbitmq_envelope *envelope = from->envelope;
	char *begin = *end;

	if (from->fixed_address)
		return (struct dk_slice){ from->fixed_address, strlen(from->fixed_address) };
	copy((amqp_bytes_t){ envelope->exchange_length, (void *)envelope->exchange }, end);
	*(*end)++ = '/';
	copy((amqp_bytes_t){ envelope->key_length, (void *)envelope->key }, end);
	return (struct dk_slice){ begin, (size_t)(*end - begin) };
}

static struct dk_header *
add_header(struct dk_message *message, struct dk_slice name, struct dk_slice value,
	   enum dk_header_type type)
{
	struct dk_header *header = (struct dk_header *)&message->headers[message->header_count++];

	*header = (struct dk_header){ name, value, type };
	return header;
}

static void
read_texts(const struct source *from, struct dk_message *message, char **end)
{
	for (size_t i = 0; i < RABBITMQ_ROWS; i++) {
		struct dk_slice text;

		if (!has(from, i))
			continue;
		text = copy(*property_of(from, i), end);
		if (rabbitmq_rows[i].field != RABBITMQ_NO_FIELD)
			memcpy((char *)message + rabbitmq_rows[i].field, &text, sizeof(text));
		else
			add_header(message, rabbitmq_rows[i].header, text,
				   dk_is_text(text) ? DK_HEADER_TEXT : DK_HEADER_BINARY);
	}
}

/* What was too long for a property, or could be none where it comes from, is the field that the
 * property would be, where there is no such property. */
static bool
fill_field(struct dk_message *message, struct dk_slice name, struct dk_slice value,
	   enum dk_header_type type)
{
	if (type != DK_HEADER_TEXT && type != DK_HEADER_BINARY)
		return false;
	for (size_t i = 0; i < RABBITMQ_ROWS; i++) {
		const struct rabbitmq_row *row = &rabbitmq_rows[i];
		struct dk_slice *field;

		if (row->field == RABBITMQ_NO_FIELD || row->header.length != name.length ||
		    memcmp(row->header.data, name.data, name.length) != 0)
			continue;
		field = (void *)((char *)message + row->field);
		if (field->data)
			return false;
		*field = value;
		return true;
	}
	return false;
}

static void
read_headers(const struct source *from, struct dk_message *message, char **end)
{
	for (int i = 0; i < from->table->num_entries; i++) {
		const amqp_table_entry_t *entry = &from->table->entries[i];
		struct dk_slice name = copy(entry->key, end);
		enum dk_header_type type = rabbitmq_field_type(&entry->value);
		struct dk_slice value = { NULL, 0 };

		if (type != DK_HEADER_NOTHING) {
			value.data = *end;
			*end = rabbitmq_field_text(&entry->value, *end);
			value.length = (size_t)(*end - value.data);
		}
		if (!fill_field(message, name, value, type))
			add_header(message, name, value, type);
	}
	if (from->nested.len > 0) {
		char *begin = *end;

		*end = rabbitmq_base64_write(
			(struct dk_slice){ from->nested.bytes, from->nested.len }, begin);
		add_header(message, (struct dk_slice)RABBITMQ_NAMED("amqp-table"),
			   (struct dk_slice){ begin, (size_t)(*end - begin) }, DK_HEADER_TEXT);
	}
}

/* Milliseconds, as digits; anything else is none. */
static int64_t
read_expiration(amqp_bytes_t text)
{
	const char *digits = text.bytes;
	int64_t number = 0;

	if (text.len == 0 || text.len > 18)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return -1;
		number = number * 10 + (digits[i] - '0');
	}
	return number;
}

static void
read_numbers(const amqp_basic_properties_t *properties, struct dk_message *message)
{
	amqp_flags_t flags = properties->_flags;

	if (flags & AMQP_BASIC_TIMESTAMP_FLAG && properties->timestamp <= INT64_MAX / 1000)
		message->timestamp_ms = (int64_t)properties->timestamp * 1000;
	if (flags & AMQP_BASIC_EXPIRATION_FLAG)
		message->expiry_ms = read_expiration(properties->expiration);
	if (flags & AMQP_BASIC_PRIORITY_FLAG)
		message->priority = properties->priority;
	if (flags & AMQP_BASIC_DELIVERY_MODE_FLAG && properties->delivery_mode == 2)
		message->flags |= DK_PERSISTENT;
}

static struct rabbitmq_message *
fill(const struct source *from, struct rabbitmq_message *message, size_t body_size)
{
	struct dk_message *read = &message->message;
	char *end = (char *)(message + 1) + from->header_room * sizeof(struct dk_header);

	memset(message, 0, sizeof(*message));
	*read = DK_MESSAGE_NONE;
	read->headers = (void *)(message + 1);
	read->position = (int64_t)from->envelope->tag;
	read->flags = from->envelope->is_redelivered ? DK_REDELIVERED : 0;
	read->address = write_address(from, &end);
	read_texts(from, read, &end);
	read_numbers(from->properties, read);
	read_headers(from, read, &end);
	message->body = end;
	message->body_size = body_size;
	read->payload = (struct dk_slice){ message->body, body_size };
	return message;
}

struct rabbitmq_message *
rabbitmq_message_read(const struct rabbitmq_envelope *envelope, const char *fixed_address,
		      const amqp_basic_properties_t *properties, size_t body_size)
{
	struct source from = {
		.envelope = envelope,
		.fixed_address = fixed_address,
		.properties = properties,
		.table = properties->_flags & AMQP_BASIC_HEADERS_FLAG ? &properties->headers
								      : &amqp_empty_table,
	};
	struct rabbitmq_message *message;

	from.nested = nested_of(from.table);
	from.header_room = (size_t)from.table->num_entries + RABBITMQ_ROWS + 1;
	message = malloc(sizeof(*message) + from.header_room * sizeof(struct dk_header) +
			 measure(&from) + body_size + 1);
	if (!message)
		abort();
	fill(&from, message, body_size);
	free(from.nested.bytes);
	return message;
}
