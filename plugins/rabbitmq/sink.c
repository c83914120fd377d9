/* SPDX-License-Identifier: Apache-2.0
 *
 * sink.c - publishing in transactions: the loop hands deliveries over, the thread publishes a batch
 * and commits it, the loop settles what became of each.
 *
 * A commit whose answer is lost is unknown: the batch is released, and so sent again. A batch that
 * the broker refuses as a whole (an exchange is missing) is followed by transactions of one
 * message each, so that only those are refused again that are to blame.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/headers.h"
#include "plugins/rabbitmq/endpoint.h"

#define HEADERS_AT_HAND 32

static struct rabbitmq_publisher *
publisher_of(struct rabbitmq_link *link)
{
	return (struct rabbitmq_publisher *)(void *)link;
}

/* --- The thread: what became of deliveries --- */

static struct rabbitmq_result *
result_new(enum dk_outcome outcome, const char *reason)
{
	struct rabbitmq_result *result = calloc(1, sizeof(*result));

	if (!result)
		abort();
	result->outcome = outcome;
	snprintf(result->reason, sizeof(result->reason), "%s", reason);
	return result;
}

static void
lay_out(struct rabbitmq_publisher *publisher, struct rabbitmq_result *result)
{
	pthread_mutex_lock(&publisher->link.lock);
	*publisher->last_result = result;
	publisher->last_result = &result->next;
	rabbitmq_link_post(&publisher->link);
	pthread_mutex_unlock(&publisher->link.lock);
}

/* --- The thread: a transaction --- */

static int
begin_transactions(struct rabbitmq_link *link)
{
	amqp_tx_select(link->connection, RABBITMQ_CHANNEL);
	return rabbitmq_check(link, amqp_get_rpc_reply(link->connection), "tx.select");
}

static int
begin(struct rabbitmq_link *link)
{
	return rabbitmq_declare_targets(link) == 0 ? begin_transactions(link) : -1;
}

static void
take_inbox(struct rabbitmq_publisher *publisher)
{
	struct rabbitmq *endpoint = publisher->link.endpoint;

	pthread_mutex_lock(&publisher->link.lock);
	if (publisher->inbox) {
		if (!publisher->pending)
			publisher->pending_since_ms = endpoint->host->now_ms();
		*publisher->last_pending = publisher->inbox;
		publisher->last_pending = publisher->last_inbox;
		publisher->pending_count += publisher->inbox_count;
		publisher->inbox = NULL;
		publisher->last_inbox = &publisher->inbox;
		publisher->inbox_count = 0;
	}
	pthread_mutex_unlock(&publisher->link.lock);
}

/* Cuts the first so many off. */
static struct dk_delivery *
cut(struct rabbitmq_publisher *publisher, size_t count)
{
	struct dk_delivery *first = publisher->pending;
	struct dk_delivery *last = first;

	for (size_t i = 1; i < count; i++)
		last = last->next;
	publisher->pending = last->next;
	if (!publisher->pending)
		publisher->last_pending = &publisher->pending;
	last->next = NULL;
	publisher->pending_count -= count;
	publisher->pending_since_ms = publisher->link.endpoint->host->now_ms();
	return first;
}

static int
publish(struct rabbitmq_link *link, struct dk_delivery *delivery)
{
	amqp_table_entry_t at_hand[HEADERS_AT_HAND], *entries = at_hand;
	size_t count = dk_headers_count(delivery);
	amqp_basic_properties_t properties;
	amqp_bytes_t exchange, key;
	char numbers[32];
	int status;

	if (count > HEADERS_AT_HAND && !(entries = malloc(count * sizeof(*entries))))
		abort();
	rabbitmq_split(delivery->address, &exchange, &key);
	rabbitmq_properties_write(delivery, &properties, entries, numbers, sizeof(numbers));
	status = amqp_basic_publish(link->connection, RABBITMQ_CHANNEL, exchange, key, 1, 0,
				    &properties, rabbitmq_bytes(delivery->message->payload));
	if (entries != at_hand)
		free(entries);
	return status == AMQP_STATUS_OK ? 0 :
					  rabbitmq_fail(link, "publishing: %s",
							amqp_error_string2(status));
}

/* --- The thread: messages that come back, because no queue wants them --- */

/* Returns come in the order of publishing: the first one not returned yet that went that way. */
static void
take_return(struct rabbitmq_publisher *publisher, struct dk_delivery **batch,
	    const amqp_basic_return_t *returned)
{
	struct rabbitmq_result *result;
	char reason[256];

	for (struct dk_delivery **at = batch; *at; at = &(*at)->next) {
		struct dk_delivery *delivery = *at;
		amqp_bytes_t exchange, key;

		rabbitmq_split(delivery->address, &exchange, &key);
		if (exchange.len != returned->exchange.len || key.len != returned->routing_key.len ||
		    memcmp(exchange.bytes, returned->exchange.bytes, exchange.len) != 0 ||
		    memcmp(key.bytes, returned->routing_key.bytes, key.len) != 0)
			continue;
		snprintf(reason, sizeof(reason), "returned: %.*s: no queue is bound for %.*s",
			 (int)returned->reply_text.len, (char *)returned->reply_text.bytes,
			 (int)delivery->address.length, delivery->address.data);
		*at = delivery->next;
		delivery->next = NULL;
		result = result_new(DK_REJECTED, reason);
		result->deliveries = delivery;
		lay_out(publisher, result);
		return;
	}
}

/* What the broker has sent besides answers. batch NULL: none is under way. */
static int
read_frames(struct rabbitmq_publisher *publisher, struct dk_delivery **batch)
{
	struct rabbitmq_link *link = &publisher->link;
	const amqp_channel_close_t *closed;
	amqp_frame_t frame;
	int is_any;

	while ((is_any = rabbitmq_next_frame(link, &frame)) > 0) {
		if (frame.frame_type != AMQP_FRAME_METHOD)
			continue;
		closed = frame.payload.method.decoded;
		if (frame.payload.method.id == AMQP_BASIC_RETURN_METHOD && batch)
			take_return(publisher, batch, frame.payload.method.decoded);
		else if (frame.payload.method.id == AMQP_CHANNEL_CLOSE_METHOD)
			return rabbitmq_fail(link, "the broker closed the channel: %d %.*s",
					     closed->reply_code, (int)closed->reply_text.len,
					     (char *)closed->reply_text.bytes);
	}
	return is_any;
}

static void
lay_out_all(struct rabbitmq_publisher *publisher, struct dk_delivery *batch,
	    enum dk_outcome outcome, const char *reason)
{
	struct rabbitmq_result *result = result_new(outcome, reason);

	result->deliveries = batch;
	lay_out(publisher, result);
}

/* The broker has closed the channel, and with it the whole transaction. Another is opened. */
static int
go_on_after_refusal(struct rabbitmq_publisher *publisher, const amqp_method_t *refusal,
		    struct dk_delivery *batch, size_t count)
{
	struct rabbitmq_link *link = &publisher->link;
	const amqp_channel_close_t *closed = refusal->decoded;
	bool is_denied = closed->reply_code == AMQP_ACCESS_REFUSED;
	amqp_channel_close_ok_t well = { 0 };

	lay_out_all(publisher, batch, is_denied && count == 1 ? DK_DENIED : DK_RELEASED,
		    link->reason);
	publisher->caution = count > 1 ? 2 * count : publisher->caution;
	amqp_send_method(link->connection, RABBITMQ_CHANNEL, AMQP_CHANNEL_CLOSE_OK_METHOD, &well);
	amqp_channel_open(link->connection, RABBITMQ_CHANNEL);
	if (rabbitmq_check(link, amqp_get_rpc_reply(link->connection), "opening a channel") != 0)
		return -1;
	return begin_transactions(link);
}

static int
commit(struct rabbitmq_publisher *publisher, struct dk_delivery *batch, size_t count)
{
	struct rabbitmq_link *link = &publisher->link;
	amqp_rpc_reply_t reply;

	amqp_tx_commit(link->connection, RABBITMQ_CHANNEL);
	reply = amqp_get_rpc_reply(link->connection);
	if (rabbitmq_check(link, reply, "commit") != 0) {
		if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
		    reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
			return go_on_after_refusal(publisher, &reply.reply, batch, count);
		lay_out_all(publisher, batch, DK_RELEASED, link->reason);
		return -1;
	}
	if (publisher->caution > 0)
		publisher->caution--;
	/* Those that come back come before the answer; what does not come back is there. */
	if (read_frames(publisher, &batch) < 0) {
		lay_out_all(publisher, batch, DK_RELEASED, link->reason);
		return -1;
	}
	lay_out_all(publisher, batch, DK_ACCEPTED, "");
	return 0;
}

static int
transact(struct rabbitmq_publisher *publisher, size_t count)
{
	struct dk_delivery *batch = cut(publisher, count);

	for (struct dk_delivery *delivery = batch; delivery; delivery = delivery->next)
		if (publish(&publisher->link, delivery) != 0) {
			lay_out_all(publisher, batch, DK_RELEASED, publisher->link.reason);
			return -1;
		}
	return commit(publisher, batch, count);
}

static size_t
batch_size(const struct rabbitmq_publisher *publisher)
{
	return publisher->caution > 0 ? 1 : (size_t)publisher->link.endpoint->config->batch;
}

/* How long a batch that is not full may still wait. */
static int64_t
patience_ms(struct rabbitmq_link *link)
{
	const struct rabbitmq_publisher *publisher = publisher_of(link);
	const struct rabbitmq *endpoint = link->endpoint;
	int64_t left;

	if (publisher->pending_count == 0)
		return -1;
	left = publisher->pending_since_ms + endpoint->config->linger_ms -
	       endpoint->host->now_ms();
	return left > 0 ? left : 0;
}

static int
work(struct rabbitmq_link *link)
{
	struct rabbitmq_publisher *publisher = publisher_of(link);

	if (read_frames(publisher, NULL) < 0)
		return -1;
	take_inbox(publisher);
	while (publisher->pending_count >= batch_size(publisher) ||
	       (publisher->pending_count > 0 && patience_ms(link) == 0)) {
		size_t count = batch_size(publisher);

		if (count > publisher->pending_count)
			count = publisher->pending_count;
		if (transact(publisher, count) != 0)
			return -1;
		take_inbox(publisher);
	}
	return 0;
}

static void
end(struct rabbitmq_link *link)
{
	(void)link;
}

/* --- The loop --- */

static void
settle_all(struct rabbitmq *endpoint, struct rabbitmq_result *results)
{
	while (results) {
		struct rabbitmq_result *result = results;

		results = result->next;
		while (result->deliveries) {
			struct dk_delivery *delivery = result->deliveries;

			result->deliveries = delivery->next;
			endpoint->host->settle(delivery, result->outcome,
					       result->outcome == DK_ACCEPTED ? NULL :
										result->reason,
					       NULL);
		}
		free(result);
	}
}

static struct rabbitmq_result *
take_results(struct rabbitmq_publisher *publisher, bool *is_ended)
{
	struct rabbitmq_result *results;

	pthread_mutex_lock(&publisher->link.lock);
	publisher->link.is_posted = false;
	*is_ended = publisher->link.is_ended;
	results = publisher->results;
	publisher->results = NULL;
	publisher->last_result = &publisher->results;
	pthread_mutex_unlock(&publisher->link.lock);
	return results;
}

static void
hear(struct rabbitmq_link *link)
{
	bool is_ended;

	settle_all(link->endpoint, take_results(publisher_of(link), &is_ended));
	rabbitmq_hear_life(link, is_ended);
}

int
rabbitmq_prepare(void *argument, struct dk_target *target, struct dk_error *error)
{
	struct rabbitmq_publisher *publisher = &((struct rabbitmq *)argument)->publisher;

	(void)error;
	publisher->targets = realloc(publisher->targets, (publisher->target_count + 1) *
								 sizeof(*publisher->targets));
	if (!publisher->targets)
		abort();
	publisher->targets[publisher->target_count++] = target;
	return 0;
}

size_t
rabbitmq_send(void *argument, struct dk_delivery *const *deliveries, size_t count)
{
	struct rabbitmq_publisher *publisher = &((struct rabbitmq *)argument)->publisher;

	pthread_mutex_lock(&publisher->link.lock);
	for (size_t i = 0; i < count; i++) {
		deliveries[i]->next = NULL;
		*publisher->last_inbox = deliveries[i];
		publisher->last_inbox = &deliveries[i]->next;
	}
	publisher->inbox_count += count;
	rabbitmq_link_ring(&publisher->link);
	pthread_mutex_unlock(&publisher->link.lock);
	return count;
}

void
rabbitmq_publisher_init(struct rabbitmq *endpoint)
{
	struct rabbitmq_publisher *publisher = &endpoint->publisher;

	publisher->last_pending = &publisher->pending;
	publisher->last_inbox = &publisher->inbox;
	publisher->last_result = &publisher->results;
}

/* What the thread has not come to. */
void
rabbitmq_publisher_reset(struct rabbitmq *endpoint, const char *reason)
{
	struct rabbitmq_publisher *publisher = &endpoint->publisher;

	take_inbox(publisher);
	if (publisher->pending) {
		struct dk_delivery *batch = cut(publisher, publisher->pending_count);
		struct rabbitmq_result *result = result_new(DK_RELEASED, reason);

		result->deliveries = batch;
		settle_all(endpoint, result);
	}
	publisher->caution = 0;
}

const struct rabbitmq_role rabbitmq_publishing = {
	.name = "publisher",
	.begin = begin,
	.work = work,
	.patience_ms = patience_ms,
	.end = end,
	.hear = hear,
};
