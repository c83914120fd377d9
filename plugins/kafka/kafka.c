/* SPDX-License-Identifier: Apache-2.0
 *
 * kafka.c - the Kafka plugin, over librdkafka: its descriptor, an endpoint's life.
 */
#include <stdio.h>
#include <stdlib.h>

#include "plugins/kafka/kafka.h"

static void *
open_endpoint(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
	      const void *config, struct dk_error *error)
{
	struct kafka_endpoint *endpoint = calloc(1, sizeof(*endpoint));

	(void)error;
	if (!endpoint)
		abort();
	endpoint->host = host;
	endpoint->handle = handle;
	endpoint->name = name;
	endpoint->config = config;
	return endpoint;
}

static bool
are_all_gone(const struct kafka_endpoint *endpoint)
{
	for (size_t i = 0; i < endpoint->instance_count; i++)
		if (endpoint->instances[i]->life != KAFKA_GONE)
			return false;
	return true;
}

static void
finish(struct kafka_endpoint *endpoint)
{
	const struct dk_host *host = endpoint->host;
	struct dk_endpoint *handle = endpoint->handle;

	for (size_t i = 0; i < endpoint->instance_count; i++)
		kafka_troubles_end(endpoint->instances[i]);
	kafka_source_free(endpoint->consumer);
	kafka_sink_free(endpoint->producer);
	free(endpoint);
	host->closed(handle);
}

static void
leave_all(struct kafka_endpoint *endpoint)
{
	for (size_t i = 0; i < endpoint->instance_count; i++)
		kafka_instance_leave(endpoint->instances[i]);
}

void
kafka_life_ended(struct kafka_endpoint *endpoint)
{
	if (!are_all_gone(endpoint))
		return;
	if (endpoint->is_closing)
		finish(endpoint);
	else
		endpoint->host->down(endpoint->handle, endpoint->reason);
}

void
kafka_life_fall(struct kafka_endpoint *endpoint, const char *reason)
{
	if (endpoint->is_down)
		return;
	endpoint->is_down = true;
	snprintf(endpoint->reason, sizeof(endpoint->reason), "%s", reason);
	leave_all(endpoint);
}

/* The brokers need not be there: the library connects, and goes on trying. */
static void
connect_endpoint(void *argument)
{
	struct kafka_endpoint *endpoint = argument;
	struct dk_error error = { "" };

	endpoint->is_down = false;
	for (size_t i = 0; i < endpoint->instance_count && !endpoint->is_down; i++)
		if (kafka_instance_begin(endpoint->instances[i], &error) != 0)
			kafka_life_fall(endpoint, error.text);
	if (!endpoint->is_down)
		endpoint->host->up(endpoint->handle);
	else if (are_all_gone(endpoint))
		endpoint->host->down(endpoint->handle, endpoint->reason);
}

static void
close_endpoint(void *argument)
{
	struct kafka_endpoint *endpoint = argument;

	endpoint->is_closing = endpoint->is_down = true;
	leave_all(endpoint);
	if (are_all_gone(endpoint))
		finish(endpoint);
}

const struct dk_plugin dk_plugin = {
	.abi = DK_ABI,
	.size = sizeof(struct dk_plugin),
	.name = "kafka",
	.summary = "Apache Kafka, over librdkafka; every property of it is an option, with _ for .",
	.dialect = DK_KAFKA,
	.endpoint = { sizeof(struct kafka_config), kafka_endpoint_rows, kafka_properties_set,
		      kafka_options_check, kafka_properties_clean },
	.open = open_endpoint,
	.connect = connect_endpoint,
	.close = close_endpoint,
	.source = &kafka_source,
	.sink = &kafka_sink,
};
