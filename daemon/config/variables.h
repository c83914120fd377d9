/* SPDX-License-Identifier: Apache-2.0
 *
 * variables.h - the declared variables with their values: the environment's, else those of a file
 * of their own, else the configuration's.
 */
#ifndef DK_CONFIG_VARIABLES_H
#define DK_CONFIG_VARIABLES_H

#include "daemon/base/suggest.h"
#include "daemon/config/environment.h"
#include "daemon/config/tree.h"
#include "daemon/language/expression.h"
#include "daemon/language/template.h"

struct dk_variables;
struct dk_item;

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
/* The same for a pattern: a value's colons do not make captures of it, and what a list's item brings
 * stays in its level. */
const char *dk_variables_expand_pattern(const struct dk_variables *variables, const char *text,
					enum dk_dialect dialect, struct dk_error *error);
/* The same for a URI, or several with commas (RFC 3986): in its login and its path a value is
 * percent-encoded, so that it stays what it is; elsewhere it may be any part of the URI. */
const char *dk_variables_expand_uri(const struct dk_variables *variables, const char *text,
				    struct dk_error *error);
/* The same for a program of jq, in which $NAME is jq's own: only ${NAME} is replaced, by a text of the
 * program. */
const char *dk_variables_expand_jq(const struct dk_variables *variables, const char *text,
				   struct dk_error *error);
/* A template: variables are replaced, captures stay. Freed with the plan. The dialect is that of the
 * address that it is for; NULL: it is for none. */
struct dk_template *dk_variables_template(const struct dk_variables *variables, const char *text,
					  const struct dk_captures *captures,
					  const enum dk_dialect *dialect, struct dk_error *error);
/* An expression, which the caller frees. captures == NULL: it is over variables alone. */
struct dk_expression *dk_variables_expression(const struct dk_variables *variables, const char *text,
					      const struct dk_captures *captures,
					      struct dk_error *error);

/* While the routes of a list's item are made, $AS is its name and ${AS.x} its field x; NULL ends
 * that. */
void dk_variables_bind(struct dk_variables *variables, const char *as, const struct dk_item *item);
/* From now on a name that nobody knows stays as it is written. */
void dk_variables_set_unresolved(struct dk_variables *variables, bool keeps_unknown);

/* The value of a variable, or of the item that is bound; NULL: there is none of the name. */
const char *dk_variables_find(const struct dk_variables *variables, struct dk_slice name);
/* Whether it is declared. */
bool dk_variables_have(const struct dk_variables *variables, struct dk_slice name);
/* Whether it is the bound item's name or field. */
bool dk_variables_is_item(const struct dk_variables *variables, struct dk_slice name);
/* Whether it is declared as an integer, or is a field that is a number. */
bool dk_variables_is_number(const struct dk_variables *variables, struct dk_slice name);
bool dk_variables_keep_unknown(const struct dk_variables *variables);
void dk_variables_suggest(const struct dk_variables *variables, struct dk_suggestion *suggestion);
/* Where there is no suggestion, what to do about a name that nobody knows; NULL: nothing special.
 */
const char *dk_variables_advise(const struct dk_variables *variables, struct dk_slice name);
struct dk_plan_memory *dk_variables_memory(const struct dk_variables *variables);

/* "*****" where the text holds a secret's value, else the text. */
const char *dk_variables_mask(const struct dk_variables *variables, const char *text);
/* Takes the secrets' values out of what is told of a file's faults. */
void dk_variables_hide(const struct dk_variables *variables, struct dk_faults *faults);
/* As the file would have them, with where their values come from, secrets masked. */
void dk_variables_print(const struct dk_variables *variables, FILE *out);

#endif
