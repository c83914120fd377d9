/* SPDX-License-Identifier: Apache-2.0
 *
 * message.h - messages between AMQP and the core: how AMQP's properties and headers come out as a
 * message's, and go back.
 *
 * content-type, correlation-id, reply-to, message-id, priority, expiration and timestamp (AMQP
 * counts seconds, we milliseconds) are fields of every message. What no message has a field for
 * travels as a header:
 *
 *	amqp-type, amqp-app-id, amqp-content-encoding, amqp-cluster-id
 *			the properties; a sink of this plugin makes them properties again
 *	amqp-user-id	who the broker says has published it; it stays a header, for a broker takes
 *			as the property nobody's name but the user's own
 *	amqp-content-type, amqp-correlation-id, amqp-reply-to, amqp-message-id
 *			where one is longer than the 255 bytes that AMQP's property holds
 *	amqp-cc, amqp-bcc
 *			headers named CC and BCC: a broker would take them for further routing keys,
 *			and the route alone says where a message goes
 *	amqp-table	headers that are tables or arrays, exactly, in base64 of AMQP's encoding;
 *			each of them is there by its own name too, as JSON (times in milliseconds,
 *			bytes in base64). A sink of this plugin puts the exact ones in their place
 *			again
 *
 * A header's type is kept where the way between has types; an integer comes back with 64 bits.
 */
#ifndef PLUGIN_RABBITMQ_MESSAGE_H
#define PLUGIN_RABBITMQ_MESSAGE_H

#include <amqp.h>
#include <amqp_framing.h>
#include <sys/types.h>

#include "plugins/plugin.h"

#define RABBITMQ_SHORT 255 /* bytes in AMQP's short string */

struct rabbitmq_channel;

/* How a message was delivered: what stands before its header. */
struct rabbitmq_envelope {
	uint64_t tag;
	bool is_redelivered;
	size_t exchange_length, key_length;
	char exchange[RABBITMQ_SHORT], key[RABBITMQ_SHORT];
};

/* A message as it was read, in one block, lent to the core as a whole. */
struct rabbitmq_message {
	struct rabbitmq_message *next;
	struct rabbitmq_channel *channel;
	unsigned epoch; /* of the channel */
	struct dk_message message;
	size_t body_size, body_read;
	char *body;
};

/* Room for a delivery's properties, used again for each. */
struct rabbitmq_content {
	amqp_basic_properties_t properties;
	amqp_table_entry_t *entries;
	size_t entry_room;
	char expiration[32];
	amqp_pool_t pool; /* what amqp-table decodes to; begun when first needed */
	bool has_pool;
	size_t size; /* of all, encoded, or a little less */
};

void rabbitmq_envelope_fill(struct rabbitmq_envelope *envelope, const amqp_basic_deliver_t *method);
struct rabbitmq_message *rabbitmq_message_read(const struct rabbitmq_envelope *envelope,
					       const char *fixed_address,
					       const amqp_basic_properties_t *properties,
					       size_t body_size);

/* Fills content->properties for a delivery, which must fit into `room` bytes. -1 with an error: it
 * never will. */
int rabbitmq_content_write(struct rabbitmq_content *content, const struct dk_delivery *delivery,
			   bool is_always_persistent, size_t room, struct dk_error *error);
void rabbitmq_content_free(struct rabbitmq_content *content);

/* fields.c: values of AMQP's tables */
enum dk_header_type rabbitmq_field_type(const amqp_field_value_t *value);
bool rabbitmq_field_is_nested(const amqp_field_value_t *value);
/* The room that a value takes as text, at most; the text itself, and its end. */
size_t rabbitmq_field_room(const amqp_field_value_t *value);
char *rabbitmq_field_text(const amqp_field_value_t *value, char *out);
amqp_field_value_t rabbitmq_field_of(const struct dk_header *header);

/* base64.c */
#define RABBITMQ_BASE64_ROOM(length) (((length) + 2) / 3 * 4)
/* Returns the end; one byte behind it is written too. */
char *rabbitmq_base64_write(struct dk_slice bytes, char *out);
/* The number of bytes; no more than 3/4 of the text's are written. -1: it is no base64. */
ssize_t rabbitmq_base64_read(struct dk_slice text, char *out);

#endif
