/* SPDX-License-Identifier: Apache-2.0
 *
 * journal.c - an append-only log in segment files: appending, syncing, reading on, forgetting.
 */
#include "daemon/flow/journal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/flow/segment.h"

struct dk_journal {
	const struct dk_files *files;
	char *folder;
	struct dk_journal_kind kind;
	struct dk_lock *lock;         /* of all that follows */
	struct dk_list segments;      /* oldest first */
	struct dk_segment *current;   /* that is appended to; NULL: the next append makes one */
	uint64_t next_number;
	uint64_t synced_serial;       /* below it, records need no sync or have had theirs */
	struct dk_journal_state state;
};

#define SEGMENT(list_link) DK_OF(list_link, struct dk_segment, link)

/* --- Opening --- */

struct numbers {
	uint64_t *list;
	size_t count, room;
};

static void
note_number(void *argument, const char *name)
{
	struct numbers *numbers = argument;
	uint64_t number = dk_segment_number(name);

	if (number == 0)
		return;
	if (numbers->count == numbers->room) {
		numbers->room = numbers->room ? 2 * numbers->room : 16;
		numbers->list = realloc(numbers->list, numbers->room * sizeof(uint64_t));
		if (!numbers->list)
			abort();
	}
	numbers->list[numbers->count++] = number;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static void
read_segment(struct dk_journal *journal, struct dk_segment *segment)
{
	struct dk_found found;
	size_t offset = segment->end = sizeof(struct dk_segment_head);
	bool is_first = true;

	while (dk_segment_next(journal->files, segment, &offset, segment->size, &found,
			       &journal->state.damaged_bytes)) {
		if (is_first)
			segment->first_serial = found.serial;
		is_first = false;
		segment->next_serial = found.serial + 1;
		segment->end = offset;
		journal->kind.found(journal->kind.context, &found);
	}
	segment->synced = segment->end;
	if (segment->next_serial > journal->state.next_serial)
		journal->state.next_serial = segment->next_serial;
	journal->state.bytes += segment->size;
}

static int
open_segments(struct dk_journal *journal, const struct numbers *numbers, struct dk_error *error)
{
	for (size_t i = 0; i < numbers->count; i++) {
		struct dk_segment *segment =
			dk_segment_open(journal->files, journal->folder, journal->kind.name,
					numbers->list[i], error);
		if (!segment)
			return -1;
		dk_list_append(&journal->segments, &segment->link);
		journal->next_number = numbers->list[i] + 1;
	}
	DK_EACH(link, &journal->segments)
		read_segment(journal, SEGMENT(link));
	return 0;
}

static int
open_folder(struct dk_journal *journal, struct dk_error *error)
{
	const struct dk_files *files = journal->files;
	struct numbers numbers = { 0 };
	int result;

	if (files->make_folder(files->context, journal->folder, error) != 0)
		return -1;
	result = files->list_folder(files->context, journal->folder, note_number, &numbers, error);
	if (result == 0 && numbers.count > 0) {
		qsort(numbers.list, numbers.count, sizeof(uint64_t), compare_numbers);
		result = open_segments(journal, &numbers, error);
	}
	free(numbers.list);
	return result;
}

struct dk_journal *
dk_journal_open(const struct dk_files *files, const char *folder,
		const struct dk_journal_kind *kind, struct dk_error *error)
{
	struct dk_journal *journal = calloc(1, sizeof(*journal));

	if (!journal) {
		dk_fail(error, "no memory for a journal");
		return NULL;
	}
	journal->files = files;
	journal->folder = strdup(folder);
	journal->kind = *kind;
	journal->lock = files->lock_new(files->context);
	journal->next_number = 1;
	journal->state.next_serial = 1;
	dk_list_init(&journal->segments);
	if (!journal->folder || !journal->lock || open_folder(journal, error) != 0) {
		dk_journal_close(journal);
		return NULL;
	}
	journal->synced_serial = journal->state.next_serial;
	return journal;
}

void
dk_journal_close(struct dk_journal *journal)
{
	if (!journal)
		return;
	while (!dk_list_is_empty(&journal->segments))
		dk_segment_free(journal->files, SEGMENT(journal->segments.next));
	if (journal->lock)
		journal->files->lock_free(journal->lock);
	free(journal->folder);
	free(journal);
}

/* --- Appending --- */

static int
begin_segment(struct dk_journal *journal, size_t room, struct dk_error *error)
{
	struct dk_segment_head head = { .version = DK_SEGMENT_VERSION,
					.number = journal->next_number,
					.first_serial = journal->state.next_serial };
	size_t size = journal->kind.segment_size;
	struct dk_segment *segment;

	if (size < sizeof(head) + room)
		size = sizeof(head) + room;
	memcpy(head.kind, journal->kind.name, sizeof(head.kind));
	/* A number is used once, also when making its segment has failed half-way. */
	journal->next_number++;
	segment = dk_segment_new(journal->files, journal->folder, &head, size, error);
	if (!segment)
		return -1;
	dk_list_append(&journal->segments, &segment->link);
	journal->current = segment;
	journal->state.bytes += segment->size;
	return 0;
}

static bool
has_room(const struct dk_journal *journal, size_t room)
{
	const struct dk_segment *segment = journal->current;

	return segment && !segment->is_poisoned && segment->size - segment->end >= room;
}

static int
append_locked(struct dk_journal *journal, struct dk_record_head head,
	      const struct dk_slice *pieces, size_t count, struct dk_mark *mark,
	      struct dk_error *error)
{
	size_t room = dk_record_room(head.length);

	if (!has_room(journal, room) && begin_segment(journal, room, error) != 0)
		return -1;
	head.serial = journal->state.next_serial++;
	dk_segment_append(journal->files, journal->current, head, pieces, count);
	*mark = (struct dk_mark){ journal->current, journal->current->end, head.serial };
	return 0;
}

int
dk_journal_append(struct dk_journal *journal, enum dk_record_type type,
		  const struct dk_slice *pieces, size_t count, struct dk_mark *mark,
		  struct dk_error *error)
{
	struct dk_record_head head = { .type = (uint8_t)type };
	size_t length = 0;
	int result;

	for (size_t i = 0; i < count; i++)
		length += pieces[i].length;
	if (length > UINT32_MAX - 64)
		return dk_fail(error, "a record of %zu bytes is too large", length);
	head.length = (uint32_t)length;
	journal->files->lock(journal->lock);
	result = append_locked(journal, head, pieces, count, mark, error);
	journal->files->unlock(journal->lock);
	return result;
}

/* --- Syncing --- */

/* Makes the segment durable up to its present end, and its name. The lock is held on the way in and
 * out, and not while the disk works; `busy` keeps the segment from being forgotten meanwhile. */
static int
sync_segment(struct dk_journal *journal, struct dk_segment *segment, struct dk_error *error)
{
	const struct dk_files *files = journal->files;
	size_t target = segment->end;
	bool is_named = segment->is_named;
	int result;

	segment->busy++;
	files->unlock(journal->lock);
	result = files->sync(segment->file, error);
	if (result == 0 && !is_named)
		result = files->sync_folder(files->context, journal->folder, error);
	files->lock(journal->lock);
	segment->busy--;
	if (result != 0)
		segment->is_poisoned = journal->state.is_poisoned = true;
	if (segment->is_poisoned)
		return -1;
	segment->is_named = true;
	if (segment->synced < target)
		segment->synced = target;
	return 0;
}

int
dk_journal_sync(struct dk_journal *journal, const struct dk_mark *mark, struct dk_error *error)
{
	struct dk_segment *segment = mark->segment;
	int result = 0;

	journal->files->lock(journal->lock);
	if (segment->is_poisoned)
		result = dk_fail(error, "an earlier sync of this file has failed");
	else if (segment->synced < mark->end || !segment->is_named)
		result = sync_segment(journal, segment, error);
	journal->files->unlock(journal->lock);
	return result;
}

static struct dk_segment *
oldest_unsynced(const struct dk_journal *journal)
{
	DK_EACH(link, &journal->segments) {
		struct dk_segment *segment = SEGMENT(link);

		if (!segment->is_poisoned && (segment->synced < segment->end || !segment->is_named))
			return segment;
	}
	return NULL;
}

int
dk_journal_sync_all(struct dk_journal *journal, struct dk_error *error)
{
	struct dk_segment *segment;
	int result = 0;
	uint64_t covered;

	journal->files->lock(journal->lock);
	covered = journal->state.next_serial;
	for (uint64_t last = journal->next_number;
	     (segment = oldest_unsynced(journal)) && segment->number < last;) {
		/* Only what was appended before the call: a busy journal has an end too. */
		last = segment == journal->current ? segment->number : last;
		if (sync_segment(journal, segment, error) != 0)
			result = -1;
	}
	if (result == 0)
		journal->synced_serial = covered;
	journal->files->unlock(journal->lock);
	return result;
}

/* --- Reading --- */

struct dk_cursor
dk_journal_begin(struct dk_journal *journal)
{
	struct dk_cursor cursor = { NULL, sizeof(struct dk_segment_head) };

	journal->files->lock(journal->lock);
	if (!dk_list_is_empty(&journal->segments))
		cursor.segment = SEGMENT(journal->segments.next);
	journal->files->unlock(journal->lock);
	return cursor;
}

struct dk_cursor
dk_journal_at(const struct dk_mark *mark, size_t body_length)
{
	return (struct dk_cursor){ mark->segment, mark->end - dk_record_room(body_length) };
}

/* The segment after the cursor's, with the lock held; false when it stands in the last. */
static bool
step(struct dk_journal *journal, struct dk_cursor *cursor)
{
	struct dk_list *next = cursor->segment ? cursor->segment->link.next :
						 journal->segments.next;

	if (next == &journal->segments)
		return false;
	*cursor = (struct dk_cursor){ SEGMENT(next), sizeof(struct dk_segment_head) };
	return true;
}

bool
dk_journal_next(struct dk_journal *journal, struct dk_cursor *cursor, struct dk_found *found)
{
	uint64_t damaged = 0; /* counted when the journal was opened */
	bool is_more;

	do {
		const struct dk_segment *segment = cursor->segment;
		size_t end;

		journal->files->lock(journal->lock);
		end = segment ? segment->end : 0;
		journal->files->unlock(journal->lock);
		if (segment && dk_segment_next(journal->files, segment, &cursor->offset, end,
					       found, &damaged))
			return true;
		journal->files->lock(journal->lock);
		is_more = step(journal, cursor);
		journal->files->unlock(journal->lock);
	} while (is_more);
	return false;
}

/* --- Forgetting --- */

void
dk_journal_forget(struct dk_journal *journal, uint64_t floor, const struct dk_cursor *reader)
{
	const struct dk_files *files = journal->files;
	struct dk_segment *segment;
	char path[4096];

	files->lock(journal->lock);
	while (!dk_list_is_empty(&journal->segments)) {
		segment = SEGMENT(journal->segments.next);
		if (segment == journal->current || (reader && segment == reader->segment) ||
		    segment->busy > 0 || segment->next_serial > floor)
			break;
		dk_segment_path(path, sizeof(path), journal->folder, segment->number);
		if (files->remove(files->context, path, NULL) != 0)
			break;
		journal->state.bytes -= segment->size;
		dk_segment_free(files, segment);
	}
	files->unlock(journal->lock);
}

struct dk_journal_state
dk_journal_state(struct dk_journal *journal)
{
	struct dk_journal_state state;

	journal->files->lock(journal->lock);
	state = journal->state;
	state.unsynced = state.next_serial - journal->synced_serial;
	state.current_bytes = journal->current ? journal->current->size : 0;
	journal->files->unlock(journal->lock);
	return state;
}
