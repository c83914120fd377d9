/* SPDX-License-Identifier: Apache-2.0
 *
 * control_told.c - what the daemon is told: to read its configuration again, to pause and to go on,
 * to drain, how much to say.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/error.h"
#include "daemon/base/suggest.h"
#include "daemon/surface/control_inside.h"
#include "daemon/system/log.h"

#define NAMES_MAX 256 /* of one call */

void
dk_be_told_reload(struct dk_control *control, struct dk_http_call *call)
{
	uint64_t before = dk_carrier_last_reload(control->carrier).count;

	dk_carrier_reload(control->carrier);
	dk_answer_json(call, 202,
		       json_pack("{s:I, s:I, s:I}", "count_before", (json_int_t)before, "since_ms",
				 (json_int_t)control->since_ms, "pid", (json_int_t)getpid()));
}

/* --- Pauses --- */

static const char *
route_name(const struct dk_plan *plan, size_t number)
{
	return number < plan->route_count ? plan->routes[number].name : NULL;
}

static const char *
endpoint_name(const struct dk_plan *plan, size_t number)
{
	return number < plan->endpoint_count ? plan->endpoints[number].name : NULL;
}

static const struct kind {
	const char *word, *words;
	const char *(*name)(const struct dk_plan *plan, size_t number); /* NULL after the last */
} kinds[DK_PAUSABLES] = {
	[DK_PAUSABLE_ROUTE] = { "route", "routes", route_name },
	[DK_PAUSABLE_ENDPOINT] = { "endpoint", "endpoints", endpoint_name },
};

json_t *
dk_json_of_paused(const struct dk_control *control)
{
	const struct dk_standing *standing = dk_carrier_standing(control->carrier);
	json_t *json = json_object();

	for (enum dk_pausable kind = 0; kind < DK_PAUSABLES; kind++) {
		json_t *names = json_array();
		const char *name;

		for (size_t i = 0; (name = dk_standing_name(standing, kind, i)); i++)
			json_array_append_new(names, dk_json_of_text(name));
		json_object_set_new(json, kinds[kind].words, names);
	}
	json_object_set_new(json, "sources", json_boolean(dk_standing_is_drained(standing)));
	return json;
}

/* A pause or its end, of some names. */
struct telling {
	const struct dk_plan *plan;
	struct dk_standing *standing;
	bool is_pause;
	struct {
		enum dk_pausable kind;
		const char *name;
	} names[NAMES_MAX];
	size_t count;
};

/* What was paused may have gone with a reload. */
static bool
is_known(const struct telling *telling, enum dk_pausable kind, const char *name)
{
	const char *other;

	for (size_t i = 0; (other = kinds[kind].name(telling->plan, i)); i++)
		if (strcmp(other, name) == 0)
			return true;
	return !telling->is_pause && dk_standing_has(telling->standing, kind, name);
}

static int
fail_name(const struct telling *telling, const char *what, unsigned of, const char *name,
	  struct dk_error *error)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(name) };
	const char *other;

	for (enum dk_pausable kind = 0; kind < DK_PAUSABLES; kind++)
		for (size_t i = 0; (of & 1u << kind) && (other = kinds[kind].name(telling->plan, i));
		     i++)
			dk_suggest(&suggestion, other);
	return dk_fail(error, "there is no %s \"%.200s\"%s%s%s", what, name,
		       suggestion.nearest ? "; \"" : "",
		       suggestion.nearest ? suggestion.nearest : "",
		       suggestion.nearest ? "\"?" : "");
}

static void
add(struct telling *telling, enum dk_pausable kind, const char *name)
{
	telling->names[telling->count].kind = kind;
	telling->names[telling->count++].name = name;
}

static int
add_of_kind(struct telling *telling, enum dk_pausable kind, const char *name,
	    struct dk_error *error)
{
	if (!is_known(telling, kind, name))
		return fail_name(telling, kinds[kind].word, 1u << kind, name, error);
	add(telling, kind, name);
	return 0;
}

/* Of whichever kind it is. */
static int
add_of_any(struct telling *telling, const char *name, struct dk_error *error)
{
	bool is_route = is_known(telling, DK_PAUSABLE_ROUTE, name);
	bool is_endpoint = is_known(telling, DK_PAUSABLE_ENDPOINT, name);

	if (is_route && is_endpoint)
		return dk_fail(error, "\"%.200s\" is a route and an endpoint; route=%.50s or "
				      "endpoint=%.50s?",
			       name, name, name);
	if (!is_route && !is_endpoint)
		return fail_name(telling, "route or endpoint", ~0u, name, error);
	add(telling, is_route ? DK_PAUSABLE_ROUTE : DK_PAUSABLE_ENDPOINT, name);
	return 0;
}

/* All names are looked up before anything is done. */
static int
read_names(struct telling *telling, struct dk_http_call *call, struct dk_error *error)
{
	const char *values[NAMES_MAX + 1];
	size_t count;

	for (enum dk_pausable kind = 0; kind < DK_PAUSABLES; kind++) {
		count = dk_http_parameters(call, kinds[kind].word, values, NAMES_MAX);
		if (telling->count + count > NAMES_MAX)
			return dk_fail(error, "too many names; at most %d", NAMES_MAX);
		for (size_t i = 0; i < count; i++)
			if (add_of_kind(telling, kind, values[i], error) != 0)
				return -1;
	}
	count = dk_http_parameters(call, "name", values, NAMES_MAX);
	if (telling->count + count > NAMES_MAX)
		return dk_fail(error, "too many names; at most %d", NAMES_MAX);
	for (size_t i = 0; i < count; i++)
		if (add_of_any(telling, values[i], error) != 0)
			return -1;
	return 0;
}

static void
answer_paused(struct dk_control *control, struct dk_http_call *call)
{
	dk_answer_json(call, 200, json_pack("{s:o}", "paused", dk_json_of_paused(control)));
}

static void
tell_one(const struct telling *telling, size_t number)
{
	enum dk_pausable kind = telling->names[number].kind;
	const char *name = telling->names[number].name;

	dk_log(DK_NOTICE, name, telling->is_pause ? "paused" : "resumed", NULL);
	(telling->is_pause ? dk_standing_pause : dk_standing_resume)(telling->standing, kind, name);
}

static int
read_telling(struct dk_control *control, struct dk_http_call *call, struct telling *telling)
{
	struct dk_error error;

	telling->plan = dk_carrier_plan(control->carrier);
	telling->standing = dk_carrier_standing(control->carrier);
	telling->count = 0;
	if (read_names(telling, call, &error) == 0)
		return 0;
	dk_answer_error(call, 404, error.text);
	return -1;
}

void
dk_be_told_pause(struct dk_control *control, struct dk_http_call *call)
{
	struct telling telling = { .is_pause = true };

	if (read_telling(control, call, &telling) != 0)
		return;
	if (telling.count == 0) {
		dk_answer_error(call, 400, "which route or endpoint? route=NAME, endpoint=NAME");
		return;
	}
	for (size_t i = 0; i < telling.count; i++)
		tell_one(&telling, i);
	answer_paused(control, call);
}

/* Without a name, everything. */
void
dk_be_told_resume(struct dk_control *control, struct dk_http_call *call)
{
	struct telling telling = { .is_pause = false };

	if (read_telling(control, call, &telling) != 0)
		return;
	for (size_t i = 0; i < telling.count; i++)
		tell_one(&telling, i);
	if (telling.count == 0) {
		dk_log(DK_NOTICE, NULL, "resumed", NULL);
		dk_standing_resume_all(telling.standing);
	}
	answer_paused(control, call);
}

void
dk_be_told_drain(struct dk_control *control, struct dk_http_call *call)
{
	dk_log(DK_NOTICE, NULL, "draining", NULL);
	dk_standing_drain(dk_carrier_standing(control->carrier));
	answer_paused(control, call);
}

/* --- The log's level --- */

static const char *const levels[] = { "error", "warning", "notice", "info", "debug" };

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

const char *
dk_level_word(enum dk_level level)
{
	return levels[level];
}

void
dk_give_level(struct dk_control *control, struct dk_http_call *call)
{
	(void)control;
	dk_answer_json(call, 200, json_pack("{s:s}", "level", dk_level_word(dk_log_level())));
}

static void
tell_level(struct dk_http_call *call, const char *word)
{
	char text[160];

	snprintf(text, sizeof(text), "\"%.40s\" is no level: error, warning, notice, info or debug?",
		 word);
	dk_answer_error(call, 400, text);
}

void
dk_be_told_level(struct dk_control *control, struct dk_http_call *call)
{
	const char *word = dk_http_parameter(call, "level");
	size_t level = 0;

	while (level < LEVELS && (!word || strcmp(levels[level], word) != 0))
		level++;
	if (level == LEVELS) {
		tell_level(call, word ? word : "");
		return;
	}
	dk_log_set_level((enum dk_level)level);
	dk_give_level(control, call);
}
