/* SPDX-License-Identifier: Apache-2.0
 *
 * tell.c - step 9: with its last delivery a message is settled; its source is told, and its window
 * opens.
 */
#include <stdlib.h>

#include "daemon/flow/state.h"

/* It will be looked at before the turn ends. */
void
dk_source_activate(struct dk_source *source)
{
	if (dk_list_is_empty(&source->active))
		dk_list_append(&source->flow->active_sources, &source->active);
}

static void
note_settlement(struct dk_source *source, const struct dk_settlement *settlement)
{
	if (source->settlement_count == source->settlement_room) {
		source->settlement_room = source->settlement_room ? 2 * source->settlement_room : 64;
		source->settlements = realloc(source->settlements,
					      source->settlement_room * sizeof(*settlement));
		if (!source->settlements)
			abort();
	}
	source->settlements[source->settlement_count++] = *settlement;
}

static void
tell_settlements(struct dk_source *source)
{
	size_t count = source->settlement_count;

	source->settlement_count = 0;
	source->traffic.settlements += count;
	source->traffic.tellings += count > 0;
	if (count > 0)
		source->functions->settled(source->plugin, source->settlements, count);
}

static void
settle_one(struct dk_stream_state *stream, const struct dk_received *received,
	   const struct dk_reply *reply)
{
	struct dk_settlement settlement = { &stream->stream, received->message.position,
					    DK_ACCEPTED, reply };

	note_settlement(stream->source, &settlement);
	if (reply)
		tell_settlements(stream->source);
}

static void
settle_in_stream(struct dk_stream_state *stream, const struct dk_received *received,
		 const struct dk_reply *reply)
{
	struct dk_source *source = stream->source;

	if (!received->is_committed && source->functions->settling == DK_SETTLES_EACH)
		settle_one(stream, received, reply);
	if (dk_prefix_settle(&stream->prefix, received->ticket) && !received->is_committed &&
	    source->functions->settling == DK_SETTLES_PREFIX && dk_list_is_empty(&stream->told))
		dk_list_append(&source->to_tell, &stream->told);
	if (dk_credit_give(&stream->credit, received->bytes))
		dk_stream_reconsider(stream);
	dk_source_activate(source);
}

/* Settlements from before a reconnect or a revoked assignment are dropped, not applied. */
static void
settle_held(struct dk_stream_state *stream, const struct dk_received *received,
	    const struct dk_reply *reply)
{
	stream->unsettled--;
	if (stream->is_open && !stream->is_rewound)
		settle_in_stream(stream, received, reply);
	else if (!stream->is_open && stream->unsettled == 0)
		dk_stream_release(stream);
}

/* At the end of a run: nobody is told of a message that was given up at one of its sinks, though
 * others may have it. */
static void
abandon(struct dk_received *received)
{
	struct dk_stream_state *stream = (void *)received->message.stream;

	if (stream && --stream->unsettled == 0 && !stream->is_open)
		dk_stream_release(stream);
}

void
dk_settled(struct dk_source *source, struct dk_received *received, const struct dk_reply *reply)
{
	source->unsettled--;
	if (received->is_abandoned) {
		abandon(received);
	} else if (received->sequence > 0) {
		dk_spool_done(source->spool, received);
		dk_credit_give(&source->credit, received->bytes);
		dk_source_activate(source);
	} else {
		settle_held((struct dk_stream_state *)(void *)received->message.stream, received,
			    reply);
	}
	dk_received_free(received);
}

static void
tell_prefixes(struct dk_source *source)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&source->to_tell))) {
		struct dk_stream_state *stream = DK_OF(link, struct dk_stream_state, told);
		struct dk_settlement settlement = { &stream->stream, stream->prefix.position,
						    DK_ACCEPTED, NULL };

		note_settlement(source, &settlement);
	}
	tell_settlements(source);
}

/* The spool's marks: a full one asks the source to leave its broker, which keeps the rest. One that
 * is to bring no more stays away. */
static void
watch_marks(struct dk_source *source)
{
	const struct dk_world *world = source->flow->world;

	if (source->is_stopped)
		return;
	if (!source->is_away && dk_spool_is_full(source->spool)) {
		source->is_away = true;
		world->trouble(world->context, source->name, "spool-full",
			       "the spool is at its high mark; the source is left until half of "
			       "it is delivered");
		source->functions->pause(source->plugin, NULL);
	} else if (source->is_away && dk_spool_has_room(source->spool)) {
		source->is_away = false;
		world->trouble(world->context, source->name, "spool-full", NULL);
		source->functions->resume(source->plugin, NULL);
	}
}

void
dk_tell(struct dk_source *source)
{
	if (!source->spool) {
		tell_prefixes(source);
		return;
	}
	dk_spool_flush(source->spool);
	watch_marks(source);
}
