/* SPDX-License-Identifier: Apache-2.0
 *
 * web.h - a URL is asked, or given something, and answers. With diolkosctl the only door to
 * libcurl. Any thread.
 */
#ifndef DK_SYSTEM_WEB_H
#define DK_SYSTEM_WEB_H

#include "daemon/base/buffer.h"

/* A client, which keeps its connection from one request to the next. One thread at a time. */
struct dk_web;

struct dk_web_request {
	const char *url; /* http:// or https:// */
	const char *const *headers; /* "Name: value"; ends with NULL. NULL: none */
	const char *username, *password, *token; /* a bearer's; NULL: none */
	const char *authorities; /* a file of those that are trusted; NULL: the system's */
	struct dk_slice body;    /* to be posted; without data: it is asked for what it has */
	bool follows;       /* at most three redirects, only to http and https */
	int64_t timeout_ms; /* in all */
	size_t limit;       /* bytes of the answer */
	/* Looked at ten times a second while it lasts. */
	bool (*is_given_up)(void *context);
	void *context;
};

/* NULL: there is no memory. */
struct dk_web *dk_web_new(void);
void dk_web_free(struct dk_web *web);

/* The status of the answer, with its body added to the buffer; -1 with an error without the url, to
 * follow "http://…: ". */
long dk_web_ask(struct dk_web *web, const struct dk_web_request *request, struct dk_buffer *answer,
		struct dk_error *error);

/* Says what a status tells that is not as it should be, with the first line of a plain answer.
 * Returns -1. */
int dk_web_refuse(long status, const struct dk_buffer *answer, struct dk_error *error);

/* A text of a url, with %41 for A; to be freed. */
char *dk_url_decode(struct dk_slice text);

#endif
