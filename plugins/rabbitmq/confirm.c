/* SPDX-License-Identifier: Apache-2.0
 *
 * confirm.c - publishing with confirms: messages are published as they come, and the broker answers
 * for each, or for all up to one.
 */
#include "plugins/rabbitmq/publisher.h"

static void
select_confirm(struct rabbitmq_publisher *publisher)
{
	amqp_confirm_select(publisher->link.connection, RABBITMQ_PUBLISHING);
}

static bool
has_room(const struct rabbitmq_publisher *publisher)
{
	return publisher->next_tag - publisher->first_tag < publisher->flight_room &&
	       (publisher->suspects == 0 || publisher->round < rabbitmq_group(publisher));
}

static int
step(struct rabbitmq_publisher *publisher)
{
	while (publisher->pending && has_room(publisher)) {
		int may = rabbitmq_may_publish(publisher);

		if (may <= 0)
			return may;
		/* Frames may have been read, and a channel lost. */
		if (publisher->pending && has_room(publisher) &&
		    rabbitmq_publish_next(publisher) != 0)
			return -1;
	}
	return 0;
}

static void
take_one(struct rabbitmq_publisher *publisher, uint64_t tag, bool is_taken)
{
	struct dk_delivery *delivery = rabbitmq_land(publisher, tag);

	if (!delivery)
		return; /* it came back, and is settled */
	if (is_taken)
		rabbitmq_accept(publisher, delivery);
	else
		rabbitmq_not_taken(publisher, delivery, "basic.nack");
}

static void
take_answer(struct rabbitmq_publisher *publisher, uint64_t tag, bool is_multiple, bool is_taken)
{
	uint64_t last = tag == 0 ? publisher->next_tag - 1 : tag;

	if (last >= publisher->next_tag)
		return; /* a broker that answers for what it was not sent */
	for (uint64_t i = is_multiple ? publisher->first_tag : last; i <= last; i++)
		take_one(publisher, i, is_taken);
	if (publisher->in_flight == 0)
		rabbitmq_round_over(publisher);
}

static int
take(struct rabbitmq_publisher *publisher, const amqp_method_t *method)
{
	if (method->id == AMQP_BASIC_ACK_METHOD) {
		const amqp_basic_ack_t *ack = method->decoded;

		take_answer(publisher, ack->delivery_tag, ack->multiple, true);
	} else if (method->id == AMQP_BASIC_NACK_METHOD) {
		const amqp_basic_nack_t *nack = method->decoded;

		take_answer(publisher, nack->delivery_tag, nack->multiple, false);
	}
	return 0;
}

static size_t
wanted(const struct rabbitmq_publisher *publisher)
{
	return has_room(publisher) ? 1 : SIZE_MAX;
}

static int64_t
due_ms(const struct rabbitmq_publisher *publisher)
{
	(void)publisher;
	return INT64_MAX;
}

const struct rabbitmq_mode rabbitmq_confirm = {
	.name = "confirm.select",
	.select = select_confirm,
	.step = step,
	.take = take,
	.wanted = wanted,
	.due_ms = due_ms,
};
