/* SPDX-License-Identifier: Apache-2.0
 *
 * document_test.c - payloads as JSON: paths, kinds, limits, and what is none.
 */
#include "test/unit/unit.h"

#include "daemon/language/document.h"

/* What stands at the path, as its kind and its text, in the caller's buffer. */
static const char *
find(struct dk_slice payload, const char *path, struct dk_buffer *told)
{
	static const char *const kinds[] = { "absent", "text",	"integer",
					     "real",   "truth", "compound" };
	struct dk_document document = { 0 };
	struct dk_value value = { .kind = DK_VALUE_TEXT };

	dk_document_find(&document, payload, dk_slice_of(path), &value);
	told->length = 0;
	dk_buffer_add_text(told, kinds[value.kind]);
	dk_buffer_add_text(told, value.kind == DK_VALUE_ABSENT ? "" : " ");
	dk_value_add(&value, told);
	dk_document_clear(&document);
	assert_null(document.root);
	assert_false(document.was_asked);
	return told->data;
}

#define DOCUMENT                                                                                \
	"{ \"user\": { \"id\": 17, \"name\": \"Ann\", \"tags\": [ \"a\", [ 1, 2.5 ], null ] }," \
	"  \"total\": 1.50, \"big\": -9223372036854775808, \"ok\": true, \"not\": false,"       \
	"  \"none\": null, \"\": \"nameless\", \"7\": \"seven\", \"a.b\": 1, \"e\": 1e3,"       \
	"  \"deep\": { \"\": { \"x\": 5 }, \"z\": 1, \"b\": [ ], \"a\": { } },"                 \
	"  \"text\": \"\\u00e9\\n\\\"\", \"nul\": \"a\\u0000b\", \"ship\": \"\\ud83d\\udea2\" }"

static void
a_path_finds_what_stands_there(void **state)
{
	static const struct {
		const char *path, *told;
	} rows[] = {
		{ "user.id", "integer 17" },
		{ "user.name", "text Ann" },
		{ "user.tags.0", "text a" },
		{ "user.tags.00", "text a" },
		{ "user.tags.1", "compound [1,2.5]" },
		{ "user.tags.1.0", "integer 1" },
		{ "user.tags.1.1", "real 2.5" },
		{ "user.tags.2", "absent" },
		{ "user.tags.3", "absent" },
		{ "user.tags.-1", "absent" },
		{ "user.tags.0x0", "absent" },
		{ "user.tags.", "absent" },
		{ "user.tags.1234567890", "absent" },
		{ "user.tags.999999999", "absent" },
		{ "user.tags.18446744073709551616", "absent" }, /* 2^64, and not 0 */
		{ "user.tags.a", "absent" },
		{ "user.tags.0.0", "absent" },
		{ "user", "compound {\"id\":17,\"name\":\"Ann\",\"tags\":[\"a\",[1,2.5],null]}" },
		{ "user.", "absent" },
		{ "user.nobody", "absent" },
		{ "user.id.more", "absent" },
		{ "nobody.more.still", "absent" },
		{ "total", "real 1.5" },
		{ "e", "real 1000" },
		{ "big", "integer -9223372036854775808" },
		{ "ok", "truth true" },
		{ "not", "truth false" },
		{ "none", "absent" },
		{ "none.more", "absent" },
		{ "7", "text seven" },
		{ "a.b", "absent" }, /* a name with a dot is out of reach */
		{ "text", "text \xc3\xa9\n\"" },
		{ "ship", "text \xf0\x9f\x9a\xa2" },
		{ "deep", "compound {\"\":{\"x\":5},\"a\":{},\"b\":[],\"z\":1}" },
		{ "deep.", "compound {\"x\":5}" },
		{ "deep..x", "integer 5" },
		{ "deep.a", "compound {}" },
		{ ".", "absent" },
	};
	struct dk_buffer told = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (strcmp(find(DK_SLICE(DOCUMENT), rows[i].path, &told), rows[i].told) != 0)
			fail_msg("%s: %s", rows[i].path, told.data);
	dk_buffer_clear(&told);
}

static void
the_empty_path_is_the_whole_payload(void **state)
{
	static const struct {
		struct dk_slice payload;
		const char *told;
	} rows[] = {
		{ { "17", 2 }, "integer 17" },
		{ { " \"a\"\n", 5 }, "text a" },
		{ { "\"\"", 2 }, "text " },
		{ { "true", 4 }, "truth true" },
		{ { "null", 4 }, "absent" },
		{ { "[ ]", 3 }, "compound []" },
		{ { "{\"b\":1,\"a\":2}", 13 }, "compound {\"a\":2,\"b\":1}" },
		{ { "-0", 2 }, "integer 0" },
		{ { "1e2", 3 }, "real 100" },
	};
	struct dk_buffer told = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_string_equal(find(rows[i].payload, "", &told), rows[i].told);
	dk_buffer_clear(&told);
}

static void
what_is_no_json_has_nothing_in_it(void **state)
{
	static const struct dk_slice rows[] = {
		{ NULL, 0 },
		{ "", 0 },
		{ "  ", 2 },
		{ "{", 1 },
		{ "{}x", 3 },
		{ "{\"a\":1", 6 },
		{ "{\"a\":1,}", 8 },
		{ "{'a':1}", 7 },
		{ "{a:1}", 5 },
		{ "[01]", 4 },
		{ "[1,]", 4 },
		{ "[nan]", 5 },
		{ "[.5]", 4 },
		{ "tru", 3 },
		{ "\"a\nb\"", 5 },
		{ "\"\xff\"", 3 },
		{ "\"\\ud83d\"", 8 },
		{ "\"\\x\"", 4 },
		{ "\"a\0b\"", 5 },
		{ "{}\0", 3 },
		{ "\xef\xbb\xbf{}", 5 },
		{ "{\"a\":1,\"a\":1}", 13 },
		{ "{\"a\\u0000\":1}", 13 },
		{ "9223372036854775808", 19 },
		{ "{\"id\":18446744073709551615}", 27 },
		{ "[1e999]", 7 },
	};
	struct dk_buffer told = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (strcmp(find(rows[i], "", &told), "absent") != 0)
			fail_msg("row %zu, %s: %s", i, rows[i].data, told.data);
	dk_buffer_clear(&told);
}

static void
a_text_may_hold_a_nul(void **state)
{
	struct dk_document document = { 0 };
	struct dk_value value;
	struct dk_buffer told = { 0 };

	(void)state;
	dk_document_find(&document, DK_SLICE(DOCUMENT), DK_SLICE("nul"), &value);
	assert_int_equal(value.kind, DK_VALUE_TEXT);
	assert_int_equal(value.text.length, 3);
	assert_memory_equal(value.text.data, "a\0b", 3);
	dk_document_clear(&document);
	assert_string_equal(find(DK_SLICE("[\"a\\u0000b\"]"), "", &told),
			    "compound [\"a\\u0000b\"]");
	dk_buffer_clear(&told);
}

static void
a_name_may_be_long(void **state)
{
	char name[1001], payload[1100];
	struct dk_buffer told = { 0 };

	(void)state;
	memset(name, 'n', 1000);
	name[1000] = '\0';
	sprintf(payload, "{\"%s\":7}", name);
	assert_string_equal(find(dk_slice_of(payload), name, &told), "integer 7");
	name[999] = '\0';
	assert_string_equal(find(dk_slice_of(payload), name, &told), "absent");
	dk_buffer_clear(&told);
}

static const char *
find_nested(size_t depth, struct dk_buffer *told)
{
	struct dk_buffer payload = { 0 };

	for (size_t i = 0; i < depth; i++)
		dk_buffer_add_text(&payload, "[");
	for (size_t i = 0; i < depth; i++)
		dk_buffer_add_text(&payload, "]");
	find(dk_slice_new(payload.data, payload.length), "0.0.0", told);
	dk_buffer_clear(&payload);
	return told->length > 8 ? "compound" : told->data;
}

static void
what_is_nested_too_deep_is_not_parsed(void **state)
{
	struct dk_buffer told = { 0 };

	(void)state;
	assert_string_equal(find_nested(2047, &told), "compound");
	assert_int_equal(told.length, 9 + 2 * (2047 - 3));
	assert_string_equal(find_nested(2049, &told), "absent");
	assert_string_equal(find_nested(1000000, &told), "absent");
	dk_buffer_clear(&told);
}

static void
what_is_too_long_is_not_parsed(void **state)
{
	char *payload = malloc(DK_DOCUMENT_MAX + 1);
	struct dk_buffer told = { 0 };

	(void)state;
	assert_non_null(payload);
	memset(payload, ' ', DK_DOCUMENT_MAX + 1);
	payload[0] = '7';
	assert_string_equal(find(dk_slice_new(payload, DK_DOCUMENT_MAX), "", &told), "integer 7");
	assert_string_equal(find(dk_slice_new(payload, DK_DOCUMENT_MAX + 1), "", &told), "absent");
	free(payload);
	dk_buffer_clear(&told);
}

/* What was parsed stays: another payload is not looked at before it is cleared. */
static void
a_payload_is_parsed_once(void **state)
{
	struct dk_document document = { 0 };
	struct dk_value value;

	(void)state;
	dk_document_find(&document, DK_SLICE("no json"), DK_SLICE(""), &value);
	assert_int_equal(value.kind, DK_VALUE_ABSENT);
	dk_document_find(&document, DK_SLICE("7"), DK_SLICE(""), &value);
	assert_int_equal(value.kind, DK_VALUE_ABSENT);
	dk_document_clear(&document);
	dk_document_find(&document, DK_SLICE("7"), DK_SLICE(""), &value);
	assert_int_equal(value.integer, 7);
	dk_document_find(&document, DK_SLICE("8"), DK_SLICE(""), &value);
	assert_int_equal(value.integer, 7);
	dk_document_clear(&document);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_finds_what_stands_there),
		cmocka_unit_test(the_empty_path_is_the_whole_payload),
		cmocka_unit_test(what_is_no_json_has_nothing_in_it),
		cmocka_unit_test(a_text_may_hold_a_nul),
		cmocka_unit_test(a_name_may_be_long),
		cmocka_unit_test(what_is_nested_too_deep_is_not_parsed),
		cmocka_unit_test(what_is_too_long_is_not_parsed),
		cmocka_unit_test(a_payload_is_parsed_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
