/* SPDX-License-Identifier: Apache-2.0
 *
 * control.h - the running daemon is asked and told, over HTTP with JSON: at a socket in the file
 * system by its owner and group, and, where the configuration says so, at an address, where nothing
 * can be told, by whoever brings its token or certificate.
 *
 *	GET  /			the status page, and what it loads: page.css, page.js, page.json; see page.h
 *	GET  /metrics		for Prometheus
 *	GET  /healthz		200 while all is well; else 500 with the reasons: see health.h
 *	GET  /readyz		200 when every endpoint is connected; else 503 with those that are not
 *	GET  /v1/status		version, pid, since (RFC 3339, and since_ms), endpoints, routes, what is
 *				paused, the last reload (null: there was none)
 *	GET  /v1/endpoints	a list, with figures
 *	GET  /v1/routes		a list, with accounts, and what each waits for
 *
 * At the socket alone:
 *
 *	GET  /v1/explain?address=ENDPOINT:ADDRESS[&key=&payload=&header=…&all=]	as --explain, as text
 *	GET  /v1/tap?route=[&every=&payload=&hex=]	a line for each delivery with an outcome
 *	GET  /v1/spools		a list of the sources that store
 *	GET  /v1/dead[?route=&most=]	dead letters; ?number=[&raw=] one of them
 *	GET  /v1/log		the level of the log
 *	POST /v1/reload		202: the configuration is being read again; see the status
 *	POST /v1/pause?route=…&endpoint=…&name=…	of either kind
 *	POST /v1/resume[?route=…&endpoint=…&name=…]	without a name, everything
 *	POST /v1/drain		every source is paused
 *	POST /v1/send?address=ENDPOINT:ADDRESS[&key=&header=…]	the body is the payload
 *	POST /v1/dead/drop?number=, ?route= or ?all=
 *	POST /v1/dead/replay?number=, ?route= or ?all=	answered when all of them are settled
 *	POST /v1/log?level=
 *
 * An error is { "error": "…" } with a status of its own.
 */
#ifndef DK_SURFACE_CONTROL_H
#define DK_SURFACE_CONTROL_H

#include "daemon/host/carry.h"

struct dk_control;

/* What cannot be listened at is told in the log, and the daemon carries on without it. */
struct dk_control *dk_control_open(struct dk_carrier *carrier, struct dk_loop *loop);
/* Every now and then: certificates are read again when the configuration was. */
void dk_control_beat(struct dk_control *control);
void dk_control_close(struct dk_control *control);

#endif
