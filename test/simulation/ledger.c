/* SPDX-License-Identifier: Apache-2.0
 *
 * ledger.c - the all-knowing account: what each message is owed, what has arrived, in which order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/simulation/simulation.h"

static struct simulation *
simulation_of(struct ledger *ledger)
{
	return DK_OF(ledger, struct simulation, ledger);
}

void
ledger_violate(struct ledger *ledger, const char *what)
{
	trace(simulation_of(ledger), "VIOLATION %s", what);
	if (!ledger->violation)
		ledger->violation = what;
}

/* The payload is "id:NN:" and the same digits backwards, so that a change is seen. */
int
ledger_id(const struct dk_message *message)
{
	char text[16];
	int id;

	if (message->payload.length != 8)
		return -1;
	id = (message->payload.data[3] - '0') * 10 + message->payload.data[4] - '0';
	snprintf(text, sizeof(text), "id:%02d:%d%d", id % 100, id % 10, id / 10 % 10);
	return memcmp(text, message->payload.data, 8) == 0 ? id : -1;
}

static void
check_order(struct ledger *ledger, int route, int id)
{
	int *newest = &ledger->newest[route][ledger->entries[id].key];

	if (simulation_of(ledger)->is_replaying)
		return; /* letters come in the order in which they died */
	if (simulation_of(ledger)->settings[route].order != DK_ORDER_NONE && *newest > id)
		ledger_violate(ledger, "a first arrival came after a later one of its key");
	if (*newest < id)
		*newest = id;
}

static void
check_repeat(struct ledger *ledger, int route)
{
	ledger->repeats++;
	if (!ledger->had_fault)
		ledger_violate(ledger, "a message came twice, and nothing had failed");
	if (route == ROUTE_PREFIX_COMMITS)
		ledger_violate(ledger, "a message was committed twice");
}

void
ledger_arrive(struct ledger *ledger, int route, const struct dk_delivery *delivery)
{
	int id = ledger_id(delivery->message);
	struct entry *entry = &ledger->entries[id];

	if (id < 0 || id >= ledger->count) {
		ledger_violate(ledger, "a message came that nobody sent, or was changed");
		return;
	}
	trace(simulation_of(ledger), "  arrived %d route %d", id, route);
	if (entry->is_illegal && (route == ROUTE_STORED_B || route == ROUTE_EACH_B))
		ledger_violate(ledger, "an illegal address was sent");
	if (entry->arrived[route]++ == 0)
		check_order(ledger, route, id);
	else
		check_repeat(ledger, route);
}

void
ledger_die(struct ledger *ledger, int route, int id)
{
	struct entry *entry = &ledger->entries[id];
	bool is_at_b = route == ROUTE_STORED_B || route == ROUTE_EACH_B;

	if (id < 0 || id >= ledger->count) {
		ledger_violate(ledger, "a dead letter of nobody's");
		return;
	}
	entry->is_dead[route] = true;
	if (!entry->is_poison && !(entry->is_illegal && is_at_b))
		ledger_violate(ledger, "a sound message was dead-lettered");
}

static bool
is_route_of(const struct simulation *simulation, int route, int source)
{
	switch (route) {
	case ROUTE_STORED_A:
	case ROUTE_STORED_B:
		return source == SOURCE_STORES;
	case ROUTE_PREFIX_A:
		return source == SOURCE_PREFIX && !simulation->commits;
	case ROUTE_PREFIX_COMMITS:
		return source == SOURCE_PREFIX && simulation->commits;
	default:
		return source == SOURCE_EACH;
	}
}

static bool
is_fulfilled(const struct simulation *simulation, const struct entry *entry)
{
	for (int route = 0; route < ROUTES; route++)
		if (is_route_of(simulation, route, entry->source) && entry->arrived[route] == 0 &&
		    !entry->is_dead[route])
			return false;
	return true;
}

/* Dead letters in the store are looked up only when something is missing. */
bool
ledger_is_fulfilled(const struct ledger *ledger, int id)
{
	struct simulation *simulation = simulation_of((struct ledger *)ledger);

	if (is_fulfilled(simulation, &ledger->entries[id]))
		return true;
	life_count_dead(simulation);
	return is_fulfilled(simulation, &ledger->entries[id]);
}
