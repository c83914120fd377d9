/* SPDX-License-Identifier: Apache-2.0
 *
 * properties.c - librdkafka's properties: our defaults, what the file says, what we rely on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/kafka/kafka.h"

enum {
	CONSUMER = 1 << 0,
	PRODUCER = 1 << 1,
	BOTH = CONSUMER | PRODUCER,
};

struct setting {
	const char *name, *value;
	int roles;
};

/* Where we differ from the library; the file may say otherwise. */
static const struct setting defaults[] = {
	/* A topic, or a partition, that is new is found soon. */
	{ "topic.metadata.refresh.interval.ms", "5000", BOTH },
	/* One that is not there is soon said to be none. */
	{ "topic.metadata.propagation.max.ms", "5000", BOTH },
	{ "socket.nagle.disable", "true", BOTH },
	{ "log.connection.close", "false", BOTH },
	/* A group that is new begins at the first message, not at the next. */
	{ "auto.offset.reset", "earliest", CONSUMER },
	{ "auto.commit.interval.ms", "1000", CONSUMER },
	{ "partition.assignment.strategy", "range", CONSUMER },
	/* Of each partition; the library's own would let it take 64 MB. */
	{ "queued.min.messages", "20000", CONSUMER },
	{ "queued.max.messages.kbytes", "8192", CONSUMER },
	/* While a broker waits for more of the partitions that are empty, it gives none of those
	 * that were full and are not any more. */
	{ "fetch.wait.max.ms", "100", CONSUMER },
	/* A key goes to the partition that it goes to from Java. */
	{ "partitioner", "murmur2_random", PRODUCER },
	{ "linger.ms", "5", PRODUCER },
};

/* What the promises rest on; the file may not say otherwise. */
static const struct setting musts[] = {
	{ "log.queue", "true", BOTH },
	{ "statistics.interval.ms", "5000", BOTH },
	{ "enable.auto.commit", "true", CONSUMER },
	{ "enable.auto.offset.store", "false", CONSUMER },
	{ "enable.partition.eof", "false", CONSUMER },
	{ "enable.idempotence", "true", PRODUCER },
	{ "acks", "all", PRODUCER },
	{ "message.timeout.ms", "0", PRODUCER },
	{ "delivery.report.only.error", "false", PRODUCER },
};

/* Properties that are refused. A name that begins with * is an ending. */
static const struct {
	const char *name, *why;
} refusals[] = {
	{ "enable.auto.commit", "what is settled is always committed" },
	{ "enable.auto.offset.store", "what is settled is stored, and nothing else" },
	{ "auto.commit.enable", "what is settled is always committed" },
	{ "offset.store.method", "positions are kept by the brokers" },
	{ "offset.store.path", "positions are kept by the brokers" },
	{ "enable.partition.eof", "the end of a partition is no message" },
	{ "enable.idempotence", "it is always on" },
	{ "acks", "it is always \"all\"" },
	{ "request.required.acks", "it is always \"all\"" },
	{ "message.timeout.ms", "a delivery is never given up by the library" },
	{ "delivery.timeout.ms", "a delivery is never given up by the library" },
	{ "delivery.report.only.error", "each delivery is reported" },
	{ "transactional.id", "transactions are not there yet" },
	{ "statistics.interval.ms", "the plugin reads them itself" },
	{ "metadata.broker.list", "this is bootstrap_servers" },
	{ "plugin.library.paths", "nothing but the daemon's own plugins is loaded" },
	{ "interceptors", "nothing but the daemon's own plugins is loaded" },
	{ "enabled_events", "the plugin owns it" },
	{ "log.queue", "the plugin owns it" },
	{ "opaque", "the plugin owns it" },
	{ "default_topic_conf", "the plugin owns it" },
	{ "*_cb", "the plugin owns it" },
};

/* --- Reading the file ---------------------------------------------------------------------- */

static bool
is_refused_as(const char *name, const char *row)
{
	size_t length = strlen(name), ending = strlen(row) - 1;

	if (*row != '*')
		return strcmp(name, row) == 0;
	return length > ending && strcmp(name + length - ending, row + 1) == 0;
}

static int
check_refusals(const char *option, const char *name, const char *value, struct dk_error *error)
{
	const char *why = NULL;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (is_refused_as(name, refusals[i].name))
			why = refusals[i].why;
	if (strcmp(name, "partition.assignment.strategy") == 0 && strstr(value, "cooperative"))
		why = "use \"range\" or \"roundrobin\": the cooperative one has faults in this "
		      "version of the library";
	if (!why)
		return 0;
	snprintf(error->text, sizeof(error->text), "%s can't be set: %s", option, why);
	return -1;
}

/* How many letters differ, about: enough to find what was meant. */
static size_t
compare(const char *a, const char *b)
{
	size_t row[128], columns = strlen(b);

	if (columns >= 127)
		return SIZE_MAX;
	for (size_t k = 0; k <= columns; k++)
		row[k] = k;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t k = 1; k <= columns; k++) {
			size_t above = row[k], least = corner + (a[i - 1] != b[k - 1]);

			least = above + 1 < least ? above + 1 : least;
			least = row[k - 1] + 1 < least ? row[k - 1] + 1 : least;
			row[k] = least;
			corner = above;
		}
	}
	return row[columns];
}

/* Names that the library knows and does not list. */
static const char *const aliases[] = {
	"linger.ms", NULL, "compression.type", NULL, "max.in.flight", NULL, "retries", NULL,
};

/* The nearest of names, of which each second one is a value. */
static const char *
find_nearest(const char *name, const char *const *pairs, size_t count, size_t *best)
{
	const char *nearest = NULL;

	for (size_t i = 0; i + 1 < count; i += 2) {
		size_t distance = compare(name, pairs[i]);

		if (distance >= *best)
			continue;
		*best = distance;
		nearest = pairs[i];
	}
	return nearest;
}

/* The property that may be meant, as it is written in the file; "" when none is near. */
static void
suggest(rd_kafka_conf_t *conf, const char *name, char *text, size_t size)
{
	rd_kafka_topic_conf_t *topic_conf = rd_kafka_topic_conf_new();
	size_t count, topic_count, best = 4;
	const char **pairs = rd_kafka_conf_dump(conf, &count);
	const char **topic_pairs = rd_kafka_topic_conf_dump(topic_conf, &topic_count);
	const char *lists[] = { find_nearest(name, pairs, count, &best),
				find_nearest(name, topic_pairs, topic_count, &best),
				find_nearest(name, aliases, 8, &best) };

	*text = '\0';
	for (size_t i = 0; i < 3; i++)
		if (lists[i])
			snprintf(text, size, "%s", lists[i]);
	for (char *at = text; *at; at++)
		*at = *at == '.' ? '_' : *at;
	rd_kafka_conf_dump_free(pairs, count);
	rd_kafka_conf_dump_free(topic_pairs, topic_count);
	rd_kafka_topic_conf_destroy(topic_conf);
}

static void
complain_unknown(rd_kafka_conf_t *conf, const char *option, const char *name,
		 struct dk_error *error)
{
	char nearest[128];

	suggest(conf, name, nearest, sizeof(nearest));
	snprintf(error->text, sizeof(error->text),
		 "neither an option nor a property of librdkafka: %s%s%s%s", option,
		 *nearest ? "; is " : "", nearest, *nearest ? " meant?" : "");
}

/* Asks the library itself. Some of its names have a _ of their own. */
static int
try_property(rd_kafka_conf_t *conf, const char *option, char *name, const char *value,
	     struct dk_error *error)
{
	char text[400];
	rd_kafka_conf_res_t result;

	if (check_refusals(option, name, value, error) != 0 ||
	    check_refusals(option, option, value, error) != 0)
		return -1;
	result = rd_kafka_conf_set(conf, name, value, text, sizeof(text));
	if (result == RD_KAFKA_CONF_UNKNOWN &&
	    rd_kafka_conf_set(conf, option, value, text, sizeof(text)) != RD_KAFKA_CONF_UNKNOWN) {
		strcpy(name, option);
		result = rd_kafka_conf_set(conf, name, value, text, sizeof(text));
	}
	if (result == RD_KAFKA_CONF_OK)
		return 0;
	if (result == RD_KAFKA_CONF_UNKNOWN)
		complain_unknown(conf, option, name, error);
	else
		snprintf(error->text, sizeof(error->text), "%s", text);
	return -1;
}

int
kafka_properties_set(void *values, const char *option, const char *value, struct dk_error *error)
{
	struct kafka_config *config = values;
	struct kafka_property *property = malloc(sizeof(*property) + strlen(option) + 1);
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	int result;

	if (!property)
		abort();
	strcpy(property->name, option);
	for (char *at = property->name; *at; at++)
		*at = *at == '_' ? '.' : *at;
	result = try_property(conf, option, property->name, value, error);
	rd_kafka_conf_destroy(conf);
	if (result != 0) {
		free(property);
		return -1;
	}
	property->value = value;
	property->next = config->properties;
	config->properties = property;
	return 0;
}

const char *
kafka_properties_get(const struct kafka_config *config, const char *name)
{
	for (const struct kafka_property *at = config->properties; at; at = at->next)
		if (strcmp(at->name, name) == 0)
			return at->value;
	return "";
}

void
kafka_properties_clean(void *values)
{
	struct kafka_config *config = values;

	while (config->properties) {
		struct kafka_property *property = config->properties;

		config->properties = property->next;
		free(property);
	}
}

/* --- Making a configuration ---------------------------------------------------------------- */

static int
set(rd_kafka_conf_t *conf, const char *name, const char *value, struct dk_error *error)
{
	return rd_kafka_conf_set(conf, name, value, error->text, sizeof(error->text)) ==
			       RD_KAFKA_CONF_OK
		       ? 0
		       : -1;
}

static int
set_all(rd_kafka_conf_t *conf, const struct setting *rows, size_t count, int role,
	struct dk_error *error)
{
	for (size_t i = 0; i < count; i++)
		if ((rows[i].roles & role) && set(conf, rows[i].name, rows[i].value, error) != 0)
			return -1;
	return 0;
}

static int
set_properties(rd_kafka_conf_t *conf, const struct kafka_config *config, struct dk_error *error)
{
	for (struct kafka_property *at = config->properties; at; at = at->next)
		if (set(conf, at->name, at->value, error) != 0)
			return -1;
	return 0;
}

static int
set_identity(rd_kafka_conf_t *conf, const struct kafka_config *config, const char *name, int role,
	     struct dk_error *error)
{
	char client[256];

	snprintf(client, sizeof(client), "diolkos-%s", name);
	if (set(conf, "bootstrap.servers", config->bootstrap_servers, error) != 0 ||
	    set(conf, "client.id", config->client_id ? config->client_id : client, error) != 0)
		return -1;
	return role == CONSUMER ? set(conf, "group.id", config->group_id, error) : 0;
}

static int
set_rows(rd_kafka_conf_t *conf, const struct kafka_config *config, struct dk_error *error)
{
	for (const struct dk_option *row = kafka_security_rows; row->name; row++) {
		const char *text = kafka_option_text(config, row);
		char name[64];

		snprintf(name, sizeof(name), "%s", row->name);
		for (char *at = name; *at; at++)
			*at = *at == '_' ? '.' : *at;
		if (text && set(conf, name, text, error) != 0)
			return -1;
	}
	return kafka_certificate_watch(conf, error);
}

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

rd_kafka_conf_t *
kafka_properties_conf(const struct kafka_config *config, const char *name, rd_kafka_type_t type,
		      struct dk_error *error)
{
	int role = type == RD_KAFKA_CONSUMER ? CONSUMER : PRODUCER;
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	if (set_all(conf, defaults, COUNT(defaults), role, error) == 0 &&
	    set_rows(conf, config, error) == 0 && set_properties(conf, config, error) == 0 &&
	    set_all(conf, musts, COUNT(musts), role, error) == 0 &&
	    set_identity(conf, config, name, role, error) == 0) {
		rd_kafka_conf_set_events(
			conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_LOG |
				      RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_REBALANCE |
				      RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_STATS);
		return conf;
	}
	rd_kafka_conf_destroy(conf);
	return NULL;
}
