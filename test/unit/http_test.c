/* SPDX-License-Identifier: Apache-2.0
 *
 * http_test.c - the HTTP server, as clients find it that are odd, many or slow, and paths that are
 * taken.
 */
#include "test/unit/caller.h"

#include <sys/resource.h>

#include "daemon/system/http.h"

static struct {
	struct folder folder;
	struct dk_loop *loop;
	struct dk_http *http;
	char path[128];
	struct dk_error error;
	struct caller caller;
} world;

/* Answers with the fault, or with what the parameter x is. */
static void
answer(void *context, struct dk_http_call *call)
{
	const char *fault = dk_http_fault(call), *x = dk_http_parameter(call, "x");
	struct dk_buffer body = { 0 };

	(void)context;
	dk_buffer_print(&body, "%s", fault ? fault : x ? x : "nothing");
	dk_http_answer(call, fault ? 400 : 200, "text/plain", &body);
	assert_null(body.data);
}

static int
begin(void **state)
{
	(void)state;
	folder_make(&world.folder);
	snprintf(world.path, sizeof(world.path), "%s/control", world.folder.path);
	world.loop = dk_loop_new(NULL);
	world.http = dk_http_new(world.loop, answer, NULL);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dk_http_free(world.http);
	dk_loop_free(world.loop);
	folder_remove(&world.folder);
	return 0;
}

static int
begin_listening(void **state)
{
	begin(state);
	return dk_http_listen_path(world.http, world.path, &world.error);
}

static int
ask(const char *line)
{
	return caller_ask(&world.caller, world.loop, world.path, line);
}

static size_t
count_descriptors(void)
{
	const struct folder own = { "/proc/self/fd" };

	return folder_count(&own, false);
}

/* --- Calls --- */

/* RFC 9110, section 9.3.2: as for GET, but without content. */
static void
head_is_told_the_length_and_nothing_more(void **state)
{
	(void)state;
	assert_int_equal(ask("HEAD /?x=eleven+long"), 200);
	assert_non_null(strstr(world.caller.reply, "Content-Length: 11\r\n"));
	assert_string_equal(caller_body(&world.caller), "");
	assert_int_equal(ask("GET /?x=eleven+long"), 200);
	assert_non_null(strstr(world.caller.reply, "Content-Length: 11\r\n"));
	assert_string_equal(caller_body(&world.caller), "eleven long");
}

static void
a_query_is_taken_as_a_whole_or_refused(void **state)
{
	static const struct {
		const char *line;
		int status;
		const char *told;
	} rows[] = {
		{ "GET /", 200, "nothing" },
		{ "GET /?", 200, "nothing" },
		{ "GET /?x=", 200, "" },
		{ "GET /?x=1&y=2", 200, "1" },
		{ "GET /?x=%2500", 200, "%00" },
		{ "GET /?x=1&y", 400,
		  "the query is not NAME=VALUE, or several of these parted by &" },
		{ "GET /?x", 400, "the query is not NAME=VALUE, or several of these parted by &" },
		{ "GET /?x=1%002", 400,
		  "a value of the query has a NUL, %00, which nothing here can have" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_int_equal(ask(rows[i].line), rows[i].status);
		assert_string_equal(caller_body(&world.caller), rows[i].told);
	}
}

static void
no_larger_body_is_taken(void **state)
{
	int fd = caller_connect(world.path);

	(void)state;
	dprintf(fd, "POST / HTTP/1.1\r\nHost: diolkos\r\nContent-Length: %d\r\n\r\nx",
		DK_HTTP_BODY + 1);
	caller_hear(&world.caller, world.loop, fd, 3000);
	close(fd);
	assert_memory_equal(world.caller.reply, "HTTP/1.1 413", 12);
	assert_int_equal(ask("POST /"), 200);
}

/* One call a connection: it is ended by the server. */
static void
a_connection_is_ended_after_its_call(void **state)
{
	int fd = caller_connect(world.path);

	(void)state;
	dprintf(fd, "GET / HTTP/1.1\r\nHost: diolkos\r\n\r\n");
	caller_hear(&world.caller, world.loop, fd, 3000);
	close(fd);
	assert_string_equal(caller_body(&world.caller), "nothing");
	assert_true(world.caller.is_ended);
}

/* --- What clients may cost --- */

/* Descriptors' numbers are used again at once, before it is seen that a connection has gone. */
static void
many_calls_one_after_another_are_each_answered(void **state)
{
	char line[64], wanted[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(wanted, sizeof(wanted), "%d", i);
		snprintf(line, sizeof(line), "GET /?x=%d", i);
		assert_int_equal(ask(line), 200);
		assert_string_equal(caller_body(&world.caller), wanted);
	}
}

static void
idle_connections_take_few_descriptors_and_others_wait(void **state)
{
	int idle[3 * DK_HTTP_CONNECTIONS];
	size_t before;

	(void)state;
	for (size_t i = 0; i < ROWS(idle); i++) {
		idle[i] = caller_connect(world.path);
		assert_true(idle[i] >= 0);
	}
	before = count_descriptors();
	caller_hear(&world.caller, world.loop, -1, 300);
	assert_int_equal(count_descriptors() - before, DK_HTTP_CONNECTIONS);
	for (size_t i = 0; i < ROWS(idle); i++)
		close(idle[i]);
	assert_int_equal(ask("GET /?x=again"), 200);
	assert_string_equal(caller_body(&world.caller), "again");
}

/* Without a pause the loop would turn for nothing, and write a line each time. */
static void
without_descriptors_it_pauses_and_goes_on(void **state)
{
	struct rlimit limit, none;
	int fd = caller_connect(world.path);
	unsigned turns;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	none = (struct rlimit){ (rlim_t)fd + 1, limit.rlim_max };
	dprintf(fd, "GET /?x=late HTTP/1.1\r\nHost: diolkos\r\n\r\n");
	setrlimit(RLIMIT_NOFILE, &none);
	caller_hear(&world.caller, world.loop, fd, 300);
	turns = world.caller.turns;
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(world.caller.length, 0);
	assert_true(turns < 200);
	caller_hear(&world.caller, world.loop, fd, 3000);
	close(fd);
	assert_string_equal(caller_body(&world.caller), "late");
}

/* --- Paths --- */

static void
assert_refused(const char *why)
{
	assert_int_equal(dk_http_listen_path(world.http, world.path, &world.error), -1);
	if (!strstr(world.error.text, why))
		fail_msg("no \"%s\" in: %s", why, world.error.text);
}

static void
what_is_no_socket_is_left_as_it_is(void **state)
{
	size_t length;
	char *bytes;

	(void)state;
	file_write(&world.folder, "control", DK_SLICE("precious"));
	assert_refused("is no socket, and is left as it is");
	bytes = file_read(&world.folder, "control", &length);
	assert_slice(dk_slice_new(bytes, length), "precious");
	free(bytes);
	unlink(world.path);
	assert_int_equal(symlink("/dev/null", world.path), 0);
	assert_refused("is no socket, and is left as it is");
}

/* Listens with a queue for one, which is filled. */
static int
listen_elsewhere(int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, world.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 0), 0);
	return fd;
}

static void
a_socket_with_somebody_behind_it_is_left(void **state)
{
	int fd = listen_elsewhere(SOCK_STREAM), client;

	(void)state;
	assert_refused("is in use: another diolkosd listens there");
	/* Its queue is full by now, at the latest with this one. */
	client = caller_connect(world.path);
	assert_int_equal(caller_connect(world.path), -1);
	assert_int_equal(errno, EAGAIN);
	assert_refused("is in use: another diolkosd listens there");
	close(client);
	close(fd);
	unlink(world.path);
	fd = listen_elsewhere(SOCK_DGRAM);
	assert_refused("cannot be told: Protocol wrong type");
	assert_int_equal(access(world.path, F_OK), 0);
	close(fd);
}

static void
a_socket_that_was_left_behind_is_replaced(void **state)
{
	(void)state;
	close(listen_elsewhere(SOCK_STREAM));
	assert_int_equal(dk_http_listen_path(world.http, world.path, &world.error), 0);
	assert_int_equal(ask("GET /?x=new"), 200);
}

/* The umask is of the whole process, whose other threads make files meanwhile. */
static void
its_mode_is_of_owner_and_group_whatever_the_umask(void **state)
{
	static const mode_t masks[] = { 0, 022, 0777 };

	for (size_t i = 0; i < ROWS(masks); i++) {
		mode_t before;
		struct stat status;

		begin(state);
		before = umask(masks[i]);
		assert_int_equal(dk_http_listen_path(world.http, world.path, &world.error), 0);
		assert_int_equal(umask(before), masks[i]);
		assert_int_equal(stat(world.path, &status), 0);
		assert_int_equal(status.st_mode & 07777, 0660);
		end(state);
	}
}

static void
at_the_end_its_own_socket_alone_is_removed(void **state)
{
	begin_listening(state);
	unlink(world.path);
	file_write(&world.folder, "control", DK_SLICE("another's"));
	dk_http_free(world.http);
	assert_int_equal(access(world.path, F_OK), 0);
	unlink(world.path);
	world.http = dk_http_new(world.loop, answer, NULL);
	assert_int_equal(dk_http_listen_path(world.http, world.path, &world.error), 0);
	dk_http_free(world.http);
	assert_int_equal(access(world.path, F_OK), -1);
	world.http = NULL;
	end(state);
}

#define LISTENING(test) cmocka_unit_test_setup_teardown(test, begin_listening, end)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		LISTENING(head_is_told_the_length_and_nothing_more),
		LISTENING(a_query_is_taken_as_a_whole_or_refused),
		LISTENING(no_larger_body_is_taken),
		LISTENING(a_connection_is_ended_after_its_call),
		LISTENING(many_calls_one_after_another_are_each_answered),
		LISTENING(idle_connections_take_few_descriptors_and_others_wait),
		LISTENING(without_descriptors_it_pauses_and_goes_on),
		cmocka_unit_test_setup_teardown(what_is_no_socket_is_left_as_it_is, begin, end),
		cmocka_unit_test_setup_teardown(a_socket_with_somebody_behind_it_is_left, begin, end),
		cmocka_unit_test_setup_teardown(a_socket_that_was_left_behind_is_replaced, begin, end),
		cmocka_unit_test(its_mode_is_of_owner_and_group_whatever_the_umask),
		cmocka_unit_test(at_the_end_its_own_socket_alone_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
