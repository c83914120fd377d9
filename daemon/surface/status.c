/* SPDX-License-Identifier: Apache-2.0
 *
 * status.c - how it goes, in one line.
 */
#include "daemon/surface/status.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/flow/pause.h"
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

static bool
is_endpoint_paused(const struct dk_gateway *gateway, size_t number)
{
	const struct dk_source *source = dk_gateway_source(gateway, number);
	const struct dk_sink *sink = dk_gateway_sink(gateway, number);

	return (source && dk_source_is_paused(source)) || (sink && dk_sink_is_paused(sink));
}

/* ", paused: lake and 2 more"; nothing where nothing is. */
static void
write_paused(const struct dk_gateway *gateway, const struct dk_plan *plan, char *text, size_t room)
{
	const char *first = NULL;
	size_t count = 0;
	int length;

	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (is_endpoint_paused(gateway, i) && count++ == 0)
			first = plan->endpoints[i].name;
	for (size_t i = 0; i < plan->route_count; i++)
		if (dk_route_is_paused(dk_gateway_flow(gateway), i) && count++ == 0)
			first = plan->routes[i].name;
	*text = '\0';
	if (count == 0)
		return;
	length = snprintf(text, room, ", paused: %.60s", first);
	if (count > 1)
		snprintf(text + length, room - (size_t)length, " and %zu more", count - 1);
}

void
dk_status_line(const struct dk_gateway *gateway, const struct dk_plan *plan, const char *path,
	       char *line, size_t room)
{
	const char *const *reasons;
	const char *absent;
	size_t connected = count_connected(gateway, plan, &absent);
	char paused[128];

	write_paused(gateway, plan, paused, sizeof(paused));

	if (plan->route_count == 0)
		snprintf(line, room,
			 "nothing to carry: there is no route in %s; edit it, check it with "
			 "diolkosd -t, then systemctl reload diolkos",
			 path);
	else if (dk_health_reasons(&reasons) > 0)
		snprintf(line, room, "not well: %s", reasons[0]);
	else
		snprintf(line, room,
			 "%zu of %zu endpoints connected%s%s%s; %zu routes, %" PRIu64
			 " messages delivered",
			 connected, plan->endpoint_count, absent ? ", waiting for " : "",
			 absent ? absent : "", paused, plan->route_count,
			 count_delivered(gateway, plan));
}
