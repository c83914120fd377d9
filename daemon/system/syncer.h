/* SPDX-License-Identifier: Apache-2.0
 *
 * syncer.h - a thread that syncs journals, so that the loop never does: on request, or each at its
 * interval.
 */
#ifndef DK_SYSTEM_SYNCER_H
#define DK_SYSTEM_SYNCER_H

#include "daemon/flow/journal.h"

struct dk_syncer;

/* `synced` is called on the syncer's thread, for requests and intervals alike: all records below
 * `serial` are durable, or error says why not. */
struct dk_syncer *dk_syncer_new(void (*synced)(void *context, struct dk_journal *journal,
					       uint64_t serial, const char *error),
				void *context);
/* Ends the thread, after a last sync of all. */
void dk_syncer_free(struct dk_syncer *syncer);

/* The journal is synced from now on: every so often while there is something to sync, and, with an
 * interval of 0, on request only. */
void dk_syncer_add(struct dk_syncer *syncer, struct dk_journal *journal, int64_t interval_ms);
/* It is synced no more, and may be closed: waits while the disk works. */
void dk_syncer_remove(struct dk_syncer *syncer, struct dk_journal *journal);
/* Any thread. */
void dk_syncer_request(struct dk_syncer *syncer, struct dk_journal *journal);

#endif
