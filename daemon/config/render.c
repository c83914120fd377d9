/* SPDX-License-Identifier: Apache-2.0
 *
 * render.c - the resolved whole, as -T shows it.
 */
#include <stdlib.h>

#include "daemon/config/lists.h"
#include "daemon/config/options.h"
#include "daemon/config/plan.h"
#include "daemon/config/variables.h"

#define PUT_MAX 64

struct rendering {
	const struct dk_plan *plan;
	FILE *out;
	bool has_secrets;         /* for no person: to be compared */
	bool is_first;            /* of a list */
	const char *put[PUT_MAX]; /* the options of this route that are there already */
	size_t put_count;
};

/* In a libconfig string. A dollar that is meant as such is doubled, as in the file. */
static void
put_part(const struct rendering *rendering, const char *text, bool has_captures)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', rendering->out);
		if (*text == '$' && !(has_captures && text[1] == '{'))
			fputc('$', rendering->out);
		fputc(*text, rendering->out);
	}
}

static const char *
masked(const struct rendering *rendering, const char *text)
{
	return rendering->has_secrets ? text :
					dk_variables_mask(rendering->plan->variables, text);
}

static void
put_text(const struct rendering *rendering, const char *text)
{
	fputc('"', rendering->out);
	put_part(rendering, masked(rendering, text), false);
	fputc('"', rendering->out);
}

/* Two parts that are one text: "plant:" and an address, "name: " and a value. */
static void
put_pair(const struct rendering *rendering, const char *first, const char *between,
	 const char *second, bool has_captures)
{
	fputc('"', rendering->out);
	fprintf(rendering->out, "%s%s", first, between);
	put_part(rendering, masked(rendering, second), has_captures);
	fputc('"', rendering->out);
}

static void
put_setting(const struct rendering *rendering, const char *indent, const char *name,
	    const char *text)
{
	fprintf(rendering->out, "%s%s = ", indent, name);
	put_text(rendering, text);
	fputs(";\n", rendering->out);
}

static bool
was_put(const struct rendering *rendering, const char *name)
{
	for (size_t i = 0; i < rendering->put_count; i++)
		if (strcmp(rendering->put[i], name) == 0)
			return true;
	return false;
}

/* What two sides of a route know is said once; where they differ, the second is a comment. */
static void
put_option(struct rendering *rendering, const struct dk_option *row, const char *text)
{
	if (was_put(rendering, row->name)) {
		fputs("    # to: ", rendering->out);
		put_setting(rendering, "", row->name, text);
		return;
	}
	if (rendering->put_count < PUT_MAX)
		rendering->put[rendering->put_count++] = row->name;
	put_setting(rendering, "    ", row->name, text);
}

static const char *
text_of(const struct rendering *rendering, const struct dk_option *row, const void *values,
	char *room, size_t size)
{
	if (rendering->has_secrets && row->type == DK_SECRET)
		return *(const char *const *)(const void *)((const char *)values + row->offset);
	return dk_option_text(row, values, room, size);
}

static void
put_options(struct rendering *rendering, const struct dk_options *table, const void *values)
{
	for (const struct dk_option *row = table->rows; values && row && row->name; row++) {
		char room[64];
		const char *text = text_of(rendering, row, values, room, sizeof(room));

		if (text)
			put_option(rendering, row, text);
	}
}

/* Those that only a route's dead target knows. */
static void
put_new_options(struct rendering *rendering, const struct dk_options *table, const void *values)
{
	for (const struct dk_option *row = table->rows; values && row && row->name; row++) {
		char room[64];
		const char *text = text_of(rendering, row, values, room, sizeof(room));

		if (text && !was_put(rendering, row->name))
			put_option(rendering, row, text);
	}
}

static void
put_settings(const struct rendering *rendering)
{
	const struct dk_settings *settings = &rendering->plan->settings;

	put_setting(rendering, "", "state", settings->state);
	if (settings->plugins)
		put_setting(rendering, "", "plugins", settings->plugins);
	fprintf(rendering->out, "drain = \"%lldms\";\nstore_timeout = \"%lldms\";\n",
		(long long)settings->drain_ms, (long long)settings->store_timeout_ms);
	if (settings->spool_sync_ms == 0)
		fprintf(rendering->out, "spool = { sync = \"always\"; size = \"%lld\"; };\n",
			(long long)settings->spool_size);
	else
		fprintf(rendering->out,
			"spool = { sync = \"%lldms\"; size = \"%lld\"; }; # a power cut may cost "
			"what came in that time\n",
			(long long)settings->spool_sync_ms, (long long)settings->spool_size);
	fprintf(rendering->out, "dead = { size = \"%lld\"; };\n", (long long)settings->dead_size);
}

/* Of an option that no table describes there is only the name to tell whether it may be shown. */
static const char *
mask_by_name(const struct dk_given *given)
{
	static const char *const words[] = { "password", "secret", "token", "_pem",
					     "credential", "oauthbearer_config" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(given->name, words[i]))
			return "*****";
	return given->text;
}

static void
put_endpoint(struct rendering *rendering, const struct dk_endpoint_plan *endpoint)
{
	fprintf(rendering->out, "  %s = { # %s:%u\n", endpoint->name, endpoint->place.file,
		endpoint->place.line);
	put_setting(rendering, "    ", "plugin", endpoint->plugin->name);
	fprintf(rendering->out, "    in_flight = %lld;\n    in_flight_bytes = \"%lld\";\n",
		(long long)endpoint->in_flight, (long long)endpoint->in_flight_bytes);
	rendering->put_count = 0;
	put_options(rendering, &endpoint->plugin->endpoint, endpoint->config);
	for (size_t i = 0; i < endpoint->other_count; i++)
		put_setting(rendering, "    ", endpoint->others[i].name,
			    rendering->has_secrets ? endpoint->others[i].text :
						     mask_by_name(&endpoint->others[i]));
	fputs("  };\n", rendering->out);
}

/* Calls back for each interest of a route. */
static void
each_interest(struct rendering *rendering, const struct dk_route *route,
	      void (*put)(struct rendering *rendering,
			  const struct dk_endpoint_plan *endpoint,
			  const struct dk_interest *interest))
{
	const struct dk_plan *plan = rendering->plan;

	for (size_t i = 0; i < plan->endpoint_count; i++)
		for (size_t j = 0; j < plan->endpoints[i].subscription_count; j++) {
			const struct dk_subscription_plan *of = &plan->endpoints[i].subscriptions[j];

			for (size_t k = 0; k < of->interest_count; k++)
				if (strcmp(of->interests[k]->route, route->name) == 0)
					put(rendering, &plan->endpoints[i], of->interests[k]);
		}
}

static void
put_from(struct rendering *rendering, const struct dk_endpoint_plan *endpoint,
	 const struct dk_interest *interest)
{
	fputs(rendering->is_first ? " " : ", ", rendering->out);
	rendering->is_first = false;
	put_pair(rendering, endpoint->name, ":", interest->pattern, false);
}

static void
put_from_options(struct rendering *rendering, const struct dk_endpoint_plan *endpoint,
		 const struct dk_interest *interest)
{
	fprintf(rendering->out, "    # from %s: subscribed as \"%s\"\n", endpoint->name,
		interest->subscription ? interest->subscription : interest->filter);
	put_options(rendering, &endpoint->plugin->from, interest->options);
}

static void
put_ways(const struct rendering *rendering, const struct dk_route *route)
{
	for (size_t i = 0; i < route->way_count; i++) {
		fputs(i ? ", " : " ", rendering->out);
		put_pair(rendering, rendering->plan->endpoints[route->ways[i].endpoint].name, ":",
			 route->ways[i].target.template, !route->ways[i].target.is_literal);
	}
}

static void
put_headers(const struct rendering *rendering, const struct dk_route *route)
{
	if (route->header_count == 0)
		return;
	fputs("    headers = (", rendering->out);
	for (size_t i = 0; i < route->header_count; i++) {
		fputs(i ? ", " : " ", rendering->out);
		put_pair(rendering, route->headers[i].name.data, ": ",
			 dk_template_text(route->headers[i].value),
			 !dk_template_is_literal(route->headers[i].value));
	}
	fputs(" );\n", rendering->out);
}

static void
put_route(struct rendering *rendering, const struct dk_route *route)
{
	static const char *const orders[] = { "key", "strict", "none" };

	fprintf(rendering->out, "  %s = {\n    from = (", route->name);
	rendering->is_first = true;
	rendering->put_count = 0;
	each_interest(rendering, route, put_from);
	fputs(" );\n    to = (", rendering->out);
	put_ways(rendering, route);
	fputs(" );\n", rendering->out);
	if (route->key) {
		fputs("    key = ", rendering->out);
		put_pair(rendering, "", "", dk_template_text(route->key),
			 !dk_template_is_literal(route->key));
		fputs(";\n", rendering->out);
	}
	put_headers(rendering, route);
	if (route->dead) {
		fputs("    dead = ", rendering->out);
		put_pair(rendering, rendering->plan->endpoints[route->dead->endpoint].name, ":",
			 route->dead->target.template, false);
		fputs(";\n", rendering->out);
	}
	fprintf(rendering->out,
		"    order = \"%s\";\n    attempts = %lld;\n    retry = \"%lldms\";\n"
		"    retry_max = \"%lldms\";\n",
		orders[route->order], (long long)route->attempts, (long long)route->retry_ms,
		(long long)route->retry_max_ms);
	each_interest(rendering, route, put_from_options);
	for (size_t i = 0; i < route->way_count; i++)
		put_options(rendering,
			    &rendering->plan->endpoints[route->ways[i].endpoint].plugin->to,
			    route->ways[i].target.options);
	if (route->dead)
		put_new_options(rendering,
				&rendering->plan->endpoints[route->dead->endpoint].plugin->to,
				route->dead->target.options);
	fputs("  };\n", rendering->out);
}

static void
put_list_text(void *rendering, const char *text)
{
	put_text(rendering, text);
}

static void
print(const struct dk_plan *plan, FILE *out, bool has_secrets)
{
	struct rendering rendering = { .plan = plan, .out = out, .has_secrets = has_secrets };

	put_settings(&rendering);
	dk_variables_print(plan->variables, out);
	dk_lists_print(plan->lists, has_secrets, put_list_text, &rendering, out);
	fputs("endpoints = {\n", out);
	for (size_t i = 0; i < plan->endpoint_count; i++)
		put_endpoint(&rendering, &plan->endpoints[i]);
	fputs("};\nroutes = {\n", out);
	for (size_t i = 0; i < plan->route_count; i++)
		put_route(&rendering, &plan->routes[i]);
	fputs("};\n", out);
}

void
dk_plan_print(const struct dk_plan *plan, FILE *out)
{
	print(plan, out, false);
}

/* To be freed. */
static char *
print_text(const struct dk_plan *plan)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	print(plan, out, true);
	fclose(out);
	return text;
}

bool
dk_plan_is_same(const struct dk_plan *plan, const struct dk_plan *other)
{
	char *one = print_text(plan), *two = print_text(other);
	bool is_same = strcmp(one, two) == 0;

	free(one);
	free(two);
	return is_same;
}
