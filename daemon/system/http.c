/* SPDX-License-Identifier: Apache-2.0
 *
 * http.c - a small HTTP server on the loop. With its parts (http_*.c) and loop.c the only file that
 * knows libevent.
 */
#include "daemon/system/http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/error.h"
#include "daemon/base/list.h"
#include "daemon/system/clock.h"
#include "daemon/system/http_inside.h"
#include "daemon/system/http_tls.h"
#include "daemon/system/local_socket.h"
#include "daemon/system/log.h"

#define TEND_MS 100   /* how often connections are looked at, while there are any */
#define PAUSE_MS 1000 /* how long nobody is accepted after accept(2) failed */

/* Held until it is seen that libevent has let go of it. */
struct connection {
	struct bufferevent *stream;
	int64_t began_ms;
};

/* Those of a kind: the socket in the file system, or the address. */
struct dk_http_door {
	struct dk_list link;
	struct dk_http *http;
	struct evhttp *server;
	struct evconnlistener *listener; /* the server's; NULL: nothing is listened at */
	struct dk_http_tls *tls; /* NULL: it speaks without */
	struct dk_loop_event *tending;
	struct connection connections[DK_HTTP_CONNECTIONS];
	size_t count;
	int64_t paused_until_ms;
	bool is_failing; /* accept(2) failed, and nobody was accepted since */
	bool is_local;
};

struct dk_http {
	struct dk_loop *loop;
	struct dk_http_door local, remote;
	void (*answer)(void *context, struct dk_http_call *call);
	void *context;
	char *path;         /* of the socket, which is removed at the end; NULL: none */
	struct stat socket; /* what was made there */
};

/* --- Calls --- */

/* What libevent reads of a query: nothing at all when a part is no NAME=VALUE, and a value only to
 * its first NUL. */
static const char *
parse_query(struct evkeyvalq *parameters, const char *query)
{
	TAILQ_INIT(parameters);
	if (!query || !*query)
		return NULL;
	if (strstr(query, "%00"))
		return "a value of the query has a NUL, %00, which nothing here can have";
	if (evhttp_parse_query_str(query, parameters) != 0)
		return "the query is not NAME=VALUE, or several of these parted by &";
	return NULL;
}

static void
take_call(struct evhttp_request *request, void *argument)
{
	struct dk_http_door *door = argument;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	struct dk_http_call call = { .door = door, .request = request, .is_local = door->is_local };

	call.fault = parse_query(&call.query, evhttp_uri_get_query(uri));
	door->http->answer(door->http->context, &call);
	evhttp_clear_headers(&call.query);
}

/* --- Connections --- */

/* libevent tells nobody that it has let go of a connection; but then its stream has no owner. */
static bool
is_gone(const struct connection *connection)
{
	void *owner;

	bufferevent_getcb(connection->stream, NULL, NULL, NULL, &owner);
	return !owner;
}

/* Forgets those that have gone, and ends those that have been here for too long: libevent reads the
 * end of one that is shut down. */
static void
sweep(struct dk_http_door *door)
{
	int64_t now_ms = dk_clock_now_ms();
	size_t kept = 0;

	for (size_t i = 0; i < door->count; i++) {
		struct connection *connection = &door->connections[i];

		if (is_gone(connection)) {
			bufferevent_decref(connection->stream);
			continue;
		}
		if (now_ms - connection->began_ms >= DK_HTTP_LIFE_MS)
			shutdown(bufferevent_getfd(connection->stream), SHUT_RDWR);
		door->connections[kept++] = *connection;
	}
	door->count = kept;
}

static void
tend(void *argument)
{
	struct dk_http_door *door = argument;
	bool is_paused = dk_clock_now_ms() < door->paused_until_ms;

	sweep(door);
	if (!is_paused && door->count < DK_HTTP_CONNECTIONS)
		evconnlistener_enable(door->listener);
	if (is_paused || door->count > 0)
		dk_loop_timer_set(door->tending, TEND_MS);
}

/* The stream of one that was accepted. */
static struct bufferevent *
take_connection(struct event_base *base, void *argument)
{
	struct dk_http_door *door = argument;
	struct bufferevent *stream = door->tls ? dk_http_tls_stream(door->tls, base) :
						 bufferevent_socket_new(base, -1, 0);

	if (!stream)
		abort();
	door->is_failing = false;
	sweep(door);
	if (door->count < DK_HTTP_CONNECTIONS) {
		bufferevent_incref(stream);
		door->connections[door->count++] = (struct connection){ stream, dk_clock_now_ms() };
	}
	if (door->count == DK_HTTP_CONNECTIONS)
		evconnlistener_disable(door->listener);
	dk_loop_timer_set(door->tending, TEND_MS);
	return stream;
}

/* All doors: what libevent tells of a listener's failure is not which door it is of. */
static struct dk_list doors = { &doors, &doors };

/* Most likely the process has no descriptor left. Who waits makes the listener ready at once again,
 * so that without a pause the loop would do nothing else. */
static void
hear_failure(struct evconnlistener *listener, void *argument)
{
	const char *why = strerror(errno);

	(void)argument;
	for (struct dk_list *link = doors.next; link != &doors; link = link->next) {
		struct dk_http_door *door = DK_OF(link, struct dk_http_door, link);

		if (door->listener != listener)
			continue;
		if (!door->is_failing)
			dk_log(DK_WARNING, "control", "not-accepting",
			       DK_FIELDS(DK_FIELD_TEXT("why", why)));
		door->is_failing = true;
		door->paused_until_ms = dk_clock_now_ms() + PAUSE_MS;
		evconnlistener_disable(listener);
		dk_loop_timer_set(door->tending, TEND_MS);
	}
}

void
dk_http_prolong(struct dk_http_call *call)
{
	struct dk_http_door *door = call->door;
	struct bufferevent *stream = evhttp_connection_get_bufferevent(
		evhttp_request_get_connection(call->request));

	for (size_t i = 0; i < door->count; i++)
		if (door->connections[i].stream == stream)
			door->connections[i].began_ms = INT64_MAX;
}

/* --- Life --- */

static void
make_door(struct dk_http *http, struct dk_http_door *door, bool is_local)
{
	struct timeval patience = { DK_HTTP_CALL_MS / 1000, 0 };

	*door = (struct dk_http_door){ .http = http,
			       .server = evhttp_new(dk_loop_base(http->loop)),
			       .is_local = is_local };
	if (!door->server)
		abort();
	door->tending = dk_loop_timer(http->loop, tend, door);
	dk_list_append(&doors, &door->link);
	evhttp_set_allowed_methods(door->server, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD |
							 (is_local ? EVHTTP_REQ_POST : 0));
	evhttp_set_max_headers_size(door->server, DK_HTTP_HEAD);
	evhttp_set_max_body_size(door->server, is_local ? DK_HTTP_BODY : 0);
	evhttp_set_timeout_tv(door->server, &patience);
	evhttp_set_bevcb(door->server, take_connection, door);
	evhttp_set_gencb(door->server, take_call, door);
}

/* What was said last still leaves, as far as its socket takes it at once. */
static void
flush(const struct connection *connection)
{
	struct evbuffer *out = bufferevent_get_output(connection->stream);

	bufferevent_disable(connection->stream, EV_READ | EV_WRITE);
	evbuffer_unfreeze(out, 1);
	if (evbuffer_get_length(out) > 0)
		evbuffer_write(out, bufferevent_getfd(connection->stream));
}

static void
free_door(struct dk_http_door *door)
{
	sweep(door);
	for (size_t i = 0; i < door->count; i++)
		flush(&door->connections[i]);
	evhttp_free(door->server);
	for (size_t i = 0; i < door->count; i++)
		bufferevent_decref(door->connections[i].stream);
	dk_http_tls_free(door->tls);
	dk_loop_event_free(door->tending);
	dk_list_remove(&door->link);
}

struct dk_http *
dk_http_new(struct dk_loop *loop, void (*answer)(void *context, struct dk_http_call *call),
	    void *context)
{
	struct dk_http *http = calloc(1, sizeof(*http));

	if (!http)
		abort();
	http->loop = loop;
	http->answer = answer;
	http->context = context;
	make_door(http, &http->local, true);
	make_door(http, &http->remote, false);
	return http;
}

/* Whether the socket that was made is still there, and not what somebody else put in its place. */
static bool
has_socket(const struct dk_http *http)
{
	struct stat now;

	return http->path && lstat(http->path, &now) == 0 && now.st_dev == http->socket.st_dev &&
	       now.st_ino == http->socket.st_ino;
}

void
dk_http_free(struct dk_http *http)
{
	if (!http)
		return;
	if (has_socket(http))
		unlink(http->path);
	free_door(&http->local);
	free_door(&http->remote);
	free(http->path);
	free(http);
}

/* --- Listening --- */

#define BACKLOG 64
#define LISTENING (LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC)

/* *Takes* the listener. */
static int
open_door(struct dk_http_door *door, struct evconnlistener *listener)
{
	if (!listener)
		return -1;
	evconnlistener_set_error_cb(listener, hear_failure);
	if (evhttp_bind_listener(door->server, listener)) {
		door->listener = listener;
		return 0;
	}
	evconnlistener_free(listener);
	return -1;
}

int
dk_http_listen_path(struct dk_http *http, const char *path, struct dk_error *error)
{
	int fd = dk_local_socket_listen(path, BACKLOG, error);

	if (fd < 0)
		return -1;
	if (open_door(&http->local,
		      evconnlistener_new(dk_loop_base(http->loop), NULL, NULL, LISTENING, 0, fd)) !=
	    0)
		return dk_fail(error, "%s: no server can be made of it", path);
	http->path = strdup(path);
	if (!http->path)
		abort();
	lstat(path, &http->socket);
	return 0;
}

int
dk_http_use_tls(struct dk_http *http, const struct dk_http_tls_files *files,
		struct dk_error *error)
{
	struct dk_http_tls *tls = dk_http_tls_read(files, error);

	if (!tls)
		return -1;
	dk_http_tls_free(http->remote.tls);
	http->remote.tls = tls;
	return 0;
}

int
dk_http_listen_address(struct dk_http *http, const char *address, struct dk_error *error)
{
	struct sockaddr_storage parsed;
	int length = sizeof(parsed);
	struct evconnlistener *listener;

	if (evutil_parse_sockaddr_port(address, (struct sockaddr *)&parsed, &length) != 0)
		return dk_fail(error, "\"%s\" is no address; 127.0.0.1:9468?", address);
	listener = evconnlistener_new_bind(dk_loop_base(http->loop), NULL, NULL,
					   LISTENING | LEV_OPT_REUSEABLE, BACKLOG,
					   (struct sockaddr *)&parsed, length);
	if (!listener)
		return dk_fail(error, "%s: %s", address, strerror(errno));
	if (open_door(&http->remote, listener) != 0)
		return dk_fail(error, "%s: no server can be made of it", address);
	return 0;
}
