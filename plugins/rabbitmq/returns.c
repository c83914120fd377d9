/* SPDX-License-Identifier: Apache-2.0
 *
 * returns.c - messages that come back, because no queue wants them.
 *
 * A return bears no tag. The message itself comes with it, so it is known by its bytes: of two in
 * flight that are the same to the last byte, it does not matter which is taken for it. By its
 * address alone it must not be known: a queue may have been deleted between two messages, and the
 * one that is there would be taken for the one that is not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/publisher.h"

#define PROPERTIES_ROOM 131072 /* a frame's */

void
rabbitmq_return_reset(struct rabbitmq_publisher *publisher)
{
	struct rabbitmq_returned *returned = &publisher->returned;

	free(returned->properties.bytes);
	free(returned->body.bytes);
	returned->properties = returned->body = amqp_empty_bytes;
	returned->body_read = 0;
	returned->is_reading = false;
}

void
rabbitmq_return_begin(struct rabbitmq_publisher *publisher, const amqp_basic_return_t *method)
{
	struct rabbitmq_returned *returned = &publisher->returned;
	amqp_basic_deliver_t way = { .exchange = method->exchange,
				     .routing_key = method->routing_key };

	rabbitmq_return_reset(publisher);
	returned->is_reading = true;
	returned->code = method->reply_code;
	snprintf(returned->text, sizeof(returned->text), "%.*s", (int)method->reply_text.len,
		 (char *)method->reply_text.bytes);
	rabbitmq_envelope_fill(&returned->envelope, &way);
}

/* --- Which one it is --- */

static bool
went_that_way(const struct rabbitmq_envelope *envelope, const struct dk_delivery *delivery)
{
	amqp_bytes_t exchange, key;

	rabbitmq_split(delivery->address, &exchange, &key);
	return exchange.len == envelope->exchange_length && key.len == envelope->key_length &&
	       memcmp(exchange.bytes, envelope->exchange, exchange.len) == 0 &&
	       memcmp(key.bytes, envelope->key, key.len) == 0;
}

static bool
has_body(const struct rabbitmq_returned *returned, const struct dk_delivery *delivery)
{
	return rabbitmq_is_same(returned->body, rabbitmq_bytes(delivery->message->payload));
}

/* Written again, as it was for sending, and compared. */
static bool
has_properties(struct rabbitmq_publisher *publisher, const struct dk_delivery *delivery,
	       amqp_bytes_t room)
{
	const struct rabbitmq_to *to = delivery->target->options;
	struct dk_error error;
	int length;

	if (rabbitmq_content_write(&publisher->content, delivery,
				   to->delivery_mode == RABBITMQ_PERSISTENT, room.len, &error) != 0)
		return false;
	length = amqp_encode_properties(AMQP_BASIC_CLASS, &publisher->content.properties, room);
	return length >= 0 && (size_t)length == publisher->returned.properties.len &&
	       memcmp(room.bytes, publisher->returned.properties.bytes, (size_t)length) == 0;
}

/* The likeliest: 3 when it is surely that one or one that is the same. */
static int
likeness(struct rabbitmq_publisher *publisher, const struct dk_delivery *delivery,
	 amqp_bytes_t room)
{
	if (!went_that_way(&publisher->returned.envelope, delivery))
		return 0;
	if (!has_body(&publisher->returned, delivery))
		return 1;
	return has_properties(publisher, delivery, room) ? 3 : 2;
}

/* The tag, or 0. A broker that changes properties on the way (it may be set to) leaves the body. */
static uint64_t
find(struct rabbitmq_publisher *publisher)
{
	amqp_bytes_t room = { PROPERTIES_ROOM, malloc(PROPERTIES_ROOM) };
	uint64_t best = 0;
	int best_likeness = 0;

	if (!room.bytes)
		abort();
	for (uint64_t tag = publisher->first_tag; tag < publisher->next_tag && best_likeness < 3;
	     tag++) {
		struct dk_delivery *delivery = publisher->flights[tag % publisher->flight_room];
		int like = delivery ? likeness(publisher, delivery, room) : 0;

		if (like > best_likeness) {
			best = tag;
			best_likeness = like;
		}
	}
	free(room.bytes);
	return best;
}

/* --- What becomes of it --- */

static void
settle(struct rabbitmq_publisher *publisher, struct dk_delivery *delivery)
{
	const struct rabbitmq_returned *returned = &publisher->returned;
	const struct rabbitmq_to *to = delivery->target->options;
	amqp_bytes_t exchange, key;
	char reason[RABBITMQ_REASON];

	rabbitmq_split(delivery->address, &exchange, &key);
	snprintf(reason, sizeof(reason),
		 "returned by %s: %d %s: no queue is bound to exchange \"%.*s\" for \"%.*s\"",
		 publisher->link.host->name, returned->code, returned->text, (int)exchange.len,
		 (char *)exchange.bytes, (int)key.len, (char *)key.bytes);
	if (to->unroutable == RABBITMQ_RETRY) {
		char trouble[RABBITMQ_REASON + 200];

		snprintf(trouble, sizeof(trouble), "route %s: %s; its messages wait",
			 delivery->target->route, reason);
		rabbitmq_obstacle_put(publisher, DK_RELEASED, "unroutable", exchange, key, 0,
				      trouble);
	}
	rabbitmq_settle(publisher, delivery,
			to->unroutable == RABBITMQ_RETRY ? DK_RELEASED : DK_REJECTED, reason);
}

static void
conclude(struct rabbitmq_publisher *publisher)
{
	uint64_t tag = find(publisher);

	if (tag > 0)
		settle(publisher, rabbitmq_land(publisher, tag));
	rabbitmq_return_reset(publisher);
}

/* Whether anything so large was sent. */
static bool
may_be_ours(const struct rabbitmq_publisher *publisher, uint64_t size)
{
	for (uint64_t tag = publisher->first_tag; tag < publisher->next_tag; tag++) {
		const struct dk_delivery *delivery =
			publisher->flights[tag % publisher->flight_room];

		if (delivery && delivery->message->payload.length >= size)
			return true;
	}
	return false;
}

int
rabbitmq_return_header(struct rabbitmq_publisher *publisher, const amqp_frame_t *frame)
{
	struct rabbitmq_returned *returned = &publisher->returned;
	uint64_t size = frame->payload.properties.body_size;

	if (!returned->is_reading)
		return 0;
	if (!may_be_ours(publisher, size))
		return rabbitmq_fail(&publisher->link,
				     "the broker returned a message of %llu bytes; none that it "
				     "has not answered for is so large",
				     (unsigned long long)size);
	returned->properties = amqp_bytes_malloc_dup(frame->payload.properties.raw);
	returned->body = amqp_bytes_malloc((size_t)size);
	if (!returned->properties.bytes || (returned->body.len > 0 && !returned->body.bytes))
		abort();
	if (returned->body.len == 0)
		conclude(publisher);
	return 0;
}

void
rabbitmq_return_body(struct rabbitmq_publisher *publisher, amqp_bytes_t part)
{
	struct rabbitmq_returned *returned = &publisher->returned;

	if (!returned->is_reading || part.len > returned->body.len - returned->body_read)
		return;
	memcpy((char *)returned->body.bytes + returned->body_read, part.bytes, part.len);
	returned->body_read += part.len;
	if (returned->body_read == returned->body.len)
		conclude(publisher);
}
