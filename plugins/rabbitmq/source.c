/* SPDX-License-Identifier: Apache-2.0
 *
 * source.c - consuming: the thread reads deliveries frame by frame and lays them out for the loop,
 * the loop passes them on and says up to which tag the thread is to acknowledge.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/endpoint.h"

#define FRAMES_A_TURN 4096 /* then acknowledgements get theirs */

static struct rabbitmq_consumer *
consumer_of(struct rabbitmq_link *link)
{
	return (struct rabbitmq_consumer *)(void *)link;
}

/* --- The thread --- */

static int
consume(struct rabbitmq_link *link, size_t number)
{
	char tag[32];

	snprintf(tag, sizeof(tag), "%zu", number);
	amqp_basic_consume(link->connection, RABBITMQ_CHANNEL,
			   amqp_cstring_bytes(link->endpoint->subscriptions[number]->name),
			   amqp_cstring_bytes(tag), 0, 0, 0, amqp_empty_table);
	return rabbitmq_check(link, amqp_get_rpc_reply(link->connection), "consuming");
}

static int
begin(struct rabbitmq_link *link)
{
	struct rabbitmq_consumer *consumer = consumer_of(link);

	consumer->acknowledged = consumer->settled = 0;
	if (rabbitmq_declare_sources(link) != 0)
		return -1;
	amqp_basic_qos(link->connection, RABBITMQ_CHANNEL, 0,
		       (uint16_t)link->endpoint->config->prefetch, 0);
	if (rabbitmq_check(link, amqp_get_rpc_reply(link->connection), "prefetch") != 0)
		return -1;
	for (size_t i = 0; i < link->endpoint->subscription_count; i++)
		if (consume(link, i) != 0)
			return -1;
	return 0;
}

/* The address that every message of a subscription has where the routes name the queue itself. */
static const char *
fixed_address(const struct dk_subscription *subscription)
{
	const char *filter = subscription->interests[0]->filter;

	return filter[0] == '/' ? filter : NULL;
}

static struct dk_subscription *
subscription_of(const struct rabbitmq_link *link, amqp_bytes_t tag)
{
	char text[32];
	size_t number;

	snprintf(text, sizeof(text), "%.*s", (int)tag.len, (char *)tag.bytes);
	number = strtoul(text, NULL, 10);
	return link->endpoint->subscriptions[number < link->endpoint->subscription_count ? number :
											   0];
}

static void
lay_out(struct rabbitmq_consumer *consumer)
{
	struct rabbitmq_message *message = consumer->reading;

	consumer->reading = NULL;
	message->next = NULL;
	pthread_mutex_lock(&consumer->link.lock);
	*consumer->last = message;
	consumer->last = &message->next;
	rabbitmq_link_post(&consumer->link);
	pthread_mutex_unlock(&consumer->link.lock);
}

static int
take_header(struct rabbitmq_consumer *consumer, const amqp_frame_t *frame)
{
	struct rabbitmq_link *link = &consumer->link;
	uint64_t size = frame->payload.properties.body_size;
	struct dk_subscription *subscription =
		subscription_of(link, consumer->delivered.consumer_tag);

	link->is_frame_kept = false;
	if (size > (uint64_t)link->endpoint->config->max_message)
		return rabbitmq_fail(link,
				     "a message of %llu bytes in queue %s is larger than "
				     "max_message; raise it, or take the message out of the queue",
				     (unsigned long long)size, subscription->name);
	consumer->reading = rabbitmq_message_read(&consumer->delivered,
						  fixed_address(subscription),
						  frame->payload.properties.decoded, (size_t)size);
	consumer->reading->subscription = subscription;
	if (size == 0)
		lay_out(consumer);
	return 0;
}

static void
take_body(struct rabbitmq_consumer *consumer, const amqp_frame_t *frame)
{
	struct rabbitmq_message *message = consumer->reading;
	amqp_bytes_t part = frame->payload.body_fragment;

	if (!message || part.len > message->body_size - message->body_read)
		return;
	memcpy(message->body + message->body_read, part.bytes, part.len);
	message->body_read += part.len;
	if (message->body_read == message->body_size)
		lay_out(consumer);
}

static int
take_method(struct rabbitmq_consumer *consumer, const amqp_method_t *method)
{
	const amqp_basic_cancel_t *cancel = method->decoded;
	const amqp_channel_close_t *closed = method->decoded;

	switch (method->id) {
	case AMQP_BASIC_DELIVER_METHOD:
		consumer->delivered = *(const amqp_basic_deliver_t *)method->decoded;
		consumer->link.is_frame_kept = true;
		return 0;
	case AMQP_BASIC_CANCEL_METHOD:
		return rabbitmq_fail(&consumer->link, "the queue %s was deleted or moved",
				     subscription_of(&consumer->link, cancel->consumer_tag)->name);
	case AMQP_CHANNEL_CLOSE_METHOD:
		return rabbitmq_fail(&consumer->link, "the broker closed the channel: %d %.*s",
				     closed->reply_code, (int)closed->reply_text.len,
				     (char *)closed->reply_text.bytes);
	default:
		return 0;
	}
}

static int
take_frame(struct rabbitmq_consumer *consumer, const amqp_frame_t *frame)
{
	switch (frame->frame_type) {
	case AMQP_FRAME_METHOD:
		return take_method(consumer, &frame->payload.method);
	case AMQP_FRAME_HEADER:
		return consumer->link.is_frame_kept ? take_header(consumer, frame) : 0;
	case AMQP_FRAME_BODY:
		take_body(consumer, frame);
		return 0;
	default:
		return 0;
	}
}

static int
acknowledge(struct rabbitmq_consumer *consumer)
{
	struct rabbitmq_link *link = &consumer->link;
	uint64_t settled;

	pthread_mutex_lock(&link->lock);
	settled = consumer->settled;
	pthread_mutex_unlock(&link->lock);
	if (settled <= consumer->acknowledged)
		return 0;
	if (amqp_basic_ack(link->connection, RABBITMQ_CHANNEL, settled, 1) != AMQP_STATUS_OK)
		return rabbitmq_fail(link, "acknowledging: the connection is lost");
	consumer->acknowledged = settled;
	return 0;
}

static int
work(struct rabbitmq_link *link)
{
	struct rabbitmq_consumer *consumer = consumer_of(link);
	amqp_frame_t frame;
	int is_any;

	do {
		if (acknowledge(consumer) != 0)
			return -1;
		for (int i = 0; i < FRAMES_A_TURN; i++) {
			is_any = rabbitmq_next_frame(link, &frame);
			if (is_any < 0 || (is_any > 0 && take_frame(consumer, &frame) != 0))
				return -1;
			if (is_any == 0)
				break;
		}
	} while (is_any > 0);
	return acknowledge(consumer);
}

static int64_t
patience_ms(struct rabbitmq_link *link)
{
	(void)link;
	return -1;
}

static void
end(struct rabbitmq_link *link)
{
	acknowledge(consumer_of(link));
}

/* --- The loop --- */

static void
give_back(void *thing)
{
	free(thing);
}

static bool
is_awake(const struct rabbitmq_consumer *consumer)
{
	return consumer->held && consumer->stream && !consumer->is_paused &&
	       !consumer->is_stopped;
}

/* Also a timer's: after a resume. */
static void
pass_on(void *argument)
{
	struct rabbitmq *endpoint = argument;
	struct rabbitmq_consumer *consumer = &endpoint->consumer;

	while (is_awake(consumer)) {
		struct rabbitmq_message *message = consumer->held;

		consumer->held = message->next;
		if (!consumer->held)
			consumer->last_held = &consumer->held;
		message->message.stream = consumer->stream;
		endpoint->host->receive(message->subscription, &message->message,
					&(struct dk_loan){ give_back, message });
	}
}

static void
hear(struct rabbitmq_link *link)
{
	struct rabbitmq_consumer *consumer = consumer_of(link);
	struct rabbitmq *endpoint = link->endpoint;
	bool is_ended;

	pthread_mutex_lock(&link->lock);
	link->is_posted = false;
	is_ended = link->is_ended;
	*consumer->last_held = consumer->first;
	if (consumer->first)
		consumer->last_held = consumer->last;
	consumer->first = NULL;
	consumer->last = &consumer->first;
	pthread_mutex_unlock(&link->lock);
	if (!consumer->stream)
		consumer->stream = endpoint->host->stream_open(endpoint->handle, "channel", NULL);
	if (!is_ended)
		pass_on(endpoint);
	rabbitmq_hear_life(link, is_ended);
}

void
rabbitmq_subscribe(void *argument, struct dk_subscription *const *subscriptions, size_t count)
{
	struct rabbitmq *endpoint = argument;

	endpoint->subscriptions = subscriptions;
	endpoint->subscription_count = count;
}

void
rabbitmq_pause(void *argument, struct dk_stream *stream)
{
	(void)stream;
	((struct rabbitmq *)argument)->consumer.is_paused = true;
}

void
rabbitmq_resume(void *argument, struct dk_stream *stream)
{
	struct rabbitmq *endpoint = argument;

	(void)stream;
	endpoint->consumer.is_paused = false;
	endpoint->host->timer_set(endpoint->consumer.go_on, 0);
}

void
rabbitmq_settled(void *argument, const struct dk_settlement *settlements, size_t count)
{
	struct rabbitmq *endpoint = argument;
	struct rabbitmq_link *link = &endpoint->consumer.link;

	pthread_mutex_lock(&link->lock);
	for (size_t i = 0; i < count; i++)
		endpoint->consumer.settled = (uint64_t)settlements[i].position;
	rabbitmq_link_ring(link);
	pthread_mutex_unlock(&link->lock);
}

void
rabbitmq_stop(void *argument)
{
	((struct rabbitmq *)argument)->consumer.is_stopped = true;
}

static void
free_all(struct rabbitmq_message *message)
{
	while (message) {
		struct rabbitmq_message *next = message->next;

		free(message);
		message = next;
	}
}

void
rabbitmq_consumer_init(struct rabbitmq *endpoint)
{
	struct rabbitmq_consumer *consumer = &endpoint->consumer;

	consumer->last = &consumer->first;
	consumer->last_held = &consumer->held;
	consumer->go_on =
		endpoint->host->timer_new(endpoint->handle, pass_on, endpoint);
}

/* What was not acknowledged comes again, by another channel. */
void
rabbitmq_consumer_reset(struct rabbitmq *endpoint)
{
	struct rabbitmq_consumer *consumer = &endpoint->consumer;

	if (consumer->stream)
		endpoint->host->stream_close(consumer->stream);
	consumer->stream = NULL;
	consumer->is_paused = false;
	free_all(consumer->held);
	free_all(consumer->first);
	free(consumer->reading);
	consumer->reading = NULL;
	consumer->held = consumer->first = NULL;
	consumer->last_held = &consumer->held;
	consumer->last = &consumer->first;
}

const struct rabbitmq_role rabbitmq_consuming = {
	.name = "consumer",
	.begin = begin,
	.work = work,
	.patience_ms = patience_ms,
	.end = end,
	.hear = hear,
};
