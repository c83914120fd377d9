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

#include "plugins/plugin.h"

enum mqtt_version { MQTT_3_1_1, MQTT_5 };
enum mqtt_keeping { MQTT_PERSISTENT, MQTT_CLEAN };
enum mqtt_retaining { MQTT_RETAIN_KEEP, MQTT_RETAIN_ALWAYS, MQTT_RETAIN_NEVER };

struct mqtt_config {
	const char *uri, *client_id, *username, *password;
	int version; /* enum mqtt_version */
	int64_t qos;
	int session; /* enum mqtt_keeping */
	int64_t session_expiry_ms;
	int64_t keepalive_ms;
	int64_t connect_timeout_ms;
	int64_t window;
};

struct mqtt_from {
	int64_t qos;
};

struct mqtt_to {
	int64_t qos;
	int retain; /* enum mqtt_retaining */
};

/* --- Session: one connection --------------------------------------------------------------- */

enum mqtt_place {
	MQTT_AWAY,    /* no connection */
	MQTT_COMING,  /* connect was ordered */
	MQTT_THERE,   /* connected, and subscribed if it is the source's */
	MQTT_LEAVING, /* leave was ordered */
	MQTT_ENDED,   /* its thread has ended */
};

/* What the loop orders from a session's thread. */
enum mqtt_order {
	MQTT_GO_ON,
	MQTT_CONNECT,
	MQTT_LEAVE,
	MQTT_END,
};

/* What the loop hears of a session. After MQTT_LEFT nothing comes until the next connect. */
enum mqtt_news {
	MQTT_ARRIVED = 1 << 0,
	MQTT_LOST = 1 << 1, /* with a reason */
	MQTT_LEFT = 1 << 2,
	MQTT_OVER = 1 << 3, /* the thread is about to return */
};

/* What the broker said when it took the connection. */
struct mqtt_greeting {
	bool has_session;
	bool keeps_retained;
	int qos;             /* the highest it takes */
	int receive_maximum; /* unacknowledged messages of QoS 1 */
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
	void (*greeted)(struct mqtt_session *session, const struct mqtt_greeting *greeting);
	/* The session's thread: there are deliveries. The client is NULL while there is none. */
	void (*publish)(struct mqtt_session *session, MQTTAsync client,
			struct dk_delivery *deliveries);
	/* The loop's thread. Is it well that it is connected? NULL, or a reason to leave. */
	const char *(*admit)(struct mqtt_session *session);
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

	/* Everybody's, under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool is_asleep;
	enum mqtt_order order;
	struct dk_delivery *first; /* to be published */
	struct dk_delivery **end;
	unsigned news; /* enum mqtt_news */
	char reason[256];
	bool is_posted;
	struct dk_post post;

	/* Its thread's. */
	MQTTAsync client; /* NULL: none */
};

/* The loop's thread. */
void mqtt_session_start(struct mqtt_session *session, struct mqtt_endpoint *endpoint,
			const struct mqtt_role *role, bool is_kept);
void mqtt_session_order(struct mqtt_session *session, enum mqtt_order order);
void mqtt_session_join(struct mqtt_session *session);
/* Hands over a list of deliveries; `end` is its last one's next. Under the session's lock. */
void mqtt_session_publish(struct mqtt_session *session, struct dk_delivery *first,
			  struct dk_delivery **end);

/* Any thread. reason goes with MQTT_LOST. */
void mqtt_session_tell(struct mqtt_session *session, unsigned news, const char *reason);
/* Under the session's lock: the loop is to look. True: post it, once the lock is let go. */
bool mqtt_session_rouse(struct mqtt_session *session);
void mqtt_session_post(struct mqtt_session *session);

/* What Paho's code says of a failure, in words. */
const char *mqtt_words(const struct mqtt_session *session, int code);

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

	bool is_wanted;  /* connect() was called, down() was not */
	bool is_up;
	bool is_falling; /* all sessions leave; then it is down */
	bool is_paused;  /* the source is to stay away */
	bool is_closing;
	char reason[256];
};

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

/* --- Properties of MQTT 5 ------------------------------------------------------------------ */

/* Room for a delivery's properties, used again for each. */
struct mqtt_properties {
	MQTTProperties list;
	char *text; /* of values that had to be written anew */
	size_t text_room;
};

/* Fills the list with what a delivery carries; it points into the delivery. */
void mqtt_properties_write(struct mqtt_properties *properties, const struct dk_delivery *delivery);
void mqtt_properties_free(struct mqtt_properties *properties);

/* Fills a message with what a packet carries. `headers` has room for as many as
 * mqtt_properties_headers counts. */
size_t mqtt_properties_headers(const MQTTProperties *list);
void mqtt_properties_read(const MQTTProperties *list, struct dk_message *message,
			  struct dk_header *headers);

#endif
