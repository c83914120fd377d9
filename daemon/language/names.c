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
