/* SPDX-License-Identifier: Apache-2.0
 *
 * pieces.h - an output pattern: what addresses a template can come to, known by its pieces.
 *
 * It is to be held against the patterns of routes, to see where what one route sends comes back to
 * another: by dk_patterns_overlap(), dk_pattern_covers() and dk_matcher_overlaps(). It is not for a
 * matcher.
 */
#ifndef DK_LANGUAGE_PIECES_H
#define DK_LANGUAGE_PIECES_H

#include "daemon/language/pattern.h"

struct dk_pattern_piece {
	struct dk_slice literal; /* data is NULL: a value */
	bool is_rest;		 /* a value that may hold several levels, or none */
};

/* A value that is no rest is taken for any text within its level (in AMQP before the first / of the
 * literals: within the exchange, a rest too). Never NULL; what is too much for a pattern's room is
 * taken for any levels. The literals are copied. */
struct dk_pattern *dk_pattern_of_pieces(enum dk_dialect dialect,
					const struct dk_pattern_piece *pieces, size_t count);

#endif
