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
	int security_protocol, ssl_endpoint_identification_algorithm, isolation_level;
	const char *sasl_mechanism, *sasl_username, *sasl_password;
	const char *ssl_ca_location, *ssl_certificate_location, *ssl_key_location;
	const char *ssl_key_password;
	bool enable_ssl_certificate_verification;
	struct kafka_property *properties;
};

/* The endpoint's rows, and what no row can say. Those from kafka_security_rows on, which are the
 * end of the same table, are the library's properties. */
extern const struct dk_option kafka_endpoint_rows[];
extern const struct dk_option *const kafka_security_rows;
int kafka_options_check(const void *config, struct dk_error *error);
int kafka_interest_check(const void *config, const struct dk_interest *interest,
			 struct dk_error *error);
int kafka_interests_name(const void *config, struct dk_interest *interests, size_t count,
			 struct dk_error *error);
/* The value as the library wants it; NULL: it is absent. */
const char *kafka_option_text(const struct kafka_config *config, const struct dk_option *row);

/* Options that no row has: any property of librdkafka's. */
int kafka_properties_set(void *config, const char *name, const char *value, struct dk_error *error);
void kafka_properties_clean(void *config);
/* What the file says; "" when it says nothing. */
const char *kafka_properties_get(const struct kafka_config *config, const char *name);
/* The configuration of an instance: our own defaults, what the file says, what we rely on. NULL
 * with an error. rd_kafka_new takes it. */
rd_kafka_conf_t *kafka_properties_conf(const struct kafka_config *config, const char *name,
				       rd_kafka_type_t type, struct dk_error *error);
/* Has a refused certificate's reason said in words; see error.c. */
int kafka_certificate_watch(rd_kafka_conf_t *conf, struct dk_error *error);

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
	/* A topic can't be read, or is gone; a report of the library's has come. Both may be NULL.
	 */
	void (*miss)(struct kafka_instance *instance, const char *topic, bool is_gone);
	void (*read_report)(struct kafka_instance *instance, const char *report);
};

enum kafka_life {
	KAFKA_GONE, /* or about to begin anew */
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
	struct dk_timer *tick;	/* looks after it: once in a second, when it leaves more often */
	struct dk_timer *again; /* goes on draining in the next turn */
	int64_t late_ms;	/* when leaving takes too long */
	int destroy_flags;
	char cause[400];       /* of the last error of a connection */
	char certificate[300]; /* why one was refused last */
	bool is_anew;	       /* it failed for good: when it has ended, it begins again */
	int64_t anew_ms;       /* after so long */

	/* Any thread, under the lock: the queues that have something. */
	pthread_mutex_t lock;
	struct kafka_queue *first;
	struct kafka_queue **end;
	bool is_posted;
	struct dk_post post;

	struct kafka_departure *departure; /* while it is destroyed */
};

void kafka_instance_init(struct kafka_instance *instance, struct kafka_endpoint *endpoint,
			 const struct kafka_role *role);
void kafka_instance_free(struct kafka_instance *instance);
int kafka_instance_begin(struct kafka_instance *instance, struct dk_error *error);
void kafka_instance_leave(struct kafka_instance *instance);
/* It may have left: this is looked at in the next turn. */
void kafka_instance_look(struct kafka_instance *instance);
/* It does what it is there for. */
void kafka_instance_thrive(struct kafka_instance *instance);
/* The library can't go on with it: what it has is given back, and a new one takes its place. */
void kafka_instance_begin_anew(struct kafka_instance *instance, const char *why);
/* Says a line of the library's. */
void kafka_error_line(struct kafka_instance *instance, rd_kafka_event_t *event);
/* Says an error of the library's; it may be the end of the instance. */
void kafka_error_take(struct kafka_instance *instance, rd_kafka_event_t *event);

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
	struct kafka_trouble *troubles;
	bool is_closing;
	bool is_down; /* or about to be: its instances leave */
	char reason[256];
};

/* --- Troubles ------------------------------------------------------------------------------ */

enum kafka_trouble_kind {
	KAFKA_UNREACHABLE,
	KAFKA_NOT_TRUSTED,
	KAFKA_NOT_AUTHENTICATED,
	KAFKA_NOT_AUTHORIZED,
	KAFKA_NO_TOPIC,
	KAFKA_EXPELLED,
	KAFKA_NOT_COMMITTED,
	KAFKA_BEGINS_ANEW,
	KAFKA_OTHER_ERROR,
	KAFKA_TROUBLE_KINDS,
};

/* The subject is a topic; "" where the trouble is with no topic. */
void kafka_trouble_begin(struct kafka_instance *instance, enum kafka_trouble_kind kind,
			 const char *subject, const char *text);
/* subject NULL: with every topic. */
void kafka_trouble_end(struct kafka_instance *instance, enum kafka_trouble_kind kind,
		       const char *subject);
void kafka_troubles_end(struct kafka_instance *instance);
void kafka_troubles_end_topic(struct kafka_instance *instance, const char *topic);
void kafka_troubles_end_connection(struct kafka_instance *instance);
/* Those that last are said again; how often that becomes a line is the core's. */
void kafka_troubles_repeat(struct kafka_endpoint *endpoint);

/* --- The endpoint's life ------------------------------------------------------------------- */

/* An instance has ended. */
void kafka_life_ended(struct kafka_endpoint *endpoint);
/* An instance is of no more use: both end, and the endpoint is down. */
void kafka_life_fall(struct kafka_endpoint *endpoint, const char *reason);

/* NULL when there are none, which costs nothing. */
rd_kafka_headers_t *kafka_headers_make(const struct dk_delivery *delivery);

extern const struct dk_source_functions kafka_source;
extern const struct dk_sink_functions kafka_sink;
void kafka_source_free(struct kafka_consumer *consumer);
void kafka_sink_free(struct kafka_producer *producer);

#endif
