/* SPDX-License-Identifier: Apache-2.0
 *
 * fetch.c - what a URL gives.
 */
#include "daemon/config/fetch.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/system/web.h"

static atomic_bool is_stopped;

void
dk_fetch_stop(void)
{
	atomic_store(&is_stopped, true);
}

static bool
look_whether_stopped(void *context)
{
	(void)context;
	return atomic_load(&is_stopped);
}

/* A token would go along with a redirect, to whatever host it names. */
static int
ask(struct dk_web *web, const struct dk_request *request, const char *header,
    struct dk_buffer *answer, struct dk_error *error)
{
	const char *const headers[] = { header, NULL };
	struct dk_web_request asked = { .url = request->url,
					.headers = headers,
					.follows = !request->token,
					.timeout_ms = request->timeout_ms,
					.limit = request->limit,
					.is_given_up = look_whether_stopped };
	long status = dk_web_ask(web, &asked, answer, error);

	if (status < 0)
		return -1;
	return status == 200 ? 0 : dk_web_refuse(status, answer, error);
}

int
dk_fetch(const struct dk_request *request, struct dk_buffer *answer, struct dk_error *error)
{
	struct dk_web *web = dk_web_new();
	char *header = NULL;
	int result;

	if (!web)
		return dk_fail(error, "libcurl cannot be had");
	if (request->token && asprintf(&header, "X-Consul-Token: %s", request->token) < 0)
		abort();
	result = ask(web, request, header, answer, error);
	free(header);
	dk_web_free(web);
	return result;
}
