/* SPDX-License-Identifier: Apache-2.0
 *
 * http_stream.c - an answer that goes on.
 */
#include "daemon/system/http_stream.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>

#include "daemon/system/http_inside.h"

#define HEARD 4096 /* so much of what a client says while it is answered is read, and not looked at */

struct dk_http_stream {
	struct evhttp_request *request;
	void (*gone)(void *context);
	void *context;
};

static struct bufferevent *
connection_of(const struct dk_http_stream *stream)
{
	return evhttp_connection_get_bufferevent(
		evhttp_request_get_connection(stream->request));
}

/* libevent has parted the request from a connection that its client has ended, and leaves it to
 * whoever answers; of one that it frees itself it frees the request too. */
static void
hear_end(struct evhttp_connection *connection, void *argument)
{
	struct dk_http_stream *stream = argument;

	(void)connection;
	stream->gone(stream->context);
	if (!evhttp_request_get_connection(stream->request))
		evhttp_send_reply_end(stream->request);
	free(stream);
}

struct dk_http_stream *
dk_http_stream_begin(struct dk_http_call *call, int status, const char *content_type,
		     void (*gone)(void *context), void *context)
{
	struct dk_http_stream *stream = calloc(1, sizeof(*stream));
	struct evkeyvalq *headers;

	if (!stream)
		abort();
	*stream = (struct dk_http_stream){ call->request, gone, context };
	headers = evhttp_request_get_output_headers(stream->request);
	dk_http_put_headers(headers, content_type);
	dk_http_prolong(call);
	evhttp_connection_set_closecb(evhttp_request_get_connection(stream->request), hear_end,
				      stream);
	evhttp_send_reply_start(stream->request, status, NULL);
	bufferevent_set_timeouts(connection_of(stream), NULL, NULL);
	bufferevent_setwatermark(connection_of(stream), EV_READ, 0, HEARD);
	return stream;
}

bool
dk_http_stream_put(struct dk_http_stream *stream, struct dk_slice piece)
{
	size_t waiting = evbuffer_get_length(bufferevent_get_output(connection_of(stream)));
	struct evbuffer *chunk;

	if (waiting > 0 && waiting + piece.length > DK_HTTP_STREAM_ROOM)
		return false;
	chunk = evbuffer_new();
	if (!chunk || evbuffer_add(chunk, piece.data, piece.length) != 0)
		abort();
	evhttp_send_reply_chunk(stream->request, chunk);
	evbuffer_free(chunk);
	return true;
}

void
dk_http_stream_end(struct dk_http_stream *stream)
{
	struct timeval patience = { DK_HTTP_CALL_MS / 1000, 0 };

	evhttp_connection_set_closecb(evhttp_request_get_connection(stream->request), NULL, NULL);
	bufferevent_set_timeouts(connection_of(stream), &patience, &patience);
	evhttp_send_reply_end(stream->request);
	free(stream);
}
