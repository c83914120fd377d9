/* SPDX-License-Identifier: Apache-2.0
 *
 * missing.c - topics that are subscribed to and not there, not yet or not any more.
 *
 * The library says that a topic is missing, and not that it is there: its partitions may be
 * assigned to other members. So it is made to know the topic, and its reports tell when it has
 * partitions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/kafka/consumer.h"

#define REJOIN_MS 6000 /* longer than topic.metadata.refresh.interval.ms */

struct kafka_missing {
	struct kafka_missing *next;
	rd_kafka_topic_t *handle;
};

static bool
is_known(const struct kafka_consumer *consumer, const char *topic)
{
	for (const struct kafka_missing *at = consumer->missing; at; at = at->next)
		if (strcmp(rd_kafka_topic_name(at->handle), topic) == 0)
			return true;
	return false;
}

static void
add(struct kafka_consumer *consumer, const char *topic)
{
	rd_kafka_topic_t *handle;
	struct kafka_missing *missing;

	if (is_known(consumer, topic))
		return;
	handle = rd_kafka_topic_new(consumer->instance.client, topic, NULL);
	if (!handle)
		return;
	missing = malloc(sizeof(*missing));
	if (!missing)
		abort();
	missing->handle = handle;
	missing->next = consumer->missing;
	consumer->missing = missing;
}

static void
drop(struct kafka_missing **at)
{
	struct kafka_missing *missing = *at;

	*at = missing->next;
	rd_kafka_topic_destroy(missing->handle);
	free(missing);
}

/* A broker has a partition of it. */
static bool
is_there(const struct kafka_missing *missing, const char *report)
{
	char words[300];

	snprintf(words, sizeof(words), "\"topic\":\"%s\", \"partition\":0}",
		 rd_kafka_topic_name(missing->handle));
	return strstr(report, words) != NULL;
}

void
kafka_missing_look(struct kafka_consumer *consumer, const char *report)
{
	struct kafka_missing **at = &consumer->missing;

	while (*at)
		if (is_there(*at, report)) {
			kafka_troubles_end_topic(&consumer->instance,
						 rd_kafka_topic_name((*at)->handle));
			drop(at);
		} else {
			at = &(*at)->next;
		}
}

void
kafka_missing_end(struct kafka_consumer *consumer)
{
	while (consumer->missing)
		drop(&consumer->missing);
}

/* --- Topics that are gone ------------------------------------------------------------------ */

/* What was settled and is not committed yet would be a position in a topic of the same name that is
 * made later. */
static void
forget_position(struct kafka_partition *partition)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

	rd_kafka_topic_partition_list_add(list, partition->topic, partition->number)->offset =
		RD_KAFKA_OFFSET_INVALID;
	rd_kafka_offsets_store(partition->consumer->instance.client, list);
	rd_kafka_topic_partition_list_destroy(list);
}

/* Of a topic that is deleted, and made again before the group has noticed, the library would go on
 * reading at the old position. So it is read no more; and unless the group has noticed in the time
 * that it takes it to look, it is made to assign anew, which begins at what is committed. */
void
kafka_missing_hear(struct kafka_consumer *consumer, const char *topic, bool is_gone)
{
	bool is_assigned = false, is_news = false;

	for (struct kafka_partition *at = consumer->partitions; at; at = at->next) {
		if (strcmp(at->topic, topic) != 0)
			continue;
		at->is_troubled = is_assigned = true;
		if (!is_gone || at->is_gone)
			continue;
		at->is_gone = is_news = true;
		forget_position(at);
		kafka_partition_direct(at);
	}
	if (!is_assigned)
		add(consumer, topic);
	if (is_news)
		consumer->host->timer_set(consumer->rejoining, REJOIN_MS);
}

void
kafka_missing_rejoin(void *argument)
{
	struct kafka_consumer *consumer = argument;
	bool is_any = false;

	for (struct kafka_partition *at = consumer->partitions; at; at = at->next)
		is_any |= at->is_gone;
	if (is_any && !consumer->is_revoking && consumer->instance.life == KAFKA_RUNNING)
		kafka_consumer_subscribe(consumer);
}
