/* SPDX-License-Identifier: Apache-2.0
 *
 * journal.h - an append-only log of checksummed, versioned records in segment files: the only
 * storage code there is. The spool and the store of dead letters are two of them.
 *
 * A folder holds segments, NNNNNNNNNNNN.log, each of a size fixed at its making. A segment begins
 * with a head (what it is, version, its number, its first serial), then
 * come records, each at a multiple of 8 bytes: marker, type, version, length, CRC-32C, salt,
 * serial, body. The salt is the segment's, and random: what somebody sends to be stored cannot pass
 * for a record. Every record has a serial, one more than the one before. A length is never trusted
 * without its checksum: after damage the next record is found by its marker, and only what is damaged is
 * set aside. A segment of an earlier run is never written again.
 *
 * A segment of a version that is not known, or of another kind, makes opening fail, untouched.
 *
 * Appending takes a short lock and does not sync. Syncing happens outside the lock; one sync covers
 * all that was appended before it. A file whose sync has failed is never synced again: its records
 * count as not durable, and the next append begins a new segment.
 */
#ifndef DK_FLOW_JOURNAL_H
#define DK_FLOW_JOURNAL_H

#include "daemon/base/list.h"
#include "daemon/flow/files.h"

struct dk_journal;
struct dk_segment;

/* Numbers are for ever. */
enum dk_record_type {
	DK_RECORD_MESSAGE = 1, /* fields: see record.h; the serial is the message's sequence */
	DK_RECORD_DONE = 2,    /* struct dk_range: these messages are settled, these letters gone */
	DK_RECORD_DEAD = 4,    /* fields: a dead letter */
	DK_RECORD_NOTES = 5,   /* struct dk_note: what is known of single deliveries */
};

/* One record as it was found. The body is valid until the segment is forgotten. */
struct dk_found {
	enum dk_record_type type;
	uint64_t serial;
	struct dk_slice body;
};

/* Where a record ends: what a sync must cover. */
struct dk_mark {
	struct dk_segment *segment;
	size_t end;
	uint64_t serial;
};

/* A place to read on from; begins as dk_journal_begin returns it. */
struct dk_cursor {
	struct dk_segment *segment;
	size_t offset;
};

struct dk_journal_state {
	uint64_t bytes;         /* on disk: the segments' sizes */
	uint64_t current_bytes; /* of these, the segment that is appended to */
	uint64_t damaged_bytes; /* found at opening, set aside */
	uint64_t next_serial;
	uint64_t unsynced;      /* records that no sync has covered yet */
	bool is_poisoned;       /* a sync has failed in this run */
};

/* What a journal is. */
struct dk_journal_kind {
	const char *name; /* 8 characters, the first of each segment */
	size_t segment_size;
	/* Called at opening for every sound record of earlier runs, oldest first. */
	void (*found)(void *context, const struct dk_found *found);
	void *context;
};

/* Opens the folder, or makes it, and reads all that earlier runs left. Nothing is written. */
struct dk_journal *dk_journal_open(const struct dk_files *files, const char *folder,
				   const struct dk_journal_kind *kind, struct dk_error *error);
void dk_journal_close(struct dk_journal *journal);

/* Any thread. 0 and the mark; -1 when no segment can be made (disk full): nothing was appended. */
int dk_journal_append(struct dk_journal *journal, enum dk_record_type type,
		      const struct dk_slice *pieces, size_t count, struct dk_mark *mark,
		      struct dk_error *error);
/* Any thread. Returns 0 when the record is durable, -1 when it never will be by this file. */
int dk_journal_sync(struct dk_journal *journal, const struct dk_mark *mark,
		    struct dk_error *error);
/* Any thread. All that was appended before. */
int dk_journal_sync_all(struct dk_journal *journal, struct dk_error *error);

/* From the oldest record there is. One without segment stands at the end of an empty journal. */
struct dk_cursor dk_journal_begin(struct dk_journal *journal);
/* The cursor whose next record is the one of this mark. */
struct dk_cursor dk_journal_at(const struct dk_mark *mark, size_t body_length);
/* The next sound record; false when there is none (yet). */
bool dk_journal_next(struct dk_journal *journal, struct dk_cursor *cursor,
		     struct dk_found *found);

/* Removes the oldest segments all of whose serials are below `floor`; never the one in use, nor
 * the one that `reader`, which may be NULL, stands in. */
void dk_journal_forget(struct dk_journal *journal, uint64_t floor,
		       const struct dk_cursor *reader);

struct dk_journal_state dk_journal_state(struct dk_journal *journal);

#endif
