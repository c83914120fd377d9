/* SPDX-License-Identifier: Apache-2.0
 *
 * http_inside.h - what http.c has of a call, for http_call.c and http_stream.c and for nobody else.
 */
#ifndef DK_SYSTEM_HTTP_INSIDE_H
#define DK_SYSTEM_HTTP_INSIDE_H

#include <event2/http.h>

#include "daemon/system/http.h"

struct evkeyvalq;

struct evhttp_request *dk_http_request(const struct dk_http_call *call);
const struct evkeyvalq *dk_http_query(const struct dk_http_call *call);
/* Its connection may last for longer than DK_HTTP_LIFE_MS. */
void dk_http_prolong(struct dk_http_call *call);

#endif
