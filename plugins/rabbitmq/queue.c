/* SPDX-License-Identifier: Apache-2.0
 *
 * queue.c - queues on the consuming thread: each is declared and consumed; one that is not there,
 * or not for us, is tried again until it is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "plugins/rabbitmq/consumer.h"

#define LONGEST_WAIT_MS 4000

static amqp_channel_t
aside_of(const struct rabbitmq_consumer *consumer)
{
	return (amqp_channel_t)(consumer->channel_count + 1);
}

/* --- Queues that are not consumed --- */

/* One line for all of them, for it is one trouble of the endpoint's. */
static void
tell_idle(const struct rabbitmq_consumer *consumer)
{
	const struct rabbitmq *endpoint = consumer->link.endpoint;
	char reason[500];
	size_t length = 0;

	for (size_t i = 0; i < consumer->channel_count && length < sizeof(reason); i++)
		if (*consumer->channels[i].reason)
			length += (size_t)snprintf(reason + length, sizeof(reason) - length, "%s%s",
						   length > 0 ? "; " : "",
						   consumer->channels[i].reason);
	if (length > 0)
		endpoint->host->trouble(endpoint->handle, "not-consumed", reason);
	else
		endpoint->host->trouble_over(endpoint->handle, "not-consumed");
}

static const char *
advice(int code)
{
	switch (code) {
	case AMQP_NOT_FOUND:
		return "make it, or set declare = true";
	case AMQP_ACCESS_REFUSED:
		return "grant the user to read it, or end who consumes it exclusively";
	case AMQP_PRECONDITION_FAILED:
		return "what was not acknowledged comes again";
	default:
		return "see the broker's log";
	}
}

void
rabbitmq_queue_idle(struct rabbitmq_channel *channel)
{
	struct rabbitmq_consumer *consumer = channel->consumer;
	struct rabbitmq_link *link = &consumer->link;

	if (channel->is_consuming) {
		channel->is_consuming = false;
		channel->wait_ms = RABBITMQ_FIRST_WAIT_MS;
		consumer->idle_count++;
	}
	channel->due_ms = link->endpoint->host->now_ms() + channel->wait_ms;
	if (channel->wait_ms < LONGEST_WAIT_MS)
		channel->wait_ms *= 2;
	snprintf(channel->reason, sizeof(channel->reason), "queue %s of %s: %s (%s; tried again)",
		 channel->subscription->name, link->host->name, link->reason, advice(link->code));
	tell_idle(consumer);
}

void
rabbitmq_queue_renew(struct rabbitmq_channel *channel)
{
	struct rabbitmq_consumer *consumer = channel->consumer;

	free(channel->reading);
	channel->reading = NULL;
	channel->envelope.tag = 0;
	channel->is_open = false;
	channel->acknowledged = 0;
	pthread_mutex_lock(&consumer->link.lock);
	channel->epoch++;
	consumer->is_renewed = true;
	rabbitmq_link_post(&consumer->link);
	pthread_mutex_unlock(&consumer->link.lock);
}

/* An answer in the channel: 0 when it is a good one; 1: the channel is idle; -1: the link is lost.
 */
static int
conclude(struct rabbitmq_channel *channel, const char *what)
{
	int answer = rabbitmq_answer(&channel->consumer->link, channel->number, what);

	if (answer != RABBITMQ_REFUSED)
		return answer;
	rabbitmq_queue_renew(channel);
	rabbitmq_queue_idle(channel);
	return RABBITMQ_REFUSED;
}

/* --- Consuming --- */

static int
open_channel(struct rabbitmq_channel *channel)
{
	struct rabbitmq_link *link = &channel->consumer->link;

	if (channel->is_open)
		return 0;
	if (rabbitmq_channel_open(link, channel->number) != 0)
		return -1;
	channel->is_open = true;
	amqp_basic_qos(link->connection, channel->number, 0,
		       (uint16_t)link->endpoint->config->prefetch, 0);
	return conclude(channel, "prefetch");
}

/* Is the queue there? Asked aside, for a channel in which messages are under way must not be closed
 * over the answer. */
static int
look_for_queue(struct rabbitmq_channel *channel)
{
	struct rabbitmq_link *link = &channel->consumer->link;
	amqp_channel_t aside = aside_of(channel->consumer);
	int answer;

	if (rabbitmq_aside(link, aside) != 0)
		return -1;
	amqp_queue_declare(link->connection, aside, amqp_cstring_bytes(channel->subscription->name),
			   1, 0, 0, 0, amqp_empty_table);
	answer = rabbitmq_answer(link, aside, "looking for it");
	if (answer != RABBITMQ_REFUSED)
		return answer;
	link->aside = 0;
	rabbitmq_queue_idle(channel);
	return RABBITMQ_REFUSED;
}

/* Of the routes of one queue the first speaks for all: they are checked to be of one mind. */
static int
consume(struct rabbitmq_channel *channel)
{
	const struct rabbitmq_from *from = channel->subscription->interests[0]->options;
	amqp_connection_state_t connection = channel->consumer->link.connection;
	amqp_table_entry_t priority = { amqp_cstring_bytes("x-priority"),
					{ .kind = AMQP_FIELD_KIND_I32,
					  .value.i32 = (int32_t)from->priority } };
	amqp_table_t arguments = { from->priority != 0 ? 1 : 0, &priority };

	amqp_basic_consume(connection, channel->number,
			   amqp_cstring_bytes(channel->subscription->name), amqp_empty_bytes, 0, 0,
			   from->exclusive, arguments);
	return conclude(channel, "consuming");
}

/* 0 also when the queue is not consumed now: it is tried again. */
static int
try(struct rabbitmq_channel *channel)
{
	struct rabbitmq_consumer *consumer = channel->consumer;
	bool is_cancelled = channel->is_open;
	int status = rabbitmq_declare_subscription(&consumer->link, aside_of(consumer),
						   channel->subscription);

	if (status < 0)
		return -1;
	channel->refused = status;
	status = is_cancelled ? look_for_queue(channel) : open_channel(channel);
	if (status == 0)
		status = consume(channel);
	if (status != 0)
		return status < 0 ? -1 : 0;
	channel->is_consuming = true;
	consumer->idle_count--;
	if (*channel->reason) {
		channel->reason[0] = '\0';
		tell_idle(consumer);
	}
	return 0;
}

static void
tell_declared(const struct rabbitmq_consumer *consumer)
{
	const struct rabbitmq *endpoint = consumer->link.endpoint;

	for (size_t i = 0; i < consumer->channel_count; i++)
		if (consumer->channels[i].refused > 0)
			return;
	endpoint->host->trouble_over(endpoint->handle, "not-declared");
}

int
rabbitmq_queues_try(struct rabbitmq_consumer *consumer)
{
	int64_t now;

	if (consumer->idle_count == 0)
		return 0;
	now = consumer->link.endpoint->host->now_ms();
	for (size_t i = 0; i < consumer->channel_count; i++)
		if (!consumer->channels[i].is_consuming && consumer->channels[i].due_ms <= now &&
		    try(&consumer->channels[i]) != 0)
			return -1;
	tell_declared(consumer);
	return 0;
}
