/* SPDX-License-Identifier: Apache-2.0
 *
 * sender.c - hands out records within a window and keeps book of the answers.
 *
 * Ids count from --first; the key is the id modulo --keys, so the sequence within a key ascends
 * with the id. Attempts are in the journal before the record leaves.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"

double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void
sender_open(struct sender *sender, const struct options *options)
{
	*sender = (struct sender){ .options = options, .lock = PTHREAD_MUTEX_INITIALIZER };
	if (!options->address)
		die("--address is missing");
	sender->journal = journal_open(options->log);
	sender->acknowledged = calloc(options->count + 1, 1);
	sender->payload = malloc(options->size + RECORD_MINIMUM);
	if (!sender->acknowledged || !sender->payload)
		die("no memory for %" PRIu64 " records", options->count);
	if (getrandom(&sender->nonce_seed, sizeof sender->nonce_seed, 0) < 0)
		die("no random number: %s", strerror(errno));
	sender->began = seconds_now();
}

/* The same record has the same nonce when it is sent again. */
static uint64_t
nonce_of(const struct sender *sender, uint64_t id)
{
	uint64_t mixed = sender->nonce_seed + id * 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
	return mixed ^ (mixed >> 31);
}

static bool
may_leave(const struct sender *sender)
{
	const struct options *options = sender->options;

	if (sender->next >= options->count || sender->in_flight >= options->window)
		return false;
	return !options->rate ||
	       (double)sender->taken < (seconds_now() - sender->began) * (double)options->rate;
}

static void
fill(const struct sender *sender, uint64_t number, struct record *record)
{
	const struct options *options = sender->options;
	uint64_t id = options->first + number;

	*record = (struct record){ .key = id % options->keys,
				   .sequence = id / options->keys,
				   .id = id,
				   .nonce = nonce_of(sender, id) };
	snprintf(record->run, sizeof record->run, "%s", options->run);
}

bool
sender_take(struct sender *sender, struct record *record, size_t *size)
{
	bool taken = false;

	pthread_mutex_lock(&sender->lock);
	while (sender->next < sender->options->count && sender->acknowledged[sender->next])
		sender->next++;
	if (may_leave(sender)) {
		fill(sender, sender->next++, record);
		sender->in_flight++;
		sender->taken++;
		taken = true;
	}
	pthread_mutex_unlock(&sender->lock);
	if (!taken)
		return false;
	journal_attempt(sender->journal, record);
	*size = record_write(sender->payload, sender->options->size, record);
	return true;
}

static void
answer(struct sender *sender, uint64_t id, bool acknowledged)
{
	uint64_t number = id - sender->options->first;
	struct record record;

	if (number >= sender->options->count)
		die("an answer for %" PRIu64 ", which was never sent", id);
	pthread_mutex_lock(&sender->lock);
	if (!sender->acknowledged[number]) {
		fill(sender, number, &record);
		if (acknowledged)
			journal_acknowledged(sender->journal, &record);
		else
			sender->refused++;
		sender->acknowledged[number] = 1;
		sender->done++;
		sender->in_flight--;
	}
	while (sender->lowest < sender->options->count && sender->acknowledged[sender->lowest])
		sender->lowest++;
	pthread_mutex_unlock(&sender->lock);
}

void
sender_acknowledge(struct sender *sender, uint64_t id)
{
	answer(sender, id, true);
}

void
sender_refuse(struct sender *sender, uint64_t id)
{
	answer(sender, id, false);
}

void
sender_rewind(struct sender *sender)
{
	pthread_mutex_lock(&sender->lock);
	sender->next = sender->lowest;
	sender->in_flight = 0;
	pthread_mutex_unlock(&sender->lock);
}

bool
sender_is_done(struct sender *sender)
{
	bool done;

	pthread_mutex_lock(&sender->lock);
	done = sender->done == sender->options->count;
	pthread_mutex_unlock(&sender->lock);
	return done;
}

int
sender_close(struct sender *sender)
{
	double seconds = seconds_now() - sender->began;

	fprintf(stderr, "audit: %" PRIu64 " sent, %" PRIu64 " refused, in %.2f s\n", sender->done,
		sender->refused, seconds);
	free(sender->acknowledged);
	free(sender->payload);
	close(sender->journal);
	return sender->refused ? 1 : 0;
}

void
sender_address(const struct sender *sender, uint64_t key, char *out, size_t size)
{
	const char *template = sender->options->address;
	const char *mark = strstr(template, "%k");

	if (!mark)
		snprintf(out, size, "%s", template);
	else
		snprintf(out, size, "%.*s%" PRIu64 "%s", (int)(mark - template), template, key,
			 mark + 2);
}
