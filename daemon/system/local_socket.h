/* SPDX-License-Identifier: Apache-2.0
 *
 * local_socket.h - a socket in the file system that is listened at (unix(7)). Any thread.
 */
#ifndef DK_SYSTEM_LOCAL_SOCKET_H
#define DK_SYSTEM_LOCAL_SOCKET_H

#include "plugins/plugin.h"

/* For its owner and group alone; it never blocks, and is not inherited. A socket that nobody
 * listens at any more is replaced, all else is left as it is. The descriptor, or -1 with an error. */
int dk_local_socket_listen(const char *path, int backlog, struct dk_error *error);

#endif
