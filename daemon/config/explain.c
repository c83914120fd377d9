/* SPDX-License-Identifier: Apache-2.0
 *
 * explain.c - what would become of a message at an address, and why.
 */
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/config/trial.h"
#include "daemon/config/variables.h"

#define OTHERS_MOST 20 /* routes that do not take it and are told each */

struct explaining {
	const struct dk_plan *plan;
	const struct dk_endpoint_plan *endpoint;
	FILE *out;
	bool *matched;  /* by route number */
	bool is_all;    /* each route is told */
	size_t refused; /* routes whose conditions do not hold */
};

/* Also what a message becomes may hold a secret. */
static const char *
shown(const struct explaining *explaining, const char *text)
{
	return dk_variables_mask(explaining->plan->variables, text);
}

static void
put_captures(const struct explaining *explaining, const struct dk_route *route,
	     const struct dk_view *view)
{
	for (size_t i = 0; i < route->captures->count; i++)
		fprintf(explaining->out, "  $%.*s = \"%.*s\"\n",
			(int)route->captures->names[i].length, route->captures->names[i].data,
			(int)view->captures[i].length,
			view->captures[i].data ? view->captures[i].data : "");
}

/* Key and headers are the route's: the same on each of its ways. */
static void
put_rest(const struct explaining *explaining, const struct dk_outlook *outlook)
{
	const struct dk_route *route = outlook->way->route;

	if (outlook->key.data)
		fprintf(explaining->out, "  key %s\n", shown(explaining, outlook->key.data));
	for (size_t i = 0; i < route->header_count; i++)
		fprintf(explaining->out, "  header %.*s: %s\n", (int)route->headers[i].name.length,
			route->headers[i].name.data,
			shown(explaining, outlook->headers[i].data));
}

/* Which promise is kept on the way, and by what. */
static void
put_promise(const struct explaining *explaining, const struct dk_way *way,
	    const struct dk_from *from)
{
	const struct dk_endpoint_plan *sink = &explaining->plan->endpoints[way->endpoint];
	const struct dk_source_functions *source = explaining->endpoint->plugin->source;
	const char *doubt = NULL;

	if (source->doubt)
		doubt = source->doubt(explaining->endpoint->config, from->placed);
	if (!doubt && sink->plugin->sink->doubt)
		doubt = sink->plugin->sink->doubt(sink->config, &way->target);
	if (doubt)
		fprintf(explaining->out, "    at most once: %s\n", doubt);
	else if (source->waiting == DK_STORES)
		fprintf(explaining->out,
			"    at least once: acknowledged to %s when it is in the spool, kept there "
			"until %s has it\n",
			explaining->endpoint->name, sink->name);
	else
		fprintf(explaining->out, "    at least once: acknowledged to %s when %s has it\n",
			explaining->endpoint->name, sink->name);
}

/* The `from` of the route that is of this endpoint. */
static const struct dk_from *
from_of(const struct explaining *explaining, const struct dk_route *route)
{
	const struct dk_route_origin *origin = &explaining->plan->origins[route->number];

	for (size_t i = 0; i + 1 < origin->from_count; i++)
		if (&explaining->plan->endpoints[origin->froms[i].endpoint] == explaining->endpoint)
			return &origin->froms[i];
	return &origin->froms[origin->from_count - 1];
}

static void
explain_way(const struct explaining *explaining, const struct dk_way *way, struct dk_view *view,
	    bool is_last)
{
	struct dk_outlook outlook;

	dk_outlook_make(&outlook, way, view);
	fprintf(explaining->out, "  to %s:%s", explaining->plan->endpoints[way->endpoint].name,
		shown(explaining, outlook.address.data));
	if (*outlook.fault)
		fprintf(explaining->out, "  (dead letter: %s)", outlook.fault);
	fputc('\n', explaining->out);
	put_promise(explaining, way, from_of(explaining, way->route));
	if (is_last)
		put_rest(explaining, &outlook);
	dk_outlook_clear(&outlook);
}

/* Which of its conditions does not hold. */
static void
put_refusal(const struct explaining *explaining, const struct dk_route *route, struct dk_view *view)
{
	bool is_when = route->when && !dk_expression_holds(route->when, view);

	fprintf(explaining->out, "not %s: %s%s does not hold\n", route->name, is_when ? "" : "jq ",
		shown(explaining,
		      is_when ? dk_expression_text(route->when) : dk_jq_text(route->jq)));
}

static void
explain_route(void *context, const struct dk_route *route, struct dk_view *view, bool passes)
{
	struct explaining *explaining = context;

	explaining->matched[route->number] = true;
	if (!passes) {
		if (explaining->refused++ < OTHERS_MOST || explaining->is_all)
			put_refusal(explaining, route, view);
		return;
	}
	fprintf(explaining->out, "%s\n", route->name);
	put_captures(explaining, route, view);
	for (size_t i = 0; i < route->way_count; i++)
		explain_way(explaining, &route->ways[i], view, i + 1 == route->way_count);
}

static bool
is_other(const struct explaining *explaining, const struct dk_from *from)
{
	return &explaining->plan->endpoints[from->endpoint] == explaining->endpoint &&
	       !explaining->matched[from->route->number];
}

static size_t
count_others(const struct explaining *explaining)
{
	const struct dk_plan *plan = explaining->plan;
	size_t count = 0;

	for (size_t i = 0; i < plan->from_count; i++)
		count += is_other(explaining, &plan->froms[i]);
	return count;
}

static void
explain_others(const struct explaining *explaining)
{
	const struct dk_plan *plan = explaining->plan;
	size_t count = count_others(explaining);

	if (explaining->refused > OTHERS_MOST && !explaining->is_all)
		fprintf(explaining->out, "not %zu more: their conditions do not hold; --all?\n",
			explaining->refused - OTHERS_MOST);
	if (count > OTHERS_MOST && !explaining->is_all) {
		fprintf(explaining->out, "not %zu others of %s: they want other addresses; --all?\n",
			count, explaining->endpoint->name);
		return;
	}
	for (size_t i = 0; i < plan->from_count; i++)
		if (is_other(explaining, &plan->froms[i]))
			fprintf(explaining->out, "not %s: it wants %s:%s\n",
				plan->froms[i].route->name, explaining->endpoint->name,
				shown(explaining, plan->froms[i].interest.pattern));
}

int
dk_plan_explain(const struct dk_plan *plan, const char *address, struct dk_message message,
		bool is_all, FILE *out, struct dk_error *error)
{
	struct explaining explaining = { .plan = plan, .out = out, .is_all = is_all };
	const char *rest;
	int number = dk_trial_split(plan, address, &rest, error);

	if (number < 0)
		return -1;
	explaining.endpoint = &plan->endpoints[number];
	explaining.matched = calloc(plan->route_count + 1, sizeof(bool));
	if (!explaining.matched)
		abort();
	message.address = dk_slice_of(rest);
	dk_trial(plan, (size_t)number, &message, explain_route, &explaining);
	explain_others(&explaining);
	if (explaining.endpoint->subscription_count == 0)
		fprintf(out, "no route takes messages from %s\n", explaining.endpoint->name);
	free(explaining.matched);
	return 0;
}
