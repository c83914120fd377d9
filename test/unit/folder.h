/* SPDX-License-Identifier: Apache-2.0
 *
 * folder.h - a temporary folder for a test, and its files as bytes.
 */
#ifndef DK_TEST_FOLDER_H
#define DK_TEST_FOLDER_H

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/unit/unit.h"

struct folder {
	char path[64];
};

static inline void
folder_make(struct folder *folder)
{
	strcpy(folder->path, access("/dev/shm", W_OK) == 0 ? "/dev/shm/diolkos-XXXXXX" :
							      "/tmp/diolkos-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
}

static inline const char *
folder_file(const struct folder *folder, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	return path;
}

/* How many files there are; without them, if asked, afterwards. */
static inline size_t
folder_count(const struct folder *folder, bool is_to_be_emptied)
{
	DIR *list = opendir(folder->path);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(list);
	while ((entry = readdir(list))) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		if (is_to_be_emptied)
			unlink(folder_file(folder, entry->d_name));
	}
	closedir(list);
	return count;
}

static inline void
folder_remove(struct folder *folder)
{
	folder_count(folder, true);
	rmdir(folder->path);
}

static inline void
file_write(const struct folder *folder, const char *name, struct dk_slice bytes)
{
	FILE *file = fopen(folder_file(folder, name), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.length, file), bytes.length);
	assert_int_equal(fclose(file), 0);
}

/* To be freed. */
static inline char *
file_read(const struct folder *folder, const char *name, size_t *length)
{
	FILE *file = fopen(folder_file(folder, name), "re");
	struct stat status;
	char *bytes;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	bytes = malloc((size_t)status.st_size + 1);
	*length = fread(bytes, 1, (size_t)status.st_size, file);
	fclose(file);
	return bytes;
}

#endif
