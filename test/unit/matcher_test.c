/* SPDX-License-Identifier: Apache-2.0
 *
 * matcher_test.c - the trie against cases by hand, and against a slow matcher that shares nothing
 * with it.
 */
#include "test/unit/unit.h"

#include "daemon/language/matcher.h"

/* What was found: a value is the number of its pattern, + 1. */
#define PATTERNS 32
#define SLOTS 8

struct findings {
	unsigned times[PATTERNS];
	struct dk_slice captures[PATTERNS][SLOTS];
};

static void
note(void *context, void *value, const struct dk_slice *captures)
{
	struct findings *findings = context;
	size_t number = (size_t)(uintptr_t)value - 1;

	findings->times[number]++;
	memcpy(findings->captures[number], captures, sizeof(findings->captures[number]));
}

static void *
value_of(size_t number)
{
	return (void *)(uintptr_t)(number + 1);
}

/* --- By hand --- */

/* The captures that the pattern makes of the address, each followed by a |; NULL: no match. */
static const char *
match(enum dk_dialect dialect, const char *text, const char *address)
{
	static char result[256];
	struct dk_captures captures = { .count = 0 };
	struct dk_pattern *pattern = dk_pattern_new(dialect, dk_slice_of(text), &captures, NULL);
	struct dk_matcher *matcher = dk_matcher_new(dialect);
	struct findings findings = { 0 };
	size_t count;

	assert_non_null(pattern);
	dk_matcher_add(matcher, pattern, value_of(0));
	count = dk_matcher_find(matcher, dk_slice_of(address), note, &findings);
	assert_int_equal(count, findings.times[0]);
	assert_true(count <= 1);
	*result = '\0';
	for (size_t i = 0; i < captures.count && count; i++)
		strcat(strncat(result, findings.captures[0][i].data,
			       findings.captures[0][i].length),
		       "|");
	dk_matcher_free(matcher);
	dk_pattern_free(pattern);
	return count ? result : NULL;
}

static void
a_pattern_matches_as_its_system_says(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		const char *pattern, *address, *captures;
	} rows[] = {
		{ DK_MQTT, "a/:x", "a/b", "b|" },
		{ DK_MQTT, "a/:x", "a/b/c", NULL },
		{ DK_MQTT, "a/:x", "a", NULL },
		{ DK_MQTT, "a/:x", "a/", "|" },
		{ DK_MQTT, ":x/:y", "/finance", "|finance|" },
		{ DK_MQTT, "a/:r*", "a/b/c", "b/c|" },
		{ DK_MQTT, "a/:r*", "a", "|" },
		{ DK_MQTT, "a/:r*", "a/", "|" },
		{ DK_MQTT, "#", "a/b", "" },
		{ DK_MQTT, "#", "$SYS/a", NULL },
		{ DK_MQTT, ":all*", "$SYS/a", NULL },
		{ DK_MQTT, ":x/a", "$SYS/a", NULL },
		{ DK_MQTT, "+/a", "$SYS/a", NULL },
		{ DK_MQTT, "$SYS/:x", "$SYS/a", "a|" },
		{ DK_MQTT, "a/:x", "a/$b", "$b|" },
		{ DK_MQTT, "A/b", "a/b", NULL },
		{ DK_AMQP, "x/cmd.:line.:verb", "x/cmd.7.stop", "7|stop|" },
		{ DK_AMQP, "x/cmd.:line.:verb", "y/cmd.7.stop", NULL },
		{ DK_AMQP, "x/#", "x/", "" },
		{ DK_AMQP, "x/:r*", "x/", "|" },
		{ DK_AMQP, "x/", "x/", "" },
		{ DK_AMQP, "x/*", "x/", NULL },
		{ DK_AMQP, "x/:w", "x/", NULL },
		{ DK_AMQP, "x/#.*", "x/", NULL },
		{ DK_AMQP, "x/*.*", "x/.", "" },
		{ DK_AMQP, "x/a.:r*", "x/a", "|" },
		{ DK_AMQP, "x/a.:r*", "x/a.b.c", "b.c|" },
		{ DK_AMQP, "x/:r*.z", "x/a.b.z", "a.b|" },
		{ DK_AMQP, "x/:r*.z", "x/z", "|" },
		{ DK_AMQP, "x/:p*.a.:q*", "x/a.a.b", "|a.b|" },
		{ DK_AMQP, "x/#.a.#.b.:z", "x/q.a.b.b.c", "c|" },
		{ DK_AMQP, "x/a.*.c", "x/a.c", NULL },
		{ DK_AMQP, "/queue", "/queue", "" },
		{ DK_KAFKA, "iot.:site", "iot.berlin", "berlin|" },
		{ DK_KAFKA, "iot.:site", "iot", NULL },
		{ DK_KAFKA, "iot.:site", "iot.berlin.dead", NULL },
		{ DK_KAFKA, "iot.:r*", "iot.a.b", "a.b|" },
		{ DK_KAFKA, "iot.:r*", "iot", NULL },
		{ DK_PATH, "a/:x", "a/b.c", "b.c|" },
		{ DK_PATH, "/a/:id/b", "/a/7/b", "7|" },
		{ DK_PATH, "/a/:id/b", "/a/7/c", NULL },
		{ DK_PATH, "/a/:rest*", "/a/b/c", "b/c|" },
		{ DK_PATH, "/a/:rest*", "/a", NULL },
		{ DK_PATH, "/a/:id", "/a/", "|" },
		{ DK_MQTT, "~site/(?<line>[0-9]+)/.*", "site/7/t", "7|" },
		{ DK_MQTT, "~site/(?<line>[0-9]+)/.*", "site/x/t", NULL },
		{ DK_MQTT, "~site/.*", "site", NULL },
		{ DK_MQTT, "~(?<a>.+)/(?<b>.+)", "a/b/c", "a/b|c|" },
		{ DK_MQTT, "~.*", "$SYS/a", NULL },
		{ DK_MQTT, "~(\\$SYS)/a", "$SYS/a", NULL },
		{ DK_MQTT, "~\\$SYS/(?<x>.*)", "$SYS/a", "a|" },
		{ DK_AMQP, "x/~cmd\\.(?<v>[a-z]+)", "x/cmd.stop", "stop|" },
		{ DK_AMQP, "x/~cmd\\.(?<v>[a-z]+)", "y/cmd.stop", NULL },
		{ DK_AMQP, "x/~.*", "x/", "" },
		{ DK_AMQP, "x/~.*", "x", NULL },
		{ DK_AMQP, "x/~(?<r>.*)/b", "x/a/b", "a|" },
		{ DK_KAFKA, "~iot\\.(?<site>.*)", "iot.a.b", "a.b|" },
		{ DK_KAFKA, "~iot\\.(?<site>.*)", "iot.", "|" },
		{ DK_PLAIN, "~(?<n>[0-9])", "7", "7|" },
		{ DK_PLAIN, "a/b", "a/b", "" },
		{ DK_PLAIN, ":all", "a/b", "a/b|" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *captures = match(rows[i].dialect, rows[i].pattern, rows[i].address);

		if (!captures != !rows[i].captures ||
		    (captures && strcmp(captures, rows[i].captures) != 0))
			fail_msg("%s with %s: %s", rows[i].pattern, rows[i].address,
				 captures ? captures : "no match");
	}
}

static void
an_empty_matcher_finds_nothing(void **state)
{
	struct dk_matcher *matcher = dk_matcher_new(DK_MQTT);

	(void)state;
	assert_int_equal(dk_matcher_find(matcher, DK_SLICE("a/b"), note, NULL), 0);
	assert_int_equal(dk_matcher_find(matcher, DK_SLICE(""), note, NULL), 0);
	dk_matcher_free(matcher);
	dk_matcher_free(NULL);
}

static void
a_matcher_counts_what_its_expressions_gave_up(void **state)
{
	struct dk_captures captures = { .count = 0 };
	struct dk_matcher *matcher = dk_matcher_new(DK_MQTT);
	struct dk_pattern *bad = dk_pattern_new(DK_MQTT, DK_SLICE("~(a+)+[bc]"), &captures, NULL);
	struct dk_pattern *good = dk_pattern_new(DK_MQTT, DK_SLICE("~a+"), &captures, NULL);
	struct findings findings = { 0 };
	char address[61] = "";

	(void)state;
	memset(address, 'a', sizeof(address) - 1);
	dk_matcher_add(matcher, bad, value_of(0));
	dk_matcher_add(matcher, good, value_of(1));
	assert_int_equal(dk_matcher_find(matcher, dk_slice_of(address), note, &findings), 1);
	assert_int_equal(findings.times[1], 1);
	assert_int_equal(dk_matcher_given_up(matcher), 1);
	dk_matcher_free(matcher);
	dk_pattern_free(bad);
	dk_pattern_free(good);
}

static void
more_levels_than_there_is_room_for_are_taken_by_the_rest(void **state)
{
	static char address[4096];

	(void)state;
	strcpy(address, "a");
	for (int i = 0; i < 1000; i++)
		strcat(address, "/b");
	assert_int_equal(strlen(match(DK_MQTT, "a/#", address)), 0);
	assert_null(match(DK_MQTT, "a/b/b", address));
	address[200] = '\0';
	assert_non_null(match(DK_MQTT, "a/+/#", address));
}

/* Else there were some billions of ways to part 127 words among nine wildcards. */
static void
several_rests_do_not_multiply(void **state)
{
	static const char pattern[] = "x/:a*.w.#.w.#.w.#.w.#.w.#.w.#.w.#.w.:z*.";
	char address[300] = "x/w";

	(void)state;
	for (int i = 1; i < 126; i++)
		strcat(address, ".w");
	assert_null(match(DK_AMQP, pattern, address));
	strcat(address, ".");
	assert_int_equal(strlen(match(DK_AMQP, pattern, address)),
			 strlen("||") + strlen(address) - strlen("x/w.w.w.w.w.w.w.w.."));
}

/* --- By property --- */

/* Texts are made as levels; each is a word, or a wildcard with a capture or without. */
#define LEVELS 7

struct level {
	char kind; /* 'w' a word, '1' one, 'r' the rest */
	int slot;  /* -1: no capture */
	char word[4];
};

struct levels {
	struct level list[LEVELS];
	size_t count;
};

struct system {
	enum dk_dialect dialect;
	char separator, first_separator;
	const char *one, *rest; /* native; NULL: none */
	bool rest_anywhere, rest_none;
};

static const struct system systems[] = {
	{ DK_MQTT, '/', '/', "+", "#", false, true },
	{ DK_AMQP, '.', '/', "*", "#", true, true },
	{ DK_KAFKA, '.', '.', NULL, NULL, false, false },
};

static void
make_word(uint64_t *seed, const struct system *system, bool is_first, char *word)
{
	static const char *const words[] = { "a", "b", "ab", "", "a", "b", "$a" };
	unsigned count = is_first && system->dialect == DK_MQTT ? 7 : 6;

	strcpy(word, words[chance_below(seed, count)]);
	if (!*word && system->dialect == DK_KAFKA)
		strcpy(word, "c");
}

static struct levels
make_levels(uint64_t *seed, const struct system *system, bool is_pattern)
{
	bool is_amqp = system->dialect == DK_AMQP;
	struct levels levels = { .count = 1 + is_amqp + chance_below(seed, is_pattern ? 5 : 6) };
	int slots = 0;

	for (size_t i = 0; i < levels.count; i++) {
		struct level *level = &levels.list[i];
		bool may_be_rest = system->rest_anywhere || i + 1 == levels.count;

		*level = (struct level){ .kind = 'w', .slot = -1 };
		make_word(seed, system, i == 0, level->word);
		if (!is_pattern || (is_amqp && i == 0) || chance_below(seed, 2))
			continue;
		level->kind = may_be_rest && chance_below(seed, 3) == 0 ? 'r' : '1';
		if (!system->one || chance_below(seed, 2))
			level->slot = slots++;
	}
	/* An empty routing key has no words at all: see the rows above. */
	if (is_amqp && levels.count == 2 && levels.list[1].kind == 'w' && !*levels.list[1].word)
		strcpy(levels.list[1].word, "k");
	return levels;
}

/* As a person would write it. */
static void
write_levels(const struct levels *levels, const struct system *system, char *text)
{
	*text = '\0';
	for (size_t i = 0; i < levels->count; i++) {
		const struct level *level = &levels->list[i];
		char separator[2] = { i == 1 ? system->first_separator : system->separator, '\0' };

		strcat(text, i ? separator : "");
		if (level->kind == 'w')
			strcat(text, level->word);
		else if (level->slot < 0)
			strcat(text, level->kind == '1' ? system->one : system->rest);
		else
			sprintf(text + strlen(text), ":c%d%s", level->slot,
				level->kind == 'r' ? "*" : "");
	}
}

/* Levels from … to - 1 of an address, as text. */
static void
join(const struct levels *address, const struct system *system, size_t from, size_t to, char *text)
{
	struct levels part = { .count = to - from };
	struct system of_part = *system;

	memcpy(part.list, &address->list[from], part.count * sizeof(*part.list));
	if (from > 0)
		of_part.first_separator = system->separator;
	write_levels(&part, &of_part, text);
}

/* Backtracking, the shortest first. */
static bool
slow_match(const struct levels *pattern, size_t p, const struct levels *address, size_t a,
	   const struct system *system, char (*captures)[64])
{
	const struct level *level = &pattern->list[p];
	bool is_hidden = a == 0 && system->dialect == DK_MQTT && address->list[0].word[0] == '$';
	size_t least, most;

	if (p == pattern->count)
		return a == address->count;
	if (level->kind == 'w')
		return a < address->count && strcmp(level->word, address->list[a].word) == 0 &&
		       slow_match(pattern, p + 1, address, a + 1, system, captures);
	if (is_hidden)
		return false;
	least = level->kind == '1' ? 1 : system->rest_none ? 0 : 1;
	most = level->kind == '1' ? 1 : address->count - a;
	for (size_t taken = least; taken <= most && a + taken <= address->count; taken++) {
		if (!slow_match(pattern, p + 1, address, a + taken, system, captures))
			continue;
		if (level->slot >= 0)
			join(address, system, a, a + taken, captures[level->slot]);
		return true;
	}
	return false;
}

static void
compare(const struct levels *pattern, const struct levels *address, const struct system *system,
	const struct findings *findings, size_t number)
{
	char captures[SLOTS][64], pattern_text[96], address_text[96];
	bool is_match = slow_match(pattern, 0, address, 0, system, captures);
	bool is_right = findings->times[number] == (unsigned)is_match;

	for (size_t i = 0; i < pattern->count && is_match && is_right; i++) {
		int slot = pattern->list[i].slot;

		is_right = slot < 0 || dk_slice_is(findings->captures[number][slot],
						   dk_slice_of(captures[slot]));
	}
	if (is_right)
		return;
	write_levels(pattern, system, pattern_text);
	write_levels(address, system, address_text);
	fail_msg("%s with %s: %s, found %u times", pattern_text, address_text,
		 is_match ? "match" : "no match", findings->times[number]);
}

/* One trie of many patterns, and many addresses through it; returns how many pairs there were. */
static size_t
compare_some(uint64_t *seed, const struct system *system)
{
	struct dk_matcher *matcher = dk_matcher_new(system->dialect);
	struct dk_pattern *patterns[PATTERNS];
	struct levels levels[PATTERNS];
	char text[96];

	for (size_t i = 0; i < PATTERNS; i++) {
		struct dk_captures captures = { .count = 0 };

		levels[i] = make_levels(seed, system, true);
		write_levels(&levels[i], system, text);
		if (!*text) /* which is no pattern */
			strcpy(text, strcpy(levels[i].list[0].word, "a"));
		patterns[i] = dk_pattern_new(system->dialect, dk_slice_of(text), &captures, NULL);
		if (!patterns[i])
			fail_msg("%s is refused", text);
		dk_matcher_add(matcher, patterns[i], value_of(i));
	}
	for (size_t i = 0; i < 32; i++) {
		struct levels address = make_levels(seed, system, false);
		struct findings findings = { 0 };

		write_levels(&address, system, text);
		dk_matcher_find(matcher, dk_slice_of(text), note, &findings);
		for (size_t j = 0; j < PATTERNS; j++)
			compare(&levels[j], &address, system, &findings, j);
	}
	dk_matcher_free(matcher);
	for (size_t i = 0; i < PATTERNS; i++)
		dk_pattern_free(patterns[i]);
	return PATTERNS * (size_t)32;
}

static void
the_trie_finds_what_a_slow_matcher_finds(void **state)
{
	uint64_t seed = 20260301;
	size_t pairs = 0;

	(void)state;
	for (size_t round = 0; round < 1500; round++)
		pairs += compare_some(&seed, &systems[round % ROWS(systems)]);
	assert_true(pairs >= 1000000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_matches_as_its_system_says),
		cmocka_unit_test(an_empty_matcher_finds_nothing),
		cmocka_unit_test(a_matcher_counts_what_its_expressions_gave_up),
		cmocka_unit_test(more_levels_than_there_is_room_for_are_taken_by_the_rest),
		cmocka_unit_test(several_rests_do_not_multiply),
		cmocka_unit_test(the_trie_finds_what_a_slow_matcher_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
