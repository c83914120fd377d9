/* SPDX-License-Identifier: Apache-2.0
 *
 * consumer.h - the source half: a consumer, the partitions that it is assigned, their records.
 */
#ifndef DK_PLUGINS_KAFKA_CONSUMER_H
#define DK_PLUGINS_KAFKA_CONSUMER_H

#include "plugins/kafka/kafka.h"

/* An assigned partition: one stream of the core's, from its assignment to its end. */
struct kafka_partition {
	struct kafka_queue queue;
	struct kafka_consumer *consumer;
	struct dk_stream *stream;
	char *topic;
	size_t topic_length;
	int32_t number;
	bool is_held;              /* the core said pause */
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
	struct dk_timer *revoking; /* runs while revoked partitions are being settled */

	size_t lent; /* records that the core has */
	struct kafka_loan *spare;
	size_t taken_records, taken_bytes; /* since the library was last woken */
};

/* Takes an event of a partition's queue: gives its record to the core, or says its error. */
void kafka_record_take(struct kafka_queue *queue, rd_kafka_event_t *event);
/* When nothing is lent any more. */
void kafka_record_end(struct kafka_consumer *consumer);

#endif
