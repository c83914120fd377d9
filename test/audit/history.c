/* SPDX-License-Identifier: Apache-2.0
 *
 * history.c - compares what was sent with what was seen.
 *
 * lost: acknowledged to the sender and neither seen nor dead. invented: seen, never attempted.
 * changed: not what was sent. twice: arrivals after the first. reordered: a first arrival after
 * a later one of its key. split: both seen and dead. recovered: seen, though never acknowledged.
 * forgiven: it would be lost, but a control run past the daemon has lost the same one.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"

/* A record by its run and id, or a key by its run and number. */
struct entry {
	char run[RUN_SIZE];
	uint64_t number;
	struct record sent;
	uint64_t seen;
	bool used, acknowledged, dead, changed, forgiven;
	uint64_t highest;
	bool any;
};

struct table {
	struct entry *entries;
	size_t size, count;
};

struct history {
	struct table records, keys;
	uint64_t invented, changed, reordered;
};

static size_t
place_of(const struct table *table, const char *run, uint64_t number)
{
	uint64_t hash = number * 0x9e3779b97f4a7c15u;
	size_t place;

	for (const char *c = run; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
	place = (size_t)(hash ^ (hash >> 29)) & (table->size - 1);
	while (table->entries[place].used && (table->entries[place].number != number ||
					      strcmp(table->entries[place].run, run) != 0))
		place = (place + 1) & (table->size - 1);
	return place;
}

static void
table_grow(struct table *table)
{
	struct table grown = { .size = table->size ? table->size * 2 : 1024,
			       .count = table->count };

	grown.entries = calloc(grown.size, sizeof *grown.entries);
	if (!grown.entries)
		die("no memory for %zu entries", grown.size);
	for (size_t i = 0; i < table->size; i++) {
		const struct entry *entry = &table->entries[i];

		if (entry->used)
			grown.entries[place_of(&grown, entry->run, entry->number)] = *entry;
	}
	free(table->entries);
	*table = grown;
}

static struct entry *
table_find(const struct table *table, const char *run, uint64_t number)
{
	struct entry *entry;

	if (table->size == 0)
		return NULL;
	entry = &table->entries[place_of(table, run, number)];
	return entry->used ? entry : NULL;
}

static struct entry *
table_put(struct table *table, const char *run, uint64_t number)
{
	struct entry *entry;

	if (table->count * 2 >= table->size)
		table_grow(table);
	entry = &table->entries[place_of(table, run, number)];
	if (!entry->used) {
		*entry = (struct entry){ .used = true, .number = number };
		snprintf(entry->run, sizeof entry->run, "%s", run);
		table->count++;
	}
	return entry;
}

struct history *
history_new(void)
{
	struct history *history = calloc(1, sizeof *history);

	if (!history)
		die("no memory");
	return history;
}

void
history_free(struct history *history)
{
	free(history->records.entries);
	free(history->keys.entries);
	free(history);
}

/* A line without its end was torn by a crash: what it would say is not known to have happened. */
static bool
read_line(FILE *journal, char *line, size_t size)
{
	return fgets(line, (int)size, journal) && strchr(line, '\n');
}

static bool
read_record(const char *line, const char *word, struct record *record, char state[16])
{
	char found[16];

	return sscanf(line, "%15s %23s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNx64 " %15s", found,
		      record->run, &record->id, &record->key, &record->sequence, &record->nonce,
		      state) >= 6 &&
	       strcmp(found, word) == 0;
}

void
history_sent(struct history *history, FILE *journal)
{
	char line[512], state[16];

	while (read_line(journal, line, sizeof line)) {
		struct record record;

		if (read_record(line, "attempt", &record, state))
			table_put(&history->records, record.run, record.id)->sent = record;
		else if (sscanf(line, "acknowledged %23s %" SCNu64, record.run, &record.id) == 2)
			table_put(&history->records, record.run, record.id)->acknowledged = true;
		else
			die("not a sender's line: %s", line);
	}
}

static bool
is_same(const struct record *a, const struct record *b)
{
	return a->key == b->key && a->sequence == b->sequence && a->nonce == b->nonce;
}

static void
first_arrival(struct history *history, const struct record *record)
{
	struct entry *key = table_put(&history->keys, record->run, record->key);

	if (key->any && record->sequence < key->highest)
		history->reordered++;
	else
		key->highest = record->sequence;
	key->any = true;
}

static void
arrival(struct history *history, const struct record *record, bool intact)
{
	struct entry *entry = table_find(&history->records, record->run, record->id);

	if (!intact || (entry && !is_same(&entry->sent, record))) {
		history->changed++;
		if (entry)
			entry->changed = true;
	} else if (!entry) {
		history->invented++;
	} else if (entry->seen++ == 0) {
		first_arrival(history, record);
	}
}

void
history_seen(struct history *history, FILE *journal)
{
	char line[512], state[16];

	while (read_line(journal, line, sizeof line)) {
		struct record record;

		if (!read_record(line, "seen", &record, state))
			die("not a drain's line: %s", line);
		arrival(history, &record, strcmp(state, "intact") == 0);
	}
}

void
history_dead(struct history *history, FILE *journal)
{
	char line[512], state[16];

	while (read_line(journal, line, sizeof line)) {
		struct record record;
		struct entry *entry;

		if (!read_record(line, "seen", &record, state))
			die("not a drain's line: %s", line);
		entry = table_find(&history->records, record.run, record.id);
		if (entry)
			entry->dead = true;
		else
			history->invented++;
	}
}

void
history_forgive(struct history *history, FILE *lost)
{
	char line[512];

	while (read_line(lost, line, sizeof line)) {
		struct record record;
		struct entry *entry;

		if (sscanf(line, "lost %23s %" SCNu64, record.run, &record.id) != 2)
			die("not a line of lost records: %s", line);
		entry = table_find(&history->records, record.run, record.id);
		if (entry)
			entry->forgiven = true;
	}
}

static bool
is_missing(const struct entry *entry)
{
	return entry->acknowledged && entry->seen == 0 && !entry->dead && !entry->changed;
}

void
history_write_lost(const struct history *history, FILE *lost)
{
	for (size_t i = 0; i < history->records.size; i++) {
		const struct entry *entry = &history->records.entries[i];

		if (entry->used && is_missing(entry))
			fprintf(lost, "lost %s %" PRIu64 "\n", entry->run, entry->number);
	}
}

struct account
history_account(const struct history *history)
{
	struct account account = { .sent = history->records.count,
				   .invented = history->invented,
				   .changed = history->changed,
				   .reordered = history->reordered };

	for (size_t i = 0; i < history->records.size; i++) {
		const struct entry *entry = &history->records.entries[i];
		bool seen = entry->seen > 0;

		if (!entry->used)
			continue;
		account.acknowledged += entry->acknowledged;
		account.seen += seen;
		account.dead += entry->dead;
		account.lost += is_missing(entry) && !entry->forgiven;
		account.forgiven += is_missing(entry) && entry->forgiven;
		account.twice += seen ? entry->seen - 1 : 0;
		account.split += seen && entry->dead;
		account.recovered += seen && !entry->acknowledged;
	}
	return account;
}
