/* SPDX-License-Identifier: Apache-2.0
 *
 * overlap.h - what two patterns of one dialect have in common: an address, or all of them.
 *
 * Exact for patterns of levels in a dialect with its own rests, but for an empty routing key of
 * AMQP. A regular expression is taken for the levels that it begins with and a rest, and a pattern
 * of pieces for somewhat more than it is: so an overlap with one of them may be, and need not.
 */
#ifndef DK_LANGUAGE_OVERLAP_H
#define DK_LANGUAGE_OVERLAP_H

#include "daemon/language/pattern.h"

/* Whether there is, or may be, an address that both match. */
bool dk_patterns_overlap(enum dk_dialect dialect, const struct dk_pattern *a,
			 const struct dk_pattern *b);

/* Whether every address that b matches is matched by a too, for certain: false where it is not
 * known. What a regular expression or a pattern of pieces matches is not known well enough to cover
 * another pattern. */
bool dk_pattern_covers(enum dk_dialect dialect, const struct dk_pattern *a,
		       const struct dk_pattern *b);

#endif
