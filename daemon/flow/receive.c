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
count_nothing(void *context, void *value, const struct dk_slice *captures)
{
	(void)context, (void)value, (void)captures;
}

/* Where the plan has the subscription that brought it no more, another that leads to a route is as
 * good, and any of the plan's will do. NULL: it has none of this source. */
static struct dk_feed *
find_any_feed(const struct dk_source *source, const struct dk_received *received)
{
	struct dk_feed *any = NULL;

	DK_EACH(link, &source->feeds) {
		struct dk_feed *feed = DK_OF(link, struct dk_feed, link);

		if (!feed->matcher)
			continue;
		if (dk_matcher_find(feed->matcher, received->message.address, count_nothing, NULL))
			return feed;
		any = any ? any : feed;
	}
	return any;
}

/* The plan has its source no more: whoever sent it keeps it. */
static void
leave(struct dk_source *source, struct dk_received *received)
{
	received->subscription = &DK_OF(source->feeds.next, struct dk_feed, link)->subscription;
	received->is_abandoned = true;
	dk_settled(source, received, NULL);
}

/* `feed` NULL: the plan knows nothing of its subscription. */
static void
enter(struct dk_source *source, struct dk_feed *feed, struct dk_received *received)
{
	source->unsettled++;
	if (!feed || !feed->matcher)
		feed = find_any_feed(source, received);
	if (!feed) {
		leave(source, received);
		return;
	}
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
	enter(FEED(subscription)->source, FEED(subscription), received);
}

void
dk_stream_reconsider(struct dk_stream_state *stream)
{
	if (dk_list_is_empty(&stream->awake))
		dk_list_append(&stream->source->flow->to_reconsider, &stream->awake);
}

/* Each open stream has an equal share of its source's window. */
static void
share_window(struct dk_source *source)
{
	DK_EACH(link, &source->streams) {
		struct dk_stream_state *stream = DK_OF(link, struct dk_stream_state, link);

		if (dk_credit_limit(&stream->credit, source->window_messages / source->stream_count,
				    source->window_bytes / source->stream_count) &&
		    !stream->credit.is_shut)
			dk_stream_reconsider(stream);
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
	if (source->is_paused)
		dk_stream_reconsider(stream);
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

static void
enter_stored(struct dk_source *source, struct dk_received *received, struct dk_slice name)
{
	struct dk_feed *feed = FEED(received->subscription);

	dk_credit_take(&source->credit, received->bytes);
	enter(source, feed ? feed : dk_feed_find(source, name), received);
}

/* A source that the plan has no more leaves what is stored where it is. */
bool
dk_receive_stored(struct dk_source *source)
{
	struct dk_received *received;
	struct dk_slice name;

	if (source->is_paused)
		return false;
	for (int i = 0; i < TAKEN_PER_TURN; i++) {
		if (source->credit.is_shut || source->flow->is_stopping || source->feed_count == 0 ||
		    !(received = dk_spool_take(source->spool, &name)))
			return false;
		enter_stored(source, received, name);
	}
	return true;
}
