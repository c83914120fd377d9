/* SPDX-License-Identifier: Apache-2.0
 *
 * bare_kafka_rabbitmq.c - Kafka to RabbitMQ by the two client libraries and nothing else, in
 * transactions of 100: the benchmark's measure.
 *
 * Offsets are stored after each commit-ok. One thread, one channel: nothing overlaps a commit.
 *
 *	bare-kafka_rabbitmq --kafka HOST:PORT --amqp HOST:PORT --topic T --group G --exchange E
 *		--key K --count N
 */
#include <librdkafka/rdkafka.h>

#include "test/bench/bare_amqp.h"

#define BATCH 100
#define PARTITIONS 64

static void
set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char error[256];

	if (rd_kafka_conf_set(conf, name, value, error, sizeof(error)) != RD_KAFKA_CONF_OK)
		die(name, error);
}

static rd_kafka_t *
open_consumer(const char *brokers, const char *group, const char *topic)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
	char error[256];
	rd_kafka_t *consumer;

	set(conf, "bootstrap.servers", brokers);
	set(conf, "group.id", group);
	set(conf, "auto.offset.reset", "earliest");
	set(conf, "enable.auto.offset.store", "false");
	set(conf, "fetch.wait.max.ms", "100");
	consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
	if (!consumer)
		die("kafka", error);
	rd_kafka_poll_set_consumer(consumer);
	rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
	rd_kafka_subscribe(consumer, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	return consumer;
}

static void
publish(amqp_connection_state_t connection, const char *exchange, const char *key,
	const rd_kafka_message_t *message)
{
	amqp_basic_properties_t properties = { ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
					       .delivery_mode = 2 };
	amqp_bytes_t body = { message->len, message->payload };

	if (amqp_basic_publish(connection, 1, amqp_cstring_bytes(exchange),
			       amqp_cstring_bytes(key), 1, 0, &properties, body) != AMQP_STATUS_OK)
		die("publish", "the connection is lost");
}

static void
commit(amqp_connection_state_t connection, rd_kafka_t *consumer, const char *topic, int64_t *offsets)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);

	amqp_tx_commit(connection, 1);
	amqp_must(amqp_get_rpc_reply(connection), "commit");
	amqp_maybe_release_buffers(connection);
	for (int i = 0; i < PARTITIONS; i++)
		if (offsets[i] > 0)
			rd_kafka_topic_partition_list_add(list, topic, i)->offset = offsets[i];
	rd_kafka_offsets_store(consumer, list);
	rd_kafka_topic_partition_list_destroy(list);
	memset(offsets, 0, PARTITIONS * sizeof(*offsets));
}

int
main(int count, char **words)
{
	const char *topic = argument(count, words, "--topic");
	const char *exchange = argument(count, words, "--exchange");
	const char *key = argument(count, words, "--key");
	long wanted = atol(argument(count, words, "--count")), done = 0;
	amqp_connection_state_t connection = amqp_open(argument(count, words, "--amqp"));
	rd_kafka_t *consumer = open_consumer(argument(count, words, "--kafka"),
					     argument(count, words, "--group"), topic);
	int64_t offsets[PARTITIONS] = { 0 };
	struct figures figures = { 0 };

	amqp_tx_select(connection, 1);
	amqp_must(amqp_get_rpc_reply(connection), "tx.select");
	while (done < wanted) {
		rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);

		if (!message || message->err) {
			if (message)
				rd_kafka_message_destroy(message);
			continue;
		}
		if (done == 0)
			figures = figures_begin();
		publish(connection, exchange, key, message);
		offsets[message->partition] = message->offset + 1;
		rd_kafka_message_destroy(message);
		if (++done % BATCH == 0 || done == wanted)
			commit(connection, consumer, topic, offsets);
	}
	figures_print(figures, wanted);
	rd_kafka_consumer_close(consumer);
	rd_kafka_destroy(consumer);
	amqp_destroy_connection(connection);
	return 0;
}
