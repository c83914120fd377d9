/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_top.c - routes and endpoints as they go: what is shown, and once as a table where there is no
 * terminal.
 */
#include "daemon/surface/ctl_top.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define ONCE_US 500000 /* between two looks, for the rate */

const char *
top_order_word(enum top_order order)
{
	static const char *const words[TOP_ORDERS] = { "rate", "waiting", "dead", "name" };

	return words[order];
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static json_t *
get(struct ctl *ctl, const char *begin)
{
	struct dk_buffer path;
	json_t *json = NULL;

	ctl_path(&path, begin);
	if (ctl_ask(ctl, "GET", &path) == EX_OK && ctl->status == 200)
		json = json_loads(ctl->answer.data, 0, NULL);
	return json;
}

/* --- Routes --- */

/* Of the accounts that were had before; -1: the route was not there. */
static long long
delivered_before(const struct top *top, size_t hint, const char *name)
{
	const json_t *route = json_array_get(top->before, hint);
	size_t i;
	json_t *other;

	if (strcmp(ctl_text(route, "name"), name) == 0)
		return ctl_number(route, "delivered");
	json_array_foreach(top->before, i, other)
		if (strcmp(ctl_text(other, "name"), name) == 0)
			return ctl_number(other, "delivered");
	return -1;
}

static double
rate_of(const struct top *top, long long before, long long delivered, double seconds)
{
	return top->before && before >= 0 && delivered >= before && seconds > 0 ?
		       (double)(delivered - before) / seconds :
		       0;
}

static void
take_route(struct top *top, const json_t *json, size_t number, double seconds)
{
	const char *name = ctl_text(json, "name");
	struct top_route route = {
		.delivered = ctl_number(json, "delivered"),
		.in_flight = ctl_number(json, "in_flight"),
		.dead = ctl_number(json, "dead"),
		.retried = ctl_number(json, "retried"),
		.is_paused = ctl_truth(json, "paused"),
	};

	snprintf(route.name, sizeof(route.name), "%s", name);
	snprintf(route.reason, sizeof(route.reason), "%s", ctl_text(json, "waits_because"));
	route.rate = rate_of(top, delivered_before(top, number, name), route.delivered, seconds);
	top->rate += route.rate;
	top->dead += route.dead;
	if (!*top->wanted || strstr(name, top->wanted))
		top->routes[top->route_count++] = route;
}

static int
compare_numbers(double a, double b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

static enum top_order comparing; /* for qsort */

static int
compare(const void *a, const void *b)
{
	const struct top_route *first = a, *second = b;
	int result = 0;

	if (comparing == TOP_BY_RATE)
		result = compare_numbers(first->rate, second->rate);
	else if (comparing == TOP_BY_WAITING)
		result = compare_numbers((double)first->in_flight, (double)second->in_flight);
	else if (comparing == TOP_BY_DEAD)
		result = compare_numbers((double)first->dead, (double)second->dead);
	return result ? result : strcmp(first->name, second->name);
}

static void
take_routes(struct top *top, json_t *routes)
{
	double at = now();
	size_t i;
	json_t *route;

	free(top->routes);
	top->routes = calloc(json_array_size(routes) + 1, sizeof(struct top_route));
	if (!top->routes)
		abort();
	top->route_count = 0;
	top->rate = 0;
	top->dead = 0;
	json_array_foreach(routes, i, route)
		take_route(top, route, i, at - top->before_at);
	comparing = top->order;
	qsort(top->routes, top->route_count, sizeof(struct top_route), compare);
	json_decref(top->before);
	top->before = routes;
	top->before_at = at;
}

bool
top_ask(struct top *top)
{
	json_t *routes = get(top->ctl, "/v1/routes");
	json_t *endpoints = get(top->ctl, "/v1/endpoints");
	json_t *status = get(top->ctl, "/v1/status");

	if (!routes || !endpoints || !status) {
		snprintf(top->said, sizeof(top->said), "%.200s does not answer", top->ctl->socket);
		json_decref(routes);
		json_decref(endpoints);
		json_decref(status);
		return false;
	}
	take_routes(top, routes);
	json_decref(top->endpoints);
	json_decref(top->status);
	top->endpoints = endpoints;
	top->status = status;
	return true;
}

void
top_pause(struct top *top, const struct top_route *route)
{
	struct dk_buffer path;

	ctl_path(&path, route->is_paused ? "/v1/resume" : "/v1/pause");
	ctl_add(&path, "route", route->name);
	if (ctl_ask(top->ctl, "POST", &path) == EX_OK && top->ctl->status == 200)
		snprintf(top->said, sizeof(top->said), "%s %s", route->name,
			 route->is_paused ? "goes on" : "is paused");
	else
		snprintf(top->said, sizeof(top->said), "%s could not be paused", route->name);
}

void
top_clear(struct top *top)
{
	free(top->routes);
	json_decref(top->endpoints);
	json_decref(top->status);
	json_decref(top->before);
}

/* --- Without a terminal --- */

int
top_tell_silence(const struct top *top)
{
	fprintf(stderr, "diolkosctl: %s; does diolkosd run (systemctl status %s)?\n", top->said,
		top->ctl->unit);
	return EX_UNAVAILABLE;
}

static void
put_route(const struct top_route *route)
{
	printf("%-32s %10.1f %12lld %10lld %10lld%s%s\n", route->name, route->rate,
	       route->delivered, route->in_flight, route->dead, *route->reason ? "  " : "",
	       route->reason);
}

static void
put_endpoints(const json_t *endpoints)
{
	size_t i;
	json_t *endpoint;

	printf("\n%-32s %-9s %10s %10s\n", "endpoint", "connected", "unsettled", "in flight");
	json_array_foreach(endpoints, i, endpoint)
		printf("%-32s %-9s %10lld %10lld\n", ctl_text(endpoint, "name"),
		       ctl_truth(endpoint, "connected") ? "yes" : "no",
		       ctl_number(json_object_get(endpoint, "source"), "unsettled"),
		       ctl_number(json_object_get(endpoint, "sink"), "in_flight"));
}

static json_t *
json_of_top(const struct top *top)
{
	json_t *routes = json_array();

	for (size_t i = 0; i < top->route_count; i++)
		json_array_append_new(
			routes, json_pack("{s:s, s:f, s:I, s:I, s:I, s:b}", "name",
					  top->routes[i].name, "rate", top->routes[i].rate,
					  "delivered", (json_int_t)top->routes[i].delivered,
					  "in_flight", (json_int_t)top->routes[i].in_flight, "dead",
					  (json_int_t)top->routes[i].dead, "paused",
					  top->routes[i].is_paused));
	return json_pack("{s:o, s:O}", "routes", routes, "endpoints", top->endpoints);
}

static int
put_once(struct top *top)
{
	json_t *json;

	if (!top_ask(top))
		return top_tell_silence(top);
	usleep(ONCE_US);
	if (!top_ask(top))
		return top_tell_silence(top);
	if (top->ctl->is_json) {
		ctl_put_json(json = json_of_top(top));
		json_decref(json);
		return EX_OK;
	}
	printf("%-32s %10s %12s %10s %10s\n", "route", "a second", "delivered", "in flight", "dead");
	for (size_t i = 0; i < top->route_count; i++)
		put_route(&top->routes[i]);
	put_endpoints(top->endpoints);
	return EX_OK;
}

int
ctl_top(struct ctl *ctl)
{
	struct top top = { .ctl = ctl };
	const char *terminal = getenv("TERM");
	bool is_screen = isatty(STDOUT_FILENO) && isatty(STDIN_FILENO) && terminal &&
			 strcmp(terminal, "dumb") != 0 && !ctl->is_json;
	int status;

	ctl->is_quiet = true;
	status = is_screen ? top_run(&top) : put_once(&top);

	top_clear(&top);
	return status;
}
