/* SPDX-License-Identifier: Apache-2.0
 *
 * rules.h - what a variable's value may be: its type, and what else is asked of it.
 */
#ifndef DK_CONFIG_RULES_H
#define DK_CONFIG_RULES_H

#include "daemon/base/error.h"
#include "daemon/config/tree.h"

enum dk_type {
	DK_TYPE_TEXT,
	DK_TYPE_INTEGER,
	DK_TYPE_BOOLEAN,  /* true or false, also as yes, no, on, off */
	DK_TYPE_DURATION, /* "10ms" */
	DK_TYPE_SIZE,     /* "64 kB" */
	DK_TYPE_LIST,     /* texts, parted by commas */
};

/* All but the type may be absent. Match and choices are asked of each item of a list. */
struct dk_rules {
	enum dk_type type;
	const char *match;             /* a regular expression, for the whole value */
	const char *min, *max;         /* as they are written, of a type that has an order */
	const struct dk_node *choices; /* a list of scalars */
	bool is_secret;                /* no error holds any of it */
};

/* The type of that name; -1 with an error that says which there are. */
int dk_type_read(const char *name, enum dk_type *type, struct dk_error *error);
const char *dk_type_name(enum dk_type type);
/* For manuals: the types from 0 on, with a sentence each. NULL: there are no more. */
const char *dk_type_entry(size_t number, const char **help);
/* A type that min and max are for: its values have an order. */
bool dk_type_has_order(enum dk_type type);

/* 0, or -1 with an error that a value may stand before: "is no integer; 8080?". */
int dk_rules_check(const struct dk_rules *rules, const char *value, struct dk_error *error);
/* Of the rules themselves: bounds that are none, an expression that is none. */
int dk_rules_check_themselves(const struct dk_rules *rules, struct dk_error *error);
/* The one way in which a good value is written: true for yes, 7 for 007. */
const char *dk_type_text(enum dk_type type, const char *value,
			  struct dk_plan_memory *memory);
/* Of that type, for one that cannot be known yet. */
const char *dk_rules_placeholder(const struct dk_rules *rules);

#endif
