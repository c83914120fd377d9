/* SPDX-License-Identifier: Apache-2.0
 *
 * blame.c - the broker has closed the channel, or the connection, over something that was in
 * flight: over what?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/publisher.h"

#define OBSTACLE_MS 1000	/* so long an exchange is left alone */
#define ALONE_LOSSES_BELIEVED 3 /* a connection may be lost by chance, and again */

/* --- Whose fault --- */

/* Does the broker's text name this exchange? `access to exchange 'x' in vhost '/'`, and where the
 * routing key is what is not allowed: `access to topic 'k' in exchange 'x' in vhost '/'`. */
static bool
is_named(struct dk_slice text, amqp_bytes_t exchange, amqp_bytes_t key, bool is_key)
{
	char words[2 * RABBITMQ_SHORT + 64];
	int length = is_key ? snprintf(words, sizeof(words), "topic '%.*s' in ", (int)key.len,
				       (char *)key.bytes)
			    : 0;

	snprintf(words + length, sizeof(words) - (size_t)length, "exchange '%.*s' in vhost",
		 exchange.len > 0 ? (int)exchange.len : 11,
		 exchange.len > 0 ? (char *)exchange.bytes : "amq.default");
	return memmem(text.data, text.length, words, strlen(words)) != NULL;
}

static bool
speaks_of_topic(struct dk_slice text)
{
	return memmem(text.data, text.length, "topic '", 7) != NULL;
}

/* What one message's refusal means for it, where it is not its way's. "partial tx completion" is
 * what a full queue makes of a transaction. */
static enum dk_outcome
outcome_of(int code, struct dk_slice text)
{
	switch (code) {
	case AMQP_RESOURCE_LOCKED:
	case AMQP_RESOURCE_ERROR:
		return DK_RELEASED;
	case AMQP_PRECONDITION_FAILED:
		return memmem(text.data, text.length, "partial tx", 10) ? DK_RELEASED : DK_REJECTED;
	default:
		return DK_REJECTED;
	}
}

/* --- What becomes of those that were in flight --- */

/* All of them, in order. */
static struct dk_delivery *
land_all(struct rabbitmq_publisher *publisher, size_t *count)
{
	struct dk_delivery *first = NULL, **last = &first;
	uint64_t end = publisher->next_tag;

	*count = 0;
	for (uint64_t tag = publisher->first_tag; tag < end; tag++) {
		struct dk_delivery *delivery = rabbitmq_land(publisher, tag);

		if (!delivery)
			continue;
		*last = delivery;
		last = &delivery->next;
		++*count;
	}
	*last = NULL;
	return first;
}

static void
put_back(struct rabbitmq_publisher *publisher, struct dk_delivery *deliveries, size_t count)
{
	struct dk_delivery *last = deliveries;

	if (!deliveries)
		return;
	while (last->next)
		last = last->next;
	last->next = publisher->pending;
	if (!publisher->pending)
		publisher->last_pending = &last->next;
	publisher->pending = deliveries;
	publisher->pending_count += count;
}

/* For the administrator: who, where, why, what to do. */
static void
describe(const struct rabbitmq_publisher *publisher, const struct dk_delivery *delivery,
	 amqp_bytes_t exchange, char *out, size_t room)
{
	const struct rabbitmq_link *link = &publisher->link;
	const char *user = link->endpoint->config->username ? link->endpoint->config->username
							    : link->host->info.user;

	if (link->code == AMQP_ACCESS_REFUSED)
		snprintf(out, room,
			 "route %s: user %s may not publish to exchange %.*s of %s: %s; grant it "
			 "the write permission (rabbitmqctl set_permissions)",
			 delivery->target->route, user, (int)exchange.len, (char *)exchange.bytes,
			 link->host->name, link->reason);
	else
		snprintf(out, room,
			 "route %s: exchange %.*s of %s is not there: %s; its messages wait; make "
			 "it, or set declare = true",
			 delivery->target->route, (int)exchange.len, (char *)exchange.bytes,
			 link->host->name, link->reason);
}

static void
put_obstacle(struct rabbitmq_publisher *publisher, const struct dk_delivery *delivery, bool is_key)
{
	bool is_denied = publisher->link.code == AMQP_ACCESS_REFUSED;
	amqp_bytes_t exchange, key;
	char reason[RABBITMQ_REASON];

	rabbitmq_split(delivery->address, &exchange, &key);
	describe(publisher, delivery, exchange, reason, sizeof(reason));
	rabbitmq_obstacle_put(publisher, is_denied ? DK_DENIED : DK_RELEASED,
			      is_denied ? NULL : "exchange-missing", exchange,
			      is_key ? key : (amqp_bytes_t){ 0, NULL }, OBSTACLE_MS, reason);
}

/* The first of these whose way the broker's text names. */
static const struct dk_delivery *
find_named(const struct dk_delivery *deliveries, struct dk_slice text)
{
	bool is_key = speaks_of_topic(text);

	for (; deliveries; deliveries = deliveries->next) {
		amqp_bytes_t exchange, key;

		rabbitmq_split(deliveries->address, &exchange, &key);
		if (is_named(text, exchange, key, is_key))
			return deliveries;
	}
	return NULL;
}

/* Those behind it on its way are not tried before it: they would overtake it. */
void
rabbitmq_not_taken(struct rabbitmq_publisher *publisher, struct dk_delivery *delivery,
		   const char *why)
{
	const struct rabbitmq_link *link = &publisher->link;
	amqp_bytes_t exchange, key;
	char reason[RABBITMQ_REASON];

	rabbitmq_split(delivery->address, &exchange, &key);
	snprintf(reason, sizeof(reason),
		 "route %s: %s did not take a message to exchange \"%.*s\" for \"%.*s\" (%s): a "
		 "queue is full, or could not write; its messages wait",
		 delivery->target->route, link->host->name, (int)exchange.len,
		 (char *)exchange.bytes, (int)key.len, (char *)key.bytes, why);
	rabbitmq_obstacle_put(publisher, DK_RELEASED, "not-taken", exchange, key, OBSTACLE_MS,
			      reason);
	rabbitmq_settle(publisher, delivery, DK_RELEASED, reason);
}

/* One message, alone: it was its own, or its way's. */
static void
blame_one(struct rabbitmq_publisher *publisher, struct dk_delivery *delivery, struct dk_slice text)
{
	enum dk_outcome outcome = outcome_of(publisher->link.code, text);
	char reason[RABBITMQ_REASON];

	publisher->suspects = 0;
	if (outcome == DK_RELEASED) {
		rabbitmq_not_taken(publisher, delivery, publisher->link.reason);
		return;
	}
	snprintf(reason, sizeof(reason), "the broker refused it: %s", publisher->link.reason);
	rabbitmq_settle(publisher, delivery, outcome, reason);
}

void
rabbitmq_blame(struct rabbitmq_publisher *publisher, struct dk_slice text)
{
	int code = publisher->link.code;
	bool is_way = code == AMQP_NOT_FOUND || code == AMQP_ACCESS_REFUSED;
	const struct dk_delivery *named;
	struct dk_delivery *deliveries;
	size_t count;

	deliveries = land_all(publisher, &count);
	if (count == 0)
		return;
	named = is_way ? find_named(deliveries, text) : NULL;
	if (!named && is_way && count == 1)
		named = deliveries;
	if (named)
		put_obstacle(publisher, named, speaks_of_topic(text));
	if (count == 1 && !named) {
		blame_one(publisher, deliveries, text);
		return;
	}
	if (!named)
		publisher->suspects = count;
	/* Those before which there is an obstacle now are settled when it is their turn again. */
	put_back(publisher, deliveries, count);
}

/* Errors of the connection that a message may have caused; 320 is a broker that goes away. */
struct dk_delivery *
rabbitmq_blame_for_loss(struct rabbitmq_publisher *publisher)
{
	size_t count = publisher->in_flight;

	if (publisher->link.code < AMQP_FRAME_ERROR || publisher->link.code == AMQP_NOT_ALLOWED ||
	    count == 0)
		return NULL;
	publisher->suspects = count;
	publisher->alone_losses = count == 1 ? publisher->alone_losses + 1 : 0;
	if (publisher->alone_losses < ALONE_LOSSES_BELIEVED)
		return NULL;
	publisher->alone_losses = 0;
	publisher->suspects = 0;
	return land_all(publisher, &count);
}
