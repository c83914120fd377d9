/* SPDX-License-Identifier: Apache-2.0
 *
 * spool_inside.h - a spool's own struct, shared by spool.c and spool_taking.c and by nobody else.
 */
#ifndef DK_FLOW_SPOOL_INSIDE_H
#define DK_FLOW_SPOOL_INSIDE_H

#include "daemon/flow/notes.h"
#include "daemon/flow/ranges.h"
#include "daemon/flow/spool.h"
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

#endif
