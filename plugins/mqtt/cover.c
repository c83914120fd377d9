/* SPDX-License-Identifier: Apache-2.0
 *
 * cover.c - topic filters that do not overlap; see cover.h.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/cover.h"
#include "plugins/mqtt/index.h"

/* A place in a filter: the level that begins at `text`. After the last level it is absent. */
struct level {
	const char *text;
	size_t length;
	bool is_first;
};

static struct level
first_level(const char *filter)
{
	return (struct level){ filter, strcspn(filter, "/"), true };
}

static struct level
next_level(struct level level)
{
	const char *after = level.text + level.length;

	if (*after == '\0')
		return (struct level){ NULL, 0, false };
	return (struct level){ after + 1, strcspn(after + 1, "/"), false };
}

static bool
is_wildcard(struct level level, char wildcard)
{
	return level.text && level.length == 1 && *level.text == wildcard;
}

/* Wildcards do not reach the topics that begin with $. */
static bool
is_reserved(struct level level)
{
	return level.is_first && *level.text == '$';
}

static bool
is_same(struct level a, struct level b)
{
	return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

bool
mqtt_filters_overlap(const char *a, const char *b)
{
	struct level x = first_level(a), y = first_level(b);

	for (;; x = next_level(x), y = next_level(y)) {
		bool is_open_x = is_wildcard(x, '#'), is_open_y = is_wildcard(y, '#');

		/* The other one may have ended here: a/# matches a as well. */
		if (is_open_x || is_open_y)
			return !(is_open_x && y.text && is_reserved(y)) &&
			       !(is_open_y && x.text && is_reserved(x));
		if (!x.text || !y.text)
			return !x.text && !y.text;
		if (is_wildcard(x, '+')	  ? is_reserved(y)
		    : is_wildcard(y, '+') ? is_reserved(x)
					  : !is_same(x, y))
			return false;
	}
}

bool
mqtt_filter_contains(const char *wide, const char *narrow)
{
	struct level w = first_level(wide), n = first_level(narrow);

	for (;; w = next_level(w), n = next_level(n)) {
		if (is_wildcard(w, '#'))
			return !n.text || !is_reserved(n);
		if (is_wildcard(n, '#'))
			return false;
		if (!w.text || !n.text)
			return !w.text && !n.text;
		if (is_wildcard(w, '+') ? is_reserved(n) : !is_same(w, n))
			return false;
	}
}

/* Level by level: what they share, + where they differ, # where one of them is open. */
char *
mqtt_filters_join(const char *a, const char *b)
{
	struct level x = first_level(a), y = first_level(b);
	char *joined = malloc(strlen(a) + strlen(b) + 3), *end = joined;

	if (!joined)
		abort();
	assert(mqtt_filters_overlap(a, b));
	for (; x.text || y.text; x = next_level(x), y = next_level(y)) {
		struct level level = x;

		if (!x.is_first && !y.is_first)
			*end++ = '/';
		if (!x.text || !y.text || is_wildcard(x, '#') || is_wildcard(y, '#')) {
			*end++ = '#';
			break;
		}
		if (!is_same(x, y))
			level = (struct level){ "+", 1, false };
		memcpy(end, level.text, level.length);
		end += level.length;
	}
	*end = '\0';
	return joined;
}

static char *
copy_of(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	return copy;
}

/* Filters of a cover; some were, until they were merged into others. */
struct cover {
	struct mqtt_index *index;
	char **filters; /* by their number there */
	size_t count;
};

/* Adds a filter, which it takes. Those that it overlaps are merged into it, and what comes of that
 * may overlap others. In what order that is done makes no difference: a join is the narrowest. */
static void
add(struct cover *cover, char *filter)
{
	size_t other;

	while ((other = mqtt_index_overlap(cover->index, filter)) != SIZE_MAX) {
		char *joined;

		if (mqtt_filter_contains(cover->filters[other], filter)) {
			free(filter);
			return;
		}
		mqtt_index_remove(cover->index, cover->filters[other]);
		if (mqtt_filter_contains(filter, cover->filters[other]))
			continue;
		joined = mqtt_filters_join(filter, cover->filters[other]);
		free(filter);
		filter = joined;
	}
	mqtt_index_add(cover->index, filter, cover->count);
	cover->filters[cover->count++] = filter;
}

static size_t
literal_length(const char *filter)
{
	return strcspn(filter, "+#");
}

static int
compare_widths(const void *a, const void *b)
{
	size_t x = literal_length(*(const char *const *)a);
	size_t y = literal_length(*(const char *const *)b);

	return x < y ? -1 : x > y;
}

/* The widest come first: what lies within them is not merged one by one then. */
static void
add_all(struct cover *cover, const char *const *filters, size_t count)
{
	const char **sorted = calloc(count + 1, sizeof(*sorted));

	if (!sorted)
		abort();
	memcpy(sorted, filters, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_widths);
	for (size_t i = 0; i < count; i++)
		add(cover, copy_of(sorted[i]));
	free(sorted);
}

void
mqtt_cover(const char *const *filters, size_t count, char **covers)
{
	struct cover cover = { mqtt_index_new(), calloc(count + 1, sizeof(char *)), 0 };

	if (!cover.filters)
		abort();
	add_all(&cover, filters, count);
	for (size_t i = 0; i < count; i++) {
		/* No other one overlaps it, for that would overlap the one that contains it. */
		size_t found = mqtt_index_overlap(cover.index, filters[i]);

		assert(found < cover.count);
		covers[i] = copy_of(cover.filters[found]);
	}
	mqtt_index_free(cover.index);
	for (size_t i = 0; i < cover.count; i++)
		free(cover.filters[i]);
	free(cover.filters);
}
