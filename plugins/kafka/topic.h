/* SPDX-License-Identifier: Apache-2.0
 *
 * topic.h - the topics that are produced to, and how much of each is on its way at once.
 */
#ifndef DK_PLUGINS_KAFKA_TOPIC_H
#define DK_PLUGINS_KAFKA_TOPIC_H

#include "plugins/kafka/kafka.h"

/*
 * A broker that refuses a batch because of its size, or of one record in it, refuses all of it and
 * does not say because of which. So a topic may have a bound: then what it gets goes in flights, of
 * at most so many bytes, the next one when nothing of the last one is on its way any more. A flight
 * that is refused makes the next ones smaller, until the culprit flies alone.
 */
struct kafka_topic {
	struct kafka_topic *next; /* in its bucket */
	rd_kafka_topic_t
		*handle;  /* NULL: none yet; it is the instance's, which the topic outlives */
	bool is_troubled; /* something was said of it, which a success ends */
	bool is_used;	  /* since the last trim */

	size_t bound;			   /* bytes of a flight; 0: it needs none */
	size_t in_flight;		   /* not reported yet */
	size_t flight_count, flight_bytes; /* of the current flight */
	size_t refused_bytes;		   /* of it, in batches that were refused */
	unsigned good;			   /* flights in a row that filled the bound and arrived */
	struct dk_delivery *waiting;	   /* for the next flight */
	struct dk_delivery **waiting_end;

	size_t length;
	char name[];
};

#define KAFKA_BUCKETS 1024 /* a power of two */

#define KAFKA_TOPICS_MOST 1000

struct kafka_topics {
	struct kafka_topic *buckets[KAFKA_BUCKETS];
	size_t count;
	size_t kept; /* by the last trim */
};

/* Finds it, or makes it. */
struct kafka_topic *kafka_topics_find(struct kafka_topics *topics, struct dk_slice name);
/* When there are more than KAFKA_TOPICS_MOST, and twice as many as could not be forgotten before,
 * forgets those that nothing is on its way to, that were not looked for since the last time, and of
 * which nothing is said; each is handed to `forget` first. No pointer to such a one may be kept over
 * it. */
void kafka_topics_trim(struct kafka_topics *topics, void *argument,
		       void (*forget)(struct kafka_topic *topic, void *argument));
void kafka_topics_each(struct kafka_topics *topics, void *argument,
		       void (*do_it)(struct kafka_topic *topic, void *argument));
void kafka_topics_free(struct kafka_topics *topics);

/* Whether this many bytes more may leave now. */
bool kafka_flight_has_room(const struct kafka_topic *topic, size_t bytes);
void kafka_flight_add(struct kafka_topic *topic, size_t bytes);
/* One of it was reported; is_refused: with its whole batch, perhaps because of another one. Whether
 * it was alone, so that it is the culprit. */
bool kafka_flight_report(struct kafka_topic *topic, size_t bytes, bool is_refused);
/* Those that wait, in their order. */
void kafka_flight_wait(struct kafka_topic *topic, struct dk_delivery *delivery);
struct dk_delivery *kafka_flight_next(struct kafka_topic *topic);

#endif
