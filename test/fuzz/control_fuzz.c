/* SPDX-License-Identifier: Apache-2.0
 *
 * control_fuzz.c - any bytes as a call of the control: "METHOD PATH NAME=VALUE&NAME=VALUE", a line's
 * end, a body. Each is answered once, by a document that is what it says, or by a stream; GET changes
 * nothing, and what is paused has a name that there is. Who looks on is shown a delivery of the body.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "daemon/surface/control_inside.h"
#include "daemon/system/http_stream.h"
#include "daemon/system/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARAMETERS 80

struct dk_http_call {
	const char *method, *path;
	const char *names[PARAMETERS], *values[PARAMETERS];
	size_t count;
	struct dk_slice body;
	unsigned answers;
};

struct dk_http_stream {
	void (*gone)(void *context);
	void *context;
	struct dk_http_stream *next;
};

static struct {
	struct dk_control *control;
	struct dk_standing *standing;
	struct dk_plan plan;
	struct dk_injected injected; /* told NULL: nothing waits */
	struct dk_http_stream *streams;
	unsigned reloads;
	struct dk_slice body;
} world;

static struct dk_route routes[] = { { .name = "words" }, { .name = "both", .number = 1 } };
static struct dk_plugin plugin = { .name = "tiny" };
static struct dk_endpoint_plan endpoints[] = { { .name = "plant", .plugin = &plugin },
					       { .name = "both", .plugin = &plugin } };

/* --- The carrier --- */

const struct dk_gateway *
dk_carrier_gateway(const struct dk_carrier *carrier)
{
	(void)carrier;
	return NULL;
}

const struct dk_plan *
dk_carrier_plan(const struct dk_carrier *carrier)
{
	(void)carrier;
	return &world.plan;
}

void
dk_carrier_reload(struct dk_carrier *carrier)
{
	(void)carrier;
	world.reloads++;
}

struct dk_reload
dk_carrier_last_reload(const struct dk_carrier *carrier)
{
	(void)carrier;
	return (struct dk_reload){ .text = "" };
}

struct dk_standing *
dk_carrier_standing(const struct dk_carrier *carrier)
{
	(void)carrier;
	return world.standing;
}

/* A delivery of any bytes. */
static void
pass(uint64_t injection, enum dk_outcome outcome)
{
	const struct dk_tap *tap = &world.control->tap;
	struct dk_message message = { .address = world.body, .payload = world.body };
	struct dk_header header = { world.body, world.body, DK_HEADER_TEXT };
	struct dk_delivery delivery = { .message = &message,
					.address = world.body,
					.key = world.body,
					.headers = &header,
					.header_count = 1 };
	struct dk_sight sight = { .delivery = &delivery,
				      .route = "words",
				      .source = "plant",
				      .sink = "both",
				      .injection = injection };

	if (injection && outcome == DK_ACCEPTED)
		tap->made(tap->context, &sight);
	tap->settled(tap->context, &sight, outcome, "why");
}

int
dk_carrier_resend(struct dk_carrier *carrier, const struct dk_resend_options *options,
		  struct dk_error *error)
{
	(void)carrier, (void)options;
	strcpy(error->text, "nothing is carried here");
	return -1;
}

uint64_t
dk_carrier_inject(struct dk_carrier *carrier, size_t endpoint, const struct dk_message *message,
		  const struct dk_injected *injected, struct dk_error *error)
{
	(void)carrier;
	if (endpoint >= world.plan.endpoint_count)
		abort();
	if (message->header_count % 2) {
		strcpy(error->text, "odd headers are not wanted");
		return 0;
	}
	world.injected = *injected;
	pass(7, DK_ACCEPTED);
	return 7;
}

/* --- The server --- */

struct dk_http *
dk_http_new(struct dk_loop *loop, void (*answer)(void *context, struct dk_http_call *call),
	    void *context)
{
	(void)loop;
	world.control = context;
	return (struct dk_http *)(void *)answer;
}

void
dk_http_free(struct dk_http *http)
{
	(void)http;
}

int
dk_http_listen_path(struct dk_http *http, const char *path, struct dk_error *error)
{
	(void)http, (void)path, (void)error;
	return 0;
}

int
dk_http_listen_address(struct dk_http *http, const char *address, struct dk_error *error)
{
	(void)http, (void)address, (void)error;
	return 0;
}

int
dk_http_use_tls(struct dk_http *http, const struct dk_http_tls_files *files, struct dk_error *error)
{
	(void)http, (void)files, (void)error;
	return 0;
}

const char *
dk_http_header(const struct dk_http_call *call, const char *name)
{
	return dk_http_parameter(call, name);
}

void
dk_http_say(struct dk_http_call *call, const char *name, const char *value)
{
	(void)call, (void)name, (void)value;
}

const char *
dk_http_method(const struct dk_http_call *call)
{
	return call->method;
}

const char *
dk_http_path(const struct dk_http_call *call)
{
	return call->path;
}

const char *
dk_http_fault(const struct dk_http_call *call)
{
	(void)call;
	return NULL;
}

bool
dk_http_is_local(const struct dk_http_call *call)
{
	(void)call;
	return true;
}

size_t
dk_http_parameters(const struct dk_http_call *call, const char *name, const char **values,
		   size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < call->count; i++)
		if (strcmp(call->names[i], name) == 0) {
			if (count < room)
				values[count] = call->values[i];
			count++;
		}
	return count;
}

const char *
dk_http_parameter(const struct dk_http_call *call, const char *name)
{
	const char *value;

	return dk_http_parameters(call, name, &value, 1) > 0 ? value : NULL;
}

struct dk_slice
dk_http_body(struct dk_http_call *call)
{
	return call->body;
}

static void
check_json(struct dk_slice text)
{
	json_t *json = json_loadb(text.data, text.length, JSON_ALLOW_NUL, NULL);

	if (!json)
		abort();
	json_decref(json);
}

void
dk_http_answer(struct dk_http_call *call, int status, const char *content_type,
	       struct dk_buffer *body)
{
	if (status < 200 || status > 599)
		abort();
	if (strcmp(content_type, "application/json") == 0)
		check_json(dk_slice_new(body->data, body->length));
	call->answers++;
	dk_buffer_clear(body);
}

struct dk_http_stream *
dk_http_stream_begin(struct dk_http_call *call, int status, const char *content_type,
		     void (*gone)(void *context), void *context)
{
	struct dk_http_stream *stream = malloc(sizeof(*stream));

	if (!stream || status != 200 || !*content_type)
		abort();
	*stream = (struct dk_http_stream){ gone, context, world.streams };
	world.streams = stream;
	call->answers++;
	return stream;
}

/* Every other piece finds a slow reader. */
bool
dk_http_stream_put(struct dk_http_stream *stream, struct dk_slice piece)
{
	static unsigned pieces;

	(void)stream;
	check_json(piece);
	return pieces++ % 2 == 0;
}

static void
let_go(struct dk_http_stream *stream)
{
	struct dk_http_stream **place = &world.streams;

	while (*place != stream)
		place = &(*place)->next;
	*place = stream->next;
	free(stream);
}

void
dk_http_stream_end(struct dk_http_stream *stream)
{
	let_go(stream);
}

/* --- One call --- */

static void
read_parameters(struct dk_http_call *call, char *text)
{
	char *pair;

	while (call->count < PARAMETERS && (pair = strsep(&text, "&"))) {
		char *value = strchr(pair, '=');

		if (!value)
			continue;
		*value++ = '\0';
		call->names[call->count] = pair;
		call->values[call->count++] = value;
	}
}

static void
check_paused(void)
{
	const char *name;

	for (enum dk_pausable kind = 0; kind < DK_PAUSABLES; kind++)
		for (size_t i = 0; (name = dk_standing_name(world.standing, kind, i)); i++)
			if (strcmp(name, "both") != 0 &&
			    strcmp(name, kind == DK_PAUSABLE_ROUTE ? "words" : "plant") != 0)
				abort();
}

static void
open_control(void)
{
	world.plan = (struct dk_plan){ .settings = { .state = "/nowhere" },
				       .routes = routes,
				       .route_count = 2,
				       .endpoints = endpoints,
				       .endpoint_count = 2 };
	world.standing = dk_standing_new();
	dk_log_set_level(DK_ERROR);
	dk_control_open((struct dk_carrier *)(void *)&world, dk_loop_new(NULL));
}

/* What was begun ends: its reader leaves, or what it waits for comes. */
static void
end_all(size_t size)
{
	struct dk_injected injected = world.injected;

	while (world.streams && size % 3 == 0) {
		struct dk_http_stream *stream = world.streams;

		stream->gone(stream->context);
		let_go(stream);
	}
	pass(7, DK_REJECTED);
	world.injected = (struct dk_injected){ 0 };
	if (injected.told)
		injected.told(injected.context, 7, size % 2);
	while (world.streams) {
		struct dk_http_stream *stream = world.streams;

		stream->gone(stream->context);
		let_go(stream);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text;
	size_t line = strcspn(text, "\n");
	struct dk_http_call call = { 0 };
	unsigned reloads = world.reloads;
	bool was_drained;

	if (!world.control)
		open_control();
	was_drained = dk_standing_is_drained(world.standing);
	call.body = world.body = dk_slice_new((const char *)data + line, size - line);
	text[line] = '\0';
	call.method = strsep(&rest, " ");
	call.path = rest ? strsep(&rest, " ") : "/";
	read_parameters(&call, rest);
	dk_control_answer(world.control, &call);
	if (call.answers != 1)
		abort();
	if (strcmp(call.method, "POST") != 0 &&
	    (world.reloads != reloads || dk_standing_is_drained(world.standing) != was_drained))
		abort();
	check_paused();
	pass(0, DK_RELEASED);
	end_all(size);
	dk_log_set_level(DK_ERROR);
	free(text);
	return 0;
}
