/* SPDX-License-Identifier: Apache-2.0
 *
 * declare.c - exchanges, queues and bindings that a route wants made if they are not there.
 */
#include <string.h>

#include "plugins/rabbitmq/rabbitmq.h"

void
rabbitmq_split(struct dk_slice address, amqp_bytes_t *exchange, amqp_bytes_t *key)
{
	const char *slash = memchr(address.data, '/', address.length);
	size_t before = slash ? (size_t)(slash - address.data) : address.length;

	*exchange = (amqp_bytes_t){ before, (void *)address.data };
	*key = (amqp_bytes_t){ slash ? address.length - before - 1 : 0,
			       (void *)(slash ? slash + 1 : address.data) };
}

/* The default exchange and those that begin with amq. are the broker's own. */
static bool
is_ours(amqp_bytes_t exchange)
{
	return exchange.len > 0 &&
	       (exchange.len < 4 || memcmp(exchange.bytes, "amq.", 4) != 0);
}

static int
declare_exchange(struct rabbitmq_link *link, amqp_bytes_t exchange)
{
	if (!is_ours(exchange))
		return 0;
	amqp_exchange_declare(link->connection, RABBITMQ_CHANNEL, exchange,
			      amqp_cstring_bytes("topic"), 0, 1, 0, 0, amqp_empty_table);
	return rabbitmq_check(link, amqp_get_rpc_reply(link->connection), "declaring an exchange");
}

static int
declare_queue(struct rabbitmq_link *link, amqp_bytes_t queue)
{
	amqp_queue_declare(link->connection, RABBITMQ_CHANNEL, queue, 0, 1, 0, 0, amqp_empty_table);
	return rabbitmq_check(link, amqp_get_rpc_reply(link->connection), "declaring a queue");
}

static int
bind_queue(struct rabbitmq_link *link, amqp_bytes_t queue, amqp_bytes_t exchange, amqp_bytes_t key)
{
	amqp_queue_bind(link->connection, RABBITMQ_CHANNEL, queue, exchange, key, amqp_empty_table);
	return rabbitmq_check(link, amqp_get_rpc_reply(link->connection), "binding a queue");
}

static int
declare_interest(struct rabbitmq_link *link, const struct dk_interest *interest)
{
	const struct rabbitmq_from *from = interest->options;
	amqp_bytes_t queue, exchange, key;

	if (!from->declare)
		return 0;
	rabbitmq_split((struct dk_slice){ interest->filter, strlen(interest->filter) }, &exchange,
		       &key);
	queue = from->queue ? amqp_cstring_bytes(from->queue) : key;
	if (declare_queue(link, queue) != 0 || declare_exchange(link, exchange) != 0)
		return -1;
	return exchange.len > 0 ? bind_queue(link, queue, exchange, key) : 0;
}

int
rabbitmq_declare_sources(struct rabbitmq_link *link)
{
	const struct rabbitmq *endpoint = link->endpoint;

	for (size_t i = 0; i < endpoint->subscription_count; i++)
		for (size_t j = 0; j < endpoint->subscriptions[i]->interest_count; j++)
			if (declare_interest(link, endpoint->subscriptions[i]->interests[j]) != 0)
				return -1;
	return 0;
}

/* Only what is known before the first message: a name with a capture in it is not. */
static int
declare_target(struct rabbitmq_link *link, const struct dk_target *target)
{
	const struct rabbitmq_to *to = target->options;
	amqp_bytes_t exchange, key;

	if (!to->declare)
		return 0;
	rabbitmq_split((struct dk_slice){ target->template, strlen(target->template) }, &exchange,
		       &key);
	if (exchange.len == 0)
		return target->is_literal ? declare_queue(link, key) : 0;
	return memchr(exchange.bytes, '$', exchange.len) ? 0 : declare_exchange(link, exchange);
}

int
rabbitmq_declare_targets(struct rabbitmq_link *link)
{
	struct rabbitmq_publisher *publisher = &link->endpoint->publisher;

	for (size_t i = 0; i < publisher->target_count; i++)
		if (declare_target(link, publisher->targets[i]) != 0)
			return -1;
	return 0;
}
