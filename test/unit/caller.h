/* SPDX-License-Identifier: Apache-2.0
 *
 * caller.h - a client of the daemon's own HTTP server, in the thread of its loop.
 */
#ifndef DK_TEST_CALLER_H
#define DK_TEST_CALLER_H

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/system/clock.h"
#include "daemon/system/loop.h"
#include "test/unit/folder.h"

struct caller {
	struct dk_loop *loop;
	struct dk_loop_event *tick;
	int fd;
	int64_t until;
	char reply[65536];
	size_t length;
	unsigned turns; /* of the loop */
	bool is_ended;  /* the server has closed the connection */
};

static inline int
caller_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static inline void
caller_due(void *argument)
{
	struct caller *caller = argument;

	dk_loop_timer_set(caller->tick, 5);
}

static inline void
caller_read(void *context)
{
	struct caller *caller = context;
	ssize_t length = caller->fd < 0 ? -1 :
					  recv(caller->fd, caller->reply + caller->length,
					       sizeof(caller->reply) - 1 - caller->length, 0);

	caller->turns++;
	if (length > 0)
		caller->length += (size_t)length;
	caller->reply[caller->length] = '\0';
	caller->is_ended = length == 0 || (length < 0 && errno == ECONNRESET);
	if ((caller->fd >= 0 && caller->is_ended) || dk_clock_now_ms() >= caller->until)
		dk_loop_stop(caller->loop);
}

/* Runs the loop until the server has closed the connection, or for so long; fd -1: for so long. */
static inline void
caller_hear(struct caller *caller, struct dk_loop *loop, int fd, int64_t ms)
{
	*caller = (struct caller){ .loop = loop, .fd = fd, .until = dk_clock_now_ms() + ms };
	caller->tick = dk_loop_timer(loop, caller_due, caller);
	dk_loop_timer_set(caller->tick, 5);
	dk_loop_run(loop, caller_read, caller);
	dk_loop_event_free(caller->tick);
}

/* A request line, as "GET /healthz", and what is answered; the status. */
static inline int
caller_ask(struct caller *caller, struct dk_loop *loop, const char *path, const char *line)
{
	int fd = caller_connect(path), status = 0;

	assert_true(fd >= 0);
	dprintf(fd, "%s HTTP/1.1\r\nHost: diolkos\r\nConnection: close\r\n\r\n", line);
	caller_hear(caller, loop, fd, 3000);
	close(fd);
	sscanf(caller->reply, "HTTP/1.1 %d", &status);
	return status;
}

/* What follows the head. */
static inline const char *
caller_body(const struct caller *caller)
{
	const char *end = strstr(caller->reply, "\r\n\r\n");

	return end ? end + 4 : "";
}

#endif
