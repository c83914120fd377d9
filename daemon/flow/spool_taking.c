/* SPDX-License-Identifier: Apache-2.0
 *
 * spool_taking.c - the loop's side of a spool: messages are taken, and settled.
 */
#include <assert.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/flow/record.h"
#include "daemon/flow/spool_inside.h"

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
