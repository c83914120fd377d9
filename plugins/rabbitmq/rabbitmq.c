/* SPDX-License-Identifier: Apache-2.0
 *
 * rabbitmq.c - RabbitMQ over rabbitmq-c: queues are consumed, messages published in transactions.
 */
#include "plugins/rabbitmq/rabbitmq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const publish_modes[] = { "tx", NULL };

#define ROW(member, c_type) DK_AT(struct rabbitmq_config, member, c_type)

static const struct dk_option endpoint_rows[] = {
	{ "uri", DK_TEXT, ROW(uri, const char *), NULL, 0, 0, NULL, DK_REQUIRED,
	  "Where the broker is: amqp://host:port/vhost; %2f is the vhost /." },
	{ "username", DK_TEXT, ROW(username, const char *), NULL, 0, 0, NULL, 0,
	  "Who we are; without it what the uri says, else guest." },
	{ "password", DK_SECRET, ROW(password, const char *), NULL, 0, 0, NULL, 0,
	  "The password that goes with it." },
	{ "heartbeat", DK_DURATION, ROW(heartbeat_ms, int64_t), "10s", 1000, 3600000, NULL, 0,
	  "After twice this silence the connection counts as lost." },
	{ "connect_timeout", DK_DURATION, ROW(connect_timeout_ms, int64_t), "10s", 100, 600000, NULL,
	  0, "How long connecting may take." },
	{ "rpc_timeout", DK_DURATION, ROW(rpc_timeout_ms, int64_t), "60s", 100, 3600000, NULL, 0,
	  "How long an answer of the broker, a commit's too, is waited for." },
	{ "publish", DK_CHOICE, ROW(publish, int), "tx", 0, 0, publish_modes, 0,
	  "How publishing is made sure of: in transactions." },
	{ "batch", DK_INTEGER, ROW(batch, int64_t), "100", 1, 10000, NULL, 0,
	  "The most messages in a transaction." },
	{ "linger", DK_DURATION, ROW(linger_ms, int64_t), "10ms", 0, 60000, NULL, 0,
	  "How long a transaction waits to be full." },
	{ "prefetch", DK_INTEGER, ROW(prefetch, int64_t), "1000", 1, 65535, NULL, 0,
	  "How many messages the broker may have on the way to us." },
	{ "window", DK_INTEGER, ROW(window, int64_t), "1000", 1, 100000, NULL, 0,
	  "How many deliveries may be unsettled at once." },
	{ "max_message", DK_SIZE, ROW(max_message, int64_t), "128 MB", 1024, (int64_t)1 << 31, NULL,
	  0, "A larger message ends the connection, with a word." },
	{ 0 },
};

static const struct dk_option from_rows[] = {
	{ "queue", DK_TEXT, DK_AT(struct rabbitmq_from, queue, const char *), NULL, 0, 0, NULL, 0,
	  "The queue that is consumed; not needed where the address is /queue." },
	{ "declare", DK_TRUTH, DK_AT(struct rabbitmq_from, declare, bool), "false", 0, 0, NULL, 0,
	  "Make exchange, queue and binding, durable, if they are not there." },
	{ 0 },
};

static const struct dk_option to_rows[] = {
	{ "declare", DK_TRUTH, DK_AT(struct rabbitmq_to, declare, bool), "false", 0, 0, NULL, 0,
	  "Make the exchange, durable, if it is not there." },
	{ 0 },
};

static int
fail(struct dk_error *error, const char *what, const char *which)
{
	snprintf(error->text, sizeof(error->text), what, which);
	return -1;
}

static int
check_endpoint(const void *values, struct dk_error *error)
{
	const struct rabbitmq_config *config = values;
	struct amqp_connection_info info;
	char *copy = strdup(config->uri);
	int status;

	if (!copy)
		abort();
	status = amqp_parse_url(copy, &info);
	if (status == AMQP_STATUS_OK && info.ssl)
		fail(error, "the uri \"%s\" asks for TLS, which is not there yet; amqp://…?",
		     config->uri);
	else if (status != AMQP_STATUS_OK)
		fail(error, "\"%s\" is no uri of a broker; amqp://host:5672/%%2f?", config->uri);
	free(copy);
	return status == AMQP_STATUS_OK && !info.ssl ? 0 : -1;
}

/* The queue of an interest: its option, or its address where that is /queue. */
static const char *
queue_of(const struct dk_interest *interest)
{
	const struct rabbitmq_from *from = interest->options;

	return from->queue ? from->queue : interest->filter[0] == '/' ? interest->filter + 1 : NULL;
}

static int
check_from(const void *config, const struct dk_interest *interest, struct dk_error *error)
{
	(void)config;
	if (!queue_of(interest) || !*queue_of(interest))
		return fail(error,
			    "\"%s\" names an exchange and no queue: messages are consumed from a "
			    "queue; queue = \"…\"; (with declare = true it is made and bound)",
			    interest->pattern);
	return 0;
}

static int
name_subscriptions(const void *config, struct dk_interest *interests, size_t count,
		   struct dk_error *error)
{
	(void)config, (void)error;
	for (size_t i = 0; i < count; i++)
		if (!(interests[i].subscription = strdup(queue_of(&interests[i]))))
			abort();
	return 0;
}

static int
check_to(const void *config, const struct dk_target *target, struct dk_error *error)
{
	(void)config;
	if (!strchr(target->template, '/'))
		return fail(error, "\"%s\" has no exchange; exchange/routing-key, or /queue?",
			    target->template);
	return 0;
}

static size_t
window(const void *config)
{
	return (size_t)((const struct rabbitmq_config *)config)->window;
}

const struct dk_plugin dk_plugin = {
	.abi = DK_ABI,
	.size = sizeof(struct dk_plugin),
	.name = "rabbitmq",
	.summary = "RabbitMQ, in transactions.",
	.dialect = DK_AMQP,
	.endpoint = { sizeof(struct rabbitmq_config), endpoint_rows, NULL, check_endpoint, NULL },
	.from = { sizeof(struct rabbitmq_from), from_rows, NULL, NULL, NULL },
	.to = { sizeof(struct rabbitmq_to), to_rows, NULL, NULL, NULL },
	.open = rabbitmq_open,
	.connect = rabbitmq_connect,
	.close = rabbitmq_close,
	.source =
		&(const struct dk_source_functions){
			.waiting = DK_HOLDS,
			.settling = DK_SETTLES_PREFIX,
			.check = check_from,
			.name_subscriptions = name_subscriptions,
			.subscribe = rabbitmq_subscribe,
			.pause = rabbitmq_pause,
			.resume = rabbitmq_resume,
			.settled = rabbitmq_settled,
			.stop = rabbitmq_stop,
		},
	.sink =
		&(const struct dk_sink_functions){
			.check = check_to,
			.window = window,
			.prepare = rabbitmq_prepare,
			.send = rabbitmq_send,
		},
};
