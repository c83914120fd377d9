/* SPDX-License-Identifier: Apache-2.0
 *
 * world.h - all that the flow needs from outside: time, chance, disk, other threads, words.
 *
 * The daemon fills this in with the system (host/), the simulation with a world of its own. On the
 * loop's thread, but for those marked "any thread".
 */
#ifndef DK_FLOW_WORLD_H
#define DK_FLOW_WORLD_H

#include <stdatomic.h>

#include "daemon/flow/files.h"

struct dk_journal;
struct dk_received;
struct dk_source;

struct dk_world {
	int64_t (*now_ms)(void *context);  /* monotonic; any thread */
	int64_t (*wall_ms)(void *context); /* since 1970; any thread */
	uint64_t (*random)(void *context);
	/* dk_flow_turn() is wanted again: at once with 0, or when so much time has passed. */
	void (*turn_after)(void *context, int64_t after_ms);

	/* Any thread: hands a stored message to the loop, which calls dk_flow_stored(). In order. */
	void (*hand_over)(void *context, struct dk_source *source, struct dk_received *received);
	/* Any thread: lets a storing thread wait. */
	void (*sleep)(void *context, int64_t ms);
	/* Any thread: the process ends at once, without acknowledging anything. */
	void (*give_up)(void *context, const char *reason) __attribute__((noreturn));
	/* Syncs all of the journal on another thread; the loop then calls dk_flow_synced(). */
	void (*sync_later)(void *context, struct dk_journal *journal);

	/* Any thread. `who` is an endpoint's or route's name. */
	void (*log)(void *context, enum dk_level level, const char *who, const char *event,
		    const struct dk_field *fields);
	/* What is above it, of enum dk_level, is not logged: so that nothing is made ready for that. */
	const atomic_int *log_level;
	/* A trouble that lasts is said at growing intervals; reason NULL: it is over. */
	void (*trouble)(void *context, const char *who, const char *event, const char *reason);

	const struct dk_files *files;
	void *context;
};

#endif
