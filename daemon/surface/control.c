/* SPDX-License-Identifier: Apache-2.0
 *
 * control.c - the running daemon is asked and told: which calls there are, and where.
 */
#include "daemon/surface/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/surface/control_inside.h"
#include "daemon/system/clock.h"
#include "daemon/system/log.h"

/* --- Calls --- */

static const struct row {
	const char *method, *path;
	dk_control_call *give;
	bool needs_gateway;
	bool is_local; /* not for the address */
} rows[] = {
	{ "GET", "/metrics", dk_give_metrics, false, false },
	{ "GET", "/healthz", dk_give_health, true, false },
	{ "GET", "/readyz", dk_give_readiness, true, false },
	{ "GET", "/v1/status", dk_give_status, true, false },
	{ "GET", "/v1/endpoints", dk_give_endpoints, true, false },
	{ "GET", "/v1/routes", dk_give_routes, true, false },
	{ "GET", "/v1/explain", dk_give_explanation, false, true },
	{ "GET", "/v1/tap", dk_give_tap, false, true },
	{ "GET", "/v1/spools", dk_give_spools, true, true },
	{ "GET", "/v1/dead", dk_give_dead, true, true },
	{ "GET", "/v1/log", dk_give_level, false, true },
	{ "POST", "/v1/reload", dk_be_told_reload, false, true },
	{ "POST", "/v1/pause", dk_be_told_pause, false, true },
	{ "POST", "/v1/resume", dk_be_told_resume, false, true },
	{ "POST", "/v1/drain", dk_be_told_drain, false, true },
	{ "POST", "/v1/send", dk_be_told_send, false, true },
	{ "POST", "/v1/dead/drop", dk_be_told_dead_drop, true, true },
	{ "POST", "/v1/dead/replay", dk_be_told_dead_replay, false, true },
	{ "POST", "/v1/log", dk_be_told_level, false, true },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* HEAD asks for what GET does, and never for what POST does. */
static bool
has_method(const struct row *row, const char *method)
{
	return strcmp(row->method, method) == 0 ||
	       (strcmp(row->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* Of the method that is asked for, if the path has one; else of another; NULL: there is no such
 * path. */
static const struct row *
find(const struct dk_http_call *call)
{
	const struct row *found = NULL;

	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].path, dk_http_path(call)) == 0 &&
		    (!found || has_method(&rows[i], dk_http_method(call))))
			found = &rows[i];
	return found;
}

void
dk_control_answer(void *context, struct dk_http_call *call)
{
	struct dk_control *control = context;
	const struct row *row = find(call);

	if (!row)
		dk_answer_error(call, 404, "there is nothing of that name; /v1/status?");
	else if (!has_method(row, dk_http_method(call)))
		dk_answer_error(call, 405, "it is asked for by another method");
	else if (dk_http_fault(call))
		dk_answer_error(call, 400, dk_http_fault(call));
	else if (row->is_local && !dk_http_is_local(call))
		dk_answer_error(call, 403, "it is for the control socket alone");
	else if (row->needs_gateway && !dk_carrier_gateway(control->carrier))
		dk_answer_error(call, 503,
				"another configuration is being changed to; again in a moment?");
	else
		row->give(control, call);
}

/* --- Looking on --- */

static void
show_made(void *context, const struct dk_sight *sight)
{
	dk_sends_show_made(((struct dk_control *)context)->sends, sight);
}

static void
show_settled(void *context, const struct dk_sight *sight, enum dk_outcome outcome,
	     const char *reason)
{
	struct dk_control *control = context;

	dk_taps_show(control->taps, sight, outcome, reason);
	dk_sends_show(control->sends, sight, outcome, reason);
}

void
dk_control_look(struct dk_control *control)
{
	bool is_wanted = dk_taps_are_any(control->taps) || dk_sends_are_any(control->sends);

	dk_standing_tap(dk_carrier_standing(control->carrier), is_wanted ? &control->tap : NULL);
}

/* --- Life --- */

/* What was told of an address or a path, or that it is listened at. */
static void
tell(int result, const char *where, const struct dk_error *error)
{
	if (result == 0)
		dk_log(DK_INFO, "control", "listening", DK_FIELDS(DK_FIELD_TEXT("at", where)));
	else
		dk_log(DK_WARNING, "control", "not-listening",
		       DK_FIELDS(DK_FIELD_TEXT("why", error->text)));
}

/* In the unit's runtime folder, or in the state folder, which no other daemon uses. A unit may have
 * several runtime folders, parted by colons: systemd.exec(5). */
static void
find_socket(const struct dk_settings *settings, char *path, size_t room)
{
	const char *runtime = getenv("RUNTIME_DIRECTORY");

	if (settings->control_socket)
		snprintf(path, room, "%s", settings->control_socket);
	else if (runtime)
		snprintf(path, room, "%.*s/control", (int)strcspn(runtime, ":"), runtime);
	else
		snprintf(path, room, "%s/control", settings->state);
}

struct dk_control *
dk_control_open(struct dk_carrier *carrier, struct dk_loop *loop)
{
	const struct dk_settings *settings = &dk_carrier_plan(carrier)->settings;
	struct dk_control *control = calloc(1, sizeof(*control));
	struct dk_error error;
	char path[4096];

	if (!control)
		abort();
	control->carrier = carrier;
	control->loop = loop;
	control->since_ms = dk_clock_wall_ms();
	control->tap = (struct dk_tap){ show_made, show_settled, control };
	control->taps = dk_taps_new(control);
	control->sends = dk_sends_new(control);
	control->http = dk_http_new(loop, dk_control_answer, control);
	find_socket(settings, path, sizeof(path));
	tell(dk_http_listen_path(control->http, path, &error), path, &error);
	if (settings->http_listen)
		tell(dk_http_listen_address(control->http, settings->http_listen, &error),
		     settings->http_listen, &error);
	return control;
}

void
dk_control_close(struct dk_control *control)
{
	dk_taps_free(control->taps);
	dk_sends_free(control->sends);
	dk_http_free(control->http);
	free(control);
}
