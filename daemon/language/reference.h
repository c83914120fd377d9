/* SPDX-License-Identifier: Apache-2.0
 *
 * reference.h - what a $NAME or ${…} stands for, compiled: a constant, a capture, or a field of the
 * message.
 *
 * Inside the braces: a name, then perhaps one of
 *
 *	:-default     when it is absent or empty
 *	:?what        when it is absent or empty: the error says so
 *	:%05d         a format, as a filter
 *
 * then any number of filters, each behind a | (filter.h).
 *
 * Names: a variable (which may have dots), a capture, or one of the message's fields: key, topic,
 * payload, timestamp, content_type, correlation_id, reply_to, message_id, header.NAME, and json.PATH
 * of a payload that is JSON. A name that is two of these is an error.
 */
#ifndef DK_LANGUAGE_REFERENCE_H
#define DK_LANGUAGE_REFERENCE_H

#include "daemon/language/names.h"
#include "daemon/language/view.h"

struct dk_refinement;

struct dk_reference {
	uint8_t field;        /* its row in message_fields.c */
	uint8_t slot;         /* of a capture */
	bool is_literal;      /* it is none, but a piece of text, its name */
	bool is_rest;         /* its value may hold several levels of an address */
	struct dk_slice name; /* as written, in the text that it was compiled from */
	struct dk_refinement *refinement; /* default and filters; NULL: none */
};

enum dk_meaning {
	DK_MEANS_ERROR = -1,
	DK_MEANS_TEXT,      /* known at once; added to `constant`; of the reference only the name is set */
	DK_MEANS_REFERENCE, /* known for each message */
	DK_MEANS_UNKNOWN,   /* nobody knows the name, and the scope keeps such */
};

/* What follows a $: a name, or ${…}. `*length` is set to how much of the text it is. */
enum dk_meaning dk_reference_read(struct dk_slice text, const struct dk_scope *scope,
				  struct dk_reference *reference, struct dk_buffer *constant,
				  size_t *length, struct dk_error *error);
void dk_reference_clear(struct dk_reference *reference);

/* Its value; it is borrowed from the message or from the scratch buffer, which loses what it held.
 * NULL, or why there is no such value: a sentence part as in "$line is no integer". */
const char *dk_reference_value(const struct dk_reference *reference, struct dk_view *view,
			       struct dk_buffer *scratch, struct dk_value *value);
/* The same as text. One that is absent is a fault. */
const char *dk_reference_text(const struct dk_reference *reference, struct dk_view *view,
			      struct dk_slice *text);

/* Whether the payload is parsed for it. */
bool dk_reference_needs_document(const struct dk_reference *reference);
/* What a message must have for it (enum dk_message_parts); 0: nothing that a source may never
 * bring, or it says what is to be without. */
unsigned dk_reference_wants(const struct dk_reference *reference);

#endif
