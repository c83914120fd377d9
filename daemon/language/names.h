/* SPDX-License-Identifier: Apache-2.0
 *
 * names.h - what a template or an expression may refer to: the variables, known at start, and for
 * each message the captures of a route's patterns and the message's own fields (see view.h).
 */
#ifndef DK_LANGUAGE_NAMES_H
#define DK_LANGUAGE_NAMES_H

#include "daemon/base/slice.h"

#define DK_CAPTURES_MAX 32

/* A route's captures. A capture's slot is its index here, in every pattern of the route. */
struct dk_captures {
	struct dk_slice names[DK_CAPTURES_MAX];
	bool is_rest[DK_CAPTURES_MAX]; /* :name*, which may hold several levels */
	size_t count;
};

/* The slot of a name, or -1. */
int dk_captures_find(const struct dk_captures *captures, struct dk_slice name);

/* Where names are looked up. */
struct dk_scope {
	/* A variable's value; NULL when there is none of the name, which may hold dots. */
	const char *(*variable)(void *context, struct dk_slice name);
	/* The name that was probably meant, or NULL: for the error. */
	const char *(*suggest)(void *context, struct dk_slice name);
	/* Where there is none, what else to do about a name that nobody knows: a sentence, or NULL.
	 * May be NULL. */
	const char *(*advise)(void *context, struct dk_slice name);
	/* Why a variable's value may not stand here, a sentence part; NULL: it may. May be NULL. */
	const char *(*check)(void *context, struct dk_slice name, const char *value);
	/* Whether a variable is a number, for conditions. May be NULL: none is. */
	bool (*is_number)(void *context, struct dk_slice name);
	void *context;
	/* They outlive what is compiled. NULL: variables only, for there will be no message. */
	const struct dk_captures *captures;
	bool keeps_unknown; /* a name that nobody knows stays as it is written */
};

static inline bool
dk_is_name_character(char c, bool is_first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (!is_first && c >= '0' && c <= '9');
}

/* The name that the text begins with; empty: it begins with none. */
struct dk_slice dk_name_at(struct dk_slice text);

#endif
