/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_text.h - Prometheus' text format, version 0.0.4, written fast: of a plan with 10,000 routes
 * there are some hundred thousand lines, and the loop waits for them.
 */
#ifndef DK_SURFACE_METRICS_TEXT_H
#define DK_SURFACE_METRICS_TEXT_H

#include "daemon/base/buffer.h"

/* What is the same in many lines. */
struct dk_sample {
	struct dk_slice name;  /* "diolkos_route_created_total" */
	struct dk_slice label; /* "route" */
};

void dk_metrics_head(struct dk_buffer *out, const char *name, const char *type, const char *help);
/* Adds a label's value as it is written within its quotes. */
void dk_metrics_escape(struct dk_buffer *out, const char *value);
/* `name{label="value"} number`; the value as it was escaped. */
void dk_metrics_put(struct dk_buffer *out, const struct dk_sample *sample, struct dk_slice value,
		    int64_t number);
/* The same of seconds, with three digits after the point. */
void dk_metrics_put_seconds(struct dk_buffer *out, const struct dk_sample *sample,
			    struct dk_slice value, int64_t ms);
/* With a second label, le: the upper end of a histogram's bucket. */
void dk_metrics_put_bucket(struct dk_buffer *out, const struct dk_sample *sample,
			   struct dk_slice value, struct dk_slice bound, int64_t number);
/* `name number`. */
void dk_metrics_put_bare(struct dk_buffer *out, const char *name, int64_t number);

#endif
