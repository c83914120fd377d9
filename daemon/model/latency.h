/* SPDX-License-Identifier: Apache-2.0
 *
 * latency.h - how long it took, counted in buckets, as Prometheus wants them.
 */
#ifndef DK_MODEL_LATENCY_H
#define DK_MODEL_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#define DK_LATENCY_BUCKETS 14

/* The upper ends, in milliseconds; what took longer is in none, but in `count`. */
extern const int64_t dk_latency_bounds[DK_LATENCY_BUCKETS];

/* Begins as { 0 }. */
struct dk_latency {
	uint64_t buckets[DK_LATENCY_BUCKETS]; /* each only what is above the one before it */
	uint64_t count;
	int64_t sum_ms;
};

void dk_latency_add(struct dk_latency *latency, int64_t ms);

#endif
