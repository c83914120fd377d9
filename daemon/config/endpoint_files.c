/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint_files.c - the files that an endpoint's options name.
 */
#include "daemon/config/endpoint_files.h"

#include <stdlib.h>

#include "daemon/base/checksum.h"
#include "daemon/config/contents.h"

/* No certificate is larger, nor any chain of them. */
static const struct dk_contents_limit limit = { 1 << 20, "is larger than 1 MB" };

static uint64_t
add_file(uint64_t hash, const char *value)
{
	struct dk_error error;
	size_t length;
	char *bytes = value && *value == '/' ? dk_contents_read(value, &limit, &length, &error) : NULL;

	if (!bytes)
		return hash;
	hash = dk_hash(hash, dk_slice_new(bytes, length));
	free(bytes);
	return hash;
}

uint64_t
dk_endpoint_files(const struct dk_endpoint_plan *endpoint)
{
	uint64_t hash = DK_HASH_BEGIN;

	for (const struct dk_option *row = endpoint->plugin->endpoint.rows; row && row->name; row++)
		if (row->type == DK_TEXT)
			hash = add_file(hash, *(const char *const *)(const void *)(
						      (const char *)endpoint->config + row->offset));
	for (size_t i = 0; i < endpoint->other_count; i++)
		hash = add_file(hash, endpoint->others[i].text);
	return hash;
}
