/* SPDX-License-Identifier: Apache-2.0
 *
 * notes.h - what is known of single deliveries of stored messages, while others of the same message
 * are still owed: that one is settled, or how often it has failed.
 */
#ifndef DK_FLOW_NOTES_H
#define DK_FLOW_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/slice.h"

#define DK_NOTE_SETTLED UINT64_MAX

/* Written to disk as it is. */
struct dk_note {
	uint64_t sequence; /* of the message */
	uint64_t key;      /* of the delivery: route name and address template */
	uint64_t attempts; /* how often it has failed by itself, or DK_NOTE_SETTLED */
};

struct dk_notes {
	struct dk_note *list;
	size_t count, room;
};

void dk_notes_add(struct dk_notes *notes, struct dk_note note);
/* Those that were written one after the other. */
void dk_notes_read(struct dk_notes *notes, struct dk_slice body);
/* Sorts them; of several of one delivery the one that says most stays. */
void dk_notes_tidy(struct dk_notes *notes);
/* Of tidy ones: the attempts; 0 when there is no note. */
uint64_t dk_notes_find(const struct dk_notes *notes, uint64_t sequence, uint64_t key);
void dk_notes_clear(struct dk_notes *notes);

#endif
