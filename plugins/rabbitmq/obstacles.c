/* SPDX-License-Identifier: Apache-2.0
 *
 * obstacles.c - exchanges that are missing or not allowed, and keys that no queue is bound for:
 * what goes that way is settled without trying for a while, so that it does not take the channel,
 * and with it everybody else's messages, down each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/publisher.h"

static bool
is_on_way(const struct rabbitmq_obstacle *obstacle, amqp_bytes_t exchange, amqp_bytes_t key)
{
	return rabbitmq_is_same(obstacle->exchange, exchange) &&
	       (!obstacle->key.bytes || rabbitmq_is_same(obstacle->key, key));
}

const struct rabbitmq_obstacle *
rabbitmq_obstacle_of(struct rabbitmq_publisher *publisher, amqp_bytes_t exchange, amqp_bytes_t key)
{
	int64_t now = publisher->link.endpoint->host->now_ms();

	for (size_t i = 0; i < publisher->obstacle_count; i++)
		if (is_on_way(&publisher->obstacles[i], exchange, key) &&
		    now < publisher->obstacles[i].until_ms)
			return &publisher->obstacles[i];
	return NULL;
}

static amqp_bytes_t
keep(amqp_bytes_t bytes)
{
	char *copy = malloc(bytes.len + 1);

	if (!copy)
		abort();
	if (bytes.len > 0)
		memcpy(copy, bytes.bytes, bytes.len);
	return (amqp_bytes_t){ bytes.len, copy };
}

static void
drop(struct rabbitmq_publisher *publisher, size_t number)
{
	free(publisher->obstacles[number].exchange.bytes);
	free(publisher->obstacles[number].key.bytes);
	publisher->obstacle_count--;
	memmove(&publisher->obstacles[number], &publisher->obstacles[number + 1],
		(publisher->obstacle_count - number) * sizeof(*publisher->obstacles));
}

/* All of one kind in one line: it is one trouble; with the last of them it is over. */
static void
tell(const struct rabbitmq_publisher *publisher, const char *event)
{
	const struct rabbitmq *endpoint = publisher->link.endpoint;
	char reason[512];
	size_t length = 0;

	if (!event)
		return;
	for (size_t i = 0; i < publisher->obstacle_count && length < sizeof(reason); i++)
		if (publisher->obstacles[i].event == event)
			length += (size_t)snprintf(reason + length, sizeof(reason) - length, "%s%s",
						   length > 0 ? "; " : "",
						   publisher->obstacles[i].reason);
	if (length > 0)
		endpoint->host->trouble(endpoint->handle, event, reason);
	else
		endpoint->host->trouble_over(endpoint->handle, event);
}

/* It is not there any more, or not known to be. */
static void
end(struct rabbitmq_publisher *publisher, size_t number)
{
	const char *event = publisher->obstacles[number].event;

	drop(publisher, number);
	tell(publisher, event);
}

static struct rabbitmq_obstacle *
find(struct rabbitmq_publisher *publisher, amqp_bytes_t exchange, amqp_bytes_t key)
{
	for (size_t i = 0; i < publisher->obstacle_count; i++) {
		struct rabbitmq_obstacle *obstacle = &publisher->obstacles[i];

		if (rabbitmq_is_same(obstacle->exchange, exchange) &&
		    !obstacle->key.bytes == !key.bytes &&
		    (!key.bytes || rabbitmq_is_same(obstacle->key, key)))
			return obstacle;
	}
	return NULL;
}

/* The oldest makes room: should it still be there, it is met again. */
static struct rabbitmq_obstacle *
add(struct rabbitmq_publisher *publisher, amqp_bytes_t exchange, amqp_bytes_t key)
{
	struct rabbitmq_obstacle *obstacle;

	if (publisher->obstacle_count == RABBITMQ_OBSTACLES)
		end(publisher, 0);
	obstacle = &publisher->obstacles[publisher->obstacle_count++];
	*obstacle = (struct rabbitmq_obstacle){
		.exchange = keep(exchange),
		.key = key.bytes ? keep(key) : (amqp_bytes_t){ 0, NULL },
	};
	return obstacle;
}

void
rabbitmq_obstacle_put(struct rabbitmq_publisher *publisher, enum dk_outcome outcome,
		      const char *event, amqp_bytes_t exchange, amqp_bytes_t key, int64_t wait_ms,
		      const char *reason)
{
	struct rabbitmq_obstacle *obstacle = find(publisher, exchange, key);
	const char *before;

	if (!obstacle)
		obstacle = add(publisher, exchange, key);
	before = obstacle->event;
	obstacle->outcome = outcome;
	obstacle->event = event;
	obstacle->until_ms = wait_ms > 0 ? publisher->link.endpoint->host->now_ms() + wait_ms : 0;
	snprintf(obstacle->reason, sizeof(obstacle->reason), "%s", reason);
	if (before != event)
		tell(publisher, before);
	tell(publisher, event);
}

void
rabbitmq_obstacle_passed(struct rabbitmq_publisher *publisher, amqp_bytes_t exchange,
			 amqp_bytes_t key)
{
	int64_t now = publisher->link.endpoint->host->now_ms();

	/* While nothing is tried, what passes was on its way before. */
	for (size_t i = publisher->obstacle_count; i-- > 0;)
		if (is_on_way(&publisher->obstacles[i], exchange, key) &&
		    now >= publisher->obstacles[i].until_ms)
			end(publisher, i);
}

void
rabbitmq_obstacles_free(struct rabbitmq_publisher *publisher)
{
	while (publisher->obstacle_count > 0)
		drop(publisher, publisher->obstacle_count - 1);
}
