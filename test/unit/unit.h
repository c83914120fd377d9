/* SPDX-License-Identifier: Apache-2.0
 *
 * unit.h - what every unit test needs: cmocka, rows of tables, chance that repeats itself.
 */
#ifndef DK_TEST_UNIT_H
#define DK_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/slice.h"

#define ROWS(table) (sizeof(table) / sizeof(*(table)))

/* xorshift64*: the same numbers in every run. */
static inline uint64_t
chance(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du;
}

static inline unsigned
chance_below(uint64_t *state, unsigned limit)
{
	return (unsigned)((chance(state) >> 33) % limit);
}

static inline void
assert_slice(struct dk_slice slice, const char *wanted)
{
	assert_int_equal(slice.length, strlen(wanted));
	if (slice.length > 0)
		assert_memory_equal(slice.data, wanted, slice.length);
}

#endif
