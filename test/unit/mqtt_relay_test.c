/* SPDX-License-Identifier: Apache-2.0
 *
 * mqtt_relay_test.c - a relay whose two sides do not read, or are gone: it waits, and does not
 * turn. The wire to the broker is a socket without TLS.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "plugins/mqtt/relay.h"
#include "test/unit/unit.h"

#define LOOK_MS 300
#define BUSY_MS (LOOK_MS / 3)

/* --- What relay.c asks of the other parts and of OpenSSL ------------------------------------- */

ssize_t
mqtt_wire_read(struct mqtt_wire *wire, void *bytes, size_t length)
{
	return read(wire->fd, bytes, length);
}

ssize_t
mqtt_wire_write(struct mqtt_wire *wire, const void *bytes, size_t length)
{
	return send(wire->fd, bytes, length, MSG_NOSIGNAL);
}

int
RAND_bytes(unsigned char *bytes, int count)
{
	memset(bytes, 0, (size_t)count);
	return 1;
}

int
SSL_pending(const SSL *ssl)
{
	(void)ssl;
	return 0;
}

/* --- Sockets --------------------------------------------------------------------------------- */

static int
listen_somewhere(struct sockaddr_in *here)
{
	socklen_t length = sizeof(*here);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*here = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(fd, (void *)here, length), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (void *)here, &length), 0);
	return fd;
}

static int
call(const struct sockaddr_in *place, int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const void *)place, sizeof(*place)), 0);
	if (flags)
		assert_int_equal(fcntl(fd, F_SETFL, flags), 0);
	return fd;
}

struct scene {
	struct mqtt_relay relay;
	int paho, broker;
};

static struct scene *
begin(void)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct sockaddr_in far, near;
	int listener = listen_somewhere(&far);

	assert_non_null(scene);
	scene->relay.wire.fd = call(&far, O_NONBLOCK);
	scene->broker = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	close(listener);
	scene->relay.listener = listen_somewhere(&near);
	mqtt_relay_start(&scene->relay);
	scene->paho = call(&near, O_NONBLOCK);
	return scene;
}

static void
end(struct scene *scene)
{
	mqtt_relay_end(&scene->relay);
	close(scene->relay.wire.fd);
	if (scene->paho >= 0)
		close(scene->paho);
	if (scene->broker >= 0)
		close(scene->broker);
	free(scene);
}

/* An end that the other side hears of while it has not read what came before: a reset. */
static void
reset(int fd)
{
	const struct linger linger = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

/* Until nothing is taken any more. */
static void
fill(int fd)
{
	static const char bytes[1000];
	struct pollfd writable = { fd, POLLOUT, 0 };

	while (poll(&writable, 1, 200) > 0)
		if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) < 0)
			break;
}

static int64_t
used_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

static void
assert_idle(void)
{
	int64_t before = used_ms();

	poll(NULL, 0, LOOK_MS);
	assert_true(used_ms() - before < BUSY_MS);
}

/* Of a frame of a terabyte. */
static const char head_of_much[] = { -126, 127, 0, 0, 1, 0, 0, 0, 0, 0 };

/* --- The tests ------------------------------------------------------------------------------- */

static void
a_broker_that_is_gone_while_paho_does_not_read_costs_nothing(void **state)
{
	struct scene *scene = begin();

	(void)state;
	assert_int_equal(send(scene->broker, head_of_much, sizeof(head_of_much), 0), 10);
	fill(scene->broker);
	assert_idle();
	reset(scene->broker);
	scene->broker = -1;
	assert_idle();
	end(scene);
}

static void
paho_that_writes_after_the_end_costs_nothing(void **state)
{
	struct scene *scene = begin();

	(void)state;
	assert_int_equal(send(scene->broker, head_of_much, sizeof(head_of_much), 0), 10);
	fill(scene->broker);
	fill(scene->paho);
	reset(scene->broker);
	scene->broker = -1;
	assert_idle();
	end(scene);
}

static void
paho_that_is_gone_while_the_broker_does_not_read_costs_nothing(void **state)
{
	struct scene *scene = begin();

	(void)state;
	fill(scene->paho);
	assert_idle();
	reset(scene->paho);
	scene->paho = -1;
	assert_idle();
	end(scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broker_that_is_gone_while_paho_does_not_read_costs_nothing),
		cmocka_unit_test(paho_that_writes_after_the_end_costs_nothing),
		cmocka_unit_test(paho_that_is_gone_while_the_broker_does_not_read_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
