/* SPDX-License-Identifier: Apache-2.0
 *
 * test_outcomes.h - a test while it runs, shared by tests.c, which reads it and tries its message,
 * and test_outcomes.c, which holds what became of that against what is wanted.
 */
#ifndef DK_CONFIG_TEST_OUTCOMES_H
#define DK_CONFIG_TEST_OUTCOMES_H

#include "daemon/config/compile.h"
#include "daemon/config/trial.h"

#define DK_SEEN_MAX 64 /* deliveries of one message that a test looks at */

struct dk_testing {
	struct dk_compiling *compiling;
	const struct dk_node *node;
	const char *on; /* with variables replaced */
	size_t endpoint;
	struct dk_message message;
	struct dk_outlook seen[DK_SEEN_MAX];
	size_t seen_count;
	const struct dk_route *refused; /* one whose condition does not hold; NULL: none */
};

/* tests.c: "name: value", or a list of such; in the plan's memory. */
struct dk_header *dk_test_headers(struct dk_testing *testing, const struct dk_node *node,
				  size_t *count);

/* Each member of a test that says what is wanted; what is otherwise is a fault at its place. */
void dk_test_check_targets(struct dk_testing *testing, const struct dk_node *to);
void dk_test_check_key(struct dk_testing *testing, const struct dk_node *node);
void dk_test_check_headers(struct dk_testing *testing, const struct dk_node *node);
void dk_test_check_route(struct dk_testing *testing, const struct dk_node *node);

#endif
