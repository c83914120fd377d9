/* SPDX-License-Identifier: Apache-2.0
 *
 * spool.c - the durable store of a source: opening it, and storing.
 */
#include <assert.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/flow/record.h"
#include "daemon/flow/spool_inside.h"

/* --- Opening --- */

static void
recover_done(struct dk_spool *spool, struct dk_slice body)
{
	struct dk_range range;

	for (; body.length >= sizeof(range); body = dk_slice_after(body, sizeof(range))) {
		memcpy(&range, body.data, sizeof(range));
		dk_ranges_add(&spool->recovered_done, range.first, range.last);
	}
}

static void
recover(void *context, const struct dk_found *found)
{
	struct dk_spool *spool = context;

	if (found->type == DK_RECORD_MESSAGE)
		dk_ranges_add(&spool->recovered, found->serial, found->serial);
	else if (found->type == DK_RECORD_DONE)
		recover_done(spool, found->body);
	else if (found->type == DK_RECORD_NOTES)
		dk_notes_read(&spool->recovered_notes, found->body);
}

static void
tell_damage(const struct dk_spool *spool, const struct dk_journal_state *state)
{
	if (state->damaged_bytes == 0)
		return;
	spool->world->log(spool->world->context, DK_ERROR, spool->options.name, "spool-damaged",
			  DK_FIELDS(DK_FIELD_TEXT("folder", spool->options.folder),
				    DK_FIELD_NUMBER("bytes", (int64_t)state->damaged_bytes)));
}

/* What an earlier run left is taken as what spilled: read from the journal's beginning. */
static void
begin_reading(struct dk_spool *spool)
{
	struct dk_journal_state state = dk_journal_state(spool->journal);

	tell_damage(spool, &state);
	spool->first_of_run = state.next_serial;
	spool->last_spilled = state.next_serial - 1;
	spool->is_spilled = spool->is_reading = spool->last_spilled > 0;
	spool->cursor = dk_journal_begin(spool->journal);
}

struct dk_spool *
dk_spool_open(const struct dk_world *world, const struct dk_spool_options *options,
	      struct dk_error *error)
{
	struct dk_spool *spool = calloc(1, sizeof(*spool));
	struct dk_journal_kind kind = { "DKSPOOL\n", options->segment_size, recover, spool };

	if (!spool) {
		dk_fail(error, "no memory for a spool");
		return NULL;
	}
	spool->world = world;
	spool->options = *options;
	dk_list_init(&spool->arrived);
	dk_prefix_init(&spool->taken);
	spool->lock = world->files->lock_new(world->files->context);
	spool->journal = dk_journal_open(world->files, options->folder, &kind, error);
	if (!spool->journal) {
		dk_spool_close(spool);
		return NULL;
	}
	dk_ranges_tidy(&spool->recovered_done);
	spool->left = dk_ranges_beyond(&spool->recovered, &spool->recovered_done);
	dk_ranges_clear(&spool->recovered);
	dk_notes_tidy(&spool->recovered_notes);
	begin_reading(spool);
	return spool;
}

void
dk_spool_close(struct dk_spool *spool)
{
	struct dk_list *link;

	if (!spool)
		return;
	while ((link = dk_list_shift(&spool->arrived)))
		dk_received_free(DK_OF(link, struct dk_received, link));
	dk_journal_close(spool->journal);
	spool->world->files->lock_free(spool->lock);
	dk_prefix_clear(&spool->taken);
	dk_ranges_clear(&spool->recovered);
	dk_ranges_clear(&spool->recovered_done);
	dk_ranges_clear(&spool->done);
	dk_ranges_clear(&spool->abandoned);
	free(spool->headers);
	dk_notes_clear(&spool->recovered_notes);
	dk_notes_clear(&spool->notes);
	free(spool);
}

struct dk_journal *
dk_spool_journal(struct dk_spool *spool)
{
	return spool->journal;
}

/* --- Storing: the source's thread --- */

/* A record whose sync has failed may be on disk or not. It was stored again since: whoever finds it
 * must not take it for another message. */
static void
abandon(struct dk_spool *spool, uint64_t sequence)
{
	const struct dk_files *files = spool->world->files;
	struct dk_range range = { sequence, sequence };
	struct dk_slice piece = { (const char *)&range, sizeof(range) };
	struct dk_mark mark;

	files->lock(spool->lock);
	dk_ranges_add(&spool->abandoned, sequence, sequence);
	files->unlock(spool->lock);
	dk_journal_append(spool->journal, DK_RECORD_DONE, &piece, 1, &mark, NULL);
}

/* One try. -1: it is not durable, and will not be by this try. */
static int
write_once(struct dk_spool *spool, const struct dk_pieces *pieces, struct dk_mark *mark,
	   struct dk_error *error)
{
	if (dk_journal_append(spool->journal, DK_RECORD_MESSAGE, pieces->list, pieces->count, mark,
			      error) != 0)
		return -1;
	if (!spool->options.sync_always || dk_journal_sync(spool->journal, mark, error) == 0)
		return 0;
	abandon(spool, mark->serial);
	return -1;
}

/* Tries until the disk takes it. When it does not for too long the process ends: nothing was
 * acknowledged, so the broker keeps the message. */
static void
write_durably(struct dk_spool *spool, const struct dk_pieces *pieces, struct dk_mark *mark)
{
	const struct dk_world *world = spool->world;
	int64_t began = world->now_ms(world->context);
	struct dk_error error;
	bool is_troubled = false;

	while (write_once(spool, pieces, mark, &error) != 0) {
		is_troubled = true;
		world->trouble(world->context, spool->options.name, "store-failed", error.text);
		if (world->now_ms(world->context) - began >= spool->options.store_timeout_ms)
			world->give_up(world->context, error.text);
		world->sleep(world->context, 100);
	}
	if (is_troubled)
		world->trouble(world->context, spool->options.name, "store-failed", NULL);
}

/* Whether this message goes by memory; else it waits on disk behind those that do already. */
static bool
goes_by_memory(struct dk_spool *spool, const struct dk_mark *mark, size_t record, size_t bytes)
{
	const struct dk_files *files = spool->world->files;
	bool is_spilled;

	files->lock(spool->lock);
	spool->stored++;
	if (!spool->is_spilled && (spool->memory_messages >= spool->options.memory_messages ||
				   spool->memory_bytes >= spool->options.memory_bytes)) {
		spool->is_spilled = true;
		spool->spill_begin = dk_journal_at(mark, record);
	}
	is_spilled = spool->is_spilled;
	if (is_spilled) {
		spool->last_spilled = mark->serial;
	} else {
		spool->memory_messages++;
		spool->memory_bytes += bytes;
	}
	files->unlock(spool->lock);
	return !is_spilled;
}

void
dk_spool_store(struct dk_spool *spool, struct dk_source *source,
	       struct dk_subscription *subscription, const struct dk_message *message,
	       const struct dk_loan *loan)
{
	const struct dk_world *world = spool->world;
	struct dk_extra extra = { DK_TAG_SUBSCRIPTION, dk_slice_of(subscription->name) };
	struct dk_received *received = dk_received_new(message, loan);
	struct dk_pieces pieces;
	struct dk_mark mark;

	if (!received || dk_pieces_of(&pieces, message, &extra, 1,
				      world->wall_ms(world->context)) != 0)
		world->give_up(world->context, "no memory for a message");
	received->since_ms = world->now_ms(world->context);
	write_durably(spool, &pieces, &mark);
	received->sequence = mark.serial;
	received->subscription = subscription;
	if (!goes_by_memory(spool, &mark, pieces.length, received->bytes)) {
		dk_list_init(&received->link);
		received->subscription = NULL;
	}
	world->hand_over(world->context, source, received);
	dk_pieces_free(&pieces);
}
