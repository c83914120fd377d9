/* SPDX-License-Identifier: Apache-2.0
 *
 * options_test.c - option tables: each type read, refused, ranged and shown.
 */
#include "test/unit/unit.h"

#include "daemon/base/error.h"
#include "daemon/config/options.h"

struct values {
	const char *text, *secret, *required;
	int64_t integer, port, wait, room, least;
	bool truth;
	int choice;
};

#define AT(member, type) DK_AT(struct values, member, type)

static const char *const colours[] = { "red", "green", "blue", NULL };
static int cleaned;

static const struct dk_option rows[] = {
	{ "text", DK_TEXT, AT(text, const char *), .preset = "preset", .help = "Text." },
	{ "secret", DK_SECRET, AT(secret, const char *), .help = "Secret." },
	{ "required", DK_TEXT, AT(required, const char *), .flags = DK_REQUIRED,
	  .help = "Must be." },
	{ "integer", DK_INTEGER, AT(integer, int64_t), .preset = "7", .help = "Integer." },
	{ "port", DK_INTEGER, AT(port, int64_t), .min = 1, .max = 65535, .help = "Port." },
	{ "wait", DK_DURATION, AT(wait, int64_t), .preset = "90s", .min = 1000, .max = 7200000,
	  .help = "Wait." },
	{ "room", DK_SIZE, AT(room, int64_t), .preset = "64 kB", .help = "Room." },
	{ "least", DK_SIZE, AT(least, int64_t), .min = 1 << 20, .max = INT64_MAX,
	  .help = "Least." },
	{ "truth", DK_TRUTH, AT(truth, bool), .help = "Truth." },
	{ "choice", DK_CHOICE, AT(choice, int), .preset = "green", .choices = colours,
	  .help = "Choice." },
	{ 0 },
};

static int
check_values(const void *values, struct dk_error *error)
{
	return ((const struct values *)values)->integer == 13 ?
		       dk_fail(error, "thirteen is bad luck") :
		       0;
}

static void
clean_values(void *values)
{
	(void)values;
	cleaned++;
}

static const struct dk_options table = { sizeof(struct values), rows, NULL, check_values,
					 clean_values };

/* What it is done with. */
struct desk {
	struct dk_plan_memory *memory;
	struct dk_faults *faults;
	struct dk_variables *variables;
	struct values *values;
	char *told;
};

static void
desk_begin(struct desk *desk, const struct dk_options *options)
{
	*desk = (struct desk){ .memory = dk_memory_new(), .faults = dk_faults_new() };
	desk->variables = dk_variables_read(NULL, &(struct dk_variable_sources){ .is_whole = true },
					    desk->memory, desk->faults);
	desk->values = dk_options_new(options, desk->memory);
}

static const char *
desk_told(struct desk *desk)
{
	size_t length;
	FILE *out = open_memstream(&desk->told, &length);

	dk_faults_print(desk->faults, out);
	fclose(out);
	return desk->told;
}

static void
desk_end(struct desk *desk)
{
	free(desk->told);
	dk_memory_free(desk->memory);
	dk_faults_free(desk->faults);
}

static void
set(struct desk *desk, const struct dk_options *options, const char *name, const char *text)
{
	struct dk_node node = { .name = name, .kind = DK_NODE_TEXT, .place = { "f", 1 },
				.text = text };

	dk_options_set(options, desk->values, "", &node, desk->variables, desk->faults);
}

static const char *
shown(const struct desk *desk, const char *name, char *text, size_t room)
{
	for (const struct dk_option *row = rows; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return dk_option_text(row, desk->values, text, room);
	return NULL;
}

static void
a_good_value_is_read_and_shown(void **state)
{
	static const struct {
		const char *name, *written, *shown;
	} good[] = {
		{ "text", "a b", "a b" },	   { "text", "", "" },
		{ "text", "$$x", "$x" },	   { "secret", "hush", "*****" },
		{ "integer", "0", "0" },	   { "integer", "9223372036854775807",
						     "9223372036854775807" },
		{ "port", "1", "1" },		   { "port", "65535", "65535" },
		{ "wait", "1000ms", "1s" },	   { "wait", "5s", "5s" },
		{ "wait", "2m", "2m" },		   { "wait", "120 m", "2h" },
		{ "wait", "1500ms", "1500ms" },	   { "room", "0", "0" },
		{ "room", "100", "100" },	   { "room", "1 B", "1" },
		{ "room", "64kB", "64 kB" },	   { "room", "64 KB", "64 kB" },
		{ "room", "1024 kB", "1 MB" },	   { "room", "3 GB", "3 GB" },
		{ "room", "2 TB", "2 TB" },	   { "least", "1 MB", "1 MB" },
		{ "truth", "true", "true" },	   { "truth", "yes", "true" },
		{ "truth", "on", "true" },	   { "truth", "false", "false" },
		{ "truth", "no", "false" },	   { "truth", "off", "false" },
		{ "choice", "red", "red" },	   { "choice", "blue", "blue" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		struct desk desk;
		char room[64];
		const char *text;

		desk_begin(&desk, &table);
		set(&desk, &table, good[i].name, good[i].written);
		text = shown(&desk, good[i].name, room, sizeof(room));
		if (dk_faults_count(desk.faults) != 0 || strcmp(text, good[i].shown) != 0)
			fail_msg("%s = %s: %s, %s", good[i].name, good[i].written, text,
				 desk_told(&desk));
		desk_end(&desk);
	}
}

static void
a_bad_value_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *name, *written, *told;
	} bad[] = {
		{ "integer", "seven", "\"seven\" is no integer; 7?" },
		{ "integer", "", "\"\" is no integer; 7?" },
		{ "integer", "7 ", "\"7 \" is no integer; 7?" },
		{ "integer", "9223372036854775808", "\"9223372036854775808\" is no integer; 7?" },
		{ "integer", "-1", "-1 is negative, which it may not be" },
		{ "port", "0", "0 is out of its range, 1 to 65535" },
		{ "port", "65536", "65536 is out of its range, 1 to 65535" },
		{ "port", "x", "\"x\" is no integer; 10?" },
		{ "wait", "5", "\"5\" is no duration; " },
		{ "wait", "5 years", "\"5 years\" is no duration; " },
		{ "wait", "-5s", "\"-5s\" is no duration; " },
		{ "wait", "s", "\"s\" is no duration; " },
		{ "wait", "", "\"\" is no duration; " },
		{ "wait", "99999999999d", "99999999999d is out of its range, 1s to 2h" },
		{ "wait", "999999999999d", "\"999999999999d\" is no duration; " },
		{ "wait", "999ms", "999ms is out of its range, 1s to 2h" },
		{ "wait", "3h", "3h is out of its range, 1s to 2h" },
		{ "room", "64 kb", "\"64 kb\" is no size; " },
		{ "room", "9999999999 TB", "\"9999999999 TB\" is no size; " },
		{ "room", "-1", "\"-1\" is no size; " },
		{ "least", "1023 kB", "1023 kB is too little; it is at least 1 MB" },
		{ "truth", "True", "\"True\" is neither true nor false" },
		{ "truth", "", "\"\" is neither true nor false" },
		{ "choice", "gren", "\"gren\" is none of red, green, blue; \"green\"?" },
		{ "choice", "mauve", "\"mauve\" is none of red, green, blue" },
		{ "text", "$x", "$x is not a declared variable" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(bad); i++) {
		struct desk desk;
		char wanted[256];

		desk_begin(&desk, &table);
		set(&desk, &table, bad[i].name, bad[i].written);
		snprintf(wanted, sizeof(wanted), "f:1: %s: %s", bad[i].name, bad[i].told);
		if (strncmp(desk_told(&desk), wanted, strlen(wanted)) != 0)
			fail_msg("%s = %s: %s", bad[i].name, bad[i].written, desk.told);
		desk_end(&desk);
	}
}

static void
presets_are_filled_in_and_let_go(void **state)
{
	struct desk desk;
	char room[64];

	(void)state;
	cleaned = 0;
	desk_begin(&desk, &table);
	assert_string_equal(desk.values->text, "preset");
	assert_null(desk.values->secret);
	assert_null(shown(&desk, "secret", room, sizeof(room)));
	assert_int_equal(desk.values->integer, 7);
	assert_int_equal(desk.values->wait, 90000);
	assert_int_equal(desk.values->room, 65536);
	assert_int_equal(desk.values->choice, 1);
	assert_false(desk.values->truth);
	assert_int_equal(cleaned, 0);
	desk_end(&desk);
	assert_int_equal(cleaned, 1);
}

static void
what_is_required_and_what_no_row_can_say_is_checked_at_the_end(void **state)
{
	struct desk desk;

	(void)state;
	desk_begin(&desk, &table);
	set(&desk, &table, "integer", "13");
	dk_options_finish(&table, desk.values, "endpoint x", (struct dk_place){ "f", 9 },
			  desk.faults);
	assert_string_equal(desk_told(&desk),
			    "f:9: endpoint x has no required; required = \"…\"; (Must be.)\n");
	free(desk.told);
	set(&desk, &table, "required", "here");
	desk.faults = (dk_faults_free(desk.faults), dk_faults_new());
	dk_options_finish(&table, desk.values, "endpoint x", (struct dk_place){ "f", 9 },
			  desk.faults);
	assert_string_equal(desk_told(&desk), "f:9: endpoint x: thirteen is bad luck\n");
	desk_end(&desk);
}

static int
take_other(void *values, const char *name, const char *value, struct dk_error *error)
{
	if (strncmp(name, "ssl_", 4) != 0)
		return dk_fail(error, "the library knows no %s", name);
	((struct values *)values)->text = value;
	return 0;
}

static void
names_that_no_row_has_are_offered_to_the_plugin(void **state)
{
	static const struct dk_options other = { sizeof(struct values), rows, take_other, NULL,
						 NULL };
	struct desk desk;

	(void)state;
	assert_true(dk_options_know(&table, "port"));
	assert_false(dk_options_know(&table, "ssl_ca"));
	assert_true(dk_options_know(&other, "ssl_ca"));
	desk_begin(&desk, &other);
	set(&desk, &other, "ssl_ca", "/etc/ca");
	assert_string_equal(desk.values->text, "/etc/ca");
	set(&desk, &other, "tsl_ca", "/etc/ca");
	assert_string_equal(desk_told(&desk), "f:1: tsl_ca: the library knows no tsl_ca\n");
	desk_end(&desk);
}

static void
names_are_listed_once_and_as_far_as_there_is_room(void **state)
{
	char all[400] = "from, port", few[24] = "from";

	(void)state;
	dk_options_names(&table, all, sizeof(all));
	assert_string_equal(all, "from, port, text, secret, required, integer, wait, room, least, "
				 "truth, choice");
	dk_options_names(&table, few, sizeof(few));
	assert_string_equal(few, "from, text, secret, req");
}

static void
a_table_without_options_has_no_values(void **state)
{
	static const struct dk_options none = { 0 };
	struct desk desk;

	(void)state;
	desk_begin(&desk, &none);
	assert_null(desk.values);
	assert_false(dk_options_know(&none, "x"));
	dk_options_finish(&none, NULL, "x", (struct dk_place){ "f", 1 }, desk.faults);
	assert_int_equal(dk_faults_count(desk.faults), 0);
	desk_end(&desk);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_value_is_read_and_shown),
		cmocka_unit_test(a_bad_value_is_refused_with_the_reason),
		cmocka_unit_test(presets_are_filled_in_and_let_go),
		cmocka_unit_test(what_is_required_and_what_no_row_can_say_is_checked_at_the_end),
		cmocka_unit_test(names_that_no_row_has_are_offered_to_the_plugin),
		cmocka_unit_test(names_are_listed_once_and_as_far_as_there_is_room),
		cmocka_unit_test(a_table_without_options_has_no_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
