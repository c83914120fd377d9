/* SPDX-License-Identifier: Apache-2.0
 *
 * error.h - one sentence of what went wrong, filled in where it happened, said where it is decided.
 */
#ifndef DK_BASE_ERROR_H
#define DK_BASE_ERROR_H

#include "plugins/plugin.h"

/* Fills the error, which may be NULL, and returns -1, so that a caller can `return dk_fail(…)`. */
int dk_fail(struct dk_error *error, const char *format, ...) DK_PRINTF(2, 3);

#endif
