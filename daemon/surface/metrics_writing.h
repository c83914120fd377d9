/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_writing.h - what the files of the metrics have in common, and nobody else.
 */
#ifndef DK_SURFACE_METRICS_WRITING_H
#define DK_SURFACE_METRICS_WRITING_H

#include "daemon/host/gateway.h"
#include "daemon/surface/metrics_text.h"

#define DK_ROWS(table) (sizeof(table) / sizeof((table)[0]))

struct dk_metrics_writing {
	const struct dk_gateway *gateway;
	const struct dk_plan *plan;
	struct dk_buffer *out;
	struct dk_buffer names;              /* escaped, one behind the other */
	struct dk_slice *routes, *endpoints; /* within these, by number */
};

/* A metric's head, and what its lines have in common. */
static inline struct dk_sample
dk_metrics_begin(const struct dk_metrics_writing *writing, const char *name, const char *type,
		 const char *help, const char *label)
{
	dk_metrics_head(writing->out, name, type, help);
	return (struct dk_sample){ dk_slice_of(name), dk_slice_of(label) };
}

static inline int64_t
dk_metrics_number_at(const void *base, size_t offset)
{
	return *(const int64_t *)(const void *)((const char *)base + offset);
}

/* metrics_endpoints.c */
void dk_metrics_endpoints(const struct dk_metrics_writing *writing);

#endif
