/* SPDX-License-Identifier: Apache-2.0
 *
 * variable.c - where a variable's value comes from, and whether it may have it.
 */
#include "daemon/config/variable.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/base/buffer.h"
#include "daemon/config/contents.h"

#define LARGEST_FILE ((size_t)64 << 10)

struct reading {
	struct dk_variable variable;
	const struct dk_variables *variables;
	const struct dk_variable_sources *sources;
	struct dk_plan_memory *memory;
	struct dk_faults *faults;
};

/* What came of a source of values. */
enum result {
	NONE,  /* the next one is asked */
	TAKEN, /* the variable has a value and an origin */
	WRONG, /* it has a fault instead, or no value, or one that is made up */
};

/* --- The environment --- */

static enum result
take_environment(struct reading *reading)
{
	const char *name = reading->variable.declaration.name, *set = getenv(name);
	const struct dk_environment *file = reading->sources->environment;
	const struct dk_assignment *assignment;

	if (set) {
		reading->variable.value = dk_memory_text(reading->memory, dk_slice_of(set));
		reading->variable.origin = "from the environment";
		return TAKEN;
	}
	assignment = file ? dk_environment_find(file, name) : NULL;
	if (!assignment)
		return NONE;
	reading->variable.value = assignment->value;
	reading->variable.origin =
		dk_memory_print(reading->memory, "from %s:%u", assignment->place.file,
				assignment->place.line);
	return TAKEN;
}

/* --- The text of the file, of the variables that are declared before it --- */

static const char *
expand(struct reading *reading, const struct dk_node *node)
{
	struct dk_error error;
	const char *text = dk_variables_expand(reading->variables, node->text, &error);

	if (!text && reading->sources->is_whole)
		dk_fault(reading->faults, node->place, "the variable %s: %s",
			 reading->variable.declaration.name, error.text);
	return text;
}

/* --- A file of its own --- */

#define CREDENTIALS "CREDENTIALS_DIRECTORY"

/* Whether the path is in the folder of credentials, and there is none. */
static bool
lacks_credentials(struct reading *reading, const char *path)
{
	return (strstr(path, "$" CREDENTIALS) || strstr(path, "${" CREDENTIALS "}")) &&
	       !dk_variables_expand(reading->variables, "$" CREDENTIALS, NULL);
}

/* Why there is nothing to be had of the file. */
struct lack {
	const char *why;
	const char *meant; /* "" or a question */
	bool is_absent;    /* then the default is meant */
	bool may_be_there; /* for the daemon itself, if not for who checks */
};

/* Where only a check is made there is a value to go on with. */
static enum result
do_without(struct reading *reading, struct lack lack)
{
	struct dk_variable *variable = &reading->variable;
	const struct dk_declaration *declaration = &variable->declaration;
	bool is_unknown = reading->sources->is_check && lack.may_be_there;

	if (is_unknown)
		dk_note(reading->faults, declaration->file->place,
			"not checked: the variable %s comes from %s", declaration->name, lack.why);
	if (declaration->preset && (is_unknown || lack.is_absent))
		return NONE;
	if (is_unknown)
		variable->value = dk_rules_placeholder(&declaration->rules);
	else
		dk_fault(reading->faults, declaration->file->place,
			 "the variable %s comes from %s%s", declaration->name, lack.why,
			 lack.meant);
	return WRONG;
}

/* Its bytes, but for one line's end. */
static enum result
take_bytes(struct reading *reading, const char *path, const char *bytes, size_t length)
{
	const struct dk_declaration *declaration = &reading->variable.declaration;

	if (memchr(bytes, '\0', length)) {
		dk_fault(reading->faults, declaration->file->place,
			 "the variable %s comes from %s, which holds a NUL; is it a text?",
			 declaration->name, path);
		return WRONG;
	}
	length -= length > 0 && bytes[length - 1] == '\n';
	reading->variable.value = dk_memory_text(reading->memory, dk_slice_new(bytes, length));
	reading->variable.origin = dk_memory_print(reading->memory, "from %s", path);
	return TAKEN;
}

static enum result
take_path(struct reading *reading, const char *path)
{
	static const struct dk_contents_limit limit = { LARGEST_FILE, "is larger than 64 kB" };
	struct dk_error error;
	enum result result;
	size_t length;
	char *bytes = dk_contents_read(path, &limit, &length, &error);

	if (!bytes) {
		struct lack lack = { NULL, "", errno == ENOENT, errno == EACCES };

		lack.why = dk_memory_print(reading->memory, "%s, which %s", path, error.text);
		return do_without(reading, lack);
	}
	result = take_bytes(reading, path, bytes, length);
	free(bytes);
	return result;
}

static enum result
take_file(struct reading *reading)
{
	const struct dk_node *file = reading->variable.declaration.file;
	const char *path;

	if (!file)
		return NONE;
	if (lacks_credentials(reading, file->text)) {
		struct lack lack = { NULL, "; LoadCredential= in the unit?", true, true };

		lack.why = dk_memory_print(reading->memory, "%s, and " CREDENTIALS " is not set",
					   file->text);
		return do_without(reading, lack);
	}
	path = expand(reading, file);
	return path ? take_path(reading, path) : WRONG;
}

/* --- The default --- */

/* The items, joined by commas; an item has none of its own. NULL with a fault. */
static const char *
join(struct reading *reading, const struct dk_node *list)
{
	struct dk_buffer joined = { 0 };
	const char *value, *text = "";

	for (size_t i = 0; text && i < list->count; i++) {
		text = expand(reading, &list->inside[i]);
		if (text && strchr(list->inside[i].text, ',')) {
			dk_fault(reading->faults, list->inside[i].place,
				 "the variable %s: an item of a list may hold no comma; two items?",
				 reading->variable.declaration.name);
			text = NULL;
		}
		if (i > 0)
			dk_buffer_add_text(&joined, ",");
		dk_buffer_add_text(&joined, text ? text : "");
	}
	value = dk_memory_text(reading->memory, dk_slice_new(joined.data, joined.length));
	dk_buffer_clear(&joined);
	return text ? value : NULL;
}

static enum result
take_preset(struct reading *reading)
{
	const struct dk_node *preset = reading->variable.declaration.preset;
	const char *value;

	if (!preset)
		return NONE;
	value = dk_node_is_scalar(preset) ? expand(reading, preset) : join(reading, preset);
	if (!value)
		return WRONG;
	reading->variable.value = value;
	reading->variable.origin = "by default";
	reading->variable.is_preset = true;
	return TAKEN;
}

static enum result
take_nothing(struct reading *reading)
{
	const struct dk_declaration *declaration = &reading->variable.declaration;

	if (declaration->need != DK_NEED_NOTHING && declaration->is_good)
		dk_fault(reading->faults, declaration->place,
			 "the variable %s has no value; set it in the environment, or give it a "
			 "default?",
			 declaration->name);
	return WRONG;
}

/* --- All of it --- */

/* Where a fault of its value is: where that is written, or else where it is declared. */
static struct dk_place
place_of(const struct dk_variable *variable)
{
	return variable->is_preset ? variable->declaration.preset->place :
				     variable->declaration.place;
}

static void
check(struct reading *reading)
{
	struct dk_variable *variable = &reading->variable;
	const struct dk_declaration *declaration = &variable->declaration;
	bool is_secret = declaration->rules.is_secret;
	struct dk_error error;

	if (declaration->need == DK_NEED_NOTHING && !*variable->value)
		return;
	if (declaration->need == DK_NEED_MORE && !*variable->value)
		dk_fail(&error, "is empty, and it is required");
	else if (dk_rules_check(&declaration->rules, variable->value, &error) == 0)
		return;
	if (is_secret)
		dk_fault(reading->faults, place_of(variable), "the variable %s, a secret %s, %s",
			 declaration->name, variable->origin, error.text);
	else
		dk_fault(reading->faults, place_of(variable), "the variable %s, \"%s\" %s, %s",
			 declaration->name, variable->value, variable->origin, error.text);
}

struct dk_variable
dk_variable_read(const struct dk_node *node, const struct dk_variables *variables,
		 const struct dk_variable_sources *sources, struct dk_plan_memory *memory,
		 struct dk_faults *faults)
{
	static enum result (*const takes[])(struct reading *reading) = {
		take_environment, take_file, take_preset, take_nothing,
	};
	struct reading reading = { .variable = { .declaration = dk_declaration_read(node, faults),
						 .value = "" },
				   .variables = variables,
				   .sources = sources,
				   .memory = memory,
				   .faults = faults };
	enum result result = NONE;

	for (size_t i = 0; result == NONE; i++)
		result = takes[i](&reading);
	if (result == TAKEN && reading.variable.declaration.is_good)
		check(&reading);
	reading.variable.value = dk_type_text(reading.variable.declaration.rules.type,
					       reading.variable.value, memory);
	return reading.variable;
}
