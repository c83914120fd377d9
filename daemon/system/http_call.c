/* SPDX-License-Identifier: Apache-2.0
 *
 * http_call.c - a call: what it asks for, and its answer.
 */
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "daemon/system/http_inside.h"

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
dk_http_fault(const struct dk_http_call *call)
{
	return call->fault;
}

const char *
dk_http_parameter(const struct dk_http_call *call, const char *name)
{
	return evhttp_find_header(&call->query, name);
}

const char *
dk_http_header(const struct dk_http_call *call, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(call->request), name);
}

void
dk_http_say(struct dk_http_call *call, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(call->request), name, value);
}

bool
dk_http_is_local(const struct dk_http_call *call)
{
	return call->is_local;
}

size_t
dk_http_parameters(const struct dk_http_call *call, const char *name, const char **values,
		   size_t room)
{
	const struct evkeyval *pair;
	size_t count = 0;

	TAILQ_FOREACH(pair, &call->query, next) {
		if (evutil_ascii_strcasecmp(pair->key, name) != 0)
			continue;
		if (count < room)
			values[count] = pair->value;
		count++;
	}
	return count;
}

struct dk_slice
dk_http_body(struct dk_http_call *call)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(call->request);
	size_t length = evbuffer_get_length(body);

	if (length == 0)
		return dk_slice_new("", 0);
	return dk_slice_new((const char *)evbuffer_pullup(body, -1), length);
}

/* --- Its answer --- */

void
dk_http_put_headers(struct evkeyvalq *headers, const char *content_type)
{
	evhttp_add_header(headers, "Content-Type", content_type);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	evhttp_add_header(headers, "Connection", "close");
}

static void
free_body(const void *data, size_t length, void *argument)
{
	(void)data, (void)length;
	free(argument);
}

/* libevent would send a body to HEAD too, and then no length. */
void
dk_http_answer(struct dk_http_call *call, int status, const char *content_type,
	       struct dk_buffer *body)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(call->request);
	struct evbuffer *out = evbuffer_new();
	size_t length = body->length;
	char *data = dk_buffer_detach(body), digits[24];

	if (!out)
		abort();
	snprintf(digits, sizeof(digits), "%zu", length);
	evhttp_add_header(headers, "Content-Length", digits);
	dk_http_put_headers(headers, content_type);
	if (evhttp_request_get_command(call->request) == EVHTTP_REQ_HEAD || length == 0)
		free(data);
	else if (evbuffer_add_reference(out, data, length, free_body, data) != 0)
		abort();
	evhttp_send_reply(call->request, status, NULL, out);
	evbuffer_free(out);
}
