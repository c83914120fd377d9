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

/* It may stand behind the address, or be the whole; or what is named could be no endpoint. */
static int
fail_endpoint(const struct dk_compiling *compiling, const char *name, const char *rest,
	      struct dk_error *error)
{
	const struct dk_plan *plan = compiling->plan;
	struct dk_suggestion suggestion = { .written = dk_slice_of(name) };

	for (size_t i = 0; i < plan->endpoint_count; i++)
		dk_suggest(&suggestion, plan->endpoints[i].name);
	for (size_t i = 0; i < plan->endpoint_count && !suggestion.nearest; i++)
		if (plan->endpoints[i].plugin && strcmp(plan->endpoints[i].plugin->name, name) == 0)
			suggestion.nearest = plan->endpoints[i].name;
	if (strncmp(rest, "//", 2) == 0)
		return dk_fail(error,
			       "there is no endpoint \"%s\", and a uri is an endpoint's; "
			       "\"endpoint:address\"?",
			       name);
	if (dk_endpoint_find(compiling, dk_slice_of(rest)) != -1)
		return dk_fail(error, "there is no endpoint \"%s\"; \"%s:%s\"?", name, rest, name);
	if (suggestion.nearest)
		return dk_fail(error, "there is no endpoint \"%s\"; \"%s\"?", name,
			       suggestion.nearest);
	if (dk_name_at(dk_slice_of(name)).length < strlen(name))
		return dk_fail(error, "there is no endpoint \"%s\"; \"endpoint:address\"?", name);
	return dk_fail(error, "there is no endpoint \"%s\"; endpoints = { %s = { … }; };?", name,
		       name);
}

static int
fail_without_colon(const struct dk_compiling *compiling, const char *text, struct dk_error *error)
{
	if (dk_endpoint_find(compiling, dk_slice_of(text)) != -1)
		return dk_fail(error, "\"%s\" is an endpoint without an address; \"%s:address\"?",
			       text, text);
	return dk_fail(error, "\"%s\" names no endpoint; \"endpoint:address\"?", text);
}

/* What is easily written, and would be taken as it is. A variable may hold it. */
static int
check_address(const char *address, bool is_from, struct dk_error *error)
{
	size_t length = strlen(address);

	if (*address == ' ' || (length > 0 && address[length - 1] == ' '))
		return dk_fail(error, "\"%s\" begins or ends with a space; without it?", address);
	for (const char *at = address; (at = strchr(at, '{')); at++) {
		struct dk_slice name = dk_name_at(dk_slice_of(at + 1));

		if (name.length > 0 && at[1 + name.length] == '}' &&
		    (at == address || strchr("/.{", at[-1])))
			return dk_fail(error, "{%.*s} would be taken as it is; %s%.*s?",
				       (int)name.length, name.data, is_from ? ":" : "$",
				       (int)name.length, name.data);
	}
	return DK_ADDRESS_GOOD;
}

int
dk_address_split(struct dk_compiling *compiling, const char *text, const char **rest,
		 size_t *endpoint, struct dk_error *error)
{
	const char *colon = find_colon(text);
	const char *name;
	int number;

	if (!colon)
		return fail_without_colon(compiling, text, error);
	*rest = colon + 1;
	name = dk_memory_text(compiling->memory, dk_slice_new(text, (size_t)(colon - text)));
	name = strchr(name, '$') ? dk_variables_expand(compiling->variables, name, error) : name;
	if (!name)
		return DK_ADDRESS_FAULTY;
	number = dk_endpoint_find(compiling, dk_slice_of(name));
	if (number == -1)
		return fail_endpoint(compiling, name, *rest, error);
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
	if (check_address(address, true, error) != DK_ADDRESS_GOOD)
		return DK_ADDRESS_FAULTY;
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

/* Also of what is written as a variable, or in braces, and is none. */
void
dk_address_guess_captures(const struct dk_compiling *compiling, struct dk_captures *captures,
			  const char *text)
{
	text = find_colon(text);
	while (text && (text = strpbrk(text + 1, ":${"))) {
		struct dk_slice name = dk_name_at(dk_slice_of(text + 1));

		if (name.length > 0 && captures->count < DK_CAPTURES_MAX &&
		    dk_captures_find(captures, name) < 0 &&
		    !dk_variables_have(compiling->variables, name))
			captures->names[captures->count++] = name;
	}
}

/* --- to and dead --- */

/* What is often written into an address, and belongs elsewhere. */
static const char *
meant_by(const struct dk_way *way, struct dk_slice address)
{
	static const char wildcard[] = "; a target is one address: $NAME for what varies?";
	static const struct {
		enum dk_dialect dialect;
		char character;
		const char *meant;
	} rows[] = {
		{ DK_MQTT, '+', wildcard },  { DK_MQTT, '#', wildcard },
		{ DK_AMQP, '*', wildcard },  { DK_AMQP, '#', wildcard },
		{ DK_KAFKA, '+', wildcard }, { DK_KAFKA, '#', wildcard },
		{ DK_KAFKA, '*', wildcard }, { DK_KAFKA, '/', "; a . for each /?" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].dialect == way->dialect && dk_slice_has(address, rows[i].character))
			return rows[i].meant;
	if (way->dialect == DK_AMQP && !dk_slice_has(address, '/'))
		return "; exchange/routing-key, or /queue?";
	return "";
}

#define SHOWN 80 /* bytes of an address that is too long, which leave room for the reason */

static int
fail_address(const struct dk_way *way, struct dk_slice address, const char *why,
	     struct dk_error *error)
{
	bool is_long = address.length > SHOWN;

	return dk_fail(error, "\"%.*s%s\" %s%s", is_long ? SHOWN : (int)address.length,
		       address.data, is_long ? "…" : "", why, meant_by(way, address));
}

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
			return fail_address(way, piece.name, why, error);
	}
	return DK_ADDRESS_GOOD;
}

static int
check_literal(const struct dk_way *way, struct dk_error *error)
{
	struct dk_slice text = dk_slice_of(dk_template_text(way->address));
	const char *why;

	if (!way->target.is_literal)
		return check_parts(way, error);
	if (text.length == 0)
		return dk_fail(error,
			       "there is no address behind the colon; \"endpoint:address\"?");
	why = dk_dialect_address_fault(way->dialect, text);
	return why ? fail_address(way, text, why, error) : DK_ADDRESS_GOOD;
}

/* :name at the beginning of a level, as from writes it, where there is a capture near to the name:
 * it would stand there as it is. */
static int
check_captures(const char *address, const struct dk_captures *captures, struct dk_error *error)
{
	char capture[128];

	for (const char *at = address; captures && (at = strchr(at, ':')); at++) {
		struct dk_suggestion suggestion = { .written = dk_name_at(dk_slice_of(at + 1)) };

		if (suggestion.written.length == 0 || (at > address && !strchr("/.", at[-1])))
			continue;
		for (size_t i = 0; i < captures->count && !suggestion.nearest; i++) {
			snprintf(capture, sizeof(capture), "%.*s", (int)captures->names[i].length,
				 captures->names[i].data);
			dk_suggest(&suggestion, capture);
		}
		if (suggestion.nearest)
			return dk_fail(error, ":%.*s captures in a from, and here is none; $%s?",
				       (int)suggestion.written.length, suggestion.written.data,
				       suggestion.nearest);
	}
	return DK_ADDRESS_GOOD;
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
	if (check_captures(address, captures, error) != DK_ADDRESS_GOOD ||
	    check_address(address, false, error) != DK_ADDRESS_GOOD)
		return DK_ADDRESS_FAULTY;
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
