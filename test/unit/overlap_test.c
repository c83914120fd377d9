/* SPDX-License-Identifier: Apache-2.0
 *
 * overlap_test.c - patterns that have an address in common, by hand and against all short addresses.
 */
#include "test/unit/unit.h"

#include "daemon/language/matcher.h"
#include "daemon/language/overlap.h"

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
	const char *const *levels; /* of patterns; the first two are words */
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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_overlap_where_an_address_matches_both),
		cmocka_unit_test(patterns_overlap_if_and_only_if_the_matcher_finds_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
