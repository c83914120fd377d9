/* SPDX-License-Identifier: Apache-2.0
 *
 * checksum.h - CRC-32C (Castagnoli, RFC 3720 appendix B.4) and a stable 64-bit hash (FNV-1a).
 */
#ifndef DK_BASE_CHECKSUM_H
#define DK_BASE_CHECKSUM_H

#include "daemon/base/slice.h"

/* Goes on from `crc`, which is 0 at the beginning. */
uint32_t dk_crc32c(uint32_t crc, const void *data, size_t length);

#define DK_HASH_BEGIN 0xcbf29ce484222325u

/* Goes on from `hash`. The same in every version: it is written to disk. */
uint64_t dk_hash(uint64_t hash, struct dk_slice slice);

#endif
