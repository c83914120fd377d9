/* SPDX-License-Identifier: Apache-2.0
 *
 * arrivals.c - what a source's subscriptions bring is stored, for each of them that brought it.
 *
 * Paho acknowledges a message when the callback returns, whatever it returns. So the callback
 * stores, and nothing else; store() returns when the message is safe.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/source.h"

#define HEADERS_AT_HAND 32
#define ROOM_AT_HAND 1024
/* Up to so many bytes a copy costs less than to give Paho's memory back from another thread: its
 * heap is one for all, behind one lock that its own thread needs for each packet. */
#define COPIED_BYTES 2048

/* A loan is one pointer and a message is two blocks of memory. The first bytes of the one are
 * Paho's eye-catcher, which has served its purpose: there the other is kept. */
_Static_assert(offsetof(MQTTAsync_message, payloadlen) >= sizeof(char *), "no room for a topic");

/* A message on its way into the spool. */
struct arrival {
	struct mqtt_source *source;
	struct mqtt_filters *filters;
	struct dk_message message;
	char *topic;
	MQTTAsync_message *packet; /* NULL: lent */
	bool is_whole;		   /* all of it is in the packet, which can be lent */
	bool is_own;		   /* we have published it */
};

static void
let_go(char *topic, MQTTAsync_message *packet)
{
	MQTTAsync_free(topic);
	MQTTAsync_freeMessage(&packet);
}

static void
give_back(void *thing)
{
	char *topic;

	memcpy(&topic, thing, sizeof(topic));
	let_go(topic, thing);
}

static void
store(struct arrival *arrival, const struct mqtt_filter *filter)
{
	if (!(arrival->is_own && filter->drops_own))
		arrival->source->host->store(filter->subscription, &arrival->message, NULL);
}

/* The last time: then a large one is lent, a small one copied. */
static void
store_last(struct arrival *arrival, const struct mqtt_filter *filter)
{
	MQTTAsync_message *packet = arrival->packet;

	if (!arrival->is_whole || arrival->message.payload.length <= COPIED_BYTES ||
	    (arrival->is_own && filter->drops_own)) {
		store(arrival, filter);
		return;
	}
	memcpy((void *)packet, &arrival->topic, sizeof(arrival->topic));
	arrival->packet = NULL;
	arrival->source->host->store(filter->subscription, &arrival->message,
				     &(struct dk_loan){ give_back, packet });
}

/* Over 3.1.1 no two filters overlap, so the one that matches is the one that brought the message.
 * What none matches comes of a subscription that an earlier run left behind: given to the first
 * one, whose routes do not want it, it is counted as unrouted. */
static void
store_by_cover(struct arrival *arrival)
{
	const struct mqtt_filters *filters = arrival->filters;
	size_t i =
		filters->count > 1 ? mqtt_index_find(filters->index, arrival->message.address) : 0;

	store_last(arrival, &filters->list[i < filters->count ? i : 0]);
}

/* What one message is for, of which the last one gets the message itself. */
struct receivers {
	struct arrival *arrival;
	const struct mqtt_filter *last; /* NULL: none yet */
	bool is_any; /* that match, new or not */
};

static bool
add_receiver(void *context, size_t number)
{
	struct receivers *receivers = context;

	if (receivers->last)
		store(receivers->arrival, receivers->last);
	receivers->last = &receivers->arrival->filters->list[number];
	return true;
}

/* Of a subscription of before. What it has brought, those that were there with it have brought too:
 * it is for those that are new, or, if none wants it any more, for nobody. */
static bool
add_new_receiver(void *context, size_t number)
{
	struct receivers *receivers = context;

	receivers->is_any = true;
	return !receivers->arrival->filters->list[number].is_new || add_receiver(context, number);
}

static void
store_of_gone(struct arrival *arrival)
{
	struct receivers receivers = { arrival, NULL, false };

	mqtt_index_match(arrival->filters->index, arrival->message.address, add_new_receiver,
			 &receivers);
	if (receivers.last || !receivers.is_any)
		store_last(arrival, receivers.last ? receivers.last : &arrival->filters->list[0]);
}

/* Of no subscription that we know: the broker has lost the identifier while it kept the message, or
 * somebody has used our client id. What it has brought while we were away may be wanted; from then
 * on it comes twice. */
static void
store_left_behind(struct arrival *arrival, bool is_named)
{
	const struct mqtt_source *source = arrival->source;
	struct receivers receivers = { arrival, NULL, false };

	mqtt_index_match(arrival->filters->index, arrival->message.address, add_receiver, &receivers);
	store_last(arrival, receivers.last ? receivers.last : &arrival->filters->list[0]);
	if (!is_named)
		return;
	source->host->trouble(
		source->session.endpoint->handle, "left-subscription",
		"the broker has a subscription of this client id that is none of ours, "
		"and what matches it may come twice; to be rid of it, start once with "
		"session = \"clean\", when nothing waits at the broker");
}

/* A broker sends a message once for each subscription that matches, or once with the identifiers of
 * all of them. */
static void
store_by_identifiers(struct arrival *arrival)
{
	const MQTTProperties *list = &arrival->packet->properties;
	const struct mqtt_filter *last = NULL;
	bool is_named = false, is_of_gone = false;

	for (int i = 0; i < list->count; i++) {
		const struct mqtt_filter *filter;

		if (list->array[i].identifier != MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER)
			continue;
		is_named = true;
		filter =
			mqtt_filters_find(arrival->filters, list->array[i].value.integer4);
		if (filter && last)
			store(arrival, last);
		last = filter ? filter : last;
		is_of_gone |= mqtt_filters_had(arrival->filters, list->array[i].value.integer4);
	}
	if (last)
		store_last(arrival, last);
	else if (is_of_gone)
		store_of_gone(arrival);
	else if (arrival->source->session.greeting.knows_identifiers)
		store_left_behind(arrival, is_named);
	else
		store_by_cover(arrival);
}

static unsigned
flags_of(const MQTTAsync_message *packet)
{
	return (packet->retained ? DK_RETAINED : 0u) | (packet->qos > 0 ? DK_PERSISTENT : 0u) |
	       (packet->dup ? DK_REDELIVERED : 0u);
}

static bool
is_ours(const struct dk_message *message, const char *client_id)
{
	for (size_t i = 0; i < message->header_count; i++) {
		const struct dk_header *header = &message->headers[i];

		if (mqtt_is_publisher(header))
			return header->value.length == strlen(client_id) &&
			       memcmp(header->value.data, client_id, header->value.length) == 0;
	}
	return false;
}

static void
fill_in(struct arrival *arrival, int topic_length)
{
	const MQTTAsync_message *packet = arrival->packet;
	struct dk_message *message = &arrival->message;

	*message = DK_MESSAGE_NONE;
	message->address.data = arrival->topic;
	message->address.length = topic_length ? (size_t)topic_length : strlen(arrival->topic);
	message->payload.data = packet->payload ? packet->payload : "";
	message->payload.length = (size_t)packet->payloadlen;
	message->flags = flags_of(packet);
}

/* `held`, or more. */
static void *
find_room(void *held, size_t have, size_t need)
{
	void *room = need <= have ? held : malloc(need);

	if (!room)
		abort();
	return room;
}

/* Paho's thread. What a resumed session brings may keep the SUBACKs waiting for as long as there is
 * more of it: it is as good an answer. */
static void
hear(struct mqtt_source *source)
{
	atomic_store_explicit(&source->session.endpoint->hears, true, memory_order_relaxed);
	if (source->is_resumed)
		mqtt_session_tell(&source->session, MQTT_ARRIVED, NULL);
	source->is_resumed = false;
}

/* Paho's thread. */
int
mqtt_arrived(void *context, char *topic, int topic_length, MQTTAsync_message *packet)
{
	struct arrival arrival = { .source = context, .topic = topic, .packet = packet };
	struct mqtt_endpoint *endpoint = arrival.source->session.endpoint;
	struct dk_header at_hand[HEADERS_AT_HAND], *headers;
	char room_at_hand[ROOM_AT_HAND], *room;
	size_t bytes, count = mqtt_properties_headers(&packet->properties, &bytes);

	hear(arrival.source);
	headers = find_room(at_hand, sizeof(at_hand), count * sizeof(*headers));
	room = find_room(room_at_hand, sizeof(room_at_hand), bytes);
	fill_in(&arrival, topic_length);
	mqtt_properties_read(&packet->properties, &arrival.message, headers, room);
	arrival.filters = mqtt_filters_hold(&arrival.source->filters, &arrival.source->session);
	arrival.is_whole = bytes == 0;
	arrival.is_own =
		endpoint->marks_own && is_ours(&arrival.message, arrival.source->session.client_id);
	if (endpoint->config->version == MQTT_5)
		store_by_identifiers(&arrival);
	else
		store_by_cover(&arrival);
	mqtt_filters_release(arrival.filters);
	if (arrival.packet)
		let_go(topic, packet);
	if (headers != at_hand)
		free(headers);
	if (room != room_at_hand)
		free(room);
	return 1;
}
