/* SPDX-License-Identifier: Apache-2.0
 *
 * http.h - a small HTTP server on the loop (RFC 9112), over libevent: requests are calls, each of
 * which is answered once, at once, or by a stream (http_stream.h).
 *
 * All functions are for the loop's own thread. What clients may cost is bounded: HEAD bytes of
 * headers, BODY bytes of a body over the socket and none over the address, one call a connection,
 * CALL_MS of silence, LIFE_MS in all but for streams, and CONNECTIONS at a time over the socket and
 * as many over the address; who comes then waits.
 */
#ifndef DK_SYSTEM_HTTP_H
#define DK_SYSTEM_HTTP_H

#include "daemon/base/buffer.h"
#include "daemon/system/loop.h"

#define DK_HTTP_HEAD 8192
#define DK_HTTP_BODY (1 << 20)
#define DK_HTTP_CALL_MS 5000
#define DK_HTTP_LIFE_MS 10000
#define DK_HTTP_CONNECTIONS 16

struct dk_http;
struct dk_http_call;

/* `answer` is called with each call, and calls dk_http_answer once before it returns. */
struct dk_http *dk_http_new(struct dk_loop *loop,
			    void (*answer)(void *context, struct dk_http_call *call),
			    void *context);
void dk_http_free(struct dk_http *http);

/* A socket in the file system, which only its owner and group may use; once. A socket that nobody
 * listens at any more is replaced, all else is left as it is: -1 with an error. */
int dk_http_listen_path(struct dk_http *http, const char *path, struct dk_error *error);
/* PEM files. */
struct dk_http_tls_files {
	const char *certificate; /* with those between it and its authority */
	const char *private_key; /* NULL: it is in the certificate's file */
	const char *authorities; /* of clients, who must show a certificate; NULL: none is asked for */
};
/* The address speaks TLS; again: by what the files say now, for connections that come. -1 with an
 * error: all stays as it was. */
int dk_http_use_tls(struct dk_http *http, const struct dk_http_tls_files *files,
		    struct dk_error *error);
/* "127.0.0.1:9468", "[::1]:9468"; once. GET and HEAD alone are taken there. */
int dk_http_listen_address(struct dk_http *http, const char *address, struct dk_error *error);

const char *dk_http_method(const struct dk_http_call *call); /* "GET", "POST" */
const char *dk_http_path(const struct dk_http_call *call);   /* "/v1/routes" */
/* What is wrong with the query: a constant sentence; NULL: nothing. */
const char *dk_http_fault(const struct dk_http_call *call);
/* The value of a query's parameter, decoded; NULL: there is none. It lives as long as the call. */
const char *dk_http_parameter(const struct dk_http_call *call, const char *name);
/* The values of a parameter that may come more than once, the first `room` of them; how many there
 * are. They live as long as the call. */
size_t dk_http_parameters(const struct dk_http_call *call, const char *name, const char **values,
			  size_t room);
/* What was posted, of any bytes; it lives as long as the call. */
struct dk_slice dk_http_body(struct dk_http_call *call);
/* A header of the request; NULL: it has none of that name. It lives as long as the call. */
const char *dk_http_header(const struct dk_http_call *call, const char *name);
/* Whether it came over the socket in the file system, whose users are trusted. */
bool dk_http_is_local(const struct dk_http_call *call);

/* A header of the answer, before it is given. */
void dk_http_say(struct dk_http_call *call, const char *name, const char *value);
/* Ends the call. *Takes* the bytes of the body, and leaves it empty. To HEAD their length alone is
 * told. */
void dk_http_answer(struct dk_http_call *call, int status, const char *content_type,
		    struct dk_buffer *body);

#endif
