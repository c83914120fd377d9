/* SPDX-License-Identifier: Apache-2.0
 *
 * buffer.c - a growing run of bytes.
 */
#include "daemon/base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
dk_buffer_reserve(struct dk_buffer *buffer, size_t more)
{
	if (buffer->length + more < buffer->room)
		return;
	buffer->room = 2 * (buffer->length + more) + 16;
	buffer->data = realloc(buffer->data, buffer->room);
	if (!buffer->data)
		abort();
}

void
dk_buffer_add(struct dk_buffer *buffer, struct dk_slice slice)
{
	dk_buffer_reserve(buffer, slice.length);
	if (slice.length > 0)
		memcpy(buffer->data + buffer->length, slice.data, slice.length);
	buffer->length += slice.length;
	buffer->data[buffer->length] = '\0';
}

void
dk_buffer_add_text(struct dk_buffer *buffer, const char *text)
{
	dk_buffer_add(buffer, dk_slice_of(text));
}

/* Into the room that there is; as a rule it is enough. */
void
dk_buffer_print(struct dk_buffer *buffer, const char *format, ...)
{
	va_list arguments, again;
	size_t room = buffer->room - buffer->length;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(room ? buffer->data + buffer->length : NULL, room, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();
	if ((size_t)length >= room) {
		dk_buffer_reserve(buffer, (size_t)length);
		vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
	}
	va_end(again);
	buffer->length += (size_t)length;
}

char *
dk_buffer_detach(struct dk_buffer *buffer)
{
	char *data;

	dk_buffer_reserve(buffer, 0);
	data = buffer->data;
	data[buffer->length] = '\0';
	*buffer = (struct dk_buffer){ 0 };
	return data;
}

void
dk_buffer_clear(struct dk_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct dk_buffer){ 0 };
}
