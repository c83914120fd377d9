/* SPDX-License-Identifier: Apache-2.0
 *
 * variables.c - the declared variables with their values.
 */
#include "daemon/config/variables.h"

#include <stdlib.h>

#include "daemon/base/map.h"
#include "daemon/base/suggest.h"
#include "daemon/config/variable.h"

struct dk_variables {
	struct dk_plan_memory *memory;
	struct dk_variable *list;
	size_t count;
	struct dk_map by_name;
	const struct dk_variable **secrets; /* those that have a value */
	size_t secret_count;
};

/* Declared by themselves, where systemd sets them: systemd.exec(5). */
static const char *const systemd_names[] = {
	"CREDENTIALS_DIRECTORY", "STATE_DIRECTORY", "RUNTIME_DIRECTORY",
	"CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY",
};

#define SYSTEMD_NAMES (sizeof(systemd_names) / sizeof(systemd_names[0]))

/* Only now: its own value does not refer to it. */
static void
add(struct dk_variables *variables, const struct dk_variable *variable)
{
	struct dk_variable *added = &variables->list[variables->count++];

	*added = *variable;
	dk_map_put(&variables->by_name, dk_slice_of(added->declaration.name), added);
	if (added->declaration.rules.is_secret && added->origin && *added->value)
		variables->secrets[variables->secret_count++] = added;
}

static void
add_systemd(struct dk_variables *variables)
{
	for (size_t i = 0; i < SYSTEMD_NAMES; i++) {
		const char *set = getenv(systemd_names[i]);
		struct dk_variable variable = { .declaration = { .name = systemd_names[i] } };

		if (!set)
			continue;
		variable.value = dk_memory_text(variables->memory, dk_slice_of(set));
		add(variables, &variable);
	}
}

static void
clear(void *variables)
{
	dk_map_clear(&((struct dk_variables *)variables)->by_name);
}

static struct dk_variables *
make(size_t declared, struct dk_plan_memory *memory)
{
	struct dk_variables *variables = dk_memory_take(memory, sizeof(*variables));
	size_t most = declared + SYSTEMD_NAMES;

	variables->memory = memory;
	variables->list = dk_memory_take(memory, most * sizeof(*variables->list));
	variables->secrets = dk_memory_take(memory, most * sizeof(*variables->secrets));
	dk_memory_keep(memory, variables, clear);
	return variables;
}

struct dk_variables *
dk_variables_read(const struct dk_node *group, const struct dk_variable_sources *sources,
		  struct dk_plan_memory *memory, struct dk_faults *faults)
{
	size_t declared = group && group->kind == DK_NODE_GROUP ? group->count : 0;
	struct dk_variables *variables = make(declared, memory);

	if (group && group->kind != DK_NODE_GROUP)
		dk_fault(faults, group->place,
			 "variables is %s; variables = { NAME = \"value\"; }?",
			 dk_node_kind_name(group));
	add_systemd(variables);
	for (size_t i = 0; i < declared; i++) {
		struct dk_variable variable =
			dk_variable_read(&group->inside[i], variables, sources, memory, faults);

		if (variable.origin || sources->is_whole)
			add(variables, &variable); /* else nothing is told of what uses it */
	}
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
	const struct dk_variable *variable =
		dk_map_find(&((struct lookup *)context)->variables->by_name, name);

	return variable ? variable->value : NULL;
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
		dk_suggest(&suggestion, lookup->variables->list[i].declaration.name);
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
	for (size_t i = 0; i < variables->secret_count; i++)
		if (strstr(text, variables->secrets[i]->value))
			return "*****";
	return text;
}

void
dk_variables_hide(const struct dk_variables *variables, struct dk_faults *faults)
{
	for (size_t i = 0; i < variables->secret_count; i++)
		dk_faults_hide(faults, variables->secrets[i]->value);
}

void
dk_variables_print(const struct dk_variables *variables, FILE *out)
{
	fprintf(out, "variables = {\n");
	for (size_t i = 0; i < variables->count; i++) {
		const struct dk_variable *variable = &variables->list[i];

		if (variable->declaration.place.file)
			dk_variable_print(variable, dk_variables_mask(variables, variable->value),
					  out);
	}
	fprintf(out, "};\n");
}
