/* SPDX-License-Identifier: Apache-2.0
 *
 * as_schema.c - option tables as a JSON Schema (draft 2020-12) of the configuration's tree, for
 * editors and for whoever makes configurations by program.
 *
 * A text may hold variables wherever it stands: what has a $ is taken for any value.
 */
#include <jansson.h>
#include <stdlib.h>

#include "daemon/base/buffer.h"
#include "daemon/config/settings.h"
#include "daemon/surface/chapters.h"

#define DRAFT "https://json-schema.org/draft/2020-12/schema"
#define OR_VARIABLE "|\\$"

/* --- Pieces; all are taken by what they become part of --- */

static json_t *
type(const char *name)
{
	return json_pack("{s:s}", "type", name);
}

static json_t *
scalar(void)
{
	return json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean");
}

static json_t *
reference(const char *chapter)
{
	struct dk_buffer path = { 0 };
	json_t *result;

	dk_buffer_print(&path, "#/$defs/%s", chapter);
	result = json_pack("{s:s}", "$ref", path.data);
	dk_buffer_clear(&path);
	return result;
}

static json_t *
group_of(json_t *members)
{
	return json_pack("{s:s,s:o}", "type", "object", "additionalProperties", members);
}

static json_t *
list_of(json_t *items)
{
	return json_pack("{s:s,s:o}", "type", "array", "items", items);
}

static json_t *
either(json_t *one, json_t *other)
{
	return json_pack("{s:[o,o]}", "anyOf", one, other);
}

static json_t *
text_like(const char *pattern)
{
	return json_pack("{s:s,s:s}", "type", "string", "pattern", pattern);
}

/* --- Options --- */

static json_t *
number_schema(const struct dk_option *option)
{
	json_t *number = type("integer");
	bool has_range = option->min != 0 || option->max != 0;

	json_object_set_new(number, "minimum", json_integer(option->min));
	if (has_range && option->max != INT64_MAX)
		json_object_set_new(number, "maximum", json_integer(option->max));
	return either(number, text_like("^-?[0-9]+$" OR_VARIABLE));
}

/* A choice of digits may be written as a number. */
static json_t *
choice_schema(const struct dk_option *option)
{
	json_t *choices = json_array();

	for (size_t i = 0; option->choices[i]; i++) {
		const char *choice = option->choices[i];

		json_array_append_new(choices, json_string(choice));
		if (!choice[strspn(choice, "0123456789")])
			json_array_append_new(choices, json_integer(atoll(choice)));
	}
	return either(json_pack("{s:o}", "enum", choices), text_like("\\$"));
}

/* Of a number with one of the units, of which "" is none. */
static json_t *
unit_schema(const struct dk_unit *units)
{
	bool has_none = !*units->name;
	struct dk_buffer pattern = { 0 };
	json_t *result;

	dk_buffer_add_text(&pattern, "^[0-9]+ *(");
	for (size_t i = 0; units[i].name; i++)
		dk_buffer_print(&pattern, "%s%s", i ? "|" : "", units[i].name);
	dk_buffer_add_text(&pattern, ")$" OR_VARIABLE);
	result = text_like(pattern.data);
	dk_buffer_clear(&pattern);
	return has_none ? either(json_pack("{s:s,s:i}", "type", "integer", "minimum", 0), result)
			: result;
}

static json_t *
option_schema(const struct dk_option *option)
{
	switch (option->type) {
	case DK_TEXT:
	case DK_SECRET:
		return scalar();
	case DK_INTEGER:
		return number_schema(option);
	case DK_TRUTH:
		return either(type("boolean"),
			      text_like("^(true|false|yes|no|on|off)$" OR_VARIABLE));
	case DK_DURATION:
		return unit_schema(dk_duration_units);
	case DK_SIZE:
		return unit_schema(dk_size_units);
	case DK_CHOICE:
		return choice_schema(option);
	}
	return NULL;
}

static json_t *
preset_of(const struct dk_option *option)
{
	if (option->type == DK_INTEGER)
		return json_integer(atoll(option->preset));
	if (option->type == DK_TRUTH)
		return json_boolean(strcmp(option->preset, "true") == 0);
	return json_string(option->preset);
}

/* --- Words --- */

/* What a word holds of which another chapter tells: one of it, a list of such, or a group of named
 * ones. */
static const struct holding {
	const char *chapter, *word, *held;
	json_t *(*wrap)(json_t *held);
} holdings[] = {
	{ "parts", "variables", "variable", group_of }, { "parts", "lists", "list", group_of },
	{ "parts", "endpoints", "endpoint", group_of }, { "parts", "defaults", "route", NULL },
	{ "parts", "profiles", "route", group_of },	{ "parts", "routes", "route", group_of },
	{ "parts", "groups", "group", group_of },	{ "parts", "tests", "test", list_of },
	{ "group", "defaults", "route", NULL },		{ "group", "routes", "route", group_of },
	{ "test", "message", "message", NULL },		{ "variable", "type", "type", NULL },
};

static json_t *
kinds_schema(unsigned kinds)
{
	json_t *types = json_array(), *schema;

	if (kinds & DK_KIND(TEXT))
		json_array_append_new(types, json_string("string"));
	if (kinds & DK_KIND(REAL))
		json_array_append_new(types, json_string("number"));
	else if (kinds & DK_KIND(INTEGER))
		json_array_append_new(types, json_string("integer"));
	if (kinds & DK_KIND(TRUTH))
		json_array_append_new(types, json_string("boolean"));
	if (kinds & DK_KIND(LIST))
		json_array_append_new(types, json_string("array"));
	schema = json_pack("{s:o}", "type", types);
	if (kinds & DK_KIND(LIST))
		json_object_set_new(schema, "items", scalar());
	return schema;
}

static json_t *
word_schema(const struct dk_chapter *chapter, const struct dk_word *word)
{
	for (size_t i = 0; i < sizeof(holdings) / sizeof(holdings[0]); i++) {
		const struct holding *holding = &holdings[i];

		if (strcmp(holding->chapter, chapter->name) != 0 ||
		    strcmp(holding->word, word->name) != 0)
			continue;
		return holding->wrap ? holding->wrap(reference(holding->held))
				     : reference(holding->held);
	}
	return kinds_schema(word->kinds);
}

/* --- Chapters --- */

static json_t *
entry_schema(const struct dk_chapter *chapter, const struct dk_entry *entry)
{
	json_t *schema =
		entry->word ? word_schema(chapter, entry->word) : option_schema(entry->option);

	json_object_set_new(schema, "description", json_string(entry->help));
	if (entry->option && entry->option->preset)
		json_object_set_new(schema, "default", preset_of(entry->option));
	if (entry->option && entry->option->type == DK_SECRET)
		json_object_set_new(schema, "writeOnly", json_true());
	return schema;
}

/* A name that is there already, of another plugin, may be what either says. */
static void
add(json_t *properties, const char *name, json_t *schema)
{
	json_t *other = json_object_get(properties, name);

	if (!other) {
		json_object_set_new(properties, name, schema);
	} else if (json_equal(other, schema)) {
		json_decref(schema);
	} else {
		json_incref(other);
		json_object_set_new(properties, name, either(other, schema));
	}
}

static void
add_chapter(json_t *properties, const struct dk_chapter *chapter)
{
	struct dk_entry entry;

	for (size_t i = 0; chapter && dk_chapter_entry(chapter, i, &entry); i++)
		add(properties, entry.name, entry_schema(chapter, &entry));
}

static json_t *
required_of(const struct dk_options *options)
{
	json_t *names = json_array();

	for (const struct dk_option *row = options->rows; row && row->name; row++)
		if (row->flags & DK_REQUIRED)
			json_array_append_new(names, json_string(row->name));
	return names;
}

/* What has all of these members and no other. */
static json_t *
closed(json_t *properties)
{
	return json_pack("{s:s,s:o,s:b}", "type", "object", "properties", properties,
			 "additionalProperties", 0);
}

static json_t *
chapter_schema(const struct dk_chapter *chapter)
{
	json_t *properties = json_object();

	add_chapter(properties, chapter);
	return closed(properties);
}

/* --- What is more than its chapter --- */

static const struct dk_book *
core_of(const struct dk_book *books, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!books[i].plugin)
			return &books[i];
	return NULL;
}

static json_t *
names_schema(const struct dk_chapter *chapter)
{
	json_t *names = json_array();
	struct dk_entry entry;

	for (size_t i = 0; dk_chapter_entry(chapter, i, &entry); i++)
		json_array_append_new(names, json_string(entry.name));
	return json_pack("{s:o}", "enum", names);
}

static json_t *
variable_schema(const struct dk_chapter *chapter)
{
	return json_pack("{s:[o,o,o]}", "anyOf", scalar(), list_of(scalar()),
			 chapter_schema(chapter));
}

static json_t *
list_schema(const struct dk_chapter *chapter)
{
	json_t *item = json_pack("{s:s,s:o,s:[s],s:o}", "type", "object", "properties",
				 json_pack("{s:o}", "name", type("string")), "required", "name",
				 "additionalProperties", scalar());

	return json_pack("{s:[o,o,o]}", "anyOf", type("string"),
			 list_of(either(type("string"), item)), chapter_schema(chapter));
}

static json_t *
test_schema(const struct dk_chapter *chapter)
{
	json_t *schema = chapter_schema(chapter);

	json_object_set_new(schema, "required", json_pack("[s,s]", "on", "to"));
	return schema;
}

/* If it is this plugin's, it has these options. */
static json_t *
when_plugin(const struct dk_book *book)
{
	const struct dk_chapter *chapter = dk_book_find(book, "endpoint");
	json_t *then = json_pack("{s:o}", "properties", json_object());

	add_chapter(json_object_get(then, "properties"), chapter);
	if (chapter)
		json_object_set_new(then, "required", required_of(chapter->options));
	if (chapter && chapter->options->other)
		json_object_set_new(then, "additionalProperties", scalar());
	return json_pack("{s:{s:{s:{s:s}},s:[s]},s:o}", "if", "properties", "plugin", "const",
			 book->name, "required", "plugin", "then", then);
}

/* Of a plugin that is not known here nothing is known. */
static json_t *
when_other(const struct dk_book *books, size_t count)
{
	json_t *names = json_array();

	for (size_t i = 0; i < count; i++)
		if (books[i].plugin)
			json_array_append_new(names, json_string(books[i].name));
	return json_pack("{s:{s:{s:{s:o}}},s:o}", "if", "properties", "plugin", "not",
			 json_pack("{s:o}", "enum", names), "then", group_of(scalar()));
}

static json_t *
endpoint_schema(const struct dk_chapter *chapter, const struct dk_book *books, size_t count)
{
	json_t *properties = json_object(), *all = json_array();

	add_chapter(properties, chapter);
	for (size_t i = 0; i < count; i++)
		if (books[i].plugin)
			json_array_append_new(all, when_plugin(&books[i]));
	json_array_append_new(all, when_other(books, count));
	return json_pack("{s:s,s:o,s:[s],s:o,s:b}", "type", "object", "properties", properties,
			 "required", "plugin", "allOf", all, "unevaluatedProperties", 0);
}

/* Which plugins a route's addresses belong to is not told here: it may have the options of all. */
static json_t *
route_schema(const struct dk_chapter *chapter, const struct dk_book *books, size_t count)
{
	json_t *properties = json_object();

	add_chapter(properties, chapter);
	for (size_t i = 0; i < count; i++)
		if (books[i].plugin) {
			add_chapter(properties, dk_book_find(&books[i], "from"));
			add_chapter(properties, dk_book_find(&books[i], "to"));
		}
	return closed(properties);
}

/* --- The whole --- */

/* The members of the file, with those of its groups of settings. */
static json_t *
file_properties(const struct dk_book *core)
{
	json_t *properties = json_object();

	add_chapter(properties, dk_book_find(core, "settings"));
	for (size_t i = 1; i < dk_settings_group_count; i++)
		json_object_set_new(properties, dk_settings_groups[i].name,
				    chapter_schema(dk_book_find(core, dk_settings_groups[i].name)));
	add_chapter(properties, dk_book_find(core, "parts"));
	return properties;
}

static json_t *
definitions(const struct dk_book *core, const struct dk_book *books, size_t count)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "variable",
			 variable_schema(dk_book_find(core, "variable")), "type",
			 names_schema(dk_book_find(core, "type")), "list",
			 list_schema(dk_book_find(core, "list")), "endpoint",
			 endpoint_schema(dk_book_find(core, "endpoint"), books, count), "route",
			 route_schema(dk_book_find(core, "route"), books, count), "group",
			 chapter_schema(dk_book_find(core, "group")), "test",
			 test_schema(dk_book_find(core, "test")), "message",
			 chapter_schema(dk_book_find(core, "message")));
}

void
dk_books_as_schema(const struct dk_book *books, size_t count, FILE *out)
{
	const struct dk_book *core = core_of(books, count);
	struct dk_book own;
	json_t *schema;

	if (!core) {
		dk_book_of_core(&own);
		core = &own;
	}
	schema = json_pack("{s:s,s:s,s:s,s:s,s:o,s:b,s:o}", "$schema", DRAFT, "title",
			   "diolkos.conf", "description",
			   "The tree of a configuration of diolkosd: groups are objects, lists are "
			   "arrays.",
			   "type", "object", "properties", file_properties(core),
			   "additionalProperties", 0, "$defs", definitions(core, books, count));
	json_dumpf(schema, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(schema);
}
