/* SPDX-License-Identifier: Apache-2.0
 *
 * conversion_mqtt.c - facts to and from MQTT 5: packets as the plugin makes them for Paho, and
 * takes them from it.
 */
/* What makes a packet is nobody else's to call. */
#include "plugins/mqtt/sink.c"
#include "test/unit/conversion.h"

#define TOPIC "a/topic"

/* The properties of a PUBLISH, a row each. */
static const struct property {
	const char *field;
	enum MQTTPropertyCodes code;
	enum { BYTE, FOUR, TEXT, BYTES, PAIR } form;
} rows[] = {
	{ "payload-format", MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR, BYTE },
	{ "expiry", MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL, FOUR },
	{ "content-type", MQTTPROPERTY_CODE_CONTENT_TYPE, TEXT },
	{ "reply-to", MQTTPROPERTY_CODE_RESPONSE_TOPIC, TEXT },
	{ "correlation-id", MQTTPROPERTY_CODE_CORRELATION_DATA, BYTES },
	{ "header", MQTTPROPERTY_CODE_USER_PROPERTY, PAIR },
};

static const struct mqtt_config config = { .version = MQTT_5, .qos = 1 };
static const struct mqtt_to to = { .qos = 2, .retain = MQTT_RETAIN_KEEP };
static struct dk_target target = { .options = &to };
static struct mqtt_endpoint endpoint = { .config = &config };
static struct mqtt_sink *sink;
static MQTTAsync client; /* never connected: Paho's memory begins with the first one */

static void
begin(void)
{
	assert_int_equal(MQTTAsync_create(&client, "tcp://127.0.0.1:1", "c",
					  MQTTCLIENT_PERSISTENCE_NONE, NULL),
			 MQTTASYNC_SUCCESS);
	sink = calloc(1, sizeof(*sink));
	assert_non_null(sink);
	sink->session.endpoint = &endpoint;
	sink->session.greeting.keeps_retained = true;
	sink->session.greeting.packet_maximum = UINT32_MAX;
}

static void
end(void)
{
	mqtt_properties_free(&sink->properties);
	free(sink);
	MQTTAsync_destroy(&client);
}

/* --- A client that sends --- */

static MQTTLenString
lend(struct dk_slice slice)
{
	return (MQTTLenString){ (int)slice.length, (char *)slice.data };
}

/* As Paho reads it from the wire: all in its own memory. */
static void
add_property(MQTTProperties *list, const struct property *row, const struct fact *fact)
{
	MQTTProperty property = { .identifier = row->code };

	if (row->form == BYTE)
		property.value.byte = (unsigned char)number_of(fact);
	else if (row->form == FOUR)
		property.value.integer4 = (unsigned)number_of(fact);
	else if (row->form == PAIR) {
		property.value.data = lend(fact->name);
		property.value.value = lend(fact->value);
	} else
		property.value.data = lend(fact->value);
	assert_int_equal(MQTTProperties_add(list, &property), 0);
}

static void *
paho_copy(const void *data, size_t length)
{
	char *copy = MQTTAsync_malloc(length + 1);

	assert_non_null(copy);
	memcpy(copy, data, length);
	copy[length] = '\0';
	return copy;
}

/* What -t says of a route rests on it. */
static void
check_parts(const struct dk_message *message)
{
	unsigned parts = (message->key.data ? DK_HAS_KEY : 0U) |
			 (message->timestamp_ms >= 0 ? DK_HAS_TIMESTAMP : 0U) |
			 (message->content_type.data ? DK_HAS_CONTENT_TYPE : 0U) |
			 (message->correlation_id.data ? DK_HAS_CORRELATION_ID : 0U) |
			 (message->reply_to.data ? DK_HAS_REPLY_TO : 0U) |
			 (message->message_id.data ? DK_HAS_MESSAGE_ID : 0U) |
			 (message->header_count ? DK_HAS_HEADERS : 0U);

	assert_int_equal(parts & ~mqtt_brings(&config), 0);
}

static void
receive_one(const struct facts *sent, struct dk_message *message)
{
	const MQTTAsync_message initial = MQTTAsync_message_initializer;
	MQTTAsync_message *packet = paho_copy(&initial, sizeof(initial));
	const struct dk_slice payload = find_fact(sent, "payload")->value;

	packet->qos = 1;
	packet->retained = find_fact(sent, "retained") != NULL;
	packet->payload = paho_copy(payload.data, payload.length);
	packet->payloadlen = (int)payload.length;
	for (size_t i = 0; i < sent->count; i++)
		for (size_t j = 0; j < ROWS(rows); j++)
			if (is_field(&sent->list[i], rows[j].field))
				add_property(&packet->properties, &rows[j], &sent->list[i]);
	take_packet(&endpoint, paho_copy(TOPIC, sizeof(TOPIC) - 1), packet, message);
	check_parts(message);
}

static void
receive(const struct facts *sent, struct dk_message *messages, size_t count)
{
	for (size_t i = 0; i < count; i++)
		receive_one(&sent[i], &messages[i]);
}

/* --- A client that gets --- */

static struct dk_slice
take(MQTTLenString string)
{
	return keep_bytes(string.data, (size_t)string.len);
}

/* What the property takes on the wire, as MQTT 5.0 section 2.2.2 says. */
static size_t
take_property(struct facts *got, const MQTTProperty *property)
{
	const struct property *row = rows;

	while (row->code != property->identifier)
		assert_true(++row < rows + ROWS(rows));
	assert_true(row->form != TEXT || mqtt_is_string(take(property->value.data)));
	switch (row->form) {
	case BYTE:
		add_number(got, row->field, property->value.byte);
		return 2;
	case FOUR:
		add_number(got, row->field, property->value.integer4);
		return 5;
	case PAIR:
		assert_true(mqtt_is_string(take(property->value.data)));
		assert_true(mqtt_is_string(take(property->value.value)));
		add_fact(got, row->field, take(property->value.data), 'S',
			 take(property->value.value));
		return 5 + (size_t)property->value.data.len + (size_t)property->value.value.len;
	default:
		add_text(got, row->field, take(property->value.data));
		return 3 + (size_t)property->value.data.len;
	}
}

static void
deliver_one(struct dk_delivery *delivery, struct facts *got)
{
	MQTTAsync_message packet = MQTTAsync_message_initializer;
	const struct mqtt_result *fault;
	size_t length = 0;

	delivery->target = &target;
	delivery->address = (struct dk_slice){ TOPIC, sizeof(TOPIC) - 1 };
	fault = make_packet(sink, delivery, &packet);
	got->is_rejected = fault != NULL;
	if (fault) {
		assert_int_equal(fault->outcome, DK_REJECTED);
		mqtt_result_free(fault);
		return;
	}
	add_text(got, "payload", keep_bytes(packet.payload, (size_t)packet.payloadlen));
	if (packet.retained)
		add_number(got, "retained", 1);
	for (int i = 0; i < packet.properties.count; i++)
		length += take_property(got, &packet.properties.array[i]);
	assert_int_equal(length, packet.properties.length);
}

static void
deliver(const struct dk_delivery *deliveries, struct facts *got, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct dk_delivery delivery = deliveries[i];

		deliver_one(&delivery, &got[i]);
	}
}

/* --- Chance --- */

/* MQTT's text: no control characters. */
static struct dk_slice
invent_string(uint64_t *state, unsigned most)
{
	struct dk_slice text;

	do
		text = invent_text(state, most);
	while (!mqtt_is_string(text));
	return text;
}

struct dk_slice
invent_coded(uint64_t *state)
{
	struct dk_slice bytes =
		chance_below(state, 3) ? invent_bytes(state, 40) : invent_text(state, 40);
	char *text = keep(MQTT_BASE64_ROOM(bytes.length));

	return (struct dk_slice){ text, mqtt_base64_write(bytes, text) };
}

static void
invent_header(uint64_t *state, struct facts *facts)
{
	static const char *const reserved[] = {
		"CC",	    "BCC",	  "amqp-type",		 "content-type", "correlation-id",
		"reply-to", "message-id", "amqp-correlation-id",
	};
	struct dk_slice name = invent_name(state), value = invent_string(state, 40);

	switch (chance_below(state, 12)) {
	case 0:
		name = keep_text("%.*s;base64", (int)name.length, name.data);
		value = invent_coded(state);
		break;
	case 1:
		name = keep_text("%.*s;base64", (int)name.length, name.data);
		if (chance_below(state, 4) == 0)
			value = keep_text("QR==");
		break;
	case 2:
		name = keep_text("%s", reserved[chance_below(state, ROWS(reserved))]);
		break;
	case 3:
		if (chance_below(state, 8) == 0)
			name = keep_text("%0300d", 7);
		break;
	}
	add_fact(facts, "header", name, 'S', value);
}

static void
invent(uint64_t *state, struct facts *facts)
{
	unsigned headers = chance_below(state, 10);

	add_text(facts, "payload", invent_bytes(state, 3000));
	if (chance_below(state, 2))
		add_number(facts, "retained", 1);
	if (chance_below(state, 4) == 0)
		add_number(facts, "payload-format", chance_below(state, 2));
	if (chance_below(state, 2))
		add_number(facts, "expiry",
			   chance_below(state, 8) ? chance_below(state, 315360001)
						  : 315360001 + chance_below(state, 1u << 31));
	if (chance_below(state, 2))
		add_text(facts, "content-type",
			 invent_string(state, chance_below(state, 8) ? 30 : 400));
	if (chance_below(state, 2))
		add_text(facts, "correlation-id",
			 invent_bytes(state, chance_below(state, 8) ? 30 : 400));
	if (chance_below(state, 2))
		add_text(facts, "reply-to",
			 keep_text("answers/%0*u", chance_below(state, 8) ? 8 : 300,
				   chance_below(state, 1000)));
	while (headers-- > 0)
		invent_header(state, facts);
}

const struct protocol mqtt_protocol = { "MQTT", begin, end, invent, receive, deliver };
