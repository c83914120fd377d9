/* SPDX-License-Identifier: Apache-2.0
 *
 * output.h - does a rendered address fit its template? A second opinion, beside that of template.h.
 *
 * It is formed from the address alone, and shares nothing with what made it: so a value that broke
 * out of its place shows, whatever let it through.
 */
#ifndef DK_LANGUAGE_OUTPUT_H
#define DK_LANGUAGE_OUTPUT_H

#include "daemon/language/pieces.h"

/* Whether the address can be parted into the pieces: each literal in its place, each value
 * something that holds none of the characters that part levels there (in AMQP a / up to the first
 * one, then a dot), each rest anything or nothing (within AMQP's exchange, where it may hold no /
 * either, something). How often it looks at a byte does not grow with the address. Does not allocate. */
bool dk_output_fits(enum dk_dialect dialect, const struct dk_pattern_piece *pieces, size_t count,
		    struct dk_slice address);

#endif
