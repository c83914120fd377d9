/* SPDX-License-Identifier: Apache-2.0
 *
 * filters.h - the filters that a source subscribes to: asking the broker for them, and knowing
 * which one brought a message.
 *
 * A reload makes another set of them. Paho's threads may still use the one before: each holds the
 * set that it uses, and the loop frees those of before that nobody uses.
 */
#ifndef DK_PLUGINS_MQTT_FILTERS_H
#define DK_PLUGINS_MQTT_FILTERS_H

#include "plugins/mqtt/index.h"
#include "plugins/mqtt/mqtt.h"

#define MQTT_NOT_GRANTED 0x80 /* this and above: refused */
#define MQTT_NOT_ASKED -1

struct mqtt_filter {
	struct mqtt_filters *filters;
	struct dk_subscription *subscription;
	const char *text; /* without $share/group/ */
	uint32_t id;	  /* MQTT 5's identifier; not 0 */
	bool is_shared;
	bool is_new; /* no set before had it: what one of before brings, it has not brought too */
	bool drops_own; /* what we published is not to come back */
	int asked;	/* quality of service */
	int granted;	/* what the broker answered, or MQTT_NOT_ASKED; under the lock */
	MQTTSubscribe_options options;
};

struct mqtt_filters {
	struct mqtt_session *session;
	struct mqtt_filters *before; /* the set before it, until that is freed */
	unsigned uses;		     /* by other threads; under the session's lock */
	char **gone;		     /* what the broker is to forget; likewise */
	size_t gone_count;
	uint32_t *gone_ids; /* of all that have gone, also once they are forgotten */
	size_t gone_id_count;
	struct mqtt_filter *list;
	size_t count;
	size_t *by_id;		  /* sorted */
	struct mqtt_index *index; /* finds those that match a topic, by their place in the list */
	size_t open;		  /* questions without an answer; under the session's lock */
};

/* The set that takes the place of *place, which may be NULL: what the broker has granted stays
 * granted, what it has and is not among them is to be forgotten; so is what is in `left`, a line for
 * each, of an earlier run. */
void mqtt_filters_renew(struct mqtt_filters **place, struct mqtt_session *session,
			struct dk_subscription *const *subscriptions, size_t count,
			const char *left);
/* All that the broker may have: a line for each. To be freed. */
char *mqtt_filters_list(struct mqtt_filters *filters);
/* All sets, once no other thread is there any more. */
void mqtt_filters_free(struct mqtt_filters *filters);

/* Any thread: the set that is used now, until it is released. */
struct mqtt_filters *mqtt_filters_hold(struct mqtt_filters *const *place,
				       struct mqtt_session *session);
void mqtt_filters_release(struct mqtt_filters *filters);
/* Whether something is to be asked, or forgotten, that nobody has asked for yet. */
bool mqtt_filters_lack(struct mqtt_filters *filters);

/* Asks for all that are not granted, then to forget what has gone; when all is answered, news come.
 * Any thread that may call Paho. */
void mqtt_filters_ask(struct mqtt_filters *filters);
/* Whether nothing is asked that has no answer yet. */
bool mqtt_filters_answered(const struct mqtt_filters *filters);
/* All are to be asked for anew; without a session the broker has none of them, and none of before. */
void mqtt_filters_forget(struct mqtt_filters *filters, bool has_session);

/* The one with that identifier; NULL: none. */
struct mqtt_filter *mqtt_filters_find(const struct mqtt_filters *filters, uint32_t id);
/* Whether it is that of one that has gone. */
bool mqtt_filters_had(const struct mqtt_filters *filters, uint32_t id);
/* Whether there is a topic that two of them match. */
bool mqtt_filters_cross(const struct mqtt_filters *filters);

#endif
