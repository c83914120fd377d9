/* SPDX-License-Identifier: Apache-2.0
 *
 * consumer.c - a consuming link's thread: it reads deliveries frame by frame, lays them out for the
 * loop and acknowledges what the loop says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/consumer.h"

#define FRAMES_A_TURN 4096 /* then acknowledgements, and the end, get theirs */

static struct rabbitmq_consumer *
consumer_of(struct rabbitmq_link *link)
{
	return (struct rabbitmq_consumer *)(void *)link;
}

static int
begin(struct rabbitmq_link *link)
{
	struct rabbitmq_consumer *consumer = consumer_of(link);
	int most = amqp_get_channel_max(link->connection);

	if (most > 0 && consumer->channel_count + 1 > (size_t)most)
		return rabbitmq_fail(link,
				     "%zu queues are consumed, and one channel is used aside, but "
				     "the broker allows %d channels; raise its channel_max, or use "
				     "several endpoints",
				     consumer->channel_count, most);
	consumer->idle_count = consumer->channel_count;
	return rabbitmq_queues_try(consumer);
}

/* --- Messages --- */

static void
lay_out(struct rabbitmq_channel *channel)
{
	struct rabbitmq_consumer *consumer = channel->consumer;
	struct rabbitmq_message *message = channel->reading;

	channel->reading = NULL;
	message->next = NULL;
	message->channel = channel;
	message->epoch = channel->epoch;
	pthread_mutex_lock(&consumer->link.lock);
	*consumer->last = message;
	consumer->last = &message->next;
	rabbitmq_link_post(&consumer->link);
	pthread_mutex_unlock(&consumer->link.lock);
}

/* The address that every message of a subscription has where the routes name the queue itself. */
static const char *
fixed_address(const struct dk_subscription *subscription)
{
	const char *filter = subscription->interests[0]->filter;

	return filter[0] == '/' ? filter : NULL;
}

static int
take_header(struct rabbitmq_channel *channel, const amqp_frame_t *frame)
{
	struct rabbitmq_link *link = &channel->consumer->link;
	uint64_t size = frame->payload.properties.body_size;

	if (size > (uint64_t)link->endpoint->config->max_message)
		return rabbitmq_fail(link,
				     "a message of %llu bytes in queue %s is larger than "
				     "max_message; raise it, or take the message out of the queue",
				     (unsigned long long)size, channel->subscription->name);
	if (channel->reading || channel->envelope.tag == 0)
		return rabbitmq_fail(link,
				     "the broker sent a message in queue %s that it had not "
				     "announced",
				     channel->subscription->name);
	channel->reading =
		rabbitmq_message_read(&channel->envelope, fixed_address(channel->subscription),
				      frame->payload.properties.decoded, (size_t)size);
	channel->envelope.tag = 0;
	if (size == 0)
		lay_out(channel);
	return 0;
}

static int
take_body(struct rabbitmq_channel *channel, const amqp_frame_t *frame)
{
	struct rabbitmq_message *message = channel->reading;
	amqp_bytes_t part = frame->payload.body_fragment;

	if (!message || part.len > message->body_size - message->body_read)
		return rabbitmq_fail(&channel->consumer->link,
				     "the broker sent more of a message than it had announced");
	memcpy(message->body + message->body_read, part.bytes, part.len);
	message->body_read += part.len;
	if (message->body_read == message->body_size)
		lay_out(channel);
	return 0;
}

static int
take_close(struct rabbitmq_channel *channel, const amqp_method_t *method)
{
	struct rabbitmq_link *link = &channel->consumer->link;

	if (rabbitmq_refused(link, channel->number, method, "the broker closed the channel") < 0)
		return -1;
	rabbitmq_queue_renew(channel);
	rabbitmq_queue_idle(channel);
	return 0;
}

static int
take_method(struct rabbitmq_channel *channel, const amqp_method_t *method)
{
	switch (method->id) {
	case AMQP_BASIC_DELIVER_METHOD:
		rabbitmq_envelope_fill(&channel->envelope, method->decoded);
		return 0;
	case AMQP_BASIC_CANCEL_METHOD:
		rabbitmq_fail(&channel->consumer->link,
			      "the broker cancelled the consumer: the queue was deleted or moved");
		channel->consumer->link.code = AMQP_NOT_FOUND;
		rabbitmq_queue_idle(channel);
		return 0;
	case AMQP_CHANNEL_CLOSE_METHOD:
		return take_close(channel, method);
	default:
		return 0;
	}
}

static int
take_aside(struct rabbitmq_consumer *consumer, const amqp_frame_t *frame)
{
	struct rabbitmq_link *link = &consumer->link;

	if (frame->frame_type != AMQP_FRAME_METHOD ||
	    frame->payload.method.id != AMQP_CHANNEL_CLOSE_METHOD)
		return 0;
	link->aside = 0;
	return rabbitmq_refused(link, frame->channel, &frame->payload.method, "aside") < 0 ? -1 : 0;
}

static int
take_frame(struct rabbitmq_consumer *consumer, const amqp_frame_t *frame)
{
	struct rabbitmq_channel *channel;

	if (frame->channel > consumer->channel_count)
		return take_aside(consumer, frame);
	channel = &consumer->channels[frame->channel - 1];
	switch (frame->frame_type) {
	case AMQP_FRAME_METHOD:
		return take_method(channel, &frame->payload.method);
	case AMQP_FRAME_HEADER:
		return take_header(channel, frame);
	case AMQP_FRAME_BODY:
		return take_body(channel, frame);
	default:
		return 0;
	}
}

/* --- Acknowledging --- */

/* The next channel that has something to acknowledge, with the tag; NULL: there is none. */
static struct rabbitmq_channel *
next_settled(struct rabbitmq_consumer *consumer, uint64_t *tag)
{
	struct rabbitmq_channel *channel;

	pthread_mutex_lock(&consumer->link.lock);
	channel = consumer->settled;
	if (channel) {
		consumer->settled = channel->next_settled;
		channel->is_settled = false;
		*tag = channel->settled_epoch == channel->epoch ? channel->settled : 0;
	}
	pthread_mutex_unlock(&consumer->link.lock);
	return channel;
}

static int
acknowledge(struct rabbitmq_consumer *consumer)
{
	struct rabbitmq_link *link = &consumer->link;
	struct rabbitmq_channel *channel;
	uint64_t tag;

	while ((channel = next_settled(consumer, &tag))) {
		if (tag <= channel->acknowledged)
			continue;
		if (amqp_basic_ack(link->connection, channel->number, tag, 1) != AMQP_STATUS_OK)
			return rabbitmq_fail(link, "acknowledging: the connection is lost");
		channel->acknowledged = tag;
	}
	return 0;
}

static int
work(struct rabbitmq_link *link)
{
	struct rabbitmq_consumer *consumer = consumer_of(link);
	amqp_frame_t frame;
	int is_any = 1;

	if (acknowledge(consumer) != 0 || rabbitmq_queues_try(consumer) != 0)
		return -1;
	for (int i = 0; i < FRAMES_A_TURN && is_any > 0; i++) {
		is_any = rabbitmq_next_frame(link, &frame);
		if (is_any < 0 || (is_any > 0 && take_frame(consumer, &frame) != 0))
			return -1;
	}
	return acknowledge(consumer);
}

/* Until the first of the idle channels is due. */
static int64_t
patience_ms(struct rabbitmq_link *link)
{
	const struct rabbitmq_consumer *consumer = consumer_of(link);
	int64_t due = INT64_MAX, left;

	if (consumer->idle_count == 0)
		return -1;
	for (size_t i = 0; i < consumer->channel_count; i++)
		if (!consumer->channels[i].is_consuming && consumer->channels[i].due_ms < due)
			due = consumer->channels[i].due_ms;
	left = due - link->endpoint->host->now_ms();
	return left > 0 ? left : 0;
}

static void
end(struct rabbitmq_link *link)
{
	acknowledge(consumer_of(link));
}

const struct rabbitmq_role rabbitmq_consuming = {
	.name = "consumer",
	.begin = begin,
	.work = work,
	.patience_ms = patience_ms,
	.end = end,
	.hear = rabbitmq_consumer_hear,
};
