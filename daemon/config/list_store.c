/* SPDX-License-Identifier: Apache-2.0
 *
 * list_store.c - last good copies of lists.
 */
#include "daemon/config/list_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/error.h"
#include "daemon/config/lists.h"
#include "daemon/system/files.h"

#define PATH_ROOM 4096
#define WRAPPING_MAX 8192 /* more than a url and the words around an answer */
#define CHUNK 65536

static int
fail(struct dk_error *error, const char *what, const char *path)
{
	return dk_fail(error, "cannot %s %s: %s", what, path, strerror(errno));
}

/* --- Reading --- */

static int
read_all(int fd, size_t limit, struct dk_buffer *bytes)
{
	static const size_t chunk = CHUNK;
	char *room = malloc(chunk);
	ssize_t length;

	if (!room)
		abort();
	while ((length = read(fd, room, chunk)) > 0 && bytes->length <= limit)
		dk_buffer_add(bytes, dk_slice_new(room, (size_t)length));
	free(room);
	return length < 0 ? -1 : 0;
}

static int
read_open(int fd, const char *path, size_t limit, struct dk_buffer *bytes, int64_t *age_seconds,
	  struct dk_error *error)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return fail(error, "read", path);
	if (!S_ISREG(status.st_mode))
		return dk_fail(error, "%s is no file", path);
	if (read_all(fd, limit, bytes) != 0)
		return fail(error, "read", path);
	if (bytes->length > limit)
		return dk_fail(error, "%s is larger than %zu MB", path, limit >> 20);
	*age_seconds = time(NULL) - status.st_mtime;
	return 0;
}

int
dk_list_file_read(const char *path, size_t limit, struct dk_buffer *bytes, int64_t *age_seconds,
	     struct dk_error *error)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int result;

	if (fd < 0)
		return fail(error, "read", path);
	result = read_open(fd, path, limit, bytes, age_seconds, error);
	close(fd);
	return result;
}

static void
print_path(const struct dk_copy *copy, const char *end, char *path)
{
	snprintf(path, PATH_ROOM, "%s/lists/%s.json%s", copy->state, copy->list, end);
}

/* --- What is around an answer: a url has no character that JSON would escape --- */

#define BEFORE "{\"url\":\"%s\",\"answer\":\n"
#define AFTER "\n}\n"

/* What the file must begin with. To be freed. */
static char *
beginning(const struct dk_copy *copy)
{
	char *text;

	if (asprintf(&text, BEFORE, copy->url) < 0)
		abort();
	return text;
}

/* The answer in it; absent when it is of another url or no such file. */
static struct dk_slice
unwrap(const struct dk_copy *copy, struct dk_slice file)
{
	char *before = beginning(copy);
	size_t begin = strlen(before), end = strlen(AFTER);
	struct dk_slice answer = { NULL, 0 };

	if (file.length >= begin + end && memcmp(file.data, before, begin) == 0 &&
	    memcmp(file.data + file.length - end, AFTER, end) == 0)
		answer = dk_slice_new(file.data + begin, file.length - begin - end);
	free(before);
	return answer;
}

int
dk_copy_read(const struct dk_copy *copy, struct dk_buffer *answer, int64_t *age_seconds,
	     struct dk_error *error)
{
	struct dk_buffer file = { 0 };
	struct dk_slice found;
	char path[PATH_ROOM];
	int result = -1;

	print_path(copy, "", path);
	if (dk_list_file_read(path, DK_LIST_BYTES_MAX + WRAPPING_MAX, &file, age_seconds, error) == 0) {
		found = unwrap(copy, dk_slice_new(file.data, file.length));
		result = found.data ? 0 : dk_fail(error, "%s is of another url", path);
		if (found.data)
			dk_buffer_add(answer, found);
	}
	dk_buffer_clear(&file);
	return result;
}

/* --- Writing --- */

static int
write_all(int fd, struct dk_slice bytes)
{
	while (bytes.length > 0) {
		ssize_t length = write(fd, bytes.data, bytes.length);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -1;
		bytes = dk_slice_after(bytes, (size_t)length);
	}
	return 0;
}

/* A whole file in the place of another, or the other stays. */
static int
replace_file(const char *path, const char *temporary, struct dk_slice bytes,
	     struct dk_error *error)
{
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool is_written;

	if (fd < 0)
		return fail(error, "make", temporary);
	is_written = write_all(fd, bytes) == 0 && fsync(fd) == 0;
	if (close(fd) == 0 && is_written && rename(temporary, path) == 0)
		return 0;
	fail(error, "write", temporary);
	unlink(temporary);
	return -1;
}

static int
write_copy(const struct dk_copy *copy, struct dk_slice answer, struct dk_error *error)
{
	char folder[PATH_ROOM], path[PATH_ROOM], temporary[PATH_ROOM];
	struct dk_buffer file = { 0 };
	int result;

	snprintf(folder, sizeof(folder), "%s/lists", copy->state);
	print_path(copy, "", path);
	print_path(copy, ".new", temporary);
	if (dk_system_files.make_folder(NULL, folder, error) != 0)
		return -1;
	dk_buffer_print(&file, BEFORE, copy->url);
	dk_buffer_add(&file, answer);
	dk_buffer_add_text(&file, AFTER);
	result = replace_file(path, temporary, dk_slice_new(file.data, file.length), error);
	dk_buffer_clear(&file);
	return result == 0 ? dk_system_files.sync_folder(NULL, folder, error) : -1;
}

void
dk_copy_confirm(const struct dk_copy *copy)
{
	char path[PATH_ROOM];

	print_path(copy, "", path);
	utimensat(AT_FDCWD, path, NULL, 0);
}

int
dk_copy_keep(const struct dk_copy *copy, struct dk_slice answer, struct dk_error *error)
{
	struct dk_buffer kept = { 0 };
	struct dk_error ignored;
	int64_t age;
	bool is_same = dk_copy_read(copy, &kept, &age, &ignored) == 0 &&
		       dk_slice_is(dk_slice_new(kept.data, kept.length), answer);

	dk_buffer_clear(&kept);
	if (!is_same)
		return write_copy(copy, answer, error);
	dk_copy_confirm(copy);
	return 0;
}
