/* SPDX-License-Identifier: Apache-2.0
 *
 * tap.c - what somebody who looks on is shown of a delivery.
 */
#include "daemon/flow/tap.h"

#include "daemon/flow/state.h"

void
dk_flow_tap(struct dk_flow *flow, const struct dk_tap *tap)
{
	flow->tap = tap;
}

static struct dk_sight
sight_of(const struct dk_duty *duty)
{
	const struct dk_source *source = dk_source_of(duty->received);

	return (struct dk_sight){
		.delivery = &duty->delivery,
		.route = duty->origin->route->name,
		.source = source->name,
		.sink = duty->sink->name,
		.is_dead_letter = duty->is_dead_letter,
		.injection = source->is_by_hand ? (uint64_t)duty->received->message.position : 0,
	};
}

void
dk_tap_made(const struct dk_duty *duty)
{
	const struct dk_tap *tap = duty->flow->tap;
	struct dk_sight sight = sight_of(duty);

	if (tap->made)
		tap->made(tap->context, &sight);
}

void
dk_tap_settled(const struct dk_duty *duty, enum dk_outcome outcome, const char *reason)
{
	const struct dk_tap *tap = duty->flow->tap;
	struct dk_sight sight = sight_of(duty);

	tap->settled(tap->context, &sight, outcome, reason);
}
