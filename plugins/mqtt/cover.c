/* SPDX-License-Identifier: Apache-2.0
 *
 * cover.c - topic filters that do not overlap; see cover.h.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/cover.h"

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
mqtt_filter_matches(const char *filter, struct dk_slice topic)
{
	const char *at = topic.data, *end = topic.data + topic.length;

	if (topic.length > 0 && *at == '$' && (*filter == '+' || *filter == '#'))
		return false;
	for (;;) {
		if (*filter == '#')
			return true;
		if (*filter == '+') {
			const char *slash = memchr(at, '/', (size_t)(end - at));

			at = slash ? slash : end;
			filter++;
		} else {
			while (*filter && *filter != '/' && at < end && *at == *filter)
				filter++, at++;
		}
		if (at == end)
			return *filter == '\0' || strcmp(filter, "/#") == 0;
		if (*at != '/' || *filter != '/')
			return false;
		at++, filter++;
	}
}

size_t
mqtt_filter_literal(const char *filter)
{
	size_t length = strcspn(filter, "+#");

	/* What comes before the last / : a/# matches a. */
	return filter[length] && length > 0 ? length - 1 : length;
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

/* A filter of a cover, with the length of what it has before its first wildcard: where two differ
 * within that they have nothing in common, and most do. */
struct part {
	char *filter;
	size_t literal;
};

static struct part
part_of(char *filter)
{
	return (struct part){ filter, mqtt_filter_literal(filter) };
}

static bool
differ(const struct part *a, const struct part *b)
{
	size_t length = a->literal < b->literal ? a->literal : b->literal;

	return memcmp(a->filter, b->filter, length) != 0;
}

/* Adds a filter to a cover, which takes it. Those that it overlaps are merged into it, and what
 * comes of that may overlap others: so each round begins anew. */
static void
add(struct part *cover, size_t *count, char *filter)
{
	struct part part = part_of(filter);

	for (size_t i = 0; i < *count;) {
		struct part other = cover[i];

		if (differ(&other, &part) || !mqtt_filters_overlap(other.filter, part.filter)) {
			i++;
			continue;
		}
		if (mqtt_filter_contains(other.filter, part.filter)) {
			free(part.filter);
			return;
		}
		cover[i] = cover[--*count];
		if (!mqtt_filter_contains(part.filter, other.filter)) {
			char *joined = mqtt_filters_join(part.filter, other.filter);

			free(part.filter);
			part = part_of(joined);
			i = 0;
		}
		free(other.filter);
	}
	cover[(*count)++] = part;
}

static const char *
find(const struct part *cover, size_t count, const char *filter)
{
	const struct part part = part_of((char *)filter);
	size_t i = 0;

	while (i < count &&
	       (differ(&cover[i], &part) || !mqtt_filter_contains(cover[i].filter, filter)))
		i++;
	assert(i < count);
	return cover[i].filter;
}

void
mqtt_cover(const char *const *filters, size_t count, char **covers)
{
	struct part *cover = calloc(count + 1, sizeof(*cover));
	size_t cover_count = 0;

	if (!cover)
		abort();
	for (size_t i = 0; i < count; i++)
		add(cover, &cover_count, copy_of(filters[i]));
	for (size_t i = 0; i < count; i++)
		covers[i] = copy_of(find(cover, cover_count, filters[i]));
	for (size_t i = 0; i < cover_count; i++)
		free(cover[i].filter);
	free(cover);
}
