/* SPDX-License-Identifier: Apache-2.0
 *
 * source.c - the source half: subscribes to a cover of the routes' filters, stores what comes.
 *
 * Paho acknowledges a message when the callback returns, whatever it returns. So the callback
 * stores, and nothing else; store() returns when the message is safe.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/cover.h"
#include "plugins/mqtt/index.h"
#include "plugins/mqtt/mqtt.h"

#define HEADERS_AT_HAND 32
/* Up to so many bytes a copy costs less than to give Paho's memory back from another thread: its
 * heap is one for all, behind one lock that its own thread needs for each packet. */
#define COPIED_BYTES 2048
#define NOT_GRANTED 0x80 /* this and above: refused */

struct mqtt_source {
	struct mqtt_session session;
	const struct dk_host *host;
	struct dk_subscription *const *subscriptions;
	size_t count;
	char **filters;
	struct mqtt_index *index; /* finds the one that matches */
	int *asked;   /* QoS for each */
	int *granted; /* what the broker answered */
	MQTTSubscribe_options *options;

	bool has_subscribed; /* in this run */
	bool has_greeted;
	bool has_session; /* the broker had one when we came */
	char refusal[256];
};

/* --- Messages ------------------------------------------------------------------------------ */

/* A loan is one pointer and a message is two blocks of memory. The first bytes of the one are
 * Paho's eye-catcher, which has served its purpose: there the other is kept. */
_Static_assert(offsetof(MQTTAsync_message, payloadlen) >= sizeof(char *), "no room for a topic");

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

/* No two filters overlap, so the one that matches is the one that brought the message. What none
 * matches comes of a subscription that an earlier run left behind: given to the first one, whose
 * routes do not want it, it is counted as unrouted. */
static struct dk_subscription *
find_subscription(const struct mqtt_source *source, struct dk_slice topic)
{
	size_t i = source->count > 1 ? mqtt_index_find(source->index, topic) : 0;

	return source->subscriptions[i < source->count ? i : 0];
}

/* A large one is lent, a small one copied. */
static void
store(struct mqtt_source *source, const struct dk_message *message, char *topic,
      MQTTAsync_message *packet)
{
	struct dk_subscription *subscription = find_subscription(source, message->address);

	if (message->payload.length > COPIED_BYTES) {
		memcpy((void *)packet, &topic, sizeof(topic));
		source->host->store(subscription, message,
				    &(struct dk_loan){ give_back, packet });
	} else {
		source->host->store(subscription, message, NULL);
		let_go(topic, packet);
	}
}

static unsigned
flags_of(const MQTTAsync_message *packet)
{
	return (packet->retained ? DK_RETAINED : 0u) | (packet->qos > 0 ? DK_PERSISTENT : 0u) |
	       (packet->dup ? DK_REDELIVERED : 0u);
}

/* Paho's thread. */
static int
take_message(void *context, char *topic, int topic_length, MQTTAsync_message *packet)
{
	struct mqtt_source *source = context;
	struct dk_message message = DK_MESSAGE_NONE;
	struct dk_header at_hand[HEADERS_AT_HAND], *headers = at_hand;
	size_t count = mqtt_properties_headers(&packet->properties);

	if (count > HEADERS_AT_HAND && !(headers = calloc(count, sizeof(*headers))))
		abort();
	message.address.data = topic;
	message.address.length = topic_length ? (size_t)topic_length : strlen(topic);
	message.payload.data = packet->payload ? packet->payload : "";
	message.payload.length = (size_t)packet->payloadlen;
	message.flags = flags_of(packet);
	mqtt_properties_read(&packet->properties, &message, headers);
	store(source, &message, topic, packet);
	if (headers != at_hand)
		free(headers);
	return 1;
}

/* --- Subscribing --------------------------------------------------------------------------- */

static void
on_subscribed(void *context, MQTTAsync_successData *data)
{
	struct mqtt_source *source = context;

	for (size_t i = 0; i < source->count; i++)
		source->granted[i] = source->count == 1 ? data->alt.qos : data->alt.qosList[i];
	mqtt_session_tell(&source->session, MQTT_ARRIVED, NULL);
}

static void
on_subscribed5(void *context, MQTTAsync_successData5 *data)
{
	struct mqtt_source *source = context;

	for (size_t i = 0; i < source->count; i++)
		source->granted[i] = source->count == 1 ? (int)data->reasonCode
							: (int)data->alt.sub.reasonCodes[i];
	mqtt_session_tell(&source->session, MQTT_ARRIVED, NULL);
}

/* Of a lone filter that is refused, and when the connection is lost. */
static void
on_not_subscribed(void *context, MQTTAsync_failureData *data)
{
	struct mqtt_source *source = context;

	source->granted[0] = NOT_GRANTED;
	mqtt_session_tell(&source->session, data->code < 0 ? MQTT_LOST : MQTT_ARRIVED,
			  "not subscribed");
}

static void
on_not_subscribed5(void *context, MQTTAsync_failureData5 *data)
{
	struct mqtt_source *source = context;

	source->granted[0] = (int)data->reasonCode;
	mqtt_session_tell(&source->session, data->code < 0 ? MQTT_LOST : MQTT_ARRIVED,
			  "not subscribed");
}

static void
subscribe_all(struct mqtt_source *source)
{
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
	int code;

	response.context = source;
	if (source->session.endpoint->config->version == MQTT_5) {
		response.onSuccess5 = on_subscribed5;
		response.onFailure5 = on_not_subscribed5;
		response.subscribeOptions = source->options[0];
		response.subscribeOptionsList = source->options;
		response.subscribeOptionsCount = (int)source->count;
	} else {
		response.onSuccess = on_subscribed;
		response.onFailure = on_not_subscribed;
	}
	code = MQTTAsync_subscribeMany(source->session.client, (int)source->count, source->filters,
				       source->asked, &response);
	if (code != MQTTASYNC_SUCCESS)
		mqtt_session_tell(&source->session, MQTT_LOST, mqtt_words(&source->session, code));
}

/* Paho's thread. A session that was kept has its subscriptions still; the first time in a run they
 * are renewed nevertheless, for the file may have changed since the last. */
static void
greeted(struct mqtt_session *session, const struct mqtt_greeting *greeting)
{
	struct mqtt_source *source = (void *)session;

	source->has_session = greeting->has_session;
	if (greeting->has_session && source->has_subscribed) {
		mqtt_session_tell(session, MQTT_ARRIVED, NULL);
		return;
	}
	source->has_subscribed = false;
	subscribe_all(source);
}

/* --- The loop's thread --------------------------------------------------------------------- */

static void
say_session(struct mqtt_source *source)
{
	const struct mqtt_session *session = &source->session;
	bool is_lost = session->is_kept && source->has_greeted && !source->has_session;

	source->host->log(session->endpoint->handle, is_lost ? DK_WARNING : DK_INFO,
			  is_lost ? "session-lost" : "session-found",
			  DK_FIELDS(DK_FIELD_TEXT("client_id", session->client_id),
				    DK_FIELD_TEXT("session",
						  source->has_session ? "resumed" : "new")));
	source->has_greeted = true;
}

/* What was granted less than was asked for is said; what was refused is a reason to leave. */
static const char *
judge_grants(struct mqtt_source *source)
{
	struct dk_endpoint *handle = source->session.endpoint->handle;
	bool is_less = false;

	for (size_t i = 0; i < source->count; i++) {
		if (source->granted[i] >= NOT_GRANTED) {
			snprintf(source->refusal, sizeof(source->refusal),
				 "the broker refuses the subscription \"%s\": %s",
				 source->filters[i],
				 source->granted[i] == NOT_GRANTED
					 ? "it does not say why"
					 : mqtt_words(&source->session, source->granted[i]));
			return source->refusal;
		}
		is_less |= source->granted[i] < source->asked[i];
	}
	if (is_less)
		source->host->trouble(handle, "lower-qos",
				      "the broker grants a subscription less than was asked for: "
				      "messages may be lost");
	else
		source->host->trouble_over(handle, "lower-qos");
	return NULL;
}

static const char *
admit(struct mqtt_session *session)
{
	struct mqtt_source *source = (void *)session;
	const char *reason;

	say_session(source);
	if (source->has_subscribed)
		return NULL;
	reason = judge_grants(source);
	source->has_subscribed = !reason;
	return reason;
}

static void
collect_nothing(struct mqtt_session *session)
{
	(void)session;
}

static const struct mqtt_role role = {
	.name = "source",
	.suffix = "",
	.is_source = true,
	.arrived = take_message,
	.greeted = greeted,
	.admit = admit,
	.collect = collect_nothing,
};

static int
qos_of(const struct dk_subscription *subscription, const struct mqtt_config *config)
{
	int64_t highest = 0;

	for (size_t i = 0; i < subscription->interest_count; i++) {
		const struct mqtt_from *from = subscription->interests[i]->options;

		if (from->qos > highest)
			highest = from->qos;
	}
	return (int)(highest < config->qos ? highest : config->qos);
}

static void
subscribe(void *argument, struct dk_subscription *const *subscriptions, size_t count)
{
	struct mqtt_endpoint *endpoint = argument;
	struct mqtt_source *source = calloc(1, sizeof(*source));
	/* Retained messages come with a subscription that is new, not with one that is renewed;
	 * and the flag is as it was published. */
	const MQTTSubscribe_options options = { { 'M', 'Q', 'S', 'O' }, 0, 0, 1, 1 };

	endpoint->source = source;
	source->host = endpoint->host;
	source->subscriptions = subscriptions;
	source->count = count;
	source->filters = calloc(count, sizeof(*source->filters));
	source->asked = calloc(count, sizeof(*source->asked));
	source->granted = calloc(count, sizeof(*source->granted));
	source->options = calloc(count, sizeof(*source->options));
	for (size_t i = 0; i < count; i++) {
		source->filters[i] = (char *)subscriptions[i]->name;
		source->asked[i] = qos_of(subscriptions[i], endpoint->config);
		source->options[i] = options;
	}
	source->index = mqtt_index_new((const char *const *)source->filters, count);
	mqtt_session_start(&source->session, endpoint, &role,
			   endpoint->config->session == MQTT_PERSISTENT);
}

void
mqtt_source_free(struct mqtt_source *source)
{
	if (!source)
		return;
	mqtt_index_free(source->index);
	free(source->filters);
	free(source->asked);
	free(source->granted);
	free(source->options);
	free(source);
}

static int
name_subscriptions(const void *config, struct dk_interest *interests, size_t count,
		   struct dk_error *error)
{
	const char **filters = calloc(count, sizeof(*filters));
	char **covers = calloc(count, sizeof(*covers));

	(void)config;
	(void)error;
	if (!filters || !covers)
		abort();
	for (size_t i = 0; i < count; i++)
		filters[i] = interests[i].filter;
	mqtt_cover(filters, count, covers);
	for (size_t i = 0; i < count; i++)
		interests[i].subscription = covers[i];
	free(filters);
	free(covers);
	return 0;
}

const struct dk_source_functions mqtt_source = {
	.waiting = DK_STORES,
	.name_subscriptions = name_subscriptions,
	.subscribe = subscribe,
	.pause = mqtt_life_pause,
	.resume = mqtt_life_resume,
	.stop = mqtt_life_stop,
};
