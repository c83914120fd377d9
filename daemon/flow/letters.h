/* SPDX-License-Identifier: Apache-2.0
 *
 * letters.h - the store of dead letters: a journal of letters, and of which are gone again.
 *
 * A letter has a number, its own for ever. It goes when it was replayed or dropped; segments in
 * which none is left are removed.
 */
#ifndef DK_FLOW_LETTERS_H
#define DK_FLOW_LETTERS_H

#include "daemon/flow/journal.h"

/* Bytes of each file of a store of that size: some fit in, for only whole ones are removed. */
static inline size_t
dk_letters_segment(int64_t dead_size)
{
	const int64_t largest = 1 << 20, files = 8;

	return (size_t)(dead_size / files < largest ? dead_size / files : largest);
}

struct dk_letters;

struct dk_letter {
	uint64_t number;
	int64_t buried_ms;        /* since 1970 */
	struct dk_slice endpoint; /* the message's source */
	struct dk_slice route;    /* "": no route wanted it any more */
	struct dk_slice target;   /* endpoint:address; "" without a route */
	struct dk_slice reason;
	struct dk_message message;
};

/* Reads what there is; makes the folder if it is missing, and writes nothing else. */
struct dk_letters *dk_letters_open(const struct dk_files *files, const char *folder,
				   size_t segment_size, struct dk_error *error);
void dk_letters_close(struct dk_letters *letters);

/* Fills in the letter's number. It is durable once the journal was synced. -1: the disk does not
 * take it, nothing was written. */
int dk_letters_write(struct dk_letters *letters, struct dk_letter *letter, struct dk_error *error);

/* The next that is not gone, oldest first; it is valid until the next call. */
bool dk_letters_next(struct dk_letters *letters, struct dk_letter *letter);

/* dk_letters_next begins again. */
void dk_letters_rewind(struct dk_letters *letters);
/* The same for whoever looks at all of them, without a place of its own in the store: from the
 * oldest there is. The cursor is good until the next flush. */
struct dk_cursor dk_letters_begin(struct dk_letters *letters);
bool dk_letters_read(struct dk_letters *letters, struct dk_cursor *cursor,
		     struct dk_letter *letter);

/* It is gone; on disk with the next flush. */
void dk_letters_remove(struct dk_letters *letters, uint64_t number);
/* -1: the disk does not take it; what was removed is still there in the next run. */
int dk_letters_flush(struct dk_letters *letters, struct dk_error *error);
/* Removes files in which none is left, as far as they are not being synced: flush does it too. */
void dk_letters_make_room(struct dk_letters *letters);

/* To be synced, and to ask how large it is. */
struct dk_journal *dk_letters_journal(struct dk_letters *letters);

#endif
