/* SPDX-License-Identifier: Apache-2.0
 *
 * session.c - one connection and its thread, which alone calls Paho; and what Paho calls back.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/mqtt.h"

/* --- The lock ------------------------------------------------------------------------------ */

bool
mqtt_session_rouse(struct mqtt_session *session)
{
	bool is_first = !session->is_posted;

	session->is_posted = true;
	return is_first;
}

void
mqtt_session_post(struct mqtt_session *session)
{
	session->endpoint->host->post(session->endpoint->handle, &session->post);
}

void
mqtt_session_tell(struct mqtt_session *session, unsigned news, const char *reason)
{
	bool is_first;

	pthread_mutex_lock(&session->lock);
	/* The first reason is the one that says why. */
	if ((news & MQTT_LOST) && !(session->news & MQTT_LOST))
		snprintf(session->reason, sizeof(session->reason), "%s", reason);
	session->news |= news;
	is_first = mqtt_session_rouse(session);
	pthread_mutex_unlock(&session->lock);
	if (is_first)
		mqtt_session_post(session);
}

/* The loop's thread. */
static void
hear(struct dk_post *post)
{
	struct mqtt_session *session =
		(void *)((char *)post - offsetof(struct mqtt_session, post));
	char reason[sizeof(session->reason)];
	unsigned news;

	pthread_mutex_lock(&session->lock);
	news = session->news;
	if (news)
		memcpy(reason, session->reason, sizeof(reason));
	session->news = 0;
	session->is_posted = false;
	pthread_mutex_unlock(&session->lock);
	session->role->collect(session);
	if (news)
		mqtt_life_news(session, news, reason);
}

/* Under the lock. */
static void
wake(struct mqtt_session *session)
{
	if (!session->is_asleep)
		return;
	session->is_asleep = false;
	pthread_cond_signal(&session->wake);
}

void
mqtt_session_order(struct mqtt_session *session, enum mqtt_order order)
{
	pthread_mutex_lock(&session->lock);
	session->order = order;
	wake(session);
	pthread_mutex_unlock(&session->lock);
}

void
mqtt_session_publish(struct mqtt_session *session, struct dk_delivery *first,
		     struct dk_delivery **end)
{
	*end = NULL;
	*session->end = first;
	session->end = end;
	wake(session);
}

/* --- What Paho calls ----------------------------------------------------------------------- */

static const char *const refusals[] = {
	"", "the broker does not speak this version of MQTT", "the broker refuses the client id",
	"the broker is not available", "the broker refuses username or password",
	"the broker does not authorize this client",
};

const char *
mqtt_words(const struct mqtt_session *session, int code)
{
	const char *words = NULL;

	if (code > 0 && session->endpoint->config->version == MQTT_5)
		words = MQTTReasonCode_toString((enum MQTTReasonCodes)code);
	else if (code > 0 && (size_t)code < sizeof(refusals) / sizeof(*refusals))
		words = refusals[code];
	else if (code < 0 && code >= MQTTASYNC_MAX_BUFFERED)
		words = MQTTAsync_strerror(code);
	return words ? words : "the broker refuses, and does not say why";
}

static void
lose(struct mqtt_session *session, const char *what, const char *why)
{
	char reason[sizeof(session->reason)];

	snprintf(reason, sizeof(reason), "%s: %s", what, why);
	mqtt_session_tell(session, MQTT_LOST, reason);
}

static void
on_lost(void *context, char *cause)
{
	mqtt_session_tell(context, MQTT_LOST, cause ? cause : "the connection was lost");
}

static void
on_dismissed(void *context, MQTTProperties *properties, enum MQTTReasonCodes code)
{
	(void)properties;
	lose(context, "the broker closed the connection", mqtt_words(context, (int)code));
}

static void
on_refused(void *context, MQTTAsync_failureData *data)
{
	lose(context, "not connected", data->message && data->code < 0
						? data->message
						: mqtt_words(context, data->code));
}

static void
on_refused5(void *context, MQTTAsync_failureData5 *data)
{
	lose(context, "not connected", data->message && data->code < 0
						? data->message
						: mqtt_words(context, data->code));
}

static void
on_greeted(void *context, MQTTAsync_successData *data)
{
	struct mqtt_session *session = context;
	const struct mqtt_greeting greeting = {
		.has_session = data->alt.connect.sessionPresent,
		.keeps_retained = true,
		.qos = 2,
		.receive_maximum = UINT16_MAX,
		.packet_maximum = UINT32_MAX,
	};

	session->role->greeted(session, &greeting);
}

/* What the broker says, or what MQTT 5.0 section 3.2.2.3 means when it says nothing. */
static int
limit(MQTTProperties *list, enum MQTTPropertyCodes code, int silence)
{
	return MQTTProperties_hasProperty(list, code) ? MQTTProperties_getNumericValue(list, code)
						      : silence;
}

static void
on_greeted5(void *context, MQTTAsync_successData5 *data)
{
	struct mqtt_session *session = context;
	MQTTProperties *list = &data->properties;
	const struct mqtt_greeting greeting = {
		.has_session = data->alt.connect.sessionPresent,
		.keeps_retained = limit(list, MQTTPROPERTY_CODE_RETAIN_AVAILABLE, 1),
		.qos = limit(list, MQTTPROPERTY_CODE_MAXIMUM_QOS, 2),
		.receive_maximum = limit(list, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, UINT16_MAX),
		.packet_maximum =
			(uint32_t)limit(list, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, -1),
	};

	session->role->greeted(session, &greeting);
}

/* --- Its thread ---------------------------------------------------------------------------- */

/* A client that is not connected yet; NULL when Paho will not make one. */
static MQTTAsync
make_client(struct mqtt_session *session, int *code)
{
	const struct mqtt_config *config = session->endpoint->config;
	MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
	MQTTAsync client = NULL;

	options.MQTTVersion = config->version == MQTT_5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
	options.sendWhileDisconnected = 0;
	options.maxBufferedMessages = 2 * (int)config->window;
	*code = MQTTAsync_createWithOptions(&client, config->uri, session->client_id,
					    MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
	if (*code != MQTTASYNC_SUCCESS)
		return NULL;
	MQTTAsync_setCallbacks(client, session, on_lost, session->role->arrived, NULL);
	MQTTAsync_setDisconnected(client, session, on_dismissed);
	return client;
}

static void
fill_in_5(const struct mqtt_session *session, MQTTAsync_connectOptions *options,
	  MQTTProperties *properties)
{
	MQTTProperty expiry = {
		.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL,
		.value.integer4 =
			(unsigned)(session->endpoint->config->session_expiry_ms / 1000),
	};

	options->cleanstart = !session->is_kept;
	options->onSuccess5 = on_greeted5;
	options->onFailure5 = on_refused5;
	if (!session->is_kept)
		return;
	MQTTProperties_add(properties, &expiry);
	options->connectProperties = properties;
}

static int
connect_client(struct mqtt_session *session)
{
	const struct mqtt_config *config = session->endpoint->config;
	MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
	MQTTAsync_connectOptions options5 = MQTTAsync_connectOptions_initializer5;
	MQTTProperties properties = MQTTProperties_initializer;
	int code;

	if (config->version == MQTT_5) {
		options = options5;
		fill_in_5(session, &options, &properties);
	} else {
		options.MQTTVersion = MQTTVERSION_3_1_1;
		options.cleansession = !session->is_kept;
		options.onSuccess = on_greeted;
		options.onFailure = on_refused;
	}
	options.context = session;
	options.keepAliveInterval = (int)(config->keepalive_ms / 1000);
	options.connectTimeout = (int)(config->connect_timeout_ms / 1000);
	/* Far above our window: Paho sleeps for up to a second when it reaches this. */
	options.maxInflight = UINT16_MAX - 1;
	options.username = config->username;
	options.password = config->password;
	code = MQTTAsync_connect(session->client, &options);
	MQTTProperties_free(&properties);
	return code;
}

static void
connect_session(struct mqtt_session *session)
{
	int code;

	session->client = make_client(session, &code);
	if (session->client)
		code = connect_client(session);
	if (code != MQTTASYNC_SUCCESS)
		lose(session, "not connected", mqtt_words(session, code));
}

/* Paho answers for all that it has not sent or that was not acknowledged; then it is silent. */
static void
leave_broker(struct mqtt_session *session)
{
	if (session->client)
		MQTTAsync_destroy(&session->client);
	session->client = NULL;
}

static void
carry_out(struct mqtt_session *session, enum mqtt_order order)
{
	if (order == MQTT_CONNECT)
		connect_session(session);
	else if (order != MQTT_GO_ON)
		leave_broker(session);
}

/* Waits for something to do, and takes all that there is. */
static enum mqtt_order
take_order(struct mqtt_session *session, struct dk_delivery **deliveries)
{
	enum mqtt_order order;

	pthread_mutex_lock(&session->lock);
	while (session->order == MQTT_GO_ON && !session->first) {
		session->is_asleep = true;
		pthread_cond_wait(&session->wake, &session->lock);
	}
	session->is_asleep = false;
	order = session->order;
	session->order = MQTT_GO_ON;
	*deliveries = session->first;
	session->first = NULL;
	session->end = &session->first;
	pthread_mutex_unlock(&session->lock);
	return order;
}

static void *
run(void *argument)
{
	struct mqtt_session *session = argument;
	enum mqtt_order order;
	int code;
	/* Destroying its last client would stop Paho's threads, which takes it a second: so there
	 * is always one more, which is never connected. */
	MQTTAsync anchor = make_client(session, &code);

	do {
		struct dk_delivery *deliveries;

		order = take_order(session, &deliveries);
		carry_out(session, order);
		if (deliveries)
			session->role->publish(session, session->client, deliveries);
		if (order == MQTT_LEAVE)
			mqtt_session_tell(session, MQTT_LEFT, NULL);
	} while (order != MQTT_END);
	if (anchor)
		MQTTAsync_destroy(&anchor);
	mqtt_session_tell(session, MQTT_OVER, NULL);
	return NULL;
}

/* --- The loop's thread --------------------------------------------------------------------- */

static void
lose_patience(void *argument)
{
	mqtt_life_news(argument, MQTT_LOST, "the broker did not answer in time");
}

static char *
name_client(const struct mqtt_endpoint *endpoint, const char *suffix)
{
	const char *id = endpoint->config->client_id;
	char *name;

	if (asprintf(&name, "%s%s%s", id ? "" : "diolkos-", id ? id : endpoint->name, suffix) < 0)
		abort();
	return name;
}

void
mqtt_session_start(struct mqtt_session *session, struct mqtt_endpoint *endpoint,
		   const struct mqtt_role *role, bool is_kept)
{
	sigset_t all, before;

	session->endpoint = endpoint;
	session->role = role;
	session->client_id = name_client(endpoint, role->suffix);
	session->is_kept = is_kept;
	session->patience = endpoint->host->timer_new(endpoint->handle, lose_patience, session);
	pthread_mutex_init(&session->lock, NULL);
	pthread_cond_init(&session->wake, NULL);
	session->end = &session->first;
	session->post.run = hear;
	endpoint->sessions[endpoint->session_count++] = session;
	/* Signals are the loop's: this thread, and those that Paho makes from it, take none. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&session->thread, NULL, run, session) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void
mqtt_session_join(struct mqtt_session *session)
{
	pthread_join(session->thread, NULL);
	session->endpoint->host->timer_free(session->patience);
	pthread_cond_destroy(&session->wake);
	pthread_mutex_destroy(&session->lock);
	free(session->client_id);
}
