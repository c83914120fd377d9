/* SPDX-License-Identifier: Apache-2.0
 *
 * http_tls.h - TLS for the HTTP server's address. The only file of the core that knows OpenSSL, and
 * for http.c alone.
 */
#ifndef DK_SYSTEM_HTTP_TLS_H
#define DK_SYSTEM_HTTP_TLS_H

#include "daemon/system/http.h"

struct dk_http_tls;
struct event_base;
struct bufferevent;

/* What the files say, read now. NULL with an error that names the file. */
struct dk_http_tls *dk_http_tls_read(const struct dk_http_tls_files *files,
				     struct dk_error *error);
/* Connections that there are keep what they need of it. */
void dk_http_tls_free(struct dk_http_tls *tls);

/* The stream of one that will be accepted; it ends its own descriptor with it. Never NULL. */
struct bufferevent *dk_http_tls_stream(const struct dk_http_tls *tls, struct event_base *base);

#endif
