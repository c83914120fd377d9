/* SPDX-License-Identifier: Apache-2.0
 *
 * variables.c - the declared variables with their values.
 */
#include "daemon/config/variables.h"

#include <stdlib.h>

#include "daemon/base/map.h"
#include "daemon/base/suggest.h"
#include "daemon/config/lists.h"
#include "daemon/config/variable.h"
#include "daemon/language/filter.h"
#include "daemon/language/jq.h"
#include "daemon/language/regex.h"

struct dk_variables {
	struct dk_plan_memory *memory;
	struct dk_variable *list;
	size_t count;
	struct dk_map by_name;
	const char **secrets; /* their values, and other forms in which these may be told */
	size_t secret_count;
	bool keeps_unknown; /* unresolved = "keep" */
	const struct dk_node *declared; /* all of them, also those that are not read yet */
	const struct dk_node *current;	/* the one that is being read; NULL: all are */
	const char *as; /* what the item is called whose routes are being made */
	const struct dk_item *item;
};

/* Declared by themselves, where systemd sets them: systemd.exec(5). */
static const char *const systemd_names[] = {
	"CREDENTIALS_DIRECTORY", "STATE_DIRECTORY", "RUNTIME_DIRECTORY",
	"CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY",
};

#define FIELDS_SHOWN 200 /* bytes; of an item with more some are not told */
#define SYSTEMD_NAMES (sizeof(systemd_names) / sizeof(systemd_names[0]))

/* --- Secrets --- */

static void
double_each(struct dk_slice value, char what, struct dk_buffer *out)
{
	for (size_t i = 0; i < value.length; i++) {
		dk_buffer_add(out, dk_slice_new(&value.data[i], 1));
		if (value.data[i] == what)
			dk_buffer_add(out, dk_slice_new(&value.data[i], 1));
	}
}

/* As it stands in a template that is written out. */
static void
double_dollars(struct dk_slice value, struct dk_buffer *out)
{
	double_each(value, '$', out);
}

/* As it stands in a pattern. */
static void
double_colons(struct dk_slice value, struct dk_buffer *out)
{
	double_each(value, ':', out);
}

/* As it stands in a program, between its quotes. */
static void
escape_for_jq(struct dk_slice value, struct dk_buffer *out)
{
	struct dk_buffer quoted = { 0 };

	dk_jq_quote(value, &quoted);
	dk_buffer_add(out, dk_slice_new(quoted.data + 1, quoted.length - 2));
	dk_buffer_clear(&quoted);
}

static void
add_filtered(struct dk_slice filter_name, struct dk_slice value, struct dk_buffer *out)
{
	struct dk_filter filter;

	dk_buffer_add(out, value);
	dk_filter_read(filter_name, false, &filter, NULL);
	filter.apply(&filter, out);
}

static void
upper(struct dk_slice value, struct dk_buffer *out)
{
	add_filtered(DK_SLICE("upper"), value, out);
}

static void
lower(struct dk_slice value, struct dk_buffer *out)
{
	add_filtered(DK_SLICE("lower"), value, out);
}

/* The forms in which a value may be told besides its own, which comes last: it may be a part of the
 * others. */
static void (*const forms[])(struct dk_slice value, struct dk_buffer *out) = {
	dk_percent_encode, double_dollars, double_colons,
	escape_for_jq,     dk_regex_quote, upper,         lower,
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

static void
add_secret(struct dk_variables *variables, const char *value)
{
	for (size_t i = 0; i < FORMS; i++) {
		struct dk_buffer form = { 0 };

		forms[i](dk_slice_of(value), &form);
		if (strcmp(form.data, value) != 0)
			variables->secrets[variables->secret_count++] =
				dk_memory_text(variables->memory, dk_slice_of(form.data));
		dk_buffer_clear(&form);
	}
	variables->secrets[variables->secret_count++] = value;
}

/* --- Reading --- */

/* Only now: its own value does not refer to it. */
static void
add(struct dk_variables *variables, const struct dk_variable *variable)
{
	struct dk_variable *added = &variables->list[variables->count++];

	*added = *variable;
	dk_map_put(&variables->by_name, dk_slice_of(added->declaration.name), added);
	if (added->declaration.rules.is_secret && added->origin && *added->value)
		add_secret(variables, added->value);
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
	variables->secrets = dk_memory_take(memory, (FORMS + 1) * most * sizeof(*variables->secrets));
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
	variables->declared = group;
	for (size_t i = 0; i < declared; i++) {
		struct dk_variable variable;

		variables->current = &group->inside[i];
		variable = dk_variable_read(variables->current, variables, sources, memory, faults);
		if (variable.origin || sources->is_whole)
			add(variables, &variable); /* else nothing is told of what uses it */
	}
	variables->current = NULL;
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

static const struct dk_node *
find_field(const struct dk_variables *variables, struct dk_slice name)
{
	const struct dk_node *fields = variables->item ? variables->item->fields : NULL;
	struct dk_slice field = field_of(variables, name);

	for (size_t i = 0; field.data && fields && i < fields->count; i++)
		if (dk_slice_is(dk_slice_of(fields->inside[i].name), field))
			return &fields->inside[i];
	return NULL;
}

/* $tenant is the item's name, ${tenant.rate} one of its fields; NULL: neither. */
static const char *
find_in_item(const struct dk_variables *variables, struct dk_slice name)
{
	const struct dk_node *field;

	if (variables->item && (dk_slice_is(name, dk_slice_of(variables->as)) ||
				dk_slice_is(field_of(variables, name), DK_SLICE("name"))))
		return variables->item->name;
	field = find_field(variables, name);
	return field ? field->text : NULL;
}

const char *
dk_variables_find(const struct dk_variables *variables, struct dk_slice name)
{
	const char *of_item = find_in_item(variables, name);
	const struct dk_variable *variable = of_item ? NULL : dk_map_find(&variables->by_name, name);

	return variable ? variable->value : of_item;
}

bool
dk_variables_have(const struct dk_variables *variables, struct dk_slice name)
{
	return dk_map_find(&variables->by_name, name) != NULL;
}

bool
dk_variables_is_item(const struct dk_variables *variables, struct dk_slice name)
{
	return find_in_item(variables, name) != NULL;
}

bool
dk_variables_is_number(const struct dk_variables *variables, struct dk_slice name)
{
	const struct dk_node *field = find_field(variables, name);
	const struct dk_variable *variable = field ? NULL : dk_map_find(&variables->by_name, name);

	if (field)
		return field->kind == DK_NODE_INTEGER || field->kind == DK_NODE_REAL;
	return variable && variable->declaration.rules.type == DK_TYPE_INTEGER;
}

/* Of a variable that is being read: another that is declared below it, or itself. */
static const char *
advise_of_order(const struct dk_variables *variables, struct dk_slice name)
{
	const struct dk_node *node =
		dk_node_find(variables->declared, dk_memory_text(variables->memory, name));

	if (!node)
		return NULL;
	if (node == variables->current)
		return "a variable is not made of itself: another name?";
	return dk_memory_print(variables->memory,
			       "its declaration, in %s:%u, comes too late: move it up?",
			       node->place.file, node->place.line);
}

/* Of a field that the item has not: those that it has. */
static const char *
advise_of_fields(const struct dk_variables *variables)
{
	const struct dk_node *fields = variables->item->fields;
	const char *names = dk_memory_print(variables->memory, "${%s.name}", variables->as);

	for (size_t i = 0; fields && i < fields->count && strlen(names) < FIELDS_SHOWN; i++)
		names = dk_memory_print(variables->memory, "%s, ${%s.%s}", names, variables->as,
					fields->inside[i].name);
	return dk_memory_print(variables->memory, "the item %s has %s", variables->item->name,
			       names);
}

/* Where there is better advice there is no suggestion. */
void
dk_variables_suggest(const struct dk_variables *variables, struct dk_suggestion *suggestion)
{
	if (variables->current && advise_of_order(variables, suggestion->written))
		return;
	if (field_of(variables, suggestion->written).data)
		return;
	for (size_t i = 0; i < variables->count; i++)
		dk_suggest(suggestion, variables->list[i].declaration.name);
	if (variables->item)
		dk_suggest(suggestion, variables->as);
}

const char *
dk_variables_advise(const struct dk_variables *variables, struct dk_slice name)
{
	if (variables->current)
		return advise_of_order(variables, name);
	if (!variables->item)
		return NULL;
	if (field_of(variables, name).data)
		return advise_of_fields(variables);
	return dk_slice_has(name, '.')
		       ? NULL
		       : dk_memory_print(variables->memory,
					 "the list's item is $%s here; as = \"%.*s\", or "
					 "declare it in variables?",
					 variables->as, (int)name.length, name.data);
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
	for (size_t i = 0; i < variables->secret_count; i++)
		if (strstr(text, variables->secrets[i]))
			return "*****";
	return text;
}

void
dk_variables_hide(const struct dk_variables *variables, struct dk_faults *faults)
{
	for (size_t i = 0; i < variables->secret_count; i++)
		dk_faults_hide(faults, variables->secrets[i]);
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
