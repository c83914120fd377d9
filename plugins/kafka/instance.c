/* SPDX-License-Identifier: Apache-2.0
 *
 * instance.c - one instance of librdkafka: it begins, leaves, is destroyed, and may begin anew.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/kafka/kafka.h"

#define TICK_MS 1000	    /* a consumer that is not polled for long is expelled */
#define LEAVE_TICK_MS 20    /* how often is looked whether it has left */
#define LEAVE_LATE_MS 3000  /* how long it may take */
#define DEPART_LATE_MS 2000 /* and being destroyed */
#define ANEW_FIRST_MS 250   /* how long until a new one begins; doubled while it fails */
#define ANEW_LAST_MS 8000

/* --- Events -------------------------------------------------------------------------------- */

/* The library's own report, once in some seconds: is there a broker that it is connected to? */
static void
read_report(struct kafka_instance *instance, rd_kafka_event_t *event)
{
	const char *report = rd_kafka_event_stats(event);

	if (strstr(report, "\"state\":\"UP\""))
		kafka_troubles_end_connection(instance);
	if (instance->role->read_report)
		instance->role->read_report(instance, report);
}

static void
take(struct kafka_queue *queue, rd_kafka_event_t *event)
{
	struct kafka_instance *instance = queue->instance;

	switch (rd_kafka_event_type(event)) {
	case RD_KAFKA_EVENT_LOG:
		kafka_error_line(instance, event);
		break;
	case RD_KAFKA_EVENT_ERROR:
		kafka_error_take(instance, event);
		break;
	case RD_KAFKA_EVENT_STATS:
		read_report(instance, event);
		break;
	default:
		instance->role->take(queue, event);
		return;
	}
	rd_kafka_event_destroy(event);
}

/* --- Life ---------------------------------------------------------------------------------- */

/* A client on its way out. The library's destroying may last, and has faults by which it never
 * returns: then it is left behind, and what it holds with it. */
struct kafka_departure {
	pthread_mutex_t lock;
	struct kafka_instance *instance; /* NULL: it was left behind */
	bool is_posted;
	rd_kafka_t *client;
	int flags;
	const struct dk_host *host;
	struct dk_endpoint *handle;
	struct dk_post post;
};

static void
free_departure(struct kafka_departure *departure)
{
	pthread_mutex_destroy(&departure->lock);
	free(departure);
}

static void
be_gone(struct kafka_instance *instance)
{
	instance->departure = NULL;
	instance->client = NULL;
	instance->life = KAFKA_GONE;
	if (instance->is_anew && !instance->endpoint->is_down)
		instance->endpoint->host->timer_set(instance->tick, instance->anew_ms);
	else
		kafka_life_ended(instance->endpoint);
}

static void
hear_departed(struct dk_post *post)
{
	struct kafka_departure *departure =
		(void *)((char *)post - offsetof(struct kafka_departure, post));
	struct kafka_instance *instance = departure->instance;

	instance->endpoint->host->timer_set(instance->tick, -1);
	free_departure(departure);
	be_gone(instance);
}

static void *
destroy_client(void *argument)
{
	struct kafka_departure *departure = argument;
	bool is_left;

	rd_kafka_destroy_flags(departure->client, departure->flags);
	pthread_mutex_lock(&departure->lock);
	is_left = !departure->instance;
	departure->is_posted = !is_left;
	pthread_mutex_unlock(&departure->lock);
	if (is_left)
		free_departure(departure);
	else
		departure->host->post(departure->handle, &departure->post);
	return NULL;
}

static void
leave_behind(struct kafka_instance *instance)
{
	struct kafka_departure *departure = instance->departure;
	bool is_posted;

	pthread_mutex_lock(&departure->lock);
	is_posted = departure->is_posted;
	if (!is_posted)
		departure->instance = NULL;
	pthread_mutex_unlock(&departure->lock);
	if (is_posted)
		return;
	instance->endpoint->host->log(
		instance->endpoint->handle, DK_NOTICE, "left-behind",
		DK_FIELDS(DK_FIELD_TEXT("why", "the library does not end one of its clients; that "
					       "costs its memory until the daemon ends, and no "
					       "message")));
	be_gone(instance);
}

static void
begin_departure(struct kafka_instance *instance)
{
	struct kafka_departure *departure = calloc(1, sizeof(*departure));
	sigset_t all, before;
	pthread_t thread;

	if (!departure)
		abort();
	pthread_mutex_init(&departure->lock, NULL);
	departure->instance = instance;
	departure->client = instance->client;
	departure->flags = instance->destroy_flags;
	departure->host = instance->endpoint->host;
	departure->handle = instance->endpoint->handle;
	departure->post.run = hear_departed;
	instance->departure = departure;
	instance->endpoint->host->timer_set(instance->tick, DEPART_LATE_MS);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, destroy_client, departure) != 0)
		abort();
	pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Destroying waits for the library's threads: it is done by one of ours, which takes no signals. */
static void
end_instance(struct kafka_instance *instance)
{
	instance->life = KAFKA_ENDING;
	instance->role->end(instance);
	kafka_queue_end(&instance->events);
	if (!instance->is_anew)
		kafka_troubles_end(instance);
	begin_departure(instance);
}

static void
begin_again(struct kafka_instance *instance)
{
	struct dk_error error = { "" };

	if (kafka_instance_begin(instance, &error) == 0)
		return;
	kafka_life_fall(instance->endpoint, error.text);
	kafka_life_ended(instance->endpoint);
}

static void
tick(void *argument)
{
	struct kafka_instance *instance = argument;
	const struct dk_host *host = instance->endpoint->host;

	if (instance->life == KAFKA_GONE) {
		begin_again(instance);
	} else if (instance->life == KAFKA_ENDING) {
		leave_behind(instance);
	} else if (instance->life == KAFKA_RUNNING) {
		host->timer_set(instance->tick, TICK_MS);
		kafka_queue_resume(&instance->events);
		kafka_troubles_repeat(instance->endpoint);
	} else if (instance->role->has_left(instance, host->now_ms() >= instance->late_ms)) {
		end_instance(instance);
	} else {
		host->timer_set(instance->tick, LEAVE_TICK_MS);
	}
}

/* Not at once: this may be called for an event of the queue that ends with the instance. */
void
kafka_instance_look(struct kafka_instance *instance)
{
	if (instance->life == KAFKA_LEAVING)
		instance->endpoint->host->timer_set(instance->tick, 0);
}

void
kafka_instance_leave(struct kafka_instance *instance)
{
	const struct dk_host *host = instance->endpoint->host;

	if (instance->life == KAFKA_GONE)
		host->timer_set(instance->tick, -1);
	if (instance->life != KAFKA_RUNNING)
		return;
	instance->life = KAFKA_LEAVING;
	instance->late_ms = host->now_ms() + LEAVE_LATE_MS;
	host->timer_set(instance->tick, 0);
	instance->role->leave(instance);
}

/* The library can't go on with this instance: what it has is given back, and a new one is made. */
void
kafka_instance_begin_anew(struct kafka_instance *instance, const char *why)
{
	char text[400];

	if (instance->life != KAFKA_RUNNING)
		return;
	instance->is_anew = true;
	instance->anew_ms = instance->anew_ms ? 2 * instance->anew_ms : ANEW_FIRST_MS;
	if (instance->anew_ms > ANEW_LAST_MS)
		instance->anew_ms = ANEW_LAST_MS;
	snprintf(text, sizeof(text), "%s begins anew, for the library gave up: %s",
		 instance->role->type == RD_KAFKA_PRODUCER ? "the producer" : "the consumer", why);
	kafka_trouble_begin(instance, KAFKA_BEGINS_ANEW, "", text);
	kafka_instance_leave(instance);
}

void
kafka_instance_thrive(struct kafka_instance *instance)
{
	instance->anew_ms = 0;
	if (!instance->endpoint->troubles)
		return;
	kafka_troubles_end_connection(instance);
	kafka_trouble_end(instance, KAFKA_BEGINS_ANEW, "");
}

static rd_kafka_queue_t *
find_queue(rd_kafka_t *client, rd_kafka_type_t type)
{
	if (type == RD_KAFKA_PRODUCER)
		return rd_kafka_queue_get_main(client);
	rd_kafka_poll_set_consumer(client);
	return rd_kafka_queue_get_consumer(client);
}

int
kafka_instance_begin(struct kafka_instance *instance, struct dk_error *error)
{
	struct kafka_endpoint *endpoint = instance->endpoint;
	rd_kafka_conf_t *conf = kafka_properties_conf(endpoint->config, endpoint->name,
						      instance->role->type, error);
	rd_kafka_queue_t *queue;

	if (!conf)
		return -1;
	instance->client =
		rd_kafka_new(instance->role->type, conf, error->text, sizeof(error->text));
	if (!instance->client) {
		rd_kafka_conf_destroy(conf);
		return -1;
	}
	queue = find_queue(instance->client, instance->role->type);
	rd_kafka_set_log_queue(instance->client, queue);
	instance->destroy_flags = 0;
	instance->is_anew = false;
	instance->life = KAFKA_RUNNING;
	kafka_queue_begin(&instance->events, instance, queue, take);
	endpoint->host->timer_set(instance->tick, TICK_MS);
	instance->role->begin(instance);
	return 0;
}

void
kafka_instance_init(struct kafka_instance *instance, struct kafka_endpoint *endpoint,
		    const struct kafka_role *role)
{
	instance->endpoint = endpoint;
	instance->role = role;
	pthread_mutex_init(&instance->lock, NULL);
	instance->end = &instance->first;
	instance->post.run = kafka_queues_run;
	instance->tick = endpoint->host->timer_new(endpoint->handle, tick, instance);
	instance->again = endpoint->host->timer_new(endpoint->handle, kafka_queues_go_on, instance);
	endpoint->instances[endpoint->instance_count++] = instance;
}

void
kafka_instance_free(struct kafka_instance *instance)
{
	const struct dk_host *host = instance->endpoint->host;

	host->timer_free(instance->tick);
	host->timer_free(instance->again);
	pthread_mutex_destroy(&instance->lock);
}
