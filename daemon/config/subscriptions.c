/* SPDX-License-Identifier: Apache-2.0
 *
 * subscriptions.c - which subscription of an endpoint brings messages to which routes.
 */
#include <stdlib.h>

#include "daemon/base/map.h"
#include "daemon/config/compile.h"

/* The interests of one endpoint, side by side, as its plugin wants to see them. */
struct gathering {
	struct dk_interest *interests;
	struct dk_from **froms;
	size_t count, room;
};

/* One for each endpoint, with room for its own. */
static struct gathering *
make_gatherings(struct dk_compiling *compiling)
{
	struct dk_plan *plan = compiling->plan;
	struct gathering *gatherings =
		dk_memory_take(compiling->memory, plan->endpoint_count * sizeof(*gatherings));

	for (size_t i = 0; i < plan->from_count; i++)
		gatherings[plan->froms[i].endpoint].room++;
	for (size_t i = 0; i < plan->endpoint_count; i++) {
		gatherings[i].interests = dk_memory_take(
			compiling->memory, gatherings[i].room * sizeof(struct dk_interest));
		gatherings[i].froms = dk_memory_take(compiling->memory,
						     gatherings[i].room * sizeof(struct dk_from *));
	}
	return gatherings;
}

static struct gathering *
gather(struct dk_compiling *compiling)
{
	struct dk_plan *plan = compiling->plan;
	struct gathering *gatherings = make_gatherings(compiling);

	for (size_t i = 0; i < plan->from_count; i++) {
		struct dk_from *from = &plan->froms[i];
		struct gathering *gathering = &gatherings[from->endpoint];

		gathering->interests[gathering->count] = from->interest;
		from->placed = &gathering->interests[gathering->count];
		gathering->froms[gathering->count++] = from;
	}
	return gatherings;
}

static void
free_matcher(void *matcher)
{
	dk_matcher_free(matcher);
}

static const char *
name_of(const struct dk_interest *interest)
{
	return interest->subscription ? interest->subscription : interest->filter;
}

/* One for each name, with the number of its interests. */
static void
count(struct dk_endpoint_plan *endpoint, const struct gathering *gathering, struct dk_map *by_name)
{
	for (size_t i = 0; i < gathering->count; i++) {
		struct dk_slice name = dk_slice_of(name_of(&gathering->interests[i]));
		struct dk_subscription_plan *subscription = dk_map_find(by_name, name);

		if (!subscription) {
			subscription = &endpoint->subscriptions[endpoint->subscription_count++];
			subscription->name = name.data;
			dk_map_put(by_name, name, subscription);
		}
		subscription->interest_count++;
	}
}

/* Room for as many interests as were counted. */
static void
make(struct dk_compiling *compiling, const struct dk_endpoint_plan *endpoint,
     struct dk_subscription_plan *subscription)
{
	subscription->interests = dk_memory_take(
		compiling->memory, subscription->interest_count * sizeof(struct dk_interest *));
	subscription->interest_count = 0;
	subscription->matcher = dk_matcher_new(endpoint->plugin->dialect);
	dk_memory_keep(compiling->memory, subscription->matcher, free_matcher);
}

static void
subscribe(struct dk_compiling *compiling, struct dk_endpoint_plan *endpoint,
	  const struct gathering *gathering)
{
	struct dk_map by_name = { 0 };

	endpoint->subscriptions = dk_memory_take(
		compiling->memory, gathering->count * sizeof(*endpoint->subscriptions));
	count(endpoint, gathering, &by_name);
	for (size_t i = 0; i < endpoint->subscription_count; i++)
		make(compiling, endpoint, &endpoint->subscriptions[i]);
	for (size_t i = 0; i < gathering->count; i++) {
		struct dk_interest *interest = &gathering->interests[i];
		struct dk_subscription_plan *subscription =
			dk_map_find(&by_name, dk_slice_of(name_of(interest)));

		subscription->interests[subscription->interest_count++] = interest;
		dk_matcher_add(subscription->matcher, gathering->froms[i]->pattern,
			       (void *)(uintptr_t)gathering->froms[i]->route);
	}
	dk_map_clear(&by_name);
}

/* Those that there are, also where it failed halfway. */
static void
keep_names(struct dk_plan_memory *memory, const struct gathering *gathering)
{
	for (size_t i = 0; i < gathering->count; i++)
		if (gathering->interests[i].subscription)
			dk_memory_keep(memory, gathering->interests[i].subscription, free);
}

void
dk_compile_subscriptions(struct dk_compiling *compiling)
{
	struct gathering *gatherings = gather(compiling);

	for (size_t i = 0; i < compiling->plan->endpoint_count; i++) {
		struct dk_endpoint_plan *endpoint = &compiling->plan->endpoints[i];
		const struct gathering *gathering = &gatherings[i];
		const struct dk_source_functions *source = endpoint->plugin->source;
		struct dk_error error;
		int result = 0;

		if (gathering->count == 0)
			continue;
		if (source->name_subscriptions)
			result = source->name_subscriptions(endpoint->config, gathering->interests,
							    gathering->count, &error);
		keep_names(compiling->memory, gathering);
		if (result != 0) {
			dk_fault(compiling->faults, endpoint->place, "endpoint %s: %s",
				 endpoint->name, error.text);
			continue;
		}
		subscribe(compiling, endpoint, gathering);
	}
}
