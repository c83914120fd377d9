/* SPDX-License-Identifier: Apache-2.0
 *
 * difference.c - what of one plan is another in the next, found by printing both: what prints the
 * same, with its secrets, is the same.
 */
#include "daemon/config/difference.h"

#include <stdlib.h>

#include "daemon/base/map.h"
#include "daemon/config/options.h"
#include "daemon/config/render.h"

/* --- Plans, printed --- */

/* Where each part of the text ends: what is for all, then endpoints, then routes. */
struct printed {
	char *text;
	size_t length;
	size_t *ends;
};

static void
print(struct printed *printed, const struct dk_plan *plan)
{
	FILE *out = open_memstream(&printed->text, &printed->length);
	struct dk_rendering rendering = { .plan = plan, .out = out };
	size_t part = 0;

	printed->ends = calloc(1 + plan->endpoint_count + plan->route_count, sizeof(size_t));
	if (!out || !printed->ends)
		abort();
	dk_put_settings(&rendering);
	dk_put_lists(&rendering);
	printed->ends[part++] = (size_t)ftell(out);
	for (size_t i = 0; i < plan->endpoint_count; i++) {
		dk_put_endpoint(&rendering, &plan->endpoints[i]);
		printed->ends[part++] = (size_t)ftell(out);
	}
	for (size_t i = 0; i < plan->route_count; i++) {
		dk_put_route(&rendering, &plan->routes[i]);
		printed->ends[part++] = (size_t)ftell(out);
	}
	fclose(out);
}

static struct dk_slice
part_of(const struct printed *printed, size_t part)
{
	size_t begin = part > 0 ? printed->ends[part - 1] : 0;

	return dk_slice_new(printed->text + begin, printed->ends[part] - begin);
}

static void
forget(struct printed *printed)
{
	free(printed->text);
	free(printed->ends);
}

/* --- Parts --- */

struct comparing {
	const struct dk_plan *old, *new;
	struct printed old_text, new_text;
	struct dk_difference *difference;
};

static void *
make_array(size_t count, size_t size)
{
	void *array = calloc(count + 1, size);

	if (!array)
		abort();
	return array;
}

/* The number of one of that name plus one, as a map takes no 0; as a pointer. */
static void
note(struct dk_map *map, const char *name, size_t number)
{
	dk_map_put(map, dk_slice_of(name), (void *)(uintptr_t)(number + 1));
}

static size_t
find(const struct dk_map *map, const char *name)
{
	uintptr_t number = (uintptr_t)dk_map_find(map, dk_slice_of(name));

	return number > 0 ? (size_t)number - 1 : DK_GONE;
}

static void
compare_routes(const struct comparing *comparing)
{
	struct dk_map numbers = { 0 };

	for (size_t i = 0; i < comparing->new->route_count; i++)
		note(&numbers, comparing->new->routes[i].name, i);
	for (size_t i = 0; i < comparing->old->route_count; i++) {
		struct dk_passage *passage = &comparing->difference->routes[i];

		passage->now = find(&numbers, comparing->old->routes[i].name);
		passage->is_same =
			passage->now != DK_GONE &&
			dk_slice_is(part_of(&comparing->old_text,
					       1 + comparing->old->endpoint_count + i),
				       part_of(&comparing->new_text,
					       1 + comparing->new->endpoint_count + passage->now));
	}
	dk_map_clear(&numbers);
}

/* One that begins or ends to be a source, or a sink, is another endpoint to its plugin. */
static bool
is_same_endpoint(const struct comparing *comparing, size_t old_number, size_t new_number)
{
	const struct dk_endpoint_plan *old = &comparing->old->endpoints[old_number];
	const struct dk_endpoint_plan *new = &comparing->new->endpoints[new_number];

	return old->files == new->files && old->is_sink == new->is_sink &&
	       (old->subscription_count > 0) == (new->subscription_count > 0) &&
	       dk_slice_is(part_of(&comparing->old_text, 1 + old_number),
			      part_of(&comparing->new_text, 1 + new_number));
}

static void
compare_endpoint(const struct comparing *comparing, size_t number, size_t now)
{
	struct dk_difference *difference = comparing->difference;
	const struct dk_endpoint_plan *old = &comparing->old->endpoints[number];
	const struct dk_endpoint_plan *new = &comparing->new->endpoints[now];
	bool is_same = is_same_endpoint(comparing, number, now);

	difference->endpoints[number] = (struct dk_passage){ now, is_same };
	if (old->subscription_count > 0 && new->subscription_count > 0)
		difference->sources[number] = difference->endpoints[number];
	if (old->is_sink && new->is_sink)
		difference->sinks[number] = difference->endpoints[number];
	difference->is_whole |= old->plugin != new->plugin;
}

static void
compare_endpoints(const struct comparing *comparing)
{
	const struct dk_passage gone = { DK_GONE, false };
	struct dk_difference *difference = comparing->difference;
	struct dk_map numbers = { 0 };

	for (size_t i = 0; i < comparing->new->endpoint_count; i++)
		note(&numbers, comparing->new->endpoints[i].name, i);
	for (size_t i = 0; i < comparing->old->endpoint_count; i++) {
		size_t now = find(&numbers, comparing->old->endpoints[i].name);

		difference->endpoints[i] = difference->sources[i] = difference->sinks[i] = gone;
		if (now != DK_GONE)
			compare_endpoint(comparing, i, now);
	}
	dk_map_clear(&numbers);
}

/* --- Subscriptions --- */

static bool
are_same_options(const struct dk_options *table, const void *old, const void *new)
{
	for (const struct dk_option *row = table->rows; row && row->name; row++)
		if (!dk_option_is_same(row, old, new))
			return false;
	return true;
}

static bool
are_same_interests(const struct dk_subscription_plan *old, const struct dk_subscription_plan *new,
		   const struct dk_options *table)
{
	if (old->interest_count != new->interest_count || strcmp(old->name, new->name) != 0)
		return false;
	for (size_t i = 0; i < old->interest_count; i++)
		if (strcmp(old->interests[i]->filter, new->interests[i]->filter) != 0 ||
		    !are_same_options(table, old->interests[i]->options,
				      new->interests[i]->options))
			return false;
	return true;
}

static bool
subscribes_alike(const struct dk_endpoint_plan *old, const struct dk_endpoint_plan *new)
{
	if (old->subscription_count != new->subscription_count)
		return false;
	for (size_t i = 0; i < old->subscription_count; i++)
		if (!are_same_interests(&old->subscriptions[i], &new->subscriptions[i],
					&old->plugin->from))
			return false;
	return true;
}

static void
compare_subscriptions(const struct comparing *comparing)
{
	for (size_t i = 0; i < comparing->old->endpoint_count; i++) {
		const struct dk_passage *passage = &comparing->difference->endpoints[i];

		comparing->difference->subscribes_alike[i] =
			passage->is_same &&
			subscribes_alike(&comparing->old->endpoints[i],
					 &comparing->new->endpoints[passage->now]);
	}
}

/* --- The whole --- */

/* What spools, the store of dead letters and plugins were opened with. */
static bool
is_founded_alike(const struct dk_settings *old, const struct dk_settings *new)
{
	return strcmp(old->state, new->state) == 0 && old->spool_sync_ms == new->spool_sync_ms &&
	       old->spool_size == new->spool_size && old->dead_size == new->dead_size &&
	       old->store_timeout_ms == new->store_timeout_ms;
}

static bool
are_all_same(const struct dk_passage *passages, size_t old_count, size_t new_count)
{
	for (size_t i = 0; i < old_count; i++)
		if (!passages[i].is_same || passages[i].now != i)
			return false;
	return old_count == new_count;
}

struct dk_difference *
dk_difference_new(const struct dk_plan *old, const struct dk_plan *new)
{
	struct dk_difference *difference = make_array(1, sizeof(*difference));
	struct comparing comparing = { .old = old, .new = new, .difference = difference };

	difference->routes = make_array(old->route_count, sizeof(struct dk_passage));
	difference->endpoints = make_array(old->endpoint_count, sizeof(struct dk_passage));
	difference->sources = make_array(old->endpoint_count, sizeof(struct dk_passage));
	difference->sinks = make_array(old->endpoint_count, sizeof(struct dk_passage));
	difference->subscribes_alike = make_array(old->endpoint_count, sizeof(bool));
	print(&comparing.old_text, old);
	print(&comparing.new_text, new);
	compare_routes(&comparing);
	compare_endpoints(&comparing);
	compare_subscriptions(&comparing);
	difference->is_whole |= !is_founded_alike(&old->settings, &new->settings);
	difference->is_none =
		dk_slice_is(part_of(&comparing.old_text, 0), part_of(&comparing.new_text, 0)) &&
		are_all_same(difference->endpoints, old->endpoint_count, new->endpoint_count) &&
		are_all_same(difference->routes, old->route_count, new->route_count);
	forget(&comparing.old_text);
	forget(&comparing.new_text);
	return difference;
}

void
dk_difference_free(struct dk_difference *difference)
{
	if (!difference)
		return;
	free(difference->routes);
	free(difference->endpoints);
	free(difference->sources);
	free(difference->sinks);
	free(difference->subscribes_alike);
	free(difference);
}

/* --- For people --- */

/* The parts of one kind of both plans. */
struct kind {
	const char *name;
	size_t old_count, new_count;
	const struct dk_passage *passages;
	const char *(*name_of)(const struct dk_plan *plan, size_t number);
};

static const char *
name_of_endpoint(const struct dk_plan *plan, size_t number)
{
	return plan->endpoints[number].name;
}

static const char *
name_of_route(const struct dk_plan *plan, size_t number)
{
	return plan->routes[number].name;
}

static void
print_kind(const struct kind *kind, const struct dk_plan *old, const struct dk_plan *new, FILE *out)
{
	bool *is_known = make_array(kind->new_count, sizeof(*is_known));
	size_t same = 0;

	for (size_t i = 0; i < kind->old_count; i++) {
		const struct dk_passage *passage = &kind->passages[i];

		same += passage->is_same;
		if (passage->now != DK_GONE)
			is_known[passage->now] = true;
		if (!passage->is_same)
			fprintf(out, "%c %s %s\n", passage->now == DK_GONE ? '-' : '~', kind->name,
				kind->name_of(old, i));
	}
	for (size_t i = 0; i < kind->new_count; i++)
		if (!is_known[i])
			fprintf(out, "+ %s %s\n", kind->name, kind->name_of(new, i));
	if (same > 0)
		fprintf(out, "= %zu %s%s as before\n", same, kind->name, same > 1 ? "s" : "");
	free(is_known);
}

/* What a reload cannot take over: the daemon has opened it at the start. */
static void
print_opened(const char *name, const char *old, const char *new, FILE *out)
{
	if (strcmp(old ? old : "", new ? new : "") != 0)
		fprintf(out, "! %s is read at the start alone: a restart takes it over\n", name);
}

void
dk_difference_print(const struct dk_difference *difference, const struct dk_plan *old,
		    const struct dk_plan *new, FILE *out)
{
	const struct kind kinds[] = {
		{ "endpoint", old->endpoint_count, new->endpoint_count, difference->endpoints,
		  name_of_endpoint },
		{ "route", old->route_count, new->route_count, difference->routes, name_of_route },
	};

	if (difference->is_whole)
		fputs("~ what all of it stands on: everything begins anew\n", out);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		print_kind(&kinds[i], old, new, out);
	print_opened("http.listen", old->settings.http_listen, new->settings.http_listen, out);
	print_opened("control.socket", old->settings.control_socket, new->settings.control_socket,
		     out);
}
