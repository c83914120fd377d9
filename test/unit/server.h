/* SPDX-License-Identifier: Apache-2.0
 *
 * server.h - a small HTTP server in a thread of the test.
 */
#ifndef DK_TEST_SERVER_H
#define DK_TEST_SERVER_H

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

struct server {
	struct event_base *base;
	struct evhttp *http;
	struct event *end;
	int ends[2]; /* a byte written into the second ends it */
	pthread_t thread;
	int port;
};

static void
server_hear_end(evutil_socket_t fd, short what, void *server)
{
	(void)fd, (void)what;
	event_base_loopbreak(((struct server *)server)->base);
}

static void *
server_run(void *server)
{
	event_base_dispatch(((struct server *)server)->base);
	return NULL;
}

/* `answer` is called on the server's thread. */
static void
server_begin(struct server *server, void (*answer)(struct evhttp_request *request, void *context),
	     void *context)
{
	struct evhttp_bound_socket *bound;
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	server->base = event_base_new();
	server->http = evhttp_new(server->base);
	evhttp_set_gencb(server->http, answer, context);
	bound = evhttp_bind_socket_with_handle(server->http, "127.0.0.1", 0);
	assert_non_null(bound);
	assert_int_equal(getsockname(evhttp_bound_socket_get_fd(bound),
				     (struct sockaddr *)&address, &length),
			 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pipe(server->ends), 0);
	server->end = event_new(server->base, server->ends[0], EV_READ, server_hear_end, server);
	event_add(server->end, NULL);
	assert_int_equal(pthread_create(&server->thread, NULL, server_run, server), 0);
}

static void
server_end(struct server *server)
{
	assert_int_equal(write(server->ends[1], "", 1), 1);
	pthread_join(server->thread, NULL);
	event_free(server->end);
	evhttp_free(server->http);
	event_base_free(server->base);
	close(server->ends[0]);
	close(server->ends[1]);
}

#endif
