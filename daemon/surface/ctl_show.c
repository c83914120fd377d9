/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_show.c - how it goes: status, endpoints, routes, spools, metrics.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "daemon/surface/ctl.h"

/* --- Values --- */

long long
ctl_number(const json_t *json, const char *name)
{
	return json_integer_value(json_object_get(json, name));
}

const char *
ctl_text(const json_t *json, const char *name)
{
	const char *value = json_string_value(json_object_get(json, name));

	return value ? value : "";
}

bool
ctl_truth(const json_t *json, const char *name)
{
	return json_is_true(json_object_get(json, name));
}

static void
put_slice(struct dk_slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			printf("\\x%02x", (unsigned)(unsigned char)text.data[i]);
		else
			putchar(text.data[i]);
}

void
ctl_put(const char *text)
{
	put_slice(dk_slice_of(text));
}

bool
ctl_put_value(const char *before, const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);

	if (json_string_length(value) == 0)
		return false;
	fputs(before, stdout);
	put_slice(dk_slice_new(json_string_value(value), json_string_length(value)));
	return true;
}

void
ctl_put_coloured(const struct ctl *ctl, enum ctl_colour colour, const char *text)
{
	static const char *const codes[] = { "32", "33", "31", "2" };

	if (ctl->is_coloured)
		printf("\x1b[%sm", codes[colour]);
	ctl_put(text);
	if (ctl->is_coloured)
		fputs("\x1b[0m", stdout);
}

void
ctl_put_json(const json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
}

/* --- Status --- */

static void
put_names(const struct ctl *ctl, const char *what, const json_t *names)
{
	size_t i;
	json_t *name;

	if (json_array_size(names) == 0)
		return;
	printf("%s:", what);
	json_array_foreach(names, i, name) {
		putchar(' ');
		ctl_put_coloured(ctl, CTL_RED, json_string_value(name));
	}
	putchar('\n');
}

static void
put_reload(const json_t *reload)
{
	if (ctl_number(reload, "count") > 0)
		printf("read again %lld times, the last time %s\n%s", ctl_number(reload, "count"),
		       !ctl_truth(reload, "good")   ? "with faults" :
		       ctl_truth(reload, "changed") ? "with changes" :
						      "without a change",
		       ctl_text(reload, "said"));
}

static void
show_status(const struct ctl *ctl, const json_t *status)
{
	const json_t *paused = json_object_get(status, "paused");

	printf("diolkosd %s: %lld endpoints, %lld routes\n", ctl_text(status, "version"),
	       ctl_number(status, "endpoints"), ctl_number(status, "routes"));
	printf("since %s, process %lld\n", ctl_text(status, "since"), ctl_number(status, "pid"));
	put_names(ctl, "not connected", json_object_get(status, "not_connected"));
	put_names(ctl, "accounts that are not even", json_object_get(status, "uneven_accounts"));
	put_names(ctl, "paused routes", json_object_get(paused, "routes"));
	put_names(ctl, "paused endpoints", json_object_get(paused, "endpoints"));
	if (ctl_truth(paused, "sources"))
		puts("drained: every source is paused; to go on, diolkosctl resume");
	put_reload(json_object_get(status, "reload"));
}

/* --- Lists --- */

static void
show_endpoints(const struct ctl *ctl, const json_t *endpoints)
{
	size_t i;
	json_t *endpoint;

	printf("%-20s %-10s %-9s %12s %10s %10s\n", "endpoint", "plugin", "connected", "received",
	       "unsettled", "in flight");
	json_array_foreach(endpoints, i, endpoint) {
		const json_t *source = json_object_get(endpoint, "source");
		const json_t *sink = json_object_get(endpoint, "sink");
		bool is_connected = ctl_truth(endpoint, "connected");

		printf("%-20s %-10s ", ctl_text(endpoint, "name"), ctl_text(endpoint, "plugin"));
		ctl_put_coloured(ctl, is_connected ? CTL_GREEN : CTL_RED,
				 is_connected ? "yes      " : "no       ");
		printf(" %12lld %10lld %10lld", ctl_number(source, "received"),
		       ctl_number(source, "unsettled"), ctl_number(sink, "in_flight"));
		if (ctl_truth(source, "paused") || ctl_truth(sink, "paused")) {
			fputs("  ", stdout);
			ctl_put_coloured(ctl, CTL_YELLOW, "paused");
		}
		putchar('\n');
		if (*ctl_text(endpoint, "why"))
			printf("  %s\n", ctl_text(endpoint, "why"));
	}
}

void
ctl_show_routes(const struct ctl *ctl, const json_t *routes)
{
	size_t i;
	json_t *route;

	printf("%-32s %12s %10s %10s %10s %10s\n", "route", "delivered", "in flight", "filtered",
	       "retried", "dead");
	json_array_foreach(routes, i, route) {
		const char *reason = ctl_text(route, "waits_because");

		printf("%-32s %12lld %10lld %10lld %10lld %10lld", ctl_text(route, "name"),
		       ctl_number(route, "delivered"), ctl_number(route, "in_flight"),
		       ctl_number(route, "filtered"), ctl_number(route, "retried"),
		       ctl_number(route, "dead"));
		if (!*reason && ctl_truth(route, "paused"))
			reason = "the route is paused";
		if (*reason) {
			fputs("  ", stdout);
			ctl_put_coloured(ctl, CTL_YELLOW, reason);
		}
		putchar('\n');
	}
}

static void
show_spools(const struct ctl *ctl, const json_t *spools)
{
	size_t i;
	json_t *spool;

	printf("%-20s %12s %14s %14s %-8s %s\n", "source", "messages", "bytes", "high mark", "sync",
	       "oldest");
	json_array_foreach(spools, i, spool) {
		printf("%-20s %12lld %14lld %14lld %-8s %s", ctl_text(spool, "endpoint"),
		       ctl_number(spool, "messages"), ctl_number(spool, "bytes"),
		       ctl_number(spool, "high_mark"), ctl_text(spool, "sync"),
		       ctl_text(spool, "oldest"));
		if (ctl_truth(spool, "full")) {
			fputs("  ", stdout);
			ctl_put_coloured(ctl, CTL_RED, "full: its broker keeps the rest");
		}
		putchar('\n');
	}
	if (json_array_size(spools) == 0)
		puts("no source stores");
}

static int
show(struct ctl *ctl, const char *begin,
     void (*show_json)(const struct ctl *ctl, const json_t *json))
{
	struct dk_buffer path;
	json_t *json;
	int status;

	ctl_path(&path, begin);
	status = ctl_ask_json(ctl, "GET", &path, &json);
	if (json && ctl->is_json)
		ctl_put_json(json);
	else if (json)
		show_json(ctl, json);
	json_decref(json);
	return status;
}

/* --- Commands --- */

/* What is not well, as /healthz says. */
static void
show_health(struct ctl *ctl)
{
	struct dk_buffer path;
	json_t *health, *reason;
	size_t i;

	ctl_path(&path, "/healthz");
	if (ctl_ask(ctl, "GET", &path) != EX_OK)
		return;
	health = json_loads(ctl->answer.data, 0, NULL);
	json_array_foreach(json_object_get(health, "reasons"), i, reason) {
		ctl_put_coloured(ctl, CTL_RED, "not well: ");
		ctl_put(json_string_value(reason) ? json_string_value(reason) : "");
		putchar('\n');
	}
	json_decref(health);
}

int
ctl_status(struct ctl *ctl)
{
	int status = show(ctl, "/v1/status", show_status);

	if (status == EX_OK && !ctl->is_json)
		show_health(ctl);
	return status;
}

int
ctl_endpoints(struct ctl *ctl)
{
	return show(ctl, "/v1/endpoints", show_endpoints);
}

int
ctl_routes(struct ctl *ctl)
{
	return show(ctl, "/v1/routes", ctl_show_routes);
}

int
ctl_spool(struct ctl *ctl)
{
	return show(ctl, "/v1/spools", show_spools);
}

int
ctl_metrics(struct ctl *ctl)
{
	struct dk_buffer path;
	int status;

	ctl_path(&path, "/metrics");
	status = ctl_ask(ctl, "GET", &path);
	if (status == EX_OK)
		fputs(ctl->answer.data, stdout);
	return status;
}
