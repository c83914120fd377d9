/* SPDX-License-Identifier: Apache-2.0
 *
 * list_store.h - the last good copy of what a list's url gave: STATE/lists/NAME.json, which is
 * { "url": …, "answer": … }. Its time is when the answer was last seen to be so.
 */
#ifndef DK_CONFIG_LIST_STORE_H
#define DK_CONFIG_LIST_STORE_H

#include "daemon/base/buffer.h"

struct dk_copy {
	const char *state; /* the folder */
	const char *list;
	const char *url;   /* without a password: another url's copy is not taken */
};

/* The answer is JSON. Errors of all: -1 with a sentence. */
int dk_copy_keep(const struct dk_copy *copy, struct dk_slice answer, struct dk_error *error);
int dk_copy_read(const struct dk_copy *copy, struct dk_buffer *answer, int64_t *age_seconds,
		 struct dk_error *error);
/* The answer is still the same. */
void dk_copy_confirm(const struct dk_copy *copy);

/* A regular file of at most so many bytes. */
int dk_list_file_read(const char *path, size_t limit, struct dk_buffer *bytes, int64_t *age_seconds,
		 struct dk_error *error);

#endif
