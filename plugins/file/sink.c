/* SPDX-License-Identifier: Apache-2.0
 *
 * sink.c - appends each message to the file that its address names, as a line.
 *
 * Written at once in send(), settled at the end of the turn, so that one sync covers many. A disk
 * may be waited for here because a turn writes little; what blocks for longer needs a thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "plugins/file/file.h"

/* What errno says of the next attempt. What is not here may pass: the delivery is released. */
static const struct {
	int number;
	enum dk_outcome outcome;
} outcomes[] = {
	{ 0, DK_ACCEPTED },      { EACCES, DK_DENIED },    { EPERM, DK_DENIED },
	{ EROFS, DK_DENIED },    { EISDIR, DK_REJECTED },  { ENAMETOOLONG, DK_REJECTED },
	{ ENOTDIR, DK_REJECTED },
};

static enum dk_outcome
judge(int number)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++)
		if (outcomes[i].number == number)
			return outcomes[i].outcome;
	return DK_RELEASED;
}

/* A failure is that of all that wait to be settled: which of them reached the disk is not known. */
static void
sync_file(struct file_endpoint *endpoint)
{
	if (endpoint->config->sync && endpoint->fd >= 0 && fdatasync(endpoint->fd) != 0)
		endpoint->sync_error = errno;
}

void
file_sink_settle(void *argument)
{
	struct file_endpoint *endpoint = argument;
	struct dk_delivery *delivery = endpoint->first;
	int sync_error;

	sync_file(endpoint);
	sync_error = endpoint->sync_error;
	endpoint->sync_error = 0;
	endpoint->first = NULL;
	endpoint->end = &endpoint->first;
	while (delivery) {
		struct dk_delivery *next = delivery->next;
		int number = delivery->plugin ? (int)(intptr_t)delivery->plugin : sync_error;

		endpoint->host->settle(delivery, judge(number), number ? strerror(number) : NULL,
				       NULL);
		delivery = next;
	}
}

void
file_sink_end(struct file_endpoint *endpoint)
{
	if (endpoint->fd >= 0)
		close(endpoint->fd);
	free(endpoint->path);
	endpoint->fd = -1;
	endpoint->path = NULL;
}

/* Opens the file of an address, if it is not the one that is open. Returns 0 or an errno. */
static int
open_file(struct file_endpoint *endpoint, struct dk_slice address)
{
	if (endpoint->path && strlen(endpoint->path) == address.length &&
	    memcmp(endpoint->path, address.data, address.length) == 0)
		return 0;
	sync_file(endpoint);
	file_sink_end(endpoint);
	endpoint->path = strndup(address.data, address.length);
	if (!endpoint->path)
		return ENOMEM;
	endpoint->fd = open(endpoint->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (endpoint->fd >= 0)
		return 0;
	free(endpoint->path);
	endpoint->path = NULL;
	return errno;
}

/* Appends one line, whole or not at all. Returns 0 or an errno. */
static int
write_line(struct file_endpoint *endpoint, const struct dk_delivery *delivery)
{
	const char *ending = endpoint->config->ending;
	struct iovec parts[] = {
		{ (void *)delivery->message->payload.data, delivery->message->payload.length },
		{ (void *)ending, strlen(ending) },
	};
	size_t length = parts[0].iov_len + parts[1].iov_len;
	int number = open_file(endpoint, delivery->address);
	ssize_t written;

	if (number)
		return number;
	written = writev(endpoint->fd, parts, 2);
	if (written < 0)
		return errno;
	if ((size_t)written == length)
		return 0;
	return ftruncate(endpoint->fd, lseek(endpoint->fd, 0, SEEK_CUR) - written) ? errno : ENOSPC;
}

static size_t
send_deliveries(void *argument, struct dk_delivery *const *deliveries, size_t count)
{
	struct file_endpoint *endpoint = argument;

	if (!endpoint->first)
		endpoint->host->timer_set(endpoint->settling, 0);
	for (size_t i = 0; i < count; i++) {
		struct dk_delivery *delivery = deliveries[i];

		delivery->plugin = (void *)(intptr_t)write_line(endpoint, delivery);
		delivery->next = NULL;
		*endpoint->end = delivery;
		endpoint->end = &delivery->next;
	}
	return count;
}

static size_t
window(const void *config)
{
	(void)config;
	return 1000;
}

const struct dk_sink_functions file_sink = {
	.window = window,
	.send = send_deliveries,
};
