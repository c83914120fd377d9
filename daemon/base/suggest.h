/* SPDX-License-Identifier: Apache-2.0
 *
 * suggest.h - the name that was probably meant: for "did you mean".
 */
#ifndef DK_BASE_SUGGEST_H
#define DK_BASE_SUGGEST_H

#include "daemon/base/slice.h"

/* Gathers the nearest of the names that it is shown. Begins with what was written. */
struct dk_suggestion {
	struct dk_slice written;
	const char *nearest; /* NULL: none is near enough */
	size_t distance;
};

void dk_suggest(struct dk_suggestion *suggestion, const char *name);

#endif
