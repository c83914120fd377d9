/* SPDX-License-Identifier: Apache-2.0
 *
 * mqtt_cover_test.c - topic filters of MQTT: match, overlap, covers that do not, and their index.
 */
#include "plugins/mqtt/cover.h"
#include "plugins/mqtt/index.h"
#include "test/unit/mqtt_filter.h"

/* As the index says. */
static bool
matches(const char *filter, const char *topic)
{
	struct mqtt_index *index = mqtt_index_new();
	bool is_found;

	mqtt_index_add(index, filter, 7);
	is_found = mqtt_index_find(index, dk_slice_of(topic)) == 7;
	mqtt_index_free(index);
	return is_found;
}

static void
a_filter_matches_as_the_standard_says(void **state)
{
	static const struct {
		const char *filter, *topic;
		bool is_match;
	} rows[] = {
		{ "a/b", "a/b", true },
		{ "a/b", "a/b/", false },
		{ "a/b", "a/bc", false },
		{ "a/bc", "a/b", false },
		{ "sport/tennis/player1/#", "sport/tennis/player1", true },
		{ "sport/tennis/player1/#", "sport/tennis/player1/ranking", true },
		{ "sport/#", "sport", true },
		{ "sport/#", "sports", false },
		{ "sport/+", "sport", false },
		{ "sport/+", "sport/", true },
		{ "sport/tennis/+", "sport/tennis/player1", true },
		{ "sport/tennis/+", "sport/tennis/player1/ranking", false },
		{ "+/+", "/finance", true },
		{ "/+", "/finance", true },
		{ "+", "/finance", false },
		{ "+/+/#", "a/b", true },
		{ "#", "a", true },
		{ "#", "/", true },
		{ "#", "$SYS/a", false },
		{ "+/a", "$SYS/a", false },
		{ "$SYS/#", "$SYS/a", true },
		{ "$SYS/+", "$SYS/a", true },
		{ "a/+", "a/$b", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (matches(rows[i].filter, rows[i].topic) != rows[i].is_match ||
		    filter_matches(rows[i].filter, rows[i].topic) != rows[i].is_match)
			fail_msg("%s with %s", rows[i].filter, rows[i].topic);
}

/* The covers of some filters, separated by blanks. */
static void
check_cover(const char *wanted, size_t count, const char *const *filters)
{
	char *covers[8], text[256] = "";

	mqtt_cover(filters, count, covers);
	for (size_t i = 0; i < count; i++) {
		strcat(strcat(text, i ? " " : ""), covers[i]);
		free(covers[i]);
	}
	assert_string_equal(text, wanted);
}

#define CHECK_COVER(wanted, ...)                                                                   \
	check_cover(wanted, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *),              \
		    (const char *[]){ __VA_ARGS__ })

static void
filters_that_do_not_overlap_stay_as_they_are(void **state)
{
	(void)state;
	CHECK_COVER("a/b a/c x/+", "a/b", "a/c", "x/+");
	CHECK_COVER("# $SYS/#", "#", "$SYS/#");
	CHECK_COVER("+/a $SYS/a", "+/a", "$SYS/a");
}

static void
a_filter_within_another_is_covered_by_it(void **state)
{
	(void)state;
	CHECK_COVER("a/# a/#", "a/b/c", "a/#");
	CHECK_COVER("a/# a/# a/#", "a/+", "a/#", "a");
	CHECK_COVER("a/b a/b", "a/b", "a/b");
	CHECK_COVER("+/b +/b", "+/b", "a/b");
}

static void
filters_that_cross_are_covered_by_what_both_lie_in(void **state)
{
	(void)state;
	CHECK_COVER("a/+/# a/+/#", "a/+/c", "a/b/#");
	CHECK_COVER("+/+ +/+", "a/+", "+/b");
	CHECK_COVER("a/+/# a/+/#", "a/+", "a/b/#");
}

static void
a_merge_may_reach_filters_that_stood_alone(void **state)
{
	(void)state;
	CHECK_COVER("+/+ +/+ +/+", "x/y", "a/+", "+/b");
	CHECK_COVER("+/+/# +/+/# +/+/# z", "p/q/r", "a/+/c", "+/b/#", "z");
}

/* All filters, or topics, of up to three levels over a few words. */
static size_t
make_all(const char *const *words, size_t word_count, bool is_filter, char (*all)[16])
{
	size_t count = 0, begin = 0;

	for (size_t i = 0; i < word_count; i++)
		snprintf(all[count++], 16, "%s", words[i]);
	for (int level = 1; level < 3; level++) {
		size_t end = count;

		for (size_t i = begin; i < end; i++)
			for (size_t k = 0; k < word_count; k++)
				if (!is_filter || !strchr(all[i], '#'))
					snprintf(all[count++], 16, "%.12s/%.2s", all[i], words[k]);
		begin = end;
	}
	return count;
}

static const char *const filter_words[] = { "a", "b", "$", "+", "#" };
static const char *const topic_words[] = { "a", "b", "c", "$" };

static void
overlap_containment_and_join_agree_with_topics_that_match(void **state)
{
	static char filters[200][16], topics[200][16];
	size_t filter_count = make_all(filter_words, 5, true, filters);
	/* Three levels and one more, for what # reaches. */
	size_t topic_count = make_all(topic_words, 4, false, topics);

	(void)state;
	for (size_t i = 0; i < filter_count; i++)
		for (size_t k = 0; k < filter_count; k++) {
			const char *a = filters[i], *b = filters[k];
			bool is_overlap = false, is_within = true;
			char *joined = NULL;

			if (mqtt_filters_overlap(a, b))
				joined = mqtt_filters_join(a, b);
			for (size_t t = 0; t < topic_count; t++) {
				bool is_a = filter_matches(a, topics[t]);
				bool is_b = filter_matches(b, topics[t]);

				is_overlap |= is_a && is_b;
				is_within &= is_a || !is_b;
				if (joined && (is_a || is_b) && !filter_matches(joined, topics[t]))
					fail_msg("%s joins %s and %s", joined, a, b);
			}
			if (is_overlap != mqtt_filters_overlap(a, b))
				fail_msg("overlap of %s and %s", a, b);
			if (mqtt_filter_contains(a, b) && !is_within)
				fail_msg("%s contains %s", a, b);
			free(joined);
		}
}

/* A generator of its own: the same filters in each run. */
static uint32_t
draw(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static void
no_topic_matches_two_filters_of_a_cover(void **state)
{
	static char filters[200][16];
	size_t filter_count = make_all(filter_words, 5, true, filters);
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		const char *wanted[6];
		char *covers[6];

		for (size_t i = 0; i < 6; i++)
			wanted[i] = filters[draw(&seed) % filter_count];
		mqtt_cover(wanted, 6, covers);
		for (size_t i = 0; i < 6; i++) {
			assert_true(mqtt_filter_contains(covers[i], wanted[i]));
			for (size_t k = 0; k < i; k++)
				assert_true(strcmp(covers[i], covers[k]) == 0 ||
					    !mqtt_filters_overlap(covers[i], covers[k]));
		}
		for (size_t i = 0; i < 6; i++)
			free(covers[i]);
	}
}

static void
an_index_finds_the_filter_that_matches(void **state)
{
	static const char *const filters[] = { "a/+/b",  "a/b", "#",    "$SYS/#",
					       "x/#",	 "/+",	"a/b/#" };
	static const struct {
		const char *topic;
		size_t numbers; /* bits: several filters may match, here where they overlap */
	} rows[] = {
		{ "a/b", 1 << 1 | 1 << 2 | 1 << 6 }, { "a/x/b", 1 << 0 | 1 << 2 },
		{ "$SYS/a", 1 << 3 },		     { "$SYS", 1 << 3 },
		{ "$x", 0 },			     { "x", 1 << 2 | 1 << 4 },
		{ "x/y/z", 1 << 2 | 1 << 4 },	     { "/y", 1 << 2 | 1 << 5 },
		{ "", 1 << 2 },
	};
	struct mqtt_index *index = mqtt_index_new();

	(void)state;
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		mqtt_index_add(index, filters[i], i);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct dk_slice topic = { rows[i].topic, strlen(rows[i].topic) };
		size_t found = mqtt_index_find(index, topic);

		if (found == SIZE_MAX ? rows[i].numbers != 0 : !(rows[i].numbers >> found & 1))
			fail_msg("%s is found as %zu", rows[i].topic, found);
	}
	mqtt_index_free(index);
}

#define MANY 12

static bool
note(void *context, size_t number)
{
	((unsigned *)context)[number]++;
	return true;
}

static void
check_topic(const struct mqtt_index *index, const char *const *wanted, const bool *is_there,
	    const char *topic)
{
	size_t found = mqtt_index_find(index, dk_slice_of(topic));
	unsigned times[MANY] = { 0 };
	bool is_any = false;

	mqtt_index_match(index, dk_slice_of(topic), note, times);
	for (size_t i = 0; i < MANY; i++) {
		bool is_match = is_there[i] && filter_matches(wanted[i], topic);

		if (times[i] != is_match)
			fail_msg("%s is found %u times with %s", topic, times[i], wanted[i]);
		is_any |= is_match;
	}
	assert_int_equal(is_any, found != SIZE_MAX);
	assert_true(!is_any || times[found] == 1);
}

static void
check_overlap(const struct mqtt_index *index, const char *const *wanted, const bool *is_there,
	      const char *filter)
{
	size_t found = mqtt_index_overlap(index, filter);
	bool is_any = false;

	for (size_t i = 0; i < MANY; i++)
		is_any |= is_there[i] && mqtt_filters_overlap(wanted[i], filter);
	if (is_any != (found != SIZE_MAX))
		fail_msg("%s overlaps %s", filter, is_any ? "one" : "none");
	assert_true(!is_any || (is_there[found] && mqtt_filters_overlap(wanted[found], filter)));
}

static void
an_index_agrees_with_trying_each_filter(void **state)
{
	static char filters[200][16], topics[200][16];
	size_t filter_count = make_all(filter_words, 5, true, filters);
	size_t topic_count = make_all(topic_words, 4, false, topics);
	uint32_t seed = 2;

	(void)state;
	for (int round = 0; round < 300; round++) {
		const char *wanted[MANY];
		bool is_there[MANY];
		struct mqtt_index *index = mqtt_index_new();

		for (size_t i = 0; i < MANY; i++) {
			wanted[i] = filters[draw(&seed) % filter_count];
			is_there[i] = true;
			mqtt_index_add(index, wanted[i], i);
		}
		for (size_t i = 0; i < MANY / 2; i++) {
			const char *removed = wanted[draw(&seed) % MANY];

			mqtt_index_remove(index, removed);
			for (size_t k = 0; k < MANY; k++)
				is_there[k] &= strcmp(wanted[k], removed) != 0;
		}
		for (size_t i = 0; i < topic_count; i++)
			check_topic(index, wanted, is_there, topics[i]);
		for (size_t i = 0; i < filter_count; i++)
			check_overlap(index, wanted, is_there, filters[i]);
		mqtt_index_free(index);
	}
}

/* A hundred thousand of a thousand tenants, one that crosses some, and one that contains many. */
static void
a_cover_of_many_filters_takes_no_time(void **state)
{
	static const char *filters[100002];
	static char *covers[100002], texts[100000][32];

	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		snprintf(texts[i], sizeof(texts[i]), i % 2 ? "t%zu/+/x%zu/#" : "t%zu/x/%zu", i / 100,
			 i % 100);
		filters[i] = texts[i];
	}
	filters[100000] = "t7/y/#";
	filters[100001] = "t8/#";
	mqtt_cover(filters, 100002, covers);
	assert_string_equal(covers[0], "t0/x/0");
	assert_string_equal(covers[701], "t7/+/#");
	assert_string_equal(covers[700], "t7/+/#");
	assert_string_equal(covers[801], "t8/#");
	assert_string_equal(covers[99999], "t999/+/x99/#");
	for (size_t i = 0; i < 100002; i++)
		free(covers[i]);
	for (size_t i = 0; i < 100000; i++)
		snprintf(texts[i], sizeof(texts[i]), "t%zu/x", i);
	filters[100000] = "#";
	mqtt_cover(filters, 100001, covers);
	for (size_t i = 0; i < 100001; i++) {
		assert_string_equal(covers[i], "#");
		free(covers[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_matches_as_the_standard_says),
		cmocka_unit_test(filters_that_do_not_overlap_stay_as_they_are),
		cmocka_unit_test(a_filter_within_another_is_covered_by_it),
		cmocka_unit_test(filters_that_cross_are_covered_by_what_both_lie_in),
		cmocka_unit_test(a_merge_may_reach_filters_that_stood_alone),
		cmocka_unit_test(overlap_containment_and_join_agree_with_topics_that_match),
		cmocka_unit_test(no_topic_matches_two_filters_of_a_cover),
		cmocka_unit_test(an_index_finds_the_filter_that_matches),
		cmocka_unit_test(an_index_agrees_with_trying_each_filter),
		cmocka_unit_test(a_cover_of_many_filters_takes_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
