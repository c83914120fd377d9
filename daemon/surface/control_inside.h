/* SPDX-License-Identifier: Apache-2.0
 *
 * control_inside.h - what the files of the control have in common, and nobody else knows: answers,
 * what a call asks for, and the calls themselves, a file for each theme.
 */
#ifndef DK_SURFACE_CONTROL_INSIDE_H
#define DK_SURFACE_CONTROL_INSIDE_H

#include <jansson.h>

#include "daemon/flow/letters.h"
#include "daemon/surface/control.h"
#include "daemon/system/http.h"

struct dk_control {
	struct dk_carrier *carrier;
	struct dk_loop *loop;
	struct dk_http *http;
	uint64_t reloads; /* after so many the certificates were read */
	bool has_tls;     /* since the start: it comes and goes with the address */
	int64_t since_ms;       /* when the process began, since 1970 */
	struct dk_taps *taps;   /* who looks on: control_tap.c */
	struct dk_sends *sends; /* whose outcomes are waited for: control_send.c */
	struct dk_tap tap;      /* for both */
	struct dk_http_stream *replay; /* who waits for the end of a replay; NULL: nobody */
};

/* --- Answers: control_answers.c --- */

/* Of any bytes, where JSON takes UTF-8 alone: what is none becomes U+FFFD. Names of a
 * configuration, what was said of it and what a client asks for may be in any encoding, and an
 * error may end within a character. */
json_t *dk_json_of_slice(struct dk_slice slice);
json_t *dk_json_of_text(const char *text);
/* RFC 3339, in UTC, with milliseconds. */
json_t *dk_json_of_time(int64_t wall_ms);
/* *Takes* the text. */
void dk_answer_text(struct dk_http_call *call, int status, const char *type, char *text);
/* *Takes* the value; NULL: it could not be made. */
void dk_answer_json(struct dk_http_call *call, int status, json_t *value);
void dk_answer_error(struct dk_http_call *call, int status, const char *error);

/* --- What is asked for: control_asked.c. -1, which was answered: it makes no sense. --- */

/* A number of the query, between min and max; the preset where there is none. */
int dk_asked_number(struct dk_http_call *call, const char *name, int64_t preset, int64_t min,
		    int64_t max, int64_t *number);
/* The number of the route that the query names. */
int dk_asked_route(struct dk_control *control, struct dk_http_call *call, size_t *route);
/* The message that the query describes, with the endpoint that brings it: `address`,
 * endpoint:address, `key` and `header`, "name: value", which may come more than once. The payload is
 * left as it is. */
struct dk_asked_message {
	size_t endpoint;
	struct dk_message message; /* it points into the call, and into: */
	struct dk_header headers[64];
};
int dk_asked_message(struct dk_control *control, struct dk_http_call *call,
		     struct dk_asked_message *asked);

/* --- Calls --- */

typedef void dk_control_call(struct dk_control *control, struct dk_http_call *call);

/* control_figures.c */
dk_control_call dk_give_metrics, dk_give_health, dk_give_readiness, dk_give_status,
	dk_give_endpoints, dk_give_routes, dk_give_spools;
/* control_page.c */
dk_control_call dk_give_page, dk_give_page_style, dk_give_page_script, dk_give_page_values;
/* control_told.c */
dk_control_call dk_be_told_reload, dk_be_told_pause, dk_be_told_resume, dk_be_told_drain,
	dk_give_level, dk_be_told_level;
/* control_explain.c */
dk_control_call dk_give_explanation;
/* control_tap.c */
dk_control_call dk_give_tap;
/* control_send.c */
dk_control_call dk_be_told_send;
/* control_dead.c */
dk_control_call dk_give_dead, dk_be_told_dead_drop, dk_be_told_dead_replay;

/* {routes: [], endpoints: [], sources: bool}: what is paused. control_told.c */
json_t *dk_json_of_paused(const struct dk_control *control);

/* --- Those that last: made and ended with the control, shown all that passes --- */

struct dk_taps *dk_taps_new(struct dk_control *control);
void dk_taps_free(struct dk_taps *taps);
bool dk_taps_are_any(const struct dk_taps *taps);
void dk_taps_show(struct dk_taps *taps, const struct dk_sight *sight, enum dk_outcome outcome,
		  const char *reason);

struct dk_sends *dk_sends_new(struct dk_control *control);
void dk_sends_free(struct dk_sends *sends);
bool dk_sends_are_any(const struct dk_sends *sends);
void dk_sends_show_made(struct dk_sends *sends, const struct dk_sight *sight);
void dk_sends_show(struct dk_sends *sends, const struct dk_sight *sight,
		   enum dk_outcome outcome, const char *reason);

/* Every call: control.c. Its context is the control. */
void dk_control_answer(void *context, struct dk_http_call *call);

/* Looks on while there is somebody who wants to see: control.c. */
void dk_control_look(struct dk_control *control);

/* A level's word, "info": control_told.c */
const char *dk_level_word(enum dk_level level);

/* An outcome's word, as AMQP 1.0 has it: "accepted". */
const char *dk_outcome_word(enum dk_outcome outcome);

#endif
