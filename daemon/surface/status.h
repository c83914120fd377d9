/* SPDX-License-Identifier: Apache-2.0
 *
 * status.h - how it goes, in one line.
 */
#ifndef DK_SURFACE_STATUS_H
#define DK_SURFACE_STATUS_H

#include "daemon/host/gateway.h"

/* "3 of 4 endpoints connected, waiting for lake, paused: plant and 2 more; 12 routes, 34567
 * messages delivered"; of a plan without routes what to do; when all is not well, the first reason.
 * `path` is the configuration's. */
void dk_status_line(const struct dk_gateway *gateway, const struct dk_plan *plan, const char *path,
		    char *line, size_t room);

#endif
