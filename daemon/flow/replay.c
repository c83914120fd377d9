/* SPDX-License-Identifier: Apache-2.0
 *
 * replay.c - dead letters are received again.
 */
#include "daemon/flow/replay.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/flow/state.h"

struct dk_replay {
	struct dk_flow *flow;
	const char *route;          /* NULL: of every route */
	uint64_t end;               /* letters from here on died in this run */
	size_t paused;              /* streams */
	bool is_stopped;
	bool is_exhausted; /* every letter was looked at */
	struct dk_replay_account account;
};

/* --- As a source --- */

static void
pause(void *plugin, struct dk_stream *stream)
{
	(void)stream;
	((struct dk_replay *)plugin)->paused++;
}

static void
resume(void *plugin, struct dk_stream *stream)
{
	struct dk_replay *replay = plugin;

	(void)stream;
	replay->paused--;
	replay->flow->world->turn_after(replay->flow->world->context, 0);
}

static void
settled(void *plugin, const struct dk_settlement *settlements, size_t count)
{
	struct dk_replay *replay = plugin;
	const struct dk_world *world = replay->flow->world;
	struct dk_error error;
	bool is_written;

	for (size_t i = 0; i < count; i++)
		dk_letters_remove(replay->flow->letters, (uint64_t)settlements[i].position);
	replay->account.settled += count;
	is_written = dk_letters_flush(replay->flow->letters, &error) == 0;
	world->trouble(world->context, "dead-letters", "not-removed",
		       is_written ? NULL : error.text);
}

static void
stop(void *plugin)
{
	((struct dk_replay *)plugin)->is_stopped = true;
}

const struct dk_source_functions dk_replay_source = {
	.waiting = DK_HOLDS,
	.settling = DK_SETTLES_EACH,
	.pause = pause,
	.resume = resume,
	.settled = settled,
	.stop = stop,
};

/* --- Life --- */

struct dk_replay *
dk_replay_new(const char *route)
{
	struct dk_replay *replay = calloc(1, sizeof(*replay));

	if (!replay)
		abort();
	replay->route = route;
	return replay;
}

void
dk_replay_begin(struct dk_replay *replay, struct dk_flow *flow)
{
	replay->flow = flow;
	flow->options.dead_size = UINT64_MAX; /* one that dies again takes another's room */
	replay->end = dk_journal_state(dk_flow_dead(flow)).next_serial;
	DK_EACH(link, &flow->sources)
		dk_stream_open(DK_OF(link, struct dk_source, link), "dead letters", NULL);
	flow->world->turn_after(flow->world->context, 0);
}

bool
dk_replay_is_over(const struct dk_replay *replay)
{
	return replay->is_exhausted && replay->account.settled == replay->account.taken;
}

struct dk_replay_account
dk_replay_account(const struct dk_replay *replay)
{
	return replay->account;
}

/* Each source has one. */
static struct dk_stream *
stream_of(const struct dk_source *source)
{
	return &DK_OF(source->streams.next, struct dk_stream_state, link)->stream;
}

static void
close_streams(struct dk_flow *flow)
{
	DK_EACH(link, &flow->sources)
		dk_stream_close(stream_of(DK_OF(link, struct dk_source, link)));
}

void
dk_replay_free(struct dk_replay *replay)
{
	if (!replay)
		return;
	if (replay->flow)
		close_streams(replay->flow);
	free(replay);
}

/* --- Which way a letter takes --- */

struct search {
	const struct dk_flow *flow;
	const struct dk_letter *letter;
	struct dk_view *view;
	struct dk_wanted wanted;
	bool is_found;
};

/* Whether this way leads to where the letter could not go. */
static bool
leads_there(const struct search *search, const struct dk_way *way)
{
	struct dk_buffer text = { 0 };
	struct dk_rendering_fault fault;
	bool is_same;

	dk_buffer_print(&text, "%s:", search->flow->current->sinks[way->endpoint]->name);
	dk_template_render_address(way->address, way->dialect, way->route->escapes, search->view,
				   &text, &fault);
	is_same = dk_slice_is(dk_slice_new(text.data, text.length), search->letter->target);
	dk_buffer_clear(&text);
	return is_same;
}

/* The one way to the endpoint that the letter could not go to: its template was mended since. NULL
 * when there is none, or more than one. */
static const struct dk_way *
way_to_endpoint(const struct search *search, const struct dk_route *route)
{
	const struct dk_slice target = search->letter->target;
	const struct dk_way *found = NULL;

	for (size_t i = 0; i < route->way_count; i++) {
		const char *name = search->flow->current->sinks[route->ways[i].endpoint]->name;
		size_t length = strlen(name);

		if (target.length <= length || memcmp(target.data, name, length) != 0 ||
		    target.data[length] != ':')
			continue;
		if (found)
			return NULL;
		found = &route->ways[i];
	}
	return found;
}

/* A letter without a route goes wherever it is wanted now. */
static void
consider(void *context, void *value, const struct dk_slice *captures)
{
	const struct dk_route *route = value;
	struct search *search = context;

	if (search->letter->route.length > 0 &&
	    !dk_slice_is(dk_slice_of(route->name), search->letter->route))
		return;
	search->is_found = true;
	if (search->letter->route.length == 0)
		return;
	search->wanted.route = route;
	search->wanted.way = way_to_endpoint(search, route);
	search->view->captures = captures;
	for (size_t i = 0; i < route->way_count; i++)
		if (leads_there(search, &route->ways[i]))
			search->wanted.way = &route->ways[i];
}

static struct dk_source *
source_of(const struct dk_flow *flow, const struct dk_letter *letter)
{
	DK_EACH(link, &flow->sources) {
		struct dk_source *source = DK_OF(link, struct dk_source, link);

		if (dk_slice_is(dk_slice_of(source->name), letter->endpoint))
			return source;
	}
	return NULL;
}

static struct dk_feed *
find_feed(const struct dk_source *source, struct search *search)
{
	if (!source)
		return NULL;
	DK_EACH(link, &source->feeds) {
		struct dk_feed *feed = DK_OF(link, struct dk_feed, link);

		dk_matcher_find(feed->matcher, search->letter->message.address, consider, search);
		if (search->is_found)
			return feed;
	}
	return NULL;
}

/* --- Taking --- */

static void
leave(struct dk_replay *replay, const struct dk_letter *letter)
{
	const struct dk_world *world = replay->flow->world;
	char route[128], address[256];

	snprintf(route, sizeof(route), "%.*s", (int)letter->route.length, letter->route.data);
	snprintf(address, sizeof(address), "%.*s:%.*s", (int)letter->endpoint.length,
		 letter->endpoint.data, (int)letter->message.address.length,
		 letter->message.address.data);
	replay->account.left++;
	world->log(world->context, DK_WARNING, route, "not-replayed",
		   DK_FIELDS(DK_FIELD_NUMBER("letter", (int64_t)letter->number),
			     DK_FIELD_TEXT("from", address),
			     DK_FIELD_TEXT("why", "no route of that name wants it any more")));
}

static void
take(struct dk_replay *replay, struct dk_letter *letter)
{
	struct dk_flow *flow = replay->flow;
	struct search search = { .flow = flow, .letter = letter, .view = &flow->view };
	struct dk_feed *feed;

	dk_view_show(&flow->view, &letter->message);
	feed = find_feed(source_of(flow, letter), &search);
	dk_view_show(&flow->view, NULL);
	if (!feed) {
		leave(replay, letter);
		return;
	}
	replay->account.taken++;
	letter->message.stream = stream_of(feed->source);
	letter->message.position = (int64_t)letter->number;
	flow->wanted = &search.wanted;
	dk_receive(&feed->subscription, &letter->message, NULL);
	flow->wanted = NULL;
}

static bool
is_asked_for(const struct dk_replay *replay, const struct dk_letter *letter)
{
	return !replay->route || dk_slice_is(dk_slice_of(replay->route), letter->route);
}

void
dk_replay_turn(struct dk_replay *replay)
{
	struct dk_letter letter;

	while (replay->paused == 0 && !replay->is_stopped && !replay->is_exhausted) {
		if (!dk_letters_next(replay->flow->letters, &letter) || letter.number >= replay->end)
			replay->is_exhausted = true;
		else if (is_asked_for(replay, &letter))
			take(replay, &letter);
	}
}
