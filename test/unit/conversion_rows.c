/* SPDX-License-Identifier: Apache-2.0
 *
 * conversion_rows.c - what becomes of each thing on each way: the rows of plugins/CONVERSIONS.md.
 */
#include "plugins/mqtt/strings.h"
#include "plugins/text.h"
#include "test/unit/conversion.h"

/* --- What it becomes --- */

static struct dk_slice
coded_name(struct dk_slice name)
{
	return keep_text("%.*s" CODED, (int)name.length, name.data);
}

static void
coded(struct fact *fact)
{
	char *text = keep(MQTT_BASE64_ROOM(fact->value.length));
	size_t length = mqtt_base64_write(fact->value, text);

	fact->name = coded_name(fact->name);
	fact->value = (struct dk_slice){ text, length };
	fact->kind = 'S';
}

static void
decoded(struct fact *fact)
{
	char *bytes;
	size_t length = decode_fact(fact, &bytes);

	fact->value = (struct dk_slice){ bytes, length };
	fact->name.length -= sizeof(CODED) - 1;
}

static void
by_content(struct fact *fact)
{
	fact->kind = dk_is_text(fact->value) ? 'S' : 'x';
}

/* What is coded was bytes, but for text that MQTT does not take. */
static void
decoded_by_content(struct fact *fact)
{
	decoded(fact);
	fact->kind = dk_is_text(fact->value) && !mqtt_is_string(fact->value) ? 'S' : 'x';
}

static void
empty(struct fact *fact)
{
	fact->value = keep_bytes("", 0);
	fact->kind = 'S';
}

static void
text(struct fact *fact)
{
	if (fact->kind == 't')
		fact->value = keep_text("%s", number_of(fact) ? "true" : "false");
	if (fact->kind == 'T')
		fact->value = keep_text("%lld", (long long)number_of(fact) * 1000);
	fact->kind = 'S';
}

static void
any_text(struct fact *fact)
{
	fact->kind = 'S';
	fact->is_any = true;
}

static void
any(struct fact *fact)
{
	fact->is_any = true;
}

static void
times_1000(struct fact *fact)
{
	fact->value = keep_text("%lld", (long long)number_of(fact) * 1000);
}

static void
by_1000(struct fact *fact)
{
	fact->value = keep_text("%lld", (long long)number_of(fact) / 1000);
}

static void
by_1000_up(struct fact *fact)
{
	fact->value = keep_text("%lld", (long long)(number_of(fact) + 999) / 1000);
}

/* --- One way --- */

#define REJECTED CONVERSION_REJECTED

/* A property of AMQP that is a header elsewhere. */
#define AMQP_TEXT(way, field)                                               \
	{                                                                   \
		way, field, NULL, NULL, NULL, H, "amqp-" field, NULL, false \
	}
#define AMQP_TEXT_CODED(field)                                                             \
	{                                                                                  \
		AMQP_MQTT, field, NULL, NULL, is_no_string, H, "amqp-" field, coded, false \
	}

const struct row conversion_rows[] = {
	{ MQTT_KAFKA, "payload", NULL, NULL, NULL, "payload", NULL, NULL, false },
	{ MQTT_KAFKA, "retained", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ MQTT_KAFKA, "payload-format", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ MQTT_KAFKA, "expiry", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ MQTT_KAFKA, "content-type", NULL, NULL, NULL, H, "content-type", NULL, false },
	{ MQTT_KAFKA, "correlation-id", NULL, NULL, NULL, H, "correlation-id", NULL, false },
	{ MQTT_KAFKA, "reply-to", NULL, NULL, NULL, H, "reply-to", NULL, false },
	{ MQTT_KAFKA, H, NULL, NULL, is_coded, H, NULL, decoded, false },
	{ MQTT_KAFKA, H, NULL, NULL, NULL, H, NULL, NULL, false },

	{ MQTT_AMQP, "payload", NULL, NULL, NULL, "payload", NULL, NULL, false },
	{ MQTT_AMQP, "retained", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ MQTT_AMQP, "payload-format", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ MQTT_AMQP, "expiry", NULL, NULL, is_very_late, NULL, NULL, NULL, false },
	{ MQTT_AMQP, "expiry", NULL, NULL, NULL, "expiration", NULL, times_1000, false },
	{ MQTT_AMQP, "content-type", NULL, NULL, is_long, H, "amqp-content-type", NULL, false },
	{ MQTT_AMQP, "content-type", NULL, NULL, NULL, "content-type", NULL, NULL, false },
	{ MQTT_AMQP, "correlation-id", NULL, NULL, is_long, H, "amqp-correlation-id", by_content,
	  false },
	{ MQTT_AMQP, "correlation-id", NULL, NULL, NULL, "correlation-id", NULL, NULL, false },
	{ MQTT_AMQP, "reply-to", NULL, NULL, is_long, H, "amqp-reply-to", NULL, false },
	{ MQTT_AMQP, "reply-to", NULL, NULL, NULL, "reply-to", NULL, NULL, false },
	{ MQTT_AMQP, H, NULL, NULL, has_long_name, REJECTED, NULL, NULL, false },
	{ MQTT_AMQP, H, "CC", NULL, NULL, H, "amqp-cc", NULL, false },
	{ MQTT_AMQP, H, "BCC", NULL, NULL, H, "amqp-bcc", NULL, false },
	{ MQTT_AMQP, H, "amqp-type", NULL, is_first_short, "type", NULL, NULL, false },
	{ MQTT_AMQP, H, "amqp-correlation-id", NULL, is_first_correlation, "correlation-id", NULL,
	  NULL, false },
	{ MQTT_AMQP, H, NULL, NULL, is_coded, H, NULL, decoded_by_content, false },
	{ MQTT_AMQP, H, NULL, NULL, NULL, H, NULL, NULL, false },

	{ KAFKA_MQTT, "payload", NULL, NULL, NULL, "payload", NULL, NULL, false },
	{ KAFKA_MQTT, "key", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ KAFKA_MQTT, "timestamp", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ KAFKA_MQTT, H, NULL, NULL, has_bad_name, REJECTED, NULL, NULL, false },
	{ KAFKA_MQTT, H, "content-type", "S", is_last_bad, REJECTED, NULL, NULL, false },
	{ KAFKA_MQTT, H, "content-type", "S", is_last_good, "content-type", NULL, NULL, false },
	{ KAFKA_MQTT, H, "correlation-id", "S", is_last, "correlation-id", NULL, NULL, false },
	{ KAFKA_MQTT, H, "reply-to", "S", is_last_topic, "reply-to", NULL, NULL, false },
	{ KAFKA_MQTT, H, "reply-to", "S", is_last_lost, NULL, NULL, NULL, false },
	{ KAFKA_MQTT, H, NULL, "V", NULL, H, NULL, empty, false },
	{ KAFKA_MQTT, H, NULL, "S", is_no_string, H, NULL, coded, false },
	{ KAFKA_MQTT, H, NULL, "S", is_coded, H, NULL, coded, false },
	{ KAFKA_MQTT, H, NULL, "S", NULL, H, NULL, NULL, false },

	{ KAFKA_AMQP, "payload", NULL, NULL, NULL, "payload", NULL, NULL, false },
	{ KAFKA_AMQP, "key", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ KAFKA_AMQP, "timestamp", NULL, NULL, NULL, "timestamp", NULL, by_1000, false },
	{ KAFKA_AMQP, H, NULL, NULL, has_long_name, REJECTED, NULL, NULL, false },
	{ KAFKA_AMQP, H, "content-type", "S", is_last_short, "content-type", NULL, NULL, false },
	{ KAFKA_AMQP, H, "content-type", "S", is_last_long, H, "amqp-content-type", NULL, false },
	{ KAFKA_AMQP, H, "correlation-id", "S", is_last_short, "correlation-id", NULL, NULL,
	  false },
	{ KAFKA_AMQP, H, "correlation-id", "S", is_last_long, H, "amqp-correlation-id", NULL,
	  false },
	{ KAFKA_AMQP, H, "reply-to", "S", is_last_short, "reply-to", NULL, NULL, false },
	{ KAFKA_AMQP, H, "reply-to", "S", is_last_long, H, "amqp-reply-to", NULL, false },
	{ KAFKA_AMQP, H, "message-id", "S", is_last_short, "message-id", NULL, NULL, false },
	{ KAFKA_AMQP, H, "message-id", "S", is_last_long, H, "amqp-message-id", NULL, false },
	{ KAFKA_AMQP, H, "CC", NULL, NULL, H, "amqp-cc", NULL, false },
	{ KAFKA_AMQP, H, "BCC", NULL, NULL, H, "amqp-bcc", NULL, false },
	{ KAFKA_AMQP, H, "amqp-type", "S", is_first_short, "type", NULL, NULL, false },
	{ KAFKA_AMQP, H, NULL, "V", NULL, H, NULL, NULL, false },
	{ KAFKA_AMQP, H, NULL, "S", NULL, H, NULL, by_content, false },

	{ AMQP_MQTT, "payload", NULL, NULL, NULL, "payload", NULL, NULL, false },
	{ AMQP_MQTT, "content-type", NULL, NULL, is_no_string, REJECTED, NULL, NULL, false },
	{ AMQP_MQTT, "content-type", NULL, NULL, NULL, "content-type", NULL, NULL, false },
	{ AMQP_MQTT, "correlation-id", NULL, NULL, NULL, "correlation-id", NULL, NULL, false },
	{ AMQP_MQTT, "reply-to", NULL, NULL, is_no_topic, NULL, NULL, NULL, false },
	{ AMQP_MQTT, "reply-to", NULL, NULL, NULL, "reply-to", NULL, NULL, false },
	{ AMQP_MQTT, "expiration", NULL, NULL, is_no_number, NULL, NULL, NULL, false },
	{ AMQP_MQTT, "expiration", NULL, NULL, NULL, "expiry", NULL, by_1000_up, false },
	{ AMQP_MQTT, "message-id", NULL, NULL, is_no_string, H, "message-id", coded, false },
	{ AMQP_MQTT, "message-id", NULL, NULL, NULL, H, "message-id", NULL, false },
	{ AMQP_MQTT, "priority", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ AMQP_MQTT, "timestamp", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ AMQP_MQTT, "delivery-mode", NULL, NULL, NULL, NULL, NULL, NULL, false },
	AMQP_TEXT_CODED("content-encoding"),
	AMQP_TEXT(AMQP_MQTT, "content-encoding"),
	AMQP_TEXT_CODED("type"),
	AMQP_TEXT(AMQP_MQTT, "type"),
	AMQP_TEXT_CODED("app-id"),
	AMQP_TEXT(AMQP_MQTT, "app-id"),
	AMQP_TEXT_CODED("cluster-id"),
	AMQP_TEXT(AMQP_MQTT, "cluster-id"),
	AMQP_TEXT_CODED("user-id"),
	AMQP_TEXT(AMQP_MQTT, "user-id"),
	{ AMQP_MQTT, H, NULL, NULL, has_bad_name, REJECTED, NULL, NULL, false },
	{ AMQP_MQTT, H, "amqp-correlation-id", NULL, is_first_alone, "correlation-id", NULL, NULL,
	  false },
	{ AMQP_MQTT, H, NULL, "S", is_no_string, H, NULL, coded, false },
	{ AMQP_MQTT, H, NULL, "S", is_coded, H, NULL, coded, false },
	{ AMQP_MQTT, H, NULL, "S", NULL, H, NULL, NULL, false },
	{ AMQP_MQTT, H, NULL, "x", NULL, H, NULL, coded, false },
	{ AMQP_MQTT, H, NULL, "V", NULL, H, NULL, empty, false },
	{ AMQP_MQTT, H, NULL, "tdTIl", NULL, H, NULL, text, false },
	{ AMQP_MQTT, H, NULL, "FA", NULL, H, NULL, any_text, false },

	{ AMQP_KAFKA, "payload", NULL, NULL, NULL, "payload", NULL, NULL, false },
	{ AMQP_KAFKA, "content-type", NULL, NULL, NULL, H, "content-type", NULL, false },
	{ AMQP_KAFKA, "correlation-id", NULL, NULL, NULL, H, "correlation-id", NULL, false },
	{ AMQP_KAFKA, "reply-to", NULL, NULL, NULL, H, "reply-to", NULL, false },
	{ AMQP_KAFKA, "message-id", NULL, NULL, NULL, H, "message-id", NULL, false },
	{ AMQP_KAFKA, "expiration", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ AMQP_KAFKA, "priority", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ AMQP_KAFKA, "timestamp", NULL, NULL, is_zero, "timestamp", NULL, any, false },
	{ AMQP_KAFKA, "timestamp", NULL, NULL, NULL, "timestamp", NULL, times_1000, false },
	{ AMQP_KAFKA, "delivery-mode", NULL, NULL, NULL, NULL, NULL, NULL, false },
	AMQP_TEXT(AMQP_KAFKA, "content-encoding"),
	AMQP_TEXT(AMQP_KAFKA, "type"),
	AMQP_TEXT(AMQP_KAFKA, "app-id"),
	AMQP_TEXT(AMQP_KAFKA, "cluster-id"),
	AMQP_TEXT(AMQP_KAFKA, "user-id"),
	{ AMQP_KAFKA, H, "amqp-correlation-id", NULL, is_first_alone, H, "correlation-id", NULL,
	  false },
	{ AMQP_KAFKA, H, NULL, "Sx", NULL, H, NULL, text, false },
	{ AMQP_KAFKA, H, NULL, "V", NULL, H, NULL, NULL, false },
	{ AMQP_KAFKA, H, NULL, "tdTIl", NULL, H, NULL, text, false },
	{ AMQP_KAFKA, H, NULL, "FA", NULL, H, NULL, any_text, false },
};

const struct addition conversion_additions[] = {
	{ MQTT_KAFKA, NULL, "timestamp", NULL, NULL },
	{ AMQP_KAFKA, NULL, "timestamp", NULL, NULL },
	{ MQTT_AMQP, NULL, "delivery-mode", NULL, "2" },
	{ KAFKA_AMQP, NULL, "delivery-mode", NULL, "2" },
	{ KAFKA_MQTT, NULL, "payload", NULL, "" },
	{ KAFKA_AMQP, NULL, "payload", NULL, "" },
	{ AMQP_MQTT, has_nested, H, "amqp-table", NULL },
	{ AMQP_KAFKA, has_nested, H, "amqp-table", NULL },
};

const size_t conversion_row_count = ROWS(conversion_rows);
const size_t conversion_addition_count = ROWS(conversion_additions);
