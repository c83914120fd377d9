/* SPDX-License-Identifier: Apache-2.0
 *
 * plugins.h - plugins without any system behind them: just enough for a configuration to be read.
 *
 * mqtt, kafka and rabbitmq are of those dialects, and bring what those do; tap only brings messages,
 * bin only takes them; open takes options that are in no table.
 */
#ifndef DK_TEST_PLUGINS_H
#define DK_TEST_PLUGINS_H

#include <stdio.h>
#include <string.h>

#include "daemon/base/error.h"
#include "daemon/config/plan.h"

struct fake_endpoint {
	const char *uri, *username, *password, *client_id;
	int version;
	int64_t qos, keepalive, room;
	bool is_clean;
};

struct fake_from {
	const char *queue;
	bool declares, drops_own;
	int64_t qos;
};

struct fake_to {
	bool declares;
	int64_t qos;
};

#define FAKE_ENDPOINT(member, type) DK_AT(struct fake_endpoint, member, type)
#define FAKE_FROM(member, type) DK_AT(struct fake_from, member, type)
#define FAKE_TO(member, type) DK_AT(struct fake_to, member, type)

static const char *const fake_versions[] = { "3.1.1", "5", NULL };

static const struct dk_option fake_endpoint_rows[] = {
	{ "uri", DK_TEXT, FAKE_ENDPOINT(uri, const char *), .flags = DK_REQUIRED | DK_NAMES_SYSTEM | DK_URI,
	  .help = "Where it is." },
	{ "username", DK_TEXT, FAKE_ENDPOINT(username, const char *), .help = "Who logs in." },
	{ "client_id", DK_TEXT, FAKE_ENDPOINT(client_id, const char *), .flags = DK_NAMES_CLIENT,
	  .help = "Who it is there." },
	{ "password", DK_SECRET, FAKE_ENDPOINT(password, const char *), .help = "The password." },
	{ "version", DK_CHOICE, FAKE_ENDPOINT(version, int), .preset = "5",
	  .choices = fake_versions, .help = "The version." },
	{ "qos", DK_INTEGER, FAKE_ENDPOINT(qos, int64_t), .preset = "1", .max = 2,
	  .help = "The quality of service." },
	{ "keepalive", DK_DURATION, FAKE_ENDPOINT(keepalive, int64_t), .preset = "30s",
	  .min = 1000, .max = 65535000, .help = "How often it is looked after." },
	{ "room", DK_SIZE, FAKE_ENDPOINT(room, int64_t), .preset = "64 kB", .help = "How much." },
	{ "clean", DK_TRUTH, FAKE_ENDPOINT(is_clean, bool), .help = "Whether it is new." },
	{ 0 },
};
static const struct dk_option fake_from_rows[] = {
	{ "queue", DK_TEXT, FAKE_FROM(queue, const char *), .help = "Its queue." },
	{ "declare", DK_TRUTH, FAKE_FROM(declares, bool), .help = "Whether to make it." },
	{ "no_local", DK_TRUTH, FAKE_FROM(drops_own, bool), .preset = "false",
	  .flags = DK_DROPS_OWN, .help = "Whether its own comes back." },
	{ "qos", DK_INTEGER, FAKE_FROM(qos, int64_t), .preset = "1", .max = 2, .help = "Of it." },
	{ 0 },
};
static const struct dk_option fake_to_rows[] = {
	{ "declare", DK_TRUTH, FAKE_TO(declares, bool), .help = "Whether to make it." },
	{ "qos", DK_INTEGER, FAKE_TO(qos, int64_t), .preset = "2", .max = 2, .help = "Of it." },
	{ 0 },
};

static int
fake_check_endpoint(const void *values, struct dk_error *error)
{
	const struct fake_endpoint *endpoint = values;

	if (endpoint->password && !endpoint->username)
		return dk_fail(error, "a password needs a username");
	return 0;
}

static int
fake_check_interest(const void *config, const struct dk_interest *interest, struct dk_error *error)
{
	(void)config;
	if (strcmp(interest->pattern, "forbidden") == 0)
		return dk_fail(error, "nobody may read \"forbidden\"");
	return 0;
}

static int
fake_check_target(const void *config, const struct dk_target *target, struct dk_error *error)
{
	(void)config;
	if (strcmp(target->template, "forbidden") == 0)
		return dk_fail(error, "nobody may write to \"forbidden\"");
	return 0;
}

/* Any but one. */
static int
fake_other(void *values, const char *name, const char *value, struct dk_error *error)
{
	(void)values;
	if (strcmp(name, "closed") == 0)
		return dk_fail(error, "\"%s\" is not taken", value);
	return 0;
}

/* Of 3.1.1 nothing, of 5 no key, no timestamp and no message id. */
static unsigned
fake_mqtt_brings(const void *config)
{
	return ((const struct fake_endpoint *)config)->version ?
		       DK_HAS_CONTENT_TYPE | DK_HAS_CORRELATION_ID | DK_HAS_REPLY_TO |
			       DK_HAS_HEADERS :
		       0;
}

static unsigned
fake_rabbitmq_brings(const void *config)
{
	(void)config;
	return ~(unsigned)DK_HAS_KEY;
}

static const struct dk_source_functions fake_source = { .check = fake_check_interest };
static const struct dk_source_functions fake_mqtt_source = { .check = fake_check_interest,
							     .brings = fake_mqtt_brings };
static const struct dk_source_functions fake_rabbitmq_source = { .check = fake_check_interest,
								 .brings = fake_rabbitmq_brings };
static const struct dk_sink_functions fake_sink = { .check = fake_check_target };

#define FAKE_PLUGIN(plugin_name, its_dialect, its_source, its_sink, its_other)                     \
	{                                                                                          \
		.abi = DK_ABI, .size = sizeof(struct dk_plugin), .name = (plugin_name),            \
		.dialect = (its_dialect),                                                          \
		.endpoint = { sizeof(struct fake_endpoint), fake_endpoint_rows, its_other,         \
			      fake_check_endpoint, NULL },                                         \
		.from = { sizeof(struct fake_from), fake_from_rows, NULL, NULL, NULL },            \
		.to = { sizeof(struct fake_to), fake_to_rows, NULL, NULL, NULL },                  \
		.source = (its_source), .sink = (its_sink),                                        \
	}

static const struct dk_plugin fake_plugins[] = {
	FAKE_PLUGIN("mqtt", DK_MQTT, &fake_mqtt_source, &fake_sink, NULL),
	FAKE_PLUGIN("kafka", DK_KAFKA, &fake_source, &fake_sink, NULL),
	FAKE_PLUGIN("rabbitmq", DK_AMQP, &fake_rabbitmq_source, &fake_sink, NULL),
	FAKE_PLUGIN("tap", DK_PLAIN, &fake_source, NULL, NULL),
	FAKE_PLUGIN("bin", DK_PATH, NULL, &fake_sink, NULL),
	FAKE_PLUGIN("open", DK_KAFKA, &fake_source, &fake_sink, fake_other),
};

static const struct dk_plugin *
fake_find(void *context, const char *folder, const char *name, struct dk_error *error)
{
	(void)context, (void)folder;
	for (size_t i = 0; i < sizeof(fake_plugins) / sizeof(*fake_plugins); i++)
		if (strcmp(fake_plugins[i].name, name) == 0)
			return &fake_plugins[i];
	dk_fail(error, "there is no plugin \"%s\"", name);
	return NULL;
}

static const struct dk_plugin_finder fake_finder = { .find = fake_find };

#endif
