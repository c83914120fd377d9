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
	flow->sources = calloc(options->endpoint_count + 1, sizeof(void *));
	flow->sinks = calloc(options->endpoint_count + 1, sizeof(void *));
	flow->accounts = calloc(options->route_count + 1, sizeof(*flow->accounts));
	flow->traffic = calloc(options->route_count + 1, sizeof(*flow->traffic));
	flow->latencies = calloc(options->route_count + 1, sizeof(*flow->latencies));
	flow->denied = calloc(options->route_count + 1, sizeof(const struct dk_way *));
	if (!flow->sources || !flow->sinks || !flow->accounts || !flow->traffic ||
	    !flow->latencies || !flow->denied)
		abort();
	dk_list_init(&flow->active_sinks);
	dk_list_init(&flow->active_sources);
	dk_list_init(&flow->to_resume);
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

struct dk_source *
dk_source_new(struct dk_flow *flow, const struct dk_source_options *options,
	      struct dk_error *error)
{
	struct dk_source *source = calloc(1, sizeof(*source));
	struct dk_spool_options spool = {
		.name = options->name,
		.folder = options->spool_folder,
		.sync_always = options->sync_always,
		.high_mark = options->spool_size,
		.segment_size = options->spool_segment,
		.store_timeout_ms = options->store_timeout_ms,
		.memory_messages = options->window_messages,
		.memory_bytes = options->window_bytes,
	};

	if (!source)
		abort();
	source->flow = flow;
	source->endpoint = options->endpoint;
	source->name = options->name;
	source->functions = options->functions;
	source->plugin = options->plugin;
	source->window_messages = options->window_messages;
	source->window_bytes = options->window_bytes;
	dk_credit_limit(&source->credit, options->window_messages, options->window_bytes);
	dk_list_init(&source->feeds);
	dk_list_init(&source->streams);
	dk_list_init(&source->to_tell);
	dk_list_init(&source->active);
	flow->sources[options->endpoint] = source;
	if (options->functions->waiting == DK_HOLDS)
		return source;
	source->spool = dk_spool_open(flow->world, &spool, error);
	dk_source_activate(source);
	return source->spool ? source : NULL;
}

struct dk_subscription *
dk_source_subscription(struct dk_source *source, const char *name,
		       const struct dk_interest *const *interests, size_t interest_count,
		       const struct dk_matcher *matcher)
{
	struct dk_feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		abort();
	feed->subscription.name = name;
	feed->subscription.interests = interests;
	feed->subscription.interest_count = interest_count;
	feed->source = source;
	feed->matcher = matcher;
	dk_list_append(&source->feeds, &feed->link);
	return &feed->subscription;
}

void
dk_flow_add_hooks(struct dk_flow *flow, const struct dk_hook_functions *functions, void *plugin)
{
	flow->hooks = realloc(flow->hooks, (flow->hook_count + 1) * sizeof(*flow->hooks));
	if (!flow->hooks)
		abort();
	flow->hooks[flow->hook_count++] = (struct dk_hook){ functions, plugin };
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

static void
resume_all(struct dk_flow *flow)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&flow->to_resume))) {
		struct dk_stream_state *stream = DK_OF(link, struct dk_stream_state, awake);
		struct dk_source *source = stream->source;

		if (stream->credit.is_shut || !stream->is_paused || flow->is_stopping)
			continue;
		stream->is_paused = false;
		source->functions->resume(source->plugin, &stream->stream);
	}
}

void
dk_flow_turn(struct dk_flow *flow)
{
	dk_retry_due(flow);
	take_from_spools(flow);
	dispatch_all(flow);
	if (!dk_list_is_empty(&flow->graves))
		dk_dead_turn(flow);
	tell_all(flow);
	resume_all(flow);
}

/* --- The end --- */

void
dk_flow_stop(struct dk_flow *flow)
{
	flow->is_stopping = true;
	for (size_t i = 0; i < flow->options.endpoint_count; i++)
		if (flow->sources[i])
			flow->sources[i]->functions->stop(flow->sources[i]->plugin);
}

static bool
has_to_deliver(const struct dk_sink *sink)
{
	return sink && (sink->in_flight > 0 || (sink->is_up && !dk_list_is_empty(&sink->queue)));
}

/* What is settled and not told comes again, though it was delivered. */
static bool
has_to_be_told(const struct dk_source *source)
{
	return source && (source->settlement_count > 0 || !dk_list_is_empty(&source->to_tell));
}

bool
dk_flow_is_drained(const struct dk_flow *flow)
{
	for (size_t i = 0; i < flow->options.endpoint_count; i++)
		if (has_to_deliver(flow->sinks[i]) || has_to_be_told(flow->sources[i]))
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
	for (size_t i = 0; i < flow->options.endpoint_count; i++) {
		struct dk_sink *sink = flow->sinks[i];

		if (!sink)
			continue;
		dk_hold_dissolve_all(sink);
		sink->hint = NULL;
		abandon_all(&sink->queue);
	}
}

static void
free_sink(struct dk_sink *sink)
{
	if (!sink)
		return;
	assert(sink->in_flight == 0 && dk_list_is_empty(&sink->queue));
	dk_list_remove(&sink->active);
	free(sink);
}

static void
free_source(struct dk_source *source)
{
	struct dk_list *link;

	if (!source)
		return;
	while ((link = dk_list_shift(&source->feeds)))
		free(DK_OF(link, struct dk_feed, link));
	if (source->spool)
		dk_spool_flush(source->spool);
	dk_spool_close(source->spool);
	dk_list_remove(&source->active);
	free(source->settlements);
	free(source);
}

void
dk_flow_free(struct dk_flow *flow)
{
	dk_flow_cancel(flow);
	dk_letters_close(flow->letters);
	for (size_t i = 0; i < flow->options.endpoint_count; i++)
		free_sink(flow->sinks[i]);
	for (size_t i = 0; i < flow->options.endpoint_count; i++)
		free_source(flow->sources[i]);
	free(flow->sources);
	free(flow->sinks);
	free(flow->accounts);
	free(flow->traffic);
	for (size_t i = 0; i < flow->options.route_count; i++)
		free(flow->latencies[i]);
	free(flow->latencies);
	free(flow->denied);
	free(flow->hooks);
	dk_view_free(&flow->view);
	dk_buffer_clear(&flow->rendered);
	free(flow);
}

/* --- Accounts --- */

const struct dk_route_account *
dk_flow_route_account(const struct dk_flow *flow, size_t route)
{
	return &flow->accounts[route];
}

const struct dk_source_account *
dk_source_account(const struct dk_source *source)
{
	return &source->account;
}

struct dk_spool *
dk_source_spool(const struct dk_source *source)
{
	return source->spool;
}

struct dk_journal *
dk_flow_dead(const struct dk_flow *flow)
{
	return dk_letters_journal(flow->letters);
}

const struct dk_latency *
dk_flow_latency(const struct dk_flow *flow, size_t route)
{
	return flow->latencies[route];
}

struct dk_credit
dk_source_credit(const struct dk_source *source)
{
	struct dk_credit sum = source->credit;

	DK_EACH(link, &source->streams) {
		const struct dk_stream_state *stream = DK_OF(link, struct dk_stream_state, link);

		sum.messages += stream->credit.messages;
		sum.bytes += stream->credit.bytes;
	}
	return sum;
}

struct dk_sink_state
dk_sink_state(const struct dk_sink *sink)
{
	return (struct dk_sink_state){ .in_flight = sink->in_flight,
				       .window = sink->window,
				       .is_up = sink->is_up,
				       .is_full = sink->is_stalled };
}
