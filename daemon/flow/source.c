/* SPDX-License-Identifier: Apache-2.0
 *
 * source.c - a source's making and end, its subscriptions, and how it is kept from bringing more.
 */
#include <stdlib.h>

#include "daemon/flow/state.h"

void
dk_source_begin(struct dk_source *source, struct dk_flow *flow, const char *name)
{
	source->flow = flow;
	source->name = strdup(name);
	if (!source->name)
		abort();
	dk_list_init(&source->link);
	dk_list_init(&source->feeds);
	dk_list_init(&source->streams);
	dk_list_init(&source->to_tell);
	dk_list_init(&source->active);
}

struct dk_source *
dk_source_new(struct dk_flow *flow, const struct dk_source_options *options,
	      struct dk_error *error)
{
	struct dk_source *source = calloc(1, sizeof(*source));
	struct dk_spool_options spool = {
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
	dk_source_begin(source, flow, options->name);
	spool.name = source->name;
	dk_source_bind(source, options);
	if (options->functions->waiting == DK_STORES &&
	    !(source->spool = dk_spool_open(flow->world, &spool, error))) {
		dk_source_free(source);
		return NULL;
	}
	dk_list_append(&flow->sources, &source->link);
	dk_generation_made(flow)->sources[options->endpoint] = source;
	if (source->spool)
		dk_source_activate(source);
	return source;
}

void
dk_source_bind(struct dk_source *source, const struct dk_source_options *options)
{
	source->host = options->host;
	source->functions = options->functions;
	source->plugin = options->plugin;
	source->window_messages = options->window_messages;
	source->window_bytes = options->window_bytes;
	source->is_away = source->is_stopped = false;
	dk_credit_limit(&source->credit, options->window_messages, options->window_bytes);
}

void *
dk_source_host(const struct dk_source *source)
{
	return source->host;
}

void
dk_source_free(struct dk_source *source)
{
	struct dk_list *link;

	if (source->by_hand)
		dk_inject_end(source);
	while ((link = dk_list_shift(&source->feeds))) {
		struct dk_feed *feed = DK_OF(link, struct dk_feed, link);

		free((void *)(uintptr_t)feed->subscription.name);
		free(feed);
	}
	dk_map_clear(&source->feed_names);
	if (source->spool)
		dk_spool_flush(source->spool);
	dk_spool_close(source->spool);
	dk_list_remove(&source->active);
	dk_list_remove(&source->link);
	free(source->settlements);
	free(source->name);
	free(source);
}

bool
dk_source_is_settled(const struct dk_source *source)
{
	return source->unsettled == 0 && (!source->by_hand || source->by_hand->unsettled == 0);
}

/* --- Subscriptions --- */

struct dk_feed *
dk_feed_find(const struct dk_source *source, struct dk_slice name)
{
	return dk_map_find(&source->feed_names, name);
}

static struct dk_feed *
make_feed(struct dk_source *source, const char *name)
{
	struct dk_feed *feed = calloc(1, sizeof(*feed));

	if (!feed || !(feed->subscription.name = strdup(name)))
		abort();
	feed->source = source;
	dk_list_append(&source->feeds, &feed->link);
	dk_map_put(&source->feed_names, dk_slice_of(feed->subscription.name), feed);
	return feed;
}

struct dk_subscription *
dk_source_subscription(struct dk_source *source, const char *name,
		       const struct dk_interest *const *interests, size_t interest_count,
		       const struct dk_matcher *matcher)
{
	struct dk_feed *feed = dk_feed_find(source, dk_slice_of(name));

	if (!feed) {
		feed = make_feed(source, name);
		dk_subscription_renew(&feed->subscription, interests, interest_count);
	}
	source->feed_count += !feed->matcher;
	feed->matcher = matcher;
	return &feed->subscription;
}

void
dk_subscription_renew(struct dk_subscription *subscription,
		      const struct dk_interest *const *interests, size_t interest_count)
{
	subscription->interests = interests;
	subscription->interest_count = interest_count;
}

void
dk_source_unsubscribe(struct dk_source *source)
{
	DK_EACH(link, &source->feeds)
		DK_OF(link, struct dk_feed, link)->matcher = NULL;
	source->feed_count = 0;
}

/* --- Bringing no more --- */

void
dk_source_stop(struct dk_source *source)
{
	if (!source->is_stopped)
		source->functions->stop(source->plugin);
	source->is_stopped = true;
}

void
dk_source_leave(struct dk_source *source)
{
	source->is_stopped = true;
}

bool
dk_source_is_quiet(const struct dk_source *source)
{
	return source->spool || (source->unsettled == 0 && source->settlement_count == 0 &&
				 dk_list_is_empty(&source->to_tell));
}

/* --- How it goes --- */

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
