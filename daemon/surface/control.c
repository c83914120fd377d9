/* SPDX-License-Identifier: Apache-2.0
 *
 * control.c - the running daemon is asked and told: which calls there are, and where.
 */
#include "daemon/surface/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/surface/admission.h"
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
	{ "GET", "/", dk_give_page, false, false },
	{ "GET", "/page.css", dk_give_page_style, false, false },
	{ "GET", "/page.js", dk_give_page_script, false, false },
	{ "GET", "/page.json", dk_give_page_values, true, false },
	{ "GET", "/metrics", dk_give_metrics, false, false },
	{ "GET", "/healthz", dk_give_health, false, false },
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

/* Whoever may open the socket is known; who comes to the address must bring the token, if there is
 * one. */
static bool
is_admitted(const struct dk_control *control, const struct dk_http_call *call)
{
	const char *token = dk_carrier_plan(control->carrier)->settings.http_token;

	return dk_http_is_local(call) || !token ||
	       dk_admission_is_given(dk_http_header(call, "Authorization"), token);
}

static void
refuse(struct dk_http_call *call)
{
	dk_http_say(call, "WWW-Authenticate", "Basic realm=\"diolkos\", charset=\"UTF-8\"");
	dk_answer_error(call, 401, "the token is missing, or is another: http.token");
}

void
dk_control_answer(void *context, struct dk_http_call *call)
{
	struct dk_control *control = context;
	const struct row *row = find(call);

	if (!is_admitted(control, call))
		refuse(call);
	else if (!row)
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

static int
read_certificates(struct dk_control *control, struct dk_error *error)
{
	const struct dk_settings *settings = &dk_carrier_plan(control->carrier)->settings;
	struct dk_http_tls_files files = { settings->http_certificate, settings->http_private_key,
					   settings->http_ca };

	control->reloads = dk_carrier_last_reload(control->carrier).count;
	return files.certificate ? dk_http_use_tls(control->http, &files, error) : 0;
}

/* Without its certificates it is not listened at: nobody is to speak there in the clear. */
static void
listen_at_address(struct dk_control *control, const struct dk_settings *settings)
{
	struct dk_error error;
	int result = read_certificates(control, &error);

	control->has_tls = settings->http_certificate != NULL;
	if (result == 0)
		result = dk_http_listen_address(control->http, settings->http_listen, &error);
	tell(result, settings->http_listen, &error);
}

void
dk_control_beat(struct dk_control *control)
{
	struct dk_error error;

	if (!control->has_tls ||
	    dk_carrier_last_reload(control->carrier).count == control->reloads)
		return;
	if (read_certificates(control, &error) != 0)
		dk_log(DK_WARNING, "control", "certificates-not-read",
		       DK_FIELDS(DK_FIELD_TEXT("why", error.text),
				 DK_FIELD_TEXT("so", "those that were read before are used")));
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
		listen_at_address(control, settings);
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
