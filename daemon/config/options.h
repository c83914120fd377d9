/* SPDX-License-Identifier: Apache-2.0
 *
 * options.h - option tables at work: presets, parsing, ranges, and what to say of a refusal.
 */
#ifndef DK_CONFIG_OPTIONS_H
#define DK_CONFIG_OPTIONS_H

#include "daemon/base/suggest.h"
#include "daemon/config/tree.h"
#include "daemon/config/variables.h"

/* A struct with its presets filled in, in the plan's memory, cleaned with it. NULL where the table
 * has no options. */
void *dk_options_new(const struct dk_options *table, struct dk_plan_memory *memory);

/* The presets alone, in a struct of the caller's, which is zeroed. */
void dk_options_preset(const struct dk_options *table, void *values);

/* Whether the table has the name, or takes any. */
bool dk_options_know(const struct dk_options *table, const char *name);
/* Whether a row of it has the name. */
bool dk_options_list(const struct dk_options *table, const char *name);
void dk_options_suggest(const struct dk_options *table, struct dk_suggestion *suggestion);
/* Adds the table's names to those that are there, parted by commas, as far as there is room. */
void dk_options_names(const struct dk_options *table, char *names, size_t room);

/* Reads a node into the struct. The text that was taken, with its variables replaced; NULL with a
 * fault at the node's place. `what` names whose options they are: "endpoint plant"; "" is nobody's.
 */
const char *dk_options_set(const struct dk_options *table, void *values, const char *what,
			   const struct dk_node *node, const struct dk_variables *variables,
			   struct dk_faults *faults);
/* Once all are set, whether what is required is there: what is missing is told, unless it was given
 * with a fault, or misspelt. `given` is the group that they were set from; NULL: it is not known.
 */
bool dk_options_require(const struct dk_options *table, void *values, const char *what,
			struct dk_place place, const struct dk_node *given,
			struct dk_faults *faults);
/* Once all are set without a fault: what is required and missing, and rules between options. */
void dk_options_finish(const struct dk_options *table, void *values, const char *what,
		       struct dk_place place, struct dk_faults *faults);

/* The value as a person would write it; secrets masked. In `room` bytes. NULL: it is absent. */
const char *dk_option_text(const struct dk_option *option, const void *values, char *text,
			   size_t room);
/* Whether the option is the same in two structs of its table, or absent from both; of a secret only
 * that it is there counts. */
bool dk_option_is_same(const struct dk_option *option, const void *values, const void *others);

/* A number as a person would write it for this option, with a unit where it has one. */
const char *dk_option_number(const struct dk_option *option, int64_t value, char *text,
			     size_t room);

/* The units of durations and sizes; each ends with one without a name. That of "" is none. */
struct dk_unit {
	const char *name;
	int64_t factor;
};
extern const struct dk_unit dk_duration_units[], dk_size_units[];

/* Reads a text as a duration ("10ms", "5s", "2m", "1h", "7d") or a size ("64 kB", "10 GB"). */
int dk_duration_read(const char *text, int64_t *ms);
int dk_size_read(const char *text, int64_t *bytes);

#endif
