/* SPDX-License-Identifier: Apache-2.0
 *
 * instance.c - one instance of librdkafka: it begins, says what is wrong, leaves and is destroyed.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/kafka/kafka.h"

#define TICK_MS 1000       /* a consumer that is not polled for long is expelled */
#define LEAVE_TICK_MS 20   /* how often is looked whether it has left */
#define LEAVE_LATE_MS 3000 /* how long it may take */

/* --- Words --------------------------------------------------------------------------------- */

/* What an error is said as. An error without a row is said as the last one says. */
static const struct {
	rd_kafka_resp_err_t code;
	const char *event;  /* NULL: not by itself; it may be the cause of another */
	bool is_connection; /* over as soon as a broker answers */
} errors[] = {
	{ RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "unreachable", true },
	{ RD_KAFKA_RESP_ERR__TRANSPORT, NULL, false },
	{ RD_KAFKA_RESP_ERR__RESOLVE, NULL, false },
	{ RD_KAFKA_RESP_ERR__SSL, NULL, false },
	{ RD_KAFKA_RESP_ERR__TIMED_OUT, NULL, false },
	{ RD_KAFKA_RESP_ERR__AUTHENTICATION, "not-authenticated", true },
	{ RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "not-authorized", false },
	{ RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, "not-authorized", false },
	{ RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, "not-authorized", false },
	{ RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "no-topic", false },
	{ RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, "no-topic", false },
	{ RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, "expelled", true },
	{ RD_KAFKA_RESP_ERR_NO_ERROR, "kafka-error", true },
};

/* How loud the library's own lines are, by its levels, which are those of syslog. */
static const enum dk_level levels[] = { DK_ERROR,   DK_ERROR,  DK_ERROR, DK_ERROR,
					DK_WARNING, DK_NOTICE, DK_INFO,  DK_DEBUG };

/* Lines that come as events too, or that say of a property of the other role that it is one. */
static const char *const quiet_facilities[] = { "FAIL", "ERROR", "CONFWARN", "TERMINATE" };

static void
say_line(struct kafka_instance *instance, rd_kafka_event_t *event)
{
	const char *facility, *text;
	enum dk_level level;
	int number;

	if (rd_kafka_event_log(event, &facility, &text, &number) != 0)
		return;
	level = levels[number & 7];
	for (size_t i = 0; i < sizeof(quiet_facilities) / sizeof(*quiet_facilities); i++)
		if (strcmp(facility, quiet_facilities[i]) == 0)
			level = DK_DEBUG;
	instance->endpoint->host->log(instance->endpoint->handle, level, "librdkafka",
				      DK_FIELDS(DK_FIELD_TEXT("facility", facility),
						DK_FIELD_TEXT("text", text)));
}

static size_t
find_error(rd_kafka_resp_err_t code)
{
	size_t i = 0;

	while (errors[i].code != RD_KAFKA_RESP_ERR_NO_ERROR && errors[i].code != code)
		i++;
	return i;
}

void
kafka_instance_fail(struct kafka_instance *instance, rd_kafka_event_t *event)
{
	struct kafka_endpoint *endpoint = instance->endpoint;
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	const char *text = rd_kafka_event_error_string(event);
	char reason[512];
	size_t i = find_error(code);

	if (rd_kafka_event_error_is_fatal(event)) {
		kafka_life_fall(endpoint, text);
	} else if (!errors[i].event) {
		snprintf(instance->cause, sizeof(instance->cause), "%s", text);
	} else {
		bool has_cause = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && *instance->cause;

		snprintf(reason, sizeof(reason), "%s%s%s", text, has_cause ? ": " : "",
			 has_cause ? instance->cause : "");
		instance->troubles |= 1u << i;
		endpoint->host->trouble(endpoint->handle, errors[i].event, reason);
	}
}

static void
end_troubles(struct kafka_instance *instance, bool is_all)
{
	struct kafka_endpoint *endpoint = instance->endpoint;

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if ((instance->troubles & 1u << i) && (is_all || errors[i].is_connection)) {
			instance->troubles &= ~(1u << i);
			endpoint->host->trouble_over(endpoint->handle, errors[i].event);
		}
}

void
kafka_instance_thrive(struct kafka_instance *instance)
{
	if (instance->troubles)
		end_troubles(instance, false);
}

void
kafka_instance_heal(struct kafka_instance *instance)
{
	end_troubles(instance, true);
}

/* --- Events -------------------------------------------------------------------------------- */

/* The library's own report, once in some seconds: is there a broker that it is connected to? */
static void
read_report(struct kafka_instance *instance, rd_kafka_event_t *event)
{
	if (strstr(rd_kafka_event_stats(event), "\"state\":\"UP\""))
		kafka_instance_thrive(instance);
}

static void
take(struct kafka_queue *queue, rd_kafka_event_t *event)
{
	struct kafka_instance *instance = queue->instance;

	switch (rd_kafka_event_type(event)) {
	case RD_KAFKA_EVENT_LOG:
		say_line(instance, event);
		break;
	case RD_KAFKA_EVENT_ERROR:
		kafka_instance_fail(instance, event);
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

static void
hear_ended(struct dk_post *post)
{
	struct kafka_instance *instance =
		(void *)((char *)post - offsetof(struct kafka_instance, ended));

	pthread_join(instance->ender, NULL);
	instance->client = NULL;
	instance->life = KAFKA_GONE;
	kafka_life_ended(instance->endpoint);
}

static void *
destroy_client(void *argument)
{
	struct kafka_instance *instance = argument;

	rd_kafka_destroy_flags(instance->client, instance->destroy_flags);
	instance->endpoint->host->post(instance->endpoint->handle, &instance->ended);
	return NULL;
}

/* Destroying waits for the library's threads: it is done by one of ours, which takes no signals. */
static void
end_instance(struct kafka_instance *instance)
{
	sigset_t all, before;

	instance->life = KAFKA_ENDING;
	instance->endpoint->host->timer_set(instance->tick, -1);
	instance->role->end(instance);
	kafka_queue_end(&instance->events);
	kafka_instance_heal(instance);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&instance->ender, NULL, destroy_client, instance) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void
tick(void *argument)
{
	struct kafka_instance *instance = argument;

	const struct dk_host *host = instance->endpoint->host;

	if (instance->life == KAFKA_RUNNING) {
		host->timer_set(instance->tick, TICK_MS);
		kafka_queue_resume(&instance->events);
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

	if (instance->life != KAFKA_RUNNING)
		return;
	instance->life = KAFKA_LEAVING;
	instance->late_ms = host->now_ms() + LEAVE_LATE_MS;
	host->timer_set(instance->tick, 0);
	instance->role->leave(instance);
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
	instance->ended.run = hear_ended;
	instance->tick = endpoint->host->timer_new(endpoint->handle, tick, instance);
	instance->again =
		endpoint->host->timer_new(endpoint->handle, kafka_queues_go_on, instance);
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
