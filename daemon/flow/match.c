/* SPDX-License-Identifier: Apache-2.0
 *
 * match.c - step 3: every route of the subscription that wants the message, with its captures.
 */
#include <stdio.h>

#include "daemon/flow/state.h"

struct matching {
	struct dk_flow *flow;
	struct dk_received *received;
	size_t matched; /* routes that are asked for and match */
	size_t passed;  /* of these: that want it */
};

static bool
is_wanted(const struct dk_wanted *wanted, const struct dk_way *way)
{
	return !wanted || ((!wanted->way || wanted->way == way) &&
			   (!wanted->before || !dk_route_way(wanted->before, way->key)));
}

static bool
was_settled(const struct dk_received *received, const struct dk_way *way)
{
	return received->is_recovered &&
	       dk_spool_note_of(dk_source_of(received)->spool, received->sequence, way->key) ==
		       DK_NOTE_SETTLED;
}

/* A dead letter has passed when it was received first. */
static bool
passes(const struct dk_flow *flow, const struct dk_route *route, struct dk_view *view)
{
	return (flow->wanted && !flow->wanted->is_undecided) || dk_route_wants(route, view);
}

static void
deliver_to_all(void *context, void *value, const struct dk_slice *captures)
{
	struct matching *matching = context;
	const struct dk_wanted *wanted = matching->flow->wanted;
	struct dk_view *view = &matching->flow->view;
	const struct dk_route *route = value;

	if (wanted && wanted->route && wanted->route != route)
		return;
	matching->matched++;
	view->captures = captures;
	if (!passes(matching->flow, route, view)) {
		matching->flow->current->states[route->number]->account.filtered++;
		return;
	}
	matching->passed++;
	if (!wanted || !wanted->is_undecided)
		dk_count_wanted(matching->flow, route, view->message);
	for (size_t i = 0; i < route->way_count; i++)
		if (is_wanted(wanted, &route->ways[i]) &&
		    !was_settled(matching->received, &route->ways[i]))
			dk_deliver(matching->flow, matching->received, &route->ways[i]);
}

/* What became of a message that is accepted and gone, so that whoever has sent it may hear of it. */
static void
tell(const struct dk_source *source, const struct dk_message *message, const char *event,
     const char *before, const char *after)
{
	const struct dk_world *world = source->flow->world;
	int length = message->address.length < 256 ? (int)message->address.length : 256;
	char text[600];

	snprintf(text, sizeof(text), "%s%s:%.*s%s", before, source->name, length,
		 message->address.data, after);
	world->trouble(world->context, source->name, event, text);
}

void
dk_match(struct dk_feed *feed, struct dk_received *received)
{
	struct dk_source *source = feed->source;
	struct matching matching = { source->flow, received, 0, 0 };
	uint64_t given_up = dk_matcher_given_up(feed->matcher);
	size_t routes;

	dk_view_show(&source->flow->view, &received->message);
	routes = dk_matcher_find(feed->matcher, received->message.address, deliver_to_all,
				 &matching);
	dk_view_show(&source->flow->view, NULL);
	if (dk_matcher_given_up(feed->matcher) > given_up)
		tell(source, &received->message, "expression-given-up",
		     "the expression of a route takes too many steps for ",
		     ", which is taken for no match; a simpler one?");
	if (matching.passed > 0)
		source->account.routed++;
	else if (routes > 0)
		source->account.filtered++;
	else
		source->account.unrouted++;
	if (routes == 0 && !received->is_recovered)
		tell(source, &received->message, "unrouted", "",
		     " is wanted by no route: it was accepted and is dropped; a route for it, or a "
		     "narrower subscription?");
	if (routes == 0 && received->is_recovered)
		dk_bury_orphan(source, received);
	else if (--received->owed == 0)
		dk_settled(source, received, NULL);
}

size_t
dk_match_wanted(struct dk_feed *feed, struct dk_received *received)
{
	struct dk_flow *flow = feed->source->flow;
	struct matching matching = { flow, received, 0, 0 };

	dk_view_show(&flow->view, &received->message);
	dk_matcher_find(feed->matcher, received->message.address, deliver_to_all, &matching);
	dk_view_show(&flow->view, NULL);
	return matching.matched;
}
