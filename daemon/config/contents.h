/* SPDX-License-Identifier: Apache-2.0
 *
 * contents.h - a file's bytes, read at once.
 */
#ifndef DK_CONFIG_CONTENTS_H
#define DK_CONFIG_CONTENTS_H

#include "daemon/base/error.h"
#include "daemon/base/slice.h"

struct dk_contents_limit {
	size_t bytes;
	const char *told; /* of a larger file: "is larger than …" */
};

/* The bytes of a plain file with a NUL after them, to be freed. NULL with an error that the file's
 * name may stand before ("cannot be read: …", "is a folder; …"); errno then says why it could not
 * be opened, and is 0 where it is not a file to be read. Never waits: not for a FIFO's writer. */
char *dk_contents_read(const char *path, const struct dk_contents_limit *limit, size_t *length,
		       struct dk_error *error);

#endif
