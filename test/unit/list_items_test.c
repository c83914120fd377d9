/* SPDX-License-Identifier: Apache-2.0
 *
 * list_items_test.c - the items of a list: their limits, their places, how fast they are read, and
 * base64.
 */
#include "test/unit/folder.h"

#include <time.h>

#include "daemon/base/base64.h"
#include "daemon/base/error.h"
#include "daemon/config/list_items.h"
#include "test/unit/plugins.h"

/* --- A list from bytes --- */

struct read {
	struct dk_plan_memory *memory;
	struct dk_faults *faults;
	struct dk_item_list list;
	char *told;
};

static void
read_json(struct read *read, struct dk_slice text)
{
	struct dk_items items;
	size_t length;
	FILE *out = open_memstream(&read->told, &length);

	*read = (struct read){ dk_memory_new(), dk_faults_new(), { .name = "l" }, NULL };
	items = dk_items_begin("l", read->memory, read->faults);
	dk_items_read_json(&items, text, "f");
	dk_items_end(&items, &read->list);
	dk_faults_print(read->faults, out);
	fclose(out);
}

static void
let_go(struct read *read)
{
	dk_memory_free(read->memory);
	dk_faults_free(read->faults);
	free(read->told);
}

/* So many names, one a line. To be freed. */
static char *
names(size_t count)
{
	struct dk_buffer text = { 0 };

	dk_buffer_add_text(&text, "[");
	for (size_t i = 0; i < count; i++)
		dk_buffer_print(&text, "%s\n{ \"name\": \"item-%zu\", \"rate\": %zu }",
				i ? "," : "", i, i);
	dk_buffer_add_text(&text, "]");
	return dk_buffer_detach(&text);
}

static void
a_list_has_at_most_a_hundred_thousand_items(void **state)
{
	char *text = names(DK_ITEMS_MAX);
	struct read read;

	(void)state;
	read_json(&read, dk_slice_of(text));
	assert_string_equal(read.told, "");
	assert_int_equal(read.list.count, DK_ITEMS_MAX);
	assert_string_equal(read.list.items[99999].name, "item-99999");
	assert_int_equal(read.list.items[99999].place.line, 100001);
	let_go(&read);
	free(text);
	text = names(DK_ITEMS_MAX + 3);
	read_json(&read, dk_slice_of(text));
	assert_string_equal(read.told, "f:100002: list l has more than 100000 items\n");
	let_go(&read);
	free(text);
}

static void
values_keep_their_kinds(void **state)
{
	static const char text[] = "[ { \"text\": \"x\", \"integer\": -9223372036854775808,\n"
				   "\"name\": \"a\", \"real\": 2.50, \"truth\": true } ]";
	const struct dk_node *fields;
	struct read read;

	(void)state;
	read_json(&read, dk_slice_of(text));
	assert_string_equal(read.told, "");
	fields = read.list.items[0].fields;
	assert_int_equal(fields->kind, DK_NODE_GROUP);
	assert_string_equal(fields->name, "a");
	assert_int_equal(fields->count, 4);
	assert_int_equal(dk_node_find(fields, "text")->kind, DK_NODE_TEXT);
	assert_true(dk_node_find(fields, "integer")->integer == INT64_MIN);
	assert_string_equal(dk_node_find(fields, "integer")->text, "-9223372036854775808");
	assert_int_equal(dk_node_find(fields, "real")->kind, DK_NODE_REAL);
	assert_string_equal(dk_node_find(fields, "real")->text, "2.5");
	assert_int_equal(dk_node_find(fields, "truth")->kind, DK_NODE_TRUTH);
	assert_string_equal(dk_node_find(fields, "truth")->text, "true");
	let_go(&read);
}

static void
what_is_no_json_is_refused(void **state)
{
	static const struct {
		struct dk_slice text;
		const char *wanted;
	} cases[] = {
		{ DK_SLICE("[ \"a\\u0000b\" ]"), "f:1: list l: no JSON that can be read: \\u0000 is "
						 "not allowed without JSON_ALLOW_NUL near '\"a\\u0000b\"'" },
		{ DK_SLICE("[ \"a\0b\" ]"), "f:1: list l: no JSON that can be read: control "
					    "character 0x0 near '\"a'" },
		{ DK_SLICE("[ \"\xff\" ]"),
		  "f:1: list l: no JSON that can be read: unable to decode byte 0xff near '\"'" },
		{ DK_SLICE("[ 1e999 ]"),
		  "f:1: list l: no JSON that can be read: real number overflow near '1e999'" },
		{ DK_SLICE("[]\n[]"), "f:2: list l: no JSON that can be read: end of file expected "
				      "near '['" },
		{ DK_SLICE("[ { \"name\": \"a\", \"x\": 99999999999999999999 } ]"),
		  "f:1: list l: no JSON that can be read: too big integer near "
		  "'99999999999999999999'" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct read read;

		read_json(&read, cases[i].text);
		read.told[strcspn(read.told, "\n")] = '\0';
		assert_string_equal(read.told, cases[i].wanted);
		assert_int_equal(read.list.count, 0);
		let_go(&read);
	}
}

static void
nesting_has_an_end(void **state)
{
	static char text[200000];
	struct read read;

	(void)state;
	memset(text, '[', sizeof(text));
	read_json(&read, dk_slice_new(text, sizeof(text)));
	assert_string_equal(read.told, "f:1: list l: no JSON that can be read: maximum parsing depth "
				       "reached near '['\n");
	let_go(&read);
}

/* --- In a file --- */

static void
a_file_may_have_eight_megabytes(void **state)
{
	static const char configuration[] = "lists = { l = { file = \"big.json\"; }; };";
	struct dk_buffer big = { 0 };
	struct folder folder;
	char wanted[256];

	(void)state;
	folder_make(&folder);
	dk_buffer_add_text(&big, "[ \"a\" ]");
	while (big.length < DK_LIST_BYTES_MAX)
		dk_buffer_add_text(&big, " ");
	file_write(&folder, "conf", dk_slice_of(configuration));
	for (size_t more = 0; more < 2; more++) {
		struct dk_faults *faults = dk_faults_new();
		char *told = NULL;
		size_t length;
		FILE *out = open_memstream(&told, &length);
		struct dk_plan *plan;

		file_write(&folder, "big.json", dk_slice_new(big.data, big.length));
		plan = dk_plan_read(&(struct dk_plan_reading){ .path = folder_file(&folder, "conf"), .finder = &fake_finder }, faults);
		dk_faults_print(faults, out);
		fclose(out);
		snprintf(wanted, sizeof(wanted),
			 "%s/conf:1: list l: %s/big.json is larger than 8 MB\n", folder.path,
			 folder.path);
		assert_string_equal(told, more ? wanted : "");
		dk_plan_free(plan);
		dk_faults_free(faults);
		free(told);
		dk_buffer_add_text(&big, " ");
	}
	dk_buffer_clear(&big);
	folder_remove(&folder);
}

static double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Of 20 times the fastest; the limit is for sanitizers, the figure for people. */
static void
a_thousand_items_take_a_millisecond_or_two(void **state)
{
	char *text = names(1000);
	double fastest = 1e9;

	(void)state;
	for (int i = 0; i < 20; i++) {
		double began = now_ms(), took;
		struct read read;

		read_json(&read, dk_slice_of(text));
		took = now_ms() - began;
		fastest = took < fastest ? took : fastest;
		assert_int_equal(read.list.count, 1000);
		let_go(&read);
	}
	print_message("1,000 items: %.2f ms\n", fastest);
	assert_true(fastest < 40);
	free(text);
}

/* --- Names --- */

static void
a_list_is_found_or_suggested_by_its_name(void **state)
{
	struct dk_faults *faults = dk_faults_new();
	struct dk_suggestion suggestion = { .written = dk_slice_of("tenant") };
	struct dk_plan *plan;
	struct folder folder;

	(void)state;
	folder_make(&folder);
	file_write(&folder, "conf", DK_SLICE("lists = { shops = ( ); tenants = ( \"a\" ); };"));
	plan = dk_plan_read(&(struct dk_plan_reading){ .path = folder_file(&folder, "conf"), .finder = &fake_finder }, faults);
	assert_non_null(plan);
	assert_int_equal(dk_lists_find(plan->lists, "tenants")->count, 1);
	assert_null(dk_lists_find(plan->lists, "tenant"));
	dk_lists_suggest(plan->lists, &suggestion);
	assert_string_equal(suggestion.nearest, "tenants");
	dk_plan_free(plan);
	dk_faults_free(faults);
	folder_remove(&folder);
}

/* --- Base64 --- */

static void
base64_is_read_by_its_letters(void **state)
{
	static const struct {
		const char *text, *bytes; /* NULL: it is none */
	} cases[] = {
		{ "", "" },           { "Zg==", "f" },  { "Zm8=", "fo" },
		{ "Zm9v", "foo" },    { "Zm9vYg==", "foob" }, { "+/+/", "\xfb\xff\xbf" },
		{ "Zg=", NULL },      { "Zg", NULL },   { "Z===", NULL },
		{ "====", NULL },     { "Zm9=v", NULL }, { "Zm=v", NULL },
		{ "Zm 9", NULL },     { "Zm9v\n", NULL }, { "Zm9-", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct dk_buffer bytes = { 0 };
		int result = dk_base64_read(dk_slice_of(cases[i].text), &bytes);

		assert_int_equal(result, cases[i].bytes ? 0 : -1);
		if (cases[i].bytes)
			assert_slice(dk_slice_new(bytes.data, bytes.length), cases[i].bytes);
		dk_buffer_clear(&bytes);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_has_at_most_a_hundred_thousand_items),
		cmocka_unit_test(values_keep_their_kinds),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(a_file_may_have_eight_megabytes),
		cmocka_unit_test(a_thousand_items_take_a_millisecond_or_two),
		cmocka_unit_test(a_list_is_found_or_suggested_by_its_name),
		cmocka_unit_test(base64_is_read_by_its_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
