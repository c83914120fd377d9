/* SPDX-License-Identifier: Apache-2.0
 *
 * slice.h - a borrowed run of bytes: make, compare, cut.
 */
#ifndef DK_BASE_SLICE_H
#define DK_BASE_SLICE_H

#include <string.h>

#include "plugins/plugin.h"

#define DK_SLICE(literal) ((struct dk_slice){ "" literal, sizeof(literal) - 1 })

static inline struct dk_slice
dk_slice_of(const char *text)
{
	return (struct dk_slice){ text, text ? strlen(text) : 0 };
}

static inline struct dk_slice
dk_slice_new(const char *data, size_t length)
{
	return (struct dk_slice){ data, length };
}

static inline bool
dk_slice_is(struct dk_slice a, struct dk_slice b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool
dk_slice_has(struct dk_slice slice, char wanted)
{
	return slice.length > 0 && memchr(slice.data, wanted, slice.length) != NULL;
}

/* What comes from `offset` on; offset <= length. */
static inline struct dk_slice
dk_slice_after(struct dk_slice slice, size_t offset)
{
	return (struct dk_slice){ slice.data + offset, slice.length - offset };
}

#endif
