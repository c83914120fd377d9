/* SPDX-License-Identifier: Apache-2.0
 *
 * status.c - how it goes, in one line.
 */
#include "daemon/surface/status.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/surface/health.h"

static uint64_t
count_delivered(const struct dk_gateway *gateway, const struct dk_plan *plan)
{
	uint64_t delivered = 0;

	for (size_t i = 0; i < plan->route_count; i++)
		delivered += dk_flow_route_account(dk_gateway_flow(gateway), i)->delivered;
	return delivered;
}

/* How many endpoints are connected, and the name of one that is not. */
static size_t
count_connected(const struct dk_gateway *gateway, const struct dk_plan *plan, const char **absent)
{
	size_t connected = 0;

	*absent = NULL;
	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (dk_gateway_is_connected(gateway, i))
			connected++;
		else if (!*absent)
			*absent = plan->endpoints[i].name;
	return connected;
}

void
dk_status_line(const struct dk_gateway *gateway, const struct dk_plan *plan, const char *path,
	       char *line, size_t room)
{
	const char *const *reasons;
	const char *absent;
	size_t connected = count_connected(gateway, plan, &absent);

	if (plan->route_count == 0)
		snprintf(line, room,
			 "nothing to carry: there is no route in %s; edit it, check it with "
			 "diolkosd -t, then systemctl reload diolkos",
			 path);
	else if (dk_health_reasons(&reasons) > 0)
		snprintf(line, room, "not well: %s", reasons[0]);
	else
		snprintf(line, room,
			 "%zu of %zu endpoints connected%s%s; %zu routes, %" PRIu64
			 " messages delivered",
			 connected, plan->endpoint_count, absent ? ", waiting for " : "",
			 absent ? absent : "", plan->route_count, count_delivered(gateway, plan));
}
