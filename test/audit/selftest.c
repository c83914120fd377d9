/* SPDX-License-Identifier: Apache-2.0
 *
 * selftest.c - planted histories and planted changes, each of which audit must call by its name.
 */
#include <stdlib.h>
#include <string.h>

#include "audit.h"

struct planted {
	const char *name, *sent, *seen, *dead;
	struct account expected;
};

#define A1 "attempt r 1 7 1 aa\n"
#define A2 "attempt r 2 7 2 bb\n"
#define A3 "attempt r 3 7 3 cc\n"
#define K(id) "acknowledged r " #id "\n"
#define S1 "seen r 1 7 1 aa intact -\n"
#define S2 "seen r 2 7 2 bb intact -\n"
#define S3 "seen r 3 7 3 cc intact -\n"
#define SENT A1 K(1) A2 K(2) A3 K(3)

static const struct planted histories[] = {
	{ "all arrives", SENT, S1 S2 S3, "", { .sent = 3, .acknowledged = 3, .seen = 3 } },
	{ "one is lost", SENT, S1 S3, "", { .sent = 3, .acknowledged = 3, .seen = 2, .lost = 1 } },
	{ "one without an answer is absent",
	  A1 K(1) A2,
	  S1,
	  "",
	  { .sent = 2, .acknowledged = 1, .seen = 1 } },
	{ "one without an answer is seen",
	  A1 K(1) A2,
	  S1 S2,
	  "",
	  { .sent = 2, .acknowledged = 1, .seen = 2, .recovered = 1 } },
	{ "one is invented",
	  A1 K(1),
	  S1 S2,
	  "",
	  { .sent = 1, .acknowledged = 1, .seen = 1, .invented = 1 } },
	{ "one is another run's",
	  A1 K(1),
	  S1 "seen q 1 7 1 aa intact -\n",
	  "",
	  { .sent = 1, .acknowledged = 1, .seen = 1, .invented = 1 } },
	{ "one is changed",
	  SENT,
	  S1 "seen r 2 7 2 bb changed -\n" S3,
	  "",
	  { .sent = 3, .acknowledged = 3, .seen = 2, .changed = 1 } },
	{ "one is whole but not what was sent",
	  SENT,
	  S1 "seen r 2 7 2 ee intact -\n" S3,
	  "",
	  { .sent = 3, .acknowledged = 3, .seen = 2, .changed = 1 } },
	{ "one has changed its key",
	  SENT,
	  S1 "seen r 2 8 2 bb intact -\n" S3,
	  "",
	  { .sent = 3, .acknowledged = 3, .seen = 2, .changed = 1 } },
	{ "one can't be read at all",
	  SENT,
	  S1 "seen ? 0 0 0 0 changed -\n" S3,
	  "",
	  { .sent = 3, .acknowledged = 3, .seen = 2, .changed = 1, .lost = 1 } },
	{ "one comes twice",
	  SENT,
	  S1 S2 S2 S3,
	  "",
	  { .sent = 3, .acknowledged = 3, .seen = 3, .twice = 1 } },
	{ "a late repeat is no disorder",
	  SENT,
	  S1 S2 S3 S1 S2,
	  "",
	  { .sent = 3, .acknowledged = 3, .seen = 3, .twice = 2 } },
	{ "two are out of order",
	  SENT,
	  S2 S1 S3,
	  "",
	  { .sent = 3, .acknowledged = 3, .seen = 3, .reordered = 1 } },
	{ "the first comes last",
	  SENT,
	  S2 S3 S1,
	  "",
	  { .sent = 3, .acknowledged = 3, .seen = 3, .reordered = 1 } },
	{ "keys have no order between them",
	  A1 K(1) "attempt r 2 8 2 bb\n" K(2),
	  "seen r 2 8 2 bb intact -\n" S1,
	  "",
	  { .sent = 2, .acknowledged = 2, .seen = 2 } },
	{ "one is dead", SENT, S1 S3, S2, { .sent = 3, .acknowledged = 3, .seen = 2, .dead = 1 } },
	{ "one is both seen and dead",
	  SENT,
	  S1 S2 S3,
	  S2,
	  { .sent = 3, .acknowledged = 3, .seen = 3, .dead = 1, .split = 1 } },
	{ "a torn last line of the sender counts for nothing",
	  A1 K(1) "attempt r 2 7 ",
	  S1,
	  "",
	  { .sent = 1, .acknowledged = 1, .seen = 1 } },
	{ "a torn last line of the drain counts for nothing",
	  A1 K(1),
	  "seen r 1 7 1 aa",
	  "",
	  { .sent = 1, .acknowledged = 1, .lost = 1 } },
	{ "an attempt made twice is one record",
	  A1 A1 K(1),
	  S1,
	  "",
	  { .sent = 1, .acknowledged = 1, .seen = 1 } },
};

typedef void reader(struct history *history, FILE *journal);

/* fmemopen refuses an empty string: there is nothing to read then. */
static void
feed(struct history *history, reader *read, const char *text)
{
	char *copy = *text ? strdup(text) : NULL;
	FILE *journal = copy ? fmemopen(copy, strlen(copy), "r") : NULL;

	if (journal) {
		read(history, journal);
		fclose(journal);
	}
	free(copy);
}

static bool
is_called_right(const struct planted *planted)
{
	struct history *history = history_new();
	struct account account;

	feed(history, history_sent, planted->sent);
	feed(history, history_seen, planted->seen);
	feed(history, history_dead, planted->dead);
	account = history_account(history);
	history_free(history);
	return memcmp(&account, &planted->expected, sizeof account) == 0;
}

static const struct record sample = { .run = "r", .key = 7, .sequence = 12, .id = 199, .nonce = 5 };

static bool
an_untouched_record_is_whole(void)
{
	char payload[400];
	struct record record = { .run = "" };
	size_t sizes[] = { 0, 100, 160, 399 };

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		if (!record_read(payload, record_write(payload, sizes[i], &sample), &record) ||
		    memcmp(&record, &sample, sizeof record) != 0)
			return false;
	return true;
}

static bool
every_flipped_bit_is_seen(void)
{
	char payload[300];
	struct record record;
	size_t size = record_write(payload, 250, &sample);

	for (size_t bit = 0; bit < size * 8; bit++) {
		payload[bit / 8] ^= (char)(1 << bit % 8);
		if (record_read(payload, size, &record))
			return false;
		payload[bit / 8] ^= (char)(1 << bit % 8);
	}
	return record_read(payload, size, &record);
}

static bool
every_other_length_is_seen(void)
{
	char payload[300] = { 0 };
	struct record record;
	size_t size = record_write(payload, 250, &sample);

	for (size_t other = 0; other < sizeof payload; other++)
		if (other != size && record_read(payload, other, &record))
			return false;
	return true;
}

/* What one history writes as lost, another forgives, by id and not by number. */
static bool
one_is_forgiven_by_its_id_alone(void)
{
	struct history *control = history_new(), *history = history_new();
	char lost[256] = "";
	FILE *out = fmemopen(lost, sizeof lost, "w");
	struct account account;

	feed(control, history_sent, SENT);
	feed(control, history_seen, S1);
	history_write_lost(control, out);
	fclose(out);
	feed(history, history_sent, SENT);
	feed(history, history_seen, S2);
	feed(history, history_forgive, lost);
	account = history_account(history);
	history_free(control);
	history_free(history);
	return account.lost == 1 && account.forgiven == 1;
}

struct named_test {
	const char *name;
	bool (*passes)(void);
};

static const struct named_test tests[] = {
	{ "an untouched record is whole", an_untouched_record_is_whole },
	{ "every flipped bit is seen", every_flipped_bit_is_seen },
	{ "every other length is seen", every_other_length_is_seen },
	{ "one is forgiven by its id alone", one_is_forgiven_by_its_id_alone },
};

static int
say(const char *name, bool passed)
{
	printf("%s %s\n", passed ? "ok" : "FAILED", name);
	return passed ? 0 : 1;
}

int
selftest_command(int count, char **words)
{
	size_t histories_count = sizeof histories / sizeof histories[0];
	size_t tests_count = sizeof tests / sizeof tests[0];
	int failed = 0;

	(void)count;
	(void)words;
	for (size_t i = 0; i < histories_count; i++)
		failed += say(histories[i].name, is_called_right(&histories[i]));
	for (size_t i = 0; i < tests_count; i++)
		failed += say(tests[i].name, tests[i].passes());
	printf("%d passed, %d failed\n", (int)(histories_count + tests_count) - failed, failed);
	return failed ? 1 : 0;
}
