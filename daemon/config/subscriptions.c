/* SPDX-License-Identifier: Apache-2.0
 *
 * subscriptions.c - which subscription of an endpoint brings messages to which routes.
 */
#include <stdlib.h>

#include "daemon/config/compile.h"

/* The interests of one endpoint, side by side, as its plugin wants to see them. */
struct gathering {
	struct dk_interest *interests;
	const struct dk_from **froms;
	size_t count;
};

static struct gathering
gather(struct dk_compiling *compiling, size_t endpoint)
{
	struct gathering gathering = {
		dk_memory_take(compiling->memory, compiling->from_count * sizeof(struct dk_interest)),
		dk_memory_take(compiling->memory, compiling->from_count * sizeof(struct dk_from *)),
		0,
	};

	for (size_t i = 0; i < compiling->from_count; i++) {
		if (compiling->froms[i].endpoint != endpoint)
			continue;
		gathering.interests[gathering.count] = compiling->froms[i].interest;
		gathering.froms[gathering.count++] = &compiling->froms[i];
	}
	return gathering;
}

static void
free_matcher(void *matcher)
{
	dk_matcher_free(matcher);
}

static struct dk_subscription_plan *
subscription_of(struct dk_compiling *compiling, struct dk_endpoint_plan *endpoint,
		const char *name, size_t interests)
{
	struct dk_subscription_plan *subscription;

	for (size_t i = 0; i < endpoint->subscription_count; i++)
		if (strcmp(endpoint->subscriptions[i].name, name) == 0)
			return &endpoint->subscriptions[i];
	subscription = &endpoint->subscriptions[endpoint->subscription_count++];
	subscription->name = name;
	subscription->interests =
		dk_memory_take(compiling->memory, interests * sizeof(struct dk_interest *));
	subscription->matcher = dk_matcher_new(endpoint->plugin->dialect);
	dk_memory_keep(compiling->memory, subscription->matcher, free_matcher);
	return subscription;
}

static void
subscribe(struct dk_compiling *compiling, struct dk_endpoint_plan *endpoint,
	  const struct gathering *gathering)
{
	endpoint->subscriptions = dk_memory_take(
		compiling->memory, gathering->count * sizeof(*endpoint->subscriptions));
	for (size_t i = 0; i < gathering->count; i++) {
		struct dk_interest *interest = &gathering->interests[i];
		struct dk_subscription_plan *subscription;
		const char *name = interest->subscription ? interest->subscription :
							    interest->filter;

		if (interest->subscription)
			dk_memory_keep(compiling->memory, interest->subscription, free);
		subscription = subscription_of(compiling, endpoint, name, gathering->count);
		subscription->interests[subscription->interest_count++] = interest;
		dk_matcher_add(subscription->matcher, gathering->froms[i]->pattern,
			       gathering->froms[i]->route);
	}
}

void
dk_compile_subscriptions(struct dk_compiling *compiling)
{
	for (size_t i = 0; i < compiling->plan->endpoint_count; i++) {
		struct dk_endpoint_plan *endpoint = &compiling->plan->endpoints[i];
		struct gathering gathering = gather(compiling, i);
		const struct dk_source_functions *source = endpoint->plugin->source;
		struct dk_error error;

		if (gathering.count == 0)
			continue;
		if (source->name_subscriptions &&
		    source->name_subscriptions(endpoint->config, gathering.interests,
					       gathering.count, &error) != 0) {
			dk_fault(compiling->faults, endpoint->place, "endpoint %s: %s",
				 endpoint->name, error.text);
			continue;
		}
		subscribe(compiling, endpoint, &gathering);
	}
}
