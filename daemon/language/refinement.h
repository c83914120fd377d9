/* SPDX-License-Identifier: Apache-2.0
 *
 * refinement.h - what stands behind a name in braces: its default, its format and its filters.
 */
#ifndef DK_LANGUAGE_REFINEMENT_H
#define DK_LANGUAGE_REFINEMENT_H

#include "daemon/language/value.h"

struct dk_error;
struct dk_refinement;

/* `inside` is all that stands in the braces, and begins with the name. `is_time`: the formats of the
 * value are those of strftime(3). NULL with an error; else the caller frees it. */
struct dk_refinement *dk_refinement_read(struct dk_slice inside, size_t name_length, bool is_time,
					 struct dk_error *error);
void dk_refinement_free(struct dk_refinement *refinement);

/* Whether it says what is to be where there is no value. */
bool dk_refinement_tells_of_absence(const struct dk_refinement *refinement);

/* The value is in the scratch buffer then, if it was changed. NULL, or what is wrong with it. */
const char *dk_refine(struct dk_refinement *refinement, struct dk_buffer *scratch,
		      struct dk_value *value);

#endif
