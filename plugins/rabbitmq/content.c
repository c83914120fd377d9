/* SPDX-License-Identifier: Apache-2.0
 *
 * content.c - a delivery's properties and headers as they go to AMQP: what would not fit is found
 * before a byte of it is sent, for the broker would close the connection over it, each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/headers.h"
#include "plugins/rabbitmq/message.h"
#include "plugins/rabbitmq/rows.h"

#define LONGEST_EXPIRATION_MS INT64_C(315360000000) /* ten years: RabbitMQ refuses more */
#define ENTRY_BYTES 16				    /* a header's, besides its name and its text */
#define FIXED_BYTES 128				    /* of the properties that are no texts */

static bool
is_named(struct dk_slice name, const char *text)
{
	return name.length == strlen(text) && memcmp(name.data, text, name.length) == 0;
}

/* The row whose header this is; RABBITMQ_ROWS: none. Who has published is a header for ever. */
static size_t
row_of(struct dk_slice name)
{
	for (size_t i = 0; i < RABBITMQ_ROWS; i++)
		if (rabbitmq_rows[i].header.length == name.length &&
		    memcmp(rabbitmq_rows[i].header.data, name.data, name.length) == 0 &&
		    rabbitmq_rows[i].flag != AMQP_BASIC_USER_ID_FLAG)
			return i;
	return RABBITMQ_ROWS;
}

static bool
set_property(struct rabbitmq_content *content, size_t row, struct dk_slice text)
{
	amqp_basic_properties_t *properties = &content->properties;

	if (!text.data || text.length > RABBITMQ_SHORT ||
	    properties->_flags & rabbitmq_rows[row].flag)
		return false;
	properties->_flags |= rabbitmq_rows[row].flag;
	*rabbitmq_property(properties, row) = (amqp_bytes_t){ text.length, (void *)text.data };
	content->size += text.length + 1;
	return true;
}

/* A broker would take these two for further routing keys. */
static struct dk_slice
safe_name(struct dk_slice name)
{
	if (is_named(name, "CC"))
		return (struct dk_slice)RABBITMQ_NAMED("amqp-cc");
	if (is_named(name, "BCC"))
		return (struct dk_slice)RABBITMQ_NAMED("amqp-bcc");
	return name;
}

static void
add(struct rabbitmq_content *content, struct dk_slice name, amqp_field_value_t value)
{
	amqp_table_t *table = &content->properties.headers;

	if ((size_t)table->num_entries == content->entry_room) {
		content->entry_room = content->entry_room > 0 ? 2 * content->entry_room : 32;
		content->entries =
			realloc(content->entries, content->entry_room * sizeof(*content->entries));
		if (!content->entries)
			abort();
	}
	table->entries = content->entries;
	name = safe_name(name);
	content->entries[table->num_entries++] =
		(amqp_table_entry_t){ { name.length, (void *)name.data }, value };
	content->size += ENTRY_BYTES + name.length;
	if (value.kind == AMQP_FIELD_KIND_UTF8 || value.kind == AMQP_FIELD_KIND_BYTES)
		content->size += value.value.bytes.len;
}

/* Texts that are too long for a property go as a header. */
static void
write_texts(struct rabbitmq_content *content, const struct dk_message *message)
{
	for (size_t i = 0; i < RABBITMQ_ROWS; i++) {
		struct dk_slice text;
		struct dk_header header = { .type = DK_HEADER_TEXT };

		if (rabbitmq_rows[i].field == RABBITMQ_NO_FIELD)
			continue;
		memcpy(&text, (const char *)message + rabbitmq_rows[i].field, sizeof(text));
		if (!text.data || set_property(content, i, text))
			continue;
		header.value = text;
		add(content, rabbitmq_rows[i].header, rabbitmq_field_of(&header));
	}
}

/* --- Tables and arrays --- */

/* What amqp-table holds, decoded into the content's pool; no entries when it is none. */
static amqp_table_t
decode_table(struct rabbitmq_content *content, struct dk_slice text)
{
	amqp_table_t table = amqp_empty_table;
	amqp_bytes_t bytes;
	ssize_t length;
	size_t offset = 0;

	if (content->has_pool)
		recycle_amqp_pool(&content->pool);
	else
		init_amqp_pool(&content->pool, 4096);
	content->has_pool = true;
	amqp_pool_alloc_bytes(&content->pool, text.length + 1, &bytes);
	if (!bytes.bytes)
		abort();
	length = rabbitmq_base64_read(text, bytes.bytes);
	bytes.len = length > 0 ? (size_t)length : 0;
	if (length < 4 ||
	    amqp_decode_table(bytes, &content->pool, &table, &offset) != AMQP_STATUS_OK ||
	    offset != bytes.len)
		return amqp_empty_table;
	content->size += bytes.len;
	return table;
}

static amqp_table_t
table_of(struct rabbitmq_content *content, const struct dk_delivery *delivery)
{
	size_t count = dk_headers_count(delivery);

	for (size_t i = 0; i < count; i++) {
		const struct dk_header *header = dk_headers_at(delivery, i);

		if (header && is_named(header->name, "amqp-table"))
			return decode_table(content, header->value);
	}
	return amqp_empty_table;
}

static const amqp_field_value_t *
find(const amqp_table_t *table, struct dk_slice name)
{
	for (int i = 0; i < table->num_entries; i++)
		if (table->entries[i].key.len == name.length &&
		    memcmp(table->entries[i].key.bytes, name.data, name.length) == 0)
			return &table->entries[i].value;
	return NULL;
}

/* --- Headers --- */

/* The message's own header is the table that was written as JSON; the route's word counts. */
static amqp_field_value_t
value_of(const struct dk_delivery *delivery, const struct dk_header *header,
	 const amqp_table_t *table)
{
	bool is_route = dk_headers_have(delivery->headers, delivery->header_count, header->name);
	const amqp_field_value_t *exact = is_route ? NULL : find(table, header->name);

	return exact ? *exact : rabbitmq_field_of(header);
}

static int
write_header(struct rabbitmq_content *content, const struct dk_delivery *delivery,
	     const struct dk_header *header, const amqp_table_t *table, struct dk_error *error)
{
	size_t row = row_of(header->name);

	if (row < RABBITMQ_ROWS && set_property(content, row, header->value))
		return 0;
	if (table->num_entries > 0 && is_named(header->name, "amqp-table"))
		return 0;
	if (header->name.length > RABBITMQ_SHORT) {
		snprintf(error->text, sizeof(error->text),
			 "the header %.*s... has a name of %zu bytes; AMQP allows %d", 40,
			 header->name.data, header->name.length, RABBITMQ_SHORT);
		return -1;
	}
	add(content, header->name, value_of(delivery, header, table));
	return 0;
}

static int
write_headers(struct rabbitmq_content *content, const struct dk_delivery *delivery,
	      struct dk_error *error)
{
	amqp_table_t table = table_of(content, delivery);
	size_t count = dk_headers_count(delivery);

	for (size_t i = 0; i < count; i++) {
		const struct dk_header *header = dk_headers_at(delivery, i);

		if (header && write_header(content, delivery, header, &table, error) != 0)
			return -1;
	}
	if (content->properties.headers.num_entries > 0)
		content->properties._flags |= AMQP_BASIC_HEADERS_FLAG;
	return 0;
}

/* --- The whole --- */

static void
write_numbers(struct rabbitmq_content *content, const struct dk_message *message)
{
	amqp_basic_properties_t *properties = &content->properties;

	if (message->timestamp_ms >= 0) {
		properties->_flags |= AMQP_BASIC_TIMESTAMP_FLAG;
		properties->timestamp = (uint64_t)message->timestamp_ms / 1000;
	}
	if (message->expiry_ms >= 0 && message->expiry_ms <= LONGEST_EXPIRATION_MS) {
		properties->_flags |= AMQP_BASIC_EXPIRATION_FLAG;
		snprintf(content->expiration, sizeof(content->expiration), "%lld",
			 (long long)message->expiry_ms);
		properties->expiration = amqp_cstring_bytes(content->expiration);
	}
	if (message->priority >= 0) {
		properties->_flags |= AMQP_BASIC_PRIORITY_FLAG;
		properties->priority = (uint8_t)message->priority;
	}
}

/* A message that is not persistent is lost with the broker's next restart. */
int
rabbitmq_content_write(struct rabbitmq_content *content, const struct dk_delivery *delivery,
		       bool is_always_persistent, size_t room, struct dk_error *error)
{
	const struct dk_message *message = delivery->message;
	bool is_persistent = is_always_persistent || message->flags & DK_PERSISTENT;

	memset(&content->properties, 0, sizeof(content->properties));
	content->size = FIXED_BYTES;
	content->properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
	content->properties.delivery_mode = is_persistent ? 2 : 1;
	write_texts(content, message);
	write_numbers(content, message);
	if (write_headers(content, delivery, error) != 0)
		return -1;
	if (content->size <= room)
		return 0;
	snprintf(error->text, sizeof(error->text),
		 "the headers take about %zu bytes; they must fit into one frame of the broker's "
		 "(%zu bytes, its frame_max)",
		 content->size, room);
	return -1;
}

void
rabbitmq_content_free(struct rabbitmq_content *content)
{
	free(content->entries);
	if (content->has_pool)
		empty_amqp_pool(&content->pool);
}
