/* SPDX-License-Identifier: Apache-2.0
 *
 * expand.c - variables replaced in the texts of a configuration, and templates and expressions
 * compiled with them.
 */
#include <stdlib.h>

#include "daemon/base/suggest.h"
#include "daemon/config/variables.h"
#include "daemon/language/dialect.h"
#include "daemon/language/expand.h"
#include "daemon/language/regex.h"

struct lookup {
	const struct dk_variables *variables;
	const struct dk_captures *captures;
	const enum dk_dialect *dialect; /* of the address that it is for; NULL: it is for none */
	char suggested[128];
};

static const char *
find(void *context, struct dk_slice name)
{
	return dk_variables_find(((struct lookup *)context)->variables, name);
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
	doubled = end = dk_memory_take(dk_variables_memory(variables), 2 * strlen(value) + 1);
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

	dk_variables_suggest(lookup->variables, &suggestion);
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

/* What a list's item brings may come from outside the file: it must not break out of its level. */
static const char *
check(void *context, struct dk_slice name, const char *value)
{
	const struct lookup *lookup = context;

	if (!lookup->dialect || !dk_variables_is_item(lookup->variables, name))
		return NULL;
	return dk_dialect_value_fault(*lookup->dialect, dk_slice_of(value), false);
}

static struct dk_scope
scope_of(struct lookup *lookup, const char *(*variable)(void *context, struct dk_slice name))
{
	return (struct dk_scope){
		.variable = variable,
		.suggest = suggest,
		.check = check,
		.context = lookup,
		.captures = lookup->captures,
		.keeps_unknown = dk_variables_keep_unknown(lookup->variables),
	};
}

/* What was added to the buffer, in the configuration's memory; NULL if that failed. */
static const char *
keep(struct lookup *lookup, int status, struct dk_buffer *expanded)
{
	const char *kept = NULL;

	if (status == 0)
		kept = dk_memory_text(dk_variables_memory(lookup->variables),
				      dk_slice_new(expanded->data, expanded->length));
	dk_buffer_clear(expanded);
	return kept;
}

static const char *
expand(struct lookup *lookup, const char *text,
       const char *(*variable)(void *context, struct dk_slice name), struct dk_error *error)
{
	struct dk_scope scope = scope_of(lookup, variable);
	struct dk_buffer expanded = { 0 };

	if (!strchr(text, '$'))
		return text;
	return keep(lookup, dk_expand(dk_slice_of(text), &scope, &expanded, error), &expanded);
}

const char *
dk_variables_expand(const struct dk_variables *variables, const char *text, struct dk_error *error)
{
	struct lookup lookup = { .variables = variables };

	return expand(&lookup, text, find, error);
}

static const char *
expand_regex(struct lookup *lookup, const char *before, const char *regex, struct dk_error *error)
{
	struct dk_scope scope = scope_of(lookup, find);
	struct dk_buffer out = { 0 };

	dk_buffer_add_text(&out, before);
	return keep(lookup, dk_expand_regex(dk_slice_of(regex), &scope, &out, error), &out);
}

const char *
dk_variables_expand_pattern(const struct dk_variables *variables, const char *text,
			    enum dk_dialect dialect, struct dk_error *error)
{
	struct lookup lookup = { .variables = variables, .dialect = &dialect };
	size_t regex = dk_regex_begin(dialect, dk_slice_of(text));
	const char *before;

	if (regex == 0)
		return expand(&lookup, text, find_for_pattern, error);
	before = expand(&lookup,
			dk_memory_text(dk_variables_memory(variables), dk_slice_new(text, regex)),
			find_for_pattern, error);
	return before ? expand_regex(&lookup, before, text + regex, error) : NULL;
}

static void
free_template(void *template)
{
	dk_template_free(template);
}

struct dk_template *
dk_variables_template(const struct dk_variables *variables, const char *text,
		      const struct dk_captures *captures, const enum dk_dialect *dialect,
		      struct dk_error *error)
{
	struct lookup lookup = { .variables = variables, .captures = captures, .dialect = dialect };
	struct dk_scope scope = scope_of(&lookup, find);
	struct dk_template *template = dk_template_new(dk_slice_of(text), &scope, error);

	if (template)
		dk_memory_keep(dk_variables_memory(variables), template, free_template);
	return template;
}

struct dk_expression *
dk_variables_expression(const struct dk_variables *variables, const char *text,
			const struct dk_captures *captures, struct dk_error *error)
{
	struct lookup lookup = { .variables = variables, .captures = captures };
	struct dk_scope scope = scope_of(&lookup, find);

	return dk_expression_new(dk_slice_of(text), &scope, error);
}
