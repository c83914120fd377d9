/* SPDX-License-Identifier: Apache-2.0
 *
 * spool.h - the durable store of a source that cannot wait for the outcome: one journal each.
 *
 * A message is appended by the source's own thread and taken by the loop: from memory while they
 * are few, else read from the journal again; what an earlier run left is read in the same way. Its
 * sequence is its record's serial. When all its deliveries are settled a DONE record says so; of a
 * message with several deliveries NOTES say which are settled, naming the delivery by its key
 * (route name and address template), so that a later run skips those; also how often one has
 * failed that may not fail for ever. All this is appended once for each turn of the loop and never
 * waited for: what is lost of it is a repeat, or one more try.
 */
#ifndef DK_FLOW_SPOOL_H
#define DK_FLOW_SPOOL_H

#include "daemon/flow/journal.h"
#include "daemon/flow/notes.h"
#include "daemon/flow/world.h"
#include "daemon/model/received.h"

struct dk_spool;

struct dk_spool_options {
	const char *name; /* of its source, for words */
	const char *folder;
	bool sync_always;         /* else somebody calls dk_journal_sync_all at an interval */
	uint64_t high_mark;       /* bytes: at this the source is asked to leave */
	size_t segment_size;
	int64_t store_timeout_ms; /* how long a failing disk is tried */
	size_t memory_messages;   /* more than so many, or so many bytes, wait on disk only */
	size_t memory_bytes;
};

struct dk_spool *dk_spool_open(const struct dk_world *world, const struct dk_spool_options *options,
			       struct dk_error *error);
void dk_spool_close(struct dk_spool *spool);

/* The source's thread, one call at a time. Returns when the message is durable; in between the
 * loop may already have settled it. *Takes* the loan. */
void dk_spool_store(struct dk_spool *spool, struct dk_source *source,
		    struct dk_subscription *subscription, const struct dk_message *message,
		    const struct dk_loan *loan);

/* The loop, from here on. What hand_over brought. */
void dk_spool_arrived(struct dk_spool *spool, struct dk_received *received);
/* The next message, or NULL. Without a subscription it was read from disk: `subscription` is then
 * the name of the one that brought it, to be looked at before the next take. */
struct dk_received *dk_spool_take(struct dk_spool *spool, struct dk_slice *subscription);

/* What an earlier run has noted of this delivery: how often it has failed, 0 for nothing, or
 * DK_NOTE_SETTLED. */
uint64_t dk_spool_note_of(const struct dk_spool *spool, uint64_t sequence, uint64_t key);
/* Notes that one of several deliveries is settled, or has failed so often. */
void dk_spool_note(struct dk_spool *spool, uint64_t sequence, uint64_t key, uint64_t attempts);
/* All are. */
void dk_spool_done(struct dk_spool *spool, const struct dk_received *received);
/* At the end of a turn: appends what was settled, forgets segments that nobody needs. */
void dk_spool_flush(struct dk_spool *spool);

bool dk_spool_is_full(struct dk_spool *spool);  /* at the high mark */
bool dk_spool_has_room(struct dk_spool *spool); /* at half of it */
/* Stored, by this run or an earlier one, and not settled. */
uint64_t dk_spool_messages(const struct dk_spool *spool);
/* By world.now_ms, when the oldest that was taken and is not settled came; -1: there is none. */
int64_t dk_spool_waiting_since_ms(const struct dk_spool *spool);
struct dk_journal *dk_spool_journal(struct dk_spool *spool);

/* When the oldest that was taken was stored, since 1970; -1: there is none, or it is behind many that
 * are settled. The loop; it may read some of the journal. */
int64_t dk_spool_oldest_ms(struct dk_spool *spool);

#endif
