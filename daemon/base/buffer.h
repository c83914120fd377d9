/* SPDX-License-Identifier: Apache-2.0
 *
 * buffer.h - a growing run of bytes, always followed by a NUL. Begins as { 0 }. No memory: abort.
 */
#ifndef DK_BASE_BUFFER_H
#define DK_BASE_BUFFER_H

#include "daemon/base/slice.h"

struct dk_buffer {
	char *data; /* NULL while empty */
	size_t length, room;
};

/* Room for so many more bytes, and a NUL: nothing moves until they are added. */
void dk_buffer_reserve(struct dk_buffer *buffer, size_t more);
void dk_buffer_add(struct dk_buffer *buffer, struct dk_slice slice);
void dk_buffer_add_text(struct dk_buffer *buffer, const char *text);
void dk_buffer_print(struct dk_buffer *buffer, const char *format, ...) DK_PRINTF(2, 3);
/* The bytes as a string that free() frees; the buffer is empty then. */
char *dk_buffer_detach(struct dk_buffer *buffer);
void dk_buffer_clear(struct dk_buffer *buffer);

#endif
