/* SPDX-License-Identifier: Apache-2.0
 *
 * asking.c - asks the broker for a source's filters, and to forget those that have gone.
 */
#include <stdlib.h>

#include "plugins/mqtt/filters.h"

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

/* It was forgotten, or there is nothing to forget: what is not there harms nobody. */
static void
on_forgotten(void *context)
{
	struct mqtt_filters *filters = context;
	struct mqtt_session *session = filters->session;
	bool is_last;

	pthread_mutex_lock(&session->lock);
	is_last = --filters->open == 0;
	pthread_mutex_unlock(&session->lock);
	if (is_last)
		mqtt_session_tell(session, MQTT_ARRIVED, NULL);
}

static void
on_unsubscribed(void *context, MQTTAsync_successData *data)
{
	(void)data;
	on_forgotten(context);
}

static void
on_unsubscribed5(void *context, MQTTAsync_successData5 *data)
{
	(void)data;
	on_forgotten(context);
}

static void
on_not_unsubscribed(void *context, MQTTAsync_failureData *data)
{
	if (data->code < 0)
		mqtt_lose(((struct mqtt_filters *)context)->session, "not unsubscribed",
			  "the connection was lost");
	else
		on_forgotten(context);
}

static void
on_not_unsubscribed5(void *context, MQTTAsync_failureData5 *data)
{
	if (data->code < 0)
		mqtt_lose(((struct mqtt_filters *)context)->session, "not unsubscribed",
			  "the connection was lost");
	else
		on_forgotten(context);
}

/* The next that is to be forgotten; to be freed. NULL: there is none. */
static char *
take_gone(struct mqtt_filters *filters)
{
	char *gone = NULL;

	pthread_mutex_lock(&filters->session->lock);
	if (filters->gone_count > 0) {
		gone = filters->gone[--filters->gone_count];
		filters->open++;
	}
	pthread_mutex_unlock(&filters->session->lock);
	return gone;
}

static void
put_gone(struct mqtt_filters *filters, char *gone)
{
	pthread_mutex_lock(&filters->session->lock);
	filters->gone[filters->gone_count++] = gone;
	pthread_mutex_unlock(&filters->session->lock);
}

/* Behind the questions: what old and new have in common is not missed in between. */
static int
ask_to_forget(struct mqtt_filters *filters)
{
	struct mqtt_session *session = filters->session;
	bool is_5 = session->endpoint->config->version == MQTT_5;
	int code = MQTTASYNC_SUCCESS;
	char *gone;

	while (code == MQTTASYNC_SUCCESS && (gone = take_gone(filters))) {
		MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;

		response.context = filters;
		response.onSuccess = is_5 ? NULL : on_unsubscribed;
		response.onFailure = is_5 ? NULL : on_not_unsubscribed;
		response.onSuccess5 = is_5 ? on_unsubscribed5 : NULL;
		response.onFailure5 = is_5 ? on_not_unsubscribed5 : NULL;
		code = MQTTAsync_unsubscribe(session->client, gone, &response);
		if (code == MQTTASYNC_SUCCESS)
			free(gone);
		else
			put_gone(filters, gone);
	}
	return code;
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
	if (code == MQTTASYNC_SUCCESS)
		code = ask_to_forget(filters);
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
mqtt_filters_forget(struct mqtt_filters *filters, bool has_session)
{
	pthread_mutex_lock(&filters->session->lock);
	for (size_t i = 0; i < filters->count; i++)
		filters->list[i].granted = MQTT_NOT_ASKED;
	while (!has_session && filters->gone_count > 0)
		free(filters->gone[--filters->gone_count]);
	pthread_mutex_unlock(&filters->session->lock);
}

bool
mqtt_filters_lack(struct mqtt_filters *filters)
{
	bool lacks;

	pthread_mutex_lock(&filters->session->lock);
	lacks = filters->gone_count > 0;
	for (size_t i = 0; i < filters->count && !lacks; i++)
		lacks = filters->list[i].granted == MQTT_NOT_ASKED;
	lacks = lacks && filters->open == 0;
	pthread_mutex_unlock(&filters->session->lock);
	return lacks;
}
