/* SPDX-License-Identifier: Apache-2.0
 *
 * chapters.c - every table of names, the core's and the plugins', in one shape.
 */
#include "daemon/surface/chapters.h"

#include "daemon/base/buffer.h"
#include "daemon/config/endpoints.h"
#include "daemon/config/list_source.h"
#include "daemon/config/route_table.h"
#include "daemon/config/rules.h"
#include "daemon/config/settings.h"
#include "daemon/config/tests.h"
#include "daemon/language/filter.h"
#include "daemon/language/message_fields.h"

/* --- Books --- */

/* Of the core, besides its groups of settings. */
static const struct dk_chapter core[] = {
	{ "parts", "What else stands at the top of the file", dk_parts, NULL, NULL },
	{ "variable", "Of a variable", dk_variable_words, NULL, NULL },
	{ "type", "Types of a variable", NULL, NULL, dk_type_entry },
	{ "list", "Of a list that is read from elsewhere", NULL, &dk_list_table, NULL },
	{ "endpoint", "Of every endpoint", dk_endpoint_words, &dk_endpoint_table, NULL },
	{ "route", "Of every route", dk_route_words, &dk_route_table, NULL },
	{ "group", "Of a group", dk_group_words, NULL, NULL },
	{ "field", "Fields of a message", NULL, NULL, dk_message_field_at },
	{ "filter", "Filters", NULL, NULL, dk_filter_name },
	{ "test", "Of a test", dk_test_words, NULL, NULL },
	{ "message", "Of a test's message", dk_message_words, &dk_message_table, NULL },
};

void
dk_book_of_core(struct dk_book *book)
{
	*book = (struct dk_book){ .name = DK_CORE_BOOK,
				  .summary = "what can be set whatever the plugins are" };
	for (size_t i = 0; i < dk_settings_group_count; i++) {
		const struct dk_settings_group *group = &dk_settings_groups[i];

		book->chapters[book->count++] =
			(struct dk_chapter){ .name = *group->name ? group->name : "settings",
					     .title = group->help,
					     .options = group->table };
	}
	for (size_t i = 0; i < sizeof(core) / sizeof(core[0]); i++)
		book->chapters[book->count++] = core[i];
}

void
dk_book_of_plugin(struct dk_book *book, const struct dk_plugin *plugin)
{
	const struct dk_chapter all[] = {
		{ "endpoint", "Of an endpoint", NULL, &plugin->endpoint, NULL },
		{ "from", "Of a route, where it comes from here", NULL, &plugin->from, NULL },
		{ "to", "Of a route, where it goes here", NULL, &plugin->to, NULL },
	};

	*book = (struct dk_book){ .name = plugin->name,
				  .summary = plugin->summary,
				  .plugin = plugin };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].options->size > 0)
			book->chapters[book->count++] = all[i];
}

const struct dk_chapter *
dk_book_find(const struct dk_book *book, const char *name)
{
	for (size_t i = 0; i < book->count; i++)
		if (strcmp(book->chapters[i].name, name) == 0)
			return &book->chapters[i];
	return NULL;
}

/* --- Entries --- */

bool
dk_chapter_entry(const struct dk_chapter *chapter, size_t number, struct dk_entry *entry)
{
	*entry = (struct dk_entry){ 0 };
	for (const struct dk_word *word = chapter->words; word && word->name; word++)
		if (number-- == 0) {
			*entry = (struct dk_entry){ word->name, word->help, word, NULL };
			return true;
		}
	for (const struct dk_option *row = chapter->options ? chapter->options->rows : NULL;
	     row && row->name; row++)
		if (number-- == 0) {
			*entry = (struct dk_entry){ row->name, row->help, NULL, row };
			return true;
		}
	if (chapter->list)
		entry->name = chapter->list(number, &entry->help);
	return entry->name != NULL;
}

/* --- What an entry may be --- */

static void
describe_kinds(unsigned kinds, struct dk_buffer *out)
{
	static const struct {
		unsigned kind;
		const char *name;
	} rows[] = {
		{ DK_KIND(TRUTH), "true" },	{ DK_KIND(TRUTH), "false" },
		{ DK_KIND(INTEGER), "number" }, { DK_KIND(TEXT), "text" },
		{ DK_KIND(LIST), "list" },	{ DK_KIND(GROUP), "group" },
	};
	size_t count = 0, number = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		count += (kinds & rows[i].kind) != 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (kinds & rows[i].kind) {
			number++;
			dk_buffer_print(out, "%s%s",
					number == 1	  ? ""
					: number == count ? " or "
							  : ", ",
					rows[i].name);
		}
}

static void
describe_range(const struct dk_option *option, struct dk_buffer *out)
{
	char least[40], most[40];

	if (option->min == 0 && option->max == 0)
		return;
	dk_option_number(option, option->min, least, sizeof(least));
	dk_option_number(option, option->max, most, sizeof(most));
	if (option->max == INT64_MAX && option->min > 0)
		dk_buffer_print(out, ", at least %s", least);
	else if (option->max != INT64_MAX)
		dk_buffer_print(out, ", %s to %s", least, most);
}

/* A preset that would not be seen is in quotes, as it would be written. */
static void
describe_preset(const struct dk_option *option, struct dk_buffer *out)
{
	if (strcmp(option->preset, "\n") == 0)
		dk_buffer_add_text(out, "; \"\\n\" when absent");
	else
		dk_buffer_print(out, *option->preset ? "; %s when absent" : "; \"%s\" when absent",
				option->preset);
}

static void
describe_option(const struct dk_option *option, struct dk_buffer *out)
{
	static const char *const types[] = {
		[DK_TEXT] = "text",	      [DK_SECRET] = "secret text", [DK_INTEGER] = "number",
		[DK_TRUTH] = "true or false", [DK_DURATION] = "duration",  [DK_SIZE] = "size",
		[DK_CHOICE] = "one of",
	};

	dk_buffer_add_text(out, option->flags & DK_URI ? "uri" : types[option->type]);
	for (size_t i = 0; option->choices && option->choices[i]; i++)
		dk_buffer_print(out, "%s \"%s\"", i ? "," : "", option->choices[i]);
	describe_range(option, out);
	if (option->flags & DK_REQUIRED)
		dk_buffer_add_text(out, "; needed");
	else if (option->preset)
		describe_preset(option, out);
	if (option->flags & DK_NAMES_SYSTEM)
		dk_buffer_add_text(out, "; names the system");
	if (option->flags & DK_RELOADS)
		dk_buffer_add_text(out, "; changes without a new connection");
}

const char *
dk_entry_describe(const struct dk_entry *entry, char *text, size_t room)
{
	struct dk_buffer out = { 0 };

	dk_buffer_add_text(&out, "");
	if (entry->word)
		describe_kinds(entry->word->kinds, &out);
	if (entry->option)
		describe_option(entry->option, &out);
	snprintf(text, room, "%s", out.data);
	dk_buffer_clear(&out);
	return text;
}
