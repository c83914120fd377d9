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
void
kafka_partition_direct(struct kafka_partition *partition)
{
	const struct kafka_consumer *consumer = partition->consumer;

	if (partition->is_held || partition->is_gone || consumer->is_stopped ||
	    consumer->is_revoking)
		kafka_queue_pause(&partition->queue);
	else if (partition->queue.is_paused)
		kafka_queue_resume(&partition->queue);
}

static void
direct_all(struct kafka_consumer *consumer)
{
	for (struct kafka_partition *at = consumer->partitions; at; at = at->next)
		kafka_partition_direct(at);
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
	partition->is_troubled = instance->endpoint->troubles != NULL;
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
		/* What is in it, and errors that come later, hold the partition, which holds the
		 * queue: nobody else would take them out. */
		rd_kafka_queue_forward(partition->queue.queue, consumer->instance.events.queue);
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
	for (int i = 0; i < list->cnt; i++) {
		open_partition(consumer, &list->elems[i]);
		kafka_trouble_end(&consumer->instance, KAFKA_NO_TOPIC, list->elems[i].topic);
	}
	rd_kafka_assign(consumer->instance.client, list);
	kafka_instance_thrive(&consumer->instance);
	kafka_trouble_end(&consumer->instance, KAFKA_EXPELLED, NULL);
	/* Of the group; what is wrong with a topic stays. */
	kafka_trouble_end(&consumer->instance, KAFKA_NOT_AUTHORIZED, "");
}

/* The error of the whole, or of the first position that was not taken. */
static rd_kafka_resp_err_t
find_commit_error(rd_kafka_event_t *event, const char **topic)
{
	const rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(event);

	*topic = "";
	for (int i = 0; list && i < list->cnt; i++)
		if (list->elems[i].err) {
			*topic = list->elems[i].topic;
			return list->elems[i].err;
		}
	return rd_kafka_event_error(event);
}

/* What could not be committed is tried again with the next positions that are settled. */
static void
say_commit(struct kafka_consumer *consumer, rd_kafka_event_t *event)
{
	const char *topic;
	rd_kafka_resp_err_t code = find_commit_error(event, &topic);
	char text[400];

	if (code == RD_KAFKA_RESP_ERR__NO_OFFSET)
		return;
	if (!code) {
		kafka_trouble_end(&consumer->instance, KAFKA_NOT_COMMITTED, NULL);
		return;
	}
	snprintf(text, sizeof(text),
		 "positions of the group %s%s%s: %s; what was delivered since will be repeated",
		 consumer->instance.endpoint->config->group_id, *topic ? " in " : "", topic,
		 rd_kafka_err2str(code));
	kafka_trouble_begin(&consumer->instance, KAFKA_NOT_COMMITTED, "", text);
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

static int
compare_filters(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What the routes want, each filter once. To be destroyed. */
static rd_kafka_topic_partition_list_t *
list_filters(const struct dk_subscription *subscription)
{
	size_t count = subscription->interest_count;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
	const char **filters = calloc(count, sizeof(*filters));

	if (!filters)
		abort();
	for (size_t i = 0; i < count; i++)
		filters[i] = subscription->interests[i]->filter;
	qsort(filters, count, sizeof(*filters), compare_filters);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(filters[i - 1], filters[i]) != 0)
			rd_kafka_topic_partition_list_add(list, filters[i], RD_KAFKA_PARTITION_UA);
	free(filters);
	return list;
}

void
kafka_consumer_subscribe(struct kafka_consumer *consumer)
{
	rd_kafka_topic_partition_list_t *list = list_filters(consumer->subscription);
	rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->instance.client, list);

	rd_kafka_topic_partition_list_destroy(list);
	if (code)
		kafka_life_fall(consumer->instance.endpoint, rd_kafka_err2str(code));
}

static void
begin(struct kafka_instance *instance)
{
	kafka_consumer_subscribe((struct kafka_consumer *)instance);
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
	kafka_missing_end(consumer);
	consumer->host->timer_set(consumer->revoking, -1);
	consumer->host->timer_set(consumer->rejoining, -1);
	consumer->is_revoking = false;
	consumer->is_stopped = false;
}

static void
miss(struct kafka_instance *instance, const char *topic, bool is_gone)
{
	kafka_missing_hear((struct kafka_consumer *)instance, topic, is_gone);
}

static void
read_report(struct kafka_instance *instance, const char *report)
{
	kafka_missing_look((struct kafka_consumer *)instance, report);
}

static const struct kafka_role role = {
	.type = RD_KAFKA_CONSUMER,
	.begin = begin,
	.take = take,
	.leave = leave,
	.has_left = has_left,
	.end = end,
	.miss = miss,
	.read_report = read_report,
};

/* --- What the core calls ------------------------------------------------------------------- */

static void
subscribe(void *argument, struct dk_subscription *const *subscriptions, size_t count)
{
	struct kafka_endpoint *endpoint = argument;
	struct kafka_consumer *consumer;

	(void)count;
	consumer = calloc(1, sizeof(*consumer));
	if (!consumer)
		abort();
	endpoint->consumer = consumer;
	consumer->host = endpoint->host;
	consumer->subscription = subscriptions[0];
	consumer->revoking = endpoint->host->timer_new(endpoint->handle, lose_patience, consumer);
	consumer->rejoining =
		endpoint->host->timer_new(endpoint->handle, kafka_missing_rejoin, consumer);
	kafka_instance_init(&consumer->instance, endpoint, &role);
}

/* What is asked for at the broker is what the routes want now: an empty change is none. */
static void
resubscribe(void *argument, struct dk_subscription *const *subscriptions, size_t count)
{
	struct kafka_consumer *consumer = ((struct kafka_endpoint *)argument)->consumer;

	(void)subscriptions, (void)count; /* it is the group, as before */
	if (consumer->instance.life == KAFKA_RUNNING)
		kafka_consumer_subscribe(consumer);
}

void
kafka_source_free(struct kafka_consumer *consumer)
{
	if (!consumer)
		return;
	consumer->host->timer_free(consumer->revoking);
	consumer->host->timer_free(consumer->rejoining);
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
	kafka_partition_direct(partition);
}

static void
go_on(void *argument, struct dk_stream *stream)
{
	struct kafka_partition *partition = stream->plugin;

	(void)argument;
	partition->is_held = false;
	kafka_partition_direct(partition);
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
		if (partition->is_gone)
			continue;
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
	.check = kafka_interest_check,
	.name_subscriptions = kafka_interests_name,
	.subscribe = subscribe,
	.resubscribe = resubscribe,
	.pause = hold,
	.resume = go_on,
	.settled = settled,
	.stop = stop,
};
