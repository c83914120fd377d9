/* SPDX-License-Identifier: Apache-2.0
 *
 * http_call.c - what a call brings besides its path: parameters that come more than once, a body.
 */
#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <sys/queue.h>

#include "daemon/system/http_inside.h"

size_t
dk_http_parameters(const struct dk_http_call *call, const char *name, const char **values,
		   size_t room)
{
	const struct evkeyval *pair;
	size_t count = 0;

	TAILQ_FOREACH(pair, dk_http_query(call), next) {
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
	struct evbuffer *body = evhttp_request_get_input_buffer(dk_http_request(call));
	size_t length = evbuffer_get_length(body);

	if (length == 0)
		return dk_slice_new("", 0);
	return dk_slice_new((const char *)evbuffer_pullup(body, -1), length);
}
