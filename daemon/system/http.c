/* SPDX-License-Identifier: Apache-2.0
 *
 * http.c - a small HTTP server on the loop. Besides loop.c the only file that knows libevent.
 */
#include "daemon/system/http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/error.h"
#include "daemon/base/list.h"

/* Those of a kind: the socket in the file system, or addresses. */
struct door {
	struct dk_http *http;
	struct evhttp *server;
	bool is_local;
};

struct dk_http {
	struct dk_loop *loop;
	struct door local, remote;
	void (*answer)(void *context, struct dk_http_call *call);
	void *context;
	char *path; /* of the socket, which is removed at the end; NULL: none */
	struct dk_list calls; /* not answered yet */
};

struct dk_http_call {
	struct dk_list link;
	struct door *door;
	struct evhttp_request *request;
	struct evkeyvalq query;
};

/* --- Calls --- */

static void
free_call(struct dk_http_call *call)
{
	dk_list_remove(&call->link);
	evhttp_clear_headers(&call->query);
	free(call);
}

/* The client has gone before it was answered; its request is libevent's to free. */
static void
hear_close(struct evhttp_connection *connection, void *argument)
{
	struct dk_http *http = argument;
	struct dk_list *next;

	for (struct dk_list *link = http->calls.next; link != &http->calls; link = next) {
		struct dk_http_call *call = DK_OF(link, struct dk_http_call, link);

		next = link->next;
		if (evhttp_request_get_connection(call->request) == connection)
			free_call(call);
	}
}

static void
take_call(struct evhttp_request *request, void *argument)
{
	struct door *door = argument;
	struct dk_http_call *call = calloc(1, sizeof(*call));
	const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));

	if (!call)
		abort();
	call->door = door;
	call->request = request;
	TAILQ_INIT(&call->query);
	if (query)
		evhttp_parse_query_str(query, &call->query);
	dk_list_append(&door->http->calls, &call->link);
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), hear_close,
				      door->http);
	door->http->answer(door->http->context, call);
}

const char *
dk_http_method(const struct dk_http_call *call)
{
	switch (evhttp_request_get_command(call->request)) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_HEAD:
		return "HEAD";
	case EVHTTP_REQ_POST:
		return "POST";
	default:
		return "";
	}
}

const char *
dk_http_path(const struct dk_http_call *call)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(call->request));

	return path && *path ? path : "/";
}

const char *
dk_http_parameter(struct dk_http_call *call, const char *name)
{
	return evhttp_find_header(&call->query, name);
}

struct dk_slice
dk_http_body(struct dk_http_call *call)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(call->request);
	size_t length = evbuffer_get_length(body);

	return dk_slice_new(length ? (const char *)evbuffer_pullup(body, -1) : "", length);
}

bool
dk_http_is_local(const struct dk_http_call *call)
{
	return call->door->is_local;
}

void
dk_http_answer(struct dk_http_call *call, int status, const char *content_type, struct dk_slice body)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(call->request);
	struct evbuffer *out = evbuffer_new();
	struct evhttp_request *request = call->request;

	if (!out)
		abort();
	evhttp_add_header(headers, "Content-Type", content_type);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	evbuffer_add(out, body.data, body.length);
	free_call(call);
	evhttp_send_reply(request, status, NULL, out);
	evbuffer_free(out);
}

/* --- Life --- */

static void
make_door(struct dk_http *http, struct door *door, bool is_local)
{
	struct timeval patience = { DK_HTTP_CALL_MS / 1000, 0 };

	*door = (struct door){ .http = http,
			       .server = evhttp_new(dk_loop_base(http->loop)),
			       .is_local = is_local };
	if (!door->server)
		abort();
	evhttp_set_allowed_methods(door->server, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST);
	evhttp_set_max_headers_size(door->server, DK_HTTP_HEAD);
	evhttp_set_max_body_size(door->server, DK_HTTP_BODY);
	evhttp_set_timeout_tv(door->server, &patience);
	evhttp_set_gencb(door->server, take_call, door);
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
	dk_list_init(&http->calls);
	make_door(http, &http->local, true);
	make_door(http, &http->remote, false);
	return http;
}

void
dk_http_free(struct dk_http *http)
{
	if (!http)
		return;
	while (!dk_list_is_empty(&http->calls))
		free_call(DK_OF(http->calls.next, struct dk_http_call, link));
	evhttp_free(http->local.server);
	evhttp_free(http->remote.server);
	if (http->path)
		unlink(http->path);
	free(http->path);
	free(http);
}

/* --- Listening --- */

#define BACKLOG 64
#define LISTENING (LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC)

/* *Takes* the listener. */
static int
open_door(struct door *door, struct evconnlistener *listener)
{
	if (!listener)
		return -1;
	if (evhttp_bind_listener(door->server, listener))
		return 0;
	evconnlistener_free(listener);
	return -1;
}

/* Whether somebody is behind it. */
static bool
is_answered(const struct sockaddr_un *address)
{
	int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_answered = probe >= 0 &&
			   connect(probe, (const void *)address, sizeof(*address)) == 0;

	if (probe >= 0)
		close(probe);
	return is_answered;
}

/* Bound, with the rights of its owner and group alone; -1 with errno. */
static int
bind_path(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t before = umask(0117);
	int result = fd < 0 ? -1 : bind(fd, (const void *)address, sizeof(*address));

	umask(before);
	if (result == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int
dk_http_listen_path(struct dk_http *http, const char *path, struct dk_error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return dk_fail(error, "%s is longer than a socket's path may be, %zu bytes", path,
			       sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	if (is_answered(&address))
		return dk_fail(error, "%s is in use: another diolkosd listens there", path);
	unlink(path);
	fd = bind_path(&address);
	if (fd < 0)
		return dk_fail(error, "%s: %s", path, strerror(errno));
	if (open_door(&http->local,
		      evconnlistener_new(dk_loop_base(http->loop), NULL, NULL, LISTENING, 0, fd)) !=
	    0)
		return dk_fail(error, "%s: no server can be made of it", path);
	http->path = strdup(path);
	if (!http->path)
		abort();
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
