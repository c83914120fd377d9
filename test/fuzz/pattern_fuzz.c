/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern_fuzz.c - any bytes as patterns: the first byte is the dialect, then each line is a
 * pattern; what follows the last line is an address, which goes through all that were patterns.
 * Those that match it have an address in common, and must say so.
 */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/language/dialect.h"
#include "daemon/language/matcher.h"
#include "daemon/language/overlap.h"

#define MOST 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct patterns {
	struct dk_pattern *list[MOST];
	struct dk_captures captures[MOST];
	bool matches[MOST];
	size_t count;
	struct dk_slice address;
};

/* Found once, and captures lie within the address. */
static void
check(void *context, void *value, const struct dk_slice *captures)
{
	struct patterns *patterns = context;
	const struct dk_slice *address = &patterns->address;
	const struct dk_captures *names = value;

	if (patterns->matches[names - patterns->captures])
		abort();
	patterns->matches[names - patterns->captures] = true;
	for (size_t i = 0; i < names->count; i++)
		if (captures[i].data < address->data ||
		    captures[i].data + captures[i].length > address->data + address->length)
			abort();
}

static void
check_overlaps(enum dk_dialect dialect, const struct patterns *patterns)
{
	for (size_t i = 0; i < patterns->count; i++)
		for (size_t j = 0; j < i; j++)
			if (!dk_patterns_overlap(dialect, patterns->list[i], patterns->list[j]) &&
			    patterns->matches[i] && patterns->matches[j])
				abort();
}

static void
match(enum dk_dialect dialect, struct patterns *patterns, struct dk_slice address)
{
	struct dk_matcher *matcher = dk_matcher_new(dialect);

	for (size_t i = 0; i < patterns->count; i++)
		dk_matcher_add(matcher, patterns->list[i], &patterns->captures[i]);
	patterns->address = address;
	dk_matcher_find(matcher, address, check, patterns);
	check_overlaps(dialect, patterns);
	dk_dialect_address_fault(dialect, address);
	dk_matcher_free(matcher);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dk_slice text = { (const char *)data, size };
	enum dk_dialect dialect = size ? (enum dk_dialect)(data[0] % (DK_PATH + 1)) : DK_MQTT;
	struct patterns patterns = { .count = 0 };
	struct dk_error error;
	const char *end;

	text = dk_slice_after(text, size > 0);
	while (patterns.count < MOST && text.length > 0 &&
	       (end = memchr(text.data, '\n', text.length))) {
		struct dk_slice line = dk_slice_new(text.data, (size_t)(end - text.data));

		patterns.captures[patterns.count] = (struct dk_captures){ .count = 0 };
		patterns.list[patterns.count] = dk_pattern_new(
			dialect, line, &patterns.captures[patterns.count], &error);
		patterns.count += patterns.list[patterns.count] != NULL;
		text = dk_slice_after(text, line.length + 1);
	}
	if (size > 0)
		match(dialect, &patterns, text);
	while (patterns.count > 0)
		dk_pattern_free(patterns.list[--patterns.count]);
	return 0;
}
