/* SPDX-License-Identifier: Apache-2.0
 *
 * control_tap.c - who looks on: each delivery of a route when it has an outcome, as a line of JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/surface/control_inside.h"
#include "daemon/system/clock.h"
#include "daemon/system/http_stream.h"

#define TAPS 4
#define LOOK_MS 500 /* how often it is looked whether a tap's route is still there */
#define PAYLOAD_PRESET 256
#define PAYLOAD_MOST 65536

struct tap {
	struct dk_taps *taps;
	struct dk_http_stream *stream; /* NULL: free */
	char *route;
	int64_t every, payload;
	bool is_hex;
	uint64_t seen;
	uint64_t missed; /* not taken by a slow reader, and not told yet */
};

struct dk_taps {
	struct dk_control *control;
	struct dk_loop_event *timer;
	struct tap list[TAPS];
};

/* --- Lines --- */

static bool
put_line(struct tap *tap, json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER);
	size_t length = text ? strlen(text) : 0;
	bool is_taken;

	json_decref(line);
	if (!text)
		return false;
	text[length] = '\n'; /* in the place of its NUL */
	is_taken = dk_http_stream_put(tap->stream, dk_slice_new(text, length + 1));
	free(text);
	return is_taken;
}

static json_t *
json_of_address(const char *endpoint, struct dk_slice address)
{
	struct dk_buffer text = { 0 };
	json_t *json;

	dk_buffer_print(&text, "%s:", endpoint);
	dk_buffer_add(&text, address);
	json = dk_json_of_slice(dk_slice_new(text.data, text.length));
	dk_buffer_clear(&text);
	return json;
}

static void
add_header(json_t *list, const struct dk_header *header)
{
	json_array_append_new(list, json_pack("{s:o, s:o}", "name", dk_json_of_slice(header->name),
					      "value", dk_json_of_slice(header->value)));
}

static bool
is_replaced(const struct dk_delivery *delivery, struct dk_slice name)
{
	for (size_t i = 0; i < delivery->header_count; i++)
		if (dk_slice_is(delivery->headers[i].name, name))
			return true;
	return false;
}

/* As they are sent: the route's replace those of the message. */
static json_t *
json_of_headers(const struct dk_delivery *delivery)
{
	const struct dk_message *message = delivery->message;
	json_t *list = json_array();

	for (size_t i = 0; i < message->header_count; i++)
		if (!is_replaced(delivery, message->headers[i].name))
			add_header(list, &message->headers[i]);
	for (size_t i = 0; i < delivery->header_count; i++)
		add_header(list, &delivery->headers[i]);
	return list;
}

static json_t *
json_of_hex(struct dk_slice bytes)
{
	struct dk_buffer text = { 0 };
	json_t *json;

	dk_buffer_add_text(&text, "");
	for (size_t i = 0; i < bytes.length; i++)
		dk_buffer_print(&text, "%02x", (unsigned)(unsigned char)bytes.data[i]);
	json = json_stringn(text.data, text.length);
	dk_buffer_clear(&text);
	return json;
}

static json_t *
json_of_sight(const struct tap *tap, const struct dk_sight *sight, enum dk_outcome outcome,
		const char *reason)
{
	const struct dk_delivery *delivery = sight->delivery;
	const struct dk_message *message = delivery->message;
	struct dk_slice payload = message->payload;

	if (payload.length > (size_t)tap->payload)
		payload.length = (size_t)tap->payload;
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:b, s:I, s:o}", "time",
			 dk_json_of_time(dk_clock_wall_ms()), "route",
			 dk_json_of_text(sight->route), "from",
			 json_of_address(sight->source, message->address), "to",
			 json_of_address(sight->sink, delivery->address), "key",
			 delivery->key.data ? dk_json_of_slice(delivery->key) : json_null(),
			 "headers", json_of_headers(delivery), "outcome",
			 dk_outcome_word(outcome), "reason",
			 reason ? dk_json_of_text(reason) : json_null(), "dead_letter",
			 sight->is_dead_letter, "bytes", (json_int_t)message->payload.length,
			 tap->is_hex ? "hex" : "payload",
			 tap->is_hex ? json_of_hex(payload) : dk_json_of_slice(payload));
}

/* What was not shown before is told before the next that is. */
static void
show(struct tap *tap, const struct dk_sight *sight, enum dk_outcome outcome, const char *reason)
{
	if (tap->missed > 0 &&
	    put_line(tap, json_pack("{s:I}", "not_shown", (json_int_t)tap->missed)))
		tap->missed = 0;
	if (tap->missed > 0 || !put_line(tap, json_of_sight(tap, sight, outcome, reason)))
		tap->missed++;
}

void
dk_taps_show(struct dk_taps *taps, const struct dk_sight *sight, enum dk_outcome outcome,
	     const char *reason)
{
	for (struct tap *tap = taps->list; tap < taps->list + TAPS; tap++)
		if (tap->stream && strcmp(tap->route, sight->route) == 0 &&
		    tap->seen++ % (uint64_t)tap->every == 0)
			show(tap, sight, outcome, reason);
}

/* --- Their life --- */

static void
let_go(struct tap *tap)
{
	struct dk_taps *taps = tap->taps;

	free(tap->route);
	*tap = (struct tap){ .taps = taps };
	dk_control_look(taps->control);
}

static void
hear_gone(void *tap)
{
	let_go(tap);
}

static void
end(struct tap *tap, const char *why)
{
	if (tap->missed > 0)
		put_line(tap, json_pack("{s:I}", "not_shown", (json_int_t)tap->missed));
	put_line(tap, json_pack("{s:s}", "ended", why));
	dk_http_stream_end(tap->stream);
	let_go(tap);
}

bool
dk_taps_are_any(const struct dk_taps *taps)
{
	for (size_t i = 0; i < TAPS; i++)
		if (taps->list[i].stream)
			return true;
	return false;
}

static bool
has_route(const struct dk_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->route_count; i++)
		if (strcmp(plan->routes[i].name, name) == 0)
			return true;
	return false;
}

/* A reload may have taken the route away. */
static void
look_again(void *argument)
{
	struct dk_taps *taps = argument;

	for (struct tap *tap = taps->list; tap < taps->list + TAPS; tap++)
		if (tap->stream &&
		    !has_route(dk_carrier_plan(taps->control->carrier), tap->route))
			end(tap, "the route is gone");
	if (dk_taps_are_any(taps))
		dk_loop_timer_set(taps->timer, LOOK_MS);
}

struct dk_taps *
dk_taps_new(struct dk_control *control)
{
	struct dk_taps *taps = calloc(1, sizeof(*taps));

	if (!taps)
		abort();
	taps->control = control;
	taps->timer = dk_loop_timer(control->loop, look_again, taps);
	for (size_t i = 0; i < TAPS; i++)
		taps->list[i].taps = taps;
	return taps;
}

void
dk_taps_free(struct dk_taps *taps)
{
	for (size_t i = 0; i < TAPS; i++)
		if (taps->list[i].stream)
			end(&taps->list[i], "the daemon ends");
	dk_loop_event_free(taps->timer);
	free(taps);
}

/* --- The call --- */

static struct tap *
find_free(struct dk_taps *taps)
{
	for (size_t i = 0; i < TAPS; i++)
		if (!taps->list[i].stream)
			return &taps->list[i];
	return NULL;
}

static void
begin(struct dk_control *control, struct dk_http_call *call, const struct tap *asked,
      const char *route)
{
	static const char *const type = "application/x-ndjson";
	struct tap *tap = find_free(control->taps);

	if (!tap) {
		dk_answer_error(call, 503, "four taps are open already; end one of them?");
		return;
	}
	*tap = *asked;
	tap->taps = control->taps;
	tap->route = strdup(route);
	if (!tap->route)
		abort();
	tap->stream = dk_http_stream_begin(call, 200, type, hear_gone, tap);
	dk_loop_timer_set(control->taps->timer, LOOK_MS);
	dk_control_look(control);
}

void
dk_give_tap(struct dk_control *control, struct dk_http_call *call)
{
	struct tap asked = { .is_hex = dk_http_parameter(call, "hex") != NULL };
	struct dk_buffer nothing = { 0 };
	size_t route;

	if (dk_asked_route(control, call, &route) != 0 ||
	    dk_asked_number(call, "every", 1, 1, INT32_MAX, &asked.every) != 0 ||
	    dk_asked_number(call, "payload", PAYLOAD_PRESET, 0, PAYLOAD_MOST, &asked.payload) != 0)
		return;
	if (strcmp(dk_http_method(call), "HEAD") == 0)
		dk_http_answer(call, 200, "application/x-ndjson", &nothing);
	else
		begin(control, call, &asked,
		      dk_carrier_plan(control->carrier)->routes[route].name);
}
