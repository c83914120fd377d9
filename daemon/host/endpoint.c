/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint.c - an endpoint's life.
 */
#include "daemon/host/endpoint.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/log.h"

#define BACK_OFF_FIRST_MS 250
#define BACK_OFF_LAST_MS 5000

/* --- Opening --- */

static void
reconnect(void *argument)
{
	dk_endpoint_connect(argument);
}

static struct dk_endpoint *
make(const struct dk_surroundings *surroundings, const struct dk_plan *plan, size_t number)
{
	struct dk_endpoint *endpoint = calloc(1, sizeof(*endpoint));

	if (!endpoint)
		abort();
	endpoint->plan = &plan->endpoints[number];
	endpoint->opened_by = endpoint->subscribed_by = plan;
	endpoint->flow = surroundings->flow;
	endpoint->replay = surroundings->replay;
	endpoint->loop = surroundings->loop;
	endpoint->back_off_ms = BACK_OFF_FIRST_MS;
	endpoint->reconnect = dk_loop_timer(endpoint->loop, reconnect, endpoint);
	dk_list_init(&endpoint->link);
	dk_list_init(&endpoint->events);
	dk_handover_init(endpoint);
	return endpoint;
}

int
dk_endpoint_open(struct dk_endpoint **opened, const struct dk_surroundings *surroundings,
		 const struct dk_plan *plan, size_t number, struct dk_endpoint *before,
		 struct dk_error *error)
{
	struct dk_endpoint *endpoint = make(surroundings, plan, number);

	*opened = endpoint;
	endpoint->before = before;
	endpoint->object = endpoint->plan->plugin->open(
		&dk_host_functions, endpoint, endpoint->plan->name, endpoint->plan->config, error);
	if (endpoint->object)
		return dk_endpoint_make_sides(endpoint, plan, number, error);
	endpoint->life = DK_LIFE_CLOSED;
	return -1;
}

/* --- Living --- */

void
dk_endpoint_connect(struct dk_endpoint *endpoint)
{
	if (!endpoint->plan->plugin->connect || endpoint->life != DK_LIFE_OPENED)
		return;
	if (endpoint->replay && !endpoint->sink)
		return;
	endpoint->life = DK_LIFE_CONNECTING;
	endpoint->plan->plugin->connect(endpoint->object);
}

void
dk_endpoint_up(struct dk_endpoint *endpoint)
{
	if (endpoint->life >= DK_LIFE_CLOSING)
		return;
	if (endpoint->life != DK_LIFE_UP) {
		dk_log(DK_INFO, endpoint->plan->name, "connected", NULL);
		endpoint->connects++;
	}
	endpoint->life = DK_LIFE_UP;
	*endpoint->reason = '\0';
	endpoint->back_off_ms = BACK_OFF_FIRST_MS;
	dk_complain(endpoint->plan->name, "disconnected", NULL);
	if (endpoint->sink)
		dk_sink_up(endpoint->sink);
}

/* The wait doubles; a random part of a quarter keeps many daemons from coming back together. */
void
dk_endpoint_down(struct dk_endpoint *endpoint, const char *reason)
{
	if (endpoint->life >= DK_LIFE_CLOSING)
		return;
	endpoint->life = DK_LIFE_OPENED;
	snprintf(endpoint->reason, sizeof(endpoint->reason), "%s", reason);
	dk_complain(endpoint->plan->name, "disconnected", reason);
	if (endpoint->sink)
		dk_sink_down(endpoint->sink);
	if (!endpoint->plan->plugin->connect)
		return;
	dk_loop_timer_set(endpoint->reconnect,
			  endpoint->back_off_ms - rand() % (endpoint->back_off_ms / 4 + 1));
	if (endpoint->back_off_ms < BACK_OFF_LAST_MS)
		endpoint->back_off_ms *= 2;
}

/* --- Closing --- */

void
dk_endpoint_leave(struct dk_endpoint *endpoint)
{
	endpoint->is_leaving = true;
	if (endpoint->source) {
		dk_source_stop(endpoint->source);
		dk_source_unsubscribe(endpoint->source);
	}
	if (endpoint->sink)
		dk_sink_leave(endpoint->sink);
}

bool
dk_endpoint_is_quiet(const struct dk_endpoint *endpoint)
{
	const struct dk_source *source = endpoint->source;

	return (!endpoint->sink || dk_sink_state(endpoint->sink).in_flight == 0) &&
	       (!source || dk_source_is_quiet(source) || dk_source_is_stuck(source));
}

void
dk_endpoint_close(struct dk_endpoint *endpoint)
{
	if (endpoint->life >= DK_LIFE_CLOSING)
		return;
	endpoint->life = DK_LIFE_CLOSING;
	dk_loop_timer_set(endpoint->reconnect, -1);
	if (endpoint->sink && !endpoint->before)
		dk_sink_down(endpoint->sink);
	dk_flow_remove_hooks(endpoint->flow, endpoint->object);
	endpoint->plan->plugin->close(endpoint->object);
}

void
dk_endpoint_closed(struct dk_endpoint *endpoint)
{
	endpoint->life = DK_LIFE_CLOSED;
}
