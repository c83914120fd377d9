/* SPDX-License-Identifier: Apache-2.0
 *
 * loops.c - routes whose messages come back to them, through any number of systems.
 *
 * The routes are the nodes of a graph. An edge leads from one that may send what another takes; it
 * is certain when all of what it sends is taken, and no condition is in the way. A circle of certain
 * edges has no end: one message goes round for ever.
 */
#include "daemon/config/algebra.h"

#include <stdlib.h>

#include "daemon/language/overlap.h"

#define EDGES_MAX 4000000 /* with more, what follows is not looked at */

struct edge {
	size_t to;
	bool is_certain;
};

struct graph {
	struct dk_compiling *compiling;
	size_t *systems;
	struct dk_matcher **sources; /* by system: what is taken from it; NULL: nothing */
	struct edge *edges;          /* in the order of the routes that they leave */
	size_t edge_count, edge_room;
	size_t *first; /* by route number: its first edge; one more at the end */
};

/* --- The graph --- */

static bool
is_both(const struct graph *graph, size_t system)
{
	const struct dk_plan *plan = graph->compiling->plan;
	bool is_source = false, is_sink = false;

	for (size_t i = 0; i < plan->endpoint_count; i++) {
		if (graph->systems[i] != system)
			continue;
		is_source |= plan->endpoints[i].subscription_count > 0;
		is_sink |= plan->endpoints[i].is_sink;
	}
	return is_source && is_sink;
}

static void
make_sources(struct graph *graph)
{
	const struct dk_plan *plan = graph->compiling->plan;

	graph->systems = dk_algebra_systems(graph->compiling);
	graph->sources = calloc(plan->endpoint_count + 1, sizeof(*graph->sources));
	if (!graph->sources)
		abort();
	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (graph->systems[i] == i && is_both(graph, i))
			graph->sources[i] = dk_matcher_new(plan->endpoints[i].plugin->dialect);
	for (size_t i = 0; i < plan->from_count; i++) {
		struct dk_from *from = &plan->froms[i];
		struct dk_matcher *matcher = graph->sources[graph->systems[from->endpoint]];

		if (matcher && !from->route->may_loop)
			dk_matcher_add(matcher, from->pattern, from);
	}
}

struct reaching {
	struct graph *graph;
	const struct dk_way *way;
	const struct dk_pattern *output;
	bool is_dead; /* it is where dead letters go */
};

static bool
reach(void *context, void *value, const struct dk_pattern *pattern)
{
	struct reaching *reaching = context;
	struct graph *graph = reaching->graph;
	const struct dk_from *from = value;
	const struct dk_endpoint_plan *endpoint = &graph->compiling->plan->endpoints[from->endpoint];
	bool is_certain = !reaching->is_dead && !dk_route_chooses(reaching->way->route) &&
			  !dk_route_chooses(from->route) &&
			  dk_pattern_covers(reaching->way->dialect, pattern, reaching->output);

	if (reaching->way->endpoint == from->endpoint && dk_algebra_drops_own(endpoint, from))
		return true;
	if (graph->edge_count == graph->edge_room) {
		graph->edge_room = graph->edge_room ? 2 * graph->edge_room : 64;
		graph->edges = realloc(graph->edges, graph->edge_room * sizeof(*graph->edges));
		if (!graph->edges)
			abort();
	}
	graph->edges[graph->edge_count++] = (struct edge){ from->route->number, is_certain };
	return graph->edge_count < EDGES_MAX;
}

static void
leave(struct graph *graph, const struct dk_way *way, bool is_dead)
{
	struct dk_matcher *matcher = graph->sources[graph->systems[way->endpoint]];
	struct reaching reaching = { graph, way, NULL, is_dead };
	struct dk_pattern *output;

	if (!matcher || graph->edge_count >= EDGES_MAX)
		return;
	output = dk_algebra_output(way);
	reaching.output = output;
	dk_matcher_overlaps(matcher, output, reach, &reaching);
	dk_pattern_free(output);
}

static void
make_edges(struct graph *graph)
{
	const struct dk_plan *plan = graph->compiling->plan;

	graph->first = calloc(plan->route_count + 1, sizeof(*graph->first));
	if (!graph->first)
		abort();
	for (size_t i = 0; i < plan->route_count; i++) {
		const struct dk_route *route = &plan->routes[i];

		graph->first[i] = graph->edge_count;
		for (size_t n = 0; !route->may_loop && n < route->way_count; n++)
			leave(graph, &route->ways[n], false);
		if (!route->may_loop && route->dead)
			leave(graph, route->dead, true);
	}
	graph->first[plan->route_count] = graph->edge_count;
}

/* --- Circles --- */

/* A search from one route, in breadth, for the shortest way back to it. */
struct search {
	const struct graph *graph;
	bool certain_only;
	size_t *came_from; /* by route number and 1: the route before it, and 1; 0: not reached */
	size_t *queue;
};

static bool
may_take(const struct search *search, const struct edge *edge)
{
	return edge->is_certain || !search->certain_only;
}

/* Whether there is a circle through `start`. */
static bool
find_circle(struct search *search, size_t start)
{
	const struct graph *graph = search->graph;
	size_t head = 0, tail = 0;

	memset(search->came_from, 0,
	       graph->compiling->plan->route_count * sizeof(*search->came_from));
	search->queue[tail++] = start;
	while (head < tail) {
		size_t route = search->queue[head++];

		for (size_t i = graph->first[route]; i < graph->first[route + 1]; i++) {
			size_t to = graph->edges[i].to;

			if (!may_take(search, &graph->edges[i]) || search->came_from[to])
				continue;
			search->came_from[to] = route + 1;
			if (to == start)
				return true;
			search->queue[tail++] = to;
		}
	}
	return false;
}

/* "a → b → a", in the plan's memory. */
static const char *
circle_text(const struct search *search, size_t start)
{
	const struct dk_plan *plan = search->graph->compiling->plan;
	const char *text = plan->routes[start].name;
	size_t at = start;

	do {
		at = search->came_from[at] - 1;
		text = dk_memory_print(search->graph->compiling->memory, "%s → %s",
				       plan->routes[at].name, text);
	} while (at != start);
	return text;
}

static void
tell(const struct search *search, size_t start)
{
	struct dk_compiling *compiling = search->graph->compiling;
	const struct dk_route_origin *origin = &compiling->plan->origins[start];
	const char *circle = circle_text(search, start);

	if (search->certain_only)
		dk_fault(compiling->faults, origin->place,
			 "what these routes send comes back to them without end: %s; a condition, "
			 "another target, or loop = true in one of them?",
			 circle);
	else
		dk_warning(compiling->faults, origin->place,
			   "what these routes send may come back to them: %s; loop = true in one of them "
			   "if that ends?",
			   circle);
}

/* --- Strongly connected routes: Tarjan's, without recursion --- */

struct visit {
	size_t route, edge;
};

struct tarjan {
	const struct search *search;
	size_t next;
	size_t *index, *low; /* by route number; index 0: not visited */
	bool *is_on_stack;
	size_t *stack, stack_count;
	struct visit *visits;
	size_t visit_count;
	bool *is_in_circle;  /* out: the first route of each circle */
};

static void
begin_visit(struct tarjan *tarjan, size_t route)
{
	tarjan->index[route] = tarjan->low[route] = ++tarjan->next;
	tarjan->stack[tarjan->stack_count++] = route;
	tarjan->is_on_stack[route] = true;
	tarjan->visits[tarjan->visit_count++] =
		(struct visit){ route, tarjan->search->graph->first[route] };
}

static bool
has_edge_to_itself(const struct tarjan *tarjan, size_t route)
{
	const struct graph *graph = tarjan->search->graph;

	for (size_t i = graph->first[route]; i < graph->first[route + 1]; i++)
		if (graph->edges[i].to == route && may_take(tarjan->search, &graph->edges[i]))
			return true;
	return false;
}

/* All of what is connected with the route is on the stack above it. */
static void
take_component(struct tarjan *tarjan, size_t route)
{
	size_t first = route, count = 0, taken;

	do {
		taken = tarjan->stack[--tarjan->stack_count];
		tarjan->is_on_stack[taken] = false;
		first = taken < first ? taken : first;
		count++;
	} while (taken != route);
	if (count > 1 || has_edge_to_itself(tarjan, route))
		tarjan->is_in_circle[first] = true;
}

static void
end_visit(struct tarjan *tarjan, size_t route)
{
	if (tarjan->low[route] == tarjan->index[route])
		take_component(tarjan, route);
	if (--tarjan->visit_count > 0) {
		size_t before = tarjan->visits[tarjan->visit_count - 1].route;

		if (tarjan->low[route] < tarjan->low[before])
			tarjan->low[before] = tarjan->low[route];
	}
}

static void
go_on(struct tarjan *tarjan)
{
	struct visit *visit = &tarjan->visits[tarjan->visit_count - 1];
	const struct graph *graph = tarjan->search->graph;
	const struct edge *edge;

	if (visit->edge == graph->first[visit->route + 1]) {
		end_visit(tarjan, visit->route);
		return;
	}
	edge = &graph->edges[visit->edge++];
	if (!may_take(tarjan->search, edge))
		return;
	if (tarjan->index[edge->to] == 0)
		begin_visit(tarjan, edge->to);
	else if (tarjan->is_on_stack[edge->to] &&
		 tarjan->index[edge->to] < tarjan->low[visit->route])
		tarjan->low[visit->route] = tarjan->index[edge->to];
}

static void
find_components(const struct search *search, bool *is_in_circle)
{
	size_t count = search->graph->compiling->plan->route_count;
	struct tarjan tarjan = {
		.search = search,
		.index = calloc(count, sizeof(size_t)),
		.low = calloc(count, sizeof(size_t)),
		.is_on_stack = calloc(count, sizeof(bool)),
		.stack = calloc(count, sizeof(size_t)),
		.visits = calloc(count, sizeof(struct visit)),
		.is_in_circle = is_in_circle,
	};

	if (!tarjan.index || !tarjan.low || !tarjan.is_on_stack || !tarjan.stack || !tarjan.visits)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (tarjan.index[i] == 0)
			begin_visit(&tarjan, i);
		while (tarjan.visit_count > 0)
			go_on(&tarjan);
	}
	free(tarjan.index);
	free(tarjan.low);
	free(tarjan.is_on_stack);
	free(tarjan.stack);
	free(tarjan.visits);
}

/* --- The whole --- */

#define TOLD_MAX 20 /* circles; more are likely of the same lines */

static void
tell_circles(const struct graph *graph, bool certain_only)
{
	size_t count = graph->compiling->plan->route_count, told = 0;
	struct search search = { graph, certain_only, calloc(count, sizeof(size_t)),
				 calloc(count, sizeof(size_t)) };
	bool *is_in_circle = calloc(count, sizeof(bool));

	if (!search.came_from || !search.queue || !is_in_circle)
		abort();
	find_components(&search, is_in_circle);
	for (size_t i = 0; i < count && told < TOLD_MAX; i++)
		if (is_in_circle[i] && find_circle(&search, i)) {
			tell(&search, i);
			told++;
		}
	free(is_in_circle);
	free(search.came_from);
	free(search.queue);
}

void
dk_algebra_check_loops(struct dk_compiling *compiling)
{
	struct graph graph = { .compiling = compiling };
	size_t before = dk_faults_count(compiling->faults);

	make_sources(&graph);
	make_edges(&graph);
	if (graph.edge_count > 0) {
		tell_circles(&graph, true);
		if (dk_faults_count(compiling->faults) == before)
			tell_circles(&graph, false);
	}
	for (size_t i = 0; i < compiling->plan->endpoint_count; i++)
		dk_matcher_free(graph.sources[i]);
	free(graph.sources);
	free(graph.edges);
	free(graph.first);
}
