/* SPDX-License-Identifier: Apache-2.0
 *
 * message_fields.h - what of a message, and of what its pattern captured, a reference may name.
 */
#ifndef DK_LANGUAGE_MESSAGE_FIELDS_H
#define DK_LANGUAGE_MESSAGE_FIELDS_H

#include "daemon/language/view.h"

struct dk_reference;

struct dk_message_field {
	const char *name; /* one that ends with a dot has a name or a path behind it */
	/* Borrowed from the message, which is there for all but captures. */
	void (*take)(const struct dk_reference *reference, struct dk_view *view,
		     struct dk_value *value);
	const char *help;    /* one sentence */
	const char *written; /* for manuals; NULL: as its name */
	bool is_time;        /* its formats are those of a time */
	bool is_rest;        /* its value may hold several levels of an address */
	bool needs_document; /* the payload is parsed for it */
	unsigned part;       /* of enum dk_message_parts, which a source may never bring; 0: none */
};

/* The first, which has no name, is that of captures. */
#define DK_MESSAGE_FIELDS 11
extern const struct dk_message_field dk_message_fields[];

/* The number of the field that a name is; 0: none. */
size_t dk_message_field_find(struct dk_slice name);

/* For manuals: those with a name, from 0 on, with a sentence each. NULL: there are no more. */
const char *dk_message_field_at(size_t number, const char **help);

#endif
