/* SPDX-License-Identifier: Apache-2.0
 *
 * replay.c - feeds files, and the files of folders, to a fuzz target: what is known, no search.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path, size_t size)
{
	uint8_t *data = malloc(size ? size : 1); /* exactly: for AddressSanitizer */
	FILE *file = fopen(path, "re");
	size_t length = file && data ? fread(data, 1, size, file) : 0;

	if (file)
		fclose(file);
	if (length == size && data)
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	return length == size ? 1 : 0;
}

static int replay(const char *path);

static int
replay_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char name[4096];
	int count = 0;

	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		count += replay(name);
	}
	if (folder)
		closedir(folder);
	return count;
}

static int
replay(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return 0;
	return S_ISDIR(status.st_mode) ? replay_folder(path) :
					 replay_file(path, (size_t)status.st_size);
}

int
main(int count, char **words)
{
	int replayed = 0;

	for (int i = 1; i < count; i++)
		replayed += replay(words[i]);
	printf("%d files replayed\n", replayed);
	return replayed == 0;
}
