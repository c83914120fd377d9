/* SPDX-License-Identifier: Apache-2.0
 *
 * subscriptions.c - which subscriptions bring what the routes want.
 *
 * With MQTT 5 each filter is a subscription, and its identifier comes with each message that it
 * brings. Over 3.1.1 nobody says which one brought a message: so there it is a cover, see cover.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/cover.h"
#include "plugins/mqtt/mqtt.h"

static void
name_cover(struct dk_interest *interests, size_t count)
{
	const char **filters = calloc(count, sizeof(*filters));
	char **covers = calloc(count, sizeof(*covers));

	if (!filters || !covers)
		abort();
	for (size_t i = 0; i < count; i++)
		filters[i] = interests[i].filter;
	mqtt_cover(filters, count, covers);
	for (size_t i = 0; i < count; i++)
		interests[i].subscription = covers[i];
	free(filters);
	free(covers);
}

static const char *
name_of(const struct dk_interest *interest)
{
	return interest->subscription ? interest->subscription : interest->filter;
}

static int
compare_names(const void *a, const void *b)
{
	const struct dk_interest *const *x = a, *const *y = b;

	return strcmp(name_of(*x), name_of(*y));
}

/* The option in which two routes differ, of those that a filter can have only once at a broker. */
static const char *
find_difference(const struct mqtt_from *a, const struct mqtt_from *b)
{
	return a->retain_handling != b->retain_handling		  ? "retain_handling"
	       : a->retain_as_published != b->retain_as_published ? "retain_as_published"
	       : a->no_local != b->no_local			  ? "no_local"
								  : NULL;
}

static int
check_differences(const struct dk_interest *interests, size_t count, struct dk_error *error)
{
	const struct dk_interest **sorted = calloc(count, sizeof(*sorted));
	const char *option = NULL;

	if (!sorted)
		abort();
	for (size_t i = 0; i < count; i++)
		sorted[i] = &interests[i];
	qsort(sorted, count, sizeof(*sorted), compare_names);
	for (size_t i = 1; i < count && !option; i++) {
		const struct dk_interest *a = sorted[i - 1], *b = sorted[i];

		if (compare_names(&a, &b) == 0)
			option = find_difference(a->options, b->options);
		if (option)
			snprintf(error->text, sizeof(error->text),
				 "the routes %s and %s subscribe to the same filter \"%s\", which "
				 "the broker then has once, with two values of %s: which is meant?",
				 a->route, b->route, a->filter, option);
	}
	free(sorted);
	return option ? -1 : 0;
}

int
mqtt_name_subscriptions(const void *values, struct dk_interest *interests, size_t count,
			struct dk_error *error)
{
	const struct mqtt_config *config = values;

	if (config->version != MQTT_5) {
		name_cover(interests, count);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		const struct mqtt_from *from = interests[i].options;

		if (from->share && asprintf(&interests[i].subscription, "$share/%s/%s", from->share,
					    interests[i].filter) < 0)
			abort();
	}
	return check_differences(interests, count, error);
}
