/* SPDX-License-Identifier: Apache-2.0
 *
 * addresses.c - endpoint:address, taken apart and compiled to a pattern or a template.
 */
#include "daemon/config/addresses.h"

#include "daemon/base/checksum.h"
#include "daemon/base/error.h"
#include "daemon/language/dialect.h"

/* The colon that ends the endpoint's name: the first that is in no ${…}. */
static const char *
find_colon(const char *text)
{
	while (*text && *text != ':') {
		const char *brace = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;

		text = brace ? brace : text + 1;
	}
	return *text ? text : NULL;
}

static int
fail_endpoint(const struct dk_plan *plan, const char *name, struct dk_error *error)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(name) };

	for (size_t i = 0; i < plan->endpoint_count; i++)
		dk_suggest(&suggestion, plan->endpoints[i].name);
	if (suggestion.nearest)
		return dk_fail(error, "there is no endpoint \"%s\"; \"%s\"?", name,
			       suggestion.nearest);
	return dk_fail(error, "there is no endpoint \"%s\"; endpoints = { %s = { … }; };?", name,
		       name);
}

int
dk_address_split(struct dk_compiling *compiling, const char *text, const char **rest,
		 size_t *endpoint, struct dk_error *error)
{
	const char *colon = find_colon(text);
	const char *name;
	int number;

	if (!colon)
		return dk_fail(error, "\"%s\" names no endpoint; \"endpoint:address\"?", text);
	*rest = colon + 1;
	name = dk_memory_text(compiling->memory, dk_slice_new(text, (size_t)(colon - text)));
	name = strchr(name, '$') ? dk_variables_expand(compiling->variables, name, error) : name;
	if (!name)
		return DK_ADDRESS_FAULTY;
	number = dk_endpoint_find(compiling, dk_slice_of(name));
	if (number == -1)
		return fail_endpoint(compiling->plan, name, error);
	if (number == -2)
		return DK_ADDRESS_OFF;
	*endpoint = (size_t)number;
	return compiling->plan->endpoints[number].plugin ? DK_ADDRESS_GOOD : DK_ADDRESS_TOLD;
}

/* --- from --- */

static void
free_pattern(void *pattern)
{
	dk_pattern_free(pattern);
}

int
dk_address_compile_from(struct dk_compiling *compiling, const struct dk_node *node,
			const struct dk_route *route, struct dk_captures *captures,
			struct dk_from *from, struct dk_error *error)
{
	const struct dk_plugin *plugin;
	const char *address;
	struct dk_pattern *pattern;
	size_t endpoint;
	int result = dk_address_split(compiling, node->text, &address, &endpoint, error);

	if (result != DK_ADDRESS_GOOD)
		return result;
	plugin = compiling->plan->endpoints[endpoint].plugin;
	address = dk_variables_expand_pattern(compiling->variables, address, plugin->dialect,
					      error);
	if (!address)
		return DK_ADDRESS_FAULTY;
	if (!plugin->source)
		return dk_fail(error, "%s is no source: the plugin %s only takes messages",
			       compiling->plan->endpoints[endpoint].name, plugin->name);
	pattern = dk_pattern_new(plugin->dialect, dk_slice_of(address), captures, error);
	if (!pattern)
		return DK_ADDRESS_FAULTY;
	dk_memory_keep(compiling->memory, pattern, free_pattern);
	*from = (struct dk_from){
		.interest = { .route = route->name,
			      .pattern = address,
			      .filter = dk_pattern_filter(pattern),
			      .options = dk_options_new(&plugin->from, compiling->memory) },
		.pattern = pattern,
		.route = route,
		.endpoint = endpoint,
		.place = node->place,
	};
	return DK_ADDRESS_GOOD;
}

void
dk_address_guess_captures(struct dk_captures *captures, const char *text)
{
	text = find_colon(text);
	while (text && (text = strchr(text + 1, ':'))) {
		struct dk_slice name = dk_name_at(dk_slice_of(text + 1));

		if (name.length > 0 && captures->count < DK_CAPTURES_MAX &&
		    dk_captures_find(captures, name) < 0)
			captures->names[captures->count++] = name;
	}
}

/* --- to and dead --- */

/* What is literal of an address that is not so as a whole. */
static int
check_parts(const struct dk_way *way, struct dk_error *error)
{
	for (size_t i = 0; i < dk_template_count(way->address); i++) {
		struct dk_template_piece piece = dk_template_piece(way->address, i);
		const char *why = piece.is_literal ?
					  dk_dialect_value_fault(way->dialect, piece.name, true) :
					  NULL;

		if (why)
			return dk_fail(error, "\"%.*s\" %s", (int)piece.name.length,
				       piece.name.data, why);
	}
	return DK_ADDRESS_GOOD;
}

static int
check_literal(const struct dk_way *way, struct dk_error *error)
{
	const char *text = dk_template_text(way->address);
	const char *why;

	if (!way->target.is_literal)
		return check_parts(way, error);
	why = dk_dialect_address_fault(way->dialect, dk_slice_of(text));
	return why ? dk_fail(error, "\"%s\" %s", text, why) : DK_ADDRESS_GOOD;
}

int
dk_address_compile_to(struct dk_compiling *compiling, const struct dk_node *node,
		      const struct dk_route *route, const struct dk_captures *captures,
		      struct dk_way *way, struct dk_error *error)
{
	struct dk_endpoint_plan *of;
	const char *address;
	size_t endpoint;
	int result = dk_address_split(compiling, node->text, &address, &endpoint, error);

	if (result != DK_ADDRESS_GOOD)
		return result;
	of = &compiling->plan->endpoints[endpoint];
	if (!of->plugin->sink)
		return dk_fail(error, "%s is no sink: the plugin %s only brings messages", of->name,
			       of->plugin->name);
	way->address = dk_variables_template(compiling->variables, address, captures,
					     &of->plugin->dialect, error);
	if (!way->address)
		return DK_ADDRESS_FAULTY;
	way->route = route;
	way->endpoint = endpoint;
	way->dialect = of->plugin->dialect;
	way->key = dk_hash(dk_hash(DK_HASH_BEGIN,
				   dk_slice_new(route->name, strlen(route->name) + 1)),
			   dk_slice_of(node->text));
	way->target = (struct dk_target){
		.route = route->name,
		.template = dk_template_text(way->address),
		.is_literal = dk_template_is_literal(way->address),
		.options = dk_options_new(&of->plugin->to, compiling->memory),
	};
	of->is_sink = true;
	return check_literal(way, error);
}
