/* SPDX-License-Identifier: Apache-2.0
 *
 * options.c - a plugin's options, printed from its tables.
 */
#include "daemon/surface/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "daemon/host/load.h"

#define WIDTH 78

static const char *const types[] = {
	[DK_TEXT] = "text",	    [DK_SECRET] = "secret text",
	[DK_INTEGER] = "number",    [DK_TRUTH] = "true or false",
	[DK_DURATION] = "duration", [DK_SIZE] = "size",
	[DK_CHOICE] = "one of",
};

/* A sentence over as many lines as it takes, each behind a margin. */
static void
print_wrapped(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (column > 0 && column + 1 + word > WIDTH) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%.*s", column > 0 ? " " : "      ", (int)word, text);
		text += word;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void
print_range(const struct dk_option *option)
{
	if (option->min == 0 && option->max == 0)
		return;
	switch (option->type) {
	case DK_DURATION:
		printf(", %" PRId64 " to %" PRId64 " ms", option->min, option->max);
		break;
	case DK_SIZE:
		printf(", %" PRId64 " to %" PRId64 " bytes", option->min, option->max);
		break;
	default:
		printf(", %" PRId64 " to %" PRId64, option->min, option->max);
	}
}

static void
print_option(const struct dk_option *option)
{
	printf("  %s (%s", option->name, types[option->type]);
	for (size_t i = 0; option->choices && option->choices[i]; i++)
		printf("%s \"%s\"", i ? "," : "", option->choices[i]);
	print_range(option);
	if (option->flags & DK_REQUIRED)
		fputs("; needed", stdout);
	else if (option->preset)
		printf("; %s when absent", option->preset);
	puts(")");
	print_wrapped(option->help);
}

static void
print_table(const char *title, const struct dk_options *table)
{
	if (table->size == 0)
		return;
	printf("\n%s\n\n", title);
	for (const struct dk_option *option = table->rows; option->name; option++)
		print_option(option);
}

int
dk_options_command(const char *name)
{
	struct dk_loader *loader = dk_loader_new();
	struct dk_error error;
	const struct dk_plugin *plugin = dk_loader_find(loader, NULL, name, &error);

	if (!plugin) {
		fprintf(stderr, "diolkosd: there is no plugin %s: %s\n", name, error.text);
		dk_loader_free(loader);
		return EX_UNAVAILABLE;
	}
	printf("%s: %s\n", plugin->name, plugin->summary);
	print_table("Of an endpoint", &plugin->endpoint);
	print_table("Of a route, where it comes from here", &plugin->from);
	print_table("Of a route, where it goes here", &plugin->to);
	dk_loader_free(loader);
	return EX_OK;
}
