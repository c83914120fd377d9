/* SPDX-License-Identifier: Apache-2.0
 *
 * declaration.h - what the file says of a variable.
 */
#ifndef DK_CONFIG_DECLARATION_H
#define DK_CONFIG_DECLARATION_H

#include "daemon/config/faults.h"
#include "daemon/config/rules.h"

enum dk_need {
	DK_NEED_VALUE,   /* nothing is said: it must have a value, which may be empty */
	DK_NEED_MORE,    /* required = true: not an empty one */
	DK_NEED_NOTHING, /* required = false: without a value it is empty */
};

struct dk_declaration {
	const char *name;
	struct dk_place place;
	struct dk_rules rules;
	enum dk_need need;
	const struct dk_node *preset; /* a scalar, or a list of them; NULL: none */
	const struct dk_node *file;   /* the path of the file that holds it; NULL: none */
	const char *description;      /* NULL: none */
	bool is_good;                 /* no fault was found in it */
};

/* From a member of `variables`: a value, or a group of settings. What is wrong with it is left out
 * of it, and in faults. */
struct dk_declaration dk_declaration_read(const struct dk_node *node, struct dk_faults *faults);

#endif
