/* SPDX-License-Identifier: Apache-2.0
 *
 * level_pair.h - one level of a pattern against one of another: what overlap.c and
 * matcher_overlaps.c share.
 */
#ifndef DK_LANGUAGE_LEVEL_PAIR_H
#define DK_LANGUAGE_LEVEL_PAIR_H

#include "daemon/language/pattern_levels.h"

/* A rest or any: it stands for several levels. */
bool dk_level_is_many(const struct dk_pattern *pattern, size_t level);
/* Several, or none at all. */
bool dk_level_may_be_none(const struct dk_grammar *grammar, const struct dk_pattern *pattern,
			  size_t level);
/* Whether a level that stands for one can be this text. */
bool dk_level_can_be(const struct dk_pattern *pattern, size_t level, struct dk_slice text);

/* MQTT 5.0 section 4.7.2: a pattern that begins with a wildcard does not match what begins with $.
 * Whether this one begins with a wildcard; with a $. */
bool dk_pattern_is_wild_first(const struct dk_pattern *pattern);
bool dk_pattern_is_dollar_first(const struct dk_pattern *pattern);

#endif
