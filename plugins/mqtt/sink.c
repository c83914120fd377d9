/* SPDX-License-Identifier: Apache-2.0
 *
 * sink.c - the sink half: publishes deliveries, and settles them as the broker acknowledges.
 *
 * Acknowledgements come one by one on Paho's thread. The loop is not woken for each: it is when a
 * quarter of what is out has come back, or all of it; what comes slower, it fetches once in a
 * millisecond.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/mqtt.h"
#include "plugins/mqtt/results.h"
#include "plugins/mqtt/strings.h"
#include "plugins/mqtt/suspicion.h"

#define FETCH_MS 1

struct mqtt_sink {
	struct mqtt_session session;
	struct dk_timer *fetching;
	bool is_fetching;

	int64_t qos; /* the highest of its targets */
	struct mqtt_suspicion suspicion;
	char *publisher;

	/* Under the session's lock. */
	size_t out; /* taken and not yet collected */
	size_t done_count;
	struct dk_delivery *done;
	struct dk_delivery **done_end;

	/* The session's thread. */
	struct mqtt_properties properties;
	char topic[UINT16_MAX + 1];
};

/* --- Any thread ---------------------------------------------------------------------------- */

/* A delivery is over: its `plugin`, which was the sink, becomes the result. */
static void
finish(struct dk_delivery *delivery, const struct mqtt_result *result)
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
	finish(context, &mqtt_accepted);
}

static void
on_published5(void *context, MQTTAsync_successData5 *data)
{
	(void)data;
	finish(context, &mqtt_accepted);
}

static void
on_failed(void *context, MQTTAsync_failureData *data)
{
	finish(context, mqtt_result_of_failure(data->code));
}

/* The broker's code is only there when Paho has none of its own. */
static void
on_failed5(void *context, MQTTAsync_failureData5 *data)
{
	finish(context, data->code ? mqtt_result_of_failure(data->code)
				   : mqtt_result_of_refusal((int)data->reasonCode));
}

static void
greeted(struct mqtt_session *session)
{
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

	return mqtt_qos(to->qos, sink->session.endpoint->config);
}

static void
write_packet(struct mqtt_sink *sink, const struct dk_delivery *delivery, MQTTAsync_message *packet)
{
	const struct dk_slice payload = delivery->message->payload;

	packet->payload = (void *)(payload.data ? payload.data : "");
	packet->payloadlen = (int)payload.length;
	packet->qos = qos_of(sink, delivery);
	packet->retained = is_retained(delivery);
	memcpy(sink->topic, delivery->address.data, delivery->address.length);
	sink->topic[delivery->address.length] = '\0';
}

/* Why a delivery can't be a packet; NULL: it can, and here it is. */
static const struct mqtt_result *
make_packet(struct mqtt_sink *sink, const struct dk_delivery *delivery, MQTTAsync_message *packet)
{
	const struct mqtt_session *session = &sink->session;
	const struct mqtt_endpoint *endpoint = session->endpoint;
	const char *fault = mqtt_topic_fault(delivery->address);
	bool is_5 = endpoint->config->version == MQTT_5;

	if (fault)
		return mqtt_result_reject("the topic ", fault);
	if (delivery->message->payload.length > MQTT_PACKET_MAXIMUM)
		return &mqtt_too_large;
	write_packet(sink, delivery, packet);
	if (is_5) {
		fault = mqtt_properties_write(&sink->properties, delivery,
					      endpoint->marks_own ? sink->publisher : NULL);
		packet->properties = sink->properties.list;
	}
	if (fault)
		return mqtt_result_reject("", fault);
	if (mqtt_packet_length(packet, delivery->address.length, is_5) >
	    session->greeting.packet_maximum)
		return &mqtt_too_large;
	if (packet->retained && !session->greeting.keeps_retained)
		return &mqtt_not_retained;
	return NULL;
}

/* Hands a delivery to Paho, which calls back when it is over. NULL; or a result, when it is over
 * already. */
static const struct mqtt_result *
publish_one(struct mqtt_sink *sink, MQTTAsync client, struct dk_delivery *delivery)
{
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
	MQTTAsync_message packet = MQTTAsync_message_initializer;
	const struct mqtt_result *fault;
	int code;

	if (!client)
		return &mqtt_not_connected;
	fault = make_packet(sink, delivery, &packet);
	if (fault)
		return fault;
	response.context = delivery;
	if (sink->session.endpoint->config->version == MQTT_5) {
		response.onSuccess5 = on_published5;
		response.onFailure5 = on_failed5;
	} else {
		response.onSuccess = on_published;
		response.onFailure = on_failed;
	}
	code = MQTTAsync_sendMessage(client, sink->topic, &packet, &response);
	return code == MQTTASYNC_SUCCESS ? NULL : mqtt_result_of_failure(code);
}

static void
publish_all(struct mqtt_session *session, MQTTAsync client, struct dk_delivery *delivery)
{
	while (delivery) {
		struct dk_delivery *next = delivery->next;
		const struct mqtt_result *result = publish_one((void *)session, client, delivery);

		if (result)
			finish(delivery, result);
		delivery = next;
	}
}

static const char *
admit(struct mqtt_session *session)
{
	const struct mqtt_sink *sink = (void *)session;

	if (session->greeting.qos >= sink->qos)
		return NULL;
	return session->greeting.qos == 0
		       ? "the broker takes messages of quality of service 0 only: set qos = 0"
		       : "the broker takes messages of quality of service 0 and 1 only: set qos = "
			 "1";
}

/* --- The loop's thread --------------------------------------------------------------------- */

static void
settle(struct mqtt_sink *sink, struct dk_delivery *delivery)
{
	const struct mqtt_result *result = delivery->plugin;

	if (result == &mqtt_connection_lost &&
	    mqtt_suspicion_convicts(&sink->suspicion, &sink->session, delivery))
		result = &mqtt_guilty;
	sink->session.endpoint->host->settle(delivery, result->outcome, result->reason, NULL);
	mqtt_result_free(result);
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
	while (done) {
		struct dk_delivery *next = done->next;

		settle(sink, done);
		done = next;
	}
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

static void
lost(struct mqtt_session *session, bool was_there)
{
	struct mqtt_sink *sink = (void *)session;

	collect(session);
	mqtt_suspicion_lost(&sink->suspicion, session, was_there);
}

static const struct mqtt_role role = {
	.name = "sink",
	.suffix = "-sink",
	.arrived = drop_message,
	.greeted = greeted,
	.publish = publish_all,
	.admit = admit,
	.lost = lost,
	.collect = collect,
};

static struct mqtt_sink *
make_sink(struct mqtt_endpoint *endpoint)
{
	struct mqtt_sink *sink = calloc(1, sizeof(*sink));

	if (!sink)
		abort();
	sink->done_end = &sink->done;
	sink->fetching = endpoint->host->timer_new(endpoint->handle, fetch, sink);
	mqtt_session_prepare(&sink->session, endpoint, &role, false);
	/* The name of the source's session: it looks for its own. */
	sink->publisher = strndup(sink->session.client_id,
				  strlen(sink->session.client_id) - strlen(role.suffix));
	if (!sink->publisher)
		abort();
	mqtt_session_start(&sink->session);
	return sink;
}

static void
aim(void *argument, const struct dk_target *const *targets, size_t count)
{
	struct mqtt_endpoint *endpoint = argument;

	if (!endpoint->sink)
		endpoint->sink = make_sink(endpoint);
	endpoint->sink->qos = 0;
	for (size_t i = 0; i < count; i++) {
		const struct mqtt_to *to = targets[i]->options;
		int64_t qos = mqtt_qos(to->qos, endpoint->config);

		if (qos > endpoint->sink->qos)
			endpoint->sink->qos = qos;
	}
}

void
mqtt_sink_free(struct mqtt_sink *sink)
{
	if (!sink)
		return;
	assert(sink->out == 0);
	mqtt_session_end(&sink->session);
	sink->session.endpoint->host->timer_free(sink->fetching);
	mqtt_properties_free(&sink->properties);
	free(sink->publisher);
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
	size_t limit = (size_t)sink->session.greeting.receive_maximum;
	size_t most = limit > 1 && !sink->suspicion.is_alone ? limit - 1 : 1;

	return most > sink->out ? most - sink->out : 0;
}

static size_t
send_deliveries(void *argument, struct dk_delivery *const *deliveries, size_t count)
{
	struct mqtt_endpoint *endpoint = argument;
	struct mqtt_sink *sink = endpoint->sink;
	size_t taken;

	mqtt_suspicion_look(&sink->suspicion, &sink->session);
	taken = room(sink);

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
	.check = mqtt_check_target,
	.window = window,
	.aim = aim,
	.send = send_deliveries,
	.doubt = mqtt_doubt_target,
};
