/* SPDX-License-Identifier: Apache-2.0
 *
 * null.c - a sink that accepts every delivery and forgets it: the smallest whole plugin.
 *
 * Copy it to begin a sink of your own: the options it is configured by, its life from open() to
 * closed(), deliveries taken in send() and settled later.
 */
#include <stdlib.h>

#include "plugins/plugin.h"

/* What an endpoint's rows fill in. */
struct null_config {
	int64_t delay_ms;
	int64_t window;
};

struct null_endpoint {
	const struct dk_host *host;
	struct dk_endpoint *handle;
	const struct null_config *config;
	struct dk_timer *timer;
	/* Taken and not yet settled, in their order. */
	struct dk_delivery *first;
	struct dk_delivery **end;
};

static void
settle_all(struct null_endpoint *endpoint, enum dk_outcome outcome, const char *reason)
{
	struct dk_delivery *delivery = endpoint->first;

	endpoint->first = NULL;
	endpoint->end = &endpoint->first;
	while (delivery) {
		/* Once it is settled it is no more ours: its next is read before. */
		struct dk_delivery *next = delivery->next;

		endpoint->host->settle(delivery, outcome, reason, NULL);
		delivery = next;
	}
}

static void
accept_all(void *argument)
{
	settle_all(argument, DK_ACCEPTED, NULL);
}

static void *
open_endpoint(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
	      const void *config, struct dk_error *error)
{
	struct null_endpoint *endpoint = calloc(1, sizeof(*endpoint));

	(void)name;
	(void)error;
	if (!endpoint)
		abort();
	endpoint->host = host;
	endpoint->handle = handle;
	endpoint->config = config;
	endpoint->end = &endpoint->first;
	endpoint->timer = host->timer_new(handle, accept_all, endpoint);
	return endpoint;
}

static void
connect_endpoint(void *argument)
{
	struct null_endpoint *endpoint = argument;

	endpoint->host->up(endpoint->handle);
}

static void
close_endpoint(void *argument)
{
	struct null_endpoint *endpoint = argument;

	settle_all(endpoint, DK_RELEASED, "the endpoint is closed");
	endpoint->host->timer_free(endpoint->timer);
	endpoint->host->closed(endpoint->handle);
	free(endpoint);
}

static size_t
window(const void *config)
{
	return (size_t)((const struct null_config *)config)->window;
}

/* Settling within this call is not allowed, so that the core need not expect it: a timer does. */
static size_t
send_deliveries(void *argument, struct dk_delivery *const *deliveries, size_t count)
{
	struct null_endpoint *endpoint = argument;

	if (!endpoint->first)
		endpoint->host->timer_set(endpoint->timer, endpoint->config->delay_ms);
	for (size_t i = 0; i < count; i++) {
		deliveries[i]->next = NULL;
		*endpoint->end = deliveries[i];
		endpoint->end = &deliveries[i]->next;
	}
	return count;
}

static const struct dk_option endpoint_rows[] = {
	{ "delay", DK_DURATION, DK_AT(struct null_config, delay_ms, int64_t), .preset = "0ms",
	  .help = "How long a delivery waits before it is accepted." },
	{ "window", DK_INTEGER, DK_AT(struct null_config, window, int64_t), .preset = "1000",
	  .min = 1, .max = 1000000, .help = "The most deliveries that wait at once." },
	{ 0 },
};

static const struct dk_sink_functions sink = {
	.window = window,
	.send = send_deliveries,
};

const struct dk_plugin dk_plugin = {
	.abi = DK_ABI,
	.size = sizeof(struct dk_plugin),
	.name = "null",
	.summary = "accepts every delivery and forgets it",
	.dialect = DK_PLAIN,
	.endpoint = { sizeof(struct null_config), endpoint_rows, NULL, NULL, NULL },
	.open = open_endpoint,
	.connect = connect_endpoint,
	.close = close_endpoint,
	.sink = &sink,
};
