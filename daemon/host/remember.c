/* SPDX-License-Identifier: Apache-2.0
 *
 * remember.c - what an endpoint's next run is to know.
 */
#include "daemon/host/remember.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config/contents.h"

#define PATH_ROOM 4096

static const struct dk_contents_limit limit = { 16 << 20, "is larger than 16 MB" };

static void
print_path(char *path, const char *state, const char *endpoint, const char *end)
{
	snprintf(path, PATH_ROOM, "%s/remembered/%s%s", state, endpoint, end);
}

static int
fail(struct dk_error *error, const char *path)
{
	return dk_fail(error, "cannot write %s: %s", path, strerror(errno));
}

int
dk_remember(const char *state, const char *endpoint, const char *text, struct dk_error *error)
{
	char path[PATH_ROOM], new[PATH_ROOM];
	bool is_written;
	FILE *file;

	snprintf(path, sizeof(path), "%s/remembered", state);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return fail(error, path);
	print_path(path, state, endpoint, "");
	print_path(new, state, endpoint, ".new");
	file = fopen(new, "we");
	if (!file)
		return fail(error, new);
	is_written = fputs(text, file) >= 0;
	if (fclose(file) == 0 && is_written && rename(new, path) == 0)
		return 0;
	fail(error, new);
	unlink(new);
	return -1;
}

char *
dk_recall(const char *state, const char *endpoint)
{
	char path[PATH_ROOM];
	struct dk_error error;
	size_t length;

	print_path(path, state, endpoint, "");
	return dk_contents_read(path, &limit, &length, &error);
}
