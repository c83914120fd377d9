/* SPDX-License-Identifier: Apache-2.0
 *
 * conversion_trips.c - what becomes of each thing on each way there and back, as plugins/
 * CONVERSIONS.md says at its end.
 */
#include "test/unit/conversion.h"

const struct trip conversion_trips[] = {
	{ MQTT_KAFKA, "payload", NULL, NULL, NULL, KEPT },
	{ MQTT_KAFKA, "retained", NULL, NULL, NULL, LOST },
	{ MQTT_KAFKA, "payload-format", NULL, NULL, NULL, LOST },
	{ MQTT_KAFKA, "expiry", NULL, NULL, NULL, LOST },
	{ MQTT_KAFKA, "content-type", NULL, NULL, NULL, KEPT },
	{ MQTT_KAFKA, "correlation-id", NULL, NULL, NULL, KEPT },
	{ MQTT_KAFKA, "reply-to", NULL, NULL, NULL, KEPT },
	{ MQTT_KAFKA, H, "content-type", NULL, is_last_alone, CHANGED },
	{ MQTT_KAFKA, H, "correlation-id", NULL, is_last_alone, CHANGED },
	{ MQTT_KAFKA, H, "reply-to", NULL, is_last_alone, CHANGED },
	{ MQTT_KAFKA, H, NULL, NULL, is_coded_string, CHANGED },
	{ MQTT_KAFKA, H, NULL, NULL, NULL, KEPT },

	{ MQTT_AMQP, "payload", NULL, NULL, NULL, KEPT },
	{ MQTT_AMQP, "retained", NULL, NULL, NULL, LOST },
	{ MQTT_AMQP, "payload-format", NULL, NULL, NULL, LOST },
	{ MQTT_AMQP, "expiry", NULL, NULL, is_very_late, LOST },
	{ MQTT_AMQP, "expiry", NULL, NULL, NULL, KEPT },
	{ MQTT_AMQP, "content-type", NULL, NULL, NULL, KEPT },
	{ MQTT_AMQP, "correlation-id", NULL, NULL, is_long_beside, CHANGED },
	{ MQTT_AMQP, "correlation-id", NULL, NULL, NULL, KEPT },
	{ MQTT_AMQP, "reply-to", NULL, NULL, NULL, KEPT },
	{ MQTT_AMQP, H, "CC", NULL, NULL, CHANGED },
	{ MQTT_AMQP, H, "BCC", NULL, NULL, CHANGED },
	{ MQTT_AMQP, H, "amqp-correlation-id", NULL, is_first_correlation, CHANGED },
	{ MQTT_AMQP, H, NULL, NULL, NULL, KEPT },

	{ KAFKA_MQTT, "payload", NULL, NULL, NULL, KEPT },
	{ KAFKA_MQTT, "key", NULL, NULL, NULL, LOST },
	{ KAFKA_MQTT, "timestamp", NULL, NULL, NULL, CHANGED },
	{ KAFKA_MQTT, H, NULL, "V", NULL, CHANGED },
	{ KAFKA_MQTT, H, "reply-to", "S", is_last_lost, CHANGED },
	{ KAFKA_MQTT, H, NULL, "S", NULL, KEPT },

	{ KAFKA_AMQP, "payload", NULL, NULL, NULL, KEPT },
	{ KAFKA_AMQP, "key", NULL, NULL, NULL, LOST },
	{ KAFKA_AMQP, "timestamp", NULL, NULL, is_no_second, CHANGED },
	{ KAFKA_AMQP, "timestamp", NULL, NULL, NULL, KEPT },
	{ KAFKA_AMQP, H, "CC", NULL, NULL, CHANGED },
	{ KAFKA_AMQP, H, "BCC", NULL, NULL, CHANGED },
	{ KAFKA_AMQP, H, NULL, NULL, NULL, KEPT },

	{ AMQP_MQTT, "payload", NULL, NULL, NULL, KEPT },
	{ AMQP_MQTT, "content-type", NULL, NULL, NULL, KEPT },
	{ AMQP_MQTT, "correlation-id", NULL, NULL, NULL, KEPT },
	{ AMQP_MQTT, "reply-to", NULL, NULL, is_no_topic, LOST },
	{ AMQP_MQTT, "reply-to", NULL, NULL, NULL, KEPT },
	{ AMQP_MQTT, "expiration", NULL, NULL, is_no_number, LOST },
	{ AMQP_MQTT, "expiration", NULL, NULL, is_no_second, CHANGED },
	{ AMQP_MQTT, "expiration", NULL, NULL, NULL, KEPT },
	{ AMQP_MQTT, "message-id", NULL, NULL, NULL, LOST },
	{ AMQP_MQTT, "priority", NULL, NULL, NULL, LOST },
	{ AMQP_MQTT, "timestamp", NULL, NULL, NULL, LOST },
	{ AMQP_MQTT, "delivery-mode", NULL, NULL, is_one, CHANGED },
	{ AMQP_MQTT, "delivery-mode", NULL, NULL, NULL, KEPT },
	{ AMQP_MQTT, "content-encoding", NULL, NULL, NULL, KEPT },
	{ AMQP_MQTT, "type", NULL, NULL, NULL, KEPT },
	{ AMQP_MQTT, "app-id", NULL, NULL, NULL, KEPT },
	{ AMQP_MQTT, "cluster-id", NULL, NULL, NULL, KEPT },
	{ AMQP_MQTT, "user-id", NULL, NULL, NULL, LOST },
	{ AMQP_MQTT, H, "amqp-correlation-id", "S", is_first_alone, CHANGED },
	{ AMQP_MQTT, H, NULL, "S", is_no_text, CHANGED },
	{ AMQP_MQTT, H, NULL, "x", is_control, CHANGED },
	{ AMQP_MQTT, H, NULL, "SxFA", NULL, KEPT },
	{ AMQP_MQTT, H, NULL, "VtdTIl", NULL, CHANGED },

	{ AMQP_KAFKA, "payload", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "content-type", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "correlation-id", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "reply-to", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "message-id", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "expiration", NULL, NULL, NULL, LOST },
	{ AMQP_KAFKA, "priority", NULL, NULL, NULL, LOST },
	{ AMQP_KAFKA, "timestamp", NULL, NULL, is_zero, CHANGED },
	{ AMQP_KAFKA, "timestamp", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "delivery-mode", NULL, NULL, is_one, CHANGED },
	{ AMQP_KAFKA, "delivery-mode", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "content-encoding", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "type", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "app-id", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "cluster-id", NULL, NULL, NULL, KEPT },
	{ AMQP_KAFKA, "user-id", NULL, NULL, NULL, LOST },
	{ AMQP_KAFKA, H, "content-type", "S", is_last_alone, CHANGED },
	{ AMQP_KAFKA, H, "correlation-id", "S", is_last_alone, CHANGED },
	{ AMQP_KAFKA, H, "reply-to", "S", is_last_alone, CHANGED },
	{ AMQP_KAFKA, H, "message-id", "S", is_last_alone, CHANGED },
	{ AMQP_KAFKA, H, "amqp-correlation-id", "S", is_first_alone, CHANGED },
	{ AMQP_KAFKA, H, NULL, "S", is_no_text, CHANGED },
	{ AMQP_KAFKA, H, NULL, "x", is_text, CHANGED },
	{ AMQP_KAFKA, H, NULL, "SxFAV", NULL, KEPT },
	{ AMQP_KAFKA, H, NULL, "tdTIl", NULL, CHANGED },
};

const struct newcomer conversion_newcomers[] = {
	{ MQTT_KAFKA, "content-type", NULL },	/* of a header of that name */
	{ MQTT_KAFKA, "correlation-id", NULL }, /* likewise */
	{ MQTT_KAFKA, "reply-to", NULL },
	{ MQTT_AMQP, H, "amqp-correlation-id" },
	{ MQTT_AMQP, H, "amqp-correlation-id;base64" },
	{ MQTT_AMQP, "correlation-id", NULL }, /* of a header amqp-correlation-id */
	{ KAFKA_MQTT, "payload", NULL },       /* a tombstone is one no more */
	{ KAFKA_AMQP, "payload", NULL },
	{ AMQP_MQTT, "delivery-mode", NULL },
	{ AMQP_MQTT, H, "amqp-user-id" },
	{ AMQP_MQTT, H, "message-id" },
	{ AMQP_MQTT, "correlation-id", NULL }, /* of a header amqp-correlation-id */
	{ AMQP_KAFKA, "delivery-mode", NULL },
	{ AMQP_KAFKA, "timestamp", NULL },
	{ AMQP_KAFKA, H, "amqp-user-id" },
	{ AMQP_KAFKA, "correlation-id", NULL },
	{ AMQP_KAFKA, "reply-to", NULL },
	{ AMQP_KAFKA, "message-id", NULL },
	{ AMQP_KAFKA, "content-type", NULL }, /* of a header of that name */
};

const size_t conversion_trip_count = ROWS(conversion_trips);
const size_t conversion_newcomer_count = ROWS(conversion_newcomers);
