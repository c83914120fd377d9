/* SPDX-License-Identifier: Apache-2.0
 *
 * amqp.c - publishes persistent, mandatory messages with confirms; drains with acknowledgements.
 */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "audit.h"

#define CHANNEL 1
#define PATIENCE_SECONDS 60
#define ACKNOWLEDGE_EVERY 64

static amqp_bytes_t
bytes_of(const char *text)
{
	return amqp_cstring_bytes(text);
}

static bool
is_well(amqp_connection_state_t link)
{
	return amqp_get_rpc_reply(link).reply_type == AMQP_RESPONSE_NORMAL;
}

static bool
log_in(amqp_connection_state_t link, const char *vhost)
{
	return amqp_login(link, vhost, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest")
			       .reply_type == AMQP_RESPONSE_NORMAL &&
	       amqp_channel_open(link, CHANNEL) && is_well(link);
}

static amqp_connection_state_t
try_open(const char *host, int port, const char *vhost)
{
	amqp_connection_state_t link = amqp_new_connection();
	amqp_socket_t *socket = link ? amqp_tcp_socket_new(link) : NULL;
	struct timeval limit = { .tv_sec = 10 };

	if (!socket)
		die("no memory for a connection");
	amqp_set_rpc_timeout(link, &limit);
	if (amqp_socket_open_noblock(socket, host, port, &limit) == AMQP_STATUS_OK && log_in(link, vhost))
		return link;
	amqp_destroy_connection(link);
	return NULL;
}

static amqp_connection_state_t
link_open(const struct options *options)
{
	double until = seconds_now() + PATIENCE_SECONDS;
	amqp_connection_state_t link;
	char host[256];
	int port;

	options_broker(options, host, &port);
	while (!(link = try_open(host, port, options->vhost))) {
		if (seconds_now() > until)
			die("%s does not accept a connection", options->broker);
		usleep(100000);
	}
	return link;
}

static void
link_close(amqp_connection_state_t link)
{
	amqp_connection_close(link, AMQP_REPLY_SUCCESS);
	amqp_destroy_connection(link);
}

void
amqp_prepare(const struct options *options)
{
	amqp_connection_state_t link = link_open(options);

	if (!options->queue || (options->exchange && !options->binding))
		die("prepare amqp wants --queue, and --binding where there is an --exchange");
	if (options->exchange)
		amqp_exchange_declare(link, CHANNEL, bytes_of(options->exchange), bytes_of("topic"),
				      0, 1, 0, 0, amqp_empty_table);
	if (!is_well(link))
		die("no exchange %s", options->exchange);
	amqp_queue_declare(link, CHANNEL, bytes_of(options->queue), 0, 1, 0, 0, amqp_empty_table);
	if (!is_well(link))
		die("no queue %s", options->queue);
	if (options->exchange)
		amqp_queue_bind(link, CHANNEL, bytes_of(options->queue),
				bytes_of(options->exchange), bytes_of(options->binding),
				amqp_empty_table);
	if (!is_well(link))
		die("no binding %s", options->binding);
	link_close(link);
}

/* --- Sending --- */

/* On one connection: which id has which confirm tag (the first is 1), and how far the confirms
 * have come. A message that is returned is refused before its confirm says "acknowledged". */
struct publisher {
	amqp_connection_state_t link;
	struct sender *sender;
	uint64_t *ids;
	uint64_t published, confirmed;
};

static bool
publish(struct publisher *publisher, const struct record *record, size_t size)
{
	char address[1024], id[32];
	char *key;
	amqp_basic_properties_t properties = { ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG |
							 AMQP_BASIC_MESSAGE_ID_FLAG,
					       .delivery_mode = AMQP_DELIVERY_PERSISTENT };
	amqp_bytes_t body = { .len = size, .bytes = publisher->sender->payload };

	sender_address(publisher->sender, record->key, address, sizeof address);
	key = strchr(address, '/');
	if (!key)
		die("an address is exchange/routing-key, not %s", address);
	*key++ = '\0';
	snprintf(id, sizeof id, "%" PRIu64, record->id);
	properties.message_id = bytes_of(id);
	publisher->ids[++publisher->published] = record->id;
	return amqp_basic_publish(publisher->link, CHANNEL, bytes_of(address), bytes_of(key), 1, 0,
				  &properties, body) == AMQP_STATUS_OK;
}

static void
settle(struct publisher *publisher, uint64_t tag, bool multiple, bool positive)
{
	uint64_t from = multiple ? publisher->confirmed + 1 : tag;

	for (uint64_t i = from; i <= tag && i <= publisher->published; i++) {
		if (publisher->ids[i] == UINT64_MAX)
			continue;
		if (positive)
			sender_acknowledge(publisher->sender, publisher->ids[i]);
		else
			sender_refuse(publisher->sender, publisher->ids[i]);
		publisher->ids[i] = UINT64_MAX;
	}
	if (multiple)
		publisher->confirmed = tag;
}

static bool
take_back(struct publisher *publisher)
{
	amqp_message_t message;
	char id[32] = "";

	if (amqp_read_message(publisher->link, CHANNEL, &message, 0).reply_type !=
	    AMQP_RESPONSE_NORMAL)
		return false;
	snprintf(id, sizeof id, "%.*s", (int)message.properties.message_id.len,
		 (char *)message.properties.message_id.bytes);
	sender_refuse(publisher->sender, strtoull(id, NULL, 10));
	amqp_destroy_message(&message);
	return true;
}

static bool
take_method(struct publisher *publisher, const amqp_method_t *method)
{
	if (method->id == AMQP_BASIC_ACK_METHOD) {
		const amqp_basic_ack_t *ack = method->decoded;

		settle(publisher, ack->delivery_tag, ack->multiple, true);
		return true;
	}
	if (method->id == AMQP_BASIC_NACK_METHOD) {
		const amqp_basic_nack_t *nack = method->decoded;

		settle(publisher, nack->delivery_tag, nack->multiple, false);
		return true;
	}
	return method->id == AMQP_BASIC_RETURN_METHOD && take_back(publisher);
}

/* Reads one frame, waiting at most so long: false when the connection or channel is lost. */
static bool
read_answer(struct publisher *publisher, int wait_us, bool *any)
{
	struct timeval wait = { .tv_usec = wait_us };
	amqp_frame_t frame;
	int status = amqp_simple_wait_frame_noblock(publisher->link, &frame, &wait);

	*any = status == AMQP_STATUS_OK;
	if (status == AMQP_STATUS_TIMEOUT)
		return true;
	if (status != AMQP_STATUS_OK)
		return false;
	return frame.frame_type != AMQP_FRAME_METHOD ||
	       take_method(publisher, &frame.payload.method);
}

static bool
read_answers(struct publisher *publisher, int wait_us)
{
	bool any;

	do {
		if (!read_answer(publisher, wait_us, &any))
			return false;
		amqp_maybe_release_buffers(publisher->link);
		wait_us = 0;
	} while (any);
	return true;
}

static void
publish_while_up(struct publisher *publisher)
{
	struct sender *sender = publisher->sender;
	struct record record;
	size_t size;

	amqp_confirm_select(publisher->link, CHANNEL);
	while (!sender_is_done(sender)) {
		bool taken = sender_take(sender, &record, &size);

		if (taken && !publish(publisher, &record, size))
			return;
		if (!read_answers(publisher, taken ? 0 : 1000))
			return;
	}
}

void
amqp_send(struct sender *sender)
{
	struct publisher publisher = { .sender = sender };

	publisher.ids = calloc(sender->options->count + 1, sizeof *publisher.ids);
	if (!publisher.ids)
		die("no memory");
	while (!sender_is_done(sender)) {
		publisher.published = publisher.confirmed = 0;
		publisher.link = link_open(sender->options);
		publish_while_up(&publisher);
		link_close(publisher.link);
		if (!sender_is_done(sender))
			sender_rewind(sender);
	}
	free(publisher.ids);
}

/* --- Draining --- */

/* Takes one delivery; 0 if there is none now, below 0 when the connection is lost. */
static int
take_delivery(amqp_connection_state_t link, struct drain *drain, uint64_t *tag)
{
	struct timeval wait = { .tv_usec = 50000 };
	amqp_envelope_t envelope;
	amqp_rpc_reply_t reply;

	amqp_maybe_release_buffers(link);
	reply = amqp_consume_message(link, &envelope, &wait, 0);
	if (reply.reply_type != AMQP_RESPONSE_NORMAL)
		return reply.library_error == AMQP_STATUS_TIMEOUT ? 0 : -1;
	drain_arrival(drain, envelope.message.body.bytes, envelope.message.body.len, "-");
	*tag = envelope.delivery_tag;
	amqp_destroy_envelope(&envelope);
	return 1;
}

static void
consume_while_up(amqp_connection_state_t link, struct drain *drain)
{
	uint64_t tag = 0, acknowledged = 0;
	int taken = 0;

	amqp_basic_qos(link, CHANNEL, 0, 1000, 0);
	amqp_basic_consume(link, CHANNEL, bytes_of(drain->options->address), amqp_empty_bytes, 0, 0,
			   0, amqp_empty_table);
	if (!is_well(link))
		die("there is no queue %s", drain->options->address);
	while (!drain_is_over(drain) && taken >= 0) {
		taken = take_delivery(link, drain, &tag);
		if (taken >= 0 && tag > acknowledged &&
		    (taken == 0 || tag - acknowledged >= ACKNOWLEDGE_EVERY)) {
			amqp_basic_ack(link, CHANNEL, tag, 1);
			acknowledged = tag;
		}
	}
}

void
amqp_drain(struct drain *drain)
{
	while (!drain_is_over(drain)) {
		amqp_connection_state_t link = link_open(drain->options);

		consume_while_up(link, drain);
		link_close(link);
	}
}
