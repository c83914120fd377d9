/* SPDX-License-Identifier: Apache-2.0
 *
 * sink.c - the sink half: a producer, whose delivery reports settle the deliveries.
 *
 * A record's payload is the message's own memory, which lives until the delivery is settled: the
 * library copies nothing but the key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/kafka/topic.h"

#define OVERHEAD 100 /* of a record in its batch, at most about */

struct kafka_producer {
	struct kafka_instance instance;
	const struct dk_host *host;
	struct kafka_topics topics;
	/* Refused at once; settled in the next turn. Their `plugin` is the error's number. */
	struct dk_delivery *refused;
	struct dk_delivery **refused_end;
	struct dk_timer *refusing;
};

/* What an error says of the next attempt. What is not here may pass: the delivery is released. */
static const struct verdict {
	rd_kafka_resp_err_t code;
	enum dk_outcome outcome;
	bool is_of_batch; /* from a broker it is said of a batch, because of one record of it */
	const char *more;
} verdicts[] = {
	{ RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, DK_REJECTED, true,
	  "the topic's max.message.bytes, or message_max_bytes here" },
	{ RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, DK_REJECTED, true, NULL },
	{ RD_KAFKA_RESP_ERR_INVALID_MSG, DK_REJECTED, true, NULL },
	{ RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, DK_REJECTED, true, NULL },
	{ RD_KAFKA_RESP_ERR_INVALID_RECORD, DK_REJECTED, true,
	  "has it no key, and the topic is compacted?" },
	{ RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, DK_REJECTED, true,
	  "the topic's message.timestamp.before.max.ms and message.timestamp.after.max.ms" },
	{ RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, DK_REJECTED, false, NULL },
	{ RD_KAFKA_RESP_ERR_POLICY_VIOLATION, DK_REJECTED, true, NULL },
	{ RD_KAFKA_RESP_ERR__INVALID_ARG, DK_REJECTED, false, NULL },
	{ RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, DK_DENIED, false,
	  "to write takes WRITE and DESCRIBE on it, and CREATE if it is to be made" },
	{ RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, DK_DENIED, false, NULL },
	{ RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, DK_RELEASED, false,
	  "it is not made by writing to it; make it" },
	{ RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, DK_RELEASED, false,
	  "it is not made by writing to it; make it" },
	{ RD_KAFKA_RESP_ERR_NO_ERROR, DK_RELEASED, false, NULL },
};

/* --- Outcomes ------------------------------------------------------------------------------ */

static const struct verdict *
judge(rd_kafka_resp_err_t code)
{
	const struct verdict *verdict = verdicts;

	while (verdict->code != RD_KAFKA_RESP_ERR_NO_ERROR && verdict->code != code)
		verdict++;
	return verdict;
}

static void
explain(const struct kafka_producer *producer, const struct kafka_topic *topic,
	rd_kafka_resp_err_t code, const char *more, char *text, size_t size)
{
	const char *user = producer->instance.endpoint->config->sasl_username;
	bool names_user = user && judge(code)->outcome == DK_DENIED;

	snprintf(text, size, "topic %s%s%s: %s%s%s", topic->name, names_user ? ", user " : "",
		 names_user ? user : "", rd_kafka_err2str(code), more ? "; " : "",
		 more ? more : "");
}

/* What is denied the core says by itself. */
static void
note_trouble(struct kafka_producer *producer, struct kafka_topic *topic, rd_kafka_resp_err_t code,
	     const char *text)
{
	if (code != RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC &&
	    code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return;
	topic->is_troubled = true;
	kafka_trouble_begin(&producer->instance, KAFKA_NO_TOPIC, topic->name, text);
}

static void
succeed(struct kafka_producer *producer, struct dk_delivery *delivery, struct kafka_topic *topic)
{
	kafka_instance_thrive(&producer->instance);
	if (topic->is_troubled) {
		topic->is_troubled = false;
		kafka_troubles_end_topic(&producer->instance, topic->name);
	}
	producer->host->settle(delivery, DK_ACCEPTED, NULL, NULL);
}

/* is_perhaps: with its batch, and maybe because of another one of it. */
static void
fail(struct kafka_producer *producer, struct dk_delivery *delivery, struct kafka_topic *topic,
     rd_kafka_resp_err_t code, bool is_perhaps)
{
	const struct verdict *verdict = judge(code);
	char text[500];

	explain(producer, topic, code,
		is_perhaps ? "it or another one of its batch; it is sent again among fewer"
			   : verdict->more,
		text, sizeof(text));
	note_trouble(producer, topic, code, text);
	producer->host->settle(delivery, is_perhaps ? DK_RELEASED : verdict->outcome, text, NULL);
}

/* --- Topics -------------------------------------------------------------------------------- */

static void
drop_handle(struct kafka_topic *topic, void *argument)
{
	(void)argument;
	if (topic->handle)
		rd_kafka_topic_destroy(topic->handle);
	topic->handle = NULL;
}

/* --- Producing ----------------------------------------------------------------------------- */

static size_t
size_of(const struct dk_delivery *delivery)
{
	return delivery->message->payload.length + delivery->key.length + OVERHEAD;
}

static rd_kafka_resp_err_t
produce(struct kafka_producer *producer, struct kafka_topic *topic, struct dk_delivery *delivery)
{
	const struct dk_message *message = delivery->message;
	rd_kafka_headers_t *headers;
	rd_kafka_resp_err_t code;

	if (!topic->handle)
		topic->handle = rd_kafka_topic_new(producer->instance.client, topic->name, NULL);
	if (!topic->handle)
		return rd_kafka_last_error();
	headers = kafka_headers_make(delivery);
	code = rd_kafka_producev(
		producer->instance.client, RD_KAFKA_V_RKT(topic->handle),
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
settle_refused(struct kafka_producer *producer)
{
	struct dk_delivery *delivery = producer->refused;

	producer->refused = NULL;
	producer->refused_end = &producer->refused;
	while (delivery) {
		struct dk_delivery *next = delivery->next;

		fail(producer, delivery, kafka_topics_find(&producer->topics, delivery->address),
		     (rd_kafka_resp_err_t)(intptr_t)delivery->plugin, false);
		delivery = next;
	}
}

/* In a turn of its own, as reports are taken: no topic is in use. */
static void
end_refusing(void *argument)
{
	struct kafka_producer *producer = argument;

	settle_refused(producer);
	kafka_topics_trim(&producer->topics, NULL, drop_handle);
}

/* 0, or why the library takes no more at the moment. */
static rd_kafka_resp_err_t
launch(struct kafka_producer *producer, struct kafka_topic *topic, struct dk_delivery *delivery)
{
	rd_kafka_resp_err_t code = produce(producer, topic, delivery);

	if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL || code == RD_KAFKA_RESP_ERR__FATAL)
		return code;
	if (code) {
		refuse(producer, delivery, code);
		return 0;
	}
	delivery->plugin = topic;
	kafka_flight_add(topic, size_of(delivery));
	return 0;
}

/* Room comes with reports, which settle deliveries: nobody need be told that there is some. */
static size_t
send_deliveries(void *argument, struct dk_delivery *const *deliveries, size_t count)
{
	struct kafka_producer *producer = ((struct kafka_endpoint *)argument)->producer;

	if (producer->instance.life != KAFKA_RUNNING)
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct kafka_topic *topic = kafka_topics_find(&producer->topics,
							      deliveries[i]->address);

		if (topic->waiting || !kafka_flight_has_room(topic, size_of(deliveries[i])))
			kafka_flight_wait(topic, deliveries[i]);
		else if (launch(producer, topic, deliveries[i]) != 0)
			return i;
	}
	return count;
}

/* --- Reports ------------------------------------------------------------------------------- */

static void
release_waiting(struct kafka_topic *topic, void *argument)
{
	struct kafka_producer *producer = argument;

	while (topic->waiting)
		producer->host->settle(kafka_flight_next(topic), DK_RELEASED,
				       "its turn in the producer did not come", NULL);
}

static void
launch_waiting(struct kafka_producer *producer, struct kafka_topic *topic)
{
	if (producer->instance.life != KAFKA_RUNNING)
		return;
	while (topic->waiting && kafka_flight_has_room(topic, size_of(topic->waiting))) {
		struct dk_delivery *delivery = kafka_flight_next(topic);
		rd_kafka_resp_err_t code = launch(producer, topic, delivery);

		if (code) {
			/* Those behind it must not overtake it. */
			refuse(producer, delivery, code);
			release_waiting(topic, producer);
		}
	}
}

static void
report(struct kafka_producer *producer, struct dk_delivery *delivery, rd_kafka_resp_err_t code)
{
	struct kafka_topic *topic = delivery->plugin;
	bool is_of_batch = judge(code)->is_of_batch;
	bool is_alone = kafka_flight_report(topic, size_of(delivery), is_of_batch);

	if (code)
		fail(producer, delivery, topic, code, is_of_batch && !is_alone);
	else
		succeed(producer, delivery, topic);
	/* Behind one that the core sends again, those that follow it are for the core to hold. */
	if (is_of_batch && !is_alone)
		release_waiting(topic, producer);
	else if (topic->waiting)
		launch_waiting(producer, topic);
}

static void
take(struct kafka_queue *queue, rd_kafka_event_t *event)
{
	struct kafka_producer *producer = (void *)queue->instance;
	const rd_kafka_message_t *message;

	while ((message = rd_kafka_event_message_next(event)))
		report(producer, message->_private, message->err);
	rd_kafka_event_destroy(event);
	kafka_topics_trim(&producer->topics, NULL, drop_handle);
	kafka_instance_look(queue->instance);
}

/* --- Life ---------------------------------------------------------------------------------- */

/* It may be a new one, in place of one that took nothing any more. */
static void
begin(struct kafka_instance *instance)
{
	instance->endpoint->host->ready(instance->endpoint->handle);
}

static void
leave(struct kafka_instance *instance)
{
	struct kafka_producer *producer = (void *)instance;

	settle_refused(producer);
	kafka_topics_each(&producer->topics, producer, release_waiting);
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
	kafka_topics_each(&((struct kafka_producer *)instance)->topics, NULL, drop_handle);
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

static void
aim(void *argument, const struct dk_target *const *targets, size_t count)
{
	struct kafka_endpoint *endpoint = argument;
	struct kafka_producer *producer;

	(void)targets, (void)count;
	if (endpoint->producer)
		return;
	producer = calloc(1, sizeof(*producer));
	if (!producer)
		abort();
	endpoint->producer = producer;
	producer->host = endpoint->host;
	producer->refused_end = &producer->refused;
	producer->refusing = endpoint->host->timer_new(endpoint->handle, end_refusing, producer);
	kafka_instance_init(&producer->instance, endpoint, &role);
}

void
kafka_sink_free(struct kafka_producer *producer)
{
	if (!producer)
		return;
	producer->host->timer_free(producer->refusing);
	kafka_instance_free(&producer->instance);
	kafka_topics_free(&producer->topics);
	free(producer);
}

const struct dk_sink_functions kafka_sink = {
	.window = window,
	.aim = aim,
	.send = send_deliveries,
};
