/* SPDX-License-Identifier: Apache-2.0
 *
 * resend.c - dead letters are received again while the sources go on.
 */
#include "daemon/flow/resend.h"

#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/flow/state.h"

#define AT_ONCE 256 /* letters that are not settled */

struct dk_resend {
	struct dk_flow *flow;
	struct dk_resend_options options;
	char *route;  /* the options', kept */
	uint64_t end; /* letters from here on died since */
	size_t unsettled;
	uint64_t settled, left;
	uint64_t dead_size; /* of the flow, meanwhile without bound */
	bool is_exhausted;  /* every letter was looked at */
};

/* One that is not settled. */
struct sent {
	struct dk_resend *resend;
	uint64_t number;
};

static void
end(struct dk_resend *resend, bool is_over)
{
	struct dk_flow *flow = resend->flow;

	flow->resend = NULL;
	flow->options.dead_size = resend->dead_size;
	resend->options.told(resend->options.context, resend->settled, resend->left, is_over);
	free(resend->route);
	free(resend);
}

/* Its removal may be lost with the power, and then it is sent again. */
static void
remove_letter(struct dk_flow *flow, uint64_t number)
{
	const struct dk_world *world = flow->world;
	struct dk_error error;
	bool is_written;

	dk_letters_remove(flow->letters, number);
	is_written = dk_letters_flush(flow->letters, &error) == 0;
	world->trouble(world->context, "dead-letters", "not-removed",
		       is_written ? NULL : error.text);
}

static void
be_told(void *context, uint64_t injection, bool is_settled)
{
	struct sent *sent = context;
	struct dk_resend *resend = sent->resend;
	struct dk_flow *flow = resend->flow;

	(void)injection;
	resend->unsettled--;
	resend->settled += is_settled;
	resend->is_exhausted |= !is_settled; /* the flow ends */
	if (is_settled)
		remove_letter(flow, sent->number);
	free(sent);
	if (!is_settled && resend->unsettled == 0)
		end(resend, false);
	else
		flow->world->turn_after(flow->world->context, 0);
}

static bool
is_asked_for(const struct dk_resend *resend, const struct dk_letter *letter)
{
	return (!resend->route || dk_slice_is(dk_slice_of(resend->route), letter->route)) &&
	       (resend->options.number == 0 || resend->options.number == letter->number);
}

static void
leave(struct dk_resend *resend, const struct dk_letter *letter, const char *why)
{
	const struct dk_world *world = resend->flow->world;

	resend->left++;
	world->log(world->context, DK_WARNING, "dead-letters", "not-replayed",
		   DK_FIELDS(DK_FIELD_NUMBER("letter", (int64_t)letter->number),
			     DK_FIELD_TEXT("why", why)));
}

static void
take(struct dk_resend *resend, const struct dk_letter *letter)
{
	struct dk_wanted wanted;
	struct dk_feed *feed = dk_letter_way(resend->flow, letter, &wanted);
	struct sent *sent = malloc(sizeof(*sent));
	struct dk_injected injected = { be_told, sent };
	struct dk_error error = { "no route of that name wants it any more" };

	if (!sent)
		abort();
	*sent = (struct sent){ resend, letter->number };
	if (feed && dk_inject_letter(resend->flow, feed, letter, &wanted, &injected, &error) == 0) {
		resend->unsettled++;
		return;
	}
	free(sent);
	leave(resend, letter, error.text);
}

void
dk_resend_turn(struct dk_resend *resend)
{
	struct dk_letter letter;

	while (resend->unsettled < AT_ONCE && !resend->is_exhausted && !resend->flow->is_stopping) {
		if (!dk_letters_next(resend->flow->letters, &letter) ||
		    letter.number >= resend->end)
			resend->is_exhausted = true;
		else if (is_asked_for(resend, &letter))
			take(resend, &letter);
	}
	if (resend->is_exhausted && resend->unsettled == 0)
		end(resend, true);
}

void
dk_resend_cancel(struct dk_resend *resend)
{
	end(resend, false);
}

int
dk_resend(struct dk_flow *flow, const struct dk_resend_options *options, struct dk_error *error)
{
	struct dk_resend *resend;

	if (flow->resend)
		return dk_fail(error, "dead letters are being sent again already");
	resend = calloc(1, sizeof(*resend));
	if (!resend || (options->route && !(resend->route = strdup(options->route))))
		abort();
	resend->flow = flow;
	resend->options = *options;
	resend->end = dk_journal_state(dk_flow_dead(flow)).next_serial;
	resend->dead_size = flow->options.dead_size;
	flow->options.dead_size = UINT64_MAX; /* one that dies again takes another's room */
	flow->resend = resend;
	dk_letters_rewind(flow->letters);
	flow->world->turn_after(flow->world->context, 0);
	return 0;
}
