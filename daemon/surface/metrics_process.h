/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_process.h - what the process costs, as Prometheus' own clients tell it.
 */
#ifndef DK_SURFACE_METRICS_PROCESS_H
#define DK_SURFACE_METRICS_PROCESS_H

#include "daemon/base/buffer.h"

/* Adds those that /proc tells; proc(5). */
void dk_metrics_process(struct dk_buffer *out);

#endif
