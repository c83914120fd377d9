/* SPDX-License-Identifier: Apache-2.0
 *
 * headers.h - which headers a delivery goes out with, for sinks.
 */
#ifndef DK_PLUGINS_HEADERS_H
#define DK_PLUGINS_HEADERS_H

#include <string.h>

#include "plugins/plugin.h"

static inline bool
dk_headers_have(const struct dk_header *headers, size_t count, struct dk_slice name)
{
	for (size_t i = 0; i < count; i++)
		if (headers[i].name.length == name.length &&
		    memcmp(headers[i].name.data, name.data, name.length) == 0)
			return true;
	return false;
}

/* The number of headers that there may be, at most. */
static inline size_t
dk_headers_count(const struct dk_delivery *delivery)
{
	return delivery->message->header_count + delivery->header_count;
}

/* Header number i of those: the message's in their order, then the route's. NULL when it is not
 * sent, because the route has one of its name. */
static inline const struct dk_header *
dk_headers_at(const struct dk_delivery *delivery, size_t i)
{
	const struct dk_message *message = delivery->message;

	if (i >= message->header_count)
		return &delivery->headers[i - message->header_count];
	if (dk_headers_have(delivery->headers, delivery->header_count, message->headers[i].name))
		return NULL;
	return &message->headers[i];
}

#endif
