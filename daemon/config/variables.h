/* SPDX-License-Identifier: Apache-2.0
 *
 * variables.h - the declared variables with their values: the environment's, else those of a file
 * of their own, else the configuration's.
 */
#ifndef DK_CONFIG_VARIABLES_H
#define DK_CONFIG_VARIABLES_H

#include "daemon/config/environment.h"
#include "daemon/config/tree.h"
#include "daemon/language/template.h"

struct dk_variables;

/* What values come from besides the process's environment and the file's defaults. */
struct dk_variable_sources {
	const struct dk_environment *environment; /* weaker than the process's own; may be NULL */
	bool is_check; /* a secret's file that may not be read is noted, and its value made up */
	bool is_whole; /* false: a variable that is not declared may be so in a file unread */
};

/* From the file's `variables`, which may be NULL. Each value is checked by what its declaration
 * asks of it. */
struct dk_variables *dk_variables_read(const struct dk_node *group,
				       const struct dk_variable_sources *sources,
				       struct dk_plan_memory *memory, struct dk_faults *faults);

/* A text with its variables replaced, in the plan's memory; NULL with an error. */
const char *dk_variables_expand(const struct dk_variables *variables, const char *text,
				struct dk_error *error);
/* The same for a pattern: a value's colons do not make captures of it. */
const char *dk_variables_expand_pattern(const struct dk_variables *variables, const char *text,
					struct dk_error *error);
/* A template: variables are replaced, captures stay. Freed with the plan. */
struct dk_template *dk_variables_template(const struct dk_variables *variables, const char *text,
					  const struct dk_captures *captures,
					  struct dk_error *error);

/* "*****" where the text holds a secret's value, else the text. */
const char *dk_variables_mask(const struct dk_variables *variables, const char *text);
/* Takes the secrets' values out of what is told of a file's faults. */
void dk_variables_hide(const struct dk_variables *variables, struct dk_faults *faults);
void dk_variables_print(const struct dk_variables *variables, FILE *out);

#endif
