/* SPDX-License-Identifier: Apache-2.0
 *
 * consumer.h - the source half: a consumer, the partitions that it is assigned, their records.
 */
#ifndef DK_PLUGINS_KAFKA_CONSUMER_H
#define DK_PLUGINS_KAFKA_CONSUMER_H

#include "plugins/kafka/kafka.h"

/* An assigned partition: one stream of the core's, from its assignment to its end;
 * another one, when the library goes back in it. */
struct kafka_partition {
	struct kafka_queue queue;
	struct kafka_consumer *consumer;
	struct dk_stream *stream;
	char *topic;
	size_t topic_length;
	int32_t number;
	bool is_held;		   /* the core said pause */
	bool is_troubled;	   /* something was said of it, which a record ends */
	bool is_gone;		   /* its topic was deleted: its positions are none any more */
	int64_t received, settled; /* the last positions; -1: none */
	struct kafka_partition *next;
};

struct kafka_consumer {
	struct kafka_instance instance;
	const struct dk_host *host;
	struct dk_subscription *subscription; /* the group; there is one */
	struct kafka_partition *partitions;
	bool is_stopped;
	bool is_revoking;
	struct dk_timer *revoking;  /* runs while revoked partitions are being settled */
	struct dk_timer *rejoining; /* runs while a topic is gone that is still assigned */

	struct kafka_missing *missing; /* topics that could not be read */

	size_t lent; /* records that the core has */
	struct kafka_loan *spare;
	size_t taken_records, taken_bytes; /* since the library was last woken */
};

/* Anew, it makes the group assign anew. */
void kafka_consumer_subscribe(struct kafka_consumer *consumer);
/* The partition is drained, or left alone, as it is with it now. */
void kafka_partition_direct(struct kafka_partition *partition);

/* A topic can't be read, perhaps because it is not there. Then it is looked for until it is. */
void kafka_missing_hear(struct kafka_consumer *consumer, const char *topic, bool is_gone);
void kafka_missing_rejoin(void *consumer);
void kafka_missing_look(struct kafka_consumer *consumer, const char *report);
void kafka_missing_end(struct kafka_consumer *consumer);

/* Takes an event of a partition's queue: gives its record to the core, or says its error. */
void kafka_record_take(struct kafka_queue *queue, rd_kafka_event_t *event);
/* When nothing is lent any more. */
void kafka_record_end(struct kafka_consumer *consumer);

#endif
