/* SPDX-License-Identifier: Apache-2.0
 *
 * mqtt.c - the MQTT plugin, over Paho's asynchronous client: its options and its descriptor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/mqtt.h"

/* Beginnings of a URI. */
static const struct {
	const char *scheme;
	const char *refusal; /* NULL: it is served */
} schemes[] = {
	{ "mqtt://", NULL },
	{ "tcp://", NULL },
	{ "mqtts://", "TLS is not there yet: use mqtt://" },
	{ "ssl://", "TLS is not there yet: use mqtt://" },
	{ "ws://", "WebSockets are not there yet: use mqtt://" },
	{ "wss://", "WebSockets are not there yet: use mqtt://" },
};

static int
check_uri(const char *uri, struct dk_error *error)
{
	const char *refusal = "it begins with mqtt://, as in mqtt://127.0.0.1:1883";

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (strncmp(uri, schemes[i].scheme, strlen(schemes[i].scheme)) == 0)
			refusal = schemes[i].refusal;
	if (!refusal)
		return 0;
	snprintf(error->text, sizeof(error->text), "uri \"%s\": %s", uri, refusal);
	return -1;
}

static int
check_config(const void *values, struct dk_error *error)
{
	const struct mqtt_config *config = values;

	if (config->password && !config->username) {
		snprintf(error->text, sizeof(error->text), "a password needs a username");
		return -1;
	}
	return check_uri(config->uri, error);
}

static void *
open_endpoint(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
	      const void *config, struct dk_error *error)
{
	struct mqtt_endpoint *endpoint = calloc(1, sizeof(*endpoint));

	(void)error;
	if (!endpoint)
		abort();
	endpoint->host = host;
	endpoint->handle = handle;
	endpoint->config = config;
	endpoint->name = name;
	return endpoint;
}

#define AT(member, type) DK_AT(struct mqtt_config, member, type)

static const char *const versions[] = { "3.1.1", "5", NULL };
static const char *const keepings[] = { "persistent", "clean", NULL };
static const char *const retainings[] = { "keep", "always", "never", NULL };

static const struct dk_option endpoint_rows[] = {
	{ "uri", DK_TEXT, AT(uri, const char *), .flags = DK_REQUIRED,
	  .help = "Where the broker is: mqtt://host:port." },
	{ "client_id", DK_TEXT, AT(client_id, const char *),
	  .help = "Names the session at the broker, and must be this daemon's alone; what is "
		  "published goes over a connection of its own, named so with -sink behind it; "
		  "when absent, diolkos- and the endpoint's name." },
	{ "username", DK_TEXT, AT(username, const char *), .help = "Who logs in." },
	{ "password", DK_SECRET, AT(password, const char *), .help = "The username's password." },
	{ "version", DK_CHOICE, AT(version, int), .preset = "5", .choices = versions,
	  .help = "The version of MQTT; headers, content type and expiry need 5." },
	{ "qos", DK_INTEGER, AT(qos, int64_t), .preset = "1", .max = 1,
	  .help = "The highest quality of service: 0, a message may be lost; 1, it comes at least "
		  "once." },
	{ "session", DK_CHOICE, AT(session, int), .preset = "persistent", .choices = keepings,
	  .help = "Whether the broker keeps messages while the daemon is away." },
	{ "session_expiry", DK_DURATION, AT(session_expiry_ms, int64_t), .preset = "7d",
	  .min = 1000, .max = (int64_t)UINT32_MAX * 1000,
	  .help = "For how long it keeps them; version 5 only." },
	{ "keepalive", DK_DURATION, AT(keepalive_ms, int64_t), .preset = "30s", .min = 1000,
	  .max = 65535000, .help = "How often a quiet connection is looked after." },
	{ "connect_timeout", DK_DURATION, AT(connect_timeout_ms, int64_t), .preset = "10s",
	  .min = 1000, .max = 600000, .help = "How long the broker may take to answer." },
	{ "window", DK_INTEGER, AT(window, int64_t), .preset = "100", .min = 1, .max = 60000,
	  .help = "The most messages that are published and not yet acknowledged." },
	{ 0 },
};

static const struct dk_option from_rows[] = {
	{ "qos", DK_INTEGER, DK_AT(struct mqtt_from, qos, int64_t), .preset = "1", .max = 1,
	  .help = "Lowers the endpoint's quality of service for what this route subscribes to." },
	{ 0 },
};

static const struct dk_option to_rows[] = {
	{ "qos", DK_INTEGER, DK_AT(struct mqtt_to, qos, int64_t), .preset = "1", .max = 1,
	  .help = "Lowers the endpoint's quality of service for what this route publishes." },
	{ "retain", DK_CHOICE, DK_AT(struct mqtt_to, retain, int), .preset = "keep",
	  .choices = retainings,
	  .help = "Whether the broker retains the message: as the message says, always or never." },
	{ 0 },
};

const struct dk_plugin dk_plugin = {
	.abi = DK_ABI,
	.size = sizeof(struct dk_plugin),
	.name = "mqtt",
	.summary = "MQTT 3.1.1 and 5, over Paho",
	.dialect = DK_MQTT,
	.endpoint = { sizeof(struct mqtt_config), endpoint_rows, NULL, check_config, NULL },
	.from = { sizeof(struct mqtt_from), from_rows, NULL, NULL, NULL },
	.to = { sizeof(struct mqtt_to), to_rows, NULL, NULL, NULL },
	.open = open_endpoint,
	.connect = mqtt_life_connect,
	.close = mqtt_life_close,
	.source = &mqtt_source,
	.sink = &mqtt_sink,
};
