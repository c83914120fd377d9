/* SPDX-License-Identifier: Apache-2.0
 *
 * declare.c - exchanges, queues and bindings that a route wants made if they are not there.
 *
 * What is there already with other settings is used as it is, and what may not be made may be there
 * all the same: either is told, and ends nothing.
 */
#include <stdio.h>
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

/* What is declared, for whom, and where. */
struct declaring {
	struct rabbitmq_link *link;
	amqp_channel_t aside;
	const char *route;
	int refused;
};

/* The default exchange and those that begin with amq. are the broker's own. */
static bool
is_ours(amqp_bytes_t exchange)
{
	return exchange.len > 0 && (exchange.len < 4 || memcmp(exchange.bytes, "amq.", 4) != 0);
}

static const char *
advice(int code)
{
	switch (code) {
	case AMQP_PRECONDITION_FAILED:
		return "it is there with other settings and is used as it is; give the route the "
		       "same (queue_type), or declare = false";
	case AMQP_ACCESS_REFUSED:
		return "if it is there it is used; grant the user to configure it, or "
		       "declare = false";
	case AMQP_NOT_FOUND:
		return "what it is to be bound to is not there";
	default:
		return "if it is there it is used as it is";
	}
}

/* The answer to one declaration: 0, or -1 when the link is lost. */
static int
conclude(struct declaring *declaring, const char *what, amqp_bytes_t name)
{
	struct rabbitmq_link *link = declaring->link;
	char attempt[400], reason[RABBITMQ_REASON];
	int answer;

	snprintf(attempt, sizeof(attempt), "route %s: declaring %s %.*s at %s", declaring->route,
		 what, (int)name.len, (char *)name.bytes, link->host->name);
	answer = rabbitmq_answer(link, declaring->aside, attempt);
	if (answer != RABBITMQ_REFUSED)
		return answer;
	link->aside = 0;
	declaring->refused++;
	snprintf(reason, sizeof(reason), "%s; %s", link->reason, advice(link->code));
	link->endpoint->host->trouble(link->endpoint->handle, "not-declared", reason);
	return 0;
}

static int
declare_exchange(struct declaring *declaring, amqp_bytes_t exchange)
{
	struct rabbitmq_link *link = declaring->link;

	if (!is_ours(exchange))
		return 0;
	if (rabbitmq_aside(link, declaring->aside) != 0)
		return -1;
	amqp_exchange_declare(link->connection, declaring->aside, exchange,
			      amqp_cstring_bytes("topic"), 0, 1, 0, 0, amqp_empty_table);
	return conclude(declaring, "exchange", exchange);
}

/* A classic queue is asked for without a word, as it always was. */
static int
declare_queue(struct declaring *declaring, amqp_bytes_t queue, int type)
{
	struct rabbitmq_link *link = declaring->link;
	amqp_table_entry_t quorum = { amqp_cstring_bytes("x-queue-type"),
				      { .kind = AMQP_FIELD_KIND_UTF8,
					.value.bytes = amqp_cstring_bytes("quorum") } };
	amqp_table_t arguments = { type == RABBITMQ_QUORUM ? 1 : 0, &quorum };

	if (rabbitmq_aside(link, declaring->aside) != 0)
		return -1;
	amqp_queue_declare(link->connection, declaring->aside, queue, 0, 1, 0, 0, arguments);
	return conclude(declaring, "queue", queue);
}

static int
bind_queue(struct declaring *declaring, amqp_bytes_t queue, amqp_bytes_t exchange, amqp_bytes_t key)
{
	struct rabbitmq_link *link = declaring->link;

	if (rabbitmq_aside(link, declaring->aside) != 0)
		return -1;
	amqp_queue_bind(link->connection, declaring->aside, queue, exchange, key, amqp_empty_table);
	return conclude(declaring, "the binding of queue", queue);
}

static int
declare_interest(struct declaring *declaring, const struct dk_interest *interest)
{
	const struct rabbitmq_from *from = interest->options;
	amqp_bytes_t queue, exchange, key;

	if (!from->declare)
		return 0;
	declaring->route = interest->route;
	rabbitmq_split((struct dk_slice){ interest->filter, strlen(interest->filter) }, &exchange,
		       &key);
	queue = from->queue ? amqp_cstring_bytes(from->queue) : key;
	if (declare_queue(declaring, queue, from->queue_type) != 0 ||
	    declare_exchange(declaring, exchange) != 0)
		return -1;
	return exchange.len > 0 ? bind_queue(declaring, queue, exchange, key) : 0;
}

int
rabbitmq_declare_subscription(struct rabbitmq_link *link, amqp_channel_t aside,
			      const struct dk_subscription *subscription)
{
	struct declaring declaring = { link, aside, NULL, 0 };

	for (size_t i = 0; i < subscription->interest_count; i++)
		if (declare_interest(&declaring, subscription->interests[i]) != 0)
			return -1;
	return declaring.refused;
}

/* Only what is known before the first message: a name with a capture in it is not. */
int
rabbitmq_declare(struct rabbitmq_link *link, amqp_channel_t aside,
		 const struct rabbitmq_declaration *declaration)
{
	struct declaring declaring = { link, aside, declaration->route, 0 };
	amqp_bytes_t exchange, key;
	int result = 0;

	rabbitmq_split((struct dk_slice){ declaration->address, strlen(declaration->address) },
		       &exchange, &key);
	if (exchange.len == 0 && declaration->is_literal)
		result = declare_queue(&declaring, key, declaration->queue_type);
	else if (exchange.len > 0 && !memchr(exchange.bytes, '$', exchange.len))
		result = declare_exchange(&declaring, exchange);
	return result != 0 ? -1 : declaring.refused;
}
