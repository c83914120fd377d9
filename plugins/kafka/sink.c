/* SPDX-License-Identifier: Apache-2.0
 *
 * sink.c - the sink half: a producer, whose delivery reports settle the deliveries.
 *
 * A record's payload is the message's own memory, which lives until the delivery is settled: the
 * library copies nothing but the key.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/headers.h"
#include "plugins/kafka/kafka.h"

#define BUCKETS 1024 /* a power of two */

/* A topic that was produced to. It outlives the instance that its handle is of. */
struct topic {
	struct topic *next; /* in its bucket */
	rd_kafka_topic_t *handle; /* NULL: none yet */
	size_t length;
	char name[];
};

struct kafka_producer {
	struct kafka_instance instance;
	const struct dk_host *host;
	struct topic *buckets[BUCKETS];
	/* Refused at once; settled in the next turn. Their `plugin` is the error's number. */
	struct dk_delivery *refused;
	struct dk_delivery **refused_end;
	struct dk_timer *refusing;
};

/* What an error says of the next attempt. What is not here may pass: the delivery is released. */
static const struct {
	rd_kafka_resp_err_t code;
	enum dk_outcome outcome;
} outcomes[] = {
	{ RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, DK_REJECTED },
	{ RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, DK_REJECTED },
	{ RD_KAFKA_RESP_ERR_INVALID_MSG, DK_REJECTED },
	{ RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, DK_REJECTED },
	{ RD_KAFKA_RESP_ERR_INVALID_RECORD, DK_REJECTED },
	{ RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, DK_REJECTED },
	{ RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, DK_REJECTED },
	{ RD_KAFKA_RESP_ERR_POLICY_VIOLATION, DK_REJECTED },
	{ RD_KAFKA_RESP_ERR__INVALID_ARG, DK_REJECTED },
	{ RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, DK_DENIED },
	{ RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, DK_DENIED },
};

static enum dk_outcome
judge(rd_kafka_resp_err_t code)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++)
		if (outcomes[i].code == code)
			return outcomes[i].outcome;
	return DK_RELEASED;
}

static void
settle(struct kafka_producer *producer, struct dk_delivery *delivery, rd_kafka_resp_err_t code)
{
	if (!code)
		producer->host->settle(delivery, DK_ACCEPTED, NULL, NULL);
	else
		producer->host->settle(delivery, judge(code), rd_kafka_err2str(code), NULL);
}

/* --- Topics -------------------------------------------------------------------------------- */

static size_t
hash(struct dk_slice name)
{
	uint64_t sum = 14695981039346656037u;

	for (size_t i = 0; i < name.length; i++)
		sum = (sum ^ (unsigned char)name.data[i]) * 1099511628211u;
	return (size_t)(sum ^ sum >> 32) & (BUCKETS - 1);
}

static bool
is_named(const struct topic *topic, struct dk_slice name)
{
	return topic->length == name.length && memcmp(topic->name, name.data, name.length) == 0;
}

static struct topic *
find_topic(struct kafka_producer *producer, struct dk_slice name)
{
	struct topic **bucket = &producer->buckets[hash(name)], *topic;

	for (topic = *bucket; topic; topic = topic->next)
		if (is_named(topic, name))
			return topic;
	topic = malloc(sizeof(*topic) + name.length + 1);
	if (!topic)
		abort();
	topic->handle = NULL;
	topic->length = name.length;
	memcpy(topic->name, name.data, name.length);
	topic->name[name.length] = '\0';
	topic->next = *bucket;
	*bucket = topic;
	return topic;
}

/* A target mostly goes on with the topic that it went to before. NULL with the library's last
 * error when there can be no such topic. */
static rd_kafka_topic_t *
find_handle(struct kafka_producer *producer, const struct dk_delivery *delivery)
{
	struct topic *topic = delivery->target->plugin;

	if (!topic || !is_named(topic, delivery->address))
		topic = delivery->target->plugin = find_topic(producer, delivery->address);
	if (!topic->handle)
		topic->handle = rd_kafka_topic_new(producer->instance.client, topic->name, NULL);
	return topic->handle;
}

static void
drop_handles(struct kafka_producer *producer)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct topic *topic = producer->buckets[i]; topic; topic = topic->next) {
			if (topic->handle)
				rd_kafka_topic_destroy(topic->handle);
			topic->handle = NULL;
		}
}

/* --- Headers ------------------------------------------------------------------------------- */

static void
add_header(rd_kafka_headers_t *list, struct dk_slice name, struct dk_slice value)
{
	rd_kafka_header_add(list, name.data, (ssize_t)name.length, value.data,
			    (ssize_t)value.length);
}

/* A field that Kafka has none for is a header, unless there is one of its name. */
static void
add_field(rd_kafka_headers_t *list, const struct dk_delivery *delivery, const char *name,
	  struct dk_slice value)
{
	const struct dk_message *message = delivery->message;
	struct dk_slice slice = { name, strlen(name) };

	if (value.data && !dk_headers_have(message->headers, message->header_count, slice) &&
	    !dk_headers_have(delivery->headers, delivery->header_count, slice))
		add_header(list, slice, value);
}

/* NULL when there are none, which costs nothing. */
static rd_kafka_headers_t *
make_headers(const struct dk_delivery *delivery)
{
	const struct dk_message *message = delivery->message;
	size_t count = dk_headers_count(delivery);
	rd_kafka_headers_t *list;

	if (count == 0 && !message->content_type.data && !message->correlation_id.data &&
	    !message->reply_to.data && !message->message_id.data)
		return NULL;
	list = rd_kafka_headers_new(count + 4);
	for (size_t i = 0; i < count; i++) {
		const struct dk_header *header = dk_headers_at(delivery, i);

		if (header)
			add_header(list, header->name, header->value);
	}
	add_field(list, delivery, "content-type", message->content_type);
	add_field(list, delivery, "correlation-id", message->correlation_id);
	add_field(list, delivery, "reply-to", message->reply_to);
	add_field(list, delivery, "message-id", message->message_id);
	return list;
}

/* --- Producing ----------------------------------------------------------------------------- */

static rd_kafka_resp_err_t
produce(struct kafka_producer *producer, struct dk_delivery *delivery)
{
	const struct dk_message *message = delivery->message;
	rd_kafka_topic_t *handle = find_handle(producer, delivery);
	rd_kafka_headers_t *headers;
	rd_kafka_resp_err_t code;

	if (!handle)
		return rd_kafka_last_error();
	headers = make_headers(delivery);
	code = rd_kafka_producev(
		producer->instance.client, RD_KAFKA_V_RKT(handle),
		RD_KAFKA_V_VALUE((void *)message->payload.data, message->payload.length),
		RD_KAFKA_V_KEY(delivery->key.data, delivery->key.length),
		/* 0: now */
		RD_KAFKA_V_TIMESTAMP(message->timestamp_ms > 0 ? message->timestamp_ms : 0),
		RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(delivery), RD_KAFKA_V_END);
	if (code && headers)
		rd_kafka_headers_destroy(headers);
	return code;
}

static void
refuse(struct kafka_producer *producer, struct dk_delivery *delivery, rd_kafka_resp_err_t code)
{
	if (!producer->refused)
		producer->host->timer_set(producer->refusing, 0);
	delivery->plugin = (void *)(intptr_t)code;
	delivery->next = NULL;
	*producer->refused_end = delivery;
	producer->refused_end = &delivery->next;
}

static void
settle_refused(void *argument)
{
	struct kafka_producer *producer = argument;
	struct dk_delivery *delivery = producer->refused;

	producer->refused = NULL;
	producer->refused_end = &producer->refused;
	while (delivery) {
		struct dk_delivery *next = delivery->next;

		settle(producer, delivery, (rd_kafka_resp_err_t)(intptr_t)delivery->plugin);
		delivery = next;
	}
}

/* Room comes with reports, which settle deliveries: nobody need be told that there is some. */
static size_t
send_deliveries(void *argument, struct dk_delivery *const *deliveries, size_t count)
{
	struct kafka_producer *producer = ((struct kafka_endpoint *)argument)->producer;

	if (producer->instance.life != KAFKA_RUNNING)
		return 0;
	for (size_t i = 0; i < count; i++) {
		rd_kafka_resp_err_t code = produce(producer, deliveries[i]);

		if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL || code == RD_KAFKA_RESP_ERR__FATAL)
			return i;
		if (code)
			refuse(producer, deliveries[i], code);
	}
	return count;
}

static void
take(struct kafka_queue *queue, rd_kafka_event_t *event)
{
	struct kafka_producer *producer = (void *)queue->instance;
	const rd_kafka_message_t *report;

	while ((report = rd_kafka_event_message_next(event))) {
		if (!report->err)
			kafka_instance_thrive(queue->instance);
		settle(producer, report->_private, report->err);
	}
	rd_kafka_event_destroy(event);
	kafka_instance_look(queue->instance);
}

/* --- Life ---------------------------------------------------------------------------------- */

static void
begin(struct kafka_instance *instance)
{
	(void)instance;
}

static void
leave(struct kafka_instance *instance)
{
	settle_refused(instance);
}

/* What is not there when it is late is thrown away, which reports it. */
static bool
has_left(struct kafka_instance *instance, bool is_late)
{
	if (rd_kafka_outq_len(instance->client) == 0)
		return true;
	if (is_late || rd_kafka_fatal_error(instance->client, NULL, 0))
		rd_kafka_purge(instance->client, RD_KAFKA_PURGE_F_QUEUE |
							 RD_KAFKA_PURGE_F_INFLIGHT |
							 RD_KAFKA_PURGE_F_NON_BLOCKING);
	return false;
}

static void
end(struct kafka_instance *instance)
{
	drop_handles((struct kafka_producer *)instance);
}

static const struct kafka_role role = {
	.type = RD_KAFKA_PRODUCER,
	.begin = begin,
	.take = take,
	.leave = leave,
	.has_left = has_left,
	.end = end,
};

/* --- What the core calls ------------------------------------------------------------------- */

static size_t
window(const void *config)
{
	return (size_t)((const struct kafka_config *)config)->window;
}

static int
prepare(void *argument, struct dk_target *target, struct dk_error *error)
{
	struct kafka_endpoint *endpoint = argument;
	struct kafka_producer *producer;

	(void)error;
	target->plugin = NULL;
	if (endpoint->producer)
		return 0;
	producer = calloc(1, sizeof(*producer));
	if (!producer)
		abort();
	endpoint->producer = producer;
	producer->host = endpoint->host;
	producer->refused_end = &producer->refused;
	producer->refusing =
		endpoint->host->timer_new(endpoint->handle, settle_refused, producer);
	kafka_instance_init(&producer->instance, endpoint, &role);
	return 0;
}

void
kafka_sink_free(struct kafka_producer *producer)
{
	if (!producer)
		return;
	producer->host->timer_free(producer->refusing);
	kafka_instance_free(&producer->instance);
	for (size_t i = 0; i < BUCKETS; i++)
		while (producer->buckets[i]) {
			struct topic *topic = producer->buckets[i];

			producer->buckets[i] = topic->next;
			free(topic);
		}
	free(producer);
}

const struct dk_sink_functions kafka_sink = {
	.window = window,
	.prepare = prepare,
	.send = send_deliveries,
};
