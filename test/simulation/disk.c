/* SPDX-License-Identifier: Apache-2.0
 *
 * disk.c - a disk that forgets: what was not synced may be gone after a power cut, sector by
 * sector; a file's name too, and a removed one may come back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/error.h"
#include "test/simulation/simulation.h"

#define FILES_MAX 64
#define FILE_ROOM 4096
#define SECTOR 64 /* smaller than a real one, so that records are torn more often */

struct dk_file {
	struct disk *disk;
	char name[64];
	bool is_there;         /* as the process sees it */
	bool is_named;         /* durably */
	bool was_removed;      /* and the folder not synced since: it may come back */
	size_t size;
	char now[FILE_ROOM];
	char durable[FILE_ROOM];
	bool is_dirty[FILE_ROOM / SECTOR];
};

struct disk {
	struct dk_file files[FILES_MAX];
	struct chance *chance;
	int operations_left; /* -1: no death is planned */
	unsigned sync_percent, create_percent;
	jmp_buf *death;
};

struct disk *
disk_new(struct chance *chance)
{
	static struct disk disk; /* one world at a time */

	for (size_t i = 0; i < FILES_MAX; i++)
		disk.files[i].is_there = disk.files[i].was_removed = false;
	disk.chance = chance;
	disk.operations_left = -1;
	disk.sync_percent = disk.create_percent = 0;
	return &disk;
}

void
disk_free(struct disk *disk)
{
	(void)disk;
}

void
disk_die_after(struct disk *disk, int operations)
{
	disk->operations_left = operations;
}

void
disk_faults(struct disk *disk, unsigned percent_of_syncs, unsigned percent_of_creates)
{
	disk->sync_percent = percent_of_syncs;
	disk->create_percent = percent_of_creates;
}

/* Every operation on the disk is a place to die. The simulation is the chance's owner. */
static void
step(struct disk *disk)
{
	struct simulation *simulation = DK_OF(disk->chance, struct simulation, chance);

	if (disk->operations_left < 0)
		return;
	if (disk->operations_left-- == 0)
		longjmp(simulation->death, 1);
}

static struct dk_file *
find(struct disk *disk, const char *name)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (disk->files[i].is_there && strcmp(disk->files[i].name, name) == 0)
			return &disk->files[i];
	return NULL;
}

static int
make_folder(void *context, const char *path, struct dk_error *error)
{
	(void)context, (void)path, (void)error;
	return 0;
}

static int
list_folder(void *context, const char *path, void (*found)(void *argument, const char *name),
	    void *argument, struct dk_error *error)
{
	struct disk *disk = context;
	size_t length = strlen(path);

	(void)error;
	for (size_t i = 0; i < FILES_MAX; i++)
		if (disk->files[i].is_there && strncmp(disk->files[i].name, path, length) == 0 &&
		    disk->files[i].name[length] == '/')
			found(argument, disk->files[i].name + length + 1);
	return 0;
}

static int
sync_folder(void *context, const char *path, struct dk_error *error)
{
	struct disk *disk = context;
	size_t length = strlen(path);

	(void)error;
	step(disk);
	for (size_t i = 0; i < FILES_MAX; i++)
		if (strncmp(disk->files[i].name, path, length) == 0) {
			disk->files[i].is_named = disk->files[i].is_there;
			disk->files[i].was_removed = false;
		}
	return 0;
}

static struct dk_file *
create(void *context, const char *path, size_t size, struct dk_error *error)
{
	struct disk *disk = context;

	step(disk);
	if (chance_is(disk->chance, disk->create_percent)) {
		dk_fail(error, "no space left");
		return NULL;
	}
	for (size_t i = 0; i < FILES_MAX; i++) {
		struct dk_file *file = &disk->files[i];

		if (file->is_there || file->was_removed)
			continue;
		if (size > FILE_ROOM)
			abort();
		memset(file, 0, sizeof(*file));
		file->disk = disk;
		file->is_there = true;
		file->size = size;
		snprintf(file->name, sizeof(file->name), "%s", path);
		return file;
	}
	dk_fail(error, "no space left");
	return NULL;
}

static struct dk_file *
open_file(void *context, const char *path, struct dk_error *error)
{
	struct dk_file *file = find(context, path);

	if (!file)
		dk_fail(error, "no such file");
	return file;
}

static struct dk_slice
bytes(const struct dk_file *file)
{
	return dk_slice_new(file->now, file->size);
}

static void
write_pieces(struct dk_file *file, size_t offset, const struct dk_slice *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		step(file->disk);
		if (offset + pieces[i].length > file->size)
			abort();
		memcpy(file->now + offset, pieces[i].data, pieces[i].length);
		for (size_t at = offset; at < offset + pieces[i].length; at++)
			file->is_dirty[at / SECTOR] = true;
		offset += pieces[i].length;
	}
}

/* Each dirty sector is on disk or not; which, nobody knows. */
static void
settle_sectors(struct dk_file *file)
{
	for (size_t i = 0; i < file->size / SECTOR; i++) {
		if (!file->is_dirty[i])
			continue;
		if (chance_is(file->disk->chance, 50))
			memcpy(file->durable + i * SECTOR, file->now + i * SECTOR, SECTOR);
		file->is_dirty[i] = false;
	}
}

/* A failed one has written some sectors, and the kernel believes that all is clean. */
static int
sync_file(struct dk_file *file, struct dk_error *error)
{
	step(file->disk);
	if (chance_is(file->disk->chance, file->disk->sync_percent)) {
		settle_sectors(file);
		return dk_fail(error, "input/output error");
	}
	for (size_t i = 0; i < file->size / SECTOR; i++)
		if (file->is_dirty[i])
			memcpy(file->durable + i * SECTOR, file->now + i * SECTOR, SECTOR);
	memset(file->is_dirty, 0, sizeof(file->is_dirty));
	return 0;
}

static void
close_file(struct dk_file *file)
{
	(void)file;
}

static int
remove_file(void *context, const char *path, struct dk_error *error)
{
	struct dk_file *file = find(context, path);

	step(context);
	if (!file)
		return dk_fail(error, "no such file");
	file->is_there = false;
	file->was_removed = file->is_named;
	return 0;
}

static struct dk_lock *
lock_new(void *context)
{
	return context;
}

static void
lock(struct dk_lock *lock)
{
	(void)lock;
}

static uint32_t
random_number(void *context)
{
	return (uint32_t)chance_next(((struct disk *)context)->chance);
}

struct dk_files disk_files = {
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
	.lock = lock,
	.unlock = lock,
	.lock_free = lock,
};

static struct dk_slice
durable_bytes(const struct dk_file *file)
{
	return dk_slice_new(file->durable, file->size);
}

const struct dk_files *
disk_durable_files(struct disk *disk)
{
	static struct dk_files files;

	files = disk_files;
	files.context = disk;
	files.bytes = durable_bytes;
	return &files;
}

static void
cut_file(struct dk_file *file)
{
	if (file->was_removed) {
		file->is_there = chance_is(file->disk->chance, 50);
		file->was_removed = false;
	} else if (file->is_there && !file->is_named) {
		file->is_there = chance_is(file->disk->chance, 50);
	}
	settle_sectors(file);
	memcpy(file->now, file->durable, file->size);
	file->is_named = file->is_there;
}

void
disk_cut_power(struct disk *disk)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (disk->files[i].is_there || disk->files[i].was_removed)
			cut_file(&disk->files[i]);
}

void
disk_close_all(struct disk *disk)
{
	disk->operations_left = -1;
}
