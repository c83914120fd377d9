/* SPDX-License-Identifier: Apache-2.0
 *
 * rabbitmq.c - RabbitMQ over rabbitmq-c: queues are consumed, messages published in transactions or
 * with confirms. Here are its options, and what is checked of them.
 */
#include "plugins/rabbitmq/rabbitmq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const publish_modes[] = { "tx", "confirm", NULL };
static const char *const identifications[] = { "https", "none", NULL };
static const char *const queue_types[] = { "classic", "quorum", NULL };
static const char *const unroutables[] = { "reject", "retry", NULL };
static const char *const delivery_modes[] = { "persistent", "as-sent", NULL };

#define ROW(member, c_type) DK_AT(struct rabbitmq_config, member, c_type)

static const struct dk_option endpoint_rows[] = {
	{ "uri", DK_TEXT, ROW(uri, const char *), NULL, 0, 0, NULL, DK_REQUIRED | DK_NAMES_SYSTEM | DK_URI,
	  "Where the broker is: amqp://host:port/vhost, or amqps:// for TLS; %2f is the vhost /. "
	  "Several, with commas between, are tried one after the other." },
	{ "username", DK_TEXT, ROW(username, const char *), NULL, 0, 0, NULL, 0,
	  "Who we are; without it what the uri says, else guest." },
	{ "password", DK_SECRET, ROW(password, const char *), NULL, 0, 0, NULL, 0,
	  "The password that goes with it." },
	{ "ssl_ca_location", DK_TEXT, ROW(ca_location, const char *), NULL, 0, 0, NULL, 0,
	  "A file of certificates (PEM) of the authorities that are trusted; without it, those "
	  "that the system trusts." },
	{ "ssl_certificate_location", DK_TEXT, ROW(certificate_location, const char *), NULL, 0, 0,
	  NULL, 0, "Our own certificate (PEM), for a broker that asks for one." },
	{ "ssl_key_location", DK_TEXT, ROW(key_location, const char *), NULL, 0, 0, NULL, 0,
	  "The private key (PEM) that goes with it." },
	{ "ssl_key_password", DK_SECRET, ROW(key_password, const char *), NULL, 0, 0, NULL, 0,
	  "The password of that key, if it has one." },
	{ "ssl_endpoint_identification_algorithm", DK_CHOICE, ROW(identification, int), "https", 0,
	  0, identifications, 0,
	  "https: the broker's certificate must be for the host that the uri names; none: that is "
	  "not checked." },
	{ "enable_ssl_certificate_verification", DK_TRUTH, ROW(is_verifying, bool), "true", 0, 0,
	  NULL, 0, "Whether the broker's certificate is checked at all." },
	{ "heartbeat", DK_DURATION, ROW(heartbeat_ms, int64_t), "10s", 1000, 3600000, NULL, 0,
	  "After twice this silence the connection counts as lost." },
	{ "connect_timeout", DK_DURATION, ROW(connect_timeout_ms, int64_t), "10s", 100, 600000,
	  NULL, 0, "How long connecting may take." },
	{ "rpc_timeout", DK_DURATION, ROW(rpc_timeout_ms, int64_t), "60s", 100, 3600000, NULL, 0,
	  "How long an answer of the broker, a commit's too, is waited for." },
	{ "publish", DK_CHOICE, ROW(publish, int), "tx", 0, 0, publish_modes, 0,
	  "How publishing is made sure of: in transactions (tx), or by the broker's answer for "
	  "each message (confirm), which is faster and repeats less after a refusal." },
	{ "batch", DK_INTEGER, ROW(batch, int64_t), "100", 1, 10000, NULL, 0,
	  "The most messages in a transaction; no more than window." },
	{ "linger", DK_DURATION, ROW(linger_ms, int64_t), "10ms", 0, 60000, NULL, 0,
	  "How long a transaction waits to be full." },
	{ "prefetch", DK_INTEGER, ROW(prefetch, int64_t), "1000", 1, 65535, NULL, 0,
	  "How many messages of a queue the broker may have on the way to us." },
	{ "window", DK_INTEGER, ROW(window, int64_t), "1000", 1, 100000, NULL, 0,
	  "How many deliveries may be unsettled at once." },
	{ "max_message", DK_SIZE, ROW(max_message, int64_t), "128 MB", 1024, (int64_t)1 << 31, NULL,
	  0,
	  "A message that is larger ends the connection, with a word, and stays in its queue until "
	  "this is raised." },
	{ 0 },
};

static const struct dk_option from_rows[] = {
	{ "queue", DK_TEXT, DK_AT(struct rabbitmq_from, queue, const char *), NULL, 0, 0, NULL, 0,
	  "The queue that is consumed; not needed where the address is /queue." },
	{ "declare", DK_TRUTH, DK_AT(struct rabbitmq_from, declare, bool), "false", 0, 0, NULL, 0,
	  "Make exchange, queue and binding, durable, if they are not there." },
	{ "queue_type", DK_CHOICE, DK_AT(struct rabbitmq_from, queue_type, int), "classic", 0, 0,
	  queue_types, 0, "What the queue is made as, with declare = true." },
	{ "exclusive", DK_TRUTH, DK_AT(struct rabbitmq_from, exclusive, bool), "false", 0, 0, NULL,
	  0,
	  "Nobody else may consume the queue; while somebody does, it is tried again. Without it, "
	  "consumers share the queue's messages." },
	{ "consumer_priority", DK_INTEGER, DK_AT(struct rabbitmq_from, priority, int64_t), "0",
	  -2147483647, 2147483647, NULL, 0,
	  "Consumers of a lower priority get messages only while those of a higher one have all "
	  "they can take." },
	{ 0 },
};

static const struct dk_option to_rows[] = {
	{ "declare", DK_TRUTH, DK_AT(struct rabbitmq_to, declare, bool), "false", 0, 0, NULL, 0,
	  "Make the exchange (or, where the address is /queue, the queue), durable, if it is not "
	  "there." },
	{ "queue_type", DK_CHOICE, DK_AT(struct rabbitmq_to, queue_type, int), "classic", 0, 0,
	  queue_types, 0, "What the queue is made as, with declare = true." },
	{ "unroutable", DK_CHOICE, DK_AT(struct rabbitmq_to, unroutable, int), "reject", 0, 0,
	  unroutables, 0,
	  "What becomes of a message that no queue is bound for: it is dead-lettered (reject), or "
	  "waits until there is one (retry)." },
	{ "delivery_mode", DK_CHOICE, DK_AT(struct rabbitmq_to, delivery_mode, int), "persistent",
	  0, 0, delivery_modes, 0,
	  "persistent: every message outlives the broker's restart; as-sent: only those that were "
	  "persistent at their source." },
	{ 0 },
};

static int
fail(struct dk_error *error, const char *what, const char *which)
{
	snprintf(error->text, sizeof(error->text), what, which);
	return -1;
}

/* Options of TLS, where the uri asks for none. */
static const char *
idle_option(const struct rabbitmq_config *config)
{
	return config->ca_location	      ? "ssl_ca_location"
	       : config->certificate_location ? "ssl_certificate_location"
	       : config->key_location	      ? "ssl_key_location"
					      : NULL;
}

static int
check_tls(const struct rabbitmq_config *config, bool is_tls, struct dk_error *error)
{
	if (!is_tls && idle_option(config))
		return fail(error, "%s is set, but the uri asks for no TLS; amqps://…?",
			    idle_option(config));
	if (config->certificate_location && !config->key_location)
		return fail(error,
			    "ssl_certificate_location = \"%s\" has no key; ssl_key_location?",
			    config->certificate_location);
	if (config->key_location && !config->certificate_location)
		return fail(error,
			    "ssl_key_location = \"%s\" has no certificate; "
			    "ssl_certificate_location?",
			    config->key_location);
	return 0;
}

static int
check_endpoint(const void *values, struct dk_error *error)
{
	const struct rabbitmq_config *config = values;
	struct rabbitmq_host *hosts;
	size_t count;
	bool is_tls = false;

	if (rabbitmq_hosts_read(config->uri, &hosts, &count, error) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		is_tls |= hosts[i].info.ssl;
	rabbitmq_hosts_free(hosts, count);
	return check_tls(config, is_tls, error);
}

/* Is it consumed by the name of its queue alone? Then that is every message's address. */
static bool
is_by_name(const struct dk_interest *interest)
{
	return interest->filter[0] == '/';
}

/* The queue of an interest: its option, or its address where that is /queue. */
static const char *
queue_of(const struct dk_interest *interest)
{
	const struct rabbitmq_from *from = interest->options;

	return from->queue ? from->queue : is_by_name(interest) ? interest->filter + 1 : NULL;
}

static int
check_from(const void *config, const struct dk_interest *interest, struct dk_error *error)
{
	const struct rabbitmq_from *from = interest->options;
	const char *queue = queue_of(interest);

	(void)config;
	if (!queue || !*queue)
		return fail(error,
			    "\"%s\" names an exchange and no queue: messages are consumed from a "
			    "queue; queue = \"…\"; (with declare = true it is made and bound)",
			    interest->pattern);
	if (is_by_name(interest) && strpbrk(interest->filter, "*#"))
		return fail(
			error,
			"\"%s\" has a capture or wildcard, but a queue is consumed by its whole "
			"name; /name, or exchange/key with queue = \"…\"?",
			interest->pattern);
	if (strlen(queue) > 255)
		return fail(error, "the queue \"%s\" has a name of more than 255 bytes; another?",
			    queue);
	if (from->queue_type == RABBITMQ_QUORUM && !from->declare)
		return fail(error,
			    "queue_type says what the queue \"%s\" is made as, but it is not made; "
			    "declare = true?",
			    queue);
	return 0;
}

static bool
is_of_one_mind(const struct dk_interest *one, const struct dk_interest *other)
{
	const struct rabbitmq_from *a = one->options, *b = other->options;

	return a->exclusive == b->exclusive && a->priority == b->priority &&
	       a->queue_type == b->queue_type;
}

/* Two routes that consume one queue share its messages, and each message has one address. */
static const char *
fault_together(const struct dk_interest *one, const struct dk_interest *other)
{
	if (is_by_name(one) != is_by_name(other))
		return "one by its name, one by an exchange, of which one would match nothing; "
		       "the same for both?";
	if (!is_of_one_mind(one, other))
		return "with different settings; the same exclusive, consumer_priority and "
		       "queue_type?";
	return NULL;
}

static int
compare_queues(const void *a, const void *b)
{
	const struct dk_interest *const *x = a, *const *y = b;
	int difference = strcmp(queue_of(*x), queue_of(*y));

	return difference ? difference : *x < *y ? -1 : *x > *y;
}

/* One that does not go together with the first of its queue, of those the first: then each of them
 * goes with each, for what they have to have in common is the same. NULL: all do. */
static const struct dk_interest *
find_stranger(const struct dk_interest *const *sorted, size_t count,
	      const struct dk_interest **first_of_queue)
{
	const struct dk_interest *first = NULL, *stranger = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!first || strcmp(queue_of(first), queue_of(sorted[i])) != 0)
			first = sorted[i];
		if (!fault_together(first, sorted[i]) || (stranger && stranger < sorted[i]))
			continue;
		stranger = sorted[i];
		*first_of_queue = first;
	}
	return stranger;
}

static int
check_together(const struct dk_interest *interests, size_t count, struct dk_error *error)
{
	const struct dk_interest **sorted = calloc(count, sizeof(*sorted)), *one = NULL, *other;

	if (!sorted)
		abort();
	for (size_t i = 0; i < count; i++)
		sorted[i] = &interests[i];
	qsort(sorted, count, sizeof(*sorted), compare_queues);
	other = find_stranger(sorted, count, &one);
	free(sorted);
	if (!other)
		return 0;
	snprintf(error->text, sizeof(error->text),
		 "the routes %s and %s consume the queue \"%s\" %s", one->route, other->route,
		 queue_of(one), fault_together(one, other));
	return -1;
}

static int
name_subscriptions(const void *config, struct dk_interest *interests, size_t count,
		   struct dk_error *error)
{
	(void)config;
	for (size_t i = 0; i < count; i++)
		if (!(interests[i].subscription = strdup(queue_of(&interests[i]))))
			abort();
	return check_together(interests, count, error);
}

static int
check_to(const void *config, const struct dk_target *target, struct dk_error *error)
{
	const struct rabbitmq_to *to = target->options;

	(void)config;
	if (to->queue_type == RABBITMQ_QUORUM && (!to->declare || target->template[0] != '/'))
		return fail(
			error,
			"queue_type says what a queue is made as, but \"%s\" makes none; /queue "
			"and declare = true?",
			target->template);
	return 0;
}

static size_t
window(const void *config)
{
	return (size_t)((const struct rabbitmq_config *)config)->window;
}

/* All but a key, which AMQP has none of. */
static unsigned
brings(const void *config)
{
	(void)config;
	return DK_HAS_TIMESTAMP | DK_HAS_CONTENT_TYPE | DK_HAS_CORRELATION_ID | DK_HAS_REPLY_TO |
	       DK_HAS_MESSAGE_ID | DK_HAS_HEADERS;
}

const struct dk_plugin dk_plugin = {
	.abi = DK_ABI,
	.size = sizeof(struct dk_plugin),
	.name = "rabbitmq",
	.summary = "RabbitMQ, in transactions or with confirms.",
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
			.brings = brings,
		},
	.sink =
		&(const struct dk_sink_functions){
			.check = check_to,
			.window = window,
			.aim = rabbitmq_aim,
			.send = rabbitmq_send,
		},
};
