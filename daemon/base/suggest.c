/* SPDX-License-Identifier: Apache-2.0
 *
 * suggest.c - the nearest name by edit distance.
 */
#include "daemon/base/suggest.h"

#define LONGEST 64

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t smaller = a < b ? a : b;

	return smaller < c ? smaller : c;
}

/* Levenshtein's, one row at a time. */
static size_t
distance(struct dk_slice a, struct dk_slice b)
{
	size_t row[LONGEST + 1];

	for (size_t j = 0; j <= b.length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.length; j++) {
			size_t above = row[j];

			row[j] = least(row[j] + 1, row[j - 1] + 1,
				       diagonal + (a.data[i - 1] != b.data[j - 1]));
			diagonal = above;
		}
	}
	return row[b.length];
}

#define LEAST_PREFIX 3

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool
is_same(char a, char b)
{
	return lower(a) == lower(b);
}

/* Of int and integer, of keepalive_interval and keepalive, of SITE and site. */
static bool
is_prefix(struct dk_slice a, struct dk_slice b)
{
	size_t length = a.length < b.length ? a.length : b.length;

	for (size_t i = 0; i < length; i++)
		if (!is_same(a.data[i], b.data[i]))
			return false;
	return length >= LEAST_PREFIX || a.length == b.length;
}

/* Near enough is up to a third of what was written, and at least one; a beginning, or
 * other letters of the same name, are one. */
void
dk_suggest(struct dk_suggestion *suggestion, const char *name)
{
	struct dk_slice other = dk_slice_of(name);
	size_t limit = suggestion->written.length / 3 + 1;
	size_t here;

	if (suggestion->written.length > LONGEST || other.length > LONGEST)
		return;
	here = distance(suggestion->written, other);
	if (here > 1 && is_prefix(suggestion->written, other))
		here = 1;
	if (here > limit || (suggestion->nearest && here >= suggestion->distance))
		return;
	suggestion->nearest = name;
	suggestion->distance = here;
}
