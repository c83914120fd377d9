/* SPDX-License-Identifier: Apache-2.0
 *
 * mqtt.h - what the parts of the MQTT plugin share.
 *
 * An endpoint has a session for each direction it is used in, each with a connection of its own:
 * when the spool is full the source leaves its broker, and the sink must stay to empty it.
 *
 * THREADS. Paho has two threads and one lock for the whole process. The lock is held while a
 * callback runs, and a source's callback stores, which waits for the disk. So whatever calls Paho
 * waits too, and is done by a thread of the session's, never by the loop. Paho's callbacks only
 * leave word: news of the session, and deliveries that are done. The loop alone decides.
 *
 * A CLIENT FOR EACH CONNECTION. Paho would send again what was not acknowledged, and forget whom to
 * tell. So a lost connection's client is destroyed, by which Paho answers for each of its messages,
 * and the core sends again what was released.
 */
#ifndef DK_PLUGINS_MQTT_H
#define DK_PLUGINS_MQTT_H

#include <MQTTAsync.h>
#include <pthread.h>
#include <stdatomic.h>

#include "plugins/mqtt/options.h"
#include "plugins/plugin.h"

/* --- Session: one connection --------------------------------------------------------------- */

enum mqtt_place {
	MQTT_AWAY,    /* no connection */
	MQTT_COMING,  /* connect was ordered */
	MQTT_THERE,   /* connected, and if it is the source's, subscribed or bringing messages */
	MQTT_LEAVING, /* leave was ordered */
	MQTT_ENDED,   /* its thread has ended */
};

/* What the loop orders from a session's thread. */
enum mqtt_order {
	MQTT_GO_ON,
	MQTT_CONNECT,
	MQTT_ASK, /* once more for what the broker has refused */
	MQTT_LEAVE,
	MQTT_END,
};

/* What the loop hears of a session. After MQTT_LEFT nothing comes until the next connect. */
enum mqtt_news {
	MQTT_ARRIVED = 1 << 0,
	MQTT_LOST = 1 << 1, /* with a reason */
	MQTT_LEFT = 1 << 2,
	MQTT_OVER = 1 << 3,  /* the thread is about to return */
	MQTT_TAKEN = 1 << 4, /* lost, because another client came with our client id */
};

/* All in all: a byte, four of its length, and what that can say. */
#define MQTT_PACKET_MAXIMUM (268435455 + 5)

/* What the broker said when it took the connection. */
struct mqtt_greeting {
	bool has_session;
	bool keeps_retained;
	bool knows_identifiers; /* of subscriptions */
	int qos;		/* the highest it takes */
	int receive_maximum;	/* unacknowledged messages of QoS 1 and 2 */
	uint32_t packet_maximum;
};

struct mqtt_session;

/* What the source's session and the sink's do each in its way. */
struct mqtt_role {
	const char *name;
	const char *suffix; /* of the client id */
	bool is_source;
	/* Paho's threads. */
	MQTTAsync_messageArrived *arrived;
	void (*greeted)(struct mqtt_session *session);
	/* The session's thread: there are deliveries. The client is NULL while there is none. */
	void (*publish)(struct mqtt_session *session, MQTTAsync client,
			struct dk_delivery *deliveries);
	/* The session's thread: MQTT_ASK. May be NULL. */
	void (*ask)(struct mqtt_session *session);
	/* The loop's thread. Is it well that it is connected? NULL, or a reason to leave. */
	const char *(*admit)(struct mqtt_session *session);
	/* The loop's thread. Did not come (false), or was there and is lost (true), by itself. May
	 * be NULL. */
	void (*lost)(struct mqtt_session *session, bool was_there);
	/* The loop's thread: there may be deliveries that are done. */
	void (*collect)(struct mqtt_session *session);
};

struct mqtt_session {
	struct mqtt_endpoint *endpoint;
	const struct mqtt_role *role;
	char *client_id;
	bool is_kept; /* the broker is to keep it while we are away */
	pthread_t thread;

	/* The loop's. */
	enum mqtt_place place;
	struct dk_timer *patience; /* runs while it is coming */
	int64_t there_since_ms;
	bool was_greeted; /* in this run */

	const char *address;	       /* of the broker; only changed while it is away */
	struct mqtt_greeting greeting; /* of the broker; written before the loop hears of it */

	/* Everybody's, under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool is_asleep;
	enum mqtt_order order;
	struct dk_delivery *first; /* to be published */
	struct dk_delivery **end;
	unsigned news; /* enum mqtt_news */
	char reason[512];
	char puzzle[256]; /* why Paho could not connect, in its words; "": nothing to find out */
	bool is_posted;
	struct dk_post post;

	/* Its thread's. */
	MQTTAsync client;     /* NULL: none */
	struct mqtt_web *web; /* what it goes over; NULL: nothing between */
};

/* The loop's thread. */
void mqtt_session_prepare(struct mqtt_session *session, struct mqtt_endpoint *endpoint,
			  const struct mqtt_role *role, bool is_kept);
/* Its thread begins. */
void mqtt_session_start(struct mqtt_session *session);
void mqtt_session_order(struct mqtt_session *session, enum mqtt_order order);
/* Once it is over; not before all are, for a timer may still look at it. */
void mqtt_session_end(struct mqtt_session *session);
/* Hands over a list of deliveries; `end` is its last one's next. Under the session's lock. */
void mqtt_session_publish(struct mqtt_session *session, struct dk_delivery *first,
			  struct dk_delivery **end);

/* Any thread. reason goes with MQTT_LOST. */
void mqtt_session_tell(struct mqtt_session *session, unsigned news, const char *reason);
/* Its thread is to find out why there is no connection, and then to tell; what, if it can't. */
void mqtt_session_puzzle(struct mqtt_session *session, const char *what);
/* Under the session's lock: the loop is to look. True: post it, once the lock is let go. */
bool mqtt_session_rouse(struct mqtt_session *session);
void mqtt_session_post(struct mqtt_session *session);

/* --- Client: Paho's, for one connection ----------------------------------------------------- */

/* NULL when Paho will not make one, with its code. */
MQTTAsync mqtt_client_new(struct mqtt_session *session, const char *uri, int *code);
/* Paho's code. It is connected when role->greeted is called, or news come of its failure. */
int mqtt_client_connect(struct mqtt_session *session);
/* What Paho's code says of a failure, in words. */
const char *mqtt_words(const struct mqtt_session *session, int code);
/* MQTT_LOST, with what could not be done and why. */
void mqtt_lose(struct mqtt_session *session, const char *what, const char *why);

/* --- Endpoint ------------------------------------------------------------------------------ */

struct mqtt_endpoint {
	const struct dk_host *host;
	struct dk_endpoint *handle;
	const struct mqtt_config *config;
	const char *name;
	struct mqtt_source *source; /* NULL: it is none */
	struct mqtt_sink *sink;
	struct mqtt_session *sessions[2]; /* theirs */
	size_t session_count;
	char **addresses; /* of brokers, to be tried in turn */
	size_t address_count, address;

	/* Any thread's, and not among those of the loop, several of which are read at once. */
	atomic_bool marks_own; /* what it publishes is marked, for it is not to come back */
	atomic_bool hears;     /* a message came since somebody looked */

	unsigned short_lives;  /* connections in a row that ended soon after they began */
	struct dk_timer *rest; /* runs before the next one, then */
	bool is_resting;
	bool is_wanted; /* connect() was called, down() was not */
	bool is_up;
	bool is_falling;   /* all sessions leave; then it is down */
	bool is_paused;	   /* the source is to stay away */
	bool is_closing;
	char reason[512];
};

void mqtt_life_begin(struct mqtt_endpoint *endpoint);
void mqtt_life_connect(void *endpoint);
void mqtt_life_pause(void *endpoint, struct dk_stream *stream);
void mqtt_life_resume(void *endpoint, struct dk_stream *stream);
void mqtt_life_stop(void *endpoint);
void mqtt_life_close(void *endpoint);
void mqtt_life_news(struct mqtt_session *session, unsigned news, const char *reason);

extern const struct dk_source_functions mqtt_source;
extern const struct dk_sink_functions mqtt_sink;
void mqtt_source_free(struct mqtt_source *source);
void mqtt_sink_free(struct mqtt_sink *sink);
int mqtt_name_subscriptions(const void *config, struct dk_interest *interests, size_t count,
			    struct dk_error *error);

/* --- Properties of MQTT 5 ------------------------------------------------------------------ */

#define MQTT_PUBLISHER ((struct dk_slice){ "diolkos-publisher", 17 })
bool mqtt_is_publisher(const struct dk_header *header);

/* Room for a delivery's properties, used again for each. */
struct mqtt_properties {
	MQTTProperties list;
	char *text; /* of values that had to be written anew */
	size_t text_room;
};

/* Fills the list with what a delivery carries, and the publisher's name unless it is NULL; it
 * points into them. NULL, or why MQTT cannot carry it. */
const char *mqtt_properties_write(struct mqtt_properties *properties,
				  const struct dk_delivery *delivery, const char *publisher);
void mqtt_properties_free(struct mqtt_properties *properties);
/* Of a PUBLISH as it goes out, all in all; `topic` is the length of that. */
size_t mqtt_packet_length(const MQTTAsync_message *packet, size_t topic, bool is_5);

/* Fills a message with what a packet carries. `headers` has room for as many as
 * mqtt_properties_headers counts, and `text` for as many bytes as it says. */
size_t mqtt_properties_headers(const MQTTProperties *list, size_t *room);
void mqtt_properties_read(const MQTTProperties *list, struct dk_message *message,
			  struct dk_header *headers, char *text);

#endif
