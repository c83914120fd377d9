/* SPDX-License-Identifier: Apache-2.0
 *
 * rabbitmq.h - how the parts of the plugin hang together: an endpoint has up to two links, one to
 * consume and one to publish, each a connection with a thread of its own, for rabbitmq-c blocks
 * and is used by one thread only.
 *
 * A link's thread and the loop share what stands under the link's lock, and nothing else: the loop
 * rings the thread (an eventfd), the thread posts to the loop, each only if the other has not been
 * told yet.
 *
 * What the broker refuses closes a channel, with all that was under way in it. So each queue is
 * consumed in a channel of its own, publishing has one, and what may well be refused (declaring)
 * is tried aside, in one more.
 */
#ifndef PLUGIN_RABBITMQ_H
#define PLUGIN_RABBITMQ_H

#include <amqp.h>
#include <amqp_framing.h>
#include <pthread.h>

#include "plugins/plugin.h"

#define RABBITMQ_REASON 1280 /* room for a sentence that names who, where and why */

enum rabbitmq_publish_mode { RABBITMQ_TX, RABBITMQ_CONFIRM };
enum rabbitmq_unroutable { RABBITMQ_REJECT, RABBITMQ_RETRY };
enum rabbitmq_delivery_mode { RABBITMQ_PERSISTENT, RABBITMQ_AS_SENT };
enum rabbitmq_queue_type { RABBITMQ_CLASSIC, RABBITMQ_QUORUM };
enum rabbitmq_identification { RABBITMQ_HTTPS, RABBITMQ_NONE };

struct rabbitmq_config {
	const char *uri, *username, *password;
	const char *ca_location, *certificate_location, *key_location, *key_password;
	int identification;
	bool is_verifying;
	int64_t heartbeat_ms, connect_timeout_ms, rpc_timeout_ms;
	int publish;
	int64_t batch, linger_ms, prefetch, window, max_message;
};

struct rabbitmq_from {
	const char *queue;
	bool declare, exclusive;
	int queue_type;
	int64_t priority;
};

struct rabbitmq_to {
	bool declare;
	int queue_type, unroutable, delivery_mode;
};

/* One of the brokers that the uri names. */
struct rabbitmq_host {
	char *uri; /* the parser's copy: `info` points into it */
	struct amqp_connection_info info;
	char name[280]; /* for people: host:port */
};

struct rabbitmq_link;

/* What a link is for. All but `hear` are called on the link's thread. */
struct rabbitmq_role {
	const char *name;
	/* The connection is there: open channels, begin. -1 with link->reason. */
	int (*begin)(struct rabbitmq_link *link);
	/* Frames may have come, the loop may have rung. -1 with link->reason: the link is lost. */
	int (*work)(struct rabbitmq_link *link);
	/* How long it may wait for either; -1: as long as the heartbeat lets it. */
	int64_t (*patience_ms)(struct rabbitmq_link *link);
	/* The last words before the connection is closed in order. */
	void (*end)(struct rabbitmq_link *link);
	/* The loop: takes what the thread has laid out. */
	void (*hear)(struct rabbitmq_link *link);
};

struct rabbitmq_link {
	struct rabbitmq *endpoint;
	const struct rabbitmq_role *role;
	pthread_t thread;
	/* the thread's */
	amqp_connection_state_t connection;
	const struct rabbitmq_host *host; /* whom it is connected with, or tries to be */
	char tls_reason[200];		  /* why the broker's certificate was refused */
	char reason[500]; /* of the last failure; why it is lost, once the thread has ended */
	int code;	  /* the broker's, of its last refusal; 0: it was no refusal */
	amqp_channel_t last_channel; /* of the last frame, whose memory is still to be released */
	amqp_channel_t aside;	     /* for what may be refused; 0: not open */
	bool is_blocked;	     /* the broker takes no messages */
	bool wants_room;	     /* wait until it can be written to as well */

	int wake; /* an eventfd: the loop rings */
	pthread_mutex_t lock;
	int socket; /* -1: none; to be shut down from outside when a call hangs */
	bool is_up, is_ended, must_end, is_rung, is_posted;
	struct dk_post post;

	bool is_running; /* the loop's: the thread is there */
};

struct rabbitmq_consumer;
struct rabbitmq_publisher;

struct rabbitmq {
	const struct dk_host *host;
	struct dk_endpoint *handle;
	const char *name;
	const struct rabbitmq_config *config;
	struct rabbitmq_host *hosts;
	size_t host_count, next_host;
	struct rabbitmq_consumer *consumer;
	struct rabbitmq_publisher *publisher;
	struct rabbitmq_link *links[2]; /* of those two */
	bool is_up, is_falling, is_closing;
	char reason[900];
	struct dk_timer *impatience; /* when the threads do not end by themselves */
};

/* endpoint.c: the loop */
void *rabbitmq_open(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
		    const void *config, struct dk_error *error);
void rabbitmq_connect(void *endpoint);
void rabbitmq_close(void *endpoint);
/* The link has posted: it is up, or has ended. Called last, for the endpoint may be gone then. */
void rabbitmq_hear_life(struct rabbitmq_link *link, bool is_ended);

/* hosts.c: the brokers of a uri, which may name several. -1 with an error. */
int rabbitmq_hosts_read(const char *uri, struct rabbitmq_host **hosts, size_t *count,
			struct dk_error *error);
void rabbitmq_hosts_free(struct rabbitmq_host *hosts, size_t count);

/* tls.c: a socket for TLS, with what the configuration says of certificates. NULL with
 * link->reason. */
amqp_socket_t *rabbitmq_tls_socket(struct rabbitmq_link *link);
/* Words for what has gone wrong with TLS on this thread last, or NULL; status is rabbitmq-c's. */
const char *rabbitmq_tls_words(const struct rabbitmq_link *link, int status);

/* link.c: a thread's life */
void rabbitmq_link_init(struct rabbitmq_link *link, struct rabbitmq *endpoint,
			const struct rabbitmq_role *role);
void rabbitmq_link_free(struct rabbitmq_link *link);
void rabbitmq_link_start(struct rabbitmq_link *link, const struct rabbitmq_host *host);
/* The thread is to end; with is_urgent also if it hangs in a call. */
void rabbitmq_link_end(struct rabbitmq_link *link, bool is_urgent);
/* With the lock held: tells the other side that there is something for it. */
void rabbitmq_link_ring(struct rabbitmq_link *link);
void rabbitmq_link_post(struct rabbitmq_link *link);

/* connection.c: the thread */
int rabbitmq_connection_open(struct rabbitmq_link *link);
void rabbitmq_connection_close(struct rabbitmq_link *link, bool is_sound);
int rabbitmq_fail(struct rabbitmq_link *link, const char *format, ...) DK_PRINTF(2, 3);
/* What an RPC in a channel has come to: 0, RABBITMQ_REFUSED when the broker has closed the channel
 * (and has been answered), -1 when the link is lost; link->reason and link->code say why. What was
 * read in the channel before is not to be looked at afterwards. */
#define RABBITMQ_REFUSED 1
int rabbitmq_answer(struct rabbitmq_link *link, amqp_channel_t channel, const char *what);
/* The same for a channel.close that was read as a frame. */
int rabbitmq_refused(struct rabbitmq_link *link, amqp_channel_t channel,
		     const amqp_method_t *method, const char *what);
int rabbitmq_channel_open(struct rabbitmq_link *link, amqp_channel_t channel);
/* The channel aside is open: 0, -1 when the link is lost. */
int rabbitmq_aside(struct rabbitmq_link *link, amqp_channel_t number);
/* The next frame of any channel: 1, 0 when there is none, -1 when the link is lost. Frames of the
 * connection itself (blocked, close) are dealt with here. What it points to lives until the next
 * call. */
int rabbitmq_next_frame(struct rabbitmq_link *link, amqp_frame_t *frame);

/* What one or more targets want to be there. */
struct rabbitmq_declaration {
	char *route; /* one of them, for words */
	char *address;
	bool is_literal;
	int queue_type;
};

struct rabbitmq_declarations {
	size_t count;
	struct rabbitmq_declaration list[]; /* sorted, each once */
};

/* declarations.c: any thread. */
struct rabbitmq_declarations *
rabbitmq_declarations_new(const struct dk_target *const *targets, size_t count);
void rabbitmq_declarations_free(struct rabbitmq_declarations *declarations);
/* NULL has none. */
bool rabbitmq_declarations_have(const struct rabbitmq_declarations *declarations,
				const struct rabbitmq_declaration *declaration);

/* declare.c: the threads. The number of things that the broker has refused and that are told, or -1
 * when the link is lost. */
int rabbitmq_declare_subscription(struct rabbitmq_link *link, amqp_channel_t aside,
				  const struct dk_subscription *subscription);
int rabbitmq_declare(struct rabbitmq_link *link, amqp_channel_t aside,
		     const struct rabbitmq_declaration *declaration);
/* An address's parts: what stands before its first /, and behind it. */
void rabbitmq_split(struct dk_slice address, amqp_bytes_t *exchange, amqp_bytes_t *key);

/* consumer.c, source.c */
extern const struct rabbitmq_role rabbitmq_consuming;
struct rabbitmq_link *rabbitmq_consumer_new(struct rabbitmq *endpoint);
void rabbitmq_consumer_free(struct rabbitmq_consumer *consumer);
bool rabbitmq_consumer_is_wanted(const struct rabbitmq_consumer *consumer);
/* After the thread has ended: nothing that it had is left. */
void rabbitmq_consumer_reset(struct rabbitmq_consumer *consumer);
void rabbitmq_subscribe(void *endpoint, struct dk_subscription *const *subscriptions, size_t count);
void rabbitmq_pause(void *endpoint, struct dk_stream *stream);
void rabbitmq_resume(void *endpoint, struct dk_stream *stream);
void rabbitmq_settled(void *endpoint, const struct dk_settlement *settlements, size_t count);
void rabbitmq_stop(void *endpoint);

/* publisher.c, sink.c */
extern const struct rabbitmq_role rabbitmq_publishing;
struct rabbitmq_link *rabbitmq_publisher_new(struct rabbitmq *endpoint);
void rabbitmq_publisher_free(struct rabbitmq_publisher *publisher);
bool rabbitmq_publisher_is_wanted(const struct rabbitmq_publisher *publisher);
void rabbitmq_publisher_reset(struct rabbitmq_publisher *publisher, const char *reason);
void rabbitmq_aim(void *endpoint, const struct dk_target *const *targets, size_t count);
size_t rabbitmq_send(void *endpoint, struct dk_delivery *const *deliveries, size_t count);

static inline amqp_bytes_t
rabbitmq_bytes(struct dk_slice slice)
{
	return (amqp_bytes_t){ slice.length, (void *)slice.data };
}

static inline struct dk_slice
rabbitmq_slice(amqp_bytes_t bytes)
{
	return (struct dk_slice){ bytes.bytes, bytes.len };
}

static inline bool
rabbitmq_is_same(amqp_bytes_t one, amqp_bytes_t other)
{
	return one.len == other.len &&
	       (one.len == 0 || __builtin_memcmp(one.bytes, other.bytes, one.len) == 0);
}

#endif
