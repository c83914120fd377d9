/* SPDX-License-Identifier: Apache-2.0
 *
 * document.h - a message's payload as JSON (RFC 8259), parsed when somebody asks, and once.
 *
 * In a payload in which a name comes twice, that is nested deeper than 2048 levels, or that has a
 * number beyond an int64_t or a double, nothing is found: none of it would be sure.
 */
#ifndef DK_LANGUAGE_DOCUMENT_H
#define DK_LANGUAGE_DOCUMENT_H

#include "daemon/language/value.h"

/* A payload that is longer is not parsed: nothing is found in it. */
#define DK_DOCUMENT_MAX (16 << 20)

/* Begins as { 0 }; cleared after each message. */
struct dk_document {
	bool was_asked;
	void *root; /* NULL: the payload is no JSON */
};

/* What stands at the path, whose parts are parted by dots; a part of digits is also a place in a
 * list, from 0. The value is borrowed from the document. The empty path is the whole. */
void dk_document_find(struct dk_document *document, struct dk_slice payload, struct dk_slice path,
		      struct dk_value *value);
/* Adds an object or list as compact JSON. */
void dk_document_add(void *compound, struct dk_buffer *out);
void dk_document_clear(struct dk_document *document);

#endif
