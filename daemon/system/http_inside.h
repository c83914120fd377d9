/* SPDX-License-Identifier: Apache-2.0
 *
 * http_inside.h - what the files of the server have in common, and nobody else knows.
 */
#ifndef DK_SYSTEM_HTTP_INSIDE_H
#define DK_SYSTEM_HTTP_INSIDE_H

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "daemon/system/http.h"

struct dk_http_door;

struct dk_http_call {
	struct dk_http_door *door; /* http.c's */
	struct evhttp_request *request;
	struct evkeyvalq query;
	const char *fault; /* of the query */
	bool is_local;
};

/* http.c: its connection may last for longer than DK_HTTP_LIFE_MS. */
void dk_http_prolong(struct dk_http_call *call);
/* http_call.c: those of every answer. */
void dk_http_put_headers(struct evkeyvalq *headers, const char *content_type);

#endif
