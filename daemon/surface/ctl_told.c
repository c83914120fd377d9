/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_told.c - what the daemon is told: pause, resume, drain, log.
 */
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/surface/ctl.h"

#define LOOK_US 200000
#define DRAIN_SECONDS 30

/* --- Pauses --- */

static void
put_list(const char *what, const json_t *names, const char *rest)
{
	size_t i;
	json_t *name;

	json_array_foreach(names, i, name) {
		printf("%s ", what);
		ctl_put(json_string_value(name));
		puts(rest);
	}
}

static void
show_paused(const json_t *paused)
{
	const json_t *routes = json_object_get(paused, "routes");
	const json_t *endpoints = json_object_get(paused, "endpoints");

	put_list("route", routes, " is paused");
	put_list("endpoint", endpoints, " is paused");
	if (ctl_truth(paused, "sources"))
		puts("every source is paused");
	else if (json_array_size(routes) + json_array_size(endpoints) == 0)
		puts("nothing is paused");
}

/* The names are of routes or endpoints, or of either. */
static void
add_names(struct dk_buffer *path, const struct ctl *ctl)
{
	const char *kind = ctl->is_route ? "route" : ctl->is_endpoint ? "endpoint" : "name";

	for (int i = 0; i < ctl->word_count; i++)
		ctl_add(path, kind, ctl->words[i]);
}

static int
tell(struct ctl *ctl, struct dk_buffer *path)
{
	json_t *answer;
	int status = ctl_ask_json(ctl, "POST", path, &answer);

	if (answer && ctl->is_json)
		ctl_put_json(answer);
	else if (answer)
		show_paused(json_object_get(answer, "paused"));
	json_decref(answer);
	return status;
}

int
ctl_pause(struct ctl *ctl)
{
	struct dk_buffer path;

	ctl_path(&path, "/v1/pause");
	add_names(&path, ctl);
	return tell(ctl, &path);
}

/* Without a name, everything. */
int
ctl_resume(struct ctl *ctl)
{
	struct dk_buffer path;

	if (ctl->is_all && ctl->word_count > 0) {
		fputs("diolkosctl: resume takes names or --all, not both\n", stderr);
		return EX_USAGE;
	}
	ctl_path(&path, "/v1/resume");
	add_names(&path, ctl);
	return tell(ctl, &path);
}

/* --- Drain --- */

static json_t *
get(struct ctl *ctl, const char *begin)
{
	struct dk_buffer path;
	json_t *json;

	ctl_path(&path, begin);
	ctl_ask_json(ctl, "GET", &path, &json);
	return json;
}

static long long
count_in_flight(const json_t *routes)
{
	long long count = 0;
	size_t i;
	json_t *route;

	json_array_foreach(routes, i, route)
		count += ctl_number(route, "in_flight");
	return count;
}

/* Until nothing is in flight twice in a row, for a source may still bring what was on its way. What
 * is so at the end, to be released; NULL: nobody answers. */
static json_t *
wait_for_outcomes(struct ctl *ctl, long seconds)
{
	json_t *routes = get(ctl, "/v1/routes");
	int even = 0;

	for (long looks = 0; routes && even < 2 && looks < seconds * 1000000 / LOOK_US; looks++) {
		usleep(LOOK_US);
		json_decref(routes);
		routes = get(ctl, "/v1/routes");
		even = count_in_flight(routes) == 0 ? even + 1 : 0;
	}
	return routes;
}

static void
show_kept(const json_t *spools)
{
	size_t i;
	json_t *spool;

	json_array_foreach(spools, i, spool)
		if (ctl_number(spool, "messages") > 0) {
			printf("%lld messages are kept in the spool of ",
			       ctl_number(spool, "messages"));
			ctl_put(ctl_text(spool, "endpoint"));
			putchar('\n');
		}
}

static void
show_drained(const struct ctl *ctl, const json_t *routes, const json_t *spools)
{
	long long left = count_in_flight(routes);

	ctl_show_routes(ctl, routes);
	show_kept(spools);
	if (left > 0)
		printf("%lld deliveries are not settled yet\n", left);
	puts(left > 0 ? "every source is paused; to go on, diolkosctl resume" :
			"drained: nothing is on its way; to go on, diolkosctl resume");
}

int
ctl_drain(struct ctl *ctl)
{
	long seconds = ctl->timeout ? strtol(ctl->timeout, NULL, 10) : DRAIN_SECONDS;
	struct dk_buffer path;
	json_t *answer, *routes, *spools;
	int status;

	ctl_path(&path, "/v1/drain");
	status = ctl_ask_json(ctl, "POST", &path, &answer);
	json_decref(answer);
	if (status != EX_OK)
		return status;
	routes = wait_for_outcomes(ctl, seconds);
	spools = routes ? get(ctl, "/v1/spools") : NULL;
	if (!routes || !spools)
		status = EX_UNAVAILABLE;
	else
		status = count_in_flight(routes) == 0 ? EX_OK : EX_TEMPFAIL;
	if (spools && !ctl->is_json)
		show_drained(ctl, routes, spools);
	else if (spools)
		ctl_put_json(answer = json_pack("{s:b, s:O, s:O}", "drained", status == EX_OK,
						"routes", routes, "spools", spools));
	if (spools && ctl->is_json)
		json_decref(answer);
	json_decref(routes);
	json_decref(spools);
	return status;
}

/* --- The log's level --- */

int
ctl_log(struct ctl *ctl)
{
	struct dk_buffer path;
	json_t *answer;
	int status;

	ctl_path(&path, "/v1/log");
	if (ctl->word_count > 0)
		ctl_add(&path, "level", ctl->words[0]);
	status = ctl_ask_json(ctl, ctl->word_count > 0 ? "POST" : "GET", &path, &answer);
	if (answer && ctl->is_json)
		ctl_put_json(answer);
	else if (answer)
		puts(ctl_text(answer, "level"));
	json_decref(answer);
	return status;
}
