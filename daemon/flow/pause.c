/* SPDX-License-Identifier: Apache-2.0
 *
 * pause.c - what an administrator holds up, and lets go on.
 */
#include "daemon/flow/pause.h"

#include "daemon/flow/state.h"

static void
look_at_it(struct dk_flow *flow)
{
	flow->world->turn_after(flow->world->context, 0);
}

/* Its plugin is told at the end of the turn. */
void
dk_source_pause(struct dk_source *source, bool is_paused)
{
	source->is_paused = is_paused;
	DK_EACH(link, &source->streams)
		dk_stream_reconsider(DK_OF(link, struct dk_stream_state, link));
	dk_source_activate(source);
	look_at_it(source->flow);
}

void
dk_sink_pause(struct dk_sink *sink, bool is_paused)
{
	sink->is_paused = is_paused;
	dk_sink_activate(sink);
	look_at_it(sink->flow);
}

/* Back into their queues, where each finds its place by its turn. */
static void
let_go_on(struct dk_flow *flow, const struct dk_route_state *route)
{
	struct dk_list parked;
	struct dk_list *link;

	dk_list_init(&parked);
	dk_list_take_all(&parked, &flow->parked);
	while ((link = dk_list_shift(&parked)))
		if (dk_state_of(DK_DUTY(link)) == route)
			dk_enqueue_again(DK_DUTY(link));
		else
			dk_list_append(&flow->parked, link);
}

void
dk_route_pause(struct dk_flow *flow, size_t route, bool is_paused)
{
	struct dk_route_state *state = flow->current->states[route];

	if (state->is_paused == is_paused)
		return;
	state->is_paused = is_paused;
	flow->paused_count += is_paused ? 1 : (size_t)-1;
	if (!is_paused)
		let_go_on(flow, state);
	DK_EACH(link, &flow->sinks)
		dk_sink_activate(DK_OF(link, struct dk_sink, link));
	look_at_it(flow);
}

bool
dk_source_is_paused(const struct dk_source *source)
{
	return source->is_paused;
}

bool
dk_sink_is_paused(const struct dk_sink *sink)
{
	return sink->is_paused;
}

bool
dk_route_is_paused(const struct dk_flow *flow, size_t route)
{
	return flow->current->states[route]->is_paused;
}

/* --- For the other files of the flow --- */

/* Behind one that is tried again others may wait that are of no paused route. */
void
dk_park(struct dk_duty *duty)
{
	duty->state = DK_DUTY_PARKED;
	dk_list_append(&duty->flow->parked, &duty->link);
	dk_hold_open(DK_HOLD_KEY, duty);
}

bool
dk_sink_is_barred(const struct dk_sink *sink)
{
	const struct dk_duty *first;

	if (!sink->functions->commits_positions || dk_list_is_empty(&sink->queue))
		return false;
	first = DK_DUTY(sink->queue.next);
	return dk_state_of(first)->is_paused && !dk_is_stale(first);
}
