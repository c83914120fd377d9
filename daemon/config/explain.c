/* SPDX-License-Identifier: Apache-2.0
 *
 * explain.c - what would become of a message at an address, and why.
 */
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/config/compile.h"
#include "daemon/language/dialect.h"

struct explaining {
	const struct dk_plan *plan;
	FILE *out;
	bool *matched; /* by route number */
};

static void
put_rendered(const struct explaining *explaining, const struct dk_template *template,
	     const struct dk_slice *captures)
{
	size_t length = dk_template_length(template, captures);
	char *text = malloc(length + 1);

	if (!text)
		abort();
	dk_template_render(template, captures, text);
	fwrite(text, 1, length, explaining->out);
	free(text);
}

/* Why the rendered address will be none; `culprit` is the capture, if it is one's value. */
static const char *
fault_of(const struct dk_way *way, const struct dk_slice *captures, struct dk_slice *culprit)
{
	size_t length = dk_template_length(way->address, captures);
	const char *fault = dk_template_fault(way->address, way->dialect, captures, culprit);
	char *text;

	if (fault)
		return fault;
	text = malloc(length + 1);
	if (!text)
		abort();
	dk_template_render(way->address, captures, text);
	fault = dk_dialect_address_fault(way->dialect, dk_slice_new(text, length));
	free(text);
	return fault;
}

static void
explain_way(const struct explaining *explaining, const struct dk_way *way,
	    const struct dk_slice *captures)
{
	struct dk_slice culprit = { NULL, 0 };
	const char *fault = fault_of(way, captures, &culprit);

	fprintf(explaining->out, "  to %s:", explaining->plan->endpoints[way->endpoint].name);
	put_rendered(explaining, way->address, captures);
	if (fault)
		fprintf(explaining->out, "  (dead letter: %s%.*s %s)",
			culprit.data ? "$" : "the address", (int)culprit.length,
			culprit.data ? culprit.data : "", fault);
	fputc('\n', explaining->out);
}

static void
explain_route(void *context, void *value, const struct dk_slice *captures)
{
	struct explaining *explaining = context;
	const struct dk_route *route = value;

	explaining->matched[route->number] = true;
	fprintf(explaining->out, "%s\n", route->name);
	for (size_t i = 0; i < route->captures->count; i++)
		fprintf(explaining->out, "  $%.*s = \"%.*s\"\n",
			(int)route->captures->names[i].length, route->captures->names[i].data,
			(int)captures[i].length, captures[i].data ? captures[i].data : "");
	for (size_t i = 0; i < route->way_count; i++)
		explain_way(explaining, &route->ways[i], captures);
	if (route->key) {
		fputs("  key ", explaining->out);
		put_rendered(explaining, route->key, captures);
		fputc('\n', explaining->out);
	}
	for (size_t i = 0; i < route->header_count; i++) {
		fprintf(explaining->out, "  header %.*s: ", (int)route->headers[i].name.length,
			route->headers[i].name.data);
		put_rendered(explaining, route->headers[i].value, captures);
		fputc('\n', explaining->out);
	}
}

static bool
is_matched(const struct explaining *explaining, const char *route)
{
	for (size_t i = 0; i < explaining->plan->route_count; i++)
		if (strcmp(explaining->plan->routes[i].name, route) == 0)
			return explaining->matched[i];
	return false;
}

static void
explain_others(const struct explaining *explaining, const struct dk_endpoint_plan *endpoint)
{
	for (size_t i = 0; i < endpoint->subscription_count; i++)
		for (size_t j = 0; j < endpoint->subscriptions[i].interest_count; j++) {
			const struct dk_interest *interest =
				endpoint->subscriptions[i].interests[j];

			if (!is_matched(explaining, interest->route))
				fprintf(explaining->out, "not %s: it wants %s:%s\n",
					interest->route, endpoint->name, interest->pattern);
		}
}

int
dk_plan_explain(const struct dk_plan *plan, const char *address, FILE *out,
		struct dk_error *error)
{
	const char *colon = strchr(address, ':');
	struct dk_slice name = dk_slice_new(address, colon ? (size_t)(colon - address) : 0);
	int number = dk_endpoint_find(plan, name);
	struct explaining explaining = { plan, out, NULL };
	const struct dk_endpoint_plan *endpoint;

	if (!colon)
		return dk_fail(error, "\"%s\" names no endpoint; endpoint:address?", address);
	if (number < 0)
		return dk_fail(error, "there is no endpoint \"%.*s\"", (int)name.length, name.data);
	endpoint = &plan->endpoints[number];
	explaining.matched = calloc(plan->route_count + 1, sizeof(bool));
	if (!explaining.matched)
		abort();
	for (size_t i = 0; i < endpoint->subscription_count; i++)
		dk_matcher_find(endpoint->subscriptions[i].matcher, dk_slice_of(colon + 1),
				explain_route, &explaining);
	explain_others(&explaining, endpoint);
	if (endpoint->subscription_count == 0)
		fprintf(out, "no route takes messages from %s\n", endpoint->name);
	free(explaining.matched);
	return 0;
}
