/* SPDX-License-Identifier: Apache-2.0
 *
 * conversion_kafka.c - facts to and from Kafka: records that go to librdkafka's own broker, in this
 * process, and are fetched from there.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "plugins/kafka/consumer.h"
/* What makes a record is nobody else's to call. */
#include "plugins/kafka/sink.c"
#include "test/unit/conversion.h"

#define TOPIC "t"
#define PATIENCE_MS 20000

static rd_kafka_t *producer_client, *consumer_client;
static rd_kafka_mock_cluster_t *cluster;
static rd_kafka_queue_t *fetched;
static struct kafka_producer producer;
static struct kafka_topic *topic;
static struct dk_message *received;

static void
receive_it(struct dk_subscription *subscription, const struct dk_message *message,
	   const struct dk_loan *loan)
{
	(void)subscription;
	keep_message(received, message);
	loan->give_back(loan->thing);
}

static const struct dk_host host = { .size = sizeof(host), .receive = receive_it };
static const struct kafka_config config;
static struct kafka_endpoint endpoint = { .host = &host, .config = &config };
static struct kafka_consumer consumer = {
	.instance = { .endpoint = &endpoint },
	.host = &host,
};
static struct kafka_partition partition = {
	.queue.instance = &consumer.instance,
	.consumer = &consumer,
	.topic = (char *)TOPIC,
	.topic_length = sizeof(TOPIC) - 1,
	.received = -1,
};

/* Of the file with the descriptor; no instance lives here. */
void
kafka_life_ended(struct kafka_endpoint *ended)
{
	(void)ended;
}

void
kafka_life_fall(struct kafka_endpoint *fallen, const char *reason)
{
	(void)fallen;
	(void)reason;
}

static rd_kafka_t *
make_client(rd_kafka_type_t type, const char *const *settings)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char error[256];
	rd_kafka_t *client;

	rd_kafka_conf_set(conf, "log_level", "3", NULL, 0);
	for (; *settings; settings += 2)
		if (rd_kafka_conf_set(conf, settings[0], settings[1], error, sizeof(error)))
			fail_msg("%s", error);
	client = rd_kafka_new(type, conf, error, sizeof(error));
	if (!client)
		fail_msg("%s", error);
	return client;
}

/* As the source does: SASL, so that credentials can be set. */
static void
make_consumer(void)
{
	const char *const settings[] = { "bootstrap.servers",
					 rd_kafka_mock_cluster_bootstraps(cluster),
					 "group.id",
					 "g",
					 "auto.offset.reset",
					 "earliest",
					 "fetch.wait.max.ms",
					 "5",
					 NULL };
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

	consumer_client = make_client(RD_KAFKA_CONSUMER, settings);
	rd_kafka_poll_set_consumer(consumer_client);
	rd_kafka_topic_partition_list_add(list, TOPIC, 0)->offset = 0;
	assert_int_equal(rd_kafka_assign(consumer_client, list), 0);
	rd_kafka_topic_partition_list_destroy(list);
	fetched = rd_kafka_queue_get_consumer(consumer_client);
	consumer.instance.client = consumer_client;
}

static void
begin_client(void)
{
	static const char *const settings[] = { "test.mock.num.brokers", "1", "linger.ms", "0",
						NULL };

	producer_client = make_client(RD_KAFKA_PRODUCER, settings);
	cluster = rd_kafka_handle_mock_cluster(producer_client);
	assert_int_equal(rd_kafka_mock_topic_create(cluster, TOPIC, 1, 1), 0);
	topic = calloc(1, sizeof(*topic) + sizeof(TOPIC));
	assert_non_null(topic);
	strcpy(topic->name, TOPIC);
	producer.instance.client = producer_client;
	make_consumer();
}

static void
end_client(void)
{
	kafka_record_end(&consumer);
	rd_kafka_queue_destroy(fetched);
	rd_kafka_destroy(consumer_client);
	drop_handle(topic, NULL);
	free(topic);
	rd_kafka_destroy(producer_client);
}

static rd_kafka_event_t *
fetch_one(void)
{
	rd_kafka_event_t *event = rd_kafka_queue_poll(fetched, PATIENCE_MS);

	assert_non_null(event);
	if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_FETCH)
		fail_msg("no record: %s", rd_kafka_event_error_string(event));
	return event;
}

/* --- A client that sends --- */

static rd_kafka_headers_t *
headers_of(const struct facts *sent)
{
	rd_kafka_headers_t *headers = NULL;

	for (size_t i = 0; i < sent->count; i++) {
		const struct fact *fact = &sent->list[i];

		if (!is_field(fact, "header"))
			continue;
		if (!headers)
			headers = rd_kafka_headers_new(FACTS);
		rd_kafka_header_add(headers, fact->name.data, (ssize_t)fact->name.length,
				    fact->value.data, (ssize_t)fact->value.length);
	}
	return headers;
}

static void
send_one(const struct facts *sent)
{
	const struct fact *key = find_fact(sent, "key"), *payload = find_fact(sent, "payload");
	struct dk_slice none = { NULL, 0 }, name = key ? key->value : none;
	struct dk_slice value = payload ? payload->value : none;
	const struct fact *timestamp = find_fact(sent, "timestamp");

	assert_int_equal(rd_kafka_producev(producer_client, RD_KAFKA_V_TOPIC(TOPIC),
					   RD_KAFKA_V_VALUE((void *)value.data, value.length),
					   RD_KAFKA_V_KEY(name.data, name.length),
					   RD_KAFKA_V_TIMESTAMP(number_of(timestamp)),
					   RD_KAFKA_V_HEADERS(headers_of(sent)), RD_KAFKA_V_END),
			 0);
}

static void
receive(const struct facts *sent, struct dk_message *messages, size_t count)
{
	for (size_t i = 0; i < count; i++)
		send_one(&sent[i]);
	assert_int_equal(rd_kafka_flush(producer_client, PATIENCE_MS), 0);
	for (size_t i = 0; i < count; i++) {
		received = &messages[i];
		kafka_record_take(&partition.queue, fetch_one());
	}
}

/* --- A client that gets --- */

static void
add_slice(struct facts *got, const char *field, const void *data, size_t length)
{
	if (data)
		add_text(got, field, keep_bytes(data, length));
}

static void
take_record(struct facts *got, const rd_kafka_message_t *record)
{
	rd_kafka_timestamp_type_t type;
	rd_kafka_headers_t *headers;

	assert_int_equal(record->err, 0);
	add_slice(got, "payload", record->payload, record->len);
	add_slice(got, "key", record->key, record->key_len);
	add_number(got, "timestamp", rd_kafka_message_timestamp(record, &type));
	if (rd_kafka_message_headers(record, &headers) != 0)
		return;
	for (size_t i = 0; i < rd_kafka_header_cnt(headers); i++) {
		const char *name;
		const void *value;
		size_t length;

		rd_kafka_header_get_all(headers, i, &name, &value, &length);
		add_fact(got, "header", keep_bytes(name, strlen(name)), value ? 'S' : 'V',
			 value ? keep_bytes(value, length) : (struct dk_slice){ NULL, 0 });
	}
}

static void
deliver(const struct dk_delivery *deliveries, struct facts *got, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!(got[i].is_rejected = deliveries[i].message == NULL))
			assert_int_equal(
				produce(&producer, topic, (struct dk_delivery *)&deliveries[i]), 0);
	assert_int_equal(rd_kafka_flush(producer_client, PATIENCE_MS), 0);
	for (size_t i = 0; i < count; i++) {
		rd_kafka_event_t *event = fetch_one();

		take_record(&got[i], rd_kafka_event_message_next(event));
		partition.received++;
		rd_kafka_event_destroy(event);
	}
}

/* --- Chance --- */

static void
invent_header(uint64_t *state, struct facts *facts)
{
	static const char *const reserved[] = {
		"CC", "BCC", "amqp-type", "content-type", "correlation-id", "reply-to", "message-id"
	};
	struct dk_slice name = invent_name(state), value = invent_text(state, 40);
	char kind = 'S';

	switch (chance_below(state, 12)) {
	case 0:
	case 1:
		value = invent_bytes(state, 40);
		break;
	case 2:
		value = (struct dk_slice){ NULL, 0 };
		if (chance_below(state, 3) == 0)
			name = keep_text("%s", reserved[chance_below(state, ROWS(reserved))]);
		kind = 'V';
		break;
	case 3:
		name = keep_text("%s", reserved[chance_below(state, ROWS(reserved))]);
		if (chance_below(state, 8) == 0)
			value = invent_text(state, 400);
		break;
	case 4:
		if (chance_below(state, 8) == 0)
			name = keep_text(chance_below(state, 2) ? "%0300d" : "bad\x01%d", 7);
		break;
	case 5:
		name = keep_text("%.*s;base64", (int)name.length, name.data);
		value = invent_coded(state);
		break;
	}
	add_fact(facts, "header", name, kind, value);
}

static void
invent(uint64_t *state, struct facts *facts)
{
	unsigned headers = chance_below(state, 10);

	if (chance_below(state, 8))
		add_text(facts, "payload", invent_bytes(state, 3000));
	if (chance_below(state, 2))
		add_text(facts, "key", invent_bytes(state, 40));
	add_number(facts, "timestamp", 1700000000000 + chance_below(state, 1u << 31));
	while (headers-- > 0)
		invent_header(state, facts);
}

const struct protocol kafka_protocol = {
	"Kafka", begin_client, end_client, invent, receive, deliver
};
