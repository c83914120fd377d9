/* SPDX-License-Identifier: Apache-2.0
 *
 * consumer.h - a consuming link: each queue has a channel of its own, which is a stream to the
 * core.
 *
 * A channel that the broker has closed is opened again in a new epoch: what it had brought and was
 * not acknowledged comes again. One whose consumer was cancelled (the queue was deleted) keeps its
 * epoch, for nobody brings again what it has brought.
 */
#ifndef PLUGIN_RABBITMQ_CONSUMER_H
#define PLUGIN_RABBITMQ_CONSUMER_H

#include "plugins/rabbitmq/message.h"
#include "plugins/rabbitmq/rabbitmq.h"

#define RABBITMQ_FIRST_WAIT_MS 500

struct rabbitmq_channel {
	struct rabbitmq_consumer *consumer;
	struct dk_subscription *subscription;
	amqp_channel_t number;
	/* the thread's */
	bool is_open, is_consuming;
	int refused;			   /* declarations of its routes */
	int64_t due_ms, wait_ms;	   /* when it is tried again, and how long after that */
	struct rabbitmq_envelope envelope; /* of the next message; tag 0: not announced yet */
	struct rabbitmq_message *reading;  /* NULL: its header is still to come */
	uint64_t acknowledged;
	char reason[RABBITMQ_REASON]; /* why it is not consumed */
	/* under the lock; only the thread writes the epoch */
	unsigned epoch;
	uint64_t settled; /* tag up to which to acknowledge */
	unsigned settled_epoch;
	struct rabbitmq_channel *next_settled;
	bool is_settled;
	/* the loop's */
	struct dk_stream *stream;
	unsigned stream_epoch;
	struct rabbitmq_message *held, **last_held; /* taken over, not passed on yet */
	bool is_paused, is_going_on, must_end;
};

struct rabbitmq_consumer {
	struct rabbitmq_link link;
	struct rabbitmq_channel *channels;
	size_t channel_count; /* numbered from 1; the next is aside */
	size_t idle_count;    /* the thread's: channels that are not consuming */
	/* under the lock */
	struct rabbitmq_message *first, **last; /* read, for the loop */
	struct rabbitmq_channel *settled;	/* those with something to acknowledge */
	bool is_renewed;			/* there is a new epoch */
	/* the loop's */
	bool is_stopped;
	struct dk_timer *go_on;
};

/* queue.c: the thread */
/* It is not consumed for now; why is in link->reason. It is told, and tried again. */
void rabbitmq_queue_idle(struct rabbitmq_channel *channel);
/* The broker has closed the channel: what it brought and is not acknowledged comes again. */
void rabbitmq_queue_renew(struct rabbitmq_channel *channel);
/* Tries those that are due. -1: the link is lost. */
int rabbitmq_queues_try(struct rabbitmq_consumer *consumer);

/* source.c: the loop */
void rabbitmq_consumer_hear(struct rabbitmq_link *link);

#endif
