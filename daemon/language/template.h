/* SPDX-License-Identifier: Apache-2.0
 *
 * template.h - what a route produces, compiled once to a list of pieces.
 *
 * A text with $NAME and ${…} (see reference.h) and $$ for a dollar: variables become part of the
 * literal pieces when the template is compiled, captures and fields are filled in for each message.
 * Rendering does not allocate, once its buffers have grown.
 */
#ifndef DK_LANGUAGE_TEMPLATE_H
#define DK_LANGUAGE_TEMPLATE_H

#include "daemon/language/names.h"
#include "daemon/language/view.h"

struct dk_template;

/* NULL with an error. The scope's captures outlive it. */
struct dk_template *dk_template_new(struct dk_slice text, const struct dk_scope *scope,
				    struct dk_error *error);
void dk_template_free(struct dk_template *template);

/* Whether nothing of it depends on the message; then its text is what it always renders to. */
bool dk_template_is_literal(const struct dk_template *template);
/* With variables replaced, captures and fields as ${name}: for messages. */
const char *dk_template_text(const struct dk_template *template);
/* Adds the same as it could be written in a file: dollars that are meant as such are doubled. */
void dk_template_write(const struct dk_template *template, struct dk_buffer *out);
/* Whether the payload is parsed for it. */
bool dk_template_needs_document(const struct dk_template *template);
/* Calls back for each reference that has no value without a part of the message, with its name. */
void dk_template_each_wanted(const struct dk_template *template,
			     void (*found)(void *context, unsigned part, struct dk_slice name),
			     void *context);

/* The pieces, for those who reason about what it can become. Of a literal `name` is its text. */
struct dk_template_piece {
	struct dk_slice name;
	bool is_literal;
	bool is_rest;  /* its value may hold several levels */
	int slot;      /* of a capture that is used as it is; else -1 */
};
size_t dk_template_count(const struct dk_template *template);
struct dk_template_piece dk_template_piece(const struct dk_template *template, size_t number);

/* What became of a rendering. */
struct dk_rendering_fault {
	const char *why; /* a sentence part: "holds a wildcard"; NULL: none */
	struct dk_slice name; /* of the culprit, as it is written in the template */
};

/* As a sentence: "$line holds a wildcard", "the address is empty"; `what` is the text's own name. */
void dk_rendering_fault_tell(const struct dk_rendering_fault *fault, const char *what, char *text,
			     size_t room);

/* Adds the text; false when a value is missing or cannot be formatted: the fault says which, and
 * what there was is added. */
bool dk_template_render(const struct dk_template *template, struct dk_view *view,
			struct dk_buffer *out, struct dk_rendering_fault *fault);
/* The same into an address: each value is emitted (emit.h), and the whole must be legal. */
bool dk_template_render_address(const struct dk_template *template, enum dk_dialect dialect,
				bool escapes, struct dk_view *view, struct dk_buffer *out,
				struct dk_rendering_fault *fault);

#endif
