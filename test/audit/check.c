/* SPDX-License-Identifier: Apache-2.0
 *
 * check.c - reads the journals, prints the account as one line of JSON, and gives a verdict.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"

struct journal_kind {
	const char *option;
	void (*read)(struct history *history, FILE *journal);
};

/* In the order in which they must be read: arrivals are compared with what was sent. */
static const struct journal_kind kinds[] = {
	{ "--sent", history_sent },
	{ "--seen", history_seen },
	{ "--dead", history_dead },
	{ "--forgive", history_forgive },
};

static void
read_file(struct history *history, const struct journal_kind *kind, const char *path)
{
	FILE *journal = fopen(path, "r");

	if (!journal)
		die("%s: %s", path, strerror(errno));
	kind->read(history, journal);
	fclose(journal);
}

/* Each option takes all words up to the next option. */
static void
read_kind(struct history *history, const struct journal_kind *kind, int count, char **words)
{
	bool ours = false;

	for (int i = 0; i < count; i++) {
		if (strncmp(words[i], "--", 2) == 0)
			ours = strcmp(words[i], kind->option) == 0;
		else if (ours)
			read_file(history, kind, words[i]);
	}
}

static const char *
value_of(const char *option, int count, char **words)
{
	for (int i = 0; i + 1 < count; i++)
		if (strcmp(words[i], option) == 0)
			return words[i + 1];
	return NULL;
}

static uint64_t
repeats_allowed(int count, char **words)
{
	const char *value = value_of("--max-repeats", count, words);

	return value ? strtoull(value, NULL, 10) : UINT64_MAX;
}

/* For another check to forgive. */
static void
write_lost(const struct history *history, const char *path)
{
	FILE *lost = path ? fopen(path, "w") : NULL;

	if (path && !lost)
		die("%s: %s", path, strerror(errno));
	if (!lost)
		return;
	history_write_lost(history, lost);
	if (fclose(lost) != 0)
		die("%s: %s", path, strerror(errno));
}

static void
print(const struct account *account, bool passed)
{
	const struct {
		const char *name;
		uint64_t count;
	} fields[] = {
		{ "sent", account->sent },
		{ "acknowledged", account->acknowledged },
		{ "seen", account->seen },
		{ "dead", account->dead },
		{ "lost", account->lost },
		{ "forgiven", account->forgiven },
		{ "invented", account->invented },
		{ "changed", account->changed },
		{ "twice", account->twice },
		{ "reordered", account->reordered },
		{ "split", account->split },
		{ "unacknowledged_but_seen", account->recovered },
	};

	putchar('{');
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		printf("\"%s\":%" PRIu64 ",", fields[i].name, fields[i].count);
	printf("\"passed\":%s}\n", passed ? "true" : "false");
}

static void
refuse_unknown(int count, char **words)
{
	for (int i = 0; i < count; i++) {
		bool known = strncmp(words[i], "--", 2) != 0 ||
			     strcmp(words[i], "--max-repeats") == 0 ||
			     strcmp(words[i], "--lost") == 0;

		for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
			known = known || strcmp(words[i], kinds[k].option) == 0;
		if (!known)
			die("no option %s; see audit help", words[i]);
	}
}

int
check_command(int count, char **words)
{
	struct history *history = history_new();
	struct account account;
	bool passed;

	refuse_unknown(count, words);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		read_kind(history, &kinds[i], count, words);
	account = history_account(history);
	write_lost(history, value_of("--lost", count, words));
	history_free(history);
	/* An account of nothing proves nothing. */
	passed = account.acknowledged > 0 &&
		 account.lost + account.invented + account.changed + account.reordered +
				 account.split ==
			 0 &&
		 account.twice <= repeats_allowed(count, words);
	print(&account, passed);
	return passed ? 0 : 1;
}
