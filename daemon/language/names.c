/* SPDX-License-Identifier: Apache-2.0
 *
 * names.c - what a template may refer to.
 */
#include "daemon/language/names.h"

int
dk_captures_find(const struct dk_captures *captures, struct dk_slice name)
{
	for (size_t i = 0; i < captures->count; i++)
		if (dk_slice_is(captures->names[i], name))
			return (int)i;
	return -1;
}

struct dk_slice
dk_name_at(struct dk_slice text)
{
	size_t length = 0;

	while (length < text.length && dk_is_name_character(text.data[length], length == 0))
		length++;
	return dk_slice_new(text.data, length);
}
