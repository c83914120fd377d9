/* SPDX-License-Identifier: Apache-2.0
 *
 * render.c - the resolved whole, as -T shows it: settings, variables, lists, endpoints.
 */
#include "daemon/config/render.h"

#include <stdlib.h>

#include "daemon/config/endpoints.h"
#include "daemon/config/lists.h"
#include "daemon/config/settings.h"

/* --- Texts --- */

const char *
dk_masked(const struct dk_rendering *rendering, const char *text)
{
	return rendering->is_for_people ? dk_variables_mask(rendering->plan->variables, text) : text;
}

static void
put_string(const struct dk_rendering *rendering, const char *text, bool doubles_dollars)
{
	fputc('"', rendering->out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', rendering->out);
		if (*text == '$' && doubles_dollars)
			fputc('$', rendering->out);
		fputc(*text, rendering->out);
	}
	fputc('"', rendering->out);
}

void
dk_put_quoted(const struct dk_rendering *rendering, const char *text)
{
	put_string(rendering, dk_masked(rendering, text), true);
}

void
dk_put_written(const struct dk_rendering *rendering, const char *text)
{
	put_string(rendering, text, false);
}

void
dk_put_place(const struct dk_rendering *rendering, const struct dk_node *node)
{
	if (node && rendering->is_for_people)
		fprintf(rendering->out, " # %s:%u", node->place.file, node->place.line);
	fputc('\n', rendering->out);
}

/* --- Options --- */

bool
dk_was_put(const struct dk_rendering *rendering, const char *name)
{
	for (size_t i = 0; i < rendering->put_count; i++)
		if (strcmp(rendering->put[i], name) == 0)
			return true;
	return false;
}

static const char *
text_of(const struct dk_rendering *rendering, const struct dk_option *row, const void *values,
	char *room, size_t size)
{
	if (!rendering->is_for_people && row->type == DK_SECRET)
		return *(const char *const *)(const void *)((const char *)values + row->offset);
	return dk_option_text(row, values, room, size);
}

/* As a person would write it: numbers and truth values bare, the large ones with an L. */
static void
put_value(const struct dk_rendering *rendering, const struct dk_option *row, const char *text)
{
	if (row->type == DK_INTEGER || row->type == DK_TRUTH)
		fprintf(rendering->out, "%s%s", text, strlen(text) > 9 ? "L" : "");
	else
		dk_put_quoted(rendering, text);
}

/* What two sides of a route know is said once; where they differ, the second is a comment. */
static void
put_option(struct dk_rendering *rendering, const struct dk_option *row, const char *text,
	   const struct dk_node *node)
{
	bool is_second = dk_was_put(rendering, row->name);

	if (!is_second && rendering->put_count < DK_PUT_MAX)
		rendering->put[rendering->put_count++] = row->name;
	fprintf(rendering->out, "    %s%s = ", is_second ? "# to: " : "", row->name);
	put_value(rendering, row, text);
	fputc(';', rendering->out);
	dk_put_place(rendering, node);
}

void
dk_put_options(struct dk_rendering *rendering, const struct dk_options *table, const void *values,
	       const struct dk_node *(*find)(const void *from, const char *name), const void *from)
{
	for (const struct dk_option *row = table->rows; values && row && row->name; row++) {
		char room[64];
		const char *text = text_of(rendering, row, values, room, sizeof(room));

		if (text)
			put_option(rendering, row, text, find(from, row->name));
	}
}

/* --- Settings --- */

static void
put_setting(const struct dk_rendering *rendering, const struct dk_option *row, const char *after)
{
	char room[64];
	const char *text = text_of(rendering, row, &rendering->plan->settings, room, sizeof(room));

	if (!text)
		return;
	fprintf(rendering->out, "%s = ", row->name);
	put_value(rendering, row, text);
	fputs(after, rendering->out);
}

static bool
has_values(const struct dk_rendering *rendering, const struct dk_options *table)
{
	char room[64];

	for (const struct dk_option *row = table->rows; row->name; row++)
		if (dk_option_text(row, &rendering->plan->settings, room, sizeof(room)))
			return true;
	return false;
}

void
dk_put_settings(const struct dk_rendering *rendering)
{
	for (const struct dk_option *row = dk_settings_groups[0].table->rows; row->name; row++)
		put_setting(rendering, row, ";\n");
	for (size_t i = 1; i < dk_settings_group_count; i++) {
		const struct dk_settings_group *group = &dk_settings_groups[i];

		if (!has_values(rendering, group->table))
			continue;
		fprintf(rendering->out, "%s = { ", group->name);
		for (const struct dk_option *row = group->table->rows; row->name; row++)
			put_setting(rendering, row, "; ");
		fputs("};", rendering->out);
		if (strcmp(group->name, "spool") == 0 && rendering->plan->settings.spool_sync_ms > 0)
			fputs(" # a power cut may cost what came in that time", rendering->out);
		fputc('\n', rendering->out);
	}
}

/* --- Endpoints --- */

/* Of an option that no table describes there is only the name to tell whether it may be shown. */
static const char *
mask_by_name(const struct dk_rendering *rendering, const struct dk_given *given)
{
	static const char *const words[] = { "password", "secret", "token", "_pem",
					     "credential", "oauthbearer_config" };

	for (size_t i = 0; rendering->is_for_people && i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(given->name, words[i]))
			return "*****";
	return given->text;
}

static const struct dk_node *
find_member(const void *node, const char *name)
{
	return dk_node_find(node, name);
}

void
dk_put_endpoint(struct dk_rendering *rendering, const struct dk_endpoint_plan *endpoint)
{
	rendering->put_count = 0;
	fprintf(rendering->out, "  %s = {", endpoint->name);
	dk_put_place(rendering, endpoint->node);
	fprintf(rendering->out, "    plugin = \"%s\";\n", endpoint->plugin->name);
	dk_put_options(rendering, &dk_endpoint_table, endpoint, find_member, endpoint->node);
	dk_put_options(rendering, &endpoint->plugin->endpoint, endpoint->config, find_member,
		       endpoint->node);
	for (size_t i = 0; i < endpoint->other_count; i++) {
		fprintf(rendering->out, "    %s = ", endpoint->others[i].name);
		dk_put_quoted(rendering, mask_by_name(rendering, &endpoint->others[i]));
		fputc(';', rendering->out);
		dk_put_place(rendering, find_member(endpoint->node, endpoint->others[i].name));
	}
	fputs("  };\n", rendering->out);
}

/* --- The whole --- */

static void
put_list_text(void *rendering, const char *text)
{
	dk_put_quoted(rendering, text);
}

void
dk_put_lists(struct dk_rendering *rendering)
{
	dk_lists_print(rendering->plan->lists, rendering->is_for_people, put_list_text, rendering,
		       rendering->out);
}

void
dk_plan_print(const struct dk_plan *plan, FILE *out)
{
	struct dk_rendering rendering = { .plan = plan, .out = out, .is_for_people = true };

	dk_put_settings(&rendering);
	dk_variables_print(plan->variables, out);
	dk_put_lists(&rendering);
	fputs("endpoints = {\n", out);
	for (size_t i = 0; i < plan->endpoint_count; i++)
		dk_put_endpoint(&rendering, &plan->endpoints[i]);
	fputs("};\nroutes = {\n", out);
	for (size_t i = 0; i < plan->route_count; i++)
		dk_put_route(&rendering, &plan->routes[i]);
	fputs("};\n", out);
}
