/* SPDX-License-Identifier: Apache-2.0
 *
 * clients.c - endpoints by whose options one system would take them for each other, and end the one's
 * connection for the other's.
 */
#include "daemon/config/algebra.h"

/* The option by which they are one client there; NULL: they are two. */
static const struct dk_option *
find_shared(const struct dk_endpoint_plan *a, const struct dk_endpoint_plan *b)
{
	char room[64];

	for (const struct dk_option *row = a->plugin->endpoint.rows; row && row->name; row++)
		if (row->flags & DK_NAMES_CLIENT && dk_option_text(row, a->config, room, sizeof(room)) &&
		    dk_option_is_same(row, a->config, b->config))
			return row;
	return NULL;
}

static void
check_pair(struct dk_compiling *compiling, const struct dk_endpoint_plan *first,
	   const struct dk_endpoint_plan *second)
{
	const struct dk_option *row = find_shared(first, second);
	const struct dk_node *node = row ? dk_node_find(second->node, row->name) : NULL;
	char room[64];

	if (row)
		dk_fault(compiling->faults, node ? node->place : second->place,
			 "endpoint %s: %s = \"%s\" is that of endpoint %s at the same broker, which "
			 "would end the one's connection for the other's; another %s?",
			 second->name, row->name,
			 dk_option_text(row, second->config, room, sizeof(room)), first->name,
			 row->name);
}

void
dk_algebra_check_clients(struct dk_compiling *compiling)
{
	const struct dk_plan *plan = compiling->plan;
	const size_t *systems = dk_algebra_systems(compiling);

	for (size_t i = 0; i < plan->endpoint_count; i++)
		for (size_t j = 0; j < i; j++)
			if (systems[i] == systems[j])
				check_pair(compiling, &plan->endpoints[j], &plan->endpoints[i]);
}
