/* SPDX-License-Identifier: Apache-2.0
 *
 * control.c - the running daemon is asked and told.
 */
#include "daemon/surface/control.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/language/dialect.h"
#include "daemon/surface/admission.h"
#include "daemon/surface/health.h"
#include "daemon/surface/metrics.h"
#include "daemon/surface/page.h"
#include "daemon/surface/version.h"
#include "daemon/system/http.h"
#include "daemon/system/log.h"

struct dk_control {
	struct dk_carrier *carrier;
	struct dk_http *http;
	uint64_t reloads; /* after so many the certificates were read */
	bool has_tls;     /* since the start: it comes and goes with the address */
};

/* --- Answers --- */

/* *Takes* the text. */
static void
answer_text(struct dk_http_call *call, int status, const char *type, char *text)
{
	struct dk_buffer body = { text, strlen(text), strlen(text) + 1 };

	dk_http_answer(call, status, type, &body);
}

/* Of any bytes, where JSON takes UTF-8 alone: what is none becomes U+FFFD. Names of a
 * configuration, what was said of it and what a client asks for may be in any encoding, and an
 * error may end within a character. */
static json_t *
json_of_text(const char *text)
{
	struct dk_buffer out = { 0 };
	struct dk_slice rest = dk_slice_of(text);
	json_t *json;

	dk_buffer_reserve(&out, rest.length);
	while (rest.length > 0) {
		size_t length = dk_utf8_length(rest);

		dk_buffer_add(&out,
			      length ? dk_slice_new(rest.data, length) : DK_SLICE("\xef\xbf\xbd"));
		rest = dk_slice_new(rest.data + (length ? length : 1),
				    rest.length - (length ? length : 1));
	}
	json = json_stringn(out.data ? out.data : "", out.length);
	dk_buffer_clear(&out);
	return json;
}

/* *Takes* the value; NULL: it could not be made. */
static void
answer_json(struct dk_http_call *call, int status, json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	json_decref(value);
	if (!text) {
		text = strdup("{ \"error\": \"the answer cannot be written as JSON\" }");
		status = 500;
	}
	if (!text)
		abort();
	answer_text(call, status, "application/json", text);
}

static void
answer_error(struct dk_http_call *call, int status, const char *error)
{
	answer_json(call, status, json_pack("{s:o}", "error", json_of_text(error)));
}

/* --- Figures --- */

static json_t *
json_of_endpoint(const struct dk_gateway *gateway, const struct dk_plan *plan, size_t number)
{
	const struct dk_endpoint_plan *endpoint = &plan->endpoints[number];
	const struct dk_source *source = dk_gateway_source(gateway, number);
	const struct dk_sink *sink = dk_gateway_sink(gateway, number);
	json_t *json = json_pack("{s:o, s:s, s:b, s:I}", "name", json_of_text(endpoint->name),
				 "plugin", endpoint->plugin->name, "connected",
				 dk_gateway_is_connected(gateway, number), "connects",
				 (json_int_t)dk_gateway_connects(gateway, number));

	if (source) {
		const struct dk_source_account *account = dk_source_account(source);
		struct dk_credit credit = dk_source_credit(source);

		json_object_set_new(
			json, "source",
			json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "received",
				  (json_int_t)account->received, "recovered",
				  (json_int_t)account->recovered, "routed",
				  (json_int_t)account->routed, "filtered",
				  (json_int_t)account->filtered, "unrouted",
				  (json_int_t)account->unrouted, "difference",
				  (json_int_t)dk_source_difference(account), "unsettled",
				  (json_int_t)credit.messages, "unsettled_bytes",
				  (json_int_t)credit.bytes));
	}
	if (sink) {
		struct dk_sink_state state = dk_sink_state(sink);

		json_object_set_new(json, "sink",
				    json_pack("{s:I, s:I}", "in_flight", (json_int_t)state.in_flight,
					      "window", (json_int_t)state.window));
	}
	return json;
}

static json_t *
json_of_route(const struct dk_gateway *gateway, const struct dk_plan *plan, size_t number)
{
	const struct dk_route_account *account =
		dk_flow_route_account(dk_gateway_flow(gateway), number);

	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "name",
			 json_of_text(plan->routes[number].name), "created",
			 (json_int_t)account->created, "recovered", (json_int_t)account->recovered, "delivered",
			 (json_int_t)account->delivered, "dead", (json_int_t)account->dead, "stale",
			 (json_int_t)account->stale, "retried", (json_int_t)account->retried,
			 "filtered", (json_int_t)account->filtered, "in_flight",
			 (json_int_t)account->in_flight, "difference",
			 (json_int_t)dk_route_difference(account));
}

/* A list of what `json_of` makes of each. */
static json_t *
json_of_all(const struct dk_gateway *gateway, const struct dk_plan *plan, size_t count,
	    json_t *(*json_of)(const struct dk_gateway *gateway, const struct dk_plan *plan,
			       size_t number))
{
	json_t *all = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(all, json_of(gateway, plan, i));
	return all;
}

/* The names of endpoints that are not connected. */
static json_t *
json_of_absent(const struct dk_gateway *gateway, const struct dk_plan *plan)
{
	json_t *absent = json_array();

	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (!dk_gateway_is_connected(gateway, i))
			json_array_append_new(absent, json_of_text(plan->endpoints[i].name));
	return absent;
}

/* The names of routes and endpoints whose accounts are not even. */
static json_t *
json_of_uneven(const struct dk_gateway *gateway, const struct dk_plan *plan)
{
	json_t *uneven = json_array();

	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (dk_gateway_source(gateway, i) &&
		    dk_source_difference(dk_source_account(dk_gateway_source(gateway, i))) != 0)
			json_array_append_new(uneven, json_of_text(plan->endpoints[i].name));
	for (size_t i = 0; i < plan->route_count; i++)
		if (dk_route_difference(dk_flow_route_account(dk_gateway_flow(gateway), i)) != 0)
			json_array_append_new(uneven, json_of_text(plan->routes[i].name));
	return uneven;
}

/* --- Calls --- */

static void
give_metrics(struct dk_control *control, struct dk_http_call *call)
{
	struct dk_buffer text = { 0 };

	dk_metrics_write(dk_carrier_gateway(control->carrier), dk_carrier_plan(control->carrier),
			 &text);
	dk_http_answer(call, 200, "text/plain; version=0.0.4; charset=utf-8", &text);
}

static struct dk_page_request
page_request(const struct dk_control *control, const struct dk_http_call *call)
{
	return (struct dk_page_request){ .gateway = dk_carrier_gateway(control->carrier),
					 .plan = dk_carrier_plan(control->carrier),
					 .search = dk_http_parameter(call, "search"),
					 .first = dk_http_parameter(call, "first"),
					 .address = dk_http_parameter(call, "address") };
}

static void
give_page(struct dk_control *control, struct dk_http_call *call)
{
	struct dk_page_request request = page_request(control, call);
	struct dk_buffer page = { 0 };

	dk_page_write(&request, &page);
	dk_http_say(call, "Content-Security-Policy", DK_PAGE_POLICY);
	dk_http_say(call, "Referrer-Policy", "no-referrer");
	dk_http_answer(call, 200, "text/html; charset=utf-8", &page);
}

static void
give_page_values(struct dk_control *control, struct dk_http_call *call)
{
	struct dk_page_request request = page_request(control, call);
	struct dk_buffer values = { 0 };

	dk_page_write_values(&request, &values);
	dk_http_answer(call, 200, "application/json", &values);
}

static void
give_file(struct dk_http_call *call, const char *type, struct dk_slice file)
{
	struct dk_buffer body = { 0 };

	dk_buffer_add(&body, file);
	dk_http_answer(call, 200, type, &body);
}

static void
give_page_style(struct dk_control *control, struct dk_http_call *call)
{
	(void)control;
	give_file(call, "text/css; charset=utf-8", dk_page_style());
}

static void
give_page_script(struct dk_control *control, struct dk_http_call *call)
{
	(void)control;
	give_file(call, "text/javascript; charset=utf-8", dk_page_script());
}

/* *Takes* the list: what is in it is what is wrong. */
static void
give_verdict(struct dk_http_call *call, const char *what, json_t *wrong, int status)
{
	bool is_good = json_array_size(wrong) == 0;

	answer_json(call, is_good ? 200 : status,
		    json_pack("{s:b, s:o}", "good", is_good, what, wrong));
}

static void
give_health(struct dk_control *control, struct dk_http_call *call)
{
	const char *const *reasons;
	size_t count = dk_health_reasons(&reasons);
	json_t *wrong = json_array();

	(void)control;
	for (size_t i = 0; i < count; i++)
		json_array_append_new(wrong, json_of_text(reasons[i]));
	give_verdict(call, "reasons", wrong, 500);
}

static void
give_readiness(struct dk_control *control, struct dk_http_call *call)
{
	give_verdict(call, "not_connected",
		     json_of_absent(dk_carrier_gateway(control->carrier),
				    dk_carrier_plan(control->carrier)),
		     503);
}

static void
give_status(struct dk_control *control, struct dk_http_call *call)
{
	const struct dk_plan *plan = dk_carrier_plan(control->carrier);
	struct dk_reload reload = dk_carrier_last_reload(control->carrier);

	answer_json(call, 200,
		    json_pack("{s:s, s:I, s:I, s:o, s:o, s:{s:I, s:b, s:b, s:o}}", "version",
			      DK_VERSION, "endpoints", (json_int_t)plan->endpoint_count, "routes",
			      (json_int_t)plan->route_count, "not_connected",
			      json_of_absent(dk_carrier_gateway(control->carrier), plan),
			      "uneven_accounts",
			      json_of_uneven(dk_carrier_gateway(control->carrier), plan), "reload",
			      "count", (json_int_t)reload.count, "good", reload.is_good, "changed",
			      reload.is_changed, "said", json_of_text(reload.text)));
}

static void
give_endpoints(struct dk_control *control, struct dk_http_call *call)
{
	const struct dk_plan *plan = dk_carrier_plan(control->carrier);

	answer_json(call, 200,
		    json_of_all(dk_carrier_gateway(control->carrier), plan, plan->endpoint_count,
				json_of_endpoint));
}

static void
give_routes(struct dk_control *control, struct dk_http_call *call)
{
	const struct dk_plan *plan = dk_carrier_plan(control->carrier);

	answer_json(call, 200,
		    json_of_all(dk_carrier_gateway(control->carrier), plan, plan->route_count,
				json_of_route));
}

static void
give_explanation(struct dk_control *control, struct dk_http_call *call)
{
	const char *address = dk_http_parameter(call, "address");
	struct dk_message message = DK_MESSAGE_NONE;
	struct dk_error error = { "which address? /v1/explain?address=ENDPOINT:ADDRESS" };
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	message.key = dk_slice_of(dk_http_parameter(call, "key"));
	message.payload = dk_slice_of(dk_http_parameter(call, "payload"));
	if (address && dk_plan_explain(dk_carrier_plan(control->carrier), address, message, out,
				       &error) == 0) {
		fclose(out);
		answer_text(call, 200, "text/plain; charset=utf-8", text);
	} else {
		fclose(out);
		free(text);
		answer_error(call, 400, error.text);
	}
}

static void
reload(struct dk_control *control, struct dk_http_call *call)
{
	uint64_t before = dk_carrier_last_reload(control->carrier).count;

	dk_carrier_reload(control->carrier);
	answer_json(call, 202, json_pack("{s:I}", "count_before", (json_int_t)before));
}

static const struct row {
	const char *method, *path;
	void (*give)(struct dk_control *control, struct dk_http_call *call);
	bool needs_gateway;
	bool is_local; /* not for the address */
} rows[] = {
	{ "GET", "/", give_page, false, false },
	{ "GET", "/page.css", give_page_style, false, false },
	{ "GET", "/page.js", give_page_script, false, false },
	{ "GET", "/page.json", give_page_values, true, false },
	{ "GET", "/metrics", give_metrics, false, false },
	{ "GET", "/healthz", give_health, false, false },
	{ "GET", "/readyz", give_readiness, true, false },
	{ "GET", "/v1/status", give_status, true, false },
	{ "GET", "/v1/endpoints", give_endpoints, true, false },
	{ "GET", "/v1/routes", give_routes, true, false },
	{ "GET", "/v1/explain", give_explanation, false, true },
	{ "POST", "/v1/reload", reload, false, true },
};

/* HEAD asks for what GET does, and never for what POST does. */
static bool
has_method(const struct row *row, const char *method)
{
	return strcmp(row->method, method) == 0 ||
	       (strcmp(row->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
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
	answer_error(call, 401, "the token is missing, or is another: http.token");
}

static void
answer(void *context, struct dk_http_call *call)
{
	struct dk_control *control = context;
	const struct row *row = NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !row; i++)
		if (strcmp(rows[i].path, dk_http_path(call)) == 0)
			row = &rows[i];
	if (!is_admitted(control, call))
		refuse(call);
	else if (!row)
		answer_error(call, 404, "there is nothing of that name; /v1/status?");
	else if (!has_method(row, dk_http_method(call)))
		answer_error(call, 405, "it is asked for by another method");
	else if (dk_http_fault(call))
		answer_error(call, 400, dk_http_fault(call));
	else if (row->is_local && !dk_http_is_local(call))
		answer_error(call, 403, "it is for the control socket alone");
	else if (row->needs_gateway && !dk_carrier_gateway(control->carrier))
		answer_error(call, 503, "another configuration is being changed to; again in a moment?");
	else
		row->give(control, call);
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
	control->http = dk_http_new(loop, answer, control);
	find_socket(settings, path, sizeof(path));
	tell(dk_http_listen_path(control->http, path, &error), path, &error);
	if (settings->http_listen)
		listen_at_address(control, settings);
	return control;
}

void
dk_control_close(struct dk_control *control)
{
	dk_http_free(control->http);
	free(control);
}
