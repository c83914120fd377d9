/* SPDX-License-Identifier: Apache-2.0
 *
 * link.c - one thread, one connection, one channel: connecting, waiting, ending.
 */
#include <amqp_tcp_socket.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

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
	return -1;
}

static int
fail_closed(struct rabbitmq_link *link, const char *what, const amqp_method_t *method)
{
	const amqp_channel_close_t *channel = method->decoded;
	const amqp_connection_close_t *connection = method->decoded;

	if (method->id == AMQP_CHANNEL_CLOSE_METHOD)
		return rabbitmq_fail(link, "%s: %d %.*s", what, channel->reply_code,
				     (int)channel->reply_text.len,
				     (char *)channel->reply_text.bytes);
	if (method->id == AMQP_CONNECTION_CLOSE_METHOD)
		return rabbitmq_fail(link, "%s: the broker closed the connection: %d %.*s", what,
				     connection->reply_code, (int)connection->reply_text.len,
				     (char *)connection->reply_text.bytes);
	return rabbitmq_fail(link, "%s: the broker answered with method %08x", what, method->id);
}

int
rabbitmq_check(struct rabbitmq_link *link, amqp_rpc_reply_t reply, const char *what)
{
	switch (reply.reply_type) {
	case AMQP_RESPONSE_NORMAL:
		return 0;
	case AMQP_RESPONSE_SERVER_EXCEPTION:
		return fail_closed(link, what, &reply.reply);
	case AMQP_RESPONSE_LIBRARY_EXCEPTION:
		return rabbitmq_fail(link, "%s: %s", what, amqp_error_string2(reply.library_error));
	default:
		return rabbitmq_fail(link, "%s: no answer", what);
	}
}

/* --- Connecting: the thread --- */

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
	const struct amqp_connection_info *info = &link->endpoint->info;
	struct timeval timeout = timeval_of(link->endpoint->config->connect_timeout_ms);
	amqp_socket_t *socket = amqp_tcp_socket_new(link->connection);
	int status;

	if (!socket)
		abort();
	status = amqp_socket_open_noblock(socket, info->host, info->port, &timeout);
	if (status != AMQP_STATUS_OK)
		return rabbitmq_fail(link, "%s:%d: %s", info->host, info->port,
				     amqp_error_string2(status));
	set_socket(link, amqp_get_sockfd(link->connection));
	return 0;
}

static amqp_table_entry_t
truth(const char *name)
{
	return (amqp_table_entry_t){ amqp_cstring_bytes(name),
				     { .kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1 } };
}

/* What the library does not announce by itself: without them a memory alarm would look like a hang,
 * and a deleted queue like silence. */
static int
login(struct rabbitmq_link *link)
{
	const struct rabbitmq *endpoint = link->endpoint;
	const struct rabbitmq_config *config = endpoint->config;
	amqp_table_entry_t able[] = { truth("connection.blocked"), truth("consumer_cancel_notify"),
				      truth("basic.nack"), truth("publisher_confirms"),
				      truth("authentication_failure_close") };
	amqp_table_t capabilities = { sizeof(able) / sizeof(able[0]), able };
	char name[200];
	amqp_table_entry_t entries[] = {
		{ amqp_cstring_bytes("capabilities"),
		  { .kind = AMQP_FIELD_KIND_TABLE, .value.table = capabilities } },
		{ amqp_cstring_bytes("connection_name"),
		  { .kind = AMQP_FIELD_KIND_UTF8, .value.bytes = { 0, NULL } } },
	};
	amqp_table_t properties = { 2, entries };
	const char *user = config->username ? config->username : endpoint->info.user;
	const char *password = config->password ? config->password : endpoint->info.password;

	snprintf(name, sizeof(name), "diolkos %s %s", endpoint->name, link->role->name);
	entries[1].value.value.bytes = amqp_cstring_bytes(name);
	return rabbitmq_check(link,
			      amqp_login_with_properties(link->connection, endpoint->info.vhost, 0,
							 FRAME_MAX,
							 (int)(config->heartbeat_ms / 1000),
							 &properties, AMQP_SASL_METHOD_PLAIN, user,
							 password),
			      "login");
}

static int
open_link(struct rabbitmq_link *link)
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
	if (login(link) != 0)
		return -1;
	amqp_channel_open(link->connection, RABBITMQ_CHANNEL);
	if (rabbitmq_check(link, amqp_get_rpc_reply(link->connection), "opening a channel") != 0)
		return -1;
	return link->role->begin(link);
}

/* --- Frames: the thread --- */

static void
tell_blocked(struct rabbitmq_link *link, const amqp_connection_blocked_t *blocked)
{
	char reason[300];

	snprintf(reason, sizeof(reason), "the broker takes no messages for now: %.*s",
		 (int)blocked->reason.len, (char *)blocked->reason.bytes);
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
		if (!link->is_frame_kept)
			amqp_maybe_release_buffers(link->connection);
		status = amqp_simple_wait_frame_noblock(link->connection, frame, &at_once);
		if (status == AMQP_STATUS_TIMEOUT)
			return 0;
		if (status != AMQP_STATUS_OK)
			return rabbitmq_fail(link, "the connection is lost: %s",
					     amqp_error_string2(status));
		if (frame->channel == RABBITMQ_CHANNEL)
			return 1;
		if (take_connection_frame(link, frame) != 0)
			return -1;
	}
}

/* --- Working: the thread --- */

static bool
must_end(struct rabbitmq_link *link)
{
	bool must;

	pthread_mutex_lock(&link->lock);
	must = link->must_end;
	pthread_mutex_unlock(&link->lock);
	return must;
}

/* Until a frame comes, the loop rings, or patience ends; half a heartbeat at the longest, for the
 * library sends its own only when it is called. */
static void
wait(struct rabbitmq_link *link)
{
	struct pollfd fds[] = { { amqp_get_sockfd(link->connection), POLLIN, 0 },
				{ link->wake, POLLIN, 0 } };
	int64_t patience = link->role->patience_ms(link);
	int64_t longest = link->endpoint->config->heartbeat_ms / 2;
	uint64_t count;

	if (patience < 0 || patience > longest)
		patience = longest;
	poll(fds, 2, (int)patience);
	if (!(fds[1].revents & POLLIN))
		return;
	pthread_mutex_lock(&link->lock);
	if (read(link->wake, &count, sizeof(count)) < 0)
		count = 0;
	link->is_rung = false;
	pthread_mutex_unlock(&link->lock);
}

static void
tell_up(struct rabbitmq_link *link)
{
	pthread_mutex_lock(&link->lock);
	link->is_up = true;
	rabbitmq_link_post(link);
	pthread_mutex_unlock(&link->lock);
}

static void
close_link(struct rabbitmq_link *link, bool is_sound)
{
	struct timeval soon = { 2, 0 };

	if (is_sound) {
		amqp_set_rpc_timeout(link->connection, &soon);
		link->role->end(link);
		amqp_channel_close(link->connection, RABBITMQ_CHANNEL, AMQP_REPLY_SUCCESS);
		amqp_connection_close(link->connection, AMQP_REPLY_SUCCESS);
	}
	set_socket(link, -1);
	amqp_destroy_connection(link->connection);
	link->connection = NULL;
}

static void *
run(void *argument)
{
	struct rabbitmq_link *link = argument;
	bool is_sound = open_link(link) == 0;

	if (is_sound)
		tell_up(link);
	while (is_sound && !must_end(link)) {
		is_sound = link->role->work(link) == 0;
		if (is_sound && !must_end(link))
			wait(link);
	}
	close_link(link, is_sound);
	pthread_mutex_lock(&link->lock);
	link->is_ended = true;
	rabbitmq_link_post(link);
	pthread_mutex_unlock(&link->lock);
	return NULL;
}

/* --- The loop --- */

static void
hear(struct dk_post *post)
{
	struct rabbitmq_link *link =
		(void *)((char *)post - offsetof(struct rabbitmq_link, post));

	link->role->hear(link);
}

void
rabbitmq_link_init(struct rabbitmq_link *link, struct rabbitmq *endpoint,
		   const struct rabbitmq_role *role)
{
	link->endpoint = endpoint;
	link->role = role;
	link->socket = -1;
	link->post.run = hear;
	link->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (link->wake < 0)
		abort();
	pthread_mutex_init(&link->lock, NULL);
}

void
rabbitmq_link_free(struct rabbitmq_link *link)
{
	close(link->wake);
	pthread_mutex_destroy(&link->lock);
}

/* The thread takes no signals: they are the loop's. */
void
rabbitmq_link_start(struct rabbitmq_link *link)
{
	sigset_t all, before;

	link->is_up = link->is_ended = link->must_end = false;
	link->is_frame_kept = false;
	link->reason[0] = '\0';
	link->is_running = true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&link->thread, NULL, run, link) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void
rabbitmq_link_end(struct rabbitmq_link *link, bool is_urgent)
{
	if (!link->is_running)
		return;
	pthread_mutex_lock(&link->lock);
	link->must_end = true;
	rabbitmq_link_ring(link);
	if (is_urgent && link->socket >= 0)
		shutdown(link->socket, SHUT_RDWR);
	pthread_mutex_unlock(&link->lock);
}

void
rabbitmq_link_ring(struct rabbitmq_link *link)
{
	uint64_t one = 1;

	if (link->is_rung)
		return;
	link->is_rung = true;
	if (write(link->wake, &one, sizeof(one)) < 0)
		abort(); /* cannot be: the counter never comes near its limit */
}

void
rabbitmq_link_post(struct rabbitmq_link *link)
{
	if (link->is_posted)
		return;
	link->is_posted = true;
	link->endpoint->host->post(link->endpoint->handle, &link->post);
}
