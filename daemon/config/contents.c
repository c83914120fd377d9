/* SPDX-License-Identifier: Apache-2.0
 *
 * contents.c - a file's bytes, read at once.
 */
#include "daemon/config/contents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Up to so many bytes: a file that shrinks meanwhile has fewer. -1 with errno. */
static ssize_t
read_all(int file, char *bytes, size_t size)
{
	size_t length = 0;
	ssize_t got = 1;

	while (length < size && got > 0) {
		got = read(file, bytes + length, size - length);
		if (got < 0)
			return -1;
		length += (size_t)got;
	}
	return (ssize_t)length;
}

/* What keeps it from being read; NULL: nothing does. */
static const char *
fault_of(const struct stat *status, const struct dk_contents_limit *limit)
{
	if (S_ISDIR(status->st_mode))
		return "is a folder; name the file in it?";
	if (!S_ISREG(status->st_mode))
		return "is no plain file";
	return (size_t)status->st_size > limit->bytes ? limit->told : NULL;
}

static char *
read_opened(int file, const struct dk_contents_limit *limit, size_t *length,
	    struct dk_error *error)
{
	struct stat status;
	const char *fault;
	ssize_t got;
	char *bytes;

	if (fstat(file, &status) != 0) {
		dk_fail(error, "cannot be read: %s", strerror(errno));
		return NULL;
	}
	fault = fault_of(&status, limit);
	if (fault) {
		dk_fail(error, "%s", fault);
		errno = 0;
		return NULL;
	}
	bytes = calloc(1, (size_t)status.st_size + 1);
	if (!bytes)
		abort();
	got = read_all(file, bytes, (size_t)status.st_size);
	if (got < 0) {
		dk_fail(error, "cannot be read: %s", strerror(errno));
		free(bytes);
		return NULL;
	}
	*length = (size_t)got;
	return bytes;
}

char *
dk_contents_read(const char *path, const struct dk_contents_limit *limit, size_t *length,
		 struct dk_error *error)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), why;
	char *bytes;

	if (file < 0) {
		dk_fail(error, "cannot be read: %s", strerror(errno));
		return NULL;
	}
	bytes = read_opened(file, limit, length, error);
	why = errno;
	close(file);
	errno = why;
	return bytes;
}
