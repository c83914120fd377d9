/* SPDX-License-Identifier: Apache-2.0
 *
 * loris.c - clients of an HTTP server that never come to an end: each sends a byte of its head every
 * second, and comes again when it is sent away.
 *
 *	loris ADDRESS PORT CLIENTS SECONDS
 *
 * Says how many connections it made, and how often it was sent away.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in server = { .sin_family = AF_INET };
static unsigned long came, sent_away;

static int
come(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)) != 0 && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	came++;
	return fd;
}

/* Whether the server has ended it: who is read from has nothing to say before that. */
static int
is_sent_away(int fd)
{
	struct pollfd looked = { fd, POLLIN, 0 };

	return poll(&looked, 1, 0) > 0 && (looked.revents & (POLLIN | POLLERR | POLLHUP));
}

static void
drip(int *fd)
{
	if (*fd >= 0 && is_sent_away(*fd)) {
		close(*fd);
		*fd = -1;
		sent_away++;
	}
	if (*fd < 0)
		*fd = come();
	else if (send(*fd, "x", 1, MSG_NOSIGNAL) < 0 && errno != EAGAIN && errno != ENOTCONN)
		errno = 0; /* it is seen the next time */
}

int
main(int count, char **words)
{
	size_t clients = count == 5 ? (size_t)atoi(words[3]) : 0;
	int *fds = calloc(clients + 1, sizeof(*fds));
	struct timespec pause = { 1, 0 };

	if (clients == 0 || !fds || inet_pton(AF_INET, words[1], &server.sin_addr) != 1)
		return 64;
	server.sin_port = htons((uint16_t)atoi(words[2]));
	for (size_t i = 0; i < clients; i++)
		fds[i] = -1;
	for (int second = 0; second < atoi(words[4]); second++) {
		for (size_t i = 0; i < clients; i++)
			drip(&fds[i]);
		nanosleep(&pause, NULL);
	}
	printf("%lu connections, %lu sent away\n", came, sent_away);
	return 0;
}
