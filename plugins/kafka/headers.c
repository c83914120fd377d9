/* SPDX-License-Identifier: Apache-2.0
 *
 * headers.c - the headers that a record goes out with: the message's, the route's, and its fields.
 */
#include <string.h>

#include "plugins/headers.h"
#include "plugins/kafka/kafka.h"

static void
add_header(rd_kafka_headers_t *list, struct dk_slice name, struct dk_slice value)
{
	rd_kafka_header_add(list, name.data, (ssize_t)name.length, value.data,
			    (ssize_t)value.length);
}

/* A field that Kafka has none for is the last header of its name: that is the one which the source
 * makes the field again. The route's own headers go before it. */
static void
add_field(rd_kafka_headers_t *list, const struct dk_delivery *delivery, const char *name,
	  struct dk_slice value)
{
	struct dk_slice slice = { name, strlen(name) };

	if (value.data && !dk_headers_have(delivery->headers, delivery->header_count, slice))
		add_header(list, slice, value);
}

rd_kafka_headers_t *
kafka_headers_make(const struct dk_delivery *delivery)
{
	const struct dk_message *message = delivery->message;
	size_t count = dk_headers_count(delivery);
	rd_kafka_headers_t *list;

	if (count == 0 && !message->content_type.data && !message->correlation_id.data &&
	    !message->reply_to.data && !message->message_id.data)
		return NULL;
	list = rd_kafka_headers_new(count + 4);
	for (size_t i = 0; i < count; i++) {
		const struct dk_header *header = dk_headers_at(delivery, i);

		if (header)
			add_header(list, header->name, header->value);
	}
	add_field(list, delivery, "content-type", message->content_type);
	add_field(list, delivery, "correlation-id", message->correlation_id);
	add_field(list, delivery, "reply-to", message->reply_to);
	add_field(list, delivery, "message-id", message->message_id);
	return list;
}
