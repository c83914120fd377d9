/* SPDX-License-Identifier: Apache-2.0
 *
 * accounts.c - what became of everything.
 */
#include "daemon/surface/accounts.h"

#include "daemon/system/log.h"

#define COUNT(name, of) DK_FIELD_NUMBER(name, (int64_t)(of))

static void
log_source(const char *name, const struct dk_source_account *account)
{
	int64_t difference = dk_source_difference(account);

	dk_log(difference ? DK_ERROR : DK_INFO, name, "account",
	       DK_FIELDS(COUNT("received", account->received),
			 COUNT("recovered", account->recovered), COUNT("routed", account->routed),
			 COUNT("filtered", account->filtered),
			 COUNT("unrouted", account->unrouted), COUNT("orphans", account->orphans),
			 COUNT("difference", difference)));
}

static void
log_route(const char *name, const struct dk_route_account *account)
{
	int64_t difference = dk_route_difference(account);

	dk_log(difference ? DK_ERROR : DK_INFO, name, "account",
	       DK_FIELDS(COUNT("created", account->created),
			 COUNT("recovered", account->recovered),
			 COUNT("delivered", account->delivered), COUNT("dead", account->dead),
			 COUNT("stale", account->stale), COUNT("rerouted", account->rerouted),
			 COUNT("in_flight", account->in_flight), COUNT("retried", account->retried),
			 COUNT("filtered", account->filtered), COUNT("difference", difference)));
}

void
dk_accounts_log(const struct dk_gateway *gateway, const struct dk_plan *plan)
{
	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (dk_gateway_source(gateway, i))
			log_source(plan->endpoints[i].name,
				   dk_source_account(dk_gateway_source(gateway, i)));
	for (size_t i = 0; i < plan->route_count; i++)
		log_route(plan->routes[i].name,
			  dk_flow_route_account(dk_gateway_flow(gateway), i));
}
