/* SPDX-License-Identifier: Apache-2.0
 *
 * render_routes.c - the routes, as -T shows them. A route of a group has a name with dots, which a
 * file could not have.
 */
#include <stdlib.h>

#include "daemon/config/layers.h"
#include "daemon/config/render.h"
#include "daemon/config/route_table.h"
#include "daemon/language/regex.h"

static const struct dk_route_origin *
origin_of(const struct dk_rendering *rendering, const struct dk_route *route)
{
	return &rendering->plan->origins[route->number];
}

static const struct dk_node *
find_setting(const void *layers, const char *name)
{
	return dk_layers_find(layers, name);
}

static void
end_line(const struct dk_rendering *rendering, const struct dk_route *route, const char *setting)
{
	fputc(';', rendering->out);
	dk_put_place(rendering, find_setting(origin_of(rendering, route)->layers, setting));
}

/* `before` and the template are one text: "plant:" and an address, "name: " and a value. */
static void
put_template(const struct dk_rendering *rendering, const char *before, const char *between,
	     const struct dk_template *template)
{
	struct dk_buffer written = { 0 }, text = { 0 };

	dk_buffer_add_text(&written, "");
	dk_template_write(template, &written);
	dk_buffer_print(&text, "%s%s%s", before, between, dk_masked(rendering, written.data));
	dk_put_written(rendering, text.data);
	dk_buffer_clear(&written);
	dk_buffer_clear(&text);
}

/* --- from and to --- */

/* In a regular expression a dollar is itself. */
static void
put_from(const struct dk_rendering *rendering, const struct dk_from *from)
{
	const struct dk_endpoint_plan *endpoint = &rendering->plan->endpoints[from->endpoint];
	struct dk_slice pattern = dk_slice_of(from->interest.pattern);
	size_t regex = dk_regex_begin(endpoint->plugin->dialect, pattern);
	struct dk_buffer text = { 0 };

	dk_buffer_print(&text, "%s:", endpoint->name);
	for (size_t i = 0; i < pattern.length; i++)
		dk_buffer_add(&text, pattern.data[i] == '$' && (regex == 0 || i < regex) ?
					     DK_SLICE("$$") :
					     dk_slice_new(&pattern.data[i], 1));
	dk_put_written(rendering, dk_masked(rendering, text.data));
	dk_buffer_clear(&text);
}

static void
put_froms(const struct dk_rendering *rendering, const struct dk_route *route)
{
	const struct dk_route_origin *origin = origin_of(rendering, route);

	fputs("    from = (", rendering->out);
	for (size_t i = 0; i < origin->from_count; i++) {
		fputs(i ? ", " : " ", rendering->out);
		put_from(rendering, &origin->froms[i]);
	}
	fputs(" )", rendering->out);
	end_line(rendering, route, "from");
}

static void
put_way(const struct dk_rendering *rendering, const struct dk_way *way)
{
	put_template(rendering, rendering->plan->endpoints[way->endpoint].name, ":", way->address);
}

static void
put_ways(const struct dk_rendering *rendering, const struct dk_route *route)
{
	fputs("    to = (", rendering->out);
	for (size_t i = 0; i < route->way_count; i++) {
		fputs(i ? ", " : " ", rendering->out);
		put_way(rendering, &route->ways[i]);
	}
	fputs(" )", rendering->out);
	end_line(rendering, route, "to");
}

/* --- The rest --- */

static void
put_headers(const struct dk_rendering *rendering, const struct dk_route *route)
{
	if (route->header_count == 0)
		return;
	fputs("    headers = (", rendering->out);
	for (size_t i = 0; i < route->header_count; i++) {
		fputs(i ? ", " : " ", rendering->out);
		put_template(rendering, route->headers[i].name.data, ": ",
			     route->headers[i].value);
	}
	fputs(" )", rendering->out);
	end_line(rendering, route, "headers");
}

/* For comparing alone. */
static void
put_constants(const struct dk_rendering *rendering, const struct dk_expression *when)
{
	struct dk_buffer constants = { 0 };

	dk_expression_add_constants(when, &constants);
	fwrite(constants.data, 1, constants.length, rendering->out);
	dk_buffer_clear(&constants);
}

/* What is masked is still a condition. */
static void
put_when(const struct dk_rendering *rendering, const struct dk_route *route)
{
	const char *when = dk_expression_text(route->when), *masked = dk_masked(rendering, when);

	fputs("    when = ", rendering->out);
	dk_put_written(rendering, masked == when ? when : "'*****'");
	end_line(rendering, route, "when");
	if (!rendering->is_for_people)
		put_constants(rendering, route->when);
}

static void
put_made(const struct dk_rendering *rendering, const struct dk_route *route)
{
	if (route->key) {
		fputs("    key = ", rendering->out);
		put_template(rendering, "", "", route->key);
		end_line(rendering, route, "key");
	}
	put_headers(rendering, route);
	if (route->when)
		put_when(rendering, route);
	if (route->jq) {
		fputs("    jq = ", rendering->out);
		dk_put_written(rendering, dk_masked(rendering, dk_jq_text(route->jq)));
		end_line(rendering, route, "jq");
	}
	if (route->dead) {
		fputs("    dead = ", rendering->out);
		put_way(rendering, route->dead);
		end_line(rendering, route, "dead");
	}
}

/* Those of the core; then of each source and sink, as its plugin knows them. */
static void
put_all_options(struct dk_rendering *rendering, const struct dk_route *route)
{
	const struct dk_route_origin *origin = origin_of(rendering, route);
	const struct dk_endpoint_plan *endpoints = rendering->plan->endpoints;
	struct dk_route_values values = dk_route_values_of(route);

	dk_put_options(rendering, &dk_route_table, &values, find_setting, origin->layers);
	for (size_t i = 0; i < origin->from_count; i++) {
		const struct dk_from *from = &origin->froms[i];

		if (rendering->is_for_people)
			fprintf(rendering->out, "    # from %s: subscribed as \"%s\"\n",
				endpoints[from->endpoint].name,
				dk_masked(rendering, from->placed->subscription
							     ? from->placed->subscription
							     : from->placed->filter));
		dk_put_options(rendering, &endpoints[from->endpoint].plugin->from,
			       from->interest.options, find_setting, origin->layers);
	}
	for (size_t i = 0; i < route->way_count; i++)
		dk_put_options(rendering, &endpoints[route->ways[i].endpoint].plugin->to,
			       route->ways[i].target.options, find_setting, origin->layers);
}

/* Those that only a route's dead target knows. */
static void
put_dead_options(struct dk_rendering *rendering, const struct dk_route *route)
{
	const struct dk_options *table =
		&rendering->plan->endpoints[route->dead->endpoint].plugin->to;
	size_t before = rendering->put_count;

	for (const struct dk_option *row = table->rows; row && row->name; row++) {
		const struct dk_option one[] = { *row, { 0 } };
		const struct dk_options alone = { table->size, one, NULL, NULL, NULL };

		if (!dk_was_put(rendering, row->name))
			dk_put_options(rendering, &alone, route->dead->target.options, find_setting,
				       origin_of(rendering, route)->layers);
	}
	rendering->put_count = before;
}

void
dk_put_route(struct dk_rendering *rendering, const struct dk_route *route)
{
	rendering->put_count = 0;
	fprintf(rendering->out, "  %s = {", route->name);
	if (rendering->is_for_people)
		fprintf(rendering->out, " # %s:%u", origin_of(rendering, route)->place.file,
			origin_of(rendering, route)->place.line);
	fputc('\n', rendering->out);
	put_froms(rendering, route);
	put_ways(rendering, route);
	put_made(rendering, route);
	put_all_options(rendering, route);
	if (route->dead)
		put_dead_options(rendering, route);
	fputs("  };\n", rendering->out);
}
