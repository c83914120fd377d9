/* SPDX-License-Identifier: Apache-2.0
 *
 * http_stream_test.c - answers that go on, and bodies, as clients find them that are slow or leave.
 */
#include "test/unit/caller.h"

#include <signal.h>

#include "daemon/system/http.h"
#include "daemon/system/http_stream.h"

#define PIECE 1000

static struct {
	struct folder folder;
	struct dk_loop *loop;
	struct dk_http *http;
	char path[128];
	struct caller caller;
	struct dk_http_stream *stream;
	struct dk_loop_event *timer;
	int pieces; /* that are put, one each turn of the timer */
	bool is_still; /* but the first of them stays the only one */
	unsigned gone, refused, taken;
	size_t body;
	char last;
} world;

static void
hear_gone(void *context)
{
	(void)context;
	world.gone++;
	world.stream = NULL;
}

static void
put_piece(void *context)
{
	static char piece[PIECE];

	(void)context;
	if (!world.stream)
		return;
	memset(piece, 'x', sizeof(piece));
	if (dk_http_stream_put(world.stream, dk_slice_new(piece, sizeof(piece))))
		world.taken++;
	else
		world.refused++;
	if (--world.pieces > 0) {
		dk_loop_timer_set(world.timer, world.is_still ? -1 : 0);
		return;
	}
	dk_http_stream_end(world.stream);
	world.stream = NULL;
}

static void
answer(void *context, struct dk_http_call *call)
{
	struct dk_slice body = dk_http_body(call);

	(void)context;
	world.body = body.length;
	world.last = body.length > 0 ? body.data[body.length - 1] : '-';
	world.stream = dk_http_stream_begin(call, 200, "text/plain", hear_gone, NULL);
	dk_loop_timer_set(world.timer, 0);
}

static int
begin(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	folder_make(&world.folder);
	snprintf(world.path, sizeof(world.path), "%s/control", world.folder.path);
	world.loop = dk_loop_new(NULL);
	world.http = dk_http_new(world.loop, answer, NULL);
	world.timer = dk_loop_timer(world.loop, put_piece, NULL);
	world.pieces = 3;
	return dk_http_listen_path(world.http, world.path, NULL);
}

static int
end(void **state)
{
	(void)state;
	dk_http_free(world.http);
	dk_loop_event_free(world.timer);
	dk_loop_free(world.loop);
	folder_remove(&world.folder);
	return 0;
}

static void
pieces_come_one_after_another_and_end(void **state)
{
	(void)state;
	assert_int_equal(caller_ask(&world.caller, world.loop, world.path, "GET /"), 200);
	assert_true(world.caller.is_ended);
	assert_non_null(strstr(world.caller.reply, "Transfer-Encoding: chunked"));
	assert_memory_equal(caller_body(&world.caller), "3e8\r\nxxx", 8);
	assert_string_equal(world.caller.reply + world.caller.length - 5, "0\r\n\r\n");
	assert_int_equal(world.taken, 3);
	assert_int_equal(world.gone, 0);
}

static void
a_reader_who_leaves_is_heard_of(void **state)
{
	int fd = caller_connect(world.path);

	(void)state;
	world.pieces = 1000000;
	dprintf(fd, "GET / HTTP/1.1\r\nHost: diolkos\r\n\r\n");
	caller_hear(&world.caller, world.loop, -1, 50);
	assert_non_null(world.stream);
	close(fd);
	caller_hear(&world.caller, world.loop, -1, 50);
	assert_null(world.stream);
	assert_int_equal(world.gone, 1);
}

/* He reads nothing: what waits for him is bounded, the rest is refused, and he is not ended. */
static void
a_slow_reader_costs_a_bounded_buffer(void **state)
{
	int fd = caller_connect(world.path);

	(void)state;
	world.pieces = 1000000;
	dprintf(fd, "GET / HTTP/1.1\r\nHost: diolkos\r\n\r\n");
	for (int i = 0; i < 100 && world.refused < 1000; i++)
		caller_hear(&world.caller, world.loop, -1, 50);
	assert_true(world.refused >= 1000);
	/* The socket's own buffer is the kernel's. */
	assert_true(world.taken * PIECE < DK_HTTP_STREAM_ROOM + (1 << 20));
	assert_non_null(world.stream);
	close(fd);
}

/* The server ends first, and its reader has all that was said. */
static void
what_was_said_last_leaves_before_the_end(void **state)
{
	int fd = caller_connect(world.path);
	char reply[8192];
	ssize_t length;

	(void)state;
	world.is_still = true;
	dprintf(fd, "GET / HTTP/1.1\r\nHost: diolkos\r\n\r\n");
	caller_hear(&world.caller, world.loop, -1, 50);
	dk_http_stream_put(world.stream, DK_SLICE("the last"));
	dk_http_stream_end(world.stream);
	world.stream = NULL;
	dk_http_free(world.http);
	world.http = NULL;
	*reply = '\0';
	while ((length = recv(fd, reply, sizeof(reply) - 1, 0)) > 0)
		reply[length] = '\0';
	assert_int_equal(length, 0);
	assert_non_null(strstr(reply, "the last\r\n0\r\n\r\n"));
	close(fd);
}

static void
a_body_of_the_largest_size_is_taken_whole(void **state)
{
	int fd = caller_connect(world.path);
	char *body = calloc(1, DK_HTTP_BODY);
	size_t sent = 0;

	(void)state;
	memset(body, 'b', DK_HTTP_BODY);
	body[DK_HTTP_BODY - 1] = 'z';
	dprintf(fd, "POST / HTTP/1.1\r\nHost: diolkos\r\nContent-Length: %d\r\n\r\n",
		DK_HTTP_BODY);
	for (int i = 0; i < 1000 && sent < DK_HTTP_BODY; i++) {
		ssize_t length = send(fd, body + sent, DK_HTTP_BODY - sent, MSG_NOSIGNAL);

		sent += length > 0 ? (size_t)length : 0;
		caller_hear(&world.caller, world.loop, -1, 1);
	}
	caller_hear(&world.caller, world.loop, fd, 1000);
	assert_int_equal(world.body, DK_HTTP_BODY);
	assert_int_equal(world.last, 'z');
	close(fd);
	free(body);
}

#define LISTENING(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		LISTENING(pieces_come_one_after_another_and_end),
		LISTENING(a_reader_who_leaves_is_heard_of),
		LISTENING(a_slow_reader_costs_a_bounded_buffer),
		LISTENING(what_was_said_last_leaves_before_the_end),
		LISTENING(a_body_of_the_largest_size_is_taken_whole),
	};

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
