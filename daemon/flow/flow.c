/* SPDX-License-Identifier: Apache-2.0
 *
 * flow.c - making the flow, one turn of it, and its end.
 */
#include "daemon/flow/flow.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/flow/state.h"

struct dk_flow *
dk_flow_new(const struct dk_world *world, const struct dk_flow_options *options,
	    struct dk_error *error)
{
	struct dk_flow *flow = calloc(1, sizeof(*flow));

	if (!flow)
		abort();
	flow->world = world;
	flow->options = *options;
	flow->current = dk_generation_new(options->routes, options->route_count,
					  options->endpoint_count);
	dk_generation_fill(flow->current);
	dk_list_init(&flow->past);
	dk_list_init(&flow->sources);
	dk_list_init(&flow->sinks);
	dk_list_init(&flow->active_sinks);
	dk_list_init(&flow->active_sources);
	dk_list_init(&flow->to_reconsider);
	dk_list_init(&flow->parked);
	dk_list_init(&flow->injections);
	dk_list_init(&flow->waiting);
	dk_list_init(&flow->graves);
	flow->letters = dk_letters_open(world->files, options->dead_folder, options->dead_segment,
					error);
	if (!flow->letters) {
		dk_flow_free(flow);
		return NULL;
	}
	return flow;
}

void
dk_flow_add_hooks(struct dk_flow *flow, const struct dk_hook_functions *functions, void *plugin)
{
	flow->hooks = realloc(flow->hooks, (flow->hook_count + 1) * sizeof(*flow->hooks));
	if (!flow->hooks)
		abort();
	flow->hooks[flow->hook_count++] = (struct dk_hook){ functions, plugin };
}

void
dk_flow_remove_hooks(struct dk_flow *flow, void *plugin)
{
	size_t kept = 0;

	for (size_t i = 0; i < flow->hook_count; i++)
		if (flow->hooks[i].plugin != plugin)
			flow->hooks[kept++] = flow->hooks[i];
	flow->hook_count = kept;
}

/* --- One turn --- */

static void
take_from_spools(struct dk_flow *flow)
{
	struct dk_list active;
	struct dk_list *link;

	dk_list_init(&active);
	dk_list_take_all(&active, &flow->active_sources);
	while ((link = dk_list_shift(&active))) {
		struct dk_source *source = DK_OF(link, struct dk_source, active);

		dk_list_append(&flow->active_sources, &source->active); /* to be told */
		source->has_more = source->spool && dk_receive_stored(source);
	}
}

static void
dispatch_all(struct dk_flow *flow)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&flow->active_sinks)))
		dk_dispatch(DK_OF(link, struct dk_sink, active));
}

/* Those that have more to take stay active. */
static void
tell_all(struct dk_flow *flow)
{
	struct dk_list active;
	struct dk_list *link;

	dk_list_init(&active);
	dk_list_take_all(&active, &flow->active_sources);
	while ((link = dk_list_shift(&active))) {
		struct dk_source *source = DK_OF(link, struct dk_source, active);

		dk_tell(source);
		if (source->has_more) {
			dk_source_activate(source);
			flow->world->turn_after(flow->world->context, 0);
		}
	}
}

/* Its window may have opened, or an administrator has paused its source or let it go on. */
static void
reconsider(struct dk_stream_state *stream)
{
	struct dk_source *source = stream->source;
	bool is_paused = stream->credit.is_shut || source->is_paused;

	if (is_paused == stream->is_paused || source->is_stopped)
		return;
	stream->is_paused = is_paused;
	if (is_paused)
		source->functions->pause(source->plugin, &stream->stream);
	else
		source->functions->resume(source->plugin, &stream->stream);
}

static void
reconsider_all(struct dk_flow *flow)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&flow->to_reconsider)))
		reconsider(DK_OF(link, struct dk_stream_state, awake));
}

void
dk_flow_turn(struct dk_flow *flow)
{
	if (flow->resend)
		dk_resend_turn(flow->resend);
	dk_retry_due(flow);
	take_from_spools(flow);
	dispatch_all(flow);
	if (!dk_list_is_empty(&flow->graves))
		dk_dead_turn(flow);
	tell_all(flow);
	reconsider_all(flow);
}

/* --- The end --- */

void
dk_flow_stop(struct dk_flow *flow)
{
	flow->is_stopping = true;
	DK_EACH(link, &flow->sources)
		dk_source_stop(DK_OF(link, struct dk_source, link));
}

static bool
has_to_deliver(const struct dk_sink *sink)
{
	return sink->in_flight > 0 || (dk_sink_is_open(sink) && !dk_list_is_empty(&sink->queue));
}

/* What is settled and not told comes again, though it was delivered. */
static bool
has_to_be_told(const struct dk_source *source)
{
	return source->settlement_count > 0 || !dk_list_is_empty(&source->to_tell);
}

bool
dk_flow_is_drained(const struct dk_flow *flow)
{
	DK_EACH(link, &flow->sinks)
		if (has_to_deliver(DK_OF(link, struct dk_sink, link)))
			return false;
	DK_EACH(link, &flow->sources)
		if (has_to_be_told(DK_OF(link, struct dk_source, link)))
			return false;
	return dk_list_is_empty(&flow->graves);
}

void
dk_abandon(struct dk_duty *duty)
{
	struct dk_received *received = duty->received;

	dk_duty_free(duty);
	received->is_abandoned = true;
	if (--received->owed == 0)
		dk_settled(dk_source_of(received), received, NULL);
}

static void
abandon_all(struct dk_list *duties)
{
	struct dk_list *link;

	while ((link = dk_list_shift(duties)))
		dk_abandon(DK_DUTY(link));
}

void
dk_flow_cancel(struct dk_flow *flow)
{
	flow->is_cancelled = true;
	dk_dead_cancel(flow);
	abandon_all(&flow->waiting);
	abandon_all(&flow->parked);
	DK_EACH(link, &flow->sinks) {
		struct dk_sink *sink = DK_OF(link, struct dk_sink, link);

		dk_hold_dissolve_all(sink);
		sink->hint = NULL;
		abandon_all(&sink->queue);
	}
}

static void
free_all(struct dk_flow *flow)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&flow->past)))
		dk_generation_free(DK_OF(link, struct dk_generation, link));
	while (!dk_list_is_empty(&flow->sinks))
		if (!dk_sink_free(DK_OF(flow->sinks.next, struct dk_sink, link)))
			abort();
	while (!dk_list_is_empty(&flow->sources))
		dk_source_free(DK_OF(flow->sources.next, struct dk_source, link));
	dk_generation_free(flow->current);
}

void
dk_flow_free(struct dk_flow *flow)
{
	dk_flow_cancel(flow);
	dk_inject_cancel(flow);
	if (flow->resend)
		dk_resend_cancel(flow->resend);
	dk_letters_close(flow->letters);
	free_all(flow);
	free(flow->hooks);
	dk_view_free(&flow->view);
	dk_buffer_clear(&flow->rendered);
	free(flow);
}

/* --- Accounts --- */

const struct dk_route_account *
dk_flow_route_account(const struct dk_flow *flow, size_t route)
{
	return &flow->current->states[route]->account;
}

bool
dk_flow_is_denied(const struct dk_flow *flow, size_t route)
{
	return flow->current->states[route]->denied != 0;
}

struct dk_letters *
dk_flow_letters(const struct dk_flow *flow)
{
	return flow->letters;
}

struct dk_journal *
dk_flow_dead(const struct dk_flow *flow)
{
	return dk_letters_journal(flow->letters);
}

const struct dk_latency *
dk_flow_latency(const struct dk_flow *flow, size_t route)
{
	return flow->current->states[route]->latency;
}

struct dk_sink_state
dk_sink_state(const struct dk_sink *sink)
{
	return (struct dk_sink_state){ .in_flight = sink->in_flight,
				       .window = sink->window,
				       .is_up = sink->is_up,
				       .is_full = sink->is_stalled };
}
