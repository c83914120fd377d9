/* SPDX-License-Identifier: Apache-2.0
 *
 * control_dead.c - the store of dead letters, listed, shown, dropped and sent again while the
 * daemon runs.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/error.h"
#include "daemon/surface/control_inside.h"
#include "daemon/system/http_stream.h"

#define LIST_PRESET 1000
#define LIST_MOST 100000

/* Which letters are meant: one by its number, those of a route, or all. */
struct choice {
	int64_t number; /* 0: not by number */
	const char *route;
	int64_t most;
};

static bool
is_chosen(const struct choice *choice, const struct dk_letter *letter)
{
	return (choice->number == 0 || letter->number == (uint64_t)choice->number) &&
	       (!choice->route || dk_slice_is(dk_slice_of(choice->route), letter->route));
}

static int
read_choice(struct dk_http_call *call, struct choice *choice)
{
	choice->route = dk_http_parameter(call, "route");
	if (dk_asked_number(call, "number", 0, 1, INT64_MAX, &choice->number) != 0)
		return -1;
	return dk_asked_number(call, "most", LIST_PRESET, 1, LIST_MOST, &choice->most);
}

/* Where something is done with them, that all are meant is to be said. */
static int
read_some(struct dk_http_call *call, struct choice *choice)
{
	if (read_choice(call, choice) != 0)
		return -1;
	if (choice->number > 0 || choice->route || dk_http_parameter(call, "all"))
		return 0;
	dk_answer_error(call, 400, "which letters? number=N, route=NAME, or all=yes");
	return -1;
}

static json_t *
json_of_letter(const struct dk_letter *letter)
{
	const struct dk_message *message = &letter->message;
	struct dk_buffer from = { 0 };
	json_t *json;

	dk_buffer_add(&from, letter->endpoint);
	dk_buffer_add_text(&from, ":");
	dk_buffer_add(&from, message->address);
	json = json_pack("{s:I, s:o, s:o, s:o, s:o, s:I, s:o}", "number",
			 (json_int_t)letter->number, "time", dk_json_of_time(letter->buried_ms),
			 "route",
			 letter->route.length ? dk_json_of_slice(letter->route) : json_null(),
			 "from", dk_json_of_slice(dk_slice_new(from.data, from.length)), "to",
			 letter->target.length ? dk_json_of_slice(letter->target) : json_null(),
			 "bytes", (json_int_t)message->payload.length, "reason",
			 dk_json_of_slice(letter->reason));
	dk_buffer_clear(&from);
	return json;
}

/* What it carries, besides; the payload as text, whatever it is. */
static json_t *
json_of_whole(const struct dk_letter *letter)
{
	const struct dk_message *message = &letter->message;
	json_t *json = json_of_letter(letter), *headers = json_array();

	for (size_t i = 0; i < message->header_count; i++)
		json_array_append_new(
			headers,
			json_pack("{s:o, s:o}", "name", dk_json_of_slice(message->headers[i].name),
				  "value", dk_json_of_slice(message->headers[i].value)));
	json_object_set_new(json, "key",
			    message->key.data ? dk_json_of_slice(message->key) : json_null());
	json_object_set_new(json, "headers", headers);
	json_object_set_new(json, "payload", dk_json_of_slice(message->payload));
	return json;
}

static struct dk_letters *
letters_of(const struct dk_control *control)
{
	return dk_flow_letters(dk_gateway_flow(dk_carrier_gateway(control->carrier)));
}

static void
give_list(struct dk_http_call *call, struct dk_letters *letters, const struct choice *choice)
{
	struct dk_cursor cursor = dk_letters_begin(letters);
	json_t *list = json_array();
	struct dk_letter letter;
	json_int_t count = 0;

	while (dk_letters_read(letters, &cursor, &letter))
		if (is_chosen(choice, &letter) && count++ < choice->most)
			json_array_append_new(list, json_of_letter(&letter));
	dk_answer_json(call, 200, json_pack("{s:I, s:o}", "count", count, "letters", list));
}

/* The payload as it is, where that is asked for. */
static void
give_letter(struct dk_http_call *call, const struct dk_letter *letter)
{
	struct dk_buffer payload = { 0 };

	if (!dk_http_parameter(call, "raw")) {
		dk_answer_json(call, 200, json_of_whole(letter));
		return;
	}
	dk_buffer_add(&payload, letter->message.payload);
	dk_http_answer(call, 200, "application/octet-stream", &payload);
}

static void
give_one(struct dk_http_call *call, struct dk_letters *letters, const struct choice *choice)
{
	struct dk_cursor cursor = dk_letters_begin(letters);
	struct dk_letter letter;

	while (dk_letters_read(letters, &cursor, &letter))
		if (is_chosen(choice, &letter)) {
			give_letter(call, &letter);
			return;
		}
	dk_answer_error(call, 404, "there is no such letter; see diolkosctl dead list");
}

void
dk_give_dead(struct dk_control *control, struct dk_http_call *call)
{
	struct choice choice;

	if (read_choice(call, &choice) != 0)
		return;
	if (choice.number > 0)
		give_one(call, letters_of(control), &choice);
	else
		give_list(call, letters_of(control), &choice);
}

/* On disk at once, but not synced: a power cut may bring one back. */
void
dk_be_told_dead_drop(struct dk_control *control, struct dk_http_call *call)
{
	struct dk_letters *letters = letters_of(control);
	struct dk_cursor cursor = dk_letters_begin(letters);
	struct dk_letter letter;
	struct dk_error error;
	struct choice choice;
	json_int_t count = 0;

	if (read_some(call, &choice) != 0)
		return;
	while (dk_letters_read(letters, &cursor, &letter))
		if (is_chosen(&choice, &letter)) {
			dk_letters_remove(letters, letter.number);
			count++;
		}
	if (dk_letters_flush(letters, &error) != 0)
		dk_answer_error(call, 500, error.text);
	else
		dk_answer_json(call, 200, json_pack("{s:I}", "dropped", count));
}

/* --- Sent again --- */

static void
hear_gone(void *argument)
{
	((struct dk_control *)argument)->replay = NULL;
}

/* It went on also if nobody waits any more. */
static void
be_told(void *context, uint64_t settled, uint64_t left, bool is_over)
{
	struct dk_control *control = context;
	json_t *json;
	char *text;

	if (!control->replay)
		return;
	json = json_pack("{s:I, s:I, s:b}", "settled", (json_int_t)settled, "left",
			 (json_int_t)left, "over", is_over);
	text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(json);
	if (!text)
		abort();
	dk_http_stream_put(control->replay, dk_slice_of(text));
	dk_http_stream_put(control->replay, DK_SLICE("\n"));
	dk_http_stream_end(control->replay);
	control->replay = NULL;
	free(text);
}

/* Answered when all are settled, however long that takes. */
void
dk_be_told_dead_replay(struct dk_control *control, struct dk_http_call *call)
{
	struct dk_resend_options options = { .told = be_told, .context = control };
	struct dk_error error;
	struct choice choice;

	if (read_some(call, &choice) != 0)
		return;
	options.route = choice.route;
	options.number = (uint64_t)choice.number;
	if (dk_carrier_resend(control->carrier, &options, &error) != 0)
		dk_answer_error(call, 503, error.text);
	else
		control->replay = dk_http_stream_begin(call, 200, "application/json", hear_gone,
						       control);
}
