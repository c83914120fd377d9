/* SPDX-License-Identifier: Apache-2.0
 *
 * latency.c - how long it took, counted in buckets.
 */
#include "daemon/model/latency.h"

const int64_t dk_latency_bounds[DK_LATENCY_BUCKETS] = {
	1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000,
};

void
dk_latency_add(struct dk_latency *latency, int64_t ms)
{
	size_t bucket = 0;

	ms = ms < 0 ? 0 : ms;
	while (bucket < DK_LATENCY_BUCKETS && ms > dk_latency_bounds[bucket])
		bucket++;
	if (bucket < DK_LATENCY_BUCKETS)
		latency->buckets[bucket]++;
	latency->count++;
	latency->sum_ms += ms;
}
