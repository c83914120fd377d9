/* SPDX-License-Identifier: Apache-2.0
 *
 * control_asked.c - what a call asks for, checked: numbers, routes, messages.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/error.h"
#include "daemon/base/suggest.h"
#include "daemon/config/trial.h"
#include "daemon/surface/control_inside.h"

int
dk_asked_number(struct dk_http_call *call, const char *name, int64_t preset, int64_t min,
		int64_t max, int64_t *number)
{
	const char *text = dk_http_parameter(call, name);
	struct dk_error error;
	char *end;

	*number = preset;
	if (!text)
		return 0;
	*number = strtoll(text, &end, 10);
	if (*text && !*end && *number >= min && *number <= max)
		return 0;
	dk_fail(&error, "%s=%s is no number from %" PRId64 " to %" PRId64, name, text, min, max);
	dk_answer_error(call, 400, error.text);
	return -1;
}

static void
answer_no_route(const struct dk_plan *plan, struct dk_http_call *call, const char *name)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(name) };
	struct dk_error error;

	for (size_t i = 0; i < plan->route_count; i++)
		dk_suggest(&suggestion, plan->routes[i].name);
	dk_fail(&error, "there is no route \"%s\"%s%s%s", name, suggestion.nearest ? "; \"" : "",
		suggestion.nearest ? suggestion.nearest : "", suggestion.nearest ? "\"?" : "");
	dk_answer_error(call, 404, error.text);
}

int
dk_asked_route(struct dk_control *control, struct dk_http_call *call, size_t *route)
{
	const struct dk_plan *plan = dk_carrier_plan(control->carrier);
	const char *name = dk_http_parameter(call, "route");

	if (!name) {
		dk_answer_error(call, 400, "which route? route=NAME");
		return -1;
	}
	for (*route = 0; *route < plan->route_count; ++*route)
		if (strcmp(plan->routes[*route].name, name) == 0)
			return 0;
	answer_no_route(plan, call, name);
	return -1;
}

/* "name: value" cut in two. */
static bool
read_header(const char *text, struct dk_header *header)
{
	size_t name = strcspn(text, ":");
	const char *value = text + name + (text[name] != '\0');

	value += strspn(value, " ");
	*header = (struct dk_header){ .name = { text, name }, .value = { value, strlen(value) } };
	return name > 0 && text[name] == ':';
}

static int
read_headers(struct dk_http_call *call, struct dk_asked_message *asked, struct dk_error *error)
{
	const size_t room = sizeof(asked->headers) / sizeof(asked->headers[0]);
	const char *texts[sizeof(asked->headers) / sizeof(asked->headers[0])];
	size_t count = dk_http_parameters(call, "header", texts, room);

	if (count > room)
		return dk_fail(error, "%zu headers are too many; at most %zu", count, room);
	for (size_t i = 0; i < count; i++)
		if (!read_header(texts[i], &asked->headers[i]))
			return dk_fail(error, "header=%.200s is no header; \"name: value\"?",
				       texts[i]);
	asked->message.headers = asked->headers;
	asked->message.header_count = count;
	return 0;
}

static int
read_message(struct dk_control *control, struct dk_http_call *call, struct dk_asked_message *asked,
	     struct dk_error *error)
{
	const char *address = dk_http_parameter(call, "address"), *rest;
	int endpoint;

	asked->message = DK_MESSAGE_NONE;
	asked->message.key = dk_slice_of(dk_http_parameter(call, "key"));
	if (!address)
		return dk_fail(error, "which address? address=ENDPOINT:ADDRESS");
	endpoint = dk_trial_split(dk_carrier_plan(control->carrier), address, &rest, error);
	if (endpoint < 0)
		return -1;
	asked->endpoint = (size_t)endpoint;
	asked->message.address = dk_slice_of(rest);
	return read_headers(call, asked, error);
}

int
dk_asked_message(struct dk_control *control, struct dk_http_call *call,
		 struct dk_asked_message *asked)
{
	struct dk_error error;

	if (read_message(control, call, asked, &error) == 0)
		return 0;
	dk_answer_error(call, 400, error.text);
	return -1;
}
