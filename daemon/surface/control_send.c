/* SPDX-License-Identifier: Apache-2.0
 *
 * control_send.c - a message by hand, and what became of each of its deliveries.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/list.h"
#include "daemon/surface/control_inside.h"
#include "daemon/system/http_stream.h"

#define SENDS 8           /* that are not settled, at once */
#define PATIENCE_MS 10000 /* before what is known is answered */

/* One delivery of a message by hand. */
struct fate {
	const struct dk_delivery *delivery; /* to be recognised by; not to be looked at */
	json_t *route, *to;
	const char *outcome; /* "waiting" at first */
	char *reason;        /* NULL: none */
};

struct send {
	struct dk_list link;
	struct dk_sends *sends;
	struct dk_http_stream *stream; /* NULL: it was answered, or nobody waits */
	struct dk_loop_event *timer;
	uint64_t injection; /* 0: it is being brought */
	struct fate *fates;
	size_t count;
};

struct dk_sends {
	struct dk_control *control;
	struct dk_list list; /* of those that are not settled */
	size_t count;
};

struct dk_sends *
dk_sends_new(struct dk_control *control)
{
	struct dk_sends *sends = calloc(1, sizeof(*sends));

	if (!sends)
		abort();
	sends->control = control;
	dk_list_init(&sends->list);
	return sends;
}

bool
dk_sends_are_any(const struct dk_sends *sends)
{
	return sends->count > 0;
}

/* --- What is seen --- */

/* While one is being brought, what passes by hand is its own. */
static struct send *
find(const struct dk_sends *sends, uint64_t injection)
{
	DK_EACH(link, &sends->list) {
		struct send *send = DK_OF(link, struct send, link);

		if (send->injection == injection || send->injection == 0)
			return send;
	}
	return NULL;
}

static json_t *
json_of_target(const struct dk_sight *sight)
{
	struct dk_buffer text = { 0 };
	json_t *json;

	dk_buffer_print(&text, "%s:", sight->sink);
	dk_buffer_add(&text, sight->delivery->address);
	json = dk_json_of_slice(dk_slice_new(text.data, text.length));
	dk_buffer_clear(&text);
	return json;
}

void
dk_sends_show_made(struct dk_sends *sends, const struct dk_sight *sight)
{
	struct send *send = sight->injection ? find(sends, sight->injection) : NULL;

	if (!send)
		return;
	send->fates = realloc(send->fates, (send->count + 1) * sizeof(struct fate));
	if (!send->fates)
		abort();
	send->fates[send->count++] = (struct fate){ .delivery = sight->delivery,
						    .route = dk_json_of_text(sight->route),
						    .to = json_of_target(sight),
						    .outcome = "waiting" };
}

void
dk_sends_show(struct dk_sends *sends, const struct dk_sight *sight, enum dk_outcome outcome,
	      const char *reason)
{
	struct send *send = sight->injection ? find(sends, sight->injection) : NULL;
	bool is_last = outcome == DK_ACCEPTED || outcome == DK_REJECTED;

	for (size_t i = 0; send && i < send->count; i++) {
		struct fate *fate = &send->fates[i];

		if (fate->delivery != sight->delivery)
			continue;
		free(fate->reason);
		fate->reason = reason ? strdup(reason) : NULL;
		if (!is_last)
			continue;
		fate->outcome = dk_outcome_word(outcome);
		fate->delivery = NULL; /* its memory may become another's */
	}
}

/* --- The answer --- */

static json_t *
json_of_fates(const struct send *send)
{
	json_t *list = json_array();

	for (size_t i = 0; i < send->count; i++) {
		const struct fate *fate = &send->fates[i];

		json_array_append_new(
			list, json_pack("{s:O, s:O, s:s, s:o}", "route", fate->route, "to",
					fate->to, "outcome", fate->outcome, "reason",
					fate->reason ? dk_json_of_text(fate->reason) :
						       json_null()));
	}
	return list;
}

static void
answer(struct send *send, const char *state)
{
	json_t *json = json_pack("{s:s, s:o}", "state", state, "deliveries", json_of_fates(send));
	char *text = json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	json_decref(json);
	if (!text)
		abort();
	dk_http_stream_put(send->stream, dk_slice_of(text));
	dk_http_stream_end(send->stream);
	send->stream = NULL;
	free(text);
}

static void
end(struct send *send)
{
	struct dk_sends *sends = send->sends;

	dk_list_remove(&send->link);
	sends->count--;
	dk_loop_event_free(send->timer);
	for (size_t i = 0; i < send->count; i++) {
		json_decref(send->fates[i].route);
		json_decref(send->fates[i].to);
		free(send->fates[i].reason);
	}
	free(send->fates);
	free(send);
	dk_control_look(sends->control);
}

static void
be_told(void *context, uint64_t injection, bool is_settled)
{
	struct send *send = context;

	(void)injection;
	if (send->stream)
		answer(send, is_settled ? "settled" : "ended");
	end(send);
}

static void
lose_patience(void *argument)
{
	struct send *send = argument;

	if (send->stream)
		answer(send, "waiting");
}

/* What it waits for goes on; nobody hears of it. */
static void
hear_gone(void *argument)
{
	((struct send *)argument)->stream = NULL;
}

void
dk_sends_free(struct dk_sends *sends)
{
	while (!dk_list_is_empty(&sends->list))
		be_told(DK_OF(sends->list.next, struct send, link), 0, false);
	free(sends);
}

/* --- The call --- */

static struct send *
begin(struct dk_sends *sends)
{
	struct send *send = calloc(1, sizeof(*send));

	if (!send)
		abort();
	send->sends = sends;
	send->timer = dk_loop_timer(sends->control->loop, lose_patience, send);
	dk_list_append(&sends->list, &send->link);
	sends->count++;
	dk_control_look(sends->control);
	return send;
}

static void
bring(struct dk_control *control, struct dk_http_call *call, const struct dk_asked_message *asked)
{
	struct send *send = begin(control->sends);
	struct dk_injected injected = { be_told, send };
	struct dk_error error;

	send->injection = dk_carrier_inject(control->carrier, asked->endpoint, &asked->message,
					    &injected, &error);
	if (send->injection == 0) {
		end(send);
		dk_answer_error(call, 404, error.text);
	} else if (send->count == 0) {
		dk_answer_error(call, 404, "no route takes it: the conditions of those whose "
					   "pattern matches do not hold; see diolkosctl explain");
	} else {
		send->stream = dk_http_stream_begin(call, 200, "application/json", hear_gone, send);
		dk_loop_timer_set(send->timer, PATIENCE_MS);
	}
}

void
dk_be_told_send(struct dk_control *control, struct dk_http_call *call)
{
	struct dk_asked_message asked;

	if (dk_asked_message(control, call, &asked) != 0)
		return;
	if (control->sends->count >= SENDS) {
		dk_answer_error(call, 503, "eight messages by hand wait already; see diolkosctl "
					   "routes for what they wait for");
		return;
	}
	asked.message.payload = dk_http_body(call);
	bring(control, call, &asked);
}
