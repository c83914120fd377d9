/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern_fuzz.c - any bytes as patterns: the first byte is the dialect, then each line is a
 * pattern; what follows the last line is an address, which goes through all that were patterns.
 * What is said of them has to agree: of two that match it that they overlap, of one that is covered
 * that the other matches too, of each that its filter brings it. Each line is also taken for the
 * pieces of a template: what fits those overlaps what matches.
 */
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>

#include "daemon/base/buffer.h"
#include "daemon/language/dialect.h"
#include "daemon/language/matcher.h"
#include "daemon/language/output.h"
#include "daemon/language/overlap.h"
#include "daemon/language/regex.h"

#define MOST 16
#define PIECES 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct patterns {
	enum dk_dialect dialect;
	struct dk_slice texts[MOST];
	struct dk_pattern *list[MOST];
	struct dk_captures captures[MOST];
	bool matches[MOST];
	size_t count;
	struct dk_slice address;
};

static void
require(bool is_so)
{
	if (!is_so)
		abort();
}

static bool
is_regex(const struct patterns *patterns, size_t i)
{
	return dk_regex_begin(patterns->dialect, patterns->texts[i]) > 0;
}

/* Found once, and captures lie within the address; a group may have taken no part. */
static void
check(void *context, void *value, const struct dk_slice *captures)
{
	struct patterns *patterns = context;
	const struct dk_slice *address = &patterns->address;
	const struct dk_captures *names = value;
	size_t number = (size_t)(names - patterns->captures);

	require(!patterns->matches[number]);
	patterns->matches[number] = true;
	for (size_t i = 0; i < names->count; i++)
		require((!captures[i].data && is_regex(patterns, number)) ||
			(captures[i].data >= address->data &&
			 captures[i].data + captures[i].length <= address->data + address->length));
}

static void
check_pairs(const struct patterns *patterns)
{
	enum dk_dialect dialect = patterns->dialect;

	for (size_t i = 0; i < patterns->count; i++)
		for (size_t j = 0; j < patterns->count; j++) {
			const struct dk_pattern *a = patterns->list[i], *b = patterns->list[j];
			bool overlap = dk_patterns_overlap(dialect, a, b);
			bool covers = dk_pattern_covers(dialect, a, b);

			require(overlap == dk_patterns_overlap(dialect, b, a));
			require(overlap || !patterns->matches[i] || !patterns->matches[j]);
			require(overlap || !covers);
			require(!covers || patterns->matches[i] || !patterns->matches[j]);
			require(covers || i != j);
		}
}

struct overlaps {
	const struct patterns *patterns;
	bool found[MOST];
};

static bool
note(void *context, void *value, const struct dk_pattern *pattern)
{
	struct overlaps *overlaps = context;
	size_t number = (size_t)((struct dk_captures *)value - overlaps->patterns->captures);

	require(!overlaps->found[number] && overlaps->patterns->list[number] == pattern);
	overlaps->found[number] = true;
	return true;
}

static void
check_search(const struct patterns *patterns, const struct dk_matcher *matcher,
	     const struct dk_pattern *pattern)
{
	struct overlaps overlaps = { .patterns = patterns };

	dk_matcher_overlaps(matcher, pattern, note, &overlaps);
	for (size_t i = 0; i < patterns->count; i++)
		require(overlaps.found[i] ==
			dk_patterns_overlap(patterns->dialect, patterns->list[i], pattern));
}

/* --- Filters --- */

static void
count(void *context, void *value, const struct dk_slice *captures)
{
	(void)value, (void)captures;
	++*(size_t *)context;
}

/* A filter in wildcards is a pattern too, once its colons are doubled. */
static bool
wildcards_bring(enum dk_dialect dialect, const char *filter, struct dk_slice address)
{
	struct dk_matcher *matcher = dk_matcher_new(dialect);
	struct dk_captures captures = { .count = 0 };
	struct dk_buffer text = { 0 };
	struct dk_pattern *pattern;
	size_t found = 0;

	for (const char *at = filter; *at; at++) {
		dk_buffer_add(&text, dk_slice_new(at, 1));
		if (*at == ':')
			dk_buffer_add(&text, dk_slice_new(at, 1));
	}
	pattern = dk_pattern_new(dialect, dk_slice_new(text.data, text.length), &captures, NULL);
	require(pattern != NULL);
	dk_matcher_add(matcher, pattern, NULL);
	dk_matcher_find(matcher, address, count, &found);
	dk_matcher_free(matcher);
	dk_pattern_free(pattern);
	dk_buffer_clear(&text);
	return found == 1;
}

static bool
posix_brings(const char *filter, const char *address)
{
	regex_t regex;
	int result;

	if (*filter != '^')
		return strcmp(filter, address) == 0;
	require(regcomp(&regex, filter, REG_EXTENDED | REG_NOSUB) == 0);
	result = regexec(&regex, address, 0, NULL, 0);
	regfree(&regex);
	return result == 0;
}

/* Kafka's filters leave out captures of nothing. What begins with ~ cannot be read again. */
static void
check_filter(const struct patterns *patterns, size_t i)
{
	const char *filter = dk_pattern_filter(patterns->list[i]);
	struct dk_slice address = patterns->address;
	struct dk_buffer text = { 0 };
	struct dk_error error;

	if (dk_dialect_address_fault(patterns->dialect, address))
		return;
	dk_buffer_add(&text, address);
	if (patterns->dialect == DK_KAFKA) {
		bool has_empty = strstr(text.data, "..") || text.data[0] == '.' ||
				 text.data[text.length - 1] == '.';

		require(has_empty || posix_brings(filter, text.data));
		require(has_empty || dk_pattern_can_match(DK_KAFKA, patterns->list[i], &error));
	} else if (patterns->dialect == DK_MQTT || patterns->dialect == DK_AMQP) {
		require(dk_regex_begin(patterns->dialect, dk_slice_of(filter)) ||
			wildcards_bring(patterns->dialect, filter, address));
		require(dk_pattern_can_match(patterns->dialect, patterns->list[i], &error));
	}
	dk_buffer_clear(&text);
}

/* --- Pieces --- */

/* A colon is a value, an exclamation mark a rest. */
static size_t
read_pieces(struct dk_slice text, struct dk_pattern_piece *pieces)
{
	size_t count_pieces = 0, from = 0;

	for (size_t i = 0; i <= text.length && count_pieces + 2 < PIECES; i++) {
		if (i < text.length && text.data[i] != ':' && text.data[i] != '!')
			continue;
		if (i > from)
			pieces[count_pieces++].literal = dk_slice_new(text.data + from, i - from);
		if (i < text.length)
			pieces[count_pieces++] =
				(struct dk_pattern_piece){ { NULL, 0 }, text.data[i] == '!' };
		from = i + 1;
	}
	return count_pieces;
}

static void
check_pieces(const struct patterns *patterns, const struct dk_matcher *matcher,
	     struct dk_slice text)
{
	struct dk_pattern_piece pieces[PIECES] = { 0 };
	size_t piece_count = read_pieces(text, pieces);
	struct dk_pattern *output = dk_pattern_of_pieces(patterns->dialect, pieces, piece_count);
	bool fits = dk_output_fits(patterns->dialect, pieces, piece_count, patterns->address);
	/* Which no value makes: see template.c. */
	bool is_reserved = patterns->dialect == DK_MQTT && patterns->address.length > 0 &&
			   patterns->address.data[0] == '$';

	check_search(patterns, matcher, output);
	for (size_t i = 0; i < patterns->count && fits && !is_reserved; i++) {
		require(!patterns->matches[i] ||
			dk_patterns_overlap(patterns->dialect, patterns->list[i], output));
		require(patterns->matches[i] ||
			!dk_pattern_covers(patterns->dialect, patterns->list[i], output));
	}
	dk_pattern_free(output);
}

/* --- All of it --- */

static void
match(struct patterns *patterns)
{
	struct dk_matcher *matcher = dk_matcher_new(patterns->dialect);

	for (size_t i = 0; i < patterns->count; i++)
		dk_matcher_add(matcher, patterns->list[i], &patterns->captures[i]);
	dk_matcher_find(matcher, patterns->address, check, patterns);
	check_pairs(patterns);
	for (size_t i = 0; i < patterns->count; i++) {
		check_search(patterns, matcher, patterns->list[i]);
		check_pieces(patterns, matcher, patterns->texts[i]);
		if (patterns->matches[i])
			check_filter(patterns, i);
	}
	dk_dialect_address_fault(patterns->dialect, patterns->address);
	dk_matcher_free(matcher);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dk_slice text = { (const char *)data, size };
	struct patterns patterns = { .dialect = size ? (enum dk_dialect)(data[0] % (DK_PATH + 1))
						     : DK_MQTT };
	struct dk_error error;
	const char *end;

	text = dk_slice_after(text, size > 0);
	while (patterns.count < MOST && text.length > 0 &&
	       (end = memchr(text.data, '\n', text.length))) {
		size_t i = patterns.count;

		patterns.texts[i] = dk_slice_new(text.data, (size_t)(end - text.data));
		patterns.captures[i] = (struct dk_captures){ .count = 0 };
		patterns.list[i] = dk_pattern_new(patterns.dialect, patterns.texts[i],
						  &patterns.captures[i], &error);
		patterns.count += patterns.list[i] != NULL;
		text = dk_slice_after(text, patterns.texts[i].length + 1);
	}
	patterns.address = text;
	if (size > 0)
		match(&patterns);
	while (patterns.count > 0)
		dk_pattern_free(patterns.list[--patterns.count]);
	return 0;
}
