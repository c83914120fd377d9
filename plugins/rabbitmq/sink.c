/* SPDX-License-Identifier: Apache-2.0
 *
 * sink.c - the loop's side of publishing: deliveries are handed to the thread, and settled when it
 * has laid out what became of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "plugins/rabbitmq/publisher.h"

#define STUCK_MS 4000

static const struct rabbitmq_mode *const modes[] = {
	[RABBITMQ_TX] = &rabbitmq_tx,
	[RABBITMQ_CONFIRM] = &rabbitmq_confirm,
};

/* --- Outcomes --- */

static void
settle_all(const struct dk_host *host, struct dk_delivery *deliveries, enum dk_outcome outcome,
	   const char *reason)
{
	while (deliveries) {
		struct dk_delivery *delivery = deliveries;

		deliveries = delivery->next;
		host->settle(delivery, outcome, outcome == DK_ACCEPTED ? NULL : reason, NULL);
	}
}

static void
settle_results(const struct dk_host *host, struct rabbitmq_result *results)
{
	while (results) {
		struct rabbitmq_result *result = results;

		results = result->next;
		settle_all(host, result->deliveries, result->outcome, result->reason);
		free(result);
	}
}

static void
settle_laid_out(struct rabbitmq_publisher *publisher, bool *is_ended)
{
	const struct dk_host *host = publisher->link.endpoint->host;
	struct rabbitmq_result *results;
	struct dk_delivery *done;

	pthread_mutex_lock(&publisher->link.lock);
	publisher->link.is_posted = false;
	*is_ended = publisher->link.is_ended;
	results = publisher->results;
	done = publisher->done;
	publisher->results = NULL;
	publisher->last_result = &publisher->results;
	publisher->done = NULL;
	publisher->last_done = &publisher->done;
	pthread_mutex_unlock(&publisher->link.lock);
	settle_all(host, done, DK_ACCEPTED, NULL);
	settle_results(host, results);
}

void
rabbitmq_publisher_hear(struct rabbitmq_link *link)
{
	bool is_ended;

	settle_laid_out((struct rabbitmq_publisher *)(void *)link, &is_ended);
	rabbitmq_hear_life(link, is_ended);
}

/* --- A write that hangs --- */

static void
tell_stuck(struct rabbitmq_publisher *publisher, bool is_stuck)
{
	const struct rabbitmq_link *link = &publisher->link;
	const struct rabbitmq *endpoint = link->endpoint;
	char reason[RABBITMQ_REASON];

	if (is_stuck) {
		snprintf(
			reason, sizeof(reason),
			"%s has not read a message that is being written to it for more than %d s; "
			"is it short of memory or disk (rabbitmq-diagnostics alarms)? writing "
			"goes on when it reads again",
			link->host->name, STUCK_MS / 1000);
		endpoint->host->trouble(endpoint->handle, "stuck", reason);
	} else if (publisher->is_stuck) {
		endpoint->host->trouble_over(endpoint->handle, "stuck");
	}
	publisher->is_stuck = is_stuck;
}

/* Looks again as long as there is anything to look at. */
static void
look_at_writing(void *argument)
{
	struct rabbitmq_publisher *publisher = argument;
	const struct dk_host *host = publisher->link.endpoint->host;
	int64_t since;

	pthread_mutex_lock(&publisher->link.lock);
	since = publisher->writing_since_ms;
	pthread_mutex_unlock(&publisher->link.lock);
	tell_stuck(publisher, since > 0 && host->now_ms() - since >= STUCK_MS);
	publisher->is_watching = since > 0;
	if (publisher->is_watching)
		host->timer_set(publisher->watch, STUCK_MS / 4);
}

static void
watch_writing(struct rabbitmq_publisher *publisher)
{
	if (publisher->is_watching)
		return;
	publisher->is_watching = true;
	publisher->link.endpoint->host->timer_set(publisher->watch, STUCK_MS);
}

/* --- The core's calls --- */

void
rabbitmq_aim(void *argument, const struct dk_target *const *targets, size_t count)
{
	struct rabbitmq_publisher *publisher = ((struct rabbitmq *)argument)->publisher;
	struct rabbitmq_declarations *news = rabbitmq_declarations_new(targets, count), *unseen;

	publisher->is_wanted = true;
	pthread_mutex_lock(&publisher->link.lock);
	unseen = publisher->news;
	publisher->news = news;
	rabbitmq_link_ring(&publisher->link);
	pthread_mutex_unlock(&publisher->link.lock);
	rabbitmq_declarations_free(unseen);
}

size_t
rabbitmq_send(void *argument, struct dk_delivery *const *deliveries, size_t count)
{
	struct rabbitmq_publisher *publisher = ((struct rabbitmq *)argument)->publisher;

	pthread_mutex_lock(&publisher->link.lock);
	for (size_t i = 0; i < count; i++) {
		deliveries[i]->next = NULL;
		*publisher->last_inbox = deliveries[i];
		publisher->last_inbox = &deliveries[i]->next;
	}
	publisher->inbox_count += count;
	if (publisher->inbox_count >= publisher->wanted)
		rabbitmq_link_ring(&publisher->link);
	pthread_mutex_unlock(&publisher->link.lock);
	watch_writing(publisher);
	return count;
}

/* --- Its life --- */

static void
empty_lists(struct rabbitmq_publisher *publisher)
{
	publisher->pending = publisher->inbox = publisher->accepted = NULL;
	publisher->last_pending = &publisher->pending;
	publisher->last_inbox = &publisher->inbox;
	publisher->last_accepted = &publisher->accepted;
	publisher->pending_count = publisher->inbox_count = 0;
	publisher->wanted = 1;
	publisher->writing_since_ms = 0;
	publisher->first_tag = publisher->next_tag = 1;
	publisher->in_flight = publisher->round = 0;
	publisher->is_committing = false;
}

/* The ring holds all that may be unsettled, and gaps as large again. */
struct rabbitmq_link *
rabbitmq_publisher_new(struct rabbitmq *endpoint)
{
	struct rabbitmq_publisher *publisher = calloc(1, sizeof(*publisher));

	if (!publisher)
		abort();
	publisher->flight_room = 2 * (size_t)endpoint->config->window;
	publisher->flights = calloc(publisher->flight_room, sizeof(struct dk_delivery *));
	if (!publisher->flights)
		abort();
	publisher->mode = modes[endpoint->config->publish];
	publisher->last_result = &publisher->results;
	publisher->last_done = &publisher->done;
	empty_lists(publisher);
	publisher->watch = endpoint->host->timer_new(endpoint->handle, look_at_writing, publisher);
	rabbitmq_link_init(&publisher->link, endpoint, &rabbitmq_publishing);
	endpoint->publisher = publisher;
	return &publisher->link;
}

void
rabbitmq_publisher_free(struct rabbitmq_publisher *publisher)
{
	publisher->link.endpoint->host->timer_free(publisher->watch);
	rabbitmq_link_free(&publisher->link);
	rabbitmq_return_reset(publisher);
	rabbitmq_content_free(&publisher->content);
	rabbitmq_obstacles_free(publisher);
	free(publisher->flights);
	rabbitmq_declarations_free(publisher->declarations);
	rabbitmq_declarations_free(publisher->news);
	free(publisher);
}

bool
rabbitmq_publisher_is_wanted(const struct rabbitmq_publisher *publisher)
{
	return publisher->is_wanted;
}

/* What was in flight is not known to be there: it is sent again, but for a message that takes the
 * connection down each time. */
void
rabbitmq_publisher_reset(struct rabbitmq_publisher *publisher, const char *reason)
{
	const struct dk_host *host = publisher->link.endpoint->host;
	bool is_ended;

	settle_laid_out(publisher, &is_ended);
	settle_all(host, publisher->accepted, DK_ACCEPTED, NULL);
	settle_all(host, rabbitmq_blame_for_loss(publisher), DK_REJECTED, reason);
	for (uint64_t tag = publisher->first_tag; tag < publisher->next_tag; tag++) {
		struct dk_delivery *delivery = rabbitmq_land(publisher, tag);

		if (delivery)
			host->settle(delivery, DK_RELEASED, reason, NULL);
	}
	settle_all(host, publisher->pending, DK_RELEASED, reason);
	settle_all(host, publisher->inbox, DK_RELEASED, reason);
	rabbitmq_return_reset(publisher);
	empty_lists(publisher);
}
