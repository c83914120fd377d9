/* SPDX-License-Identifier: Apache-2.0
 *
 * letters.c - the store of dead letters.
 */
#include "daemon/flow/letters.h"

#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/base/slice.h"
#include "daemon/flow/ranges.h"
#include "daemon/flow/record.h"

struct dk_letters {
	struct dk_journal *journal;
	struct dk_ranges gone, unwritten;
	struct dk_cursor reading;
	struct dk_cursor floor;    /* behind the oldest that is not gone */
	uint64_t oldest;           /* its number; all below are gone */
	struct dk_header *headers; /* room to read a letter's into */
	size_t header_room;
};

static void
recover_gone(void *context, const struct dk_found *found)
{
	struct dk_letters *letters = context;
	struct dk_slice body = found->body;
	struct dk_range range;

	if (found->type != DK_RECORD_DONE)
		return;
	for (; body.length >= sizeof(range); body = dk_slice_after(body, sizeof(range))) {
		memcpy(&range, body.data, sizeof(range));
		dk_ranges_add(&letters->gone, range.first, range.last);
	}
}

struct dk_letters *
dk_letters_open(const struct dk_files *files, const char *folder, size_t segment_size,
		struct dk_error *error)
{
	struct dk_letters *letters = calloc(1, sizeof(*letters));
	struct dk_journal_kind kind = { "DKDEAD\n\n", segment_size, recover_gone, letters };

	if (!letters) {
		dk_fail(error, "no memory for dead letters");
		return NULL;
	}
	letters->journal = dk_journal_open(files, folder, &kind, error);
	if (!letters->journal) {
		dk_letters_close(letters);
		return NULL;
	}
	dk_ranges_tidy(&letters->gone);
	letters->reading = letters->floor = dk_journal_begin(letters->journal);
	return letters;
}

void
dk_letters_close(struct dk_letters *letters)
{
	if (!letters)
		return;
	dk_journal_close(letters->journal);
	dk_ranges_clear(&letters->gone);
	dk_ranges_clear(&letters->unwritten);
	free(letters->headers);
	free(letters);
}

int
dk_letters_write(struct dk_letters *letters, struct dk_letter *letter, struct dk_error *error)
{
	struct dk_extra extras[] = {
		{ DK_TAG_ENDPOINT, letter->endpoint },
		{ DK_TAG_REASON, letter->reason },
		{ DK_TAG_ROUTE, letter->route },
		{ DK_TAG_TARGET, letter->target },
	};
	struct dk_pieces pieces;
	struct dk_mark mark;
	int result;

	if (dk_pieces_of(&pieces, &letter->message, extras, sizeof(extras) / sizeof(extras[0]),
			 letter->buried_ms) != 0)
		return dk_fail(error, "no memory for a dead letter");
	result = dk_journal_append(letters->journal, DK_RECORD_DEAD, pieces.list, pieces.count,
				   &mark, error);
	dk_pieces_free(&pieces);
	if (result == 0)
		letter->number = mark.serial;
	return result;
}

/* --- Reading --- */

static void
note_field(void *context, enum dk_tag tag, struct dk_slice value)
{
	struct dk_letter *letter = context;

	switch (tag) {
	case DK_TAG_ENDPOINT:
		letter->endpoint = value;
		break;
	case DK_TAG_ROUTE:
		letter->route = value;
		break;
	case DK_TAG_TARGET:
		letter->target = value;
		break;
	case DK_TAG_REASON:
		letter->reason = value;
		break;
	default:
		break;
	}
}

static int
read_letter(struct dk_letters *letters, const struct dk_found *found, struct dk_letter *letter)
{
	size_t headers = dk_record_headers(found->body);

	if (headers > letters->header_room) {
		letters->headers = realloc(letters->headers, headers * sizeof(*letters->headers));
		letters->header_room = headers;
		if (!letters->headers)
			abort();
	}
	*letter = (struct dk_letter){ .number = found->serial,
				      .buried_ms = dk_record_stored_ms(found->body) };
	return dk_record_read(found->body, &letter->message, letters->headers, headers, note_field,
			      letter);
}

static bool
is_there(const struct dk_letters *letters, const struct dk_found *found)
{
	return found->type == DK_RECORD_DEAD && !dk_ranges_has(&letters->gone, found->serial);
}

bool
dk_letters_read(struct dk_letters *letters, struct dk_cursor *cursor, struct dk_letter *letter)
{
	struct dk_found found;

	while (dk_journal_next(letters->journal, cursor, &found))
		if (is_there(letters, &found) && read_letter(letters, &found, letter) == 0)
			return true;
	return false;
}

bool
dk_letters_next(struct dk_letters *letters, struct dk_letter *letter)
{
	return dk_letters_read(letters, &letters->reading, letter);
}

void
dk_letters_rewind(struct dk_letters *letters)
{
	letters->reading = dk_journal_begin(letters->journal);
}

struct dk_cursor
dk_letters_begin(struct dk_letters *letters)
{
	return dk_journal_begin(letters->journal);
}

/* --- Removing --- */

void
dk_letters_remove(struct dk_letters *letters, uint64_t number)
{
	dk_ranges_add(&letters->unwritten, number, number);
}

static void
forget_written(struct dk_letters *letters)
{
	for (size_t i = 0; i < letters->unwritten.count; i++)
		dk_ranges_add(&letters->gone, letters->unwritten.list[i].first,
			      letters->unwritten.list[i].last);
	dk_ranges_tidy(&letters->gone);
	letters->unwritten.count = 0;
}

/* Steps over those that are gone. */
static void
raise_floor(struct dk_letters *letters)
{
	struct dk_found found;

	while (letters->oldest == 0 || dk_ranges_has(&letters->gone, letters->oldest)) {
		do {
			if (!dk_journal_next(letters->journal, &letters->floor, &found)) {
				letters->oldest = 0;
				return;
			}
		} while (!is_there(letters, &found));
		letters->oldest = found.serial;
	}
}

/* Over what is gone the reading may step already, so that it does not keep a segment that nobody
 * needs. */
static void
raise_reading(struct dk_letters *letters)
{
	struct dk_cursor ahead = letters->reading;
	struct dk_found found;

	while (dk_journal_next(letters->journal, &ahead, &found) && !is_there(letters, &found))
		letters->reading = ahead;
}

int
dk_letters_flush(struct dk_letters *letters, struct dk_error *error)
{
	struct dk_slice piece;
	struct dk_mark mark;

	if (letters->unwritten.count == 0)
		return 0;
	dk_ranges_tidy(&letters->unwritten);
	piece = dk_slice_new((const char *)letters->unwritten.list,
			     letters->unwritten.count * sizeof(struct dk_range));
	if (dk_journal_append(letters->journal, DK_RECORD_DONE, &piece, 1, &mark, error) != 0)
		return -1;
	forget_written(letters);
	dk_letters_make_room(letters);
	return 0;
}

void
dk_letters_make_room(struct dk_letters *letters)
{
	raise_floor(letters);
	raise_reading(letters);
	dk_journal_forget(letters->journal,
			  letters->oldest ? letters->oldest :
					    dk_journal_state(letters->journal).next_serial,
			  &letters->reading);
}

struct dk_journal *
dk_letters_journal(struct dk_letters *letters)
{
	return letters->journal;
}
