/* SPDX-License-Identifier: Apache-2.0
 *
 * source.c - the source half: sees to it that the subscriptions of its routes are granted, and that
 * those of before are forgotten.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/source.h"

#define ASK_FIRST_MS 2000
#define ASK_LAST_MS 8000

/* Paho's thread. A session that was kept has its subscriptions still; the first time in a run they
 * are renewed nevertheless, for the file may have changed since the last. */
static void
greeted(struct mqtt_session *session)
{
	struct mqtt_source *source = (void *)session;
	struct mqtt_filters *filters = mqtt_filters_hold(&source->filters, session);

	if (!session->greeting.has_session || !source->has_subscribed)
		mqtt_filters_forget(filters, session->greeting.has_session);
	source->is_resumed = session->greeting.has_session;
	mqtt_filters_ask(filters);
	mqtt_filters_release(filters);
}

static void
ask(struct mqtt_session *session)
{
	struct mqtt_source *source = (void *)session;
	struct mqtt_filters *filters = mqtt_filters_hold(&source->filters, session);

	mqtt_filters_ask(filters);
	mqtt_filters_release(filters);
}

/* The loop's thread: once more for what was refused. */
static void
ask_again(void *argument)
{
	struct mqtt_source *source = argument;

	if (source->session.place == MQTT_THERE && mqtt_filters_answered(source->filters))
		mqtt_session_order(&source->session, MQTT_ASK);
}

/* Appends as much as there is room for. */
static void DK_PRINTF(3, 4) append(char *text, size_t size, const char *format, ...)
{
	size_t length = strlen(text);
	va_list values;

	va_start(values, format);
	vsnprintf(text + length, size - length, format, values);
	va_end(values);
}

static void
describe(const struct mqtt_session *session, const struct mqtt_filter *filter, char *text,
	 size_t size)
{
	const struct dk_subscription *subscription = filter->subscription;

	append(text, size, "%s\"%s\" of route%s", text[0] ? "; " : "", subscription->name,
	       subscription->interest_count > 1 ? "s" : "");
	for (size_t i = 0; i < subscription->interest_count; i++)
		append(text, size, "%s %s", i ? "," : "", subscription->interests[i]->route);
	append(text, size, ": %s",
	       filter->granted == MQTT_NOT_GRANTED ? "it does not say why"
						   : mqtt_words(session, filter->granted));
}

static void
say(struct mqtt_source *source, const char *event, const char *reason)
{
	struct dk_endpoint *handle = source->session.endpoint->handle;

	if (reason)
		source->host->trouble(handle, event, reason);
	else
		source->host->trouble_over(handle, event);
}

/* What was refused is said and asked for again; the others bring their messages meanwhile. */
static void
judge_grants(struct mqtt_source *source)
{
	const struct mqtt_filters *filters = source->filters;
	char refused[320] = "", reason[480];
	bool is_less = false;

	for (size_t i = 0; i < filters->count; i++) {
		const struct mqtt_filter *filter = &filters->list[i];

		if (filter->granted >= MQTT_NOT_GRANTED)
			describe(&source->session, filter, refused, sizeof(refused));
		else
			is_less |= filter->granted < filter->asked;
	}
	snprintf(reason, sizeof(reason),
		 "the broker refuses to subscribe the client \"%s\" to %s; it is asked again",
		 source->session.client_id, refused);
	say(source, "not-subscribed", refused[0] ? reason : NULL);
	say(source, "lower-qos",
	    is_less ? "the broker grants a subscription less than was asked for: messages may be "
		      "lost"
		    : NULL);
	source->patience_ms = !refused[0] || !source->patience_ms ? ASK_FIRST_MS
			      : source->patience_ms < ASK_LAST_MS ? source->patience_ms * 2
								  : ASK_LAST_MS;
	source->host->timer_set(source->asking, refused[0] ? source->patience_ms : -1);
}

/* What the broker keeps with the session, for the next run, which may have another configuration. */
static void
remember(struct mqtt_source *source)
{
	char *list;

	if (!source->session.is_kept)
		return;
	list = mqtt_filters_list(source->filters);
	if (!source->remembered || strcmp(source->remembered, list) != 0)
		source->host->remember(source->session.endpoint->handle, list);
	free(source->remembered);
	source->remembered = list;
}

static const char *
admit(struct mqtt_session *session)
{
	struct mqtt_source *source = (void *)session;

	if (session->endpoint->config->version == MQTT_5 && !session->greeting.knows_identifiers &&
	    mqtt_filters_cross(source->filters))
		return "the broker has no subscription identifiers, and routes subscribe to "
		       "filters "
		       "that overlap: set version = \"3.1.1\"";
	if (!mqtt_filters_answered(source->filters))
		return NULL;
	if (mqtt_filters_lack(source->filters)) { /* a reload came in between */
		mqtt_session_order(session, MQTT_ASK);
		return NULL;
	}
	judge_grants(source);
	remember(source); /* what has gone is forgotten */
	source->has_subscribed = true;
	return NULL;
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
	.arrived = mqtt_arrived,
	.greeted = greeted,
	.ask = ask,
	.admit = admit,
	.collect = collect_nothing,
};

static void
renew(struct mqtt_endpoint *endpoint, struct dk_subscription *const *subscriptions, size_t count)
{
	struct mqtt_source *source = endpoint->source;

	char *left = source->filters || !source->session.is_kept ?
			     NULL :
			     source->host->recall(endpoint->handle);

	mqtt_filters_renew(&source->filters, &source->session, subscriptions, count, left);
	free(left);
	remember(source);
	for (size_t i = 0; i < count; i++)
		if (source->filters->list[i].drops_own)
			atomic_store(&endpoint->marks_own, true);
}

static void
subscribe(void *argument, struct dk_subscription *const *subscriptions, size_t count)
{
	struct mqtt_endpoint *endpoint = argument;
	struct mqtt_source *source = calloc(1, sizeof(*source));

	if (!source)
		abort();
	endpoint->source = source;
	source->host = endpoint->host;
	source->asking = endpoint->host->timer_new(endpoint->handle, ask_again, source);
	mqtt_session_prepare(&source->session, endpoint, &role,
			     endpoint->config->session == MQTT_PERSISTENT);
	renew(endpoint, subscriptions, count);
	mqtt_session_start(&source->session);
}

/* What is asked for is asked for at once if it is there, else when it is. */
static void
resubscribe(void *argument, struct dk_subscription *const *subscriptions, size_t count)
{
	struct mqtt_endpoint *endpoint = argument;
	struct mqtt_session *session = &endpoint->source->session;

	renew(endpoint, subscriptions, count);
	if (session->place == MQTT_THERE)
		mqtt_session_order(session, MQTT_ASK);
}

void
mqtt_source_free(struct mqtt_source *source)
{
	if (!source)
		return;
	mqtt_session_end(&source->session);
	source->host->timer_free(source->asking);
	mqtt_filters_free(source->filters);
	free(source->remembered);
	free(source);
}

const struct dk_source_functions mqtt_source = {
	.waiting = DK_STORES,
	.check = mqtt_check_interest,
	.name_subscriptions = mqtt_name_subscriptions,
	.subscribe = subscribe,
	.resubscribe = resubscribe,
	.pause = mqtt_life_pause,
	.resume = mqtt_life_resume,
	.stop = mqtt_life_stop,
	.doubt = mqtt_doubt_interest,
	.brings = mqtt_brings,
};
