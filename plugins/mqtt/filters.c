/* SPDX-License-Identifier: Apache-2.0
 *
 * filters.c - the filters that a source subscribes to; see filters.h.
 *
 * Each is asked for in a packet of its own, for a packet has room for one identifier. An identifier
 * is made of the filter's text, so that what the broker keeps for us over a change of the
 * configuration comes with the same one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/hash.h"
#include "plugins/mqtt/filters.h"

#define IDENTIFIERS 268435455u /* MQTT 5.0 section 3.8.2.1.2: from 1 to this */

/* --- Identifiers --------------------------------------------------------------------------- */

static uint32_t
hash_of(const char *text)
{
	uint64_t hash = dk_hash_slice(DK_HASH_SEED, (struct dk_slice){ text, strlen(text) });

	return (uint32_t)(dk_hash_fold(hash) % IDENTIFIERS) + 1;
}

static int
compare_ids(const void *a, const void *b, void *list)
{
	const struct mqtt_filter *filters = list;
	uint32_t x = filters[*(const size_t *)a].id, y = filters[*(const size_t *)b].id;

	return x < y ? -1 : x > y;
}

/* Two of the same hash: one moves on to the next that is free, and back again until none do. */
static void
give_ids(struct mqtt_filters *filters)
{
	bool is_moved = true;

	for (size_t i = 0; i < filters->count; i++) {
		filters->list[i].id = hash_of(filters->list[i].subscription->name);
		filters->by_id[i] = i;
	}
	while (is_moved) {
		is_moved = false;
		qsort_r(filters->by_id, filters->count, sizeof(*filters->by_id), compare_ids,
			filters->list);
		for (size_t i = 1; i < filters->count; i++) {
			struct mqtt_filter *a = &filters->list[filters->by_id[i - 1]];
			struct mqtt_filter *b = &filters->list[filters->by_id[i]];

			if (a->id != b->id)
				continue;
			b->id = b->id % IDENTIFIERS + 1;
			is_moved = true;
		}
	}
}

struct mqtt_filter *
mqtt_filters_find(const struct mqtt_filters *filters, uint32_t id)
{
	size_t low = 0, high = filters->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (filters->list[filters->by_id[middle]].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == filters->count || filters->list[filters->by_id[low]].id != id)
		return NULL;
	return &filters->list[filters->by_id[low]];
}

bool
mqtt_filters_had(const struct mqtt_filters *filters, uint32_t id)
{
	for (size_t i = 0; i < filters->gone_id_count; i++)
		if (filters->gone_ids[i] == id)
			return true;
	return false;
}

/* --- Topics -------------------------------------------------------------------------------- */

bool
mqtt_filters_cross(const struct mqtt_filters *filters)
{
	struct mqtt_index *before = mqtt_index_new();
	bool is_cross = false;

	for (size_t i = 0; i < filters->count && !is_cross; i++) {
		is_cross = mqtt_index_overlap(before, filters->list[i].text) != SIZE_MAX;
		mqtt_index_add(before, filters->list[i].text, i);
	}
	mqtt_index_free(before);
	return is_cross;
}

/* --- Sets ---------------------------------------------------------------------------------- */

struct mqtt_filters *
mqtt_filters_hold(struct mqtt_filters *const *place, struct mqtt_session *session)
{
	struct mqtt_filters *filters;

	pthread_mutex_lock(&session->lock);
	filters = *place;
	filters->uses++;
	pthread_mutex_unlock(&session->lock);
	return filters;
}

void
mqtt_filters_release(struct mqtt_filters *filters)
{
	struct mqtt_session *session = filters->session;

	pthread_mutex_lock(&session->lock);
	filters->uses--;
	pthread_mutex_unlock(&session->lock);
}

static void
free_gone(struct mqtt_filters *filters)
{
	while (filters->gone_count > 0)
		free(filters->gone[--filters->gone_count]);
}

static void
free_set(struct mqtt_filters *filters)
{
	free_gone(filters);
	free(filters->gone);
	free(filters->gone_ids);
	mqtt_index_free(filters->index);
	free(filters->by_id);
	free(filters->list);
	free(filters);
}

void
mqtt_filters_free(struct mqtt_filters *filters)
{
	while (filters) {
		struct mqtt_filters *before = filters->before;

		free_set(filters);
		filters = before;
	}
}

/* Under the lock. An answer that never comes, after a lost connection, keeps a set until the end. */
static void
free_unused(struct mqtt_filters *newest)
{
	struct mqtt_filters **at = &newest->before;

	while (*at) {
		struct mqtt_filters *filters = *at;

		if (filters->uses > 0 || filters->open > 0) {
			at = &filters->before;
			continue;
		}
		*at = filters->before;
		free_set(filters);
	}
}

/* --- From the configuration ---------------------------------------------------------------- */

static void
fill_in(struct mqtt_filter *filter, const struct mqtt_config *config)
{
	const struct dk_subscription *subscription = filter->subscription;
	const struct mqtt_from *first = subscription->interests[0]->options;

	filter->text = subscription->name;
	filter->is_shared = config->version == MQTT_5 && first->share;
	if (filter->is_shared)
		filter->text += strlen("$share/") + strlen(first->share) + 1;
	for (size_t i = 0; i < subscription->interest_count; i++) {
		const struct mqtt_from *from = subscription->interests[i]->options;
		int qos = mqtt_qos(from->qos, config);

		if (qos > filter->asked)
			filter->asked = qos;
	}
	filter->drops_own = first->no_local;
	filter->granted = MQTT_NOT_ASKED;
	filter->is_new = true;
	/* noLocal is for what one connection publishes and receives: ours are two. */
	filter->options = (MQTTSubscribe_options)MQTTSubscribe_options_initializer;
	filter->options.retainAsPublished = first->retain_as_published;
	filter->options.retainHandling = (unsigned char)first->retain_handling;
}

static struct mqtt_filters *
make(struct mqtt_session *session, struct dk_subscription *const *subscriptions, size_t count)
{
	struct mqtt_filters *filters = calloc(1, sizeof(*filters));

	if (!filters)
		abort();
	filters->session = session;
	filters->count = count;
	filters->list = calloc(count, sizeof(*filters->list));
	filters->by_id = calloc(count, sizeof(*filters->by_id));
	filters->index = mqtt_index_new();
	if (!filters->list || !filters->by_id)
		abort();
	for (size_t i = 0; i < count; i++) {
		filters->list[i].filters = filters;
		filters->list[i].subscription = subscriptions[i];
		fill_in(&filters->list[i], session->endpoint->config);
		mqtt_index_add(filters->index, filters->list[i].text, i);
	}
	give_ids(filters);
	return filters;
}

static int
compare_names(const void *a, const void *b)
{
	const struct mqtt_filter *const *x = a, *const *y = b;

	return strcmp((*x)->subscription->name, (*y)->subscription->name);
}

/* By name. To be freed. */
static struct mqtt_filter **
sort(const struct mqtt_filters *filters)
{
	struct mqtt_filter **sorted = calloc(filters->count + 1, sizeof(struct mqtt_filter *));

	if (!sorted)
		abort();
	for (size_t i = 0; i < filters->count; i++)
		sorted[i] = &filters->list[i];
	qsort(sorted, filters->count, sizeof(*sorted), compare_names);
	return sorted;
}

static struct mqtt_filter *
find(struct mqtt_filter *const *sorted, size_t count, const char *name)
{
	const struct dk_subscription subscription = { .name = name };
	const struct mqtt_filter wanted = {
		.subscription = (struct dk_subscription *)(uintptr_t)&subscription
	};
	const struct mqtt_filter *key = &wanted;
	struct mqtt_filter *const *found =
		bsearch(&key, sorted, count, sizeof(struct mqtt_filter *), compare_names);

	return found ? *found : NULL;
}

static bool
is_asked_alike(const struct mqtt_filter *a, const struct mqtt_filter *b)
{
	return a->id == b->id && a->asked == b->asked &&
	       a->options.retainAsPublished == b->options.retainAsPublished &&
	       a->options.retainHandling == b->options.retainHandling;
}

static void
add_gone(struct mqtt_filters *filters, const char *name)
{
	char *gone = strdup(name);

	if (!gone)
		abort();
	filters->gone[filters->gone_count++] = gone;
	filters->gone_ids[filters->gone_id_count++] = hash_of(name);
}

static size_t
count_lines(const char *text)
{
	size_t count = 0;

	while ((text = strchr(text, '\n'))) {
		count++;
		text++;
	}
	return count;
}

/* What an earlier run has left. */
static void
add_left(struct mqtt_filters *filters, struct mqtt_filter *const *sorted, const char *left)
{
	for (const char *end; (end = strchr(left, '\n')); left = end + 1) {
		struct mqtt_filter *found;
		char *name = strndup(left, (size_t)(end - left));

		if (!name)
			abort();
		found = find(sorted, filters->count, name);
		if (found)
			found->is_new = false;
		else if (*name)
			add_gone(filters, name);
		free(name);
	}
}

/* Under the lock. */
static void
take_over(struct mqtt_filters *filters, struct mqtt_filter *const *sorted,
	  const struct mqtt_filters *before)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct mqtt_filter *old = &before->list[i];
		struct mqtt_filter *found = find(sorted, filters->count, old->subscription->name);

		if (!found) {
			add_gone(filters, old->subscription->name);
			continue;
		}
		found->is_new = false;
		if (is_asked_alike(old, found))
			found->granted = old->granted;
	}
	for (size_t i = 0; i < before->gone_count; i++)
		if (!find(sorted, filters->count, before->gone[i]))
			add_gone(filters, before->gone[i]);
}

void
mqtt_filters_renew(struct mqtt_filters **place, struct mqtt_session *session,
		   struct dk_subscription *const *subscriptions, size_t count, const char *left)
{
	struct mqtt_filters *filters = make(session, subscriptions, count), *before = *place;
	struct mqtt_filter **sorted = sort(filters);
	size_t lines = left ? count_lines(left) : 0;

	pthread_mutex_lock(&session->lock);
	lines += before ? before->count + before->gone_count : 0;
	filters->gone = calloc(lines + 1, sizeof(char *));
	filters->gone_ids = calloc(lines + 1, sizeof(uint32_t));
	if (!filters->gone || !filters->gone_ids)
		abort();
	if (left)
		add_left(filters, sorted, left);
	if (before)
		take_over(filters, sorted, before);
	filters->before = *place;
	*place = filters;
	free_unused(filters);
	pthread_mutex_unlock(&session->lock);
	free(sorted);
}

/* One with an end of line in it is left out. */
static void
put_line(FILE *out, const char *name)
{
	if (!strchr(name, '\n'))
		fprintf(out, "%s\n", name);
}

char *
mqtt_filters_list(struct mqtt_filters *filters)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	for (size_t i = 0; i < filters->count; i++)
		put_line(out, filters->list[i].subscription->name);
	pthread_mutex_lock(&filters->session->lock);
	for (size_t i = 0; i < filters->gone_count; i++)
		put_line(out, filters->gone[i]);
	pthread_mutex_unlock(&filters->session->lock);
	fclose(out);
	return text;
}
