/* SPDX-License-Identifier: Apache-2.0
 *
 * checksum.c - CRC-32C by the processor's instruction where it has one, else by tables.
 */
#include "daemon/base/checksum.h"

#define POLYNOMIAL 0x82f63b78u /* reflected */

static uint32_t table[8][256];

__attribute__((constructor)) static void
fill_table(void)
{
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t crc = byte;

		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
		table[0][byte] = crc;
	}
	for (int slice = 1; slice < 8; slice++)
		for (int byte = 0; byte < 256; byte++)
			table[slice][byte] = (table[slice - 1][byte] >> 8) ^
					     table[0][table[slice - 1][byte] & 0xff];
}

static uint32_t
by_table(uint32_t crc, const unsigned char *data, size_t length)
{
	for (; length >= 8; data += 8, length -= 8) {
		uint32_t low, high;

		memcpy(&low, data, 4);
		memcpy(&high, data + 4, 4);
		low ^= crc;
		crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^
		      table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^ table[3][high & 0xff] ^
		      table[2][high >> 8 & 0xff] ^ table[1][high >> 16 & 0xff] ^
		      table[0][high >> 24];
	}
	for (; length > 0; data++, length--)
		crc = (crc >> 8) ^ table[0][(crc ^ *data) & 0xff];
	return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t
by_processor(uint32_t crc, const unsigned char *data, size_t length)
{
	uint64_t wide = crc;

	for (; length >= 8; data += 8, length -= 8) {
		uint64_t word;

		memcpy(&word, data, 8);
		wide = __builtin_ia32_crc32di(wide, word);
	}
	crc = (uint32_t)wide;
	for (; length > 0; data++, length--)
		crc = __builtin_ia32_crc32qi(crc, *data);
	return crc;
}
#endif

uint32_t
dk_crc32c(uint32_t crc, const void *data, size_t length)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2"))
		return ~by_processor(~crc, data, length);
#endif
	return ~by_table(~crc, data, length);
}

uint64_t
dk_hash(uint64_t hash, struct dk_slice slice)
{
	for (size_t i = 0; i < slice.length; i++)
		hash = (hash ^ (unsigned char)slice.data[i]) * 0x100000001b3u;
	return hash;
}
