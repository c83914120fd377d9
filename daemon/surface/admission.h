/* SPDX-License-Identifier: Apache-2.0
 *
 * admission.h - who may ask at the address: whoever brings the token.
 */
#ifndef DK_SURFACE_ADMISSION_H
#define DK_SURFACE_ADMISSION_H

#include <stdbool.h>

/* Of a request's header Authorization: `Bearer TOKEN` (RFC 6750), or `Basic` with any user name and
 * the token as its password (RFC 7617), as browsers have it. NULL: it has none. How long it takes
 * tells nothing of the token but its length. */
bool dk_admission_is_given(const char *authorization, const char *token);

#endif
