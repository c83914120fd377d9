/* SPDX-License-Identifier: Apache-2.0
 *
 * fetch.h - what a URL gives. Any thread.
 */
#ifndef DK_CONFIG_FETCH_H
#define DK_CONFIG_FETCH_H

#include "daemon/base/buffer.h"

struct dk_request {
	const char *url;    /* http:// or https:// */
	const char *token;  /* sent as X-Consul-Token; then no redirect is followed. NULL: none */
	int64_t timeout_ms; /* in all */
	size_t limit;       /* bytes of the answer */
};

/* 0 with the answer's body, when its status is 200; -1 with an error without the url, to follow
 * "http://…: ". At most three redirects are followed, and only to http and https. */
int dk_fetch(const struct dk_request *request, struct dk_buffer *answer, struct dk_error *error);

/* The process ends: what is being fetched is given up at once, on every thread, and nothing is
 * fetched any more. */
void dk_fetch_stop(void);

#endif
