/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoints.c - from the tree to the plan: the endpoints, each by its plugin's table.
 */
#include "daemon/config/compile.h"
#include "daemon/config/endpoints.h"

#include "daemon/config/endpoint_files.h"
#include "daemon/config/words.h"
#include "daemon/language/expression.h"

/* What the core itself asks of every endpoint. */
static const struct dk_option endpoint_rows[] = {
	{ "in_flight", DK_INTEGER, DK_AT(struct dk_endpoint_plan, in_flight, int64_t), "10000", 1,
	  10000000, NULL, 0, "How many of its messages may be unsettled at once." },
	{ "in_flight_bytes", DK_SIZE, DK_AT(struct dk_endpoint_plan, in_flight_bytes, int64_t),
	  "64 MB", 1 << 16, (int64_t)1 << 40, NULL, 0, "And how many bytes of them." },
	{ 0 },
};
const struct dk_options dk_endpoint_table = { sizeof(struct dk_endpoint_plan), endpoint_rows, 0, 0,
					      0 };

const struct dk_word dk_endpoint_words[] = {
	{ "plugin", DK_KIND(TEXT), "The plugin that serves it: mqtt, kafka, rabbitmq, …", NULL },
	{ "enabled", DK_KIND(TRUTH) | DK_KIND(TEXT),
	  "Whether it is there: true, false, or a condition over variables; what comes from it, or "
	  "goes to it, is off with it.",
	  NULL },
	{ 0 },
};

void
dk_fault_unknown(struct dk_compiling *compiling, const struct dk_node *node, const char *where,
		 const struct dk_suggestion *suggestion, const char *names)
{
	if (suggestion->nearest)
		dk_fault(compiling->faults, node->place, "%s has no setting \"%s\"; \"%s\"?", where,
			 node->name, suggestion->nearest);
	else
		dk_fault(compiling->faults, node->place, "%s has no setting \"%s\"; it has: %s",
			 where, node->name, names);
}

/* --- Whether it is there --- */

static bool
evaluate(struct dk_compiling *compiling, const struct dk_node *node, const char *what)
{
	struct dk_error error;
	struct dk_expression *expression =
		dk_variables_expression(compiling->variables, node->text, NULL, &error);
	bool is_true;

	if (!expression) {
		dk_fault(compiling->faults, node->place, "%s: enabled: %s", what, error.text);
		return true;
	}
	is_true = dk_expression_always(expression) == DK_ALWAYS_TRUE;
	dk_expression_free(expression);
	return is_true;
}

bool
dk_is_enabled(struct dk_compiling *compiling, const struct dk_node *node, const char *what)
{
	static const char *const words[] = { "no", "yes", "off", "on" };

	if (!node || node->kind == DK_NODE_TRUTH)
		return !node || node->integer;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (node->kind == DK_NODE_TEXT && strcmp(node->text, words[i]) == 0)
			return i % 2;
	if (node->kind == DK_NODE_TEXT)
		return evaluate(compiling, node, what);
	dk_fault(compiling->faults, node->place,
		 "%s: enabled is %s; true, false, or a text like \"$FLAG\" or \"$SITE == "
		 "'berlin'\"?",
		 what, dk_node_kind_name(node));
	return true;
}

/* --- Settings --- */

static void
set_own(struct dk_compiling *compiling, struct dk_endpoint_plan *endpoint,
	const struct dk_node *node, const char *where)
{
	const struct dk_options *own = &endpoint->plugin->endpoint;
	const char *text = dk_options_set(own, endpoint->config, where, node, compiling->variables,
					  compiling->faults);

	if (text && !dk_options_list(own, node->name))
		endpoint->others[endpoint->other_count++] = (struct dk_given){ node->name, text };
}

static void
fault_unknown(struct dk_compiling *compiling, const struct dk_options *own,
	      const struct dk_node *node, const char *where)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(node->name) };
	char names[DK_NAMES_ROOM] = "";

	dk_words_suggest(dk_endpoint_words, &suggestion);
	dk_options_suggest(&dk_endpoint_table, &suggestion);
	dk_options_suggest(own, &suggestion);
	dk_options_names(own, names, sizeof(names));
	dk_options_names(&dk_endpoint_table, names, sizeof(names));
	dk_fault_unknown(compiling, node, where, &suggestion, names);
}

static void
set(struct dk_compiling *compiling, struct dk_endpoint_plan *endpoint, const struct dk_node *node,
    const char *where)
{
	const struct dk_options *own = &endpoint->plugin->endpoint;

	if (dk_words_find(dk_endpoint_words, node->name))
		return;
	if (dk_options_know(&dk_endpoint_table, node->name))
		dk_options_set(&dk_endpoint_table, endpoint, where, node, compiling->variables,
			       compiling->faults);
	else if (dk_options_know(own, node->name))
		set_own(compiling, endpoint, node, where);
	else
		fault_unknown(compiling, own, node, where);
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
		const char *misspelt = name ? NULL : dk_node_misspelt(node, "plugin");

		dk_fault(compiling->faults, node->place, "endpoint %s names no plugin; %s%s%s?",
			 node->name, misspelt ? "\"plugin\" for \"" : "plugin = \"mqtt\"",
			 misspelt ? misspelt : "", misspelt ? "\"" : "");
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

/* --- The endpoint --- */

static struct dk_endpoint_plan *
add(struct dk_compiling *compiling, const struct dk_node *node)
{
	struct dk_plan *plan = compiling->plan;
	struct dk_endpoint_plan *endpoint = &plan->endpoints[plan->endpoint_count++];
	const struct dk_endpoint_plan *presets =
		dk_options_new(&dk_endpoint_table, compiling->memory);

	*endpoint = *presets;
	endpoint->name = node->name;
	endpoint->place = node->place;
	endpoint->node = node;
	dk_map_put(&compiling->endpoint_numbers, dk_slice_of(node->name),
		   (void *)(uintptr_t)plan->endpoint_count);
	return endpoint;
}

static void
compile_endpoint(struct dk_compiling *compiling, const struct dk_node *node)
{
	const char *where = dk_memory_print(compiling->memory, "endpoint %s", node->name);
	bool is_group = node->kind == DK_NODE_GROUP;
	size_t before = dk_faults_count(compiling->faults);
	struct dk_endpoint_plan *endpoint;

	if (is_group && !dk_is_enabled(compiling, dk_node_find(node, "enabled"), where)) {
		dk_map_put(&compiling->off, dk_slice_of(node->name), (void *)(uintptr_t)node);
		return;
	}
	endpoint = add(compiling, node);
	if (!is_group)
		dk_fault(compiling->faults, node->place, "%s is %s; { plugin = \"…\"; }?", where,
			 dk_node_kind_name(node));
	else
		endpoint->plugin = find_plugin(compiling, node);
	if (!endpoint->plugin)
		return;
	endpoint->config = dk_options_new(&endpoint->plugin->endpoint, compiling->memory);
	endpoint->others =
		dk_memory_take(compiling->memory, node->count * sizeof(*endpoint->others));
	for (size_t i = 0; i < node->count; i++)
		set(compiling, endpoint, &node->inside[i], where);
	endpoint->files = dk_endpoint_files(endpoint);
	if (dk_faults_count(compiling->faults) == before)
		dk_options_finish(&endpoint->plugin->endpoint, endpoint->config, where, node->place,
				  compiling->faults);
	else
		dk_options_require(&endpoint->plugin->endpoint, endpoint->config, where,
				   node->place, node, compiling->faults);
}

void
dk_compile_endpoints(struct dk_compiling *compiling, const struct dk_node *group)
{
	compiling->plan->endpoints =
		dk_memory_take(compiling->memory,
			       (group ? group->count : 0) * sizeof(*compiling->plan->endpoints));
	for (size_t i = 0; group && i < group->count; i++)
		compile_endpoint(compiling, &group->inside[i]);
}

int
dk_endpoint_find(const struct dk_compiling *compiling, struct dk_slice name)
{
	uintptr_t number = (uintptr_t)dk_map_find(&compiling->endpoint_numbers, name);

	if (number > 0)
		return (int)number - 1;
	return dk_map_find(&compiling->off, name) ? -2 : -1;
}
