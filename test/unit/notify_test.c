/* SPDX-License-Identifier: Apache-2.0
 *
 * notify_test.c - what systemd is told, as its own end of the socket hears it: sd_notify(3).
 */
#include "test/unit/folder.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "daemon/surface/notify.h"

static struct {
	struct folder folder;
	int socket;
} world;

static void
assert_heard(const char *wanted)
{
	char text[256];
	ssize_t length = recv(world.socket, text, sizeof(text) - 1, MSG_DONTWAIT);

	assert_true(length > 0);
	text[length] = '\0';
	assert_string_equal(text, wanted);
}

static void
it_is_told_what_begins(void **state)
{
	(void)state;
	dk_notify_ready();
	assert_heard("READY=1");
	dk_notify_stopping();
	assert_heard("STOPPING=1");
}

/* Type=notify-reload refuses a reload whose time is not between its signal and now. */
static void
a_reload_is_told_with_the_monotonic_time_in_microseconds(void **state)
{
	char text[256] = "";
	struct timespec before, after;
	unsigned long long told = 0;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	dk_notify_reloading();
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(recv(world.socket, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	assert_int_equal(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%llu", &told), 1);
	assert_true(told >= (unsigned long long)before.tv_sec * 1000000 +
				    (unsigned long long)before.tv_nsec / 1000);
	assert_true(told <= (unsigned long long)after.tv_sec * 1000000 +
				    (unsigned long long)after.tv_nsec / 1000);
}

static int
begin(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)state;
	folder_make(&world.folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", world.folder.path);
	world.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	return bind(world.socket, (struct sockaddr *)&address, sizeof(address));
}

static int
end(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	close(world.socket);
	folder_remove(&world.folder);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_what_begins),
		cmocka_unit_test(a_reload_is_told_with_the_monotonic_time_in_microseconds),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
