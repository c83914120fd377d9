/* SPDX-License-Identifier: Apache-2.0
 *
 * topic.c - the topics that are produced to, by name; and their flights.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/hash.h"
#include "plugins/kafka/topic.h"

#define SHARE 8				/* what is left of a bound that was too large */
#define GOOD_FLIGHTS 64			/* after so many the bound is doubled */
#define LARGEST_BOUND ((size_t)4 << 20) /* more than the library puts into a batch */

/* --- By name ------------------------------------------------------------------------------- */

static size_t
hash(struct dk_slice name)
{
	return (size_t)dk_hash_fold(dk_hash_slice(DK_HASH_SEED, name)) & (KAFKA_BUCKETS - 1);
}

static bool
is_named(const struct kafka_topic *topic, struct dk_slice name)
{
	return topic->length == name.length && memcmp(topic->name, name.data, name.length) == 0;
}

struct kafka_topic *
kafka_topics_find(struct kafka_topics *topics, struct dk_slice name)
{
	struct kafka_topic **bucket = &topics->buckets[hash(name)], *topic;

	for (topic = *bucket; topic; topic = topic->next)
		if (is_named(topic, name)) {
			topic->is_used = true;
			return topic;
		}
	topic = calloc(1, sizeof(*topic) + name.length + 1);
	if (!topic)
		abort();
	topic->is_used = true;
	topic->waiting_end = &topic->waiting;
	topic->length = name.length;
	memcpy(topic->name, name.data, name.length);
	topic->next = *bucket;
	*bucket = topic;
	topics->count++;
	return topic;
}

static bool
is_idle(const struct kafka_topic *topic)
{
	return topic->in_flight == 0 && !topic->waiting && !topic->is_used && !topic->is_troubled;
}

static void
trim_bucket(struct kafka_topics *topics, struct kafka_topic **at, void *argument,
	    void (*forget)(struct kafka_topic *topic, void *argument))
{
	while (*at) {
		struct kafka_topic *topic = *at;

		if (!is_idle(topic)) {
			topic->is_used = false;
			at = &topic->next;
			continue;
		}
		forget(topic, argument);
		*at = topic->next;
		topics->count--;
		free(topic);
	}
}

/* That many new ones have to come first, so that it costs each of them little. */
void
kafka_topics_trim(struct kafka_topics *topics, void *argument,
		  void (*forget)(struct kafka_topic *topic, void *argument))
{
	if (topics->count <= KAFKA_TOPICS_MOST || topics->count <= 2 * topics->kept)
		return;
	for (size_t i = 0; i < KAFKA_BUCKETS; i++)
		trim_bucket(topics, &topics->buckets[i], argument, forget);
	topics->kept = topics->count;
}

void
kafka_topics_each(struct kafka_topics *topics, void *argument,
		  void (*do_it)(struct kafka_topic *topic, void *argument))
{
	for (size_t i = 0; i < KAFKA_BUCKETS; i++)
		for (struct kafka_topic *topic = topics->buckets[i]; topic; topic = topic->next)
			do_it(topic, argument);
}

void
kafka_topics_free(struct kafka_topics *topics)
{
	for (size_t i = 0; i < KAFKA_BUCKETS; i++)
		while (topics->buckets[i]) {
			struct kafka_topic *topic = topics->buckets[i];

			topics->buckets[i] = topic->next;
			free(topic);
		}
	topics->count = topics->kept = 0;
}

/* --- Flights ------------------------------------------------------------------------------- */

/* A flight that has been refused in part takes none up any more: it has no bound yet. */
bool
kafka_flight_has_room(const struct kafka_topic *topic, size_t bytes)
{
	if (topic->in_flight == 0)
		return true;
	if (topic->refused_bytes > 0)
		return false;
	return topic->bound == 0 || topic->flight_bytes + bytes <= topic->bound;
}

void
kafka_flight_add(struct kafka_topic *topic, size_t bytes)
{
	if (topic->in_flight == 0)
		topic->flight_count = topic->flight_bytes = topic->refused_bytes = 0;
	topic->in_flight++;
	topic->flight_count++;
	topic->flight_bytes += bytes;
}

static void
shrink(struct kafka_topic *topic)
{
	size_t bytes = topic->refused_bytes;

	if (topic->bound > 0 && topic->bound < bytes)
		bytes = topic->bound;
	topic->bound = bytes / SHARE > 0 ? bytes / SHARE : 1;
	topic->good = 0;
}

/* What no flight has tried says nothing of the bound. */
static void
grow(struct kafka_topic *topic)
{
	if (topic->flight_bytes * 2 < topic->bound || ++topic->good < GOOD_FLIGHTS)
		return;
	topic->good = 0;
	topic->bound *= 2;
	if (topic->bound > LARGEST_BOUND)
		topic->bound = 0;
}

bool
kafka_flight_report(struct kafka_topic *topic, size_t bytes, bool is_refused)
{
	bool is_alone = topic->flight_count == 1;

	topic->in_flight--;
	if (is_refused && !is_alone)
		topic->refused_bytes += bytes;
	if (topic->in_flight > 0)
		return is_alone;
	if (topic->refused_bytes > 0)
		shrink(topic);
	else if (topic->bound > 0 && !is_refused)
		grow(topic);
	return is_alone;
}

void
kafka_flight_wait(struct kafka_topic *topic, struct dk_delivery *delivery)
{
	delivery->next = NULL;
	*topic->waiting_end = delivery;
	topic->waiting_end = &delivery->next;
}

struct dk_delivery *
kafka_flight_next(struct kafka_topic *topic)
{
	struct dk_delivery *delivery = topic->waiting;

	topic->waiting = delivery->next;
	if (!topic->waiting)
		topic->waiting_end = &topic->waiting;
	return delivery;
}
