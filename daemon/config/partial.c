/* SPDX-License-Identifier: Apache-2.0
 *
 * partial.c - what can be said of a tree some of whose files could not be read.
 */
#include "daemon/config/partial.h"

/* What stands by itself; the rest of the top stands on endpoints, lists or profiles that may be in
 * a file that could not be read. */
static bool
stands_alone(const struct dk_node *setting)
{
	static const char *const names[] = { "routes", "groups", "lists", "profiles", "defaults",
					     "tests" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], setting->name) == 0)
			return false;
	return true;
}

/* Whether each text in it can be expanded by the variables that were read. */
static bool
is_known(const struct dk_node *node, const struct dk_variables *variables)
{
	if (dk_node_is_scalar(node))
		return dk_variables_expand(variables, node->text, NULL) != NULL;
	for (size_t i = 0; i < node->count; i++)
		if (!is_known(&node->inside[i], variables))
			return false;
	return true;
}

static void
keep_known(struct dk_node *group, const struct dk_variables *variables)
{
	size_t kept = 0;

	for (size_t i = 0; i < group->count; i++)
		if (is_known(&group->inside[i], variables))
			group->inside[kept++] = group->inside[i];
	group->count = kept;
}

/* Of these a member may be told of without its neighbours. */
static bool
has_members(const struct dk_node *setting)
{
	return setting->kind == DK_NODE_GROUP && strcmp(setting->name, "variables") != 0;
}

void
dk_partial_keep(struct dk_node *root, const struct dk_variables *variables)
{
	size_t kept = 0;

	for (size_t i = 0; i < root->count; i++) {
		struct dk_node *setting = &root->inside[i];

		if (has_members(setting))
			keep_known(setting, variables);
		if (stands_alone(setting) &&
		    (!dk_node_is_scalar(setting) || is_known(setting, variables)))
			root->inside[kept++] = *setting;
	}
	root->count = kept;
}
