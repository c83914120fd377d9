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
#include "daemon/language/filter.h"
#include "daemon/language/jq.h"
#include "daemon/language/regex.h"

struct lookup {
	const struct dk_variables *variables;
	const struct dk_captures *captures;
	const enum dk_dialect *dialect; /* of the address that it is for; NULL: it is for none */
	bool is_pattern;
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

static const char *
advise(void *context, struct dk_slice name)
{
	const struct lookup *lookup = context;
	const char *advice = dk_variables_advise(lookup->variables, name);

	if (advice || !lookup->is_pattern || dk_slice_has(name, '.'))
		return advice;
	if (*lookup->dialect == DK_MQTT && dk_slice_is(name, DK_SLICE("SYS")))
		return "$$SYS for the broker's own topics?";
	return dk_memory_print(dk_variables_memory(lookup->variables),
			       ":%.*s to capture what stands there, or declare it in variables?",
			       (int)name.length, name.data);
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

static bool
is_number(void *context, struct dk_slice name)
{
	return dk_variables_is_number(((struct lookup *)context)->variables, name);
}

static struct dk_scope
scope_of(struct lookup *lookup, const char *(*variable)(void *context, struct dk_slice name))
{
	return (struct dk_scope){
		.variable = variable,
		.suggest = suggest,
		.advise = advise,
		.check = check,
		.is_number = is_number,
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

/* --- URIs --- */

static const char *
find_encoded(void *context, struct dk_slice name)
{
	const struct lookup *lookup = context;
	const char *value = find(context, name);
	struct dk_buffer encoded = { 0 };

	if (!value)
		return NULL;
	dk_percent_encode(dk_slice_of(value), &encoded);
	value = dk_memory_text(dk_variables_memory(lookup->variables),
			       dk_slice_new(encoded.data, encoded.length));
	dk_buffer_clear(&encoded);
	return value;
}

/* How far the text goes without any of these characters outside of ${…}. */
static size_t
span_without(const char *text, const char *characters)
{
	const char *at = text;

	while (*at && !strchr(characters, *at)) {
		const char *brace = at[0] == '$' && at[1] == '{' ? strchr(at, '}') : NULL;

		at = brace ? brace + 1 : at + 1;
	}
	return (size_t)(at - text);
}

/* The length of "login@"; 0: there is none. */
static size_t
login_length(const char *authority)
{
	size_t whole = span_without(authority, "/?#,"), login = 0, at = 0;

	while ((at += span_without(authority + at, "@")) < whole)
		login = ++at;
	return login;
}

/* Adds `*text` as far as `length`, and goes on behind it. */
static int
expand_part(struct lookup *lookup, const char **text, size_t length,
	    const char *(*variable)(void *context, struct dk_slice name), struct dk_buffer *out,
	    struct dk_error *error)
{
	const char *part = dk_memory_text(dk_variables_memory(lookup->variables),
					  dk_slice_new(*text, length));
	const char *expanded = expand(lookup, part, variable, error);

	*text += length;
	if (!expanded)
		return -1;
	dk_buffer_add_text(out, expanded);
	return 0;
}

/* One URI and the comma behind it. */
static int
expand_one(struct lookup *lookup, const char **text, struct dk_buffer *out, struct dk_error *error)
{
	const char *scheme = strstr(*text, "://");
	size_t plain = scheme && (size_t)(scheme - *text) < span_without(*text, ",") ?
			       (size_t)(scheme + 3 - *text) :
			       span_without(*text, ",");

	if (expand_part(lookup, text, plain, find, out, error) != 0 ||
	    expand_part(lookup, text, login_length(*text), find_encoded, out, error) != 0 ||
	    expand_part(lookup, text, span_without(*text, "/?#,"), find, out, error) != 0 ||
	    expand_part(lookup, text, span_without(*text, ","), find_encoded, out, error) != 0)
		return -1;
	return expand_part(lookup, text, **text == ',', find, out, error);
}

const char *
dk_variables_expand_uri(const struct dk_variables *variables, const char *text,
			struct dk_error *error)
{
	struct lookup lookup = { .variables = variables };
	struct dk_buffer out = { 0 };
	const char *kept = NULL;
	int result = 0;

	dk_buffer_add_text(&out, "");
	while (*text && result == 0)
		result = expand_one(&lookup, &text, &out, error);
	if (result == 0)
		kept = dk_memory_text(dk_variables_memory(variables), dk_slice_of(out.data));
	dk_buffer_clear(&out);
	return kept;
}

/* --- Patterns --- */

/* `before`, and behind it a text with dollars of its own. */
static const char *
expand_quoted(struct lookup *lookup, const char *before, const char *text,
	      void (*quote)(struct dk_slice value, struct dk_buffer *out), struct dk_error *error)
{
	struct dk_scope scope = scope_of(lookup, find);
	struct dk_buffer out = { 0 };

	dk_buffer_add_text(&out, before);
	return keep(lookup, dk_expand_quoted(dk_slice_of(text), &scope, quote, &out, error), &out);
}

const char *
dk_variables_expand_pattern(const struct dk_variables *variables, const char *text,
			    enum dk_dialect dialect, struct dk_error *error)
{
	struct lookup lookup = { .variables = variables, .dialect = &dialect, .is_pattern = true };
	size_t regex = dk_regex_begin(dialect, dk_slice_of(text));
	const char *before;

	if (regex == 0)
		return expand(&lookup, text, find_for_pattern, error);
	before = expand(&lookup,
			dk_memory_text(dk_variables_memory(variables), dk_slice_new(text, regex)),
			find_for_pattern, error);
	return before ? expand_quoted(&lookup, before, text + regex, dk_regex_quote, error) : NULL;
}

const char *
dk_variables_expand_jq(const struct dk_variables *variables, const char *text,
		       struct dk_error *error)
{
	struct lookup lookup = { .variables = variables };

	return expand_quoted(&lookup, "", text, dk_jq_quote, error);
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
