/* SPDX-License-Identifier: Apache-2.0
 *
 * value.h - what a variable's value may be: its type, and what else is asked of it.
 */
#ifndef DK_CONFIG_VALUE_H
#define DK_CONFIG_VALUE_H

#include "daemon/base/error.h"
#include "daemon/config/tree.h"

enum dk_value_type {
	DK_VALUE_TEXT,
	DK_VALUE_INTEGER,
	DK_VALUE_BOOLEAN,  /* true or false, also as yes, no, on, off */
	DK_VALUE_DURATION, /* "10ms" */
	DK_VALUE_SIZE,     /* "64 kB" */
	DK_VALUE_LIST,     /* texts, parted by commas */
};

/* All but the type may be absent. Match and choices are asked of each item of a list. */
struct dk_value_rules {
	enum dk_value_type type;
	const char *match;             /* a regular expression, for the whole value */
	const char *min, *max;         /* as they are written, of a type that has an order */
	const struct dk_node *choices; /* a list of scalars */
	bool is_secret;                /* no error holds any of it */
};

/* The type of that name; -1 with an error that says which there are. */
int dk_value_type_read(const char *name, enum dk_value_type *type, struct dk_error *error);
const char *dk_value_type_name(enum dk_value_type type);
/* A type that min and max are for: its values have an order. */
bool dk_value_has_order(enum dk_value_type type);

/* 0, or -1 with an error that a value may stand before: "is no integer; 8080?". */
int dk_value_check(const struct dk_value_rules *rules, const char *value, struct dk_error *error);
/* Of the rules themselves: bounds that are none, an expression that is none. */
int dk_value_check_rules(const struct dk_value_rules *rules, struct dk_error *error);
/* The one way in which a good value is written: true for yes, 7 for 007. */
const char *dk_value_text(enum dk_value_type type, const char *value,
			  struct dk_plan_memory *memory);
/* Of that type, for one that cannot be known yet. */
const char *dk_value_placeholder(const struct dk_value_rules *rules);

#endif
