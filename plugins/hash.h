/* SPDX-License-Identifier: Apache-2.0
 *
 * hash.h - FNV-1a: a hash that grows byte by byte, out of that of what comes before.
 */
#ifndef DK_PLUGINS_HASH_H
#define DK_PLUGINS_HASH_H

#include "plugins/plugin.h"

#define DK_HASH_SEED 14695981039346656037u
#define DK_HASH_PRIME 1099511628211u

static inline uint64_t
dk_hash_byte(uint64_t hash, char next)
{
	return (hash ^ (unsigned char)next) * DK_HASH_PRIME;
}

static inline uint64_t
dk_hash_slice(uint64_t hash, struct dk_slice slice)
{
	for (size_t i = 0; i < slice.length; i++)
		hash = dk_hash_byte(hash, slice.data[i]);
	return hash;
}

/* The low bits alone are not spread well. */
static inline uint64_t
dk_hash_fold(uint64_t hash)
{
	return hash ^ hash >> 32;
}

#endif
