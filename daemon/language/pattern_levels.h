/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern_levels.h - a compiled pattern as the matcher sees it.
 */
#ifndef DK_LANGUAGE_PATTERN_LEVELS_H
#define DK_LANGUAGE_PATTERN_LEVELS_H

#include "daemon/language/levels.h"
#include "daemon/language/pattern.h"

enum dk_level_kind {
	DK_LEVEL_LITERAL,
	DK_LEVEL_ONE,  /* exactly one level */
	DK_LEVEL_REST, /* what is left; in AMQP any number of levels */
};

struct dk_pattern_level {
	enum dk_level_kind kind;
	int slot; /* of its capture; -1: none */
	struct dk_slice text; /* of a literal, in the pattern's own memory */
};

struct dk_pattern {
	struct dk_pattern_level *levels;
	size_t count;
	char *text; /* the literals' memory */
	char *filter;
};

#endif
