/* SPDX-License-Identifier: Apache-2.0
 *
 * spool.c - the durable store of a source: storing, taking, settling.
 */
#include "daemon/flow/spool.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/flow/notes.h"
#include "daemon/flow/ranges.h"
#include "daemon/flow/record.h"
#include "daemon/model/prefix.h"

struct dk_spool {
	const struct dk_world *world;
	struct dk_spool_options options;
	struct dk_journal *journal;
	uint64_t first_of_run; /* sequences below were stored by an earlier run */

	/* Under the lock: which messages go by memory and which wait on disk. */
	struct dk_lock *lock;
	bool is_spilled;               /* new ones wait on disk, until the reader has caught up */
	uint64_t last_spilled;         /* the newest that waits there */
	struct dk_cursor spill_begin;  /* where the first of them is */
	size_t memory_messages, memory_bytes;
	uint64_t stored;               /* by this run */
	struct dk_ranges abandoned;    /* stored again under another sequence: not to be taken */

	/* The loop's. */
	struct dk_list arrived;
	bool is_reading;
	struct dk_cursor cursor;
	uint64_t last_taken;
	struct dk_prefix taken;
	struct dk_ranges recovered;    /* all that an earlier run has stored; only while opening */
	struct dk_ranges recovered_done;
	struct dk_notes recovered_notes;
	uint64_t left;    /* by an earlier run, and not settled by it */
	uint64_t settled; /* by this run, of those and of its own */
	struct dk_header *headers; /* room to read a message's into */
	size_t header_room;
	struct dk_ranges done; /* to be flushed */
	struct dk_notes notes; /* likewise */
};

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

/* --- Taking: the loop --- */

/* One without a subscription has spilled: it is handed over only for its lent buffers to be given
 * back on the loop's thread, and so that the loop looks at the disk. */
void
dk_spool_arrived(struct dk_spool *spool, struct dk_received *received)
{
	if (received->subscription)
		dk_list_append(&spool->arrived, &received->link);
	else
		dk_received_free(received);
}

static struct dk_received *
take_from_memory(struct dk_spool *spool)
{
	const struct dk_files *files = spool->world->files;
	struct dk_received *received =
		DK_OF(dk_list_shift(&spool->arrived), struct dk_received, link);

	files->lock(spool->lock);
	spool->memory_messages--;
	spool->memory_bytes -= received->bytes;
	files->unlock(spool->lock);
	return received;
}

/* Whether there is something to read; if not, new messages go by memory again. Those that went by
 * memory come first, also while they are still on their way from the other thread. Returns the
 * sequence up to which to read, 0 for nothing. */
static uint64_t
look_at_disk(struct dk_spool *spool)
{
	const struct dk_files *files = spool->world->files;
	uint64_t end = 0;

	files->lock(spool->lock);
	if (spool->is_spilled && spool->memory_messages == 0) {
		if (!spool->is_reading)
			spool->cursor = spool->spill_begin;
		spool->is_spilled = spool->last_taken < spool->last_spilled;
		spool->is_reading = spool->is_spilled;
		end = spool->is_spilled ? spool->last_spilled : 0;
	}
	files->unlock(spool->lock);
	return end;
}

static bool
is_wanted(struct dk_spool *spool, const struct dk_found *found)
{
	const struct dk_files *files = spool->world->files;
	bool is_abandoned;

	if (found->type != DK_RECORD_MESSAGE || found->serial <= spool->last_taken)
		return false;
	if (dk_ranges_has(&spool->recovered_done, found->serial))
		return false;
	files->lock(spool->lock);
	dk_ranges_tidy(&spool->abandoned);
	is_abandoned = dk_ranges_has(&spool->abandoned, found->serial);
	files->unlock(spool->lock);
	return !is_abandoned;
}

static void
note_subscription(void *context, enum dk_tag tag, struct dk_slice value)
{
	if (tag == DK_TAG_SUBSCRIPTION)
		*(struct dk_slice *)context = value;
}

static struct dk_received *
read_message(struct dk_spool *spool, const struct dk_found *found, struct dk_slice *subscription)
{
	size_t headers = dk_record_headers(found->body);
	struct dk_received *received;
	struct dk_message message;

	if (headers > spool->header_room) {
		spool->headers = realloc(spool->headers, headers * sizeof(*spool->headers));
		spool->header_room = headers;
		if (!spool->headers)
			abort();
	}
	if (dk_record_read(found->body, &message, spool->headers, headers, note_subscription,
			   subscription) != 0)
		return NULL;
	received = dk_received_new(&message, NULL);
	if (!received)
		abort();
	received->sequence = found->serial;
	received->is_recovered = found->serial < spool->first_of_run;
	return received;
}

static struct dk_received *
take_from_disk(struct dk_spool *spool, struct dk_slice *subscription)
{
	struct dk_found found;
	uint64_t end;

	while ((end = look_at_disk(spool)) > 0) {
		if (!dk_journal_next(spool->journal, &spool->cursor, &found)) {
			spool->last_taken = end; /* the rest is damaged, and was told */
			continue;
		}
		if (is_wanted(spool, &found)) {
			struct dk_received *received = read_message(spool, &found, subscription);

			if (received)
				return received;
		}
		if (found.serial > spool->last_taken)
			spool->last_taken = found.serial;
	}
	return NULL;
}

struct dk_received *
dk_spool_take(struct dk_spool *spool, struct dk_slice *subscription)
{
	struct dk_received *received;

	if (!dk_list_is_empty(&spool->arrived))
		received = take_from_memory(spool);
	else
		received = take_from_disk(spool, subscription);
	if (!received)
		return NULL;
	if (received->since_ms == 0) /* it was read from disk */
		received->since_ms = spool->world->now_ms(spool->world->context);
	spool->last_taken = received->sequence;
	received->ticket = dk_prefix_enter(&spool->taken, (int64_t)received->sequence,
					   received->since_ms);
	return received;
}

/* --- Settling: the loop --- */

uint64_t
dk_spool_note_of(const struct dk_spool *spool, uint64_t sequence, uint64_t key)
{
	return sequence < spool->first_of_run ?
		       dk_notes_find(&spool->recovered_notes, sequence, key) :
		       0;
}

void
dk_spool_note(struct dk_spool *spool, uint64_t sequence, uint64_t key, uint64_t attempts)
{
	dk_notes_add(&spool->notes, (struct dk_note){ sequence, key, attempts });
}

void
dk_spool_done(struct dk_spool *spool, const struct dk_received *received)
{
	dk_ranges_add(&spool->done, received->sequence, received->sequence);
	dk_prefix_settle(&spool->taken, received->ticket);
	spool->settled++;
}

static int
append(struct dk_spool *spool, enum dk_record_type type, const void *list, size_t size)
{
	struct dk_slice piece = { list, size };
	struct dk_mark mark;

	return dk_journal_append(spool->journal, type, &piece, 1, &mark, NULL);
}

void
dk_spool_flush(struct dk_spool *spool)
{
	uint64_t floor = spool->last_taken + 1;

	if (spool->notes.count > 0 && append(spool, DK_RECORD_NOTES, spool->notes.list,
					     spool->notes.count * sizeof(struct dk_note)) == 0)
		spool->notes.count = 0;
	if (spool->done.count == 0)
		return;
	dk_ranges_tidy(&spool->done);
	if (append(spool, DK_RECORD_DONE, spool->done.list,
		   spool->done.count * sizeof(struct dk_range)) != 0)
		return;
	spool->done.count = 0;
	if (!dk_prefix_is_empty(&spool->taken))
		floor = (uint64_t)dk_prefix_oldest(&spool->taken);
	dk_journal_forget(spool->journal, floor, spool->is_reading ? &spool->cursor : NULL);
}

bool
dk_spool_is_full(struct dk_spool *spool)
{
	return dk_journal_state(spool->journal).bytes >= spool->options.high_mark;
}

bool
dk_spool_has_room(struct dk_spool *spool)
{
	struct dk_journal_state state = dk_journal_state(spool->journal);

	/* The segment in use stays, however little of it is still needed. */
	return state.bytes - state.current_bytes <= spool->options.high_mark / 2;
}

uint64_t
dk_spool_messages(const struct dk_spool *spool)
{
	const struct dk_files *files = spool->world->files;
	uint64_t messages = spool->left - spool->settled;

	files->lock(spool->lock);
	messages += spool->stored;
	files->unlock(spool->lock);
	return messages;
}

int64_t
dk_spool_waiting_since_ms(const struct dk_spool *spool)
{
	return dk_prefix_since_ms(&spool->taken);
}

/* --- When the oldest was stored --- */

#define LOOKED_AT 100000 /* records */

int64_t
dk_spool_oldest_ms(struct dk_spool *spool)
{
	struct dk_cursor cursor = dk_journal_begin(spool->journal);
	struct dk_found found;
	uint64_t sequence;

	if (dk_prefix_is_empty(&spool->taken))
		return -1;
	sequence = (uint64_t)dk_prefix_oldest(&spool->taken);
	for (int i = 0; i < LOOKED_AT && dk_journal_next(spool->journal, &cursor, &found); i++)
		if (found.serial == sequence)
			return dk_record_stored_ms(found.body);
	return -1;
}
