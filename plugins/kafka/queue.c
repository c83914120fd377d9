/* SPDX-License-Identifier: Apache-2.0
 *
 * queue.c - librdkafka's queues on the loop: they ring when something comes, and are drained.
 *
 * A queue rings only when it was empty. So it is drained until it is, or stays listed: because a
 * turn has its bound, or because it is paused. What a paused queue holds stays there; the library
 * fetches no more once it holds enough.
 */
#include "plugins/kafka/kafka.h"

#define EVENTS_A_TURN 1000 /* of one queue */

/* Under the lock. */
static void
append(struct kafka_instance *instance, struct kafka_queue *queue)
{
	if (queue->is_listed)
		return;
	queue->is_listed = true;
	queue->next = NULL;
	*instance->end = queue;
	instance->end = &queue->next;
}

/* Any thread. The library holds a lock of its own: nothing of it may be called. */
static void
list_queue(struct kafka_queue *queue)
{
	struct kafka_instance *instance = queue->instance;
	bool is_first;

	pthread_mutex_lock(&instance->lock);
	append(instance, queue);
	is_first = !instance->is_posted;
	instance->is_posted = true;
	pthread_mutex_unlock(&instance->lock);
	if (is_first)
		instance->endpoint->host->post(instance->endpoint->handle, &instance->post);
}

static void
ring(rd_kafka_t *client, void *queue)
{
	(void)client;
	list_queue(queue);
}

static void
unlist(struct kafka_queue *queue)
{
	struct kafka_instance *instance = queue->instance;
	struct kafka_queue **at = &instance->first;

	pthread_mutex_lock(&instance->lock);
	while (*at && *at != queue)
		at = &(*at)->next;
	if (*at)
		*at = queue->next;
	while (*at)
		at = &(*at)->next;
	instance->end = at;
	queue->is_listed = false;
	pthread_mutex_unlock(&instance->lock);
}

/* Takes the first one off; NULL when there is none. */
static struct kafka_queue *
shift(struct kafka_instance *instance)
{
	struct kafka_queue *queue;

	pthread_mutex_lock(&instance->lock);
	queue = instance->first;
	if (queue) {
		instance->first = queue->next;
		if (!instance->first)
			instance->end = &instance->first;
		/* From here on it is listed again when it rings. */
		queue->is_listed = false;
	}
	pthread_mutex_unlock(&instance->lock);
	return queue;
}

/* Puts it back without a post: the timer goes on with it. */
static void
put_back(struct kafka_queue *queue)
{
	struct kafka_instance *instance = queue->instance;

	pthread_mutex_lock(&instance->lock);
	append(instance, queue);
	pthread_mutex_unlock(&instance->lock);
	instance->endpoint->host->timer_set(instance->again, 0);
}

/* An event may pause the queue that it is from, and end others. Its own it does not end: partitions
 * are closed by events of the instance's queue only, and that one by its tick. */
static void
drain(struct kafka_queue *queue)
{
	rd_kafka_event_t *event;

	for (int i = 0; i < EVENTS_A_TURN; i++) {
		if (queue->is_paused)
			return;
		event = rd_kafka_queue_poll(queue->queue, 0);
		if (!event)
			return;
		queue->take(queue, event);
	}
	put_back(queue);
}

static size_t
count_listed(struct kafka_instance *instance)
{
	size_t count = 0;

	pthread_mutex_lock(&instance->lock);
	for (struct kafka_queue *queue = instance->first; queue; queue = queue->next)
		count++;
	pthread_mutex_unlock(&instance->lock);
	return count;
}

/* One at a time, for what the first one brings may end the others. */
void
kafka_queues_go_on(void *argument)
{
	struct kafka_instance *instance = argument;
	struct kafka_queue *queue;

	for (size_t count = count_listed(instance); count > 0; count--) {
		queue = shift(instance);
		if (queue)
			drain(queue);
	}
}

void
kafka_queues_run(struct dk_post *post)
{
	struct kafka_instance *instance =
		(void *)((char *)post - offsetof(struct kafka_instance, post));

	pthread_mutex_lock(&instance->lock);
	instance->is_posted = false;
	pthread_mutex_unlock(&instance->lock);
	kafka_queues_go_on(instance);
}

void
kafka_queue_begin(struct kafka_queue *queue, struct kafka_instance *instance,
		  rd_kafka_queue_t *taken,
		  void (*take)(struct kafka_queue *queue, rd_kafka_event_t *event))
{
	queue->instance = instance;
	queue->queue = taken;
	queue->take = take;
	rd_kafka_queue_cb_event_enable(taken, ring, queue);
	list_queue(queue); /* there may be something already */
}

void
kafka_queue_end(struct kafka_queue *queue)
{
	rd_kafka_queue_cb_event_enable(queue->queue, NULL, NULL);
	unlist(queue);
	rd_kafka_queue_destroy(queue->queue);
	queue->queue = NULL;
}

void
kafka_queue_pause(struct kafka_queue *queue)
{
	queue->is_paused = true;
}

void
kafka_queue_resume(struct kafka_queue *queue)
{
	queue->is_paused = false;
	list_queue(queue);
}
