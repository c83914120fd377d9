/* SPDX-License-Identifier: Apache-2.0
 *
 * filters.c - the filters that a source subscribes to; see filters.h.
 *
 * Each is asked for in a packet of its own, for a packet has room for one identifier. An identifier
 * is made of the filter's text, so that what the broker keeps for us over a change of the
 * configuration comes with the same one.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/hash.h"
#include "plugins/mqtt/filters.h"

#define IDENTIFIERS 268435455u /* MQTT 5.0 section 3.8.2.1.2: from 1 to this */

/* --- Identifiers --------------------------------------------------------------------------- */

static uint32_t
hash_of(const char *text)
{
	uint64_t hash = dk_hash_slice(DK_HASH_SEED, (struct dk_slice){ text, strlen(text) });

	return (uint32_t)(dk_hash_fold(hash) % IDENTIFIERS) + 1;
}

static int
compare_ids(const void *a, const void *b, void *list)
{
	const struct mqtt_filter *filters = list;
	uint32_t x = filters[*(const size_t *)a].id, y = filters[*(const size_t *)b].id;

	return x < y ? -1 : x > y;
}

/* Two of the same hash: one moves on to the next that is free, and back again until none do. */
static void
give_ids(struct mqtt_filters *filters)
{
	bool is_moved = true;

	for (size_t i = 0; i < filters->count; i++) {
		filters->list[i].id = hash_of(filters->list[i].subscription->name);
		filters->by_id[i] = i;
	}
	while (is_moved) {
		is_moved = false;
		qsort_r(filters->by_id, filters->count, sizeof(*filters->by_id), compare_ids,
			filters->list);
		for (size_t i = 1; i < filters->count; i++) {
			struct mqtt_filter *a = &filters->list[filters->by_id[i - 1]];
			struct mqtt_filter *b = &filters->list[filters->by_id[i]];

			if (a->id != b->id)
				continue;
			b->id = b->id % IDENTIFIERS + 1;
			is_moved = true;
		}
	}
}

struct mqtt_filter *
mqtt_filters_find(const struct mqtt_filters *filters, uint32_t id)
{
	size_t low = 0, high = filters->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (filters->list[filters->by_id[middle]].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == filters->count || filters->list[filters->by_id[low]].id != id)
		return NULL;
	return &filters->list[filters->by_id[low]];
}

/* --- Topics -------------------------------------------------------------------------------- */

bool
mqtt_filters_cross(const struct mqtt_filters *filters)
{
	struct mqtt_index *before = mqtt_index_new();
	bool is_cross = false;

	for (size_t i = 0; i < filters->count && !is_cross; i++) {
		is_cross = mqtt_index_overlap(before, filters->list[i].text) != SIZE_MAX;
		mqtt_index_add(before, filters->list[i].text, i);
	}
	mqtt_index_free(before);
	return is_cross;
}

/* --- Asking -------------------------------------------------------------------------------- */

/* One has its answer; with the last one all is known. */
static void
close_one(struct mqtt_filter *filter, int granted)
{
	struct mqtt_session *session = filter->filters->session;
	bool is_last;

	pthread_mutex_lock(&session->lock);
	filter->granted = granted;
	is_last = --filter->filters->open == 0;
	pthread_mutex_unlock(&session->lock);
	if (is_last)
		mqtt_session_tell(session, MQTT_ARRIVED, NULL);
}

static void
on_subscribed(void *context, MQTTAsync_successData *data)
{
	close_one(context, data->alt.qos);
}

static void
on_subscribed5(void *context, MQTTAsync_successData5 *data)
{
	close_one(context, (int)data->reasonCode);
}

/* Paho's own code says that the connection was lost. */
static void
on_not_subscribed(void *context, MQTTAsync_failureData *data)
{
	struct mqtt_filter *filter = context;

	if (data->code < 0)
		mqtt_lose(filter->filters->session, "not subscribed", "the connection was lost");
	else
		close_one(filter, MQTT_NOT_GRANTED);
}

static void
on_not_subscribed5(void *context, MQTTAsync_failureData5 *data)
{
	struct mqtt_filter *filter = context;

	if (data->code < 0)
		mqtt_lose(filter->filters->session, "not subscribed", "the connection was lost");
	else
		close_one(filter, (int)data->reasonCode);
}

static int
ask_5(struct mqtt_session *session, struct mqtt_filter *filter, MQTTAsync_responseOptions *response)
{
	MQTTProperty id = { .identifier = MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER,
			    .value.integer4 = filter->id };
	int code;

	response->onSuccess5 = on_subscribed5;
	response->onFailure5 = on_not_subscribed5;
	response->subscribeOptions = filter->options;
	if (session->greeting.knows_identifiers)
		MQTTProperties_add(&response->properties, &id);
	code = MQTTAsync_subscribe(session->client, filter->subscription->name, filter->asked,
				   response);
	MQTTProperties_free(&response->properties);
	return code;
}

static int
ask_3(struct mqtt_session *session, struct mqtt_filter *filter, MQTTAsync_responseOptions *response)
{
	response->onSuccess = on_subscribed;
	response->onFailure = on_not_subscribed;
	return MQTTAsync_subscribe(session->client, filter->subscription->name, filter->asked,
				   response);
}

void
mqtt_filters_ask(struct mqtt_filters *filters)
{
	struct mqtt_session *session = filters->session;
	bool is_5 = session->endpoint->config->version == MQTT_5;
	int code = MQTTASYNC_SUCCESS;

	/* One more, so that the last answer does not come before the last question. */
	pthread_mutex_lock(&session->lock);
	filters->open = 1;
	pthread_mutex_unlock(&session->lock);
	for (size_t i = 0; i < filters->count && code == MQTTASYNC_SUCCESS; i++) {
		MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
		struct mqtt_filter *filter = &filters->list[i];
		bool is_granted;

		pthread_mutex_lock(&session->lock);
		is_granted = filter->granted >= 0 && filter->granted < MQTT_NOT_GRANTED;
		filters->open += !is_granted;
		pthread_mutex_unlock(&session->lock);
		response.context = filter;
		if (!is_granted)
			code = is_5 ? ask_5(session, filter, &response)
				    : ask_3(session, filter, &response);
	}
	if (code != MQTTASYNC_SUCCESS) {
		mqtt_lose(session, "not subscribed", mqtt_words(session, code));
		return;
	}
	pthread_mutex_lock(&session->lock);
	code = --filters->open == 0;
	pthread_mutex_unlock(&session->lock);
	if (code)
		mqtt_session_tell(session, MQTT_ARRIVED, NULL);
}

bool
mqtt_filters_answered(const struct mqtt_filters *filters)
{
	bool is_answered;

	pthread_mutex_lock(&filters->session->lock);
	is_answered = filters->open == 0;
	pthread_mutex_unlock(&filters->session->lock);
	return is_answered;
}

void
mqtt_filters_forget(struct mqtt_filters *filters)
{
	pthread_mutex_lock(&filters->session->lock);
	for (size_t i = 0; i < filters->count; i++)
		filters->list[i].granted = MQTT_NOT_ASKED;
	pthread_mutex_unlock(&filters->session->lock);
}

/* --- From the configuration ---------------------------------------------------------------- */

static void
fill_in(struct mqtt_filter *filter, const struct mqtt_config *config)
{
	const struct dk_subscription *subscription = filter->subscription;
	const struct mqtt_from *first = subscription->interests[0]->options;

	filter->text = subscription->name;
	filter->is_shared = config->version == MQTT_5 && first->share;
	if (filter->is_shared)
		filter->text += strlen("$share/") + strlen(first->share) + 1;
	for (size_t i = 0; i < subscription->interest_count; i++) {
		const struct mqtt_from *from = subscription->interests[i]->options;
		int qos = mqtt_qos(from->qos, config);

		if (qos > filter->asked)
			filter->asked = qos;
	}
	filter->drops_own = first->no_local;
	filter->granted = MQTT_NOT_ASKED;
	/* noLocal is for what one connection publishes and receives: ours are two. */
	filter->options = (MQTTSubscribe_options)MQTTSubscribe_options_initializer;
	filter->options.retainAsPublished = first->retain_as_published;
	filter->options.retainHandling = (unsigned char)first->retain_handling;
}

void
mqtt_filters_init(struct mqtt_filters *filters, struct mqtt_session *session,
		  struct dk_subscription *const *subscriptions, size_t count)
{
	filters->session = session;
	filters->count = count;
	filters->list = calloc(count, sizeof(*filters->list));
	filters->by_id = calloc(count, sizeof(*filters->by_id));
	filters->index = mqtt_index_new();
	if (!filters->list || !filters->by_id)
		abort();
	for (size_t i = 0; i < count; i++) {
		filters->list[i].filters = filters;
		filters->list[i].subscription = subscriptions[i];
		fill_in(&filters->list[i], session->endpoint->config);
		mqtt_index_add(filters->index, filters->list[i].text, i);
	}
	give_ids(filters);
}

void
mqtt_filters_clear(struct mqtt_filters *filters)
{
	mqtt_index_free(filters->index);
	free(filters->by_id);
	free(filters->list);
}
