/* SPDX-License-Identifier: Apache-2.0
 *
 * compile.c - from the tree to the plan: the whole.
 */
#include "daemon/config/lists.h"
#include "daemon/config/settings.h"

/* A group of named things; NULL, perhaps with a fault, when there is none. */
static const struct dk_node *
group_of(struct dk_compiling *compiling, const struct dk_node *root, const char *name)
{
	const struct dk_node *group = dk_node_find(root, name);

	if (!group || group->kind == DK_NODE_GROUP)
		return group;
	dk_fault(compiling->faults, group->place, "%s is %s; %s = { NAME = { … }; }?", name,
		 dk_node_kind_name(group), name);
	return NULL;
}

static void
compile(struct dk_compiling *compiling, const struct dk_node *root)
{
	compiling->variables = dk_variables_read(dk_node_find(root, "variables"),
						 compiling->memory, compiling->faults);
	dk_compile_settings(compiling, root);
	dk_compile_endpoints(compiling, group_of(compiling, root, "endpoints"));
	dk_compile_routes(compiling, root);
	if (dk_faults_count(compiling->faults) == 0)
		dk_compile_subscriptions(compiling);
}

struct dk_plan *
dk_plan_read(const char *path, const struct dk_plugin_finder *finder, struct dk_faults *faults)
{
	struct dk_plan_memory *memory = dk_memory_new();
	struct dk_plan *plan = dk_memory_take(memory, sizeof(*plan));
	struct dk_compiling compiling = { .plan = plan,
					  .memory = memory,
					  .faults = faults,
					  .finder = finder };
	const char *kept = dk_memory_text(memory, dk_slice_of(path));
	const struct dk_node *root = dk_tree_read(kept, memory, faults);

	plan->memory = memory;
	if (root)
		compile(&compiling, root);
	plan->variables = compiling.variables;
	if (compiling.variables)
		dk_variables_hide(compiling.variables, faults);
	if (dk_faults_count(faults) == 0)
		return plan;
	dk_memory_free(memory);
	return NULL;
}

void
dk_plan_free(struct dk_plan *plan)
{
	if (plan)
		dk_memory_free(plan->memory);
}
