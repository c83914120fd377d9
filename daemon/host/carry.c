/* SPDX-License-Identifier: Apache-2.0
 *
 * carry.c - one gateway after another, and the signals that end or change them.
 */
#include "daemon/host/carry.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "daemon/base/error.h"
#include "daemon/host/logging.h"
#include "daemon/host/reader.h"
#include "daemon/system/clock.h"
#include "daemon/system/log.h"

#define TWICE_MS 1000 /* a signal that comes sooner is the same one, sent to the whole group */

#define SIGNALS 3

struct dk_carrier {
	const struct dk_carry_options *options;
	struct dk_loop *loop;
	struct dk_loop_event *signals[SIGNALS];
	struct dk_loop_event *heart;
	struct dk_reader *reader; /* NULL: it is a replay, which is never read again */
	struct dk_gateway *gateway; /* NULL: there is none */
	struct dk_standing *standing;
	struct dk_plan *plan;
	struct dk_plan *next; /* to begin anew with, all of it; NULL: none */
	char *next_said, *next_changes; /* of it, or of what is being changed to */
	void *opened; /* what options->open has made */
	struct dk_reload reload;
	char *said, *changes; /* its texts */
	int64_t asked_ms; /* when it was last asked for */
	int64_t ending_since_ms;
	bool is_ending;
	bool is_stuck; /* an endpoint of the gateway did not close */
	int status;
};

/* --- Signals --- */

static void
hear_end(void *argument)
{
	struct dk_carrier *carrier = argument;
	int64_t now = dk_clock_now_ms();

	if (carrier->is_ending) {
		if (carrier->gateway && now - carrier->ending_since_ms >= TWICE_MS)
			dk_gateway_hurry(carrier->gateway);
		return;
	}
	carrier->is_ending = true;
	carrier->ending_since_ms = now;
	dk_log(DK_INFO, NULL, "stopping", NULL);
	carrier->options->stopping();
	if (carrier->gateway)
		dk_gateway_interrupt(carrier->gateway);
}

void
dk_carrier_reload(struct dk_carrier *carrier)
{
	if (!carrier->reader || carrier->is_ending)
		return;
	carrier->options->reloading();
	carrier->asked_ms = dk_clock_now_ms();
	dk_reader_ask(carrier->reader);
}

static void
hear_reload(void *argument)
{
	dk_carrier_reload(argument);
}

static void
add_signals(struct dk_carrier *carrier)
{
	static const struct {
		int number;
		void (*hear)(void *carrier);
	} rows[SIGNALS] = { { SIGTERM, hear_end }, { SIGINT, hear_end }, { SIGHUP, hear_reload } };

	for (size_t i = 0; i < SIGNALS; i++)
		carrier->signals[i] = dk_loop_signal(carrier->loop, rows[i].number, rows[i].hear,
						     carrier);
}

/* --- The beat --- */

static void
beat(void *argument)
{
	struct dk_carrier *carrier = argument;

	carrier->options->beat(carrier->gateway, carrier->plan);
	dk_loop_timer_set(carrier->heart, carrier->options->beat_ms);
}

/* --- Gateways --- */

/* -1, which has been said: nothing is open. */
static int
begin(struct dk_carrier *carrier, const struct dk_plan *plan, struct dk_error *error)
{
	dk_logging_set(&plan->settings);
	carrier->gateway = dk_gateway_new(plan, carrier->loop, carrier->options->replay, error);
	if (!carrier->gateway) {
		dk_log(DK_ERROR, NULL, "not-started", DK_FIELDS(DK_FIELD_TEXT("why", error->text)));
		return -1;
	}
	dk_standing_apply(carrier->standing, carrier->gateway);
	dk_gateway_connect(carrier->gateway);
	carrier->options->ready();
	return 0;
}

static void
end(struct dk_carrier *carrier)
{
	dk_gateway_end(carrier->gateway);
	carrier->status = carrier->options->account(carrier->gateway, carrier->plan,
						    carrier->options->replay);
	dk_standing_apply(carrier->standing, NULL);
	carrier->is_stuck = !dk_gateway_free(carrier->gateway);
	carrier->gateway = NULL;
}

/* *text is another now. */
static void
keep(char **text, const char *new)
{
	char *copy = strdup(new);

	if (!copy)
		abort();
	free(*text);
	*text = copy;
}

static void
note_reload(struct dk_carrier *carrier, bool is_good, bool is_changed, const char *text)
{
	keep(&carrier->said, text);
	keep(&carrier->changes, is_changed ? carrier->next_changes : "");
	carrier->reload = (struct dk_reload){ carrier->reload.count + 1, is_good, is_changed,
					      carrier->said, carrier->changes };
}

static void
tell_not_reloaded(const struct dk_error *error)
{
	dk_log(DK_ERROR, NULL, "not-reloaded",
	       DK_FIELDS(DK_FIELD_TEXT("why", error->text),
			 DK_FIELD_TEXT("so", "what ran before goes on")));
}

/* The new plan is carried by; when it cannot be opened, the old one again. */
static void
begin_either(struct dk_carrier *carrier, struct dk_plan *old, struct dk_plan *new)
{
	struct dk_error error = { "" }, again;
	bool is_new = begin(carrier, new, &error) == 0;

	if (!is_new && begin(carrier, old, &again) != 0) {
		carrier->status = EX_UNAVAILABLE;
		carrier->is_ending = true;
	}
	if (!is_new)
		tell_not_reloaded(&error);
	note_reload(carrier, is_new, is_new, is_new ? carrier->next_said : error.text);
	carrier->plan = is_new ? new : old;
	dk_plan_free(is_new ? old : new);
	dk_reader_watch(carrier->reader, carrier->plan);
}

static void
begin_anew(struct dk_carrier *carrier)
{
	carrier->options->begin_anew();
	carrier->status = EX_TEMPFAIL;
	carrier->is_ending = true;
}

/* From one plan to another of which nothing can stay: all of the old one drains and is closed before
 * the new one is opened. Both are *taken*; one of them is the carrier's afterwards. */
static void
change(struct dk_carrier *carrier, struct dk_plan *old, struct dk_plan *new)
{
	dk_log(DK_INFO, NULL, "reloading", NULL);
	carrier->options->reloading();
	end(carrier);
	if (carrier->is_stuck && !carrier->is_ending)
		begin_anew(carrier);
	if (carrier->is_ending)
		dk_plan_free(new);
	else
		begin_either(carrier, old, new);
}

/* --- Life --- */

/* Nothing is being changed any more. */
static void
rest(struct dk_carrier *carrier)
{
	if (carrier->is_ending)
		return;
	carrier->options->ready();
	dk_reader_watch(carrier->reader, carrier->plan);
}

/* How long it took, where somebody asked for it. */
static void
tell_reloaded(struct dk_carrier *carrier)
{
	dk_log(DK_INFO, NULL, "reloaded",
	       DK_FIELDS({ .name = carrier->asked_ms > 0 ? "ms" : NULL,
			   .number = dk_clock_now_ms() - carrier->asked_ms }));
	carrier->asked_ms = 0;
}

static void
hear_changed(void *context, bool is_stuck)
{
	struct dk_carrier *carrier = context;

	if (is_stuck) {
		begin_anew(carrier);
		dk_gateway_interrupt(carrier->gateway);
		return;
	}
	tell_reloaded(carrier);
	note_reload(carrier, true, true, carrier->next_said);
	rest(carrier);
}

/* While all goes on that is the same in both. */
static void
change_over(struct dk_carrier *carrier, struct dk_plan *plan,
	    const struct dk_difference *difference)
{
	struct dk_gateway_changed changed = { hear_changed, carrier };
	struct dk_error error = { "" };

	dk_log(DK_INFO, NULL, "reloading", NULL);
	carrier->options->reloading();
	if (dk_gateway_change(carrier->gateway, plan, difference, changed, &error) == 0) {
		carrier->plan = plan;
		dk_logging_set(&plan->settings);
		dk_standing_apply(carrier->standing, carrier->gateway);
		return;
	}
	tell_not_reloaded(&error);
	note_reload(carrier, false, false, error.text);
	rest(carrier);
}

static void
take_answer(void *context, const struct dk_reader_answer *answer)
{
	struct dk_carrier *carrier = context;

	if (!answer->plan) {
		note_reload(carrier, answer->is_good, false, answer->said);
		rest(carrier);
		return;
	}
	keep(&carrier->next_said, answer->said);
	keep(&carrier->next_changes, answer->changes);
	if (carrier->is_ending) {
		dk_plan_free(answer->plan);
	} else if (dk_gateway_can_change(carrier->gateway, answer->plan, answer->difference)) {
		change_over(carrier, answer->plan, answer->difference);
	} else {
		carrier->next = answer->plan;
		dk_gateway_interrupt(carrier->gateway);
	}
	dk_difference_free(answer->difference);
}

static void
begin_reading(struct dk_carrier *carrier)
{
	struct dk_reader_options options = { .reading = carrier->options->reading,
					     .is_strict = carrier->options->is_strict,
					     .loop = carrier->loop,
					     .read = take_answer,
					     .context = carrier };

	if (carrier->options->replay)
		return;
	carrier->reader = dk_reader_new(&options);
	dk_reader_watch(carrier->reader, carrier->plan);
}

/* Until it is ended, or, of a replay, until that is over. */
static void
live(struct dk_carrier *carrier)
{
	while (!carrier->is_ending) {
		struct dk_plan *next;

		dk_gateway_run(carrier->gateway);
		next = carrier->next;
		carrier->next = NULL;
		if (next)
			change(carrier, carrier->plan, next);
		else
			carrier->is_ending = true;
	}
}

/* What a stuck endpoint may still use is left as it is. */
static void
let_go(struct dk_carrier *carrier)
{
	if (carrier->gateway)
		end(carrier);
	if (carrier->opened)
		carrier->options->close(carrier->opened);
	if (carrier->reader)
		dk_reader_free(carrier->reader);
	free(carrier->said);
	free(carrier->changes);
	free(carrier->next_said);
	free(carrier->next_changes);
	dk_plan_free(carrier->next);
	for (size_t i = 0; i < SIGNALS; i++)
		dk_loop_event_free(carrier->signals[i]);
	dk_loop_event_free(carrier->heart);
	dk_standing_free(carrier->standing);
	if (carrier->is_stuck)
		return;
	dk_plan_free(carrier->plan);
	dk_loop_free(carrier->loop);
}

const struct dk_gateway *
dk_carrier_gateway(const struct dk_carrier *carrier)
{
	return carrier->gateway;
}

const struct dk_plan *
dk_carrier_plan(const struct dk_carrier *carrier)
{
	return carrier->plan;
}

struct dk_reload
dk_carrier_last_reload(const struct dk_carrier *carrier)
{
	return carrier->reload.count ? carrier->reload : (struct dk_reload){ .text = "", .changes = "" };
}

struct dk_standing *
dk_carrier_standing(const struct dk_carrier *carrier)
{
	return carrier->standing;
}

uint64_t
dk_carrier_inject(struct dk_carrier *carrier, size_t endpoint, const struct dk_message *message,
		  const struct dk_injected *injected, struct dk_error *error)
{
	if (carrier->gateway)
		return dk_gateway_inject(carrier->gateway, endpoint, message, injected, error);
	dk_fail(error, "another configuration is being changed to; again in a moment?");
	return 0;
}

int
dk_carrier_resend(struct dk_carrier *carrier, const struct dk_resend_options *options,
		  struct dk_error *error)
{
	if (carrier->gateway)
		return dk_gateway_resend(carrier->gateway, options, error);
	return dk_fail(error, "another configuration is being changed to; again in a moment?");
}

int
dk_carry(struct dk_plan *plan, const struct dk_carry_options *options)
{
	struct dk_carrier carrier = { .options = options, .plan = plan, .status = EX_UNAVAILABLE };
	struct dk_error error = { "" };

	carrier.loop = dk_loop_new(&error);
	if (!carrier.loop) {
		dk_log(DK_ERROR, NULL, "not-started", DK_FIELDS(DK_FIELD_TEXT("why", error.text)));
		return EX_UNAVAILABLE;
	}
	carrier.standing = dk_standing_new();
	add_signals(&carrier);
	carrier.heart = dk_loop_timer(carrier.loop, beat, &carrier);
	dk_loop_timer_set(carrier.heart, 0);
	if (begin(&carrier, plan, &error) == 0) {
		begin_reading(&carrier);
		carrier.opened = options->open(&carrier, carrier.loop);
		live(&carrier);
	}
	let_go(&carrier);
	if (carrier.is_ending)
		dk_log(DK_INFO, NULL, "stopped", NULL);
	return carrier.status;
}
