/* SPDX-License-Identifier: Apache-2.0
 *
 * partial.h - what can be said of a tree some of whose files could not be read.
 */
#ifndef DK_CONFIG_PARTIAL_H
#define DK_CONFIG_PARTIAL_H

#include "daemon/config/tree.h"
#include "daemon/config/variables.h"

/* Takes out of the tree what may be at fault only because a file is missing of it: what refers to
 * endpoints, lists or profiles, or to a variable that was not read. */
void dk_partial_keep(struct dk_node *root, const struct dk_variables *variables);

#endif
