/* SPDX-License-Identifier: Apache-2.0
 *
 * compile.c - from the tree to the plan: the whole, the settings, the endpoints.
 */
#include "daemon/config/compile.h"

#include <stdlib.h>

/* --- Settings: a table for each group of them --- */

struct spool_texts {
	const char *sync;
};

static const struct dk_option root_rows[] = {
	{ "state", DK_TEXT, DK_AT(struct dk_settings, state, const char *), "/var/lib/diolkos", 0, 0,
	  NULL, 0, "Folder of the spool and of dead letters." },
	{ "plugins", DK_TEXT, DK_AT(struct dk_settings, plugins, const char *), NULL, 0, 0, NULL, 0,
	  "Folder of the plugins, if not the installed one." },
	{ "drain", DK_DURATION, DK_AT(struct dk_settings, drain_ms, int64_t), "30s", 0, 3600000,
	  NULL, 0, "How long a shutdown waits for outcomes." },
	{ "store_timeout", DK_DURATION, DK_AT(struct dk_settings, store_timeout_ms, int64_t), "30s",
	  100, 3600000, NULL, 0,
	  "How long a disk that fails is tried before the process ends with status 75." },
	{ 0 },
};
static const struct dk_option spool_rows[] = {
	{ "size", DK_SIZE, DK_AT(struct dk_settings, spool_size, int64_t), "10 GB", 1 << 20,
	  INT64_MAX, NULL, 0, "At so much on disk a source is left until half is delivered." },
	{ 0 },
};
static const struct dk_option sync_rows[] = {
	{ "sync", DK_TEXT, DK_AT(struct spool_texts, sync, const char *), "always", 0, 0, NULL, 0,
	  "\"always\", or the interval whose messages a power cut may cost." },
	{ 0 },
};
static const struct dk_option dead_rows[] = {
	{ "size", DK_SIZE, DK_AT(struct dk_settings, dead_size, int64_t), "1 GB", 1 << 20,
	  INT64_MAX, NULL, 0, "At so much on disk no dead letter is taken: its route stops." },
	{ 0 },
};

static const struct dk_options root_table = { sizeof(struct dk_settings), root_rows, 0, 0, 0 };
static const struct dk_options spool_table = { sizeof(struct dk_settings), spool_rows, 0, 0, 0 };
static const struct dk_options sync_table = { sizeof(struct spool_texts), sync_rows, 0, 0, 0 };
static const struct dk_options dead_table = { sizeof(struct dk_settings), dead_rows, 0, 0, 0 };

/* The groups that have a meaning of their own, besides the rows of root_table. */
static const char *const root_groups[] = { "spool", "dead",      "variables",
					   "lists", "endpoints", "routes" };

#define ROOT_GROUPS (sizeof(root_groups) / sizeof(root_groups[0]))
#define NAMES 400 /* room for names that are told */

static bool
is_root_group(const char *name)
{
	for (size_t i = 0; i < ROOT_GROUPS; i++)
		if (strcmp(root_groups[i], name) == 0)
			return true;
	return false;
}

/* `names` are those that there are. */
static void
fault_unknown(struct dk_compiling *compiling, const struct dk_node *node, const char *where,
	      const struct dk_suggestion *suggestion, const char *names)
{
	if (suggestion->nearest)
		dk_fault(compiling->faults, node->place, "%s has no setting \"%s\"; \"%s\"?", where,
			 node->name, suggestion->nearest);
	else
		dk_fault(compiling->faults, node->place, "%s has no setting \"%s\"; it has: %s",
			 where, node->name, names);
}

static void
set_root(struct dk_compiling *compiling, const struct dk_node *node)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(node->name) };
	char names[NAMES] = "spool, dead, variables, lists, endpoints, routes";

	if (is_root_group(node->name))
		return;
	if (dk_options_know(&root_table, node->name)) {
		dk_options_set(&root_table, &compiling->plan->settings, node, compiling->variables,
			       compiling->faults);
		return;
	}
	dk_options_suggest(&root_table, &suggestion);
	for (size_t i = 0; i < ROOT_GROUPS; i++)
		dk_suggest(&suggestion, root_groups[i]);
	dk_options_names(&root_table, names, sizeof(names));
	fault_unknown(compiling, node, "the file", &suggestion, names);
}

static void
set_sync(struct dk_compiling *compiling, const struct dk_node *node, const char *sync)
{
	int64_t *ms = &compiling->plan->settings.spool_sync_ms;

	if (strcmp(sync, "always") == 0)
		*ms = 0;
	else if (dk_duration_read(sync, ms) != 0 || *ms == 0)
		dk_fault(compiling->faults, node->place,
			 "sync: \"%s\" is neither \"always\" nor an interval like \"50ms\"", sync);
}

/* The members of a group of settings, each by the table that knows it. */
static void
set_group(struct dk_compiling *compiling, const struct dk_node *group,
	  const struct dk_options *table, struct spool_texts *texts)
{
	if (group && group->kind != DK_NODE_GROUP) {
		dk_fault(compiling->faults, group->place, "%s is %s; %s = { size = \"10 GB\"; }?",
			 group->name, dk_node_kind_name(group), group->name);
		return;
	}
	for (size_t i = 0; group && i < group->count; i++) {
		const struct dk_node *node = &group->inside[i];
		struct dk_suggestion suggestion = { .written = dk_slice_of(node->name) };
		char names[NAMES] = "";

		if (dk_options_know(table, node->name)) {
			dk_options_set(table, &compiling->plan->settings, node,
				       compiling->variables, compiling->faults);
		} else if (texts && dk_options_know(&sync_table, node->name)) {
			dk_options_set(&sync_table, texts, node, compiling->variables,
				       compiling->faults);
			set_sync(compiling, node, texts->sync);
		} else {
			dk_options_suggest(table, &suggestion);
			dk_options_names(table, names, sizeof(names));
			if (texts) {
				dk_options_suggest(&sync_table, &suggestion);
				dk_options_names(&sync_table, names, sizeof(names));
			}
			fault_unknown(compiling, node, group->name, &suggestion, names);
		}
	}
}

static void
copy_presets(struct dk_compiling *compiling)
{
	struct dk_settings *settings = &compiling->plan->settings;
	const struct dk_settings *spool = dk_options_new(&spool_table, compiling->memory);
	const struct dk_settings *dead = dk_options_new(&dead_table, compiling->memory);

	*settings = *(struct dk_settings *)dk_options_new(&root_table, compiling->memory);
	settings->spool_size = spool->spool_size;
	settings->dead_size = dead->dead_size;
}

static void
compile_settings(struct dk_compiling *compiling, const struct dk_node *root)
{
	struct spool_texts texts = { "always" };

	copy_presets(compiling);
	for (size_t i = 0; i < root->count; i++)
		set_root(compiling, &root->inside[i]);
	set_group(compiling, dk_node_find(root, "spool"), &spool_table, &texts);
	set_group(compiling, dk_node_find(root, "dead"), &dead_table, NULL);
}

/* --- Endpoints --- */

/* What the core itself asks of every endpoint. */
static const struct dk_option endpoint_rows[] = {
	{ "plugin", DK_TEXT, 0, NULL, 0, 0, NULL, 0, "The plugin that serves it." },
	{ "in_flight", DK_INTEGER, DK_AT(struct dk_endpoint_plan, in_flight, int64_t), "10000", 1,
	  10000000, NULL, 0, "How many of its messages may be unsettled at once." },
	{ "in_flight_bytes", DK_SIZE, DK_AT(struct dk_endpoint_plan, in_flight_bytes, int64_t),
	  "64 MB", 1 << 16, (int64_t)1 << 40, NULL, 0, "And how many bytes of them." },
	{ 0 },
};
static const struct dk_options endpoint_table = { sizeof(struct dk_endpoint_plan),
						  &endpoint_rows[1], 0, 0, 0 };

static void
set_own(struct dk_compiling *compiling, struct dk_endpoint_plan *endpoint,
	const struct dk_node *node)
{
	const struct dk_options *own = &endpoint->plugin->endpoint;
	const char *text = dk_options_set(own, endpoint->config, node, compiling->variables,
					  compiling->faults);

	if (text && !dk_options_list(own, node->name))
		endpoint->others[endpoint->other_count++] = (struct dk_given){ node->name, text };
}

static void
set_endpoint(struct dk_compiling *compiling, struct dk_endpoint_plan *endpoint,
	     const struct dk_node *node, const char *where)
{
	const struct dk_options *own = &endpoint->plugin->endpoint;
	struct dk_suggestion suggestion = { .written = dk_slice_of(node->name) };
	char names[NAMES] = "";

	if (strcmp(node->name, "plugin") == 0)
		return;
	if (dk_options_know(&endpoint_table, node->name)) {
		dk_options_set(&endpoint_table, endpoint, node, compiling->variables,
			       compiling->faults);
	} else if (dk_options_know(own, node->name)) {
		set_own(compiling, endpoint, node);
	} else {
		dk_options_suggest(&endpoint_table, &suggestion);
		dk_options_suggest(own, &suggestion);
		dk_options_names(own, names, sizeof(names));
		dk_options_names(&endpoint_table, names, sizeof(names));
		fault_unknown(compiling, node, where, &suggestion, names);
	}
}

/* The plugin that an endpoint names; NULL with a fault. */
static const struct dk_plugin *
find_plugin(struct dk_compiling *compiling, const struct dk_node *node)
{
	const struct dk_node *name = dk_node_find(node, "plugin");
	const struct dk_plugin *plugin = NULL;
	const char *expanded;
	struct dk_error error;

	if (!name || !dk_node_is_scalar(name)) {
		dk_fault(compiling->faults, node->place,
			 "endpoint %s names no plugin; plugin = \"mqtt\"?", node->name);
		return NULL;
	}
	expanded = dk_variables_expand(compiling->variables, name->text, &error);
	if (expanded)
		plugin = compiling->finder->find(compiling->finder->context,
						 compiling->plan->settings.plugins, expanded,
						 &error);
	if (!plugin)
		dk_fault(compiling->faults, name->place, "endpoint %s: %s", node->name, error.text);
	return plugin;
}

static void
compile_endpoint(struct dk_compiling *compiling, const struct dk_node *node)
{
	struct dk_endpoint_plan *endpoint =
		&compiling->plan->endpoints[compiling->plan->endpoint_count++];
	const struct dk_endpoint_plan *presets =
		dk_options_new(&endpoint_table, compiling->memory);
	const char *where = dk_memory_print(compiling->memory, "endpoint %s", node->name);

	*endpoint = *presets;
	endpoint->name = node->name;
	endpoint->place = node->place;
	if (node->kind != DK_NODE_GROUP) {
		dk_fault(compiling->faults, node->place, "endpoint %s is %s; { plugin = \"…\"; }?",
			 node->name, dk_node_kind_name(node));
		return;
	}
	endpoint->plugin = find_plugin(compiling, node);
	if (!endpoint->plugin)
		return;
	endpoint->config = dk_options_new(&endpoint->plugin->endpoint, compiling->memory);
	endpoint->others =
		dk_memory_take(compiling->memory, node->count * sizeof(*endpoint->others));
	for (size_t i = 0; i < node->count; i++)
		set_endpoint(compiling, endpoint, &node->inside[i], where);
	dk_options_finish(&endpoint->plugin->endpoint, endpoint->config, where, node->place,
			  compiling->faults);
}

int
dk_endpoint_find(const struct dk_plan *plan, struct dk_slice name)
{
	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (dk_slice_is(dk_slice_of(plan->endpoints[i].name), name))
			return (int)i;
	return -1;
}

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
	const struct dk_node *endpoints = group_of(compiling, root, "endpoints");
	const struct dk_node *routes = group_of(compiling, root, "routes");

	compiling->variables = dk_variables_read(dk_node_find(root, "variables"),
						 compiling->memory, compiling->faults);
	compile_settings(compiling, root);
	compiling->lists = dk_lists_read(dk_node_find(root, "lists"), compiling->variables,
					 compiling->plan->settings.state, compiling->finder,
					 compiling->memory, compiling->faults);
	compiling->plan->endpoints = dk_memory_take(
		compiling->memory, (endpoints ? endpoints->count : 0) *
					   sizeof(*compiling->plan->endpoints));
	for (size_t i = 0; endpoints && i < endpoints->count; i++)
		compile_endpoint(compiling, &endpoints->inside[i]);
	dk_compile_routes(compiling, routes);
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
	plan->lists = compiling.lists;
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
