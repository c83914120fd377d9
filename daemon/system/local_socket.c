/* SPDX-License-Identifier: Apache-2.0
 *
 * local_socket.c - a socket in the file system: one that was left behind is replaced, no more.
 */
#include "daemon/system/local_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/error.h"

/* Connects: 0, or errno. */
static int
probe(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int result = 0;

	if (fd < 0 || connect(fd, (const void *)address, sizeof(*address)) != 0)
		result = errno;
	if (fd >= 0)
		close(fd);
	return result;
}

/* Removes a socket that nobody listens at any more, and nothing else. EAGAIN: one whose queue of
 * connections is full (unix(7)). */
static int
clear_path(const struct sockaddr_un *address, struct dk_error *error)
{
	const char *path = address->sun_path;
	struct stat status;
	int result;

	if (lstat(path, &status) != 0)
		return errno == ENOENT ? 0 : dk_fail(error, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(status.st_mode))
		return dk_fail(error,
			       "%s is no socket, and is left as it is; is another path meant for the "
			       "control socket?",
			       path);
	result = probe(address);
	if (result == 0 || result == EAGAIN)
		return dk_fail(error, "%s is in use: another diolkosd listens there", path);
	if (result != ECONNREFUSED)
		return dk_fail(error, "%s: whether somebody listens there cannot be told: %s", path,
			       strerror(result));
	if (unlink(path) != 0)
		return dk_fail(error, "%s cannot be replaced: %s", path, strerror(errno));
	return 0;
}

/* Bound, with the rights of its owner and group alone; -1 with errno. Linux makes the socket in the
 * file system with the mode of the descriptor, less the umask, which is the whole process's and is
 * not to be changed while other threads run. */
static int
bind_path(const struct sockaddr_un *address, int backlog)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && fchmod(fd, 0660) == 0 &&
	    bind(fd, (const void *)address, sizeof(*address)) == 0 &&
	    chmod(address->sun_path, 0660) == 0 && listen(fd, backlog) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int
dk_local_socket_listen(const char *path, int backlog, struct dk_error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return dk_fail(error, "%s is longer than a socket's path may be, %zu bytes", path,
			       sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	if (clear_path(&address, error) != 0)
		return -1;
	fd = bind_path(&address, backlog);
	if (fd < 0)
		return dk_fail(error, "%s: %s", path, strerror(errno));
	return fd;
}
