/* SPDX-License-Identifier: Apache-2.0
 *
 * client.c - Paho's client for one connection: how it is made and connected, and what it calls
 * back.
 */
#include <stdio.h>

#include "plugins/mqtt/mqtt.h"
#include "plugins/mqtt/tls.h"

/* --- What Paho calls ----------------------------------------------------------------------- */

static const char *const refusals[] = {
	"",
	"the broker does not speak this version of MQTT",
	"the broker refuses the client id",
	"the broker is not available",
	"the broker refuses username or password",
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
lose(struct mqtt_session *session, unsigned news, const char *what, const char *why)
{
	char reason[sizeof(session->reason)];

	snprintf(reason, sizeof(reason), "%s (%s): %s", what, session->address, why);
	mqtt_session_tell(session, MQTT_LOST | news, reason);
}

void
mqtt_lose(struct mqtt_session *session, const char *what, const char *why)
{
	lose(session, 0, what, why);
}

static void
on_lost(void *context, char *cause)
{
	mqtt_lose(context, "the connection was lost",
		  cause ? cause : "the broker or the network closed it");
}

static void
on_dismissed(void *context, MQTTProperties *properties, enum MQTTReasonCodes code)
{
	(void)properties;
	lose(context, code == MQTTREASONCODE_SESSION_TAKEN_OVER ? MQTT_TAKEN : 0,
	     "the broker closed the connection", mqtt_words(context, (int)code));
}

/* The broker's word, or Paho's, which needs to be looked into. */
static void
refuse(struct mqtt_session *session, int code, const char *words)
{
	if (code > 0)
		mqtt_lose(session, "not connected", mqtt_words(session, code));
	else
		mqtt_session_puzzle(session, words ? words : mqtt_words(session, code));
}

static void
on_refused(void *context, MQTTAsync_failureData *data)
{
	refuse(context, data->code, data->message);
}

static void
on_refused5(void *context, MQTTAsync_failureData5 *data)
{
	refuse(context, data->code, data->message);
}

static void
on_greeted(void *context, MQTTAsync_successData *data)
{
	struct mqtt_session *session = context;

	session->greeting = (struct mqtt_greeting){
		.has_session = data->alt.connect.sessionPresent,
		.keeps_retained = true,
		.qos = 2,
		.receive_maximum = UINT16_MAX,
		.packet_maximum = MQTT_PACKET_MAXIMUM,
	};
	session->role->greeted(session);
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
	uint32_t maximum = (uint32_t)limit(list, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, -1);

	session->greeting = (struct mqtt_greeting){
		.has_session = data->alt.connect.sessionPresent,
		.knows_identifiers =
			limit(list, MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIERS_AVAILABLE, 1),
		.keeps_retained = limit(list, MQTTPROPERTY_CODE_RETAIN_AVAILABLE, 1),
		.qos = limit(list, MQTTPROPERTY_CODE_MAXIMUM_QOS, 2),
		.receive_maximum = limit(list, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, UINT16_MAX),
		.packet_maximum = maximum < MQTT_PACKET_MAXIMUM ? maximum : MQTT_PACKET_MAXIMUM,
	};
	session->role->greeted(session);
}

/* --- The session's thread ------------------------------------------------------------------ */

MQTTAsync
mqtt_client_new(struct mqtt_session *session, const char *uri, int *code)
{
	const struct mqtt_config *config = session->endpoint->config;
	MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
	MQTTAsync client = NULL;

	options.MQTTVersion = config->version == MQTT_5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
	options.sendWhileDisconnected = 0;
	options.maxBufferedMessages = 2 * (int)config->window;
	*code = MQTTAsync_createWithOptions(&client, uri, session->client_id,
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
		.value.integer4 = (unsigned)(session->endpoint->config->session_expiry_ms / 1000),
	};

	options->cleanstart = !session->is_kept;
	options->onSuccess5 = on_greeted5;
	options->onFailure5 = on_refused5;
	if (!session->is_kept)
		return;
	MQTTProperties_add(properties, &expiry);
	options->connectProperties = properties;
}

static void
fill_in_tls(const struct mqtt_config *config, MQTTAsync_SSLOptions *tls)
{
	if (mqtt_is_folder(config->ca))
		tls->CApath = config->ca;
	else
		tls->trustStore = config->ca;
	tls->keyStore = config->certificate;
	tls->privateKey = config->key;
	/* Without one OpenSSL would ask for it at the terminal. */
	tls->privateKeyPassword = config->key_password ? config->key_password : "";
	tls->enableServerCertAuth = config->is_verified;
	tls->verify = config->is_verified && config->identification == MQTT_IDENTIFIED_HTTPS;
}

/* The will is the publishing connection's, for that one never leaves while the daemon lives. */
static bool
has_will(const struct mqtt_session *session)
{
	const struct mqtt_endpoint *endpoint = session->endpoint;

	return endpoint->config->will_topic && !(session->role->is_source && endpoint->sink);
}

static void
fill_in_will(const struct mqtt_config *config, MQTTAsync_willOptions *will)
{
	will->topicName = config->will_topic;
	will->message = config->will_payload ? config->will_payload : "";
	will->qos = (int)config->will_qos;
	will->retained = config->will_retain;
}

int
mqtt_client_connect(struct mqtt_session *session)
{
	const struct mqtt_config *config = session->endpoint->config;
	MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
	MQTTAsync_connectOptions options5 = MQTTAsync_connectOptions_initializer5;
	MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
	MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
	MQTTProperties properties = MQTTProperties_initializer;
	int code;

	fill_in_tls(config, &tls);
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
	options.ssl = &tls;
	if (has_will(session)) {
		fill_in_will(config, &will);
		options.will = &will;
	}
	options.username = config->username;
	options.password = config->password;
	code = MQTTAsync_connect(session->client, &options);
	MQTTProperties_free(&properties);
	return code;
}
