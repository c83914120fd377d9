/* SPDX-License-Identifier: Apache-2.0
 *
 * variable.h - one variable: its declaration, its value, and where that came from.
 */
#ifndef DK_CONFIG_VARIABLE_H
#define DK_CONFIG_VARIABLE_H

#include "daemon/config/declaration.h"
#include "daemon/config/variables.h"

struct dk_variable {
	struct dk_declaration declaration; /* without a place: systemd's own */
	const char *value;                 /* its text form; never NULL */
	const char *origin;                /* "from the environment"; NULL: the value is made up */
	bool is_preset;                    /* it is the declaration's */
};

/* From a member of `variables`. Those that were declared before it may be used in it. */
struct dk_variable dk_variable_read(const struct dk_node *node,
				    const struct dk_variables *variables,
				    const struct dk_variable_sources *sources,
				    struct dk_plan_memory *memory, struct dk_faults *faults);
/* So that it is read again as it is; `shown` is its value, masked where it holds a secret. */
void dk_variable_print(const struct dk_variable *variable, const char *shown, FILE *out);

#endif
