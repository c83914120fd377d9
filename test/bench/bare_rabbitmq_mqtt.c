/* SPDX-License-Identifier: Apache-2.0
 *
 * bare_rabbitmq_mqtt.c - RabbitMQ to MQTT by the two client libraries and nothing else: the
 * benchmark's measure.
 *
 * Consumes a queue and publishes at QoS 1, 100 in flight; a delivery is acknowledged, many at a
 * time, after its PUBACK.
 *
 *	bare-rabbitmq_mqtt --amqp HOST:PORT --queue Q --mqtt HOST:PORT --topic T --client-id C
 *		--count N
 */
#include <MQTTAsync.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <unistd.h>

#include "test/bench/bare_amqp.h"

#define WINDOW 100
#define ACKNOWLEDGE_EVERY 64
#define PREFETCH 1000

static sem_t room, connected;
static atomic_long taken; /* PUBACKs come in the order of publishing */

static void
on_taken(void *context, MQTTAsync_successData5 *data)
{
	(void)context, (void)data;
	atomic_fetch_add(&taken, 1);
	sem_post(&room);
}

static void
on_failure(void *context, MQTTAsync_failureData5 *data)
{
	(void)data;
	die(context, "refused, or the connection is lost");
}

static void
on_connected(void *context, MQTTAsync_successData5 *data)
{
	(void)context, (void)data;
	sem_post(&connected);
}

static int
on_message(void *context, char *topic, int length, MQTTAsync_message *message)
{
	(void)context, (void)length;
	MQTTAsync_freeMessage(&message);
	MQTTAsync_free(topic);
	return 1;
}

static MQTTAsync
open_mqtt(const char *address, const char *client_id)
{
	MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
	MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer5;
	char uri[200];
	MQTTAsync client;

	snprintf(uri, sizeof(uri), "tcp://%s", address);
	create.sendWhileDisconnected = 0;
	if (MQTTAsync_createWithOptions(&client, uri, client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL,
					&create) != MQTTASYNC_SUCCESS)
		die(uri, "no client");
	MQTTAsync_setCallbacks(client, NULL, NULL, on_message, NULL);
	connect.cleanstart = 1;
	connect.maxInflight = 65534;
	connect.onSuccess5 = on_connected;
	connect.onFailure5 = on_failure;
	connect.context = (void *)"connecting to the MQTT broker";
	MQTTAsync_connect(client, &connect);
	sem_wait(&connected);
	return client;
}

static void
publish(MQTTAsync client, const char *topic, amqp_bytes_t body)
{
	MQTTAsync_message message = MQTTAsync_message_initializer;
	MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

	message.payload = body.bytes;
	message.payloadlen = (int)body.len;
	message.qos = 1;
	options.onSuccess5 = on_taken;
	options.onFailure5 = on_failure;
	options.context = (void *)"publishing";
	sem_wait(&room);
	if (MQTTAsync_sendMessage(client, topic, &message, &options) != MQTTASYNC_SUCCESS)
		die("publishing", "not taken");
}

static void
acknowledge(amqp_connection_state_t connection, long *acknowledged, long least)
{
	long now = atomic_load(&taken);

	if (now - *acknowledged < least)
		return;
	*acknowledged = now;
	amqp_basic_ack(connection, 1, (uint64_t)now, 1);
}

int
main(int count, char **words)
{
	const char *topic = argument(count, words, "--topic");
	long wanted = atol(argument(count, words, "--count")), done = 0, acknowledged = 0;
	amqp_connection_state_t connection = amqp_open(argument(count, words, "--amqp"));
	struct figures figures = { 0 };
	MQTTAsync client;

	sem_init(&room, 0, WINDOW);
	sem_init(&connected, 0, 0);
	client = open_mqtt(argument(count, words, "--mqtt"),
			   argument(count, words, "--client-id"));
	amqp_basic_qos(connection, 1, 0, PREFETCH, 0);
	amqp_basic_consume(connection, 1, amqp_cstring_bytes(argument(count, words, "--queue")),
			   amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
	amqp_must(amqp_get_rpc_reply(connection), "consume");
	for (; done < wanted; done++) {
		amqp_envelope_t envelope;

		amqp_maybe_release_buffers(connection);
		amqp_must(amqp_consume_message(connection, &envelope, NULL, 0), "delivery");
		if (done == 0)
			figures = figures_begin();
		publish(client, topic, envelope.message.body);
		amqp_destroy_envelope(&envelope);
		acknowledge(connection, &acknowledged, ACKNOWLEDGE_EVERY);
	}
	while (acknowledged < wanted) {
		usleep(500);
		acknowledge(connection, &acknowledged, 1);
	}
	figures_print(figures, wanted);
	amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
	return 0;
}
