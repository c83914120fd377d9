/* SPDX-License-Identifier: Apache-2.0
 *
 * tx.c - publishing in transactions: messages are published as they come, and committed when there
 * are enough of them, or when the first has waited long enough.
 *
 * A commit whose answer is lost is unknown: its messages are sent again.
 */
#include "plugins/rabbitmq/publisher.h"

static size_t
least(size_t one, size_t other)
{
	return one < other ? one : other;
}

/* More than the window holds never come together: a larger transaction would only wait. */
static size_t
batch_of(const struct rabbitmq_publisher *publisher)
{
	const struct rabbitmq_config *config = publisher->link.endpoint->config;

	return least(least((size_t)config->batch, (size_t)config->window),
		     rabbitmq_group(publisher));
}

static void
select_tx(struct rabbitmq_publisher *publisher)
{
	amqp_tx_select(publisher->link.connection, RABBITMQ_PUBLISHING);
}

static int64_t
linger_ends_ms(const struct rabbitmq_publisher *publisher)
{
	return publisher->opened_ms + publisher->link.endpoint->config->linger_ms;
}

/* When the answer to a commit is overdue. A broker that is blocked has all the time it wants. */
static int
watch_commit(struct rabbitmq_publisher *publisher)
{
	struct rabbitmq_link *link = &publisher->link;
	int64_t now = link->endpoint->host->now_ms();
	int64_t timeout = link->endpoint->config->rpc_timeout_ms;

	if (link->is_blocked)
		publisher->asked_ms = now;
	if (now - publisher->asked_ms <= timeout)
		return 0;
	return rabbitmq_fail(link, "commit: no answer in %lld s (rpc_timeout)",
			     (long long)timeout / 1000);
}

static int
commit(struct rabbitmq_publisher *publisher)
{
	struct rabbitmq_link *link = &publisher->link;
	amqp_tx_commit_t method = { 0 };
	int status = amqp_send_method(link->connection, RABBITMQ_PUBLISHING, AMQP_TX_COMMIT_METHOD,
				      &method);

	if (status != AMQP_STATUS_OK)
		return rabbitmq_fail(link, "commit: %s", amqp_error_string2(status));
	publisher->is_committing = true;
	publisher->asked_ms = link->endpoint->host->now_ms();
	return 0;
}

static int
step(struct rabbitmq_publisher *publisher)
{
	const struct rabbitmq *endpoint = publisher->link.endpoint;
	int may = 1;

	if (publisher->is_committing)
		return watch_commit(publisher);
	while (publisher->pending && publisher->round < batch_of(publisher)) {
		may = rabbitmq_may_publish(publisher);
		if (may <= 0)
			return may;
		if (publisher->pending && rabbitmq_publish_next(publisher) != 0)
			return -1;
	}
	if (publisher->round == 0 || publisher->link.is_blocked ||
	    (publisher->round < batch_of(publisher) &&
	     linger_ends_ms(publisher) > endpoint->host->now_ms()))
		return 0;
	return commit(publisher);
}

/* What came back has come before this; what has not come back is there. */
static int
take(struct rabbitmq_publisher *publisher, const amqp_method_t *method)
{
	if (method->id != AMQP_TX_COMMIT_OK_METHOD)
		return 0;
	for (uint64_t tag = publisher->first_tag; tag < publisher->next_tag; tag++) {
		struct dk_delivery *delivery = rabbitmq_land(publisher, tag);

		if (delivery)
			rabbitmq_accept(publisher, delivery);
	}
	publisher->is_committing = false;
	rabbitmq_round_over(publisher);
	return 0;
}

static size_t
wanted(const struct rabbitmq_publisher *publisher)
{
	if (publisher->is_committing)
		return SIZE_MAX;
	return publisher->round == 0 ? 1 : batch_of(publisher) - publisher->round;
}

static int64_t
due_ms(const struct rabbitmq_publisher *publisher)
{
	if (publisher->is_committing)
		return publisher->asked_ms + publisher->link.endpoint->config->rpc_timeout_ms + 1;
	return publisher->round > 0 ? linger_ends_ms(publisher) : INT64_MAX;
}

const struct rabbitmq_mode rabbitmq_tx = {
	.name = "tx.select",
	.select = select_tx,
	.step = step,
	.take = take,
	.wanted = wanted,
	.due_ms = due_ms,
};
