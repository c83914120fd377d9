/* SPDX-License-Identifier: Apache-2.0
 *
 * drain.c - notes every arrival, and knows when no more is to be expected.
 *
 * It is over when --until distinct ids have come and then nothing for --quiet, which catches late
 * repeats; or when nothing at all has come for --patience. Without --until, --quiet alone ends it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

#define IDS_AT_MOST 100000000u

void
drain_open(struct drain *drain, const struct options *options)
{
	*drain = (struct drain){ .options = options, .lock = PTHREAD_MUTEX_INITIALIZER };
	if (!options->address)
		die("--address is missing");
	drain->journal = journal_open(options->log);
	drain->last = seconds_now();
}

static void
grow(struct drain *drain, uint64_t id)
{
	uint64_t size = id + id / 2 + 4096;
	uint8_t *known = realloc(drain->known, size);

	if (!known)
		die("no memory for %" PRIu64 " ids", size);
	memset(known + drain->known_size, 0, size - drain->known_size);
	drain->known = known;
	drain->known_size = size;
}

static void
count(struct drain *drain, uint64_t id)
{
	if (id >= IDS_AT_MOST)
		return;
	if (id >= drain->known_size)
		grow(drain, id);
	drain->distinct += !drain->known[id];
	drain->known[id] = 1;
}

void
drain_arrival(struct drain *drain, const void *data, size_t size, const char *place)
{
	struct record record;
	bool intact = record_read(data, size, &record);

	pthread_mutex_lock(&drain->lock);
	journal_seen(drain->journal, &record, intact, place);
	if (intact)
		count(drain, record.id);
	drain->arrivals++;
	drain->last = seconds_now();
	pthread_mutex_unlock(&drain->lock);
}

bool
drain_is_over(struct drain *drain)
{
	double silent_ms;
	bool enough;

	pthread_mutex_lock(&drain->lock);
	silent_ms = (seconds_now() - drain->last) * 1000;
	enough = drain->distinct >= drain->options->until;
	pthread_mutex_unlock(&drain->lock);
	return silent_ms >=
	       (double)(enough ? drain->options->quiet_ms : drain->options->patience_ms);
}

int
drain_close(struct drain *drain)
{
	bool enough = drain->distinct >= drain->options->until;

	fprintf(stderr, "audit: %" PRIu64 " arrived, %" PRIu64 " distinct\n", drain->arrivals,
		drain->distinct);
	free(drain->known);
	close(drain->journal);
	return enough ? 0 : 1;
}
