/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics.h - figures of what runs, as Prometheus reads them: its text format, version 0.0.4.
 */
#ifndef DK_SURFACE_METRICS_H
#define DK_SURFACE_METRICS_H

#include "daemon/host/gateway.h"

/* Adds all of them; gateway == NULL: only those of the daemon itself. */
void dk_metrics_write(const struct dk_gateway *gateway, const struct dk_plan *plan,
		      struct dk_buffer *out);

#endif
