/* SPDX-License-Identifier: Apache-2.0
 *
 * inject.c - messages by hand: received from a source of the core's own.
 */
#include "daemon/flow/inject.h"

#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/flow/state.h"

/* One message, which may have been received by several subscriptions. */
struct injection {
	struct dk_list link; /* of flow->injections */
	uint64_t number;
	unsigned owed; /* receptions that are not settled */
	struct dk_injected injected;
};

static void
tell(struct injection *injection, bool is_settled)
{
	dk_list_remove(&injection->link);
	injection->injected.told(injection->injected.context, injection->number, is_settled);
	free(injection);
}

/* --- As a source --- */

/* Its window is never shut. */
static void
rest(void *plugin, struct dk_stream *stream)
{
	(void)plugin, (void)stream;
}

static struct injection *
find(const struct dk_flow *flow, uint64_t number)
{
	DK_EACH(link, &flow->injections) {
		struct injection *injection = DK_OF(link, struct injection, link);

		if (injection->number == number)
			return injection;
	}
	return NULL;
}

static void
settled(void *plugin, const struct dk_settlement *settlements, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct injection *injection = find(plugin, (uint64_t)settlements[i].position);

		if (injection && --injection->owed == 0)
			tell(injection, true);
	}
}

static const struct dk_source_functions functions = {
	.waiting = DK_HOLDS,
	.settling = DK_SETTLES_EACH,
	.pause = rest,
	.resume = rest,
	.settled = settled,
};

void
dk_inject_renew(struct dk_source *like)
{
	struct dk_source *source = like->by_hand;

	if (!source)
		return;
	dk_source_unsubscribe(source);
	DK_EACH(link, &like->feeds) {
		const struct dk_feed *feed = DK_OF(link, struct dk_feed, link);

		if (feed->matcher)
			dk_source_subscription(source, feed->subscription.name, NULL, 0,
					       feed->matcher);
	}
}

/* With the subscriptions of the endpoint's own source. */
static void
make_source(struct dk_flow *flow, struct dk_source *like)
{
	struct dk_source *source = calloc(1, sizeof(*source));

	if (!source)
		abort();
	dk_source_begin(source, flow, like->name);
	like->by_hand = source;
	source->functions = &functions;
	source->plugin = flow;
	source->is_by_hand = true;
	source->window_messages = source->window_bytes = SIZE_MAX / 2;
	dk_inject_renew(like);
	dk_stream_open(source, "by hand", NULL);
}

/* --- Bringing --- */

struct looking {
	const struct dk_flow *flow;
	bool is_committed; /* a sink would commit its position, which it has none of */
};

static void
look_at_route(void *context, void *value, const struct dk_slice *captures)
{
	struct looking *looking = context;
	const struct dk_route *route = value;

	(void)captures;
	for (size_t i = 0; i < route->way_count; i++)
		looking->is_committed |= looking->flow->current->sinks[route->ways[i].endpoint]
						 ->functions->commits_positions;
}

/* A sink that commits positions would be given one that there is not. */
static int
fail_position(struct dk_error *error)
{
	return dk_fail(error, "a sink of its route commits positions, and a message by hand has "
			      "none");
}

/* Whether a route of the plan is behind it. */
static bool
leads_on(const struct dk_feed *feed, struct dk_slice address, struct looking *looking)
{
	return feed->matcher &&
	       dk_matcher_find(feed->matcher, address, look_at_route, looking) > 0;
}

/* How many of its subscriptions have a route for the address. */
static size_t
count_feeds(const struct dk_source *source, struct dk_slice address, struct looking *looking)
{
	size_t count = 0;

	DK_EACH(link, &source->feeds)
		count += leads_on(DK_OF(link, struct dk_feed, link), address, looking);
	return count;
}

static int
check(const struct dk_flow *flow, const struct dk_source *like, struct dk_slice address,
      struct dk_error *error)
{
	struct looking looking = { .flow = flow };

	if (flow->is_stopping)
		return dk_fail(error, "the daemon is ending; again when it runs?");
	if (!like || count_feeds(like, address, &looking) == 0)
		return dk_fail(error, "no route takes it; see diolkosctl explain");
	if (looking.is_committed)
		return fail_position(error);
	return 0;
}

static struct injection *
begin(struct dk_flow *flow, const struct dk_injected *injected)
{
	static uint64_t newest;
	struct injection *injection = calloc(1, sizeof(*injection));

	if (!injection)
		abort();
	injection->number = ++newest;
	injection->injected = *injected;
	dk_list_append(&flow->injections, &injection->link);
	return injection;
}

static struct dk_source *
source_by_hand(struct dk_source *like)
{
	if (!like->by_hand)
		make_source(like->flow, like);
	return like->by_hand;
}

/* In the one stream of its source. */
static void
place(struct dk_message *message, const struct dk_source *source, const struct injection *injection)
{
	message->stream = &DK_OF(source->streams.next, struct dk_stream_state, link)->stream;
	message->position = (int64_t)injection->number;
}

/* The same subscription of the source by hand. */
static struct dk_feed *
feed_like(const struct dk_source *source, const struct dk_feed *like)
{
	DK_EACH(link, &source->feeds) {
		struct dk_feed *feed = DK_OF(link, struct dk_feed, link);

		if (feed->matcher == like->matcher)
			return feed;
	}
	return NULL;
}

int
dk_inject_letter(struct dk_flow *flow, const struct dk_feed *like, const struct dk_letter *letter,
		 const struct dk_wanted *wanted, const struct dk_injected *injected,
		 struct dk_error *error)
{
	struct dk_source *source = source_by_hand(like->source);
	struct looking looking = { .flow = flow };
	struct dk_message message = letter->message;
	struct injection *injection;

	dk_matcher_find(like->matcher, message.address, look_at_route, &looking);
	if (looking.is_committed)
		return fail_position(error);
	injection = begin(flow, injected);
	injection->owed = 1;
	place(&message, source, injection);
	flow->wanted = wanted;
	dk_receive(&feed_like(source, like)->subscription, &message, NULL);
	flow->wanted = NULL;
	return 0;
}

uint64_t
dk_inject(struct dk_flow *flow, size_t endpoint, const struct dk_message *message,
	  const struct dk_injected *injected, struct dk_error *error)
{
	struct looking looking = { .flow = flow };
	struct dk_message copy = *message;
	struct injection *injection;
	struct dk_source *source;

	if (check(flow, flow->current->sources[endpoint], message->address, error) != 0)
		return 0;
	source = source_by_hand(flow->current->sources[endpoint]);
	injection = begin(flow, injected);
	place(&copy, source, injection);
	injection->owed = (unsigned)count_feeds(source, message->address, &looking);
	DK_EACH(link, &source->feeds) {
		struct dk_feed *feed = DK_OF(link, struct dk_feed, link);

		if (leads_on(feed, message->address, &looking))
			dk_receive(&feed->subscription, &copy, NULL);
	}
	flow->world->turn_after(flow->world->context, 0);
	return injection->number;
}

/* --- The end --- */

void
dk_inject_cancel(struct dk_flow *flow)
{
	while (!dk_list_is_empty(&flow->injections))
		tell(DK_OF(flow->injections.next, struct injection, link), false);
}

void
dk_inject_end(struct dk_source *like)
{
	struct dk_source *source = like->by_hand;

	like->by_hand = NULL;
	dk_stream_close(&DK_OF(source->streams.next, struct dk_stream_state, link)->stream);
	dk_source_free(source);
}
