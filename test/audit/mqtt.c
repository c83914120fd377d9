/* SPDX-License-Identifier: Apache-2.0
 *
 * mqtt.c - sends and drains at QoS 1 over MQTT 3.1.1.
 *
 * The library acknowledges when the callback returns, so an arrival is in the journal before. Its
 * own reconnecting is not used: after a loss a sender makes a new client and sends again all that
 * has no answer; a drain makes a new client for its persistent session.
 */
#include <MQTTAsync.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

#define PATIENCE_SECONDS 60

enum link_state { LINK_WAITING, LINK_UP, LINK_DOWN };

struct link {
	MQTTAsync client;
	volatile int state;
	struct sender *sender;
	struct drain *drain;
};

static void
pause_briefly(void)
{
	usleep(200);
}

static void
when_up(void *context, MQTTAsync_successData *data)
{
	(void)data;
	((struct link *)context)->state = LINK_UP;
}

static void
when_failed(void *context, MQTTAsync_failureData *data)
{
	(void)data;
	((struct link *)context)->state = LINK_DOWN;
}

static void
when_lost(void *context, char *cause)
{
	(void)cause;
	((struct link *)context)->state = LINK_DOWN;
}

static int
when_arrived(void *context, char *topic, int length, MQTTAsync_message *message)
{
	struct link *link = context;

	(void)length;
	if (link->drain)
		drain_arrival(link->drain, message->payload, (size_t)message->payloadlen, topic);
	MQTTAsync_freeMessage(&message);
	MQTTAsync_free(topic);
	return 1;
}

static bool
wait_for_link(struct link *link, int wanted)
{
	double until = seconds_now() + 10;

	while (link->state == LINK_WAITING && seconds_now() < until)
		pause_briefly();
	return link->state == wanted;
}

static bool
link_connect(struct link *link, int clean)
{
	MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;

	options.cleansession = clean;
	options.maxInflight = 65000;
	options.keepAliveInterval = 20;
	options.onSuccess = when_up;
	options.onFailure = when_failed;
	options.context = link;
	link->state = LINK_WAITING;
	return MQTTAsync_connect(link->client, &options) == MQTTASYNC_SUCCESS &&
	       wait_for_link(link, LINK_UP);
}

static void
link_open(struct link *link, const struct options *options, const char *client_id, int clean)
{
	char host[256], uri[300];
	double until = seconds_now() + PATIENCE_SECONDS;
	int port;

	options_broker(options, host, &port);
	snprintf(uri, sizeof uri, "tcp://%s:%d", host, port);
	if (MQTTAsync_create(&link->client, uri, client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL) ||
	    MQTTAsync_setCallbacks(link->client, link, when_lost, when_arrived, NULL))
		die("no MQTT client could be made");
	while (!link_connect(link, clean)) {
		if (seconds_now() > until)
			die("%s does not accept a connection", uri);
		usleep(100000);
	}
}

static void
link_close(struct link *link)
{
	MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;

	options.onSuccess = when_up;
	options.onFailure = when_failed;
	options.context = link;
	link->state = LINK_WAITING;
	if (MQTTAsync_disconnect(link->client, &options) == MQTTASYNC_SUCCESS)
		wait_for_link(link, LINK_UP);
	MQTTAsync_destroy(&link->client);
}

static bool
link_subscribe(struct link *link, const char *filter)
{
	MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

	options.onSuccess = when_up;
	options.onFailure = when_failed;
	options.context = link;
	link->state = LINK_WAITING;
	return MQTTAsync_subscribe(link->client, filter, 1, &options) == MQTTASYNC_SUCCESS &&
	       wait_for_link(link, LINK_UP);
}

void
mqtt_prepare(const struct options *options)
{
	struct link link = { 0 };

	if (!options->client_id || !options->filter)
		die("prepare mqtt wants --client-id and --filter");
	link_open(&link, options, options->client_id, 0);
	if (!link_subscribe(&link, options->filter))
		die("the broker refuses %s", options->filter);
	link_close(&link);
}

/* --- Sending --- */

/* Whose answer it is; freed with the answer. */
struct pending {
	struct link *link;
	uint64_t id;
};

static void
when_acknowledged(void *context, MQTTAsync_successData *data)
{
	struct pending *pending = context;

	(void)data;
	sender_acknowledge(pending->link->sender, pending->id);
	MQTTAsync_free(pending);
}

static void
when_not_acknowledged(void *context, MQTTAsync_failureData *data)
{
	struct pending *pending = context;

	(void)data;
	pending->link->state = LINK_DOWN;
	MQTTAsync_free(pending);
}

static bool
send_one(struct link *link, const struct record *record, size_t size)
{
	MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
	struct pending *pending = MQTTAsync_malloc(sizeof *pending);
	char topic[1024];

	if (!pending)
		die("no memory");
	*pending = (struct pending){ .link = link, .id = record->id };
	options.onSuccess = when_acknowledged;
	options.onFailure = when_not_acknowledged;
	options.context = pending;
	sender_address(link->sender, record->key, topic, sizeof topic);
	if (MQTTAsync_send(link->client, topic, (int)size, link->sender->payload, 1, 0, &options) ==
	    MQTTASYNC_SUCCESS)
		return true;
	MQTTAsync_free(pending);
	return false;
}

static void
send_while_up(struct link *link)
{
	struct record record;
	size_t size;

	while (link->state == LINK_UP && !sender_is_done(link->sender)) {
		if (!sender_take(link->sender, &record, &size))
			pause_briefly();
		else if (!send_one(link, &record, size))
			return;
	}
}

void
mqtt_send(struct sender *sender)
{
	struct link link = { .sender = sender };
	char client_id[64];

	snprintf(client_id, sizeof client_id, "audit-send-%d", (int)getpid());
	while (!sender_is_done(sender)) {
		link_open(&link, sender->options, client_id, 1);
		send_while_up(&link);
		link_close(&link);
		if (!sender_is_done(sender))
			sender_rewind(sender);
	}
}

/* --- Draining --- */

/* A new client for the same session: what the old one had not acknowledged comes again. */
static void
resume(struct link *link, struct drain *drain)
{
	link_close(link);
	link_open(link, drain->options, drain->options->client_id, 0);
	if (!link_subscribe(link, drain->options->address))
		link->state = LINK_DOWN;
}

void
mqtt_drain(struct drain *drain)
{
	struct link link = { .drain = drain };

	if (!drain->options->client_id)
		die("drain mqtt wants the --client-id of its persistent session");
	link_open(&link, drain->options, drain->options->client_id, 0);
	if (!link_subscribe(&link, drain->options->address))
		die("the broker refuses %s", drain->options->address);
	while (!drain_is_over(drain)) {
		usleep(20000);
		if (link.state != LINK_UP)
			resume(&link, drain);
	}
	link_close(&link);
}
