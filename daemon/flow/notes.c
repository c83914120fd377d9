/* SPDX-License-Identifier: Apache-2.0
 *
 * notes.c - what is known of single deliveries of stored messages.
 */
#include "daemon/flow/notes.h"

#include <stdlib.h>

void
dk_notes_add(struct dk_notes *notes, struct dk_note note)
{
	if (notes->count == notes->room) {
		notes->room = notes->room ? 2 * notes->room : 64;
		notes->list = realloc(notes->list, notes->room * sizeof(note));
		if (!notes->list)
			abort();
	}
	notes->list[notes->count++] = note;
}

void
dk_notes_read(struct dk_notes *notes, struct dk_slice body)
{
	struct dk_note note;

	for (; body.length >= sizeof(note); body = dk_slice_after(body, sizeof(note))) {
		memcpy(&note, body.data, sizeof(note));
		dk_notes_add(notes, note);
	}
}

static int
compare(uint64_t left, uint64_t right)
{
	return left < right ? -1 : left > right;
}

static int
compare_deliveries(const void *a, const void *b)
{
	const struct dk_note *left = a, *right = b;
	int order = compare(left->sequence, right->sequence);

	return order ? order : compare(left->key, right->key);
}

static int
compare_notes(const void *a, const void *b)
{
	const struct dk_note *left = a, *right = b;
	int order = compare_deliveries(a, b);

	return order ? order : compare(left->attempts, right->attempts);
}

void
dk_notes_tidy(struct dk_notes *notes)
{
	size_t kept = 0;

	if (notes->count > 0)
		qsort(notes->list, notes->count, sizeof(*notes->list), compare_notes);
	for (size_t i = 0; i < notes->count; i++) {
		if (kept > 0 && compare_deliveries(&notes->list[kept - 1], &notes->list[i]) == 0)
			kept--;
		notes->list[kept++] = notes->list[i];
	}
	notes->count = kept;
}

uint64_t
dk_notes_find(const struct dk_notes *notes, uint64_t sequence, uint64_t key)
{
	const struct dk_note wanted = { sequence, key, 0 };
	const struct dk_note *found = NULL;

	if (notes->count > 0)
		found = bsearch(&wanted, notes->list, notes->count, sizeof(wanted),
				compare_deliveries);
	return found ? found->attempts : 0;
}

void
dk_notes_clear(struct dk_notes *notes)
{
	free(notes->list);
	*notes = (struct dk_notes){ NULL, 0, 0 };
}
