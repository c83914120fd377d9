/* SPDX-License-Identifier: Apache-2.0
 *
 * traffic.c - how much went, and how long what is not settled has waited.
 */
#include "daemon/flow/state.h"

void
dk_count_wanted(struct dk_flow *flow, const struct dk_route *route,
		const struct dk_message *message)
{
	struct dk_route_traffic *traffic = &flow->current->states[route->number]->traffic;

	traffic->received++;
	traffic->received_bytes += message->payload.length;
}

void
dk_count_end(const struct dk_duty *duty, enum dk_end end)
{
	size_t bytes = duty->delivery.message->payload.length;

	if (end == DK_END_DELIVERED) {
		dk_state_of(duty)->traffic.delivered_bytes += bytes;
		duty->sink->traffic.delivered++;
		duty->sink->traffic.delivered_bytes += bytes;
	} else if (end == DK_END_DEAD) {
		duty->generation->sinks[duty->origin->endpoint]->traffic.dead++;
	}
}

const struct dk_route_traffic *
dk_flow_route_traffic(const struct dk_flow *flow, size_t route)
{
	return &flow->current->states[route]->traffic;
}

const struct dk_source_traffic *
dk_source_traffic(const struct dk_source *source)
{
	return &source->traffic;
}

const struct dk_sink_traffic *
dk_sink_traffic(const struct dk_sink *sink)
{
	return &sink->traffic;
}

static int64_t
earlier(int64_t one, int64_t other)
{
	return one < 0 || (other >= 0 && other < one) ? other : one;
}

int64_t
dk_source_waiting_since_ms(const struct dk_source *source)
{
	int64_t since_ms = source->spool ? dk_spool_waiting_since_ms(source->spool) : -1;

	DK_EACH(link, &source->streams)
	since_ms = earlier(since_ms,
			   dk_prefix_since_ms(&DK_OF(link, struct dk_stream_state, link)->prefix));
	return since_ms;
}
