/* SPDX-License-Identifier: Apache-2.0
 *
 * sink.c - the sink half: publishes deliveries, and settles them as the broker acknowledges.
 *
 * Acknowledgements come one by one on Paho's thread. The loop is not woken for each: it is when a
 * quarter of what is out has come back, or all of it; what comes slower, it fetches once in a
 * millisecond.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/mqtt.h"

#define FETCH_MS 1
#define PACKET_MAXIMUM 268435455 /* what MQTT's length of a packet can say */

/* What became of a delivery. */
struct result {
	int code;
	enum dk_outcome outcome;
	const char *reason;
};

struct mqtt_sink {
	struct mqtt_session session;
	struct dk_timer *fetching;
	bool is_fetching;

	/* Of the broker; written while greeting, before the loop hears of it. */
	struct mqtt_greeting greeting;

	/* Under the session's lock. */
	size_t out; /* taken and not yet collected */
	size_t done_count;
	struct dk_delivery *done;
	struct dk_delivery **done_end;

	/* The session's thread. */
	struct mqtt_properties properties;
	char topic[UINT16_MAX + 1];
};

static const struct result accepted = { 0, DK_ACCEPTED, NULL };
static const struct result not_connected = { 0, DK_RELEASED, "the connection was lost" };
static const struct result too_large = { 0, DK_REJECTED,
					 "it is larger than the broker takes a packet to be" };
static const struct result not_retained = { 0, DK_REJECTED, "the broker retains no messages" };

/* MQTT 5's reason codes, of the broker. */
static const struct result refusals[] = {
	{ 0x87, DK_DENIED, "the broker does not allow to publish there" },
	{ 0x90, DK_REJECTED, "the broker refuses the topic's name" },
	{ 0x95, DK_REJECTED, "the broker says that it is too large" },
	{ 0x97, DK_RELEASED, "the broker's quota is exceeded" },
	{ 0x99, DK_REJECTED, "the broker refuses the payload's format" },
	{ 0x9A, DK_REJECTED, "the broker retains no messages" },
	{ 0, DK_RELEASED, "the broker refuses it for now" },
};

/* Paho's own codes. */
static const struct result failures[] = {
	{ MQTTASYNC_BAD_UTF8_STRING, DK_REJECTED, "the topic is not UTF-8" },
	{ MQTTASYNC_NO_MORE_MSGIDS, DK_RELEASED, "no packet identifier is free" },
	{ MQTTASYNC_MAX_BUFFERED_MESSAGES, DK_RELEASED, "the client has no more room" },
	{ 0, DK_RELEASED, "the connection was lost" },
};

/* The row of a code; the last one stands for all others. */
static const struct result *
find_result(const struct result *rows, int code)
{
	while (rows->code && rows->code != code)
		rows++;
	return rows;
}

/* --- Any thread ---------------------------------------------------------------------------- */

/* A delivery is over: its `plugin`, which was the sink, becomes the result. */
static void
finish(struct dk_delivery *delivery, const struct result *result)
{
	struct mqtt_sink *sink = delivery->plugin;
	struct mqtt_session *session = &sink->session;
	bool is_first = false;

	delivery->plugin = (void *)(uintptr_t)result;
	delivery->next = NULL;
	pthread_mutex_lock(&session->lock);
	*sink->done_end = delivery;
	sink->done_end = &delivery->next;
	sink->done_count++;
	if (4 * sink->done_count >= sink->out)
		is_first = mqtt_session_rouse(session);
	pthread_mutex_unlock(&session->lock);
	if (is_first)
		mqtt_session_post(session);
}

static void
on_published(void *context, MQTTAsync_successData *data)
{
	(void)data;
	finish(context, &accepted);
}

static void
on_published5(void *context, MQTTAsync_successData5 *data)
{
	(void)data;
	finish(context, &accepted);
}

static void
on_failed(void *context, MQTTAsync_failureData *data)
{
	finish(context, find_result(failures, data->code));
}

/* The broker's code is only there when Paho has none of its own. */
static void
on_failed5(void *context, MQTTAsync_failureData5 *data)
{
	finish(context, data->code ? find_result(failures, data->code)
				   : find_result(refusals, (int)data->reasonCode));
}

static void
greeted(struct mqtt_session *session, const struct mqtt_greeting *greeting)
{
	struct mqtt_sink *sink = (void *)session;

	sink->greeting = *greeting;
	mqtt_session_tell(session, MQTT_ARRIVED, NULL);
}

/* Nothing is subscribed to: nothing comes. */
static int
drop_message(void *context, char *topic, int topic_length, MQTTAsync_message *packet)
{
	(void)context;
	(void)topic_length;
	MQTTAsync_free(topic);
	MQTTAsync_freeMessage(&packet);
	return 1;
}

/* --- The session's thread ------------------------------------------------------------------ */

static bool
is_retained(const struct dk_delivery *delivery)
{
	const struct mqtt_to *to = delivery->target->options;

	return to->retain == MQTT_RETAIN_ALWAYS ||
	       (to->retain == MQTT_RETAIN_KEEP && (delivery->message->flags & DK_RETAINED));
}

static int
qos_of(const struct mqtt_sink *sink, const struct dk_delivery *delivery)
{
	const struct mqtt_to *to = delivery->target->options;
	int64_t most = sink->session.endpoint->config->qos;

	return (int)(to->qos < most ? to->qos : most);
}

/* The most that the packet's length can come to. */
static size_t
measure_packet(const struct dk_delivery *delivery, const MQTTProperties *properties)
{
	return 5 + 2 + delivery->address.length + 2 + 4 + (size_t)properties->length +
	       delivery->message->payload.length;
}

static MQTTAsync_message
write_packet(struct mqtt_sink *sink, const struct dk_delivery *delivery)
{
	const struct dk_slice payload = delivery->message->payload;
	MQTTAsync_message packet = MQTTAsync_message_initializer;

	packet.payload = (void *)(payload.data ? payload.data : "");
	packet.payloadlen = (int)payload.length;
	packet.qos = qos_of(sink, delivery);
	packet.retained = is_retained(delivery);
	if (sink->session.endpoint->config->version == MQTT_5) {
		mqtt_properties_write(&sink->properties, delivery);
		packet.properties = sink->properties.list;
	}
	memcpy(sink->topic, delivery->address.data, delivery->address.length);
	sink->topic[delivery->address.length] = '\0';
	return packet;
}

/* Hands a delivery to Paho, which calls back when it is over. NULL; or a result, when it is over
 * already. */
static const struct result *
publish_one(struct mqtt_sink *sink, MQTTAsync client, struct dk_delivery *delivery)
{
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
	MQTTAsync_message packet;
	int code;

	if (!client)
		return &not_connected;
	if (delivery->address.length > UINT16_MAX ||
	    delivery->message->payload.length > PACKET_MAXIMUM)
		return &too_large;
	packet = write_packet(sink, delivery);
	if (measure_packet(delivery, &packet.properties) > sink->greeting.packet_maximum)
		return &too_large;
	if (packet.retained && !sink->greeting.keeps_retained)
		return &not_retained;
	response.context = delivery;
	if (sink->session.endpoint->config->version == MQTT_5) {
		response.onSuccess5 = on_published5;
		response.onFailure5 = on_failed5;
	} else {
		response.onSuccess = on_published;
		response.onFailure = on_failed;
	}
	code = MQTTAsync_sendMessage(client, sink->topic, &packet, &response);
	return code == MQTTASYNC_SUCCESS ? NULL : find_result(failures, code);
}

static void
publish_all(struct mqtt_session *session, MQTTAsync client, struct dk_delivery *delivery)
{
	while (delivery) {
		struct dk_delivery *next = delivery->next;
		const struct result *result = publish_one((void *)session, client, delivery);

		if (result)
			finish(delivery, result);
		delivery = next;
	}
}

/* --- The loop's thread --------------------------------------------------------------------- */

static const char *
admit(struct mqtt_session *session)
{
	const struct mqtt_sink *sink = (void *)session;

	if (sink->greeting.qos < session->endpoint->config->qos)
		return "the broker takes no messages of quality of service 1: set qos = 0";
	return NULL;
}

static void
settle_all(const struct dk_host *host, struct dk_delivery *delivery)
{
	while (delivery) {
		struct dk_delivery *next = delivery->next;
		const struct result *result = delivery->plugin;

		host->settle(delivery, result->outcome, result->reason, NULL);
		delivery = next;
	}
}

static void
collect(struct mqtt_session *session)
{
	struct mqtt_sink *sink = (void *)session;
	struct dk_delivery *done;

	pthread_mutex_lock(&session->lock);
	done = sink->done;
	sink->out -= sink->done_count;
	sink->done = NULL;
	sink->done_end = &sink->done;
	sink->done_count = 0;
	pthread_mutex_unlock(&session->lock);
	settle_all(session->endpoint->host, done);
}

static void
fetch(void *argument)
{
	struct mqtt_sink *sink = argument;

	collect(&sink->session);
	/* Only the loop adds to what is out: this can be read without the lock. */
	sink->is_fetching = sink->out > 0;
	if (sink->is_fetching)
		sink->session.endpoint->host->timer_set(sink->fetching, FETCH_MS);
}

static const struct mqtt_role role = {
	.name = "sink",
	.suffix = "-sink",
	.arrived = drop_message,
	.greeted = greeted,
	.publish = publish_all,
	.admit = admit,
	.collect = collect,
};

static int
prepare(void *argument, struct dk_target *target, struct dk_error *error)
{
	struct mqtt_endpoint *endpoint = argument;
	struct mqtt_sink *sink;

	(void)target;
	(void)error;
	if (endpoint->sink)
		return 0;
	sink = calloc(1, sizeof(*sink));
	if (!sink)
		abort();
	endpoint->sink = sink;
	sink->done_end = &sink->done;
	sink->fetching = endpoint->host->timer_new(endpoint->handle, fetch, sink);
	mqtt_session_start(&sink->session, endpoint, &role, false);
	return 0;
}

void
mqtt_sink_free(struct mqtt_sink *sink)
{
	if (!sink)
		return;
	assert(sink->out == 0);
	sink->session.endpoint->host->timer_free(sink->fetching);
	mqtt_properties_free(&sink->properties);
	free(sink);
}

static size_t
window(const void *config)
{
	return (size_t)((const struct mqtt_config *)config)->window;
}

/* How many more the broker takes: one less than it says, for Paho sleeps at its limit. */
static size_t
room(const struct mqtt_sink *sink)
{
	size_t most = sink->greeting.receive_maximum > 1
			      ? (size_t)sink->greeting.receive_maximum - 1
			      : 1;

	return most > sink->out ? most - sink->out : 0;
}

static size_t
send_deliveries(void *argument, struct dk_delivery *const *deliveries, size_t count)
{
	struct mqtt_endpoint *endpoint = argument;
	struct mqtt_sink *sink = endpoint->sink;
	size_t taken = room(sink);

	if (taken > count)
		taken = count;
	if (taken == 0 || sink->session.place != MQTT_THERE)
		return 0;
	for (size_t i = 0; i < taken; i++) {
		deliveries[i]->plugin = sink;
		deliveries[i]->next = i + 1 < taken ? deliveries[i + 1] : NULL;
	}
	pthread_mutex_lock(&sink->session.lock);
	sink->out += taken;
	mqtt_session_publish(&sink->session, deliveries[0], &deliveries[taken - 1]->next);
	pthread_mutex_unlock(&sink->session.lock);
	if (!sink->is_fetching)
		endpoint->host->timer_set(sink->fetching, FETCH_MS);
	sink->is_fetching = true;
	return taken;
}

const struct dk_sink_functions mqtt_sink = {
	.window = window,
	.prepare = prepare,
	.send = send_deliveries,
};
