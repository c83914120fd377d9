/* SPDX-License-Identifier: Apache-2.0
 *
 * same_plan_test.c - whether a configuration that is read again comes to the same: a reload then
 * changes nothing.
 */
#include "test/unit/folder.h"

#include "daemon/base/buffer.h"
#include "daemon/config/difference.h"
#include "test/unit/plugins.h"

static int
give_a(const struct dk_request *request, struct dk_buffer *answer, struct dk_error *error)
{
	(void)request, (void)error;
	dk_buffer_add_text(answer, "[ \"a\" ]");
	return 0;
}

static struct dk_plan *
read_text(const struct folder *folder, const char *text)
{
	static const struct dk_plugin_finder finder = { .find = fake_find, .fetch = give_a };
	struct dk_faults *faults = dk_faults_new();
	struct dk_plan *plan;

	file_write(folder, "conf", dk_slice_of(text));
	plan = dk_plan_read(&(struct dk_plan_reading){ .path = folder_file(folder, "conf"), .finder = &finder }, faults);
	dk_faults_print(faults, stderr);
	assert_non_null(plan);
	dk_faults_free(faults);
	return plan;
}

#define ENDPOINT(options) "endpoints = { e = { plugin = \"mqtt\"; uri = \"u\"; " options " }; };"
#define OPEN(options) "endpoints = { e = { plugin = \"open\"; uri = \"u\"; " options " }; };"
#define HTTP(options) "http = { listen = \"127.0.0.1:9468\"; " options " };"
#define LIST(options) "lists = { l = { url = \"http://h/x\"; " options " }; };"
#define LOG(options) "log = { http = \"http://h\"; " options " };"
#define KEY(value) "variables = { KEY = { default = \"" value "\"; secret = true; }; };"
#define WHEN(value, condition)                                                                     \
	"variables = { V = \"" value "\"; };" ENDPOINT(                                            \
		"") "routes = { r = { from = \"e:a\"; to = \"e:b\"; when = \"" condition "\"; }; };"
#define ROUTE(key)                                                                                 \
	KEY(key) ENDPOINT("")                                                                      \
	"routes = { r = { from = \"e:a\"; to = \"e:b\"; headers = ( \"k: $KEY\" ); }; };"

static void
what_makes_a_difference_is_seen_also_if_it_is_secret(void **state)
{
	static const struct {
		const char *one, *two;
		bool is_same;
	} cases[] = {
		{ ENDPOINT(""), ENDPOINT("qos = 1;"), true },
		{ ENDPOINT(""), ENDPOINT("/* no word */"), true },
		{ ENDPOINT(""), ENDPOINT("qos = 2;"), false },
		{ ENDPOINT(""), "drain = \"1s\"; " ENDPOINT(""), false },
		{ ENDPOINT("username = \"a\"; password = \"b\";"),
		  ENDPOINT("username = \"a\"; password = \"c\";"), false },
		{ OPEN("their_password = \"a\";"), OPEN("their_password = \"b\";"), false },
		{ KEY("a") ENDPOINT("username = \"$KEY\";"),
		  KEY("b") ENDPOINT("username = \"$KEY\";"), false },
		{ KEY("a") ENDPOINT(""), KEY("b") ENDPOINT(""), true },
		{ ROUTE("a"), ROUTE("b"), false },
		{ WHEN("a", "$key == $V"), WHEN("a", "$key == $V"), true },
		{ WHEN("a", "$key == $V"), WHEN("b", "$key == $V"), false },
		{ WHEN("O'Neil", "$key == $V"), WHEN("D'Arcy", "$key == $V"), false },
		{ WHEN("a'", "$key in $V"), WHEN("b'", "$key in $V"), false },
		{ WHEN("a", "$key ~ '${V}+'"), WHEN("a", "$key ~ '${V}+'"), true },
		{ WHEN("a", "$key ~ '${V}+'"), WHEN("b", "$key ~ '${V}+'"), false },
		{ WHEN("a'", "$key ~ '${V}+'"), WHEN("b'", "$key ~ '${V}+'"), false },
		{ LIST(""), LIST("refresh = \"60s\";"), true },
		{ LIST(""), LIST("refresh = \"61s\";"), false },
		{ HTTP("token = \"0123456789abcdef\";"), HTTP("token = \"0123456789abcdeg\";"), false },
		{ HTTP("certificate = \"/dev/null\";"),
		  HTTP("certificate = \"/dev/null\"; private_key = \"/dev/null\";"), false },
		{ HTTP("certificate = \"/dev/null\";"),
		  HTTP("certificate = \"/dev/null\"; ca = \"/dev/null\";"), false },
		{ HTTP(""), HTTP("certificate = \"/dev/null\";"), false },
		{ LIST("token = \"a\";"), LIST("token = \"b\";"), false },
		{ LOG(""), LOG("level = \"info\";"), true },
		{ LOG(""), LOG("level = \"debug\";"), false },
		{ LOG(""), LOG("form = \"json\";"), false },
		{ LOG(""), LOG("instance = \"a\";"), false },
		{ LOG(""), "log = { http = \"http://i\"; };", false },
		{ LOG("http_username = \"a\"; http_password = \"b\";"),
		  LOG("http_username = \"b\"; http_password = \"b\";"), false },
		{ LOG("http_username = \"a\"; http_password = \"b\";"),
		  LOG("http_username = \"a\"; http_password = \"c\";"), false },
		{ LOG("http_token = \"a\";"), LOG("http_token = \"b\";"), false },
		{ LOG("http_header = \"a: b\";"), LOG("http_header = \"a: c\";"), false },
		{ LOG("http_ca = \"/a\";"), LOG("http_ca = \"/b\";"), false },
		{ LOG(""), LOG("http_queue = \"5 MB\";"), false },
		{ "lists = { l = ( \"a\" ); };", "lists = { l = ( \"b\" ); };", false },
	};
	struct folder folder;

	(void)state;
	folder_make(&folder);
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct dk_plan *one = read_text(&folder, cases[i].one);
		struct dk_plan *two = read_text(&folder, cases[i].two);

		struct dk_difference *difference = dk_difference_new(one, two);

		if (difference->is_none != cases[i].is_same)
			fail_msg("%s\nand\n%s", cases[i].one, cases[i].two);
		dk_difference_free(difference);
		dk_plan_free(one);
		dk_plan_free(two);
	}
	folder_remove(&folder);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_makes_a_difference_is_seen_also_if_it_is_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
