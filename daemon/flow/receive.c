/* SPDX-License-Identifier: Apache-2.0
 *
 * receive.c - step 2: a message enters the loop and is counted in its source's window.
 */
#include <stdlib.h>

#include "daemon/flow/state.h"

/* So many stored messages are taken in one turn: sinks and others get theirs in between. */
#define TAKEN_PER_TURN 1024

#define FEED(subscription) ((struct dk_feed *)(void *)(subscription))
#define STREAM(stream) ((struct dk_stream_state *)(void *)(stream))

void
dk_store(struct dk_subscription *subscription, const struct dk_message *message,
	 const struct dk_loan *loan)
{
	struct dk_source *source = FEED(subscription)->source;

	dk_spool_store(source->spool, source, subscription, message, loan);
}

static void
show_to_hooks(struct dk_flow *flow, const struct dk_message *message)
{
	for (size_t i = 0; i < flow->hook_count; i++)
		if (flow->hooks[i].functions->message)
			flow->hooks[i].functions->message(flow->hooks[i].plugin, message);
}

static void
enter(struct dk_feed *feed, struct dk_received *received)
{
	struct dk_source *source = feed->source;

	if (received->is_recovered)
		source->account.recovered++;
	else
		source->account.received++;
	source->traffic.received_bytes += received->message.payload.length;
	received->subscription = &feed->subscription;
	received->owed = 1; /* the opener's, until all routes are looked up */
	show_to_hooks(source->flow, &received->message);
	dk_match(feed, received);
}

static int64_t
now_ms(const struct dk_flow *flow)
{
	return flow->world->now_ms(flow->world->context);
}

/* --- Sources that hold --- */

static void
count_in_stream(struct dk_stream_state *stream, struct dk_received *received)
{
	struct dk_source *source = stream->source;

	stream->unsettled++;
	received->ticket = dk_prefix_enter(&stream->prefix, received->message.position,
					   received->since_ms);
	if (dk_credit_take(&stream->credit, received->bytes) && !stream->is_paused) {
		stream->is_paused = true;
		source->functions->pause(source->plugin, &stream->stream);
	}
}

void
dk_receive(struct dk_subscription *subscription, const struct dk_message *message,
	   const struct dk_loan *loan)
{
	struct dk_received *received = dk_received_new(message, loan);

	if (!received)
		abort();
	received->since_ms = now_ms(FEED(subscription)->source->flow);
	count_in_stream(STREAM(message->stream), received);
	enter(FEED(subscription), received);
}

/* Each open stream has an equal share of its source's window. */
static void
share_window(struct dk_source *source)
{
	DK_EACH(link, &source->streams) {
		struct dk_stream_state *stream = DK_OF(link, struct dk_stream_state, link);

		if (dk_credit_limit(&stream->credit, source->window_messages / source->stream_count,
				    source->window_bytes / source->stream_count) &&
		    !stream->credit.is_shut && dk_list_is_empty(&stream->awake))
			dk_list_append(&source->flow->to_resume, &stream->awake);
	}
}

struct dk_stream *
dk_stream_open(struct dk_source *source, const char *name, void *plugin)
{
	struct dk_stream_state *stream = calloc(1, sizeof(*stream));

	if (!stream || !(stream->name = strdup(name)))
		abort();
	stream->stream.name = stream->name;
	stream->stream.epoch = ++source->flow->next_epoch;
	stream->stream.plugin = plugin;
	stream->source = source;
	stream->is_open = true;
	dk_prefix_init(&stream->prefix);
	dk_list_init(&stream->told);
	dk_list_init(&stream->awake);
	dk_list_append(&source->streams, &stream->link);
	source->stream_count++;
	share_window(source);
	return &stream->stream;
}

/* What was settled in this turn is not told any more. */
static void
forget_settlements(struct dk_source *source, const struct dk_stream *stream)
{
	size_t kept = 0;

	for (size_t i = 0; i < source->settlement_count; i++)
		if (source->settlements[i].stream != stream)
			source->settlements[kept++] = source->settlements[i];
	source->settlement_count = kept;
}

void
dk_stream_close(struct dk_stream *public_stream)
{
	struct dk_stream_state *stream = STREAM(public_stream);

	stream->is_open = false;
	forget_settlements(stream->source, public_stream);
	stream->source->stream_count--;
	dk_list_remove(&stream->link);
	dk_list_remove(&stream->told);
	dk_list_remove(&stream->awake);
	share_window(stream->source);
	if (stream->unsettled == 0)
		dk_stream_release(stream);
}

void
dk_stream_release(struct dk_stream_state *stream)
{
	dk_prefix_clear(&stream->prefix);
	free(stream->name);
	free(stream);
}

/* --- Sources that store --- */

void
dk_flow_stored(struct dk_source *source, struct dk_received *received)
{
	dk_spool_arrived(source->spool, received);
	dk_source_activate(source);
}

/* The subscription that brought a message to an earlier run; if the plan has it no more, one that
 * matches any of the source's routes is as good. */
static struct dk_feed *
find_feed(const struct dk_source *source, struct dk_slice name)
{
	DK_EACH(link, &source->feeds) {
		struct dk_feed *feed = DK_OF(link, struct dk_feed, link);

		if (dk_slice_is(dk_slice_of(feed->subscription.name), name))
			return feed;
	}
	return NULL;
}

static void
count_nothing(void *context, void *value, const struct dk_slice *captures)
{
	(void)context, (void)value, (void)captures;
}

static struct dk_feed *
find_any_feed(const struct dk_source *source, const struct dk_received *received)
{
	DK_EACH(link, &source->feeds) {
		struct dk_feed *feed = DK_OF(link, struct dk_feed, link);

		if (dk_matcher_find(feed->matcher, received->message.address, count_nothing, NULL))
			return feed;
	}
	return DK_OF(source->feeds.next, struct dk_feed, link);
}

static void
enter_stored(struct dk_source *source, struct dk_received *received, struct dk_slice name)
{
	struct dk_feed *feed = FEED(received->subscription);

	if (!feed)
		feed = find_feed(source, name);
	if (!feed)
		feed = find_any_feed(source, received);
	dk_credit_take(&source->credit, received->bytes);
	enter(feed, received);
}

bool
dk_receive_stored(struct dk_source *source)
{
	struct dk_received *received;
	struct dk_slice name;

	for (int i = 0; i < TAKEN_PER_TURN; i++) {
		if (source->credit.is_shut || source->flow->is_stopping ||
		    !(received = dk_spool_take(source->spool, &name)))
			return false;
		enter_stored(source, received, name);
	}
	return true;
}
