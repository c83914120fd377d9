/* SPDX-License-Identifier: Apache-2.0
 *
 * dead.c - step 8, third way: what cannot be delivered is kept, with the reason, where the route's
 * `dead` says, or in the bounded store of dead letters. A message counts as settled only when its
 * dead letter is durable.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/flow/letters.h"
#include "daemon/flow/state.h"

#define DIG_AGAIN_MS 1000

/* One dead letter on its way to the disk. */
struct grave {
	struct dk_list link; /* of flow->graves */
	uint64_t serial;     /* 0: the store has not taken it yet */
	struct dk_duty *duty; /* NULL: an orphan */
	struct dk_source *source;
	struct dk_received *received;
	char *reason;
	bool is_told; /* that the store has it */
};

/* Where it could not go: endpoint:address, as in the file; also when it could not go to its route's
 * dead target either, for a replay tries what failed first. Freed by the caller. */
static char *
target_of(const struct dk_duty *duty)
{
	bool is_named = duty->is_dead_letter;
	struct dk_slice address = is_named ? duty->delivery.headers[DK_DEAD_TARGET].value :
					     duty->delivery.address;
	size_t room = strlen(duty->sink->name) + 1 + address.length + 1;
	char *text = malloc(room);

	if (!text)
		abort();
	snprintf(text, room, "%s%s%.*s", is_named ? "" : duty->sink->name, is_named ? "" : ":",
		 (int)address.length, address.data);
	return text;
}

/* Freed by the caller. */
static char *
reason_of(const struct dk_duty *duty, const char *reason)
{
	struct dk_slice first, dead = duty->delivery.address;
	size_t room;
	char *text;

	if (!duty->is_dead_letter)
		return strdup(reason);
	first = duty->delivery.headers[DK_DEAD_REASON].value;
	room = first.length + strlen(duty->sink->name) + dead.length + strlen(reason) + 64;
	text = malloc(room);
	if (text)
		snprintf(text, room, "%.*s; and its dead target %s:%.*s did not take it: %s",
			 (int)first.length, first.data, duty->sink->name, (int)dead.length,
			 dead.data, reason);
	return text;
}

static void
tell_dead(const struct dk_flow *flow, const char *who, const struct dk_letter *letter,
	  const char *into, const char *reason)
{
	const struct dk_world *world = flow->world;
	char from[300], to[300];

	snprintf(from, sizeof(from), "%.*s:%.*s", (int)letter->endpoint.length,
		 letter->endpoint.data, (int)letter->message.address.length,
		 letter->message.address.data);
	snprintf(to, sizeof(to), "%.*s", (int)letter->target.length,
		 letter->target.length > 0 ? letter->target.data : "");
	world->log(world->context, DK_WARNING, who, "dead-lettered",
		   DK_FIELDS(DK_FIELD_TEXT("from", from), DK_FIELD_TEXT("to", to),
			     DK_FIELD_TEXT("into", into), DK_FIELD_TEXT("why", reason)));
}

static int
write_letter(struct dk_flow *flow, struct grave *grave, struct dk_error *error)
{
	const struct dk_world *world = flow->world;
	const struct dk_duty *duty = grave->duty;
	char *target = duty ? target_of(duty) : NULL;
	struct dk_letter letter = {
		.buried_ms = world->wall_ms(world->context),
		.endpoint = dk_slice_of(grave->source->name),
		.route = dk_slice_of(duty ? duty->origin->route->name : ""),
		.target = dk_slice_of(target ? target : ""),
		.reason = dk_slice_of(grave->reason),
		.message = grave->received->message,
	};
	int result = dk_letters_write(flow->letters, &letter, error);

	if (result == 0 && !grave->is_told)
		tell_dead(flow, duty ? duty->origin->route->name : grave->source->name, &letter,
			  "the store", grave->reason);
	grave->is_told |= result == 0;
	free(target);
	grave->serial = letter.number;
	return result;
}

static bool
is_store_full(const struct dk_flow *flow)
{
	return dk_journal_state(dk_flow_dead(flow)).bytes >= flow->options.dead_size;
}

/* Whether the store has taken it. When it is full, or the disk is, the route stops: its messages
 * stay unsettled and fill their source's window. */
static bool
dig(struct dk_flow *flow, struct grave *grave)
{
	const struct dk_world *world = flow->world;
	struct dk_error error = { "the store of dead letters is full: its routes stop; set "
				  "dead.size, or give them a dead target" };
	bool is_full = is_store_full(flow);

	if (is_full) {
		dk_letters_make_room(flow->letters);
		is_full = is_store_full(flow);
	}
	if (!is_full && write_letter(flow, grave, &error) == 0) {
		world->trouble(world->context, "dead-letters", "store-failed", NULL);
		return true;
	}
	flow->dig_again_ms = world->now_ms(world->context) + DIG_AGAIN_MS;
	world->trouble(world->context, "dead-letters", "store-failed", error.text);
	return false;
}

/* Takes the reason. */
static void
begin_grave(struct dk_flow *flow, struct grave with)
{
	struct grave *grave = malloc(sizeof(*grave));

	if (!grave || !with.reason)
		abort();
	*grave = with;
	dk_list_init(&grave->link);
	dk_list_append(&flow->graves, &grave->link);
	flow->world->turn_after(flow->world->context, 0);
}

static void
tell_rejected(struct dk_duty *duty, const char *reason)
{
	char *target = target_of(duty);
	struct dk_letter letter = {
		.endpoint = dk_slice_of(dk_source_of(duty->received)->name),
		.target = dk_slice_of(target),
		.message = *duty->delivery.message,
	};

	tell_dead(duty->flow, duty->origin->route->name, &letter, "the route's dead target",
		  reason);
	free(target);
}

void
dk_bury(struct dk_duty *duty, const char *reason)
{
	char *whole = reason_of(duty, reason);

	duty->state = DK_DUTY_BURIED;
	begin_grave(duty->flow, (struct grave){ .duty = duty,
						.source = dk_source_of(duty->received),
						.received = duty->received,
						.reason = whole });
}

/* To the route's own target if it has one, and if it is not that which failed. At the end of a run
 * nothing leaves any more: the message comes again, and is rejected again. */
void
dk_reject(struct dk_duty *duty, const char *reason)
{
	if (duty->flow->is_cancelled) {
		dk_abandon(duty);
		return;
	}
	if (duty->flow->tap)
		dk_tap_settled(duty, DK_REJECTED, reason);
	dk_hold_pass(duty);
	if (duty->way->route->dead && !duty->is_dead_letter) {
		tell_rejected(duty, reason);
		dk_deliver_dead(duty, reason);
	} else {
		dk_bury(duty, reason);
	}
}

void
dk_bury_orphan(struct dk_source *source, struct dk_received *received)
{
	const char *reason = "stored by an earlier run, and no route wants it any more";

	source->account.orphans++;
	begin_grave(source->flow, (struct grave){ .source = source,
						  .received = received,
						  .reason = strdup(reason) });
}

/* New graves are dug, and the disk is asked to sync those that are. */
void
dk_dead_turn(struct dk_flow *flow)
{
	const struct dk_world *world = flow->world;
	bool may_dig = world->now_ms(world->context) >= flow->dig_again_ms;
	bool is_any = false;

	DK_EACH(link, &flow->graves) {
		struct grave *grave = DK_OF(link, struct grave, link);

		if (grave->serial == 0 && may_dig)
			may_dig = dig(flow, grave);
		is_any |= grave->serial > 0;
	}
	if (is_any && !flow->is_syncing) {
		flow->is_syncing = true;
		world->sync_later(world->context, dk_flow_dead(flow));
	}
	if (!dk_list_is_empty(&flow->graves) && !may_dig)
		world->turn_after(world->context, DIG_AGAIN_MS);
}

static void
close_grave(struct grave *grave)
{
	dk_list_remove(&grave->link);
	if (grave->duty)
		dk_finish(grave->duty, DK_END_DEAD, NULL);
	else
		dk_settled(grave->source, grave->received, NULL);
	free(grave->reason);
	free(grave);
}

/* What a failed sync should have covered is written again, into a new segment. */
void
dk_flow_synced(struct dk_flow *flow, struct dk_journal *journal, uint64_t serial, bool is_durable)
{
	struct dk_list *link = flow->graves.next;

	if (journal != dk_flow_dead(flow))
		return;
	flow->is_syncing = false;
	while (link != &flow->graves) {
		struct grave *grave = DK_OF(link, struct grave, link);

		link = link->next;
		if (grave->serial == 0 || grave->serial >= serial)
			continue;
		if (is_durable)
			close_grave(grave);
		else
			grave->serial = 0;
	}
}

/* At the end: what is not durable is not settled either, so it comes again. */
void
dk_dead_cancel(struct dk_flow *flow)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&flow->graves))) {
		struct grave *grave = DK_OF(link, struct grave, link);

		if (grave->duty)
			dk_abandon(grave->duty);
		else
			dk_received_free(grave->received);
		free(grave->reason);
		free(grave);
	}
}
