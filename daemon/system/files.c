/* SPDX-License-Identifier: Apache-2.0
 *
 * files.c - the real disk: files of a fixed size, mapped into memory.
 *
 * A write is a copy into the map, which the kernel keeps also when this process dies; fdatasync
 * makes it outlive the machine's power. The room is reserved when the file is made, so that a full
 * disk is an error there and not a SIGBUS later.
 */
#include "daemon/system/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/error.h"

struct dk_file {
	int fd;
	char *map;
	size_t size;
};

struct dk_lock {
	pthread_mutex_t mutex;
};

static int
fail(struct dk_error *error, const char *what, const char *path)
{
	return dk_fail(error, "cannot %s %s: %s", what, path, strerror(errno));
}

static int
make_folder(void *context, const char *path, struct dk_error *error)
{
	char part[4096];
	size_t length = strlen(path);

	(void)context;
	if (length >= sizeof(part))
		return dk_fail(error, "the path is too long: %s", path);
	for (size_t i = 1; i <= length; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return fail(error, "make the folder", part);
	}
	return 0;
}

static int
list_folder(void *context, const char *path, void (*found)(void *argument, const char *name),
	    void *argument, struct dk_error *error)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	(void)context;
	if (!folder)
		return fail(error, "read the folder", path);
	while ((entry = readdir(folder)))
		found(argument, entry->d_name);
	closedir(folder);
	return 0;
}

static int
sync_folder(void *context, const char *path, struct dk_error *error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	(void)context;
	if (fd < 0)
		return fail(error, "open the folder", path);
	result = fsync(fd) == 0 ? 0 : fail(error, "sync the folder", path);
	close(fd);
	return result;
}

/* *Takes* the descriptor. */
static struct dk_file *
map(int fd, size_t size, int protection, const char *path, struct dk_error *error)
{
	struct dk_file *file = malloc(sizeof(*file));

	if (!file)
		abort();
	*file = (struct dk_file){ .fd = fd, .size = size };
	if (size > 0)
		file->map = mmap(NULL, size, protection, MAP_SHARED, fd, 0);
	if (file->map == MAP_FAILED) {
		fail(error, "map", path);
		close(fd);
		free(file);
		return NULL;
	}
	return file;
}

static struct dk_file *
create(void *context, const char *path, size_t size, struct dk_error *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int refused;

	(void)context;
	if (fd < 0) {
		fail(error, "make", path);
		return NULL;
	}
	refused = posix_fallocate(fd, 0, (off_t)size);
	if (refused != 0) {
		dk_fail(error, "cannot reserve %zu bytes for %s: %s", size, path,
			strerror(refused));
		close(fd);
		unlink(path);
		return NULL;
	}
	return map(fd, size, PROT_READ | PROT_WRITE, path, error);
}

static struct dk_file *
open_file(void *context, const char *path, struct dk_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	(void)context;
	if (fd < 0 || fstat(fd, &status) != 0) {
		fail(error, "open", path);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	return map(fd, (size_t)status.st_size, PROT_READ, path, error);
}

static struct dk_slice
bytes(const struct dk_file *file)
{
	return dk_slice_new(file->map ? file->map : "", file->size);
}

static void
write_pieces(struct dk_file *file, size_t offset, const struct dk_slice *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (pieces[i].length == 0)
			continue;
		memcpy(file->map + offset, pieces[i].data, pieces[i].length);
		offset += pieces[i].length;
	}
}

static int
sync_file(struct dk_file *file, struct dk_error *error)
{
	if (fdatasync(file->fd) != 0)
		return dk_fail(error, "fdatasync failed: %s", strerror(errno));
	return 0;
}

static void
close_file(struct dk_file *file)
{
	if (file->map)
		munmap(file->map, file->size);
	close(file->fd);
	free(file);
}

static int
remove_file(void *context, const char *path, struct dk_error *error)
{
	(void)context;
	return unlink(path) == 0 ? 0 : fail(error, "remove", path);
}

static uint32_t
random_number(void *context)
{
	uint32_t number;

	(void)context;
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		abort();
	return number;
}

static struct dk_lock *
lock_new(void *context)
{
	struct dk_lock *lock = malloc(sizeof(*lock));

	(void)context;
	if (!lock)
		abort();
	pthread_mutex_init(&lock->mutex, NULL);
	return lock;
}

static void
lock_lock(struct dk_lock *lock)
{
	pthread_mutex_lock(&lock->mutex);
}

static void
lock_unlock(struct dk_lock *lock)
{
	pthread_mutex_unlock(&lock->mutex);
}

static void
lock_free(struct dk_lock *lock)
{
	pthread_mutex_destroy(&lock->mutex);
	free(lock);
}

int
dk_folder_hold(const char *path, struct dk_error *error)
{
	char lock[4096];
	int fd;

	if (make_folder(NULL, path, error) != 0)
		return -1;
	snprintf(lock, sizeof(lock), "%s/lock", path);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(error, "make", lock);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return dk_fail(error, "another diolkosd uses the state folder %s; stop it, or name another "
			      "state in the file", path);
}

void
dk_folder_let_go(int held)
{
	if (held >= 0)
		close(held);
}

const struct dk_files dk_system_files = {
	.make_folder = make_folder,
	.list_folder = list_folder,
	.sync_folder = sync_folder,
	.create = create,
	.open = open_file,
	.bytes = bytes,
	.write = write_pieces,
	.sync = sync_file,
	.close = close_file,
	.remove = remove_file,
	.random = random_number,
	.lock_new = lock_new,
	.lock = lock_lock,
	.unlock = lock_unlock,
	.lock_free = lock_free,
};
