/* SPDX-License-Identifier: Apache-2.0
 *
 * connection.c - a link's connection, on its thread: opening it, its channels, its frames, and
 * words for what the broker refuses.
 */
#include <amqp_tcp_socket.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/rabbitmq.h"

#define FRAME_MAX 131072

/* --- Words --- */

int
rabbitmq_fail(struct rabbitmq_link *link, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(link->reason, sizeof(link->reason), format, arguments);
	va_end(arguments);
	link->code = 0;
	return -1;
}

/* TLS's words too, where there are some: the library has only a few of its own. */
static int
fail_library(struct rabbitmq_link *link, const char *what, int status)
{
	const char *words = link->host->info.ssl ? rabbitmq_tls_words(link, status) : NULL;

	return rabbitmq_fail(link, "%s: %s%s%s", what, amqp_error_string2(status),
			     words ? ": " : "", words ? words : "");
}

static int
fail_closed(struct rabbitmq_link *link, const char *what, const amqp_method_t *method)
{
	const amqp_connection_close_t *closed = method->decoded;

	rabbitmq_fail(link, "%s: the broker closed the connection: %d %.*s", what,
		      closed->reply_code, (int)closed->reply_text.len,
		      (char *)closed->reply_text.bytes);
	link->code = closed->reply_code;
	return -1;
}

int
rabbitmq_refused(struct rabbitmq_link *link, amqp_channel_t channel, const amqp_method_t *method,
		 const char *what)
{
	const amqp_channel_close_t *closed = method->decoded;
	amqp_channel_close_ok_t well = { 0 };
	int status;

	rabbitmq_fail(link, "%s: %d %.*s", what, closed->reply_code, (int)closed->reply_text.len,
		      (char *)closed->reply_text.bytes);
	link->code = closed->reply_code;
	status = amqp_send_method(link->connection, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &well);
	return status == AMQP_STATUS_OK ? RABBITMQ_REFUSED : fail_library(link, what, status);
}

static int
conclude(struct rabbitmq_link *link, amqp_channel_t channel, const char *what)
{
	amqp_rpc_reply_t reply = amqp_get_rpc_reply(link->connection);

	switch (reply.reply_type) {
	case AMQP_RESPONSE_NORMAL:
		return 0;
	case AMQP_RESPONSE_SERVER_EXCEPTION:
		if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
			return rabbitmq_refused(link, channel, &reply.reply, what);
		if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
			return fail_closed(link, what, &reply.reply);
		return rabbitmq_fail(link, "%s: the broker answered with method %08x", what,
				     reply.reply.id);
	case AMQP_RESPONSE_LIBRARY_EXCEPTION:
		return fail_library(link, what, reply.library_error);
	default:
		return rabbitmq_fail(link, "%s: no answer", what);
	}
}

/* The library keeps each answer until its channel's memory is released. */
int
rabbitmq_answer(struct rabbitmq_link *link, amqp_channel_t channel, const char *what)
{
	int answer = conclude(link, channel, what);

	amqp_maybe_release_buffers_on_channel(link->connection, channel);
	return answer;
}

/* --- Opening --- */

static struct timeval
timeval_of(int64_t ms)
{
	return (struct timeval){ (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) };
}

static void
set_socket(struct rabbitmq_link *link, int socket)
{
	pthread_mutex_lock(&link->lock);
	link->socket = socket;
	pthread_mutex_unlock(&link->lock);
}

static int
open_socket(struct rabbitmq_link *link)
{
	const struct amqp_connection_info *info = &link->host->info;
	struct timeval timeout = timeval_of(link->endpoint->config->connect_timeout_ms);
	amqp_socket_t *socket =
		info->ssl ? rabbitmq_tls_socket(link) : amqp_tcp_socket_new(link->connection);
	int status;

	if (!socket)
		return info->ssl ? -1 : rabbitmq_fail(link, "no socket");
	status = amqp_socket_open_noblock(socket, info->host, info->port, &timeout);
	if (status == AMQP_STATUS_SOCKET_ERROR) /* the library does not say more */
		return rabbitmq_fail(link, "nobody takes the connection: is the broker running, "
					   "and is this its port?");
	if (status != AMQP_STATUS_OK)
		return fail_library(link, "connecting", status);
	set_socket(link, amqp_get_sockfd(link->connection));
	return 0;
}

static amqp_table_entry_t
truth(const char *name)
{
	return (amqp_table_entry_t){ amqp_cstring_bytes(name),
				     { .kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1 } };
}

/* Who does not speak AMQP, or speaks it over TLS, hangs up or says something else. */
static int
fail_login(struct rabbitmq_link *link, const char *what, amqp_rpc_reply_t reply)
{
	bool is_strange = reply.library_error == AMQP_STATUS_SOCKET_ERROR ||
			  reply.library_error == AMQP_STATUS_CONNECTION_CLOSED ||
			  reply.library_error == AMQP_STATUS_BAD_AMQP_DATA;

	if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
	    reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
		return fail_closed(link, what, &reply.reply);
	if (!link->host->info.ssl && reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
	    is_strange)
		return rabbitmq_fail(
			link,
			"%s: %s at the first words; is this a port for TLS (amqps://), "
			"or for something else than AMQP?",
			what, amqp_error_string2(reply.library_error));
	return fail_library(link, what, reply.library_error);
}

/* What the library does not announce by itself: without them a memory alarm would look like a hang,
 * and a deleted queue like silence. */
static int
login(struct rabbitmq_link *link)
{
	const struct rabbitmq_config *config = link->endpoint->config;
	const struct amqp_connection_info *info = &link->host->info;
	amqp_table_entry_t able[] = { truth("connection.blocked"), truth("consumer_cancel_notify"),
				      truth("basic.nack"), truth("publisher_confirms"),
				      truth("authentication_failure_close") };
	amqp_table_t capabilities = { sizeof(able) / sizeof(able[0]), able };
	const char *user = config->username ? config->username : info->user;
	char name[200], what[200];
	amqp_table_entry_t entries[] = {
		{ amqp_cstring_bytes("capabilities"),
		  { .kind = AMQP_FIELD_KIND_TABLE, .value.table = capabilities } },
		{ amqp_cstring_bytes("connection_name"),
		  { .kind = AMQP_FIELD_KIND_UTF8, .value.bytes = { 0, NULL } } },
	};
	amqp_table_t properties = { 2, entries };
	amqp_rpc_reply_t reply;

	snprintf(name, sizeof(name), "diolkos %s %s", link->endpoint->name, link->role->name);
	entries[1].value.value.bytes = amqp_cstring_bytes(name);
	reply = amqp_login_with_properties(link->connection, info->vhost, 0, FRAME_MAX,
					   (int)(config->heartbeat_ms / 1000), &properties,
					   AMQP_SASL_METHOD_PLAIN, user,
					   config->password ? config->password : info->password);
	if (reply.reply_type == AMQP_RESPONSE_NORMAL)
		return 0;
	snprintf(what, sizeof(what), "login as %s at vhost %s", user, info->vhost);
	return fail_login(link, what, reply);
}

int
rabbitmq_connection_open(struct rabbitmq_link *link)
{
	struct timeval rpc = timeval_of(link->endpoint->config->rpc_timeout_ms);
	struct timeval handshake = timeval_of(link->endpoint->config->connect_timeout_ms);

	link->connection = amqp_new_connection();
	if (!link->connection)
		abort();
	if (open_socket(link) != 0)
		return -1;
	amqp_set_handshake_timeout(link->connection, &handshake);
	amqp_set_rpc_timeout(link->connection, &rpc);
	return login(link) == 0 ? link->role->begin(link) : -1;
}

void
rabbitmq_connection_close(struct rabbitmq_link *link, bool is_sound)
{
	struct timeval soon = { 2, 0 };

	if (is_sound) {
		amqp_set_rpc_timeout(link->connection, &soon);
		link->role->end(link);
		amqp_connection_close(link->connection, AMQP_REPLY_SUCCESS);
	}
	set_socket(link, -1);
	amqp_destroy_connection(link->connection);
	link->connection = NULL;
}

/* --- Channels --- */

int
rabbitmq_channel_open(struct rabbitmq_link *link, amqp_channel_t channel)
{
	amqp_channel_open(link->connection, channel);
	return rabbitmq_answer(link, channel, "opening a channel") == 0 ? 0 : -1;
}

int
rabbitmq_aside(struct rabbitmq_link *link, amqp_channel_t number)
{
	if (link->aside)
		return 0;
	link->aside = number;
	return rabbitmq_channel_open(link, number);
}

/* --- Frames --- */

static void
tell_blocked(struct rabbitmq_link *link, const amqp_connection_blocked_t *blocked)
{
	char reason[450];

	link->is_blocked = true;
	snprintf(reason, sizeof(reason),
		 "%s takes no messages for now: %.*s; publishing waits until it takes some again",
		 link->host->name, (int)blocked->reason.len, (char *)blocked->reason.bytes);
	link->endpoint->host->trouble(link->endpoint->handle, "blocked", reason);
}

/* 0: go on, -1: the link is lost. */
static int
take_connection_frame(struct rabbitmq_link *link, const amqp_frame_t *frame)
{
	if (frame->frame_type != AMQP_FRAME_METHOD)
		return 0;
	switch (frame->payload.method.id) {
	case AMQP_CONNECTION_BLOCKED_METHOD:
		tell_blocked(link, frame->payload.method.decoded);
		return 0;
	case AMQP_CONNECTION_UNBLOCKED_METHOD:
		link->is_blocked = false;
		link->endpoint->host->trouble_over(link->endpoint->handle, "blocked");
		return 0;
	case AMQP_CONNECTION_CLOSE_METHOD:
		return fail_closed(link, "connection", &frame->payload.method);
	default:
		return 0;
	}
}

int
rabbitmq_next_frame(struct rabbitmq_link *link, amqp_frame_t *frame)
{
	struct timeval at_once = { 0, 0 };
	int status;

	for (;;) {
		amqp_maybe_release_buffers_on_channel(link->connection, link->last_channel);
		status = amqp_simple_wait_frame_noblock(link->connection, frame, &at_once);
		if (status == AMQP_STATUS_TIMEOUT)
			return 0;
		if (status != AMQP_STATUS_OK)
			return fail_library(link, "the connection is lost", status);
		link->last_channel = frame->channel;
		if (frame->channel != 0)
			return 1;
		if (take_connection_frame(link, frame) != 0)
			return -1;
	}
}
