/* SPDX-License-Identifier: Apache-2.0
 *
 * compile.c - from the tree to the plan: the whole.
 */
#include "daemon/config/algebra.h"
#include "daemon/config/partial.h"
#include "daemon/config/settings.h"
#include "daemon/config/tests.h"

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
	dk_compile_settings(compiling, root);
	dk_variables_set_unresolved(compiling->variables, compiling->plan->settings.unresolved);
	compiling->plan->lists = dk_lists_read(dk_node_find(root, "lists"), compiling->variables,
					       compiling->plan->settings.state, compiling->finder,
					       compiling->copies_only, compiling->memory,
					       compiling->faults);
	dk_compile_endpoints(compiling, group_of(compiling, root, "endpoints"));
	dk_compile_routes(compiling, root);
	if (dk_faults_count(compiling->faults) == 0)
		dk_compile_subscriptions(compiling);
}

/* What is legal, and perhaps not meant. */
static void
check_algebra(struct dk_compiling *compiling, bool is_check)
{
	dk_algebra_check_clients(compiling);
	dk_algebra_check_routes(compiling);
	dk_algebra_check_loops(compiling);
	if (is_check)
		dk_algebra_check_overlaps(compiling);
}

/* Variables first: all else is made of them. */
static void
read_and_compile(struct dk_compiling *compiling, const struct dk_plan_reading *reading)
{
	const char *path = dk_memory_text(compiling->memory, dk_slice_of(reading->path));
	struct dk_tree tree = dk_tree_read(path, compiling->memory, compiling->faults);
	struct dk_variable_sources sources = { NULL, reading->is_check, tree.is_whole };

	if (reading->environment)
		sources.environment = dk_environment_read(reading->environment, compiling->memory,
							  compiling->faults);
	compiling->variables = dk_variables_read(dk_node_find(&tree.root, "variables"), &sources,
						 compiling->memory, compiling->faults);
	compiling->plan->variables = compiling->variables;
	if (!tree.is_whole)
		dk_partial_keep(&tree.root, compiling->variables);
	compile(compiling, &tree.root);
	if (dk_faults_count(compiling->faults) == 0)
		check_algebra(compiling, reading->is_check);
	if (reading->runs_tests && dk_faults_count(compiling->faults) == 0)
		dk_tests_run(compiling, dk_node_find(&tree.root, "tests"));
}

static void
free_maps(struct dk_compiling *compiling)
{
	dk_map_clear(&compiling->endpoint_numbers);
	dk_map_clear(&compiling->off);
	dk_map_clear(&compiling->profiles);
	dk_map_clear(&compiling->told);
}

/* `has_answers`: something in it was given by a url. */
static struct dk_plan *
read_plan(const struct dk_plan_reading *reading, bool copies_only, struct dk_faults *faults,
	  bool *has_answers)
{
	struct dk_plan_memory *memory = dk_memory_new();
	struct dk_plan *plan = dk_memory_take(memory, sizeof(*plan));
	struct dk_compiling compiling = { .plan = plan,
					  .memory = memory,
					  .faults = faults,
					  .finder = reading->finder,
					  .copies_only = copies_only };

	plan->memory = memory;
	read_and_compile(&compiling, reading);
	free_maps(&compiling);
	*has_answers = dk_lists_have_answers(plan->lists);
	if (dk_faults_count(faults) == 0)
		dk_lists_keep(plan->lists, faults);
	dk_variables_hide(compiling.variables, faults);
	if (dk_faults_count(faults) == 0)
		return plan;
	dk_memory_free(memory);
	return NULL;
}

/* What urls give may be wrong at night, when nobody is there to mend it. */
struct dk_plan *
dk_plan_read(const struct dk_plan_reading *reading, struct dk_faults *faults)
{
	struct dk_faults *again;
	bool has_answers;
	struct dk_plan *plan = read_plan(reading, false, faults, &has_answers);

	if (plan || !reading->falls_back || !has_answers)
		return plan;
	again = dk_faults_new();
	plan = read_plan(reading, true, again, &has_answers);
	if (plan)
		dk_faults_weaken(faults, again);
	dk_faults_free(again);
	return plan;
}

void
dk_plan_free(struct dk_plan *plan)
{
	if (plan)
		dk_memory_free(plan->memory);
}
