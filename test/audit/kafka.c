/* SPDX-License-Identifier: Apache-2.0
 *
 * kafka.c - sends with an idempotent producer; drains every partition from its beginning.
 */
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

#define CALL_MS 30000

struct setting {
	const char *name, *value;
};

static const struct setting producer_settings[] = {
	{ "enable.idempotence", "true" },
	{ "acks", "all" },
	/* 0: never given up; the delivery report alone tells. */
	{ "message.timeout.ms", "0" },
	{ "linger.ms", "5" },
	{ "message.max.bytes", "33554432" },
	{ "partitioner", "murmur2_random" },
	{ NULL, NULL },
};

static const struct setting consumer_settings[] = {
	{ "group.id", "audit" },
	{ "enable.auto.commit", "false" },
	{ "auto.offset.reset", "earliest" },
	{ "isolation.level", "read_committed" },
	{ "fetch.message.max.bytes", "33554432" },
	{ "fetch.wait.max.ms", "50" },
	{ NULL, NULL },
};

static rd_kafka_conf_t *
settings_for(const struct options *options, const struct setting *settings)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char error[512];

	if (!options->broker)
		die("--broker wants host:port");
	rd_kafka_conf_set(conf, "bootstrap.servers", options->broker, NULL, 0);
	for (; settings->name; settings++)
		if (rd_kafka_conf_set(conf, settings->name, settings->value, error, sizeof error))
			die("%s", error);
	return conf;
}

static rd_kafka_t *
client_open(rd_kafka_type_t type, rd_kafka_conf_t *conf)
{
	char error[512];
	rd_kafka_t *client = rd_kafka_new(type, conf, error, sizeof error);

	if (!client)
		die("no Kafka client: %s", error);
	return client;
}

/* --- Preparing --- */

static void
require_created(rd_kafka_event_t *event)
{
	const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
	const rd_kafka_topic_result_t **topics;
	rd_kafka_resp_err_t error;
	size_t count = 0;

	if (rd_kafka_event_error(event))
		die("no topic: %s", rd_kafka_event_error_string(event));
	topics = rd_kafka_CreateTopics_result_topics(result, &count);
	error = count ? rd_kafka_topic_result_error(topics[0]) : RD_KAFKA_RESP_ERR__FAIL;
	if (error && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
		die("no topic: %s", rd_kafka_err2str(error));
}

void
kafka_prepare(const struct options *options)
{
	rd_kafka_t *client =
		client_open(RD_KAFKA_PRODUCER, settings_for(options, producer_settings));
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
	rd_kafka_NewTopic_t *topic;
	rd_kafka_event_t *event;
	char error[512];

	if (!options->topic)
		die("prepare kafka wants --topic");
	topic = rd_kafka_NewTopic_new(options->topic, (int)options->partitions, 1, error,
				      sizeof error);
	if (!topic)
		die("no topic: %s", error);
	rd_kafka_CreateTopics(client, &topic, 1, NULL, queue);
	event = rd_kafka_queue_poll(queue, CALL_MS);
	if (!event)
		die("%s does not answer", options->broker);
	require_created(event);
	rd_kafka_event_destroy(event);
	rd_kafka_NewTopic_destroy(topic);
	rd_kafka_queue_destroy(queue);
	rd_kafka_destroy(client);
}

/* --- Sending --- */

/* The opaque pointer of a message is its id, and no pointer at all. */
static void
when_reported(rd_kafka_t *client, const rd_kafka_message_t *message, void *context)
{
	uint64_t id = (uint64_t)(uintptr_t)message->_private;

	(void)client;
	if (message->err)
		sender_refuse(context, id);
	else
		sender_acknowledge(context, id);
}

static void
produce(rd_kafka_t *client, struct sender *sender, const struct record *record, size_t size)
{
	char key[32];
	rd_kafka_resp_err_t error;

	snprintf(key, sizeof key, "%" PRIu64, record->key);
	do {
		error = rd_kafka_producev(
			client, RD_KAFKA_V_TOPIC(sender->options->address),
			RD_KAFKA_V_KEY(key, strlen(key)), RD_KAFKA_V_VALUE(sender->payload, size),
			RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
			RD_KAFKA_V_OPAQUE((void *)(uintptr_t)record->id), RD_KAFKA_V_END);
		rd_kafka_poll(client, error ? 10 : 0);
	} while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
	if (error)
		die("Kafka refuses a record: %s", rd_kafka_err2str(error));
}

void
kafka_send(struct sender *sender)
{
	rd_kafka_conf_t *conf = settings_for(sender->options, producer_settings);
	struct record record;
	rd_kafka_t *client;
	size_t size;

	rd_kafka_conf_set_dr_msg_cb(conf, when_reported);
	rd_kafka_conf_set_opaque(conf, sender);
	client = client_open(RD_KAFKA_PRODUCER, conf);
	while (!sender_is_done(sender)) {
		if (sender_take(sender, &record, &size))
			produce(client, sender, &record, size);
		else
			rd_kafka_poll(client, 1);
	}
	rd_kafka_destroy(client);
}

/* --- Draining --- */

static const rd_kafka_metadata_t *
metadata_of(rd_kafka_t *client, const char *name)
{
	const rd_kafka_metadata_t *metadata = NULL;
	rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
	rd_kafka_resp_err_t error = rd_kafka_metadata(client, 0, topic, &metadata, CALL_MS);

	rd_kafka_topic_destroy(topic);
	if (error)
		die("%s: %s", name, rd_kafka_err2str(error));
	return metadata;
}

static int
partitions_of(const rd_kafka_metadata_t *metadata)
{
	return metadata->topic_cnt ? metadata->topics[0].partition_cnt : 0;
}

/* A topic that was just made is not known to every broker at once. */
static const rd_kafka_metadata_t *
wait_for_metadata(rd_kafka_t *client, const char *name)
{
	const rd_kafka_metadata_t *metadata = metadata_of(client, name);

	for (int waited = 0; waited < CALL_MS && partitions_of(metadata) == 0; waited += 100) {
		rd_kafka_metadata_destroy(metadata);
		usleep(100000);
		metadata = metadata_of(client, name);
	}
	return metadata;
}

static void
assign_all(rd_kafka_t *client, const char *name)
{
	const rd_kafka_metadata_t *metadata = wait_for_metadata(client, name);
	int count = partitions_of(metadata);
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);

	if (count == 0)
		die("there is no topic %s", name);
	for (int i = 0; i < count; i++)
		rd_kafka_topic_partition_list_add(list, name, i)->offset =
			RD_KAFKA_OFFSET_BEGINNING;
	if (rd_kafka_assign(client, list))
		die("%s can't be read", name);
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_metadata_destroy(metadata);
}

void
kafka_drain(struct drain *drain)
{
	rd_kafka_t *client =
		client_open(RD_KAFKA_CONSUMER, settings_for(drain->options, consumer_settings));

	rd_kafka_poll_set_consumer(client);
	assign_all(client, drain->options->address);
	while (!drain_is_over(drain)) {
		rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 50);
		char place[64];

		if (message && !message->err) {
			snprintf(place, sizeof place, "%d/%" PRId64, message->partition,
				 message->offset);
			drain_arrival(drain, message->payload, message->len, place);
		}
		if (message)
			rd_kafka_message_destroy(message);
	}
	rd_kafka_consumer_close(client);
	rd_kafka_destroy(client);
}
