/* SPDX-License-Identifier: Apache-2.0
 *
 * pauses.c - an administrator who pauses routes, sources and sinks, and lets them go on.
 */
#include "daemon/flow/pause.h"
#include "test/simulation/simulation.h"

static uint64_t
entered(const struct broker_source *source)
{
	const struct dk_source_account *account = dk_source_account(source->source);

	return account->received + account->recovered;
}

static void
pause_source(struct broker_source *source, bool is_paused)
{
	source->entered = entered(source);
	dk_source_pause(source->source, is_paused);
}

void
pauses_change(struct simulation *simulation)
{
	struct chance *chance = &simulation->chance;
	bool is_paused = chance_is(chance, 50);
	unsigned what = chance_below(chance, chance_is(chance, 50) ? ROUTES : ROUTES + ENDPOINTS);

	trace(simulation, "%u %s", what, is_paused ? "is paused" : "goes on");
	if (what < ROUTES)
		dk_route_pause(simulation->flow, what, is_paused);
	else if (what - ROUTES < SOURCES)
		pause_source(&simulation->sources[what - ROUTES], is_paused);
	else
		dk_sink_pause(simulation->sinks[what - ROUTES].sink, is_paused);
}

void
pauses_end(struct simulation *simulation)
{
	simulation->has_pauses = false;
	for (size_t i = 0; i < ROUTES; i++)
		dk_route_pause(simulation->flow, i, false);
	for (int i = 0; i < SOURCES; i++)
		pause_source(&simulation->sources[i], false);
	for (int i = SOURCES; i < ENDPOINTS; i++)
		dk_sink_pause(simulation->sinks[i].sink, false);
}

bool
pauses_last(const struct simulation *simulation)
{
	for (size_t i = 0; i < ROUTES; i++)
		if (dk_route_is_paused(simulation->flow, i))
			return true;
	for (int i = SOURCES; i < ENDPOINTS; i++)
		if (dk_sink_is_paused(simulation->sinks[i].sink))
			return true;
	return false;
}

/* After the turn that has told the plugin; its broker brings nothing to one that is paused. */
void
pauses_check(struct simulation *simulation)
{
	for (int i = 0; i < SOURCES; i++)
		if (dk_source_is_paused(simulation->sources[i].source) &&
		    entered(&simulation->sources[i]) > simulation->sources[i].entered)
			ledger_violate(&simulation->ledger, "a paused source has brought a message");
}

bool
pauses_hold(const struct simulation *simulation, const struct dk_delivery *delivery)
{
	int route = sink_route_of(delivery);

	for (int i = SOURCES; i < ENDPOINTS; i++)
		if (plan_routes(simulation)[route].ways[0].endpoint == (size_t)i &&
		    delivery->target == &plan_routes(simulation)[route].ways[0].target &&
		    dk_sink_is_paused(simulation->sinks[i].sink))
			return true;
	return dk_route_is_paused(simulation->flow, (size_t)route);
}
