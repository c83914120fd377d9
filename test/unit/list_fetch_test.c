/* SPDX-License-Identifier: Apache-2.0
 *
 * list_fetch_test.c - lists of a url: good answers and bad ones of a server in the test, last good
 * copies, Consul.
 */
#include "test/unit/folder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/time.h>

#include "daemon/config/fetch.h"
#include "daemon/config/lists.h"
#include "test/unit/plugins.h"
#include "test/unit/server.h"

/* --- The server --- */

static struct {
	struct server server;
	struct folder folder;
	pthread_mutex_t lock; /* of what the server's thread writes */
	char token[64], agent[64], asked[128];
	const char *changing; /* what /changing gives; NULL: it is away */
} world = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* "W10=" is "[]", "eyJyYXRlIjogNX0=" is {"rate": 5}. */
#define KEY(name, value) "{\"LockIndex\":0,\"Key\":\"" name "\",\"Flags\":0,\"Value\":" value \
	",\"CreateIndex\":1,\"ModifyIndex\":2}"

static const struct row {
	const char *path;
	int status;
	const char *location, *body;
} rows[] = {
	{ "/good", 200, NULL, "[ \"a\", { \"name\": \"b\", \"rate\": 5 } ]\n" },
	{ "/page", 500, NULL, "<html>no</html>" },
	{ "/denied", 403, NULL, "rpc error: Permission denied\nmore" },
	{ "/unauthorized", 401, NULL, "" },
	{ "/no-content", 204, NULL, "" },
	{ "/missing", 404, NULL, "" },
	{ "/empty", 200, NULL, "" },
	{ "/broken", 200, NULL, "[ \"a\",\n 5" },
	{ "/wrong", 200, NULL, "[ 5,\n 6, 7 ]" },
	{ "/loop", 302, "/loop", "" },
	{ "/four", 302, "/three", "" },
	{ "/three", 302, "/two", "" },
	{ "/two", 301, "/one", "" },
	{ "/one", 307, "/good", "" },
	{ "/ftp", 302, "ftp://127.0.0.1/x", "" },
	{ "/file", 302, "file:///etc/passwd", "" },
	{ "/v1/kv/diolkos/stores?raw", 200, NULL, "[ \"x\" ]" },
	{ "/v1/kv/diolkos/stores?dc=east&raw", 200, NULL, "[ \"east\" ]" },
	{ "/v1/kv/st%20/?recurse", 200, NULL,
	  "[" KEY("st /", "null") "," KEY("st /berlin", "\"eyJyYXRlIjogNX0=\"") ","
	  KEY("st /paris", "null") "," KEY("st /rome", "\"\"") "]" },
	{ "/v1/kv/bad/?recurse", 200, NULL,
	  "[" KEY("bad/a/b", "null") ",\n" KEY("bad/c", "\"W10=\"") ",\n" KEY("bad/d", "\"eyI\"")
	  ",\n" KEY("bad/e", "\"W10\"") ",\n" KEY("other/f", "null") ",\n 5 ]" },
	{ "/v1/kv/named/?recurse", 200, NULL,
	  "[" KEY("named/a", "\"eyJuYW1lIjogImIifQ==\"") "]" },
	{ "/v1/kv/deep/?recurse", 200, NULL,
	  "[" KEY("deep/a", "\"eyAicmF0ZSI6IDUsCiAgIngiOiBbXSB9\"") "]" },
};

static void
send_all(struct evhttp_request *request, int status, const char *body)
{
	struct evbuffer *buffer = evbuffer_new();

	evbuffer_add(buffer, body, strlen(body));
	evhttp_send_reply(request, status, "As it is", buffer);
	evbuffer_free(buffer);
}

/* 9 MB of spaces without their length. */
static void
send_huge(struct evhttp_request *request)
{
	static const char kilobytes[4096] = { ' ' };

	evhttp_send_reply_start(request, 200, "OK");
	for (int i = 0; i < 9 * 256; i++) {
		struct evbuffer *buffer = evbuffer_new();

		evbuffer_add_reference(buffer, kilobytes, sizeof(kilobytes), NULL, NULL);
		evhttp_send_reply_chunk(request, buffer);
		evbuffer_free(buffer);
	}
	evhttp_send_reply_end(request);
}

static void
send_row(struct evhttp_request *request, const char *path)
{
	for (size_t i = 0; i < ROWS(rows); i++) {
		if (strcmp(rows[i].path, path) != 0)
			continue;
		if (rows[i].location)
			evhttp_add_header(evhttp_request_get_output_headers(request), "Location",
					  rows[i].location);
		send_all(request, rows[i].status, rows[i].body);
		return;
	}
	send_all(request, 404, "");
}

static void
note_header(struct evhttp_request *request, const char *name, char *noted, size_t room)
{
	const char *value =
		evhttp_find_header(evhttp_request_get_input_headers(request), name);

	snprintf(noted, room, "%s", value ? value : "");
}

static void
answer(struct evhttp_request *request, void *context)
{
	const char *path = evhttp_request_get_uri(request);

	(void)context;
	pthread_mutex_lock(&world.lock);
	note_header(request, "X-Consul-Token", world.token, sizeof(world.token));
	note_header(request, "User-Agent", world.agent, sizeof(world.agent));
	snprintf(world.asked, sizeof(world.asked), "%s", path);
	if (strcmp(path, "/huge") == 0)
		send_huge(request);
	else if (strcmp(path, "/changing") == 0)
		send_all(request, world.changing ? 200 : 503, world.changing ? world.changing : "");
	else if (strcmp(path, "/slow") != 0) /* which is never answered */
		send_row(request, path);
	pthread_mutex_unlock(&world.lock);
}

static void
change(const char *body)
{
	pthread_mutex_lock(&world.lock);
	world.changing = body;
	pthread_mutex_unlock(&world.lock);
}

/* --- What becomes of a list --- */

/* All of one in place of the other, in the buffer. */
static void
replace(char *text, const char *from, const char *to)
{
	char *at;

	while ((at = strstr(text, from))) {
		memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
		memcpy(at, to, strlen(to));
	}
}

static void
put_items(const struct dk_item_list *list, FILE *out)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct dk_node *fields = list->items[i].fields;

		fprintf(out, "%s%s", i ? " " : "", list->items[i].name);
		for (size_t j = 0; fields && j < fields->count; j++)
			fprintf(out, ",%s=%s", fields->inside[j].name, fields->inside[j].text);
	}
	fputs("\n", out);
}

static void
write_configuration(const char *settings)
{
	char text[1024], configuration[1200];

	snprintf(text, sizeof(text), "%s", settings);
	for (char *at; (at = strstr(text, "PORT"));) {
		char port[8], rest[1024];

		snprintf(rest, sizeof(rest), "%s", at + 4);
		snprintf(port, sizeof(port), "%d", world.server.port);
		snprintf(at, sizeof(text) - (size_t)(at - text), "%s%s", port, rest);
	}
	snprintf(configuration, sizeof(configuration), "state = \"%s/state\";\nlists = { l = { %s }; };\n",
		 world.folder.path, text);
	file_write(&world.folder, "conf", dk_slice_of(configuration));
}

static struct dk_plan *
read_plan(const char *settings, bool keeps, struct dk_faults *faults)
{
	static struct dk_plugin_finder finder = { .find = fake_find, .fetch = dk_fetch };

	finder.keeps_lists = keeps;
	write_configuration(settings);
	return dk_plan_read(&(struct dk_plan_reading){ .path = folder_file(&world.folder, "conf"), .finder = &finder }, faults);
}

/* Its items, and what is said of it, with PORT and without the folder. */
static const char *
tell(const char *settings, bool keeps)
{
	static char text[4096];
	char port[16], folder[80];
	struct dk_faults *faults = dk_faults_new();
	struct dk_plan *plan = read_plan(settings, keeps, faults);
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (plan)
		put_items(dk_lists_find(plan->lists, "l"), out);
	dk_faults_print(faults, out);
	fputc('\0', out);
	fclose(out);
	snprintf(port, sizeof(port), "%d", world.server.port);
	snprintf(folder, sizeof(folder), "%s/", world.folder.path);
	replace(text, folder, "");
	replace(text, port, "PORT");
	dk_plan_free(plan);
	dk_faults_free(faults);
	return text;
}

static void
check(const char *settings, const char *wanted)
{
	assert_string_equal(tell(settings, false), wanted);
}

#define NO_COPY "; and there is no last good copy: cannot read state/lists/l.json: No such file or " \
		"directory\n"
#define BAD(path, why)                                                                             \
	{                                                                                          \
		"url = \"http://127.0.0.1:PORT" path "\";",                                        \
			"conf:2: list l: http://127.0.0.1:PORT" path ": " why NO_COPY              \
	}

static void
what_a_server_says_is_told(void **state)
{
	static const struct {
		const char *settings, *wanted;
	} cases[] = {
		{ "url = \"http://127.0.0.1:PORT/good\";", "a b,rate=5\n" },
		{ "url = \"http://user:word@127.0.0.1:PORT/good\";", "a b,rate=5\n" },
		{ "url = \"http://127.0.0.1:PORT/three\";", "a b,rate=5\n" },
		BAD("/missing", "the answer has status 404; is the path right?"),
		BAD("/denied", "the answer has status 403 (rpc error: Permission denied); user and "
			       "password, or a token?"),
		BAD("/unauthorized", "the answer has status 401; user and password, or a token?"),
		BAD("/page", "the answer has status 500"),
		BAD("/no-content", "the answer has status 204"),
		BAD("/huge", "the answer is larger than 8 MB"),
		BAD("/loop", "Maximum (3) redirects followed"),
		BAD("/four", "Maximum (3) redirects followed"),
		BAD("/ftp", "Protocol \"ftp\" not supported or disabled in libcurl"),
		BAD("/file", "Protocol \"file\" not supported or disabled in libcurl"),
		{ "url = \"http://127.0.0.1:PORT/broken\";",
		  "conf:2: list l: http://127.0.0.1:PORT/broken:2: list l: no JSON that can be "
		  "read: ']' expected near end of file" NO_COPY },
		{ "url = \"http://127.0.0.1:PORT/empty\";",
		  "conf:2: list l: http://127.0.0.1:PORT/empty:1: list l: no JSON that can be "
		  "read: '[' or '{' expected near end of file" NO_COPY },
		{ "url = \"http://127.0.0.1:PORT/wrong\";",
		  "conf:2: list l: http://127.0.0.1:PORT/wrong:1: list l: item 1 is an integer; a "
		  "string, or an object with a \"name\"? (and 2 more)" NO_COPY },
		{ "url = \"http://user:word@127.0.0.1:PORT/missing\";",
		  "conf:2: list l: http://127.0.0.1:PORT/missing: the answer has status 404; is the "
		  "path right?" NO_COPY },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++)
		check(cases[i].settings, cases[i].wanted);
	assert_string_equal(world.agent, "diolkosd");
}

static void
a_server_that_does_not_answer_is_not_waited_for(void **state)
{
	const char *text;

	(void)state;
	text = tell("url = \"http://127.0.0.1:PORT/slow\"; timeout = \"100ms\";", false);
	assert_non_null(strstr(text, "list l: http://127.0.0.1:PORT/slow: Operation timed out after 1"));
	text = tell("url = \"http://127.0.0.1:1/x\"; timeout = \"2s\";", false);
	assert_non_null(strstr(text, "http://127.0.0.1:1/x: Failed to connect to 127.0.0.1 port 1"));
}

/* --- Consul --- */

#define CONSUL(key) "consul://127.0.0.1:PORT/" key

static void
consul_is_asked_by_key_and_by_folder(void **state)
{
	static const struct {
		const char *settings, *wanted;
	} cases[] = {
		{ "url = \"" CONSUL("diolkos/stores") "\";", "x\n" },
		{ "url = \"" CONSUL("diolkos/stores?dc=east") "\";", "east\n" },
		{ "url = \"" CONSUL("st%20/") "\";", "berlin,rate=5 paris rome\n" },
		{ "url = \"" CONSUL("none/") "\";",
		  "conf:2: list l: " CONSUL("none/") ": the answer has status 404; is the path "
		  "right?" NO_COPY },
		{ "url = \"" CONSUL("bad/") "\";",
		  "conf:2: list l: " CONSUL("bad/") ":5: list l: entry 5 has no \"Key\" below bad/; "
		  "is this Consul? (and 5 more)" NO_COPY },
		{ "url = \"" CONSUL("named/") "\";",
		  "conf:2: list l: " CONSUL("named/a") ":1: list l: the value of a has a \"name\"; "
		  "its name is the key's" NO_COPY },
		{ "url = \"" CONSUL("deep/") "\";",
		  "conf:2: list l: " CONSUL("deep/a") ":2: list l: the field x of a is an array; a "
		  "string, a number, true or false?" NO_COPY },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++)
		check(cases[i].settings, cases[i].wanted);
}

static void
a_token_is_sent_and_goes_along_with_no_redirect(void **state)
{
	(void)state;
	check("url = \"" CONSUL("diolkos/stores") "\"; token = \"open sesame\";", "x\n");
	assert_string_equal(world.token, "open sesame");
	check("url = \"" CONSUL("diolkos/stores") "\";", "x\n");
	assert_string_equal(world.token, "");
	check("url = \"http://127.0.0.1:PORT/one\"; token = \"open sesame\";",
	      "conf:2: list l: http://127.0.0.1:PORT/one: the answer has status 307" NO_COPY);
	assert_string_equal(world.asked, "/one");
}

/* --- Last good copies --- */

#define CHANGING "url = \"http://127.0.0.1:PORT/changing\";"
#define CHANGING_URL "http://127.0.0.1:PORT/changing"

static const char *
copy_path(void)
{
	return folder_file(&world.folder, "state/lists/l.json");
}

static void
set_age(int64_t seconds)
{
	struct timeval times[2] = { { time(NULL) - seconds, 0 }, { time(NULL) - seconds, 0 } };

	assert_int_equal(utimes(copy_path(), times), 0);
}

static void
remove_copies(void)
{
	unlink(copy_path());
	rmdir(folder_file(&world.folder, "state/lists"));
	rmdir(folder_file(&world.folder, "state"));
}

static void
the_last_good_copy_is_used_and_its_age_told(void **state)
{
	static const struct {
		int64_t seconds;
		const char *age;
	} ages[] = { { 1, "1 second" },     { 59, "59 seconds" }, { 60, "1 minute" },
		     { 7199, "1 hour" },    { 7201, "2 hours" },  { 3 * 86400 + 5, "3 days" } };
	char wanted[512];

	(void)state;
	change("[ \"one\", { \"name\": \"two\" } ]");
	assert_string_equal(tell(CHANGING, true), "one two\n");
	change(NULL);
	for (size_t i = 0; i < ROWS(ages); i++) {
		set_age(ages[i].seconds);
		snprintf(wanted, sizeof(wanted),
			 "one two\nconf:2: warning: list l: " CHANGING_URL ": the answer has status "
			 "503; its last good copy, %s old, is used\n",
			 ages[i].age);
		assert_string_equal(tell(CHANGING, true), wanted);
	}
	change("[ 5 ]");
	set_age(120);
	assert_string_equal(tell(CHANGING, true),
			    "one two\nconf:2: warning: list l: " CHANGING_URL ":1: list l: item 1 "
			    "is an integer; a string, or an object with a \"name\"?; its last good "
			    "copy, 2 minutes old, is used\n");
	remove_copies();
}

static void
a_copy_is_as_old_as_the_last_good_answer(void **state)
{
	static const char before[] = "its last good copy, ";
	const char *age;

	(void)state;
	change("[ \"one\" ]");
	tell(CHANGING, true);
	set_age(1000);
	tell(CHANGING, true);
	change(NULL);
	age = strstr(tell(CHANGING, true), before);
	assert_non_null(age);
	assert_true(strtol(age + strlen(before), NULL, 10) < 900 && strstr(age, " seconds old"));
	remove_copies();
}

static void
nothing_is_written_where_it_is_only_checked(void **state)
{
	(void)state;
	change("[ \"one\" ]");
	assert_string_equal(tell(CHANGING, false), "one\n");
	assert_int_not_equal(access(folder_file(&world.folder, "state"), F_OK), 0);
	tell(CHANGING, true);
	change("[ \"two\" ]");
	assert_string_equal(tell(CHANGING, false), "two\n");
	change(NULL);
	assert_int_equal(strncmp(tell(CHANGING, false), "one\n", 4), 0);
	remove_copies();
}

static void
a_copy_of_another_url_is_not_taken(void **state)
{
	(void)state;
	change("[ \"one\" ]");
	tell(CHANGING, true);
	check("url = \"http://127.0.0.1:PORT/missing\";",
	      "conf:2: list l: http://127.0.0.1:PORT/missing: the answer has status 404; is the path "
	      "right?; and there is no last good copy: state/lists/l.json is of another url\n");
	change(NULL);
	assert_int_equal(strncmp(tell("url = \"http://user:new@127.0.0.1:PORT/changing\";", true),
				 "one\n", 4),
			 0);
	remove_copies();
}

/* At any place; or another byte in its last line. */
static void
a_copy_that_is_cut_off_is_not_taken(void **state)
{
	size_t length;
	char *bytes;

	(void)state;
	change("[ \"one\" ]");
	tell(CHANGING, true);
	change(NULL);
	bytes = file_read(&world.folder, "state/lists/l.json", &length);
	for (size_t cut = 0; cut < length; cut++) {
		file_write(&world.folder, "state/lists/l.json", dk_slice_new(bytes, cut));
		assert_non_null(strstr(tell(CHANGING, false), "there is no last good copy"));
	}
	bytes[length - 2] = ' ';
	file_write(&world.folder, "state/lists/l.json", dk_slice_new(bytes, length));
	assert_non_null(strstr(tell(CHANGING, false), "there is no last good copy"));
	free(bytes);
	remove_copies();
}

static void
a_state_folder_that_takes_nothing_is_only_warned_about(void **state)
{
	(void)state;
	change("[ \"one\" ]");
	file_write(&world.folder, "state", DK_SLICE("no folder"));
	assert_string_equal(tell(CHANGING, true),
			    "one\nconf:2: warning: list l: no copy is kept for when its url is "
			    "away: cannot make the folder state/lists: Not a directory\n");
	unlink(folder_file(&world.folder, "state"));
}

static void
a_copy_holds_no_password(void **state)
{
	size_t length;
	char *bytes;

	(void)state;
	change("[ \"one\" ]");
	tell("url = \"http://user:word@127.0.0.1:PORT/changing\"; token = \"sesame\";", true);
	bytes = file_read(&world.folder, "state/lists/l.json", &length);
	bytes[length] = '\0';
	assert_null(strstr(bytes, "word"));
	assert_null(strstr(bytes, "sesame"));
	assert_non_null(strstr(bytes, "/changing\",\"answer\":\n[ \"one\" ]\n}\n"));
	free(bytes);
	remove_copies();
}

static void
a_list_is_printed_without_a_password(void **state)
{
	struct dk_faults *faults = dk_faults_new();
	struct dk_plan *plan;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	plan = read_plan("url = \"http://user:word@127.0.0.1:PORT/good\"; token = \"sesame\";",
			 false, faults);
	dk_plan_print(plan, out);
	fclose(out);
	assert_null(strstr(text, "word"));
	assert_null(strstr(text, "sesame"));
	assert_non_null(strstr(text, " url = \"http://127.0.0.1:"));
	free(text);
	dk_plan_free(plan);
	dk_faults_free(faults);
}

/* --- Looking again --- */

static void
a_source_is_looked_at_for_change(void **state)
{
	struct dk_faults *faults = dk_faults_new();
	const struct dk_item_list *list;
	struct dk_error error = { "" };
	struct dk_plan *plan;
	uint64_t hash;

	(void)state;
	change("[ \"one\" ]");
	plan = read_plan(CHANGING "refresh = \"1h\"; retry = \"3s\";", true, faults);
	list = dk_lists_find(plan->lists, "l");
	assert_int_equal(dk_lists_look(list, &hash, &error), 0);
	assert_true(hash == list->hash);
	change("[ \"one\", \"two\" ]");
	assert_int_equal(dk_lists_look(list, &hash, &error), 0);
	assert_true(hash != list->hash);
	change("[ \"one\", \"one\" ]");
	assert_int_equal(dk_lists_look(list, &hash, &error), -1);
	assert_non_null(strstr(error.text, "list l: the item one is there already"));
	change(NULL);
	assert_int_equal(dk_lists_look(list, &hash, &error), -1);
	assert_non_null(strstr(error.text, "/changing: the answer has status 503"));
	assert_int_equal(list->count, 1);
	assert_int_equal(dk_lists_pause_ms(list, true), 3600000);
	assert_int_equal(dk_lists_pause_ms(list, false), 3000);
	dk_plan_free(plan);
	dk_faults_free(faults);
	remove_copies();
}

static void
what_is_given_up_ends_at_once(void **state)
{
	struct timeval began, ended;

	(void)state;
	dk_fetch_stop();
	gettimeofday(&began, NULL);
	tell("url = \"http://127.0.0.1:PORT/slow\"; timeout = \"60s\";", false);
	gettimeofday(&ended, NULL);
	assert_true(ended.tv_sec - began.tv_sec <= 3);
}

static int
begin(void **state)
{
	(void)state;
	setenv("no_proxy", "*", 1);
	folder_make(&world.folder);
	server_begin(&world.server, answer, NULL);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	server_end(&world.server);
	folder_remove(&world.folder);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_server_says_is_told),
		cmocka_unit_test(a_server_that_does_not_answer_is_not_waited_for),
		cmocka_unit_test(consul_is_asked_by_key_and_by_folder),
		cmocka_unit_test(a_token_is_sent_and_goes_along_with_no_redirect),
		cmocka_unit_test(the_last_good_copy_is_used_and_its_age_told),
		cmocka_unit_test(a_copy_is_as_old_as_the_last_good_answer),
		cmocka_unit_test(nothing_is_written_where_it_is_only_checked),
		cmocka_unit_test(a_copy_of_another_url_is_not_taken),
		cmocka_unit_test(a_copy_that_is_cut_off_is_not_taken),
		cmocka_unit_test(a_state_folder_that_takes_nothing_is_only_warned_about),
		cmocka_unit_test(a_copy_holds_no_password),
		cmocka_unit_test(a_list_is_printed_without_a_password),
		cmocka_unit_test(a_source_is_looked_at_for_change),
		cmocka_unit_test(what_is_given_up_ends_at_once), /* the last: it is for good */
	};

	return cmocka_run_group_tests(tests, begin, end);
}
