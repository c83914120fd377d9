/* SPDX-License-Identifier: Apache-2.0
 *
 * rabbitmq.h - how the parts of the plugin hang together: an endpoint has up to two links, one to
 * consume and one to publish, each a connection with one channel and a thread of its own, for
 * rabbitmq-c blocks and is used by one thread only.
 *
 * A link's thread and the loop share what stands under the link's lock, and nothing else: the loop
 * rings the thread (an eventfd), the thread posts to the loop, each only if the other has not been
 * told yet.
 */
#ifndef PLUGIN_RABBITMQ_H
#define PLUGIN_RABBITMQ_H

#include <pthread.h>
#include <amqp.h>
#include <amqp_framing.h>

#include "plugins/plugin.h"

#define RABBITMQ_CHANNEL 1

struct rabbitmq_config {
	const char *uri, *username, *password;
	int64_t heartbeat_ms, connect_timeout_ms, rpc_timeout_ms;
	int publish;
	int64_t batch, linger_ms, prefetch, window, max_message;
};

struct rabbitmq_from {
	const char *queue;
	bool declare;
};

struct rabbitmq_to {
	bool declare;
};

struct rabbitmq_link;

/* What a link is for. All but `hear` are called on the link's thread. */
struct rabbitmq_role {
	const char *name;
	/* The channel is open: declare, consume, begin transactions. -1 with link->reason. */
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
	amqp_connection_state_t connection; /* the thread's */
	char reason[400];                   /* why it is lost: the thread's until it has ended */
	int wake;                           /* an eventfd: the loop rings */
	bool is_frame_kept;                 /* the last frame is still needed when the next is read */

	pthread_mutex_t lock;
	int socket; /* -1: none; to be shut down from outside when a call hangs */
	bool is_up, is_ended, must_end, is_rung, is_posted;
	struct dk_post post;

	bool is_running; /* the loop's: the thread is there */
};

/* A message as it was read, in one block, lent to the core as a whole. */
struct rabbitmq_message {
	struct rabbitmq_message *next;
	struct dk_subscription *subscription;
	struct dk_message message;
	size_t body_size, body_read;
	char *body;
};

struct rabbitmq_consumer {
	struct rabbitmq_link link;
	/* the thread's */
	struct rabbitmq_message *reading;
	amqp_basic_deliver_t delivered; /* between its method and its header, in the library's memory */
	uint64_t acknowledged;
	/* under the lock */
	struct rabbitmq_message *first, **last; /* read, for the loop */
	uint64_t settled;                       /* tag up to which to acknowledge */
	/* the loop's */
	struct dk_stream *stream;
	struct rabbitmq_message *held, **last_held; /* taken over, not passed on yet */
	bool is_paused, is_stopped;
	struct dk_timer *go_on;
};

/* What became of some deliveries. */
struct rabbitmq_result {
	struct rabbitmq_result *next;
	struct dk_delivery *deliveries; /* by ->next */
	enum dk_outcome outcome;
	char reason[400];
};

struct rabbitmq_publisher {
	struct rabbitmq_link link;
	struct dk_target **targets; /* the loop's until connect */
	size_t target_count;
	/* the thread's */
	struct dk_delivery *pending, **last_pending;
	size_t pending_count;
	int64_t pending_since_ms;
	size_t caution; /* so many transactions of one message each, to find what makes them fail */
	/* under the lock */
	struct dk_delivery *inbox, **last_inbox;
	size_t inbox_count;
	struct rabbitmq_result *results, **last_result;
};

struct rabbitmq {
	const struct dk_host *host;
	struct dk_endpoint *handle;
	const char *name;
	const struct rabbitmq_config *config;
	char *uri; /* the parser's copy: `info` points into it */
	struct amqp_connection_info info;
	struct dk_subscription *const *subscriptions;
	size_t subscription_count;
	struct rabbitmq_consumer consumer;
	struct rabbitmq_publisher publisher;
	bool is_up, is_falling, is_closing;
	char reason[400];
	struct dk_timer *impatience; /* when the threads do not end by themselves */
};

/* endpoint.c: the loop */
void *rabbitmq_open(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
		    const void *config, struct dk_error *error);
void rabbitmq_connect(void *endpoint);
void rabbitmq_close(void *endpoint);

/* link.c */
void rabbitmq_link_init(struct rabbitmq_link *link, struct rabbitmq *endpoint,
			const struct rabbitmq_role *role);
void rabbitmq_link_free(struct rabbitmq_link *link);
void rabbitmq_link_start(struct rabbitmq_link *link);
/* The thread is to end; with is_urgent also if it hangs in a call. */
void rabbitmq_link_end(struct rabbitmq_link *link, bool is_urgent);
/* With the lock held: tells the other side that there is something for it. */
void rabbitmq_link_ring(struct rabbitmq_link *link);
void rabbitmq_link_post(struct rabbitmq_link *link);
/* Fills link->reason from what a call has returned; -1 if it was an error. */
int rabbitmq_check(struct rabbitmq_link *link, amqp_rpc_reply_t reply, const char *what);
int rabbitmq_fail(struct rabbitmq_link *link, const char *format, ...) DK_PRINTF(2, 3);
/* The next frame that is there: 1, 0 when there is none, -1 when the link is lost. Frames of the
 * connection itself (blocked, close) are dealt with here. */
int rabbitmq_next_frame(struct rabbitmq_link *link, amqp_frame_t *frame);

/* source.c, sink.c */
extern const struct rabbitmq_role rabbitmq_consuming, rabbitmq_publishing;
void rabbitmq_subscribe(void *endpoint, struct dk_subscription *const *subscriptions, size_t count);
void rabbitmq_pause(void *endpoint, struct dk_stream *stream);
void rabbitmq_resume(void *endpoint, struct dk_stream *stream);
void rabbitmq_settled(void *endpoint, const struct dk_settlement *settlements, size_t count);
void rabbitmq_stop(void *endpoint);
int rabbitmq_prepare(void *endpoint, struct dk_target *target, struct dk_error *error);
size_t rabbitmq_send(void *endpoint, struct dk_delivery *const *deliveries, size_t count);
/* After the threads have ended: nothing that they had is left. */
void rabbitmq_consumer_reset(struct rabbitmq *endpoint);
void rabbitmq_publisher_reset(struct rabbitmq *endpoint, const char *reason);

/* declare.c: the threads */
int rabbitmq_declare_sources(struct rabbitmq_link *link);
int rabbitmq_declare_targets(struct rabbitmq_link *link);
/* An address's parts: what stands before its first /, and behind it. */
void rabbitmq_split(struct dk_slice address, amqp_bytes_t *exchange, amqp_bytes_t *key);

/* properties.c */
struct rabbitmq_message *rabbitmq_message_read(const amqp_basic_deliver_t *delivered,
					       const char *fixed_address,
					       const amqp_basic_properties_t *properties,
					       size_t body_size);
/* Fills properties for a delivery; `entries` is room for its headers. */
void rabbitmq_properties_write(const struct dk_delivery *delivery,
			       amqp_basic_properties_t *properties, amqp_table_entry_t *entries,
			       char *numbers, size_t room);

static inline amqp_bytes_t
rabbitmq_bytes(struct dk_slice slice)
{
	return (amqp_bytes_t){ slice.length, (void *)slice.data };
}

#endif
