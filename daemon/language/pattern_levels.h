/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern_levels.h - a compiled pattern as the matcher sees it: one run of memory, for there may be
 * very many.
 */
#ifndef DK_LANGUAGE_PATTERN_LEVELS_H
#define DK_LANGUAGE_PATTERN_LEVELS_H

#include "daemon/language/levels.h"
#include "daemon/language/pattern.h"
#include "daemon/language/regex.h"

#define DK_PATTERN_LEVELS_MAX (DK_LEVELS_MAX - 8)
/* Bytes of a text; so a place in a filter fits 16 bits. */
#define DK_PATTERN_LONGEST 64000

enum dk_level_kind {
	DK_LEVEL_LITERAL,
	DK_LEVEL_ONE,  /* exactly one level */
	DK_LEVEL_REST, /* what is left; in AMQP any number of levels */
	/* Only in what is made of pieces: */
	DK_LEVEL_PARTLY, /* one level: a value between two literals, of which one may be empty */
	DK_LEVEL_ANY,	 /* any number of levels, in any place */
};

struct dk_pattern_level {
	uint16_t from, length; /* of what is literal in it, in the pattern's filter */
	uint16_t before;       /* how much of that stands before the value */
	int8_t slot;	       /* of its capture; -1: none */
	uint8_t kind;
};

struct dk_pattern {
	/* NULL: the levels are all that there is to it. Else they are those that its expression is
	 * known to begin with, and a rest; and an address that they match has yet to match this. */
	struct dk_regex *regex;
	char *filter; /* behind the levels; it holds the literals too */
	uint16_t count;
	bool is_of_pieces; /* what it matches is more than what it stands for */
	struct dk_pattern_level levels[];
};

/* What is literal in a level. */
static inline struct dk_slice
dk_pattern_text(const struct dk_pattern *pattern, size_t level)
{
	return dk_slice_new(pattern->filter + pattern->levels[level].from,
			    pattern->levels[level].length);
}

#endif
