/* SPDX-License-Identifier: Apache-2.0
 *
 * publisher.h - a publishing link: deliveries wait in `pending`, are in flight from publishing
 * until the broker has answered for them, and are laid out for the loop with what became of them.
 *
 * When the broker closes the channel, all that was in flight is not there, or not known to be; the
 * broker's reason tells whose fault it was. It is an exchange's (missing, not allowed): an
 * obstacle, see obstacles.c. Or it is one message's: then those that were in flight are suspects,
 * and are sent in halves until the one is alone. The others are sent again.
 */
#ifndef PLUGIN_RABBITMQ_PUBLISHER_H
#define PLUGIN_RABBITMQ_PUBLISHER_H

#include "plugins/rabbitmq/message.h"
#include "plugins/rabbitmq/rabbitmq.h"

#define RABBITMQ_PUBLISHING 1 /* the channel */
#define RABBITMQ_ASIDE 2
#define RABBITMQ_OBSTACLES 16

/* What became of some deliveries. */
struct rabbitmq_result {
	struct rabbitmq_result *next;
	struct dk_delivery *deliveries; /* by ->next */
	enum dk_outcome outcome;
	char reason[RABBITMQ_REASON];
};

/* What keeps messages from an exchange, or from one routing key of it. */
struct rabbitmq_obstacle {
	enum dk_outcome outcome;
	const char *event;	    /* the trouble's; NULL: the core tells it */
	amqp_bytes_t exchange, key; /* key.bytes NULL: every key; owned */
	int64_t until_ms;	    /* so long nothing is tried; 0: all is */
	char reason[RABBITMQ_REASON];
};

/* A message that comes back, while it is read. */
struct rabbitmq_returned {
	bool is_reading;
	int code;
	char text[256];
	struct rabbitmq_envelope envelope;
	amqp_bytes_t properties, body; /* owned */
	size_t body_read;
};

struct rabbitmq_publisher {
	struct rabbitmq_link link;
	bool is_wanted; /* the loop's: it has targets */
	/* the thread's */
	struct rabbitmq_declarations *declarations; /* NULL: none yet */
	const struct rabbitmq_mode *mode;
	struct dk_delivery *pending, **last_pending;
	size_t pending_count;
	struct dk_delivery **flights; /* a ring, by tag; NULL: answered for */
	size_t flight_room, in_flight;
	uint64_t first_tag, next_tag;
	size_t round;	       /* published since nothing was in flight */
	size_t suspects;       /* so many at the front of pending, one of which may be to blame */
	unsigned alone_losses; /* connections lost in a row over one message that was alone */
	int64_t opened_ms;     /* a transaction: its first message was published */
	bool is_committing;
	int64_t asked_ms;
	unsigned since_look; /* messages published since the socket was looked at */
	struct rabbitmq_content content;
	struct rabbitmq_returned returned;
	struct rabbitmq_obstacle obstacles[RABBITMQ_OBSTACLES];
	size_t obstacle_count;
	struct dk_delivery *accepted, **last_accepted; /* not laid out yet */
	/* under the lock */
	struct rabbitmq_declarations *news; /* others, to be declared; NULL: all are */
	struct dk_delivery *inbox, **last_inbox;
	size_t inbox_count, wanted;	       /* with so many the thread is rung */
	int64_t writing_since_ms;	       /* a large message; 0: none */
	struct dk_delivery *done, **last_done; /* accepted */
	struct rabbitmq_result *results, **last_result;
	/* the loop's */
	struct dk_timer *watch; /* on a write that hangs */
	bool is_watching, is_stuck;
};

/* A way of making sure. */
struct rabbitmq_mode {
	const char *name;
	/* Sets the channel to it: the RPC alone. */
	void (*select)(struct rabbitmq_publisher *publisher);
	/* Publishes what may be published. -1: the link is lost. */
	int (*step)(struct rabbitmq_publisher *publisher);
	/* A method of the channel that is the mode's own. */
	int (*take)(struct rabbitmq_publisher *publisher, const amqp_method_t *method);
	/* How many more deliveries it waits for before it does anything; SIZE_MAX: for none. */
	size_t (*wanted)(const struct rabbitmq_publisher *publisher);
	/* When it will do something anyhow; INT64_MAX: never. */
	int64_t (*due_ms)(const struct rabbitmq_publisher *publisher);
};

extern const struct rabbitmq_mode rabbitmq_tx, rabbitmq_confirm; /* tx.c, confirm.c */

/* publisher.c: for the modes, on the thread */
/* The first of pending goes out, or is settled because it cannot. -1: the link is lost. */
int rabbitmq_publish_next(struct rabbitmq_publisher *publisher);
/* Whether more may be written now; frames are read now and then. -1: the link is lost. */
int rabbitmq_may_publish(struct rabbitmq_publisher *publisher);
/* How many may be in flight together, while one of them is suspected; SIZE_MAX: any number. */
size_t rabbitmq_group(const struct rabbitmq_publisher *publisher);
/* All of a round was answered for, and none was to blame. */
void rabbitmq_round_over(struct rabbitmq_publisher *publisher);
void rabbitmq_accept(struct rabbitmq_publisher *publisher, struct dk_delivery *delivery);
void rabbitmq_settle(struct rabbitmq_publisher *publisher, struct dk_delivery *delivery,
		     enum dk_outcome outcome, const char *reason);
/* The flight of a tag, which is not in flight any more; NULL: there is none. */
struct dk_delivery *rabbitmq_land(struct rabbitmq_publisher *publisher, uint64_t tag);

/* blame.c: the broker has closed the channel over something that was in flight. */
void rabbitmq_blame(struct rabbitmq_publisher *publisher, struct dk_slice text);
/* The broker did not take it, and may take it later. */
void rabbitmq_not_taken(struct rabbitmq_publisher *publisher, struct dk_delivery *delivery,
			const char *why);
/* The loop: the connection was lost; is a message to blame? NULL: none is known. */
struct dk_delivery *rabbitmq_blame_for_loss(struct rabbitmq_publisher *publisher);

/* returns.c: messages that come back, because no queue wants them. */
void rabbitmq_return_begin(struct rabbitmq_publisher *publisher, const amqp_basic_return_t *method);
/* -1: the broker makes no sense, and the link is lost. */
int rabbitmq_return_header(struct rabbitmq_publisher *publisher, const amqp_frame_t *frame);
void rabbitmq_return_body(struct rabbitmq_publisher *publisher, amqp_bytes_t part);
void rabbitmq_return_reset(struct rabbitmq_publisher *publisher);

/* obstacles.c */
/* Is there one that keeps this from being tried? NULL: no. */
const struct rabbitmq_obstacle *rabbitmq_obstacle_of(struct rabbitmq_publisher *publisher,
						     amqp_bytes_t exchange, amqp_bytes_t key);
/* There is one; key.bytes NULL: for every key. */
void rabbitmq_obstacle_put(struct rabbitmq_publisher *publisher, enum dk_outcome outcome,
			   const char *event, amqp_bytes_t exchange, amqp_bytes_t key,
			   int64_t wait_ms, const char *reason);
/* A message has passed that way. */
void rabbitmq_obstacle_passed(struct rabbitmq_publisher *publisher, amqp_bytes_t exchange,
			      amqp_bytes_t key);
void rabbitmq_obstacles_free(struct rabbitmq_publisher *publisher);

/* sink.c: the loop */
void rabbitmq_publisher_hear(struct rabbitmq_link *link);

#endif
