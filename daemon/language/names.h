/* SPDX-License-Identifier: Apache-2.0
 *
 * names.h - what a template may refer to: the variables, known at start, and the captures of a
 * route's patterns, known for each message.
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

/* Where a template's names are looked up. */
struct dk_scope {
	/* A variable's value; NULL when there is none of the name. */
	const char *(*variable)(void *context, struct dk_slice name);
	/* The name that was probably meant, or NULL: for the error. */
	const char *(*suggest)(void *context, struct dk_slice name);
	void *context;
	const struct dk_captures *captures; /* NULL: variables only */
};

#endif
