/* SPDX-License-Identifier: Apache-2.0
 *
 * variables.c - the declared variables with their values.
 */
#include "daemon/config/variables.h"

#include <stdlib.h>

#include "daemon/base/suggest.h"
#include "daemon/config/faults.h"
#include "daemon/config/lists.h"

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
	bool keeps_unknown; /* unresolved = "keep" */
	const char *as; /* what the item is called whose routes are being made */
	const struct dk_item *item;
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

/* What follows `as.` in a name of an item's field; data == NULL: it is none. */
static struct dk_slice
field_of(const struct dk_variables *variables, struct dk_slice name)
{
	size_t length = variables->item ? strlen(variables->as) : 0;

	if (length == 0 || name.length < length + 2 || name.data[length] != '.' ||
	    memcmp(name.data, variables->as, length) != 0)
		return (struct dk_slice){ NULL, 0 };
	return dk_slice_after(name, length + 1);
}

/* $tenant is the item's name, ${tenant.rate} one of its fields; NULL: neither. */
static const char *
find_in_item(const struct dk_variables *variables, struct dk_slice name)
{
	const struct dk_node *fields = variables->item ? variables->item->fields : NULL;
	struct dk_slice field = field_of(variables, name);

	if (variables->item && dk_slice_is(name, dk_slice_of(variables->as)))
		return variables->item->name;
	if (variables->item && dk_slice_is(field, DK_SLICE("name")))
		return variables->item->name;
	for (size_t i = 0; field.data && fields && i < fields->count; i++)
		if (dk_slice_is(dk_slice_of(fields->inside[i].name), field))
			return fields->inside[i].text;
	return NULL;
}

static const struct variable *
find(const struct dk_variables *variables, struct dk_slice name)
{
	for (size_t i = 0; i < variables->count; i++)
		if (dk_slice_is(dk_slice_of(variables->list[i].name), name))
			return &variables->list[i];
	return NULL;
}

const char *
dk_variables_find(const struct dk_variables *variables, struct dk_slice name)
{
	const char *of_item = find_in_item(variables, name);
	const struct variable *variable = of_item ? NULL : find(variables, name);

	return variable ? variable->value : of_item;
}

bool
dk_variables_have(const struct dk_variables *variables, struct dk_slice name)
{
	return find(variables, name) != NULL;
}

bool
dk_variables_is_item(const struct dk_variables *variables, struct dk_slice name)
{
	return find_in_item(variables, name) != NULL;
}

void
dk_variables_suggest(const struct dk_variables *variables, struct dk_suggestion *suggestion)
{
	for (size_t i = 0; i < variables->count; i++)
		dk_suggest(suggestion, variables->list[i].name);
	if (variables->item)
		dk_suggest(suggestion, variables->as);
}

struct dk_plan_memory *
dk_variables_memory(const struct dk_variables *variables)
{
	return variables->memory;
}

void
dk_variables_bind(struct dk_variables *variables, const char *as, const struct dk_item *item)
{
	variables->as = as;
	variables->item = item;
}

void
dk_variables_set_unresolved(struct dk_variables *variables, bool keeps_unknown)
{
	variables->keeps_unknown = keeps_unknown;
}

bool
dk_variables_keep_unknown(const struct dk_variables *variables)
{
	return variables->keeps_unknown;
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
