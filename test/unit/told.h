/* SPDX-License-Identifier: Apache-2.0
 *
 * told.h - what is said of the files in a folder of a test's own.
 */
#ifndef DK_TEST_TOLD_H
#define DK_TEST_TOLD_H

#include "test/unit/folder.h"

#include <stdio.h>

#include "daemon/config/faults.h"

/* All that is said, without the folder. */
static inline void
assert_told(const struct folder *folder, const struct dk_faults *faults, const char *wanted)
{
	char *told = NULL, *found;
	size_t length;
	FILE *out = open_memstream(&told, &length);

	dk_faults_print(faults, out);
	fclose(out);
	while ((found = strstr(told, folder->path)))
		memmove(found, found + strlen(folder->path) + 1,
			strlen(found + strlen(folder->path) + 1) + 1);
	assert_string_equal(told, wanted);
	free(told);
}

#endif
