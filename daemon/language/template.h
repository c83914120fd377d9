/* SPDX-License-Identifier: Apache-2.0
 *
 * template.h - what a route produces, compiled once to a list of pieces.
 *
 * `$NAME`, `${NAME}`, `${NAME:-default}`, `$$`: variables become part of the literal pieces when
 * the template is compiled, captures are filled in for each message. Rendering does not allocate.
 */
#ifndef DK_LANGUAGE_TEMPLATE_H
#define DK_LANGUAGE_TEMPLATE_H

#include "daemon/base/slice.h"
#include "daemon/language/names.h"

struct dk_template;

struct dk_template *dk_template_new(struct dk_slice text, const struct dk_scope *scope,
				    struct dk_error *error);
void dk_template_free(struct dk_template *template);

/* Whether it has no captures; then its text is what it always renders to. */
bool dk_template_is_literal(const struct dk_template *template);
/* With variables replaced, captures as $name: for -T and for messages. */
const char *dk_template_text(const struct dk_template *template);

/* The length of what it would render to. */
size_t dk_template_length(const struct dk_template *template, const struct dk_slice *captures);
/* Writes that many bytes and returns the end. */
char *dk_template_render(const struct dk_template *template, const struct dk_slice *captures,
			 char *out);

/* Why the captured values may not be emitted into an address of this dialect, or NULL. A value
 * that is absent (an optional capture of another pattern) counts as empty. `culprit`, if not NULL,
 * is set to the name of the capture. */
const char *dk_template_fault(const struct dk_template *template, enum dk_dialect dialect,
			      const struct dk_slice *captures, struct dk_slice *culprit);

#endif
