/* SPDX-License-Identifier: Apache-2.0
 *
 * source.c - the loop's side of consuming: messages are passed on to the core, and the thread hears
 * up to which tag it is to acknowledge.
 */
#include <stdlib.h>

#include "plugins/rabbitmq/consumer.h"

static void
give_back(void *thing)
{
	free(thing);
}

/* --- Messages --- */

static bool
is_awake(const struct rabbitmq_channel *channel)
{
	return channel->held && !channel->is_paused && !channel->consumer->is_stopped;
}

static void
pass_on(struct rabbitmq_channel *channel)
{
	const struct rabbitmq *endpoint = channel->consumer->link.endpoint;

	if (!channel->stream && channel->held)
		channel->stream = endpoint->host->stream_open(endpoint->handle,
							      channel->subscription->name, channel);
	while (is_awake(channel)) {
		struct rabbitmq_message *message = channel->held;

		channel->held = message->next;
		if (!channel->held)
			channel->last_held = &channel->held;
		message->message.stream = channel->stream;
		endpoint->host->receive(channel->subscription, &message->message,
					&(struct dk_loan){ give_back, message });
	}
}

static void
go_on(void *argument)
{
	struct rabbitmq_consumer *consumer = argument;

	for (size_t i = 0; i < consumer->channel_count; i++)
		if (consumer->channels[i].is_going_on) {
			consumer->channels[i].is_going_on = false;
			pass_on(&consumer->channels[i]);
		}
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

/* What was not acknowledged comes again, in another epoch. */
static void
end_stream(struct rabbitmq_channel *channel)
{
	const struct rabbitmq *endpoint = channel->consumer->link.endpoint;

	free_all(channel->held);
	channel->held = NULL;
	channel->last_held = &channel->held;
	channel->is_paused = false;
	if (channel->stream)
		endpoint->host->stream_close(channel->stream);
	channel->stream = NULL;
}

static void
hold(struct rabbitmq_message *message)
{
	struct rabbitmq_channel *channel = message->channel;

	message->next = NULL;
	if (message->epoch != channel->stream_epoch) {
		free(message);
		return;
	}
	*channel->last_held = message;
	channel->last_held = &message->next;
	pass_on(channel);
}

/* With the lock held: which channels have begun anew. */
static void
note_epochs(struct rabbitmq_consumer *consumer, bool *is_new)
{
	*is_new = consumer->is_renewed;
	consumer->is_renewed = false;
	if (!*is_new)
		return;
	for (size_t i = 0; i < consumer->channel_count; i++) {
		struct rabbitmq_channel *channel = &consumer->channels[i];

		channel->must_end = channel->stream_epoch != channel->epoch;
		channel->stream_epoch = channel->epoch;
	}
}

void
rabbitmq_consumer_hear(struct rabbitmq_link *link)
{
	struct rabbitmq_consumer *consumer = (struct rabbitmq_consumer *)(void *)link;
	struct rabbitmq_message *messages;
	bool is_ended, is_renewed;

	pthread_mutex_lock(&link->lock);
	link->is_posted = false;
	is_ended = link->is_ended;
	note_epochs(consumer, &is_renewed);
	messages = consumer->first;
	consumer->first = NULL;
	consumer->last = &consumer->first;
	pthread_mutex_unlock(&link->lock);
	for (size_t i = 0; is_renewed && i < consumer->channel_count; i++)
		if (consumer->channels[i].must_end)
			end_stream(&consumer->channels[i]);
	while (messages) {
		struct rabbitmq_message *message = messages;

		messages = message->next;
		if (is_ended)
			free(message);
		else
			hold(message);
	}
	rabbitmq_hear_life(link, is_ended);
}

/* --- The core's calls --- */

void
rabbitmq_subscribe(void *argument, struct dk_subscription *const *subscriptions, size_t count)
{
	struct rabbitmq_consumer *consumer = ((struct rabbitmq *)argument)->consumer;

	consumer->channels = calloc(count, sizeof(*consumer->channels));
	if (!consumer->channels)
		abort();
	consumer->channel_count = count;
	for (size_t i = 0; i < count; i++) {
		struct rabbitmq_channel *channel = &consumer->channels[i];

		channel->consumer = consumer;
		channel->subscription = subscriptions[i];
		channel->number = (amqp_channel_t)(i + 1);
		channel->last_held = &channel->held;
	}
	rabbitmq_consumer_reset(consumer);
}

void
rabbitmq_pause(void *argument, struct dk_stream *stream)
{
	(void)argument;
	((struct rabbitmq_channel *)stream->plugin)->is_paused = true;
}

void
rabbitmq_resume(void *argument, struct dk_stream *stream)
{
	struct rabbitmq *endpoint = argument;
	struct rabbitmq_channel *channel = stream->plugin;

	channel->is_paused = false;
	channel->is_going_on = true;
	endpoint->host->timer_set(endpoint->consumer->go_on, 0);
}

static void
note_settled(struct rabbitmq_consumer *consumer, const struct dk_settlement *settlement)
{
	struct rabbitmq_channel *channel = settlement->stream->plugin;

	if (channel->stream != settlement->stream)
		return;
	channel->settled = (uint64_t)settlement->position;
	channel->settled_epoch = channel->stream_epoch;
	if (channel->is_settled)
		return;
	channel->is_settled = true;
	channel->next_settled = consumer->settled;
	consumer->settled = channel;
}

void
rabbitmq_settled(void *argument, const struct dk_settlement *settlements, size_t count)
{
	struct rabbitmq_consumer *consumer = ((struct rabbitmq *)argument)->consumer;

	pthread_mutex_lock(&consumer->link.lock);
	for (size_t i = 0; i < count; i++)
		note_settled(consumer, &settlements[i]);
	rabbitmq_link_ring(&consumer->link);
	pthread_mutex_unlock(&consumer->link.lock);
}

void
rabbitmq_stop(void *argument)
{
	((struct rabbitmq *)argument)->consumer->is_stopped = true;
}

/* --- Its life --- */

struct rabbitmq_link *
rabbitmq_consumer_new(struct rabbitmq *endpoint)
{
	struct rabbitmq_consumer *consumer = calloc(1, sizeof(*consumer));

	if (!consumer)
		abort();
	consumer->last = &consumer->first;
	consumer->go_on = endpoint->host->timer_new(endpoint->handle, go_on, consumer);
	rabbitmq_link_init(&consumer->link, endpoint, &rabbitmq_consuming);
	endpoint->consumer = consumer;
	return &consumer->link;
}

bool
rabbitmq_consumer_is_wanted(const struct rabbitmq_consumer *consumer)
{
	return consumer->channel_count > 0;
}

/* The next connection begins with channels that are not open, each in a new epoch. */
static void
reset_channel(struct rabbitmq_channel *channel)
{
	end_stream(channel);
	free(channel->reading);
	channel->reading = NULL;
	channel->envelope.tag = 0;
	channel->is_open = channel->is_consuming = channel->is_settled = false;
	channel->due_ms = 0;
	channel->wait_ms = RABBITMQ_FIRST_WAIT_MS;
	channel->acknowledged = 0;
	channel->stream_epoch = ++channel->epoch;
}

void
rabbitmq_consumer_reset(struct rabbitmq_consumer *consumer)
{
	for (size_t i = 0; i < consumer->channel_count; i++)
		reset_channel(&consumer->channels[i]);
	free_all(consumer->first);
	consumer->first = NULL;
	consumer->last = &consumer->first;
	consumer->settled = NULL;
	consumer->is_renewed = false;
}

void
rabbitmq_consumer_free(struct rabbitmq_consumer *consumer)
{
	consumer->link.endpoint->host->timer_free(consumer->go_on);
	rabbitmq_link_free(&consumer->link);
	free(consumer->channels);
	free(consumer);
}
