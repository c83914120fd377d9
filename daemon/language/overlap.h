/* SPDX-License-Identifier: Apache-2.0
 *
 * overlap.h - whether two patterns of one dialect have an address in common.
 */
#ifndef DK_LANGUAGE_OVERLAP_H
#define DK_LANGUAGE_OVERLAP_H

#include "daemon/language/pattern.h"

bool dk_patterns_overlap(enum dk_dialect dialect, const struct dk_pattern *a,
			 const struct dk_pattern *b);

#endif
