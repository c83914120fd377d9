/* SPDX-License-Identifier: Apache-2.0
 *
 * http_stream.h - an answer that goes on, in pieces (RFC 9112, chunked), or that comes later.
 *
 * On the loop. Its connection may last for as long as it wants to, and counts among those of
 * http.h. What its reader has not taken yet is bounded.
 */
#ifndef DK_SYSTEM_HTTP_STREAM_H
#define DK_SYSTEM_HTTP_STREAM_H

#include "daemon/system/http.h"

#define DK_HTTP_STREAM_ROOM ((size_t)256 << 10) /* bytes that wait for a slow reader */

struct dk_http_stream;

/* In place of dk_http_answer. `gone` is called once when the reader goes first: the stream is let go
 * when it returns. */
struct dk_http_stream *dk_http_stream_begin(struct dk_http_call *call, int status,
					    const char *content_type, void (*gone)(void *context),
					    void *context);
/* False: the reader is slow, nothing was taken. A piece of any size is taken while nothing waits. */
bool dk_http_stream_put(struct dk_http_stream *stream, struct dk_slice piece);
/* No more comes. What waits still goes to the reader, who has DK_HTTP_CALL_MS to go on reading. */
void dk_http_stream_end(struct dk_http_stream *stream);

#endif
