/* SPDX-License-Identifier: Apache-2.0
 *
 * matcher.h - all patterns that match an address, found in one walk of a trie of levels.
 *
 * One matcher serves one subscription. The walk does not allocate and its cost does not grow with
 * the number of patterns, but with the number of those that match and with the address's levels.
 * Regular expressions stand in the trie with the levels that they are known to begin with: only
 * those of which the address begins so are tried.
 *
 * A matcher is one thread's, and `found` must not search the one that calls it.
 */
#ifndef DK_LANGUAGE_MATCHER_H
#define DK_LANGUAGE_MATCHER_H

#include "daemon/language/pattern.h"

struct dk_matcher;

struct dk_matcher *dk_matcher_new(enum dk_dialect dialect);
void dk_matcher_free(struct dk_matcher *matcher);

/* The pattern is borrowed and must outlive the matcher; `value` is handed to `found`. */
void dk_matcher_add(struct dk_matcher *matcher, const struct dk_pattern *pattern, void *value);

/* Calls `found` for each pattern that matches, in no particular order. captures is indexed by slot;
 * those that the pattern does not capture are absent. They point into `address`. A pattern is found
 * once even where its wildcards match in several ways (AMQP's #): the first, shortest match counts.
 * Returns how many were found. */
size_t dk_matcher_find(const struct dk_matcher *matcher, struct dk_slice address,
		       void (*found)(void *context, void *value, const struct dk_slice *captures),
		       void *context);

/* How many matches of its regular expressions were stopped at a limit: see regex.h. */
uint64_t dk_matcher_given_up(const struct dk_matcher *matcher);

/* Calls `found` for each pattern that overlaps this one, as dk_patterns_overlap() says (overlap.h),
 * in one walk, once for each that was added; itself if it was. It returns whether to go on. */
void dk_matcher_overlaps(const struct dk_matcher *matcher, const struct dk_pattern *pattern,
			 bool (*found)(void *context, void *value,
				       const struct dk_pattern *pattern),
			 void *context);

#endif
