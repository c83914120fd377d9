/* SPDX-License-Identifier: Apache-2.0
 *
 * publisher.c - a publishing link's thread: what goes out, what comes in, and what is laid out for
 * the loop; tx.c and confirm.c say how it is made sure of.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/publisher.h"

#define LOOK_EVERY 16	      /* messages, or */
#define LARGE ((size_t)16384) /* a body of so many bytes */
#define FRAME_OVERHEAD 64     /* more than what a frame has around the properties */

static struct rabbitmq_publisher *
publisher_of(struct rabbitmq_link *link)
{
	return (struct rabbitmq_publisher *)(void *)link;
}

/* --- What became of deliveries --- */

void
rabbitmq_settle(struct rabbitmq_publisher *publisher, struct dk_delivery *delivery,
		enum dk_outcome outcome, const char *reason)
{
	struct rabbitmq_result *result = calloc(1, sizeof(*result));

	if (!result)
		abort();
	result->outcome = outcome;
	result->deliveries = delivery;
	delivery->next = NULL;
	snprintf(result->reason, sizeof(result->reason), "%s", reason);
	pthread_mutex_lock(&publisher->link.lock);
	*publisher->last_result = result;
	publisher->last_result = &result->next;
	rabbitmq_link_post(&publisher->link);
	pthread_mutex_unlock(&publisher->link.lock);
}

void
rabbitmq_accept(struct rabbitmq_publisher *publisher, struct dk_delivery *delivery)
{
	delivery->next = NULL;
	*publisher->last_accepted = delivery;
	publisher->last_accepted = &delivery->next;
	if (publisher->obstacle_count > 0) {
		amqp_bytes_t exchange, key;

		rabbitmq_split(delivery->address, &exchange, &key);
		rabbitmq_obstacle_passed(publisher, exchange, key);
	}
}

static void
lay_out_accepted(struct rabbitmq_publisher *publisher)
{
	if (!publisher->accepted)
		return;
	pthread_mutex_lock(&publisher->link.lock);
	*publisher->last_done = publisher->accepted;
	publisher->last_done = publisher->last_accepted;
	rabbitmq_link_post(&publisher->link);
	pthread_mutex_unlock(&publisher->link.lock);
	publisher->accepted = NULL;
	publisher->last_accepted = &publisher->accepted;
}

/* --- In flight --- */

static struct dk_delivery **
flight(struct rabbitmq_publisher *publisher, uint64_t tag)
{
	return &publisher->flights[tag % publisher->flight_room];
}

struct dk_delivery *
rabbitmq_land(struct rabbitmq_publisher *publisher, uint64_t tag)
{
	struct dk_delivery *delivery;

	if (tag < publisher->first_tag || tag >= publisher->next_tag)
		return NULL;
	delivery = *flight(publisher, tag);
	if (!delivery)
		return NULL;
	*flight(publisher, tag) = NULL;
	publisher->in_flight--;
	while (publisher->first_tag < publisher->next_tag &&
	       !*flight(publisher, publisher->first_tag))
		publisher->first_tag++;
	return delivery;
}

size_t
rabbitmq_group(const struct rabbitmq_publisher *publisher)
{
	if (publisher->suspects == 0)
		return SIZE_MAX;
	return publisher->suspects > 1 ? publisher->suspects / 2 : 1;
}

void
rabbitmq_round_over(struct rabbitmq_publisher *publisher)
{
	publisher->suspects -=
		publisher->round < publisher->suspects ? publisher->round : publisher->suspects;
	publisher->round = 0;
	publisher->alone_losses = 0;
}

/* --- Publishing --- */

static void
take_inbox(struct rabbitmq_publisher *publisher)
{
	pthread_mutex_lock(&publisher->link.lock);
	if (publisher->inbox) {
		*publisher->last_pending = publisher->inbox;
		publisher->last_pending = publisher->last_inbox;
		publisher->pending_count += publisher->inbox_count;
		publisher->inbox = NULL;
		publisher->last_inbox = &publisher->inbox;
		publisher->inbox_count = 0;
	}
	pthread_mutex_unlock(&publisher->link.lock);
}

static struct dk_delivery *
take_first(struct rabbitmq_publisher *publisher)
{
	struct dk_delivery *delivery = publisher->pending;

	publisher->pending = delivery->next;
	publisher->pending_count--;
	if (!publisher->pending)
		publisher->last_pending = &publisher->pending;
	return delivery;
}

/* Why it can never be published; NULL: it can. */
static const char *
fault_of(struct rabbitmq_publisher *publisher, const struct dk_delivery *delivery,
	 struct dk_error *error)
{
	const struct rabbitmq_to *to = delivery->target->options;
	size_t room = (size_t)amqp_get_frame_max(publisher->link.connection) - FRAME_OVERHEAD;

	return rabbitmq_content_write(&publisher->content, delivery,
				      to->delivery_mode == RABBITMQ_PERSISTENT, room, error) == 0
		       ? NULL
		       : error->text;
}

/* A write may hang while the broker reads nothing: the loop is to know since when. */
static void
note_writing(struct rabbitmq_publisher *publisher, int64_t since_ms)
{
	pthread_mutex_lock(&publisher->link.lock);
	publisher->writing_since_ms = since_ms;
	pthread_mutex_unlock(&publisher->link.lock);
}

static int
publish(struct rabbitmq_publisher *publisher, struct dk_delivery *delivery, amqp_bytes_t exchange,
	amqp_bytes_t key)
{
	struct rabbitmq_link *link = &publisher->link;
	bool is_large = delivery->message->payload.length >= LARGE;
	int status;

	if (publisher->in_flight == 0)
		publisher->opened_ms = link->endpoint->host->now_ms();
	*flight(publisher, publisher->next_tag++) = delivery;
	publisher->in_flight++;
	publisher->round++;
	publisher->since_look++;
	if (is_large) {
		publisher->since_look = LOOK_EVERY;
		note_writing(publisher, link->endpoint->host->now_ms());
	}
	status = amqp_basic_publish(link->connection, RABBITMQ_PUBLISHING, exchange, key, 1, 0,
				    &publisher->content.properties,
				    rabbitmq_bytes(delivery->message->payload));
	if (is_large)
		note_writing(publisher, 0);
	return status == AMQP_STATUS_OK
		       ? 0
		       : rabbitmq_fail(link, "publishing: %s", amqp_error_string2(status));
}

int
rabbitmq_publish_next(struct rabbitmq_publisher *publisher)
{
	struct dk_delivery *delivery = take_first(publisher);
	const struct rabbitmq_obstacle *obstacle;
	amqp_bytes_t exchange, key;
	struct dk_error error;
	const char *fault;

	rabbitmq_split(delivery->address, &exchange, &key);
	obstacle = publisher->obstacle_count > 0 ? rabbitmq_obstacle_of(publisher, exchange, key)
						 : NULL;
	if (obstacle) {
		rabbitmq_settle(publisher, delivery, obstacle->outcome, obstacle->reason);
		return 0;
	}
	fault = fault_of(publisher, delivery, &error);
	if (!fault)
		return publish(publisher, delivery, exchange, key);
	rabbitmq_settle(publisher, delivery, DK_REJECTED, fault);
	return 0;
}

/* --- What the broker says --- */

/* Those that `known` has are there. -1: the link is lost. */
static int
declare_all(struct rabbitmq_publisher *publisher, const struct rabbitmq_declarations *known)
{
	struct rabbitmq_link *link = &publisher->link;
	int all_refused = 0;

	for (size_t i = 0; publisher->declarations && i < publisher->declarations->count; i++) {
		const struct rabbitmq_declaration *declaration = &publisher->declarations->list[i];
		int refused = 0;

		if (!rabbitmq_declarations_have(known, declaration))
			refused = rabbitmq_declare(link, RABBITMQ_ASIDE, declaration);
		if (refused < 0)
			return -1;
		all_refused += refused;
	}
	if (!known && all_refused == 0)
		link->endpoint->host->trouble_over(link->endpoint->handle, "not-declared");
	return 0;
}

static struct rabbitmq_declarations *
take_news(struct rabbitmq_publisher *publisher)
{
	struct rabbitmq_declarations *news;

	pthread_mutex_lock(&publisher->link.lock);
	news = publisher->news;
	publisher->news = NULL;
	pthread_mutex_unlock(&publisher->link.lock);
	return news;
}

/* What a reload has brought while it is connected. A broker that reads nothing does not answer. */
static int
declare_news(struct rabbitmq_publisher *publisher)
{
	struct rabbitmq_declarations *known = publisher->declarations, *news;
	int result;

	if (publisher->link.is_blocked || !(news = take_news(publisher)))
		return 0;
	publisher->declarations = news;
	result = declare_all(publisher, known);
	rabbitmq_declarations_free(known);
	return result;
}

/* A fresh channel, in its mode. What was to be declared may be what is missing. */
static int
open_channel(struct rabbitmq_publisher *publisher)
{
	struct rabbitmq_link *link = &publisher->link;

	if (declare_all(publisher, NULL) != 0 ||
	    rabbitmq_channel_open(link, RABBITMQ_PUBLISHING) != 0)
		return -1;
	publisher->mode->select(publisher);
	return rabbitmq_answer(link, RABBITMQ_PUBLISHING, publisher->mode->name) == 0 ? 0 : -1;
}

/* All of the channel begins anew, with nothing in flight. */
static void
forget_channel(struct rabbitmq_publisher *publisher)
{
	rabbitmq_return_reset(publisher);
	publisher->first_tag = publisher->next_tag = 1;
	publisher->in_flight = publisher->round = 0;
	publisher->is_committing = false;
}

static int
take_close(struct rabbitmq_publisher *publisher, const amqp_method_t *method)
{
	const amqp_channel_close_t *closed = method->decoded;

	if (rabbitmq_refused(&publisher->link, RABBITMQ_PUBLISHING, method, "publishing") < 0)
		return -1;
	if (publisher->in_flight == 0)
		return -1; /* over nothing of ours: tried again at once, it would be as before */
	rabbitmq_blame(publisher, rabbitmq_slice(closed->reply_text));
	forget_channel(publisher);
	return open_channel(publisher);
}

static int
take_aside(struct rabbitmq_link *link, const amqp_frame_t *frame)
{
	if (frame->frame_type != AMQP_FRAME_METHOD ||
	    frame->payload.method.id != AMQP_CHANNEL_CLOSE_METHOD)
		return 0;
	link->aside = 0;
	return rabbitmq_refused(link, frame->channel, &frame->payload.method, "aside") < 0 ? -1 : 0;
}

static int
take_method(struct rabbitmq_publisher *publisher, const amqp_method_t *method)
{
	switch (method->id) {
	case AMQP_BASIC_RETURN_METHOD:
		rabbitmq_return_begin(publisher, method->decoded);
		return 0;
	case AMQP_CHANNEL_CLOSE_METHOD:
		return take_close(publisher, method);
	default:
		return publisher->mode->take(publisher, method);
	}
}

static int
take_frame(struct rabbitmq_publisher *publisher, const amqp_frame_t *frame)
{
	if (frame->channel != RABBITMQ_PUBLISHING)
		return take_aside(&publisher->link, frame);
	switch (frame->frame_type) {
	case AMQP_FRAME_METHOD:
		return take_method(publisher, &frame->payload.method);
	case AMQP_FRAME_HEADER:
		return rabbitmq_return_header(publisher, frame);
	case AMQP_FRAME_BODY:
		rabbitmq_return_body(publisher, frame->payload.body_fragment);
		return 0;
	default:
		return 0;
	}
}

static int
read_frames(struct rabbitmq_publisher *publisher)
{
	amqp_frame_t frame;
	int is_any;

	while ((is_any = rabbitmq_next_frame(&publisher->link, &frame)) > 0)
		if (take_frame(publisher, &frame) != 0)
			return -1;
	return is_any;
}

/* A broker that is short of memory says so and reads no more. A write would then wait for as long
 * as that takes, so the socket is looked at now and then. */
int
rabbitmq_may_publish(struct rabbitmq_publisher *publisher)
{
	struct rabbitmq_link *link = &publisher->link;
	struct pollfd fd = { amqp_get_sockfd(link->connection), POLLIN | POLLOUT, 0 };

	if (publisher->since_look < LOOK_EVERY)
		return !link->is_blocked;
	publisher->since_look = 0;
	poll(&fd, 1, 0);
	if (fd.revents & ~POLLOUT && read_frames(publisher) < 0)
		return -1;
	link->wants_room = !(fd.revents & POLLOUT);
	return !link->is_blocked && !link->wants_room;
}

/* --- The link's role --- */

static int
begin(struct rabbitmq_link *link)
{
	struct rabbitmq_publisher *publisher = publisher_of(link);
	struct rabbitmq_declarations *news = take_news(publisher);

	if (news) {
		rabbitmq_declarations_free(publisher->declarations);
		publisher->declarations = news;
	}
	forget_channel(publisher);
	return open_channel(publisher);
}

static int
work(struct rabbitmq_link *link)
{
	struct rabbitmq_publisher *publisher = publisher_of(link);

	link->wants_room = false;
	publisher->since_look = LOOK_EVERY;
	if (read_frames(publisher) < 0)
		return -1;
	take_inbox(publisher);
	if (declare_news(publisher) != 0 || publisher->mode->step(publisher) < 0)
		return -1;
	lay_out_accepted(publisher);
	return 0;
}

/* Also says how many deliveries are worth a ring: a thread that could not do anything with them is
 * not woken. */
static int64_t
patience_ms(struct rabbitmq_link *link)
{
	struct rabbitmq_publisher *publisher = publisher_of(link);
	size_t wanted = link->is_blocked ? SIZE_MAX : publisher->mode->wanted(publisher);
	int64_t due = publisher->mode->due_ms(publisher);
	int64_t left;
	bool has_enough;

	pthread_mutex_lock(&link->lock);
	publisher->wanted = wanted;
	has_enough = publisher->inbox_count >= wanted;
	pthread_mutex_unlock(&link->lock);
	if (has_enough)
		return 0;
	if (due == INT64_MAX || link->is_blocked || link->wants_room)
		return -1;
	left = due - link->endpoint->host->now_ms();
	return left > 0 ? left : 0;
}

static void
end(struct rabbitmq_link *link)
{
	lay_out_accepted(publisher_of(link));
}

const struct rabbitmq_role rabbitmq_publishing = {
	.name = "publisher",
	.begin = begin,
	.work = work,
	.patience_ms = patience_ms,
	.end = end,
	.hear = rabbitmq_publisher_hear,
};
