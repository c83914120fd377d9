/* SPDX-License-Identifier: Apache-2.0
 *
 * source.c - the source half: a consumer, whose partitions are streams.
 *
 * Each partition has its queue, which the library would forward into one and we do not let it: so a
 * partition is paused by leaving its queue alone, and nothing that was fetched is thrown away.
 *
 * A partition that is taken from us is first left time to be settled, so that whoever gets it does
 * not repeat what we have on its way.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/kafka/consumer.h"

#define REVOKE_MS 3000 /* how long a revoked partition may be settled */

/* --- Partitions ---------------------------------------------------------------------------- */

/* It is drained when the core wants more, we are not stopping, and it is not about to go. */
static void
direct(struct kafka_partition *partition)
{
	const struct kafka_consumer *consumer = partition->consumer;

	if (partition->is_held || consumer->is_stopped || consumer->is_revoking)
		kafka_queue_pause(&partition->queue);
	else if (partition->queue.is_paused)
		kafka_queue_resume(&partition->queue);
}

static void
direct_all(struct kafka_consumer *consumer)
{
	for (struct kafka_partition *at = consumer->partitions; at; at = at->next)
		direct(at);
}

static void
open_partition(struct kafka_consumer *consumer, const rd_kafka_topic_partition_t *place)
{
	struct kafka_instance *instance = &consumer->instance;
	struct kafka_partition *partition = calloc(1, sizeof(*partition));
	rd_kafka_queue_t *queue =
		rd_kafka_queue_get_partition(instance->client, place->topic, place->partition);
	char name[300];

	if (!partition || !queue || !(partition->topic = strdup(place->topic)))
		abort();
	snprintf(name, sizeof(name), "%s/%" PRId32, place->topic, place->partition);
	partition->consumer = consumer;
	partition->topic_length = strlen(place->topic);
	partition->number = place->partition;
	partition->received = partition->settled = -1;
	partition->next = consumer->partitions;
	consumer->partitions = partition;
	partition->stream =
		consumer->host->stream_open(instance->endpoint->handle, name, partition);
	rd_kafka_queue_forward(queue, NULL);
	partition->queue.is_paused = consumer->is_stopped;
	kafka_queue_begin(&partition->queue, instance, queue, kafka_record_take);
}

static void
close_partitions(struct kafka_consumer *consumer)
{
	struct kafka_partition *partition;

	while ((partition = consumer->partitions)) {
		consumer->partitions = partition->next;
		consumer->host->stream_close(partition->stream);
		kafka_queue_end(&partition->queue);
		free(partition->topic);
		free(partition);
	}
}

/* --- Assignments --------------------------------------------------------------------------- */

/* The library commits what was stored, then lets the group go on. */
static void
give_up_partitions(struct kafka_consumer *consumer)
{
	consumer->is_revoking = false;
	consumer->host->timer_set(consumer->revoking, -1);
	close_partitions(consumer);
	rd_kafka_assign(consumer->instance.client, NULL);
	kafka_instance_look(&consumer->instance);
}

static bool
is_all_settled(const struct kafka_consumer *consumer)
{
	for (const struct kafka_partition *at = consumer->partitions; at; at = at->next)
		if (at->settled < at->received)
			return false;
	return true;
}

static void
revoke(struct kafka_consumer *consumer)
{
	consumer->is_revoking = true;
	direct_all(consumer);
	if (is_all_settled(consumer) || consumer->instance.life != KAFKA_RUNNING ||
	    rd_kafka_assignment_lost(consumer->instance.client))
		give_up_partitions(consumer);
	else
		consumer->host->timer_set(consumer->revoking, REVOKE_MS);
}

static void
lose_patience(void *argument)
{
	give_up_partitions(argument);
}

static void
assign(struct kafka_consumer *consumer, const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; i < list->cnt; i++)
		open_partition(consumer, &list->elems[i]);
	rd_kafka_assign(consumer->instance.client, list);
	kafka_instance_heal(&consumer->instance);
}

static void
say_commit(struct kafka_consumer *consumer, rd_kafka_event_t *event)
{
	struct dk_endpoint *handle = consumer->instance.endpoint->handle;
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);

	if (code == RD_KAFKA_RESP_ERR__NO_OFFSET)
		return;
	if (code)
		consumer->host->trouble(handle, "not-committed", rd_kafka_err2str(code));
	else
		consumer->host->trouble_over(handle, "not-committed");
}

static void
take(struct kafka_queue *queue, rd_kafka_event_t *event)
{
	struct kafka_consumer *consumer = (void *)queue->instance;
	rd_kafka_event_type_t type = rd_kafka_event_type(event);

	if (type == RD_KAFKA_EVENT_REBALANCE &&
	    rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS &&
	    consumer->instance.life == KAFKA_RUNNING)
		assign(consumer, rd_kafka_event_topic_partition_list(event));
	else if (type == RD_KAFKA_EVENT_REBALANCE)
		revoke(consumer);
	else if (type == RD_KAFKA_EVENT_OFFSET_COMMIT)
		say_commit(consumer, event);
	rd_kafka_event_destroy(event);
}

/* --- Life ---------------------------------------------------------------------------------- */

static void
begin(struct kafka_instance *instance)
{
	struct kafka_consumer *consumer = (void *)instance;
	const struct dk_subscription *subscription = consumer->subscription;
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)subscription->interest_count);
	rd_kafka_resp_err_t code;

	for (size_t i = 0; i < subscription->interest_count; i++) {
		const char *filter = subscription->interests[i]->filter;

		if (!rd_kafka_topic_partition_list_find(list, filter, RD_KAFKA_PARTITION_UA))
			rd_kafka_topic_partition_list_add(list, filter, RD_KAFKA_PARTITION_UA);
	}
	code = rd_kafka_subscribe(instance->client, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (code)
		kafka_life_fall(instance->endpoint, rd_kafka_err2str(code));
}

static void
leave(struct kafka_instance *instance)
{
	struct kafka_consumer *consumer = (void *)instance;

	if (consumer->is_revoking)
		give_up_partitions(consumer);
	consumer->is_stopped = true;
	direct_all(consumer);
	rd_kafka_error_destroy(
		rd_kafka_consumer_close_queue(instance->client, instance->events.queue));
}

/* Late, it is destroyed without leaving its group, which then finds out by itself. What is lent
 * is waited for in any case: it is the library's memory. */
static bool
has_left(struct kafka_instance *instance, bool is_late)
{
	struct kafka_consumer *consumer = (void *)instance;

	if (!rd_kafka_consumer_closed(instance->client) && !is_late)
		return false;
	if (is_late) {
		instance->destroy_flags = RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE;
		close_partitions(consumer);
	}
	return consumer->lent == 0;
}

static void
end(struct kafka_instance *instance)
{
	struct kafka_consumer *consumer = (void *)instance;

	close_partitions(consumer);
	consumer->host->timer_set(consumer->revoking, -1);
	consumer->is_revoking = false;
	consumer->is_stopped = false;
}

static const struct kafka_role role = {
	.type = RD_KAFKA_CONSUMER,
	.begin = begin,
	.take = take,
	.leave = leave,
	.has_left = has_left,
	.end = end,
};

/* --- What the core calls ------------------------------------------------------------------- */

static int
check(const void *values, const struct dk_interest *interest, struct dk_error *error)
{
	const struct kafka_config *config = values;

	(void)interest;
	if (config->group_id)
		return 0;
	snprintf(error->text, sizeof(error->text),
		 "to read from Kafka its endpoint needs a group_id");
	return -1;
}

static int
name_subscriptions(const void *values, struct dk_interest *interests, size_t count,
		   struct dk_error *error)
{
	const struct kafka_config *config = values;

	(void)error;
	for (size_t i = 0; i < count; i++)
		if (!(interests[i].subscription = strdup(config->group_id)))
			abort();
	return 0;
}

static void
subscribe(void *argument, struct dk_subscription *const *subscriptions, size_t count)
{
	struct kafka_endpoint *endpoint = argument;
	struct kafka_consumer *consumer;

	if (count == 0)
		return;
	consumer = calloc(1, sizeof(*consumer));
	if (!consumer)
		abort();
	endpoint->consumer = consumer;
	consumer->host = endpoint->host;
	consumer->subscription = subscriptions[0];
	consumer->revoking =
		endpoint->host->timer_new(endpoint->handle, lose_patience, consumer);
	kafka_instance_init(&consumer->instance, endpoint, &role);
}

void
kafka_source_free(struct kafka_consumer *consumer)
{
	if (!consumer)
		return;
	consumer->host->timer_free(consumer->revoking);
	kafka_instance_free(&consumer->instance);
	kafka_record_end(consumer);
	free(consumer);
}

static void
hold(void *argument, struct dk_stream *stream)
{
	struct kafka_partition *partition = stream->plugin;

	(void)argument;
	partition->is_held = true;
	direct(partition);
}

static void
go_on(void *argument, struct dk_stream *stream)
{
	struct kafka_partition *partition = stream->plugin;

	(void)argument;
	partition->is_held = false;
	direct(partition);
}

/* What is stored is committed by the library, once in auto.commit.interval.ms. */
static void
settled(void *argument, const struct dk_settlement *settlements, size_t count)
{
	struct kafka_consumer *consumer = ((struct kafka_endpoint *)argument)->consumer;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);

	for (size_t i = 0; i < count; i++) {
		struct kafka_partition *partition = settlements[i].stream->plugin;

		partition->settled = settlements[i].position;
		rd_kafka_topic_partition_list_add(list, partition->topic, partition->number)
			->offset = partition->settled + 1;
	}
	rd_kafka_offsets_store(consumer->instance.client, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (consumer->is_revoking && is_all_settled(consumer))
		give_up_partitions(consumer);
}

static void
stop(void *argument)
{
	struct kafka_consumer *consumer = ((struct kafka_endpoint *)argument)->consumer;

	consumer->is_stopped = true;
	direct_all(consumer);
}

const struct dk_source_functions kafka_source = {
	.waiting = DK_HOLDS,
	.settling = DK_SETTLES_PREFIX,
	.check = check,
	.name_subscriptions = name_subscriptions,
	.subscribe = subscribe,
	.pause = hold,
	.resume = go_on,
	.settled = settled,
	.stop = stop,
};
