/* SPDX-License-Identifier: Apache-2.0
 *
 * rows.h - AMQP's properties that are texts, a row each, for both ways.
 */
#ifndef PLUGIN_RABBITMQ_ROWS_H
#define PLUGIN_RABBITMQ_ROWS_H

#include "plugins/rabbitmq/message.h"

#define RABBITMQ_NO_FIELD ((size_t)-1)

/* `field` is that of the message, RABBITMQ_NO_FIELD where it has none; `header` is the name that
 * the property has as a header. */
struct rabbitmq_row {
	amqp_flags_t flag;
	size_t property, field;
	struct dk_slice header;
};

#define RABBITMQ_NAMED(text)             \
	{                                \
		(text), sizeof(text) - 1 \
	}

static const struct rabbitmq_row rabbitmq_rows[] = {
	{ AMQP_BASIC_CONTENT_TYPE_FLAG, offsetof(amqp_basic_properties_t, content_type),
	  offsetof(struct dk_message, content_type), RABBITMQ_NAMED("amqp-content-type") },
	{ AMQP_BASIC_CORRELATION_ID_FLAG, offsetof(amqp_basic_properties_t, correlation_id),
	  offsetof(struct dk_message, correlation_id), RABBITMQ_NAMED("amqp-correlation-id") },
	{ AMQP_BASIC_REPLY_TO_FLAG, offsetof(amqp_basic_properties_t, reply_to),
	  offsetof(struct dk_message, reply_to), RABBITMQ_NAMED("amqp-reply-to") },
	{ AMQP_BASIC_MESSAGE_ID_FLAG, offsetof(amqp_basic_properties_t, message_id),
	  offsetof(struct dk_message, message_id), RABBITMQ_NAMED("amqp-message-id") },
	{ AMQP_BASIC_CONTENT_ENCODING_FLAG, offsetof(amqp_basic_properties_t, content_encoding),
	  RABBITMQ_NO_FIELD, RABBITMQ_NAMED("amqp-content-encoding") },
	{ AMQP_BASIC_TYPE_FLAG, offsetof(amqp_basic_properties_t, type), RABBITMQ_NO_FIELD,
	  RABBITMQ_NAMED("amqp-type") },
	{ AMQP_BASIC_APP_ID_FLAG, offsetof(amqp_basic_properties_t, app_id), RABBITMQ_NO_FIELD,
	  RABBITMQ_NAMED("amqp-app-id") },
	{ AMQP_BASIC_CLUSTER_ID_FLAG, offsetof(amqp_basic_properties_t, cluster_id),
	  RABBITMQ_NO_FIELD, RABBITMQ_NAMED("amqp-cluster-id") },
	{ AMQP_BASIC_USER_ID_FLAG, offsetof(amqp_basic_properties_t, user_id), RABBITMQ_NO_FIELD,
	  RABBITMQ_NAMED("amqp-user-id") },
};

#define RABBITMQ_ROWS (sizeof(rabbitmq_rows) / sizeof(rabbitmq_rows[0]))

static inline amqp_bytes_t *
rabbitmq_property(amqp_basic_properties_t *properties, size_t row)
{
	return (void *)((char *)properties + rabbitmq_rows[row].property);
}

#endif
