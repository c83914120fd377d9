/* SPDX-License-Identifier: Apache-2.0
 *
 * chapters_test.c - option tables in each of their forms: every type and flag, and that the shipped
 * schema knows every name.
 */
#include "test/unit/unit.h"

#include <jansson.h>

#include "daemon/host/load.h"
#include "daemon/surface/chapters.h"

struct values {
	const char *text, *secret, *needed;
	int64_t integer, port, wait, room, least;
	bool truth;
	int choice;
};

#define AT(member, type) DK_AT(struct values, member, type)

static const char *const choices[] = { "red", "5", NULL };

static const struct dk_option rows[] = {
	{ "text", DK_TEXT, AT(text, const char *), .help = "A \"\\\" here. Then more." },
	{ "secret", DK_SECRET, AT(secret, const char *), .help = ".first is a dot." },
	{ "needed", DK_TEXT, AT(needed, const char *), .flags = DK_REQUIRED | DK_NAMES_SYSTEM,
	  .help = "Must be." },
	{ "ending", DK_TEXT, AT(text, const char *), .preset = "\n", .help = "A line's end." },
	{ "empty", DK_TEXT, AT(text, const char *), .preset = "", .help = "Nothing." },
	{ "uri", DK_TEXT, AT(text, const char *), .flags = DK_URI, .help = "Where." },
	{ "integer", DK_INTEGER, AT(integer, int64_t), .preset = "7", .flags = DK_RELOADS,
	  .help = "Integer." },
	{ "port", DK_INTEGER, AT(port, int64_t), .min = -1, .max = 65535, .help = "Port." },
	{ "wait", DK_DURATION, AT(wait, int64_t), .preset = "90s", .min = 1000, .max = 7200000,
	  .help = "Wait." },
	{ "room", DK_SIZE, AT(room, int64_t), .preset = "64 kB", .help = "Room." },
	{ "least", DK_SIZE, AT(least, int64_t), .min = 1 << 20, .max = INT64_MAX,
	  .help = "Least." },
	{ "any", DK_INTEGER, AT(integer, int64_t), .max = INT64_MAX, .help = "Any." },
	{ "truth", DK_TRUTH, AT(truth, bool), .preset = "true", .help = "Truth." },
	{ "choice", DK_CHOICE, AT(choice, int), .preset = "red", .choices = choices,
	  .help = "Choice." },
	{ 0 },
};

/* The same name, and what it may be is not the same. */
static const struct dk_option others[] = {
	{ "port", DK_TRUTH, AT(truth, bool), .help = "Another." },
	{ "wait", DK_DURATION, AT(wait, int64_t), .preset = "90s", .min = 1000, .max = 7200000,
	  .help = "Wait." },
	{ 0 },
};

static int
take_any(void *values, const char *name, const char *value, struct dk_error *error)
{
	(void)values;
	(void)name;
	(void)value;
	(void)error;
	return 0;
}

static const struct dk_plugin plugin = {
	.name = "fake",
	.summary = "a plugin",
	.endpoint = { sizeof(struct values), rows, take_any, NULL, NULL },
	.from = { sizeof(struct values), rows, NULL, NULL, NULL },
	.to = { sizeof(struct values), others, NULL, NULL, NULL },
};

static void
each_type_and_flag_is_described(void **state)
{
	static const char *const wanted[] = {
		"text",
		"secret text",
		"text; needed; names the system",
		"text; \"\\n\" when absent",
		"text; \"\" when absent",
		"uri",
		"number; 7 when absent; changes without a new connection",
		"number, -1 to 65535",
		"duration, 1s to 2h; 90s when absent",
		"size; 64 kB when absent",
		"size, at least 1 MB",
		"number",
		"true or false; true when absent",
		"one of \"red\", \"5\"; red when absent",
	};
	struct dk_book book;
	struct dk_entry entry;
	char text[300];

	(void)state;
	dk_book_of_plugin(&book, &plugin);
	assert_int_equal(book.count, 3);
	for (size_t i = 0; i < ROWS(wanted); i++) {
		assert_true(dk_chapter_entry(&book.chapters[0], i, &entry));
		assert_string_equal(dk_entry_describe(&entry, text, sizeof(text)), wanted[i]);
	}
	assert_false(dk_chapter_entry(&book.chapters[0], ROWS(wanted), &entry));
}

static void
words_are_described_by_their_kinds(void **state)
{
	static const struct {
		unsigned kinds;
		const char *wanted;
	} cases[] = {
		{ DK_KIND(TEXT), "text" },
		{ DK_KIND(TRUTH), "true or false" },
		{ DK_KIND(TRUTH) | DK_KIND(TEXT), "true, false or text" },
		{ DK_KIND(TEXT) | DK_KIND(LIST), "text or list" },
		{ DK_KIND_SCALAR | DK_KIND(LIST), "true, false, number, text or list" },
		{ DK_KIND(GROUP), "group" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct dk_word word = { "name", cases[i].kinds, "Help.", NULL };
		struct dk_entry entry = { .name = "name", .word = &word };
		char text[100];

		assert_string_equal(dk_entry_describe(&entry, text, sizeof(text)), cases[i].wanted);
	}
}

/* To be freed. */
static char *
print(void (*form)(const struct dk_book *books, size_t count, FILE *out),
      const struct dk_book *books, size_t count)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	form(books, count, out);
	fclose(out);
	return text;
}

static void
assert_part(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("there is no\n%s\nin\n%s", part, text);
}

static void
a_page_is_escaped_and_each_sentence_begins_a_line(void **state)
{
	struct dk_book book;
	char *text;

	(void)state;
	dk_book_of_plugin(&book, &plugin);
	text = print(dk_books_as_man, &book, 1);
	assert_part(text, ".\\\" @endpoint@\n.Bl -tag -width Ds\n.It Ic \"text\" Pq \"text\"\n"
			  "A \\(dq\\e\\(dq here.\nThen");
	assert_part(text, ".It Ic \"secret\" Pq \"secret text\"\n\\&.first is a dot.\n");
	assert_part(text, "one of \\(dqred\\(dq, \\(dq5\\(dq; red when absent");
	assert_part(text, ".El\n.\\\" @from@\n");
	free(text);
}

static void
a_sample_shows_each_default(void **state)
{
	struct dk_book book;
	char *text;

	(void)state;
	dk_book_of_plugin(&book, &plugin);
	text = print(dk_books_as_sample, &book, 1);
	assert_part(text, "\n# secret = \"\";                  # .first is a dot.\n");
	assert_part(text, "\nneeded = \"\";                    # Must be.\n");
	assert_part(text, "\nending = \"\\n\";                  # A line's end.\n");
	assert_part(text, "\ninteger = 7;");
	assert_part(text, "\nwait = \"90s\";");
	assert_part(text, "\ntruth = true;");
	assert_part(text, "\n# any = \"\";");
	free(text);
}

static void
text_names_what_stands_where(void **state)
{
	struct dk_book book;
	char *text;

	(void)state;
	dk_book_of_plugin(&book, &plugin);
	text = print(dk_books_as_text, &book, 1);
	assert_part(text, "fake: a plugin\n\nOf an endpoint\n\n  text (text)\n");
	assert_part(text,
		    "\nOf a route, where it goes here\n\n  port (true or false)\n      Another.\n");
	free(text);
}

/* --- The schema --- */

static json_t *
parse(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	if (!json)
		fail_msg("line %d: %s", error.line, error.text);
	return json;
}

/* What stands at names with / between. */
static json_t *
find(json_t *json, const char *path)
{
	char copy[200], *rest = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *name; (name = strsep(&rest, "/"));)
		json = json_object_get(json, name);
	if (!json)
		fail_msg("there is no %s", path);
	return json;
}

/* A member of an object as compact JSON is this. */
static void
assert_json(json_t *object, const char *name, const char *wanted)
{
	char *text = json_dumps(find(object, name), JSON_COMPACT | JSON_ENCODE_ANY);

	assert_string_equal(text, wanted);
	free(text);
}

/* Of the options of an endpoint, if it is of this plugin. */
static json_t *
find_then(json_t *schema, const char *name)
{
	json_t *all = find(schema, "$defs/endpoint/allOf"), *value;
	size_t i;

	json_array_foreach(all, i, value)
	{
		const char *constant = json_string_value(json_object_get(
			json_object_get(json_object_get(json_object_get(value, "if"), "properties"),
					"plugin"),
			"const"));

		if (constant && strcmp(constant, name) == 0)
			return find(value, "then");
	}
	fail_msg("there is no plugin %s", name);
	return NULL;
}

static void
a_schema_says_each_type(void **state)
{
	struct dk_book book;
	json_t *schema, *then;
	char *text;

	(void)state;
	dk_book_of_plugin(&book, &plugin);
	text = print(dk_books_as_schema, &book, 1);
	schema = parse(text);
	then = find_then(schema, "fake");
	assert_json(then, "required", "[\"needed\"]");
	assert_json(then, "additionalProperties", "{\"type\":[\"string\",\"number\",\"boolean\"]}");
	assert_json(then, "properties/secret/writeOnly", "true");
	assert_json(then, "properties/integer/default", "7");
	assert_json(then, "properties/integer/anyOf",
		    "[{\"type\":\"integer\",\"minimum\":0},"
		    "{\"type\":\"string\",\"pattern\":\"^-?[0-9]+$|\\\\$\"}]");
	assert_json(then, "properties/port/anyOf",
		    "[{\"type\":\"integer\",\"minimum\":-1,\"maximum\":65535},"
		    "{\"type\":\"string\",\"pattern\":\"^-?[0-9]+$|\\\\$\"}]");
	assert_json(then, "properties/wait/pattern", "\"^[0-9]+ *(ms|s|m|h|d)$|\\\\$\"");
	assert_json(then, "properties/room/anyOf",
		    "[{\"type\":\"integer\",\"minimum\":0},{\"type\":\"string\",\"pattern\":"
		    "\"^[0-9]+ *(|B|kB|KB|MB|GB|TB)$|\\\\$\"}]");
	assert_json(then, "properties/truth/default", "true");
	assert_json(then, "properties/choice/anyOf",
		    "[{\"enum\":[\"red\",\"5\",5]},{\"type\":\"string\",\"pattern\":\"\\\\$\"}]");
	json_decref(schema);
	free(text);
}

static void
a_route_may_have_what_either_of_its_ends_knows(void **state)
{
	struct dk_book book;
	json_t *schema, *properties;
	char *text;

	(void)state;
	dk_book_of_plugin(&book, &plugin);
	text = print(dk_books_as_schema, &book, 1);
	schema = parse(text);
	properties = find(schema, "$defs/route/properties");
	assert_int_equal(json_array_size(find(properties, "port/anyOf")), 2);
	assert_json(json_array_get(find(properties, "port/anyOf"), 1), "description",
		    "\"Another.\"");
	assert_json(properties, "wait/description", "\"Wait.\"");
	assert_json(properties, "from/type", "[\"string\",\"array\"]");
	json_decref(schema);
	free(text);
}

/* --- The one that is shipped --- */

static void
assert_knows(json_t *properties, const struct dk_chapter *chapter)
{
	struct dk_entry entry;

	for (size_t i = 0; dk_chapter_entry(chapter, i, &entry); i++)
		if (!json_object_get(properties, entry.name))
			fail_msg("%s: there is no %s", chapter->name, entry.name);
}

static void
the_shipped_schema_knows_every_name_of_the_core(void **state)
{
	static const struct {
		const char *chapter, *path;
	} cases[] = {
		{ "settings", "properties" },
		{ "spool", "properties/spool/properties" },
		{ "dead", "properties/dead/properties" },
		{ "parts", "properties" },
		{ "endpoint", "$defs/endpoint/properties" },
		{ "route", "$defs/route/properties" },
		{ "group", "$defs/group/properties" },
		{ "test", "$defs/test/properties" },
		{ "message", "$defs/message/properties" },
	};
	json_t *schema = json_load_file("conf/diolkos.schema.json", 0, NULL);
	struct dk_book book;

	(void)state;
	assert_non_null(schema);
	dk_book_of_core(&book);
	for (size_t i = 0; i < ROWS(cases); i++)
		assert_knows(find(schema, cases[i].path), dk_book_find(&book, cases[i].chapter));
	assert_knows(find(json_array_get(find(schema, "$defs/variable/anyOf"), 2), "properties"),
		     dk_book_find(&book, "variable"));
	assert_knows(find(json_array_get(find(schema, "$defs/list/anyOf"), 2), "properties"),
		     dk_book_find(&book, "list"));
	json_decref(schema);
}

static void
the_shipped_schema_knows_every_option_of_the_plugins(void **state)
{
	static const char *const names[] = { "kafka", "mqtt", "rabbitmq" };
	json_t *schema = json_load_file("conf/diolkos.schema.json", 0, NULL);
	struct dk_loader *loader = dk_loader_new();
	const char *build = getenv("BUILD");
	char folder[300];

	(void)state;
	assert_non_null(schema);
	snprintf(folder, sizeof(folder), "%s/plugins", build ? build : "build");
	for (size_t i = 0; i < ROWS(names); i++) {
		struct dk_error error = { "" };
		const struct dk_plugin *found = dk_loader_find(loader, folder, names[i], &error);
		struct dk_book book;

		if (!found)
			fail_msg("%s", error.text);
		dk_book_of_plugin(&book, found);
		for (size_t n = 0; n < book.count; n++)
			assert_knows(strcmp(book.chapters[n].name, "endpoint") == 0
					     ? find(find_then(schema, names[i]), "properties")
					     : find(schema, "$defs/route/properties"),
				     &book.chapters[n]);
	}
	dk_loader_free(loader);
	json_decref(schema);
}

/* What has no help would be a hole in every page. */
static void
every_name_of_the_core_has_its_sentence(void **state)
{
	struct dk_book book;
	struct dk_entry entry;

	(void)state;
	dk_book_of_core(&book);
	for (size_t n = 0; n < book.count; n++)
		for (size_t i = 0; dk_chapter_entry(&book.chapters[n], i, &entry); i++)
			if (!entry.help || !*entry.help ||
			    !strchr(".…", entry.help[strlen(entry.help) - 1]))
				fail_msg("%s: %s", book.chapters[n].name, entry.name);
	assert_null(dk_book_find(&book, "nothing"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_and_flag_is_described),
		cmocka_unit_test(words_are_described_by_their_kinds),
		cmocka_unit_test(a_page_is_escaped_and_each_sentence_begins_a_line),
		cmocka_unit_test(a_sample_shows_each_default),
		cmocka_unit_test(text_names_what_stands_where),
		cmocka_unit_test(a_schema_says_each_type),
		cmocka_unit_test(a_route_may_have_what_either_of_its_ends_knows),
		cmocka_unit_test(the_shipped_schema_knows_every_name_of_the_core),
		cmocka_unit_test(the_shipped_schema_knows_every_option_of_the_plugins),
		cmocka_unit_test(every_name_of_the_core_has_its_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
