/* SPDX-License-Identifier: Apache-2.0
 *
 * overlap_test.c - what patterns and output patterns have in common, by hand and against all short
 * addresses.
 */
#include "test/unit/unit.h"

#include "daemon/language/matcher.h"
#include "daemon/language/overlap.h"
#include "daemon/language/pieces.h"

static bool
overlap(enum dk_dialect dialect, const char *a, const char *b)
{
	struct dk_captures captures = { .count = 0 };
	struct dk_pattern *left = dk_pattern_new(dialect, dk_slice_of(a), &captures, NULL);
	struct dk_pattern *right = dk_pattern_new(dialect, dk_slice_of(b), &captures, NULL);
	bool result, reverse;

	assert_non_null(left);
	assert_non_null(right);
	result = dk_patterns_overlap(dialect, left, right);
	reverse = dk_patterns_overlap(dialect, right, left);
	assert_int_equal(result, reverse);
	dk_pattern_free(left);
	dk_pattern_free(right);
	return result;
}

static void
patterns_overlap_where_an_address_matches_both(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		const char *a, *b;
		bool overlaps;
	} rows[] = {
		{ DK_MQTT, "a/b", "a/b", true },
		{ DK_MQTT, "a/b", "a/c", false },
		{ DK_MQTT, "a/:x/c", "a/b/+", true },
		{ DK_MQTT, "a/:x", "a/b/c", false },
		{ DK_MQTT, "a/#", "a", true },
		{ DK_MQTT, "a/#", "b/#", false },
		{ DK_MQTT, "a/b/:r*", "+/+", true },
		{ DK_MQTT, "#", "$SYS/a", false },
		{ DK_MQTT, ":x/a", "$SYS/a", false },
		{ DK_MQTT, "$SYS/+", "$SYS/a", true },
		{ DK_AMQP, "x/#.a", "x/b.#", true },
		{ DK_AMQP, "x/#.a", "x/b.*.b", false },
		{ DK_AMQP, "x/#", "y/#", false },
		{ DK_AMQP, "x/a.#.b", "x/a.b", true },
		{ DK_AMQP, "x/a.#.b.#.c", "x/*.*", false },
		{ DK_KAFKA, "a.:r*", "a", false },
		{ DK_KAFKA, "a.:r*", "a.b.c", true },
		{ DK_KAFKA, "a.:r*", "a.:x.c", true },
		{ DK_MQTT, "~site/[0-9]+", "site/a", true },
		{ DK_MQTT, "~site/[0-9]+", "b/#", false },
		{ DK_MQTT, "~.*", "$SYS/a", false },
		{ DK_MQTT, "~\\$SYS/.*", "$SYS/a", true },
		{ DK_AMQP, "x/~cmd\\..*", "x/#.a", true },
		{ DK_AMQP, "x/~cmd\\..*", "x/ev.#", false },
		{ DK_KAFKA, "~iot\\.[ab]", "iot.:x", true },
		{ DK_KAFKA, "~iot\\.[ab]", "iot", false },
		{ DK_PATH, "/a/:x*", "/a/b/c", true },
		{ DK_PATH, "/a/:x/b", "/a/c", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (overlap(rows[i].dialect, rows[i].a, rows[i].b) != rows[i].overlaps)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
}

/* --- By property --- */

struct system {
	enum dk_dialect dialect;
	char separator;
	const char *prefix;
	const char *const *levels;	/* of patterns; the first two are words */
	size_t level_count, rest_count; /* rests come last */
	bool rest_is_anywhere;
};

static const char *const mqtt_levels[] = { "a", "b", "$a", "+", "#" };
static const char *const amqp_levels[] = { "a", "b", "*", "#" };
static const char *const kafka_levels[] = { "a", "b", ":%zu", ":%zu*" };

static const struct system systems[] = {
	{ DK_MQTT, '/', "", mqtt_levels, 5, 1, false },
	{ DK_AMQP, '.', "x/", amqp_levels, 4, 1, true },
	{ DK_KAFKA, '.', "", kafka_levels, 4, 1, false },
};

static void
make_pattern(uint64_t *seed, const struct system *system, char *text)
{
	size_t count = 1 + chance_below(seed, 4);

	text += sprintf(text, "%s", system->prefix);
	for (size_t i = 0; i < count; i++) {
		size_t rests = system->rest_is_anywhere || i + 1 == count ? 0 : system->rest_count;
		const char *level =
			system->levels[chance_below(seed, (unsigned)(system->level_count - rests))];

		if (i > 0)
			*text++ = system->separator;
		text += strlen(strcpy(text, level));
		if (strchr(level, '%')) /* captures have names that differ */
			text += sprintf(text - strlen(level), ":c%zu%s", i,
					strchr(level, '*') ? "*" : "") -
				(int)strlen(level);
	}
}

static void
count(void *context, void *value, const struct dk_slice *captures)
{
	(void)value, (void)captures;
	++*(size_t *)context;
}

#define WORDS 4

/* The address of so many levels that a number stands for; false: there are not so many. */
static bool
write_address(const struct system *system, size_t levels, size_t number, char *text)
{
	static const char *const words[WORDS] = { "a", "b", "z", "$a" };

	text += sprintf(text, "%s", system->prefix);
	for (size_t i = 0; i < levels; i++, number /= WORDS) {
		if (i > 0)
			*text++ = system->separator;
		text += strlen(strcpy(text, words[number % WORDS]));
	}
	return number == 0;
}

/* Whether one of all addresses of up to six levels is matched by both. Two patterns of a rest and
 * three other levels never need more. */
static bool
search(const struct system *system, const struct dk_matcher *matcher)
{
	char address[64];

	for (size_t levels = 1; levels <= 6; levels++)
		for (size_t number = 0; write_address(system, levels, number, address); number++) {
			size_t found = 0;

			dk_matcher_find(matcher, dk_slice_of(address), count, &found);
			if (found == 2)
				return true;
		}
	return false;
}

static void
compare(const struct system *system, const char *a, const char *b)
{
	struct dk_captures captures = { .count = 0 };
	struct dk_pattern *left = dk_pattern_new(system->dialect, dk_slice_of(a), &captures, NULL);
	struct dk_pattern *right = dk_pattern_new(system->dialect, dk_slice_of(b), &captures, NULL);
	struct dk_matcher *matcher = dk_matcher_new(system->dialect);
	bool is_found;

	assert_non_null(left);
	assert_non_null(right);
	dk_matcher_add(matcher, left, NULL);
	dk_matcher_add(matcher, right, NULL);
	is_found = search(system, matcher);
	if (dk_patterns_overlap(system->dialect, left, right) != is_found)
		fail_msg("%s and %s: %s", a, b, is_found ? "do overlap" : "do not overlap");
	dk_matcher_free(matcher);
	dk_pattern_free(left);
	dk_pattern_free(right);
}

static void
patterns_overlap_if_and_only_if_the_matcher_finds_both(void **state)
{
	uint64_t seed = 11;
	char a[64], b[64];

	(void)state;
	for (size_t i = 0; i < 1200; i++) {
		const struct system *system = &systems[i % ROWS(systems)];

		make_pattern(&seed, system, a);
		make_pattern(&seed, system, b);
		compare(system, a, b);
	}
}

/* --- Cover --- */

static void
a_pattern_covers_another_where_that_is_certain(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		const char *a, *b;
		bool covers;
	} rows[] = {
		{ DK_MQTT, "a/b", "a/b", true },
		{ DK_MQTT, "a/:x", "a/b", true },
		{ DK_MQTT, "a/b", "a/:x", false },
		{ DK_MQTT, "a/#", "a", true },
		{ DK_MQTT, "a/#", "a/+/:r*", true },
		{ DK_MQTT, "a/+/#", "a/#", false },
		{ DK_MQTT, "#", "+/a", true },
		{ DK_MQTT, "#", "/a", true },
		{ DK_MQTT, "#", "$SYS/a", false },
		{ DK_MQTT, "+/a", "$SYS/a", false },
		{ DK_MQTT, "$SYS/#", "$SYS/a", true },
		{ DK_MQTT, "#", "~.*", true },
		{ DK_MQTT, "site/#", "~site/(a|b)", true },
		{ DK_MQTT, "site/+", "~site/(a|b)", false },
		{ DK_MQTT, "site/#", "~sit(e/|es/)a", false },
		{ DK_MQTT, "~site/.*", "~site/.*", true },
		{ DK_MQTT, "~site/.*", "~site/.+", false },
		{ DK_MQTT, "~site/.*", "site/a", false },
		{ DK_AMQP, "x/#", "x/a.*", true },
		{ DK_AMQP, "x/#.a.#", "x/*.a", true },
		{ DK_AMQP, "x/#.a.#", "x/#.a", true },
		{ DK_AMQP, "x/#.a", "x/#.a.#", false },
		{ DK_AMQP, "x/*", "x/", false },
		{ DK_AMQP, "x/#", "x/", true },
		{ DK_AMQP, "x/#.*", "x/#.", false },
		{ DK_AMQP, "x/#", "x/~.*", true },
		{ DK_AMQP, "x/~a", "y/~a", false },
		{ DK_KAFKA, "a.:r*", "a", false },
		{ DK_KAFKA, "a.:r*", "a.:x.:y", true },
		{ DK_KAFKA, ":r*", ":x.:r*", true },
		{ DK_KAFKA, ":x.:r*", ":r*", false },
		{ DK_KAFKA, "a.:r*", "~a\\.b?", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_captures captures = { .count = 0 };
		struct dk_pattern *a =
			dk_pattern_new(rows[i].dialect, dk_slice_of(rows[i].a), &captures, NULL);
		struct dk_pattern *b =
			dk_pattern_new(rows[i].dialect, dk_slice_of(rows[i].b), &captures, NULL);

		if (dk_pattern_covers(rows[i].dialect, a, b) != rows[i].covers)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
		assert_true(dk_pattern_covers(rows[i].dialect, a, a));
		dk_pattern_free(a);
		dk_pattern_free(b);
	}
}

static void
count_one(void *context, void *value, const struct dk_slice *captures)
{
	(void)captures;
	*(int *)context |= value ? 1 : 2;
}

/* Whether a matches all of the addresses that b matches, of four levels of these words. */
static bool
seems_to_cover(const struct system *system, const struct dk_pattern *a, const struct dk_pattern *b)
{
	static const char *const words[] = { "a", "b", "", "$a", "z" };
	struct dk_matcher *matcher = dk_matcher_new(system->dialect);
	bool covers = true;

	dk_matcher_add(matcher, a, &covers);
	dk_matcher_add(matcher, b, NULL);
	for (size_t levels = 1; levels <= 4; levels++)
		for (size_t number = 0, rest = 0; rest == 0; number++) {
			char address[64], *end = address + sprintf(address, "%s", system->prefix);
			int found = 0;

			rest = number;
			for (size_t i = 0; i < levels; i++, rest /= ROWS(words))
				end += sprintf(end, "%s%s",
					       i ? (char[]){ system->separator, 0 } : "",
					       words[rest % ROWS(words)]);
			dk_matcher_find(matcher, dk_slice_of(address), count_one, &found);
			covers &= found != 2;
		}
	dk_matcher_free(matcher);
	return covers;
}

static void
what_a_pattern_covers_it_matches(void **state)
{
	uint64_t seed = 12;
	size_t covered = 0, missed = 0;

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		const struct system *system = &systems[i % ROWS(systems)];
		struct dk_captures captures = { .count = 0 };
		struct dk_pattern *a, *b;
		char texts[2][64];
		bool seems, covers;

		make_pattern(&seed, system, texts[0]);
		make_pattern(&seed, system, texts[1]);
		a = dk_pattern_new(system->dialect, dk_slice_of(texts[0]), &captures, NULL);
		b = dk_pattern_new(system->dialect, dk_slice_of(texts[1]), &captures, NULL);
		seems = seems_to_cover(system, a, b);
		covers = dk_pattern_covers(system->dialect, a, b);
		if (covers && !seems)
			fail_msg("%s is said to cover %s", texts[0], texts[1]);
		covered += covers;
		missed += seems && !covers;
		dk_pattern_free(a);
		dk_pattern_free(b);
	}
	assert_true(covered > 200);
	assert_true(missed < covered / 5);
}

/* --- Of pieces --- */

/* clang-format off */
#define VALUE { { NULL, 0 }, false }
#define REST { { NULL, 0 }, true }
#define TEXT(text) { { "" text, sizeof(text) - 1 }, false }
/* clang-format on */

static void
an_output_pattern_overlaps_where_it_may(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		struct dk_pattern_piece pieces[5];
		size_t count;
		const char *pattern;
		bool overlaps, is_covered;
	} rows[] = {
		{ DK_MQTT, { TEXT("site/b") }, 1, "site/b", true, true },
		{ DK_MQTT, { TEXT("site/"), VALUE }, 2, "site/:x", true, true },
		{ DK_MQTT, { TEXT("site/"), VALUE }, 2, "site/a", true, false },
		{ DK_MQTT, { TEXT("site/"), VALUE }, 2, "site/a/b", false, false },
		{ DK_MQTT, { TEXT("site/cmd-"), VALUE }, 2, "site/cmd-7", true, false },
		{ DK_MQTT, { TEXT("site/cmd-"), VALUE }, 2, "site/data", false, false },
		{ DK_MQTT, { TEXT("site/"), VALUE, TEXT("-cmd") }, 3, "site/a-cmd", true, false },
		{ DK_MQTT, { TEXT("site/"), VALUE, TEXT("-cmd") }, 3, "site/a-cmds", false, false },
		{ DK_MQTT, { TEXT("a"), VALUE, TEXT("b/c") }, 3, "ab/c", true, false },
		{ DK_MQTT, { TEXT("aa"), VALUE, TEXT("aa") }, 3, "aaa", false, false },
		{ DK_MQTT, { VALUE, TEXT("-"), VALUE }, 3, "a", true, false },
		{ DK_MQTT, { TEXT("a/"), REST }, 2, "a/b/c", true, false },
		{ DK_MQTT, { TEXT("a/"), REST }, 2, "a/#", true, true },
		{ DK_MQTT, { TEXT("a/"), REST }, 2, "b/#", false, false },
		{ DK_MQTT, { TEXT("a/"), REST, TEXT("/z") }, 3, "a/b/c/z", true, false },
		{ DK_MQTT, { TEXT("a/"), REST, TEXT("/z") }, 3, "a/b/c/y", false, false },
		{ DK_MQTT, { TEXT("a/"), REST, TEXT("-z") }, 3, "a/b/c-z", true, false },
		{ DK_MQTT, { TEXT("a/"), REST, TEXT("-z") }, 3, "a/b/c-y", false, false },
		{ DK_MQTT, { TEXT("a/x-"), REST }, 2, "a/y/z", false, false },
		{ DK_MQTT, { TEXT("a/x-"), REST }, 2, "a/x-y/z", true, false },
		{ DK_MQTT, { TEXT("a/x-"), REST, TEXT("-z") }, 3, "a/x-1/2-z", true, false },
		{ DK_MQTT, { REST, TEXT("$a") }, 2, "#", true, false },
		{ DK_MQTT, { VALUE, TEXT("$a") }, 2, "+", true, false },
		{ DK_MQTT, { VALUE, TEXT("/a") }, 2, "+/a", true, true },
		{ DK_MQTT, { TEXT("$S/"), VALUE }, 2, "+/+", false, false },
		{ DK_MQTT, { TEXT("$S"), VALUE, TEXT("/a") }, 3, "+/a", false, false },
		{ DK_MQTT, { TEXT("$S"), VALUE, TEXT("/a") }, 3, "$SYS/a", true, false },
		{ DK_MQTT, { VALUE, TEXT("/a") }, 2, "$SYS/a", false, false },
		{ DK_AMQP, { VALUE, TEXT("/k") }, 2, "x/k", true, false },
		{ DK_AMQP, { TEXT("x-"), REST, TEXT("/k") }, 3, "x-y.z/k", true, false },
		{ DK_AMQP, { TEXT("x-"), REST, TEXT("/k") }, 3, "x-y/l", false, false },
		{ DK_AMQP, { TEXT("x-"), REST, TEXT("/k") }, 3, "x-y/a.k", false, false },
		{ DK_AMQP, { TEXT("x/"), VALUE, TEXT(".k") }, 3, "x/*.k", true, true },
		{ DK_AMQP, { TEXT("x/"), REST }, 2, "x/", true, false },
		{ DK_AMQP, { TEXT("x/"), REST }, 2, "x/#", true, true },
		{ DK_AMQP, { TEXT("x/"), REST }, 2, "x/*.#", true, false },
		{ DK_KAFKA, { TEXT("iot."), VALUE }, 2, "iot.:x", true, true },
		{ DK_KAFKA, { TEXT("iot."), VALUE }, 2, "iot", false, false },
		{ DK_KAFKA, { TEXT("iot."), REST }, 2, "iot", false, false },
		{ DK_KAFKA, { TEXT("iot."), REST }, 2, "iot.:r*", true, true },
		{ DK_KAFKA, { TEXT("iot-"), VALUE }, 2, "~iot-x|iot-y", true, false },
		{ DK_PLAIN, { TEXT("a"), REST, TEXT("z") }, 3, "abz", true, false },
		{ DK_PLAIN, { TEXT("a"), VALUE, TEXT("z") }, 3, "abc", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_captures captures = { .count = 0 };
		struct dk_pattern *pattern = dk_pattern_new(
			rows[i].dialect, dk_slice_of(rows[i].pattern), &captures, NULL);
		struct dk_pattern *output =
			dk_pattern_of_pieces(rows[i].dialect, rows[i].pieces, rows[i].count);

		if (dk_patterns_overlap(rows[i].dialect, pattern, output) != rows[i].overlaps ||
		    dk_patterns_overlap(rows[i].dialect, output, pattern) != rows[i].overlaps)
			fail_msg("row %zu overlaps %s", i, rows[i].pattern);
		if (dk_pattern_covers(rows[i].dialect, pattern, output) != rows[i].is_covered)
			fail_msg("row %zu is covered by %s", i, rows[i].pattern);
		assert_false(dk_pattern_covers(rows[i].dialect, output, pattern));
		dk_pattern_free(pattern);
		dk_pattern_free(output);
	}
}

#define PIECES 5

struct output {
	struct dk_pattern_piece pieces[PIECES];
	size_t count;
};

/* Some literals that may hold separators, and values between them. */
static struct output
make_output(uint64_t *seed, const struct system *system)
{
	static const char *const texts[][6] = {
		[DK_MQTT] = { "a", "b", "/", "a/", "/b", "$a" },
		[DK_AMQP] = { "a", "b", ".", "a.", ".b", "z" },
		[DK_KAFKA] = { "a", "b", ".", "a.", ".b", "z" },
	};
	struct output output = { .count = 0 };

	if (*system->prefix)
		output.pieces[output.count++].literal = dk_slice_of(system->prefix);
	for (size_t left = 1 + chance_below(seed, 4); left > 0; left--) {
		struct dk_pattern_piece *piece = &output.pieces[output.count++];

		if (chance_below(seed, 2))
			piece->literal = dk_slice_of(texts[system->dialect][chance_below(seed, 6)]);
		else
			piece->is_rest = chance_below(seed, 3) == 0;
	}
	return output;
}

/* An address that the output may come to. False: it may not, for what begins with $ in MQTT does
 * not come of a value. */
static bool
render(uint64_t *seed, const struct system *system, const struct output *output, char *address)
{
	static const char *const values[] = { "a", "b", "ab", "z", "$a" };
	size_t length = 0;

	*address = '\0';
	for (size_t i = 0; i < output->count; i++) {
		const struct dk_pattern_piece *piece = &output->pieces[i];
		size_t parts = piece->literal.data ? 0
			       : !piece->is_rest   ? 1
						   : chance_below(seed, 4);

		length += (size_t)sprintf(address + length, "%.*s", (int)piece->literal.length,
					  piece->literal.data ? piece->literal.data : "");
		for (size_t n = 0; n < parts; n++) {
			unsigned value = chance_below(seed, ROWS(values));

			if (length == 0 && value == 4)
				return false;
			length += (size_t)sprintf(address + length, "%s%s",
						  n ? (char[]){ system->separator, 0 } : "",
						  values[value]);
		}
	}
	return true;
}

/* 1: the pattern covers the output, 2: they do not overlap. */
static int
try_output(uint64_t *seed, const struct system *system, const char *text,
	   const struct output *output)
{
	struct dk_captures captures = { .count = 0 };
	struct dk_pattern *pattern =
		dk_pattern_new(system->dialect, dk_slice_of(text), &captures, NULL);
	struct dk_pattern *other =
		dk_pattern_of_pieces(system->dialect, output->pieces, output->count);
	struct dk_matcher *matcher = dk_matcher_new(system->dialect);
	bool overlaps = dk_patterns_overlap(system->dialect, pattern, other);
	bool covers = dk_pattern_covers(system->dialect, pattern, other);

	dk_matcher_add(matcher, pattern, NULL);
	for (size_t i = 0; i < 60; i++) {
		char address[128];
		size_t found = 0;

		if (!render(seed, system, output, address))
			continue;
		dk_matcher_find(matcher, dk_slice_of(address), count, &found);
		if (found && !overlaps)
			fail_msg("%s matches %s, and is said not to overlap it", text, address);
		if (!found && covers)
			fail_msg("%s does not match %s, and is said to cover it", text, address);
	}
	dk_matcher_free(matcher);
	dk_pattern_free(pattern);
	dk_pattern_free(other);
	return covers ? 1 : !overlaps ? 2 : 0;
}

static void
what_an_output_pattern_comes_to_it_overlaps(void **state)
{
	uint64_t seed = 13;
	size_t seen[3] = { 0 };

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		const struct system *system = &systems[i % ROWS(systems)];
		struct output output = make_output(&seed, system);
		char text[64];

		make_pattern(&seed, system, text);
		seen[try_output(&seed, system, text, &output)]++;
	}
	for (size_t i = 0; i < 3; i++)
		assert_true(seen[i] > 500);
}

static void
what_is_too_much_for_an_output_pattern_is_anything(void **state)
{
	static char text[70000];
	struct dk_captures captures = { .count = 0 };
	struct dk_pattern *pattern = dk_pattern_new(DK_MQTT, DK_SLICE("a/b"), &captures, NULL);
	struct dk_pattern_piece piece = { { text, sizeof(text) }, false };
	struct dk_pattern *output;

	(void)state;
	memset(text, 'a', sizeof(text));
	output = dk_pattern_of_pieces(DK_MQTT, &piece, 1);
	assert_true(dk_patterns_overlap(DK_MQTT, pattern, output));
	dk_pattern_free(output);
	dk_pattern_free(pattern);
	memset(text, '/', 300);
	piece.literal.length = 300;
	output = dk_pattern_of_pieces(DK_MQTT, &piece, 1);
	pattern = dk_pattern_new(DK_MQTT, DK_SLICE("////#"), &captures, NULL);
	assert_true(dk_patterns_overlap(DK_MQTT, pattern, output));
	dk_pattern_free(pattern);
	pattern = dk_pattern_new(DK_MQTT, DK_SLICE("//a//#"), &captures, NULL);
	assert_false(dk_patterns_overlap(DK_MQTT, pattern, output));
	dk_pattern_free(output);
	dk_pattern_free(pattern);
}

/* --- Of one against many --- */

#define MANY 40

struct finding {
	const struct dk_pattern *patterns[MANY];
	unsigned times[MANY], left;
};

static bool
note(void *context, void *value, const struct dk_pattern *pattern)
{
	struct finding *finding = context;
	size_t number = (size_t)(uintptr_t)value - 1;

	assert_ptr_equal(finding->patterns[number], pattern);
	finding->times[number]++;
	return --finding->left > 0;
}

/* Returns how many overlap. */
static size_t
search_with(const struct system *system, const struct dk_matcher *matcher, struct finding *finding,
	    const struct dk_pattern *pattern)
{
	size_t overlaps = 0, found = 0;

	memset(finding->times, 0, sizeof(finding->times));
	finding->left = MANY + 1;
	dk_matcher_overlaps(matcher, pattern, note, finding);
	for (size_t i = 0; i < MANY; i++) {
		bool is = dk_patterns_overlap(system->dialect, finding->patterns[i], pattern);

		if (finding->times[i] != (unsigned)is)
			fail_msg("%s is found %u times", dk_pattern_filter(finding->patterns[i]),
				 finding->times[i]);
		overlaps += is;
	}
	memset(finding->times, 0, sizeof(finding->times));
	finding->left = 1;
	dk_matcher_overlaps(matcher, pattern, note, finding);
	for (size_t i = 0; i < MANY; i++)
		found += finding->times[i];
	assert_int_equal(found, overlaps > 0);
	return overlaps;
}

static struct dk_pattern *
make_any(uint64_t *seed, const struct system *system)
{
	struct dk_captures captures = { .count = 0 };
	char text[64];

	make_pattern(seed, system, text);
	if (chance_below(seed, 8) == 0)
		snprintf(text, sizeof(text), "%s~a\\%cb.*", system->prefix, system->separator);
	return dk_pattern_new(system->dialect, dk_slice_of(text), &captures, NULL);
}

static void
a_matcher_finds_each_pattern_that_overlaps_once(void **state)
{
	uint64_t seed = 14;
	size_t overlaps = 0;

	(void)state;
	for (size_t round = 0; round < 600; round++) {
		const struct system *system = &systems[round % ROWS(systems)];
		struct dk_matcher *matcher = dk_matcher_new(system->dialect);
		struct finding finding;

		for (size_t i = 0; i < MANY; i++) {
			finding.patterns[i] = make_any(&seed, system);
			dk_matcher_add(matcher, finding.patterns[i], (void *)(uintptr_t)(i + 1));
		}
		for (size_t i = 0; i < MANY; i++) {
			struct output output = make_output(&seed, system);
			struct dk_pattern *other =
				i % 2 ? make_any(&seed, system)
				      : dk_pattern_of_pieces(system->dialect, output.pieces,
							     output.count);

			overlaps += search_with(system, matcher, &finding, other);
			dk_pattern_free(other);
		}
		dk_matcher_free(matcher);
		for (size_t i = 0; i < MANY; i++)
			dk_pattern_free((struct dk_pattern *)(uintptr_t)finding.patterns[i]);
	}
	assert_in_range(overlaps, 600 * MANY, 600 * MANY * MANY / 2);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_overlap_where_an_address_matches_both),
		cmocka_unit_test(patterns_overlap_if_and_only_if_the_matcher_finds_both),
		cmocka_unit_test(a_pattern_covers_another_where_that_is_certain),
		cmocka_unit_test(what_a_pattern_covers_it_matches),
		cmocka_unit_test(an_output_pattern_overlaps_where_it_may),
		cmocka_unit_test(what_an_output_pattern_comes_to_it_overlaps),
		cmocka_unit_test(what_is_too_much_for_an_output_pattern_is_anything),
		cmocka_unit_test(a_matcher_finds_each_pattern_that_overlaps_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
