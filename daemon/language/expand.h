/* SPDX-License-Identifier: Apache-2.0
 *
 * expand.h - texts in which variables alone may stand: they are what they are from the start.
 */
#ifndef DK_LANGUAGE_EXPAND_H
#define DK_LANGUAGE_EXPAND_H

#include "daemon/base/buffer.h"
#include "daemon/language/names.h"

/* Adds the text with its variables replaced, and $$ as a dollar: as a template. -1 with an error
 * where it is no template, or something of it is known for each message only. */
int dk_expand(struct dk_slice text, const struct dk_scope *scope, struct dk_buffer *out,
	      struct dk_error *error);

/* The same with a text that has dollars of its own, as a regular expression has, which stay: only ${…}
 * is replaced, by what `quote` adds, which stands for the value itself there. */
int dk_expand_quoted(struct dk_slice text, const struct dk_scope *scope,
		     void (*quote)(struct dk_slice value, struct dk_buffer *out),
		     struct dk_buffer *out, struct dk_error *error);

#endif
