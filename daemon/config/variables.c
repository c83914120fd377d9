/* SPDX-License-Identifier: Apache-2.0
 *
 * variables.c - the declared variables with their values.
 */
#include "daemon/config/variables.h"

#include <stdlib.h>

#include "daemon/base/suggest.h"
#include "daemon/config/faults.h"

struct variable {
	const char *name;
	const char *value;
	bool is_secret;
	bool is_systemd;
};

struct dk_variables {
	struct dk_plan_memory *memory;
	struct variable *list;
	size_t count;
};

/* Declared by themselves, where systemd sets them: systemd.exec(5). */
static const char *const systemd_names[] = {
	"CREDENTIALS_DIRECTORY", "STATE_DIRECTORY", "RUNTIME_DIRECTORY",
	"CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY",
};

#define SYSTEMD_NAMES (sizeof(systemd_names) / sizeof(systemd_names[0]))

static const struct dk_node *
member(const struct dk_node *node, const char *name)
{
	return node->kind == DK_NODE_GROUP ? dk_node_find(node, name) : NULL;
}

static void
check_members(const struct dk_node *node, struct dk_faults *faults)
{
	for (size_t i = 0; node->kind == DK_NODE_GROUP && i < node->count; i++)
		if (strcmp(node->inside[i].name, "default") != 0 &&
		    strcmp(node->inside[i].name, "secret") != 0)
			dk_fault(faults, node->inside[i].place,
				 "the variable %s has no setting \"%s\"; it has: default, secret",
				 node->name, node->inside[i].name);
}

/* What libconfig takes for a name and $NAME does not. */
static void
check_variable_name(const struct dk_node *node, struct dk_faults *faults)
{
	static const char legal[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	if (node->name[strspn(node->name, legal)])
		dk_fault(faults, node->place,
			 "the variable %s cannot be written as $%s: a name is of letters, digits "
			 "and _",
			 node->name, node->name);
}

/* Of the variables that are declared before it; what comes from the environment is as it is. */
static void
read_value(const struct dk_variables *variables, struct variable *variable,
	   const struct dk_node *node, struct dk_faults *faults)
{
	struct dk_error error;
	const char *value = dk_variables_expand(variables, node->text, &error);

	if (value)
		variable->value = value;
	else
		dk_fault(faults, node->place,
			 "the variable %s, of those that are declared before it: %s",
			 variable->name, error.text);
}

static void
read_variable(struct dk_variables *variables, const struct dk_node *node, struct dk_faults *faults)
{
	struct variable *variable = &variables->list[variables->count];
	const struct dk_node *preset = node->kind == DK_NODE_GROUP ? member(node, "default") : node;
	const struct dk_node *secret = member(node, "secret");
	const char *set = getenv(node->name);

	check_variable_name(node, faults);
	check_members(node, faults);
	if (secret && secret->kind != DK_NODE_TRUTH)
		dk_fault(faults, secret->place, "secret is %s; secret = true; or false?",
			 dk_node_kind_name(secret));
	variable->name = node->name;
	variable->is_secret = secret && secret->integer;
	variable->value = "";
	if (set)
		variable->value = dk_memory_text(variables->memory, dk_slice_of(set));
	else if (preset && dk_node_is_scalar(preset))
		read_value(variables, variable, preset, faults);
	else if (preset)
		dk_fault(faults, preset->place, "the variable %s is %s; a text?", node->name,
			 dk_node_kind_name(preset));
	else
		dk_fault(faults, node->place,
			 "the variable %s has no value; set it in the environment, or give it a "
			 "default?",
			 node->name);
	variables->count++; /* only now: its own value does not refer to it */
}

static void
add_systemd(struct dk_variables *variables)
{
	for (size_t i = 0; i < SYSTEMD_NAMES; i++) {
		const char *set = getenv(systemd_names[i]);

		if (set)
			variables->list[variables->count++] =
				(struct variable){ .name = systemd_names[i],
						   .value = dk_memory_text(variables->memory,
									   dk_slice_of(set)),
						   .is_systemd = true };
	}
}

struct dk_variables *
dk_variables_read(const struct dk_node *group, struct dk_plan_memory *memory,
		  struct dk_faults *faults)
{
	struct dk_variables *variables = dk_memory_take(memory, sizeof(*variables));
	size_t declared = group && group->kind == DK_NODE_GROUP ? group->count : 0;

	variables->memory = memory;
	variables->list =
		dk_memory_take(memory, (declared + SYSTEMD_NAMES) * sizeof(*variables->list));
	if (group && group->kind != DK_NODE_GROUP)
		dk_fault(faults, group->place, "variables is %s; variables = { NAME = \"value\"; }?",
			 dk_node_kind_name(group));
	add_systemd(variables);
	for (size_t i = 0; i < declared; i++)
		read_variable(variables, &group->inside[i], faults);
	return variables;
}

/* --- Looking up --- */

struct lookup {
	const struct dk_variables *variables;
	const struct dk_captures *captures;
	char suggested[128];
};

static const char *
find(void *context, struct dk_slice name)
{
	const struct dk_variables *variables = ((struct lookup *)context)->variables;

	for (size_t i = 0; i < variables->count; i++)
		if (dk_slice_is(dk_slice_of(variables->list[i].name), name))
			return variables->list[i].value;
	return NULL;
}

/* :: is a colon in a pattern. */
static const char *
find_for_pattern(void *context, struct dk_slice name)
{
	const struct dk_variables *variables = ((struct lookup *)context)->variables;
	const char *value = find(context, name);
	char *doubled, *end;

	if (!value || !strchr(value, ':'))
		return value;
	doubled = end = dk_memory_take(variables->memory, 2 * strlen(value) + 1);
	for (; *value; value++) {
		*end++ = *value;
		if (*value == ':')
			*end++ = ':';
	}
	return doubled;
}

static const char *
suggest(void *context, struct dk_slice name)
{
	struct lookup *lookup = context;
	struct dk_suggestion suggestion = { .written = name };
	char capture[128];

	for (size_t i = 0; i < lookup->variables->count; i++)
		dk_suggest(&suggestion, lookup->variables->list[i].name);
	for (size_t i = 0; lookup->captures && i < lookup->captures->count; i++) {
		const char *before = suggestion.nearest;

		snprintf(capture, sizeof(capture), "%.*s", (int)lookup->captures->names[i].length,
			 lookup->captures->names[i].data);
		dk_suggest(&suggestion, capture);
		if (suggestion.nearest == before)
			continue;
		snprintf(lookup->suggested, sizeof(lookup->suggested), "%s", capture);
		suggestion.nearest = lookup->suggested;
	}
	return suggestion.nearest;
}

static const char *
expand(struct lookup *lookup, const char *text,
       const char *(*variable)(void *context, struct dk_slice name), struct dk_error *error)
{
	struct dk_scope scope = { variable, suggest, lookup, NULL };
	struct dk_template *template = dk_template_new(dk_slice_of(text), &scope, error);
	const char *expanded;

	if (!template)
		return NULL;
	expanded = dk_memory_text(lookup->variables->memory,
				  dk_slice_of(dk_template_text(template)));
	dk_template_free(template);
	return expanded;
}

const char *
dk_variables_expand(const struct dk_variables *variables, const char *text,
		    struct dk_error *error)
{
	struct lookup lookup = { variables, NULL, "" };

	return expand(&lookup, text, find, error);
}

const char *
dk_variables_expand_pattern(const struct dk_variables *variables, const char *text,
			    struct dk_error *error)
{
	struct lookup lookup = { variables, NULL, "" };

	return expand(&lookup, text, find_for_pattern, error);
}

static void
free_template(void *template)
{
	dk_template_free(template);
}

struct dk_template *
dk_variables_template(const struct dk_variables *variables, const char *text,
		      const struct dk_captures *captures, struct dk_error *error)
{
	struct lookup lookup = { variables, captures, "" };
	struct dk_scope scope = { find, suggest, &lookup, captures };
	struct dk_template *template = dk_template_new(dk_slice_of(text), &scope, error);

	if (template)
		dk_memory_keep(variables->memory, template, free_template);
	return template;
}

/* --- Showing --- */

const char *
dk_variables_mask(const struct dk_variables *variables, const char *text)
{
	for (size_t i = 0; i < variables->count; i++)
		if (variables->list[i].is_secret && *variables->list[i].value &&
		    strstr(text, variables->list[i].value))
			return "*****";
	return text;
}

void
dk_variables_hide(const struct dk_variables *variables, struct dk_faults *faults)
{
	for (size_t i = 0; i < variables->count; i++)
		if (variables->list[i].is_secret && *variables->list[i].value)
			dk_faults_hide(faults, variables->list[i].value);
}

void
dk_variables_print(const struct dk_variables *variables, FILE *out)
{
	fprintf(out, "variables = {\n");
	for (size_t i = 0; i < variables->count; i++) {
		const char *value = dk_variables_mask(variables, variables->list[i].value);

		if (variables->list[i].is_systemd)
			continue;
		fprintf(out, "  %s = \"", variables->list[i].name);
		for (; *value; value++)
			fprintf(out, "%s%c",
				*value == '"' || *value == '\\' ? "\\" :
				*value == '$'			? "$" :
								  "",
				*value);
		fputs("\";\n", out);
	}
	fprintf(out, "};\n");
}
