/* SPDX-License-Identifier: Apache-2.0
 *
 * kafka.h - what the parts of the Kafka plugin share.
 *
 * An endpoint has an instance of librdkafka for each direction it is used in: a consumer, a
 * producer. An instance connects, and connects again, by itself, on threads of its own, and hands
 * over events in queues. A queue that was empty and is not any more rings (on a thread of the
 * library's); the loop then drains it. Nothing else of the library's runs any code of ours.
 */
#ifndef DK_PLUGINS_KAFKA_H
#define DK_PLUGINS_KAFKA_H

#include <librdkafka/rdkafka.h>
#include <pthread.h>

#include "plugins/plugin.h"

/* A property of librdkafka's that the file sets. */
struct kafka_property {
	struct kafka_property *next;
	const char *value;
	char name[]; /* the library's own */
};

struct kafka_config {
	const char *bootstrap_servers, *group_id, *client_id;
	int64_t window;
	struct kafka_property *properties;
};

/* Options that no row has: any property of librdkafka's. */
int kafka_properties_set(void *config, const char *name, const char *value,
			 struct dk_error *error);
void kafka_properties_clean(void *config);
/* What the file says; "" when it says nothing. */
const char *kafka_properties_get(const struct kafka_config *config, const char *name);
/* The configuration of an instance: our own defaults, what the file says, what we rely on. NULL
 * with an error. rd_kafka_new takes it. */
rd_kafka_conf_t *kafka_properties_conf(const struct kafka_config *config, const char *name,
				       rd_kafka_type_t type, struct dk_error *error);

/* --- Instance ------------------------------------------------------------------------------ */

struct kafka_instance;

/* A queue of librdkafka's on the loop. */
struct kafka_queue {
	struct kafka_instance *instance;
	rd_kafka_queue_t *queue;
	/* What an event is for. The event is *taken*. */
	void (*take)(struct kafka_queue *queue, rd_kafka_event_t *event);
	bool is_paused; /* it is not drained */
	/* Under the instance's lock. */
	bool is_listed;
	struct kafka_queue *next;
};

/* What the consumer and the producer do each in its way, on the loop. */
struct kafka_role {
	rd_kafka_type_t type;
	void (*begin)(struct kafka_instance *instance);
	void (*take)(struct kafka_queue *queue, rd_kafka_event_t *event);
	/* Begins to leave; then has_left is asked until it is true. */
	void (*leave)(struct kafka_instance *instance);
	bool (*has_left)(struct kafka_instance *instance, bool is_late);
	/* Lets go of what it holds of the library's; destroying comes next. */
	void (*end)(struct kafka_instance *instance);
};

enum kafka_life {
	KAFKA_GONE,
	KAFKA_RUNNING,
	KAFKA_LEAVING,
	KAFKA_ENDING, /* a thread destroys it */
};

struct kafka_instance {
	struct kafka_endpoint *endpoint;
	const struct kafka_role *role;
	enum kafka_life life;
	rd_kafka_t *client;
	struct kafka_queue events;
	struct dk_timer *tick;  /* looks after it: once in a second, when it leaves more often */
	struct dk_timer *again; /* goes on draining in the next turn */
	int64_t late_ms;        /* when leaving takes too long */
	int destroy_flags;
	unsigned troubles; /* those that were said, by their rows */
	char cause[256];   /* of the last error of a connection */

	/* Any thread, under the lock: the queues that have something. */
	pthread_mutex_t lock;
	struct kafka_queue *first;
	struct kafka_queue **end;
	bool is_posted;
	struct dk_post post;

	pthread_t ender;
	struct dk_post ended;
};

void kafka_instance_init(struct kafka_instance *instance, struct kafka_endpoint *endpoint,
			 const struct kafka_role *role);
void kafka_instance_free(struct kafka_instance *instance);
int kafka_instance_begin(struct kafka_instance *instance, struct dk_error *error);
void kafka_instance_leave(struct kafka_instance *instance);
/* It may have left: this is looked at in the next turn. */
void kafka_instance_look(struct kafka_instance *instance);
/* Something came from a broker: what was wrong with the connection is over. */
void kafka_instance_thrive(struct kafka_instance *instance);
/* All that was wrong is over. */
void kafka_instance_heal(struct kafka_instance *instance);
/* Says an error of the library's; it may be the end of the instance. */
void kafka_instance_fail(struct kafka_instance *instance, rd_kafka_event_t *event);

/* Takes over a queue, and lets it go. */
void kafka_queue_begin(struct kafka_queue *queue, struct kafka_instance *instance,
		       rd_kafka_queue_t *taken,
		       void (*take)(struct kafka_queue *queue, rd_kafka_event_t *event));
void kafka_queue_end(struct kafka_queue *queue);
void kafka_queue_pause(struct kafka_queue *queue);
void kafka_queue_resume(struct kafka_queue *queue);
/* The post's and the timer's: drains the queues that have something. */
void kafka_queues_run(struct dk_post *post);
void kafka_queues_go_on(void *instance);

/* --- Endpoint ------------------------------------------------------------------------------ */

struct kafka_endpoint {
	const struct dk_host *host;
	struct dk_endpoint *handle;
	const char *name;
	const struct kafka_config *config;
	struct kafka_consumer *consumer; /* NULL: it is no source */
	struct kafka_producer *producer;
	struct kafka_instance *instances[2]; /* theirs */
	size_t instance_count;
	bool is_closing;
	bool is_down; /* or about to be: its instances leave */
	char reason[256];
};

/* An instance has ended. */
void kafka_life_ended(struct kafka_endpoint *endpoint);
/* An instance is of no more use: both end, and the endpoint is down. */
void kafka_life_fall(struct kafka_endpoint *endpoint, const char *reason);

extern const struct dk_source_functions kafka_source;
extern const struct dk_sink_functions kafka_sink;
void kafka_source_free(struct kafka_consumer *consumer);
void kafka_sink_free(struct kafka_producer *producer);

#endif
