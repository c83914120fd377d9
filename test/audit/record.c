/* SPDX-License-Identifier: Apache-2.0
 *
 * record.c - a payload that tells who it is and shows any change of itself.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"

static uint64_t
hash_text(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash;
}

/* The head begins the payload: fields in words, among them the payload's size, then a checksum of
 * those fields. */
static size_t
write_head(char head[RECORD_MINIMUM], const struct record *record, size_t size)
{
	int length = snprintf(
		head, RECORD_MINIMUM,
		"diolkos-audit %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 " %08zu",
		record->run, record->key, record->sequence, record->id, record->nonce, size);
	uint64_t sum = hash_text(head);

	length += snprintf(head + length, RECORD_MINIMUM - (size_t)length, " %016" PRIx64 " ", sum);
	return (size_t)length;
}

/* What follows the head is drawn from the nonce: it differs in each record and is known from it. */
static void
write_padding(char *padding, size_t size, uint64_t nonce)
{
	uint64_t state = nonce | 1;

	for (size_t i = 0; i < size; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		padding[i] = (char)('a' + state % 26);
	}
}

size_t
record_write(char *buffer, size_t size, const struct record *record)
{
	char head[RECORD_MINIMUM];
	size_t length = write_head(head, record, size);

	if (size < length)
		length = size = write_head(head, record, length);
	memcpy(buffer, head, length);
	write_padding(buffer + length, size - length, record->nonce);
	return size;
}

static bool
read_head(const char *data, size_t size, struct record *record)
{
	char head[RECORD_MINIMUM];
	size_t length = size < sizeof head - 1 ? size : sizeof head - 1;

	memcpy(head, data, length);
	head[length] = '\0';
	if (sscanf(head, "diolkos-audit %23s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNx64,
		   record->run, &record->key, &record->sequence, &record->id, &record->nonce) == 5)
		return true;
	*record = (struct record){ .run = "?" };
	return false;
}

/* Written once more from what was read, it must come out the same. */
bool
record_read(const char *data, size_t size, struct record *record)
{
	char *again;
	bool same;

	if (!read_head(data, size, record))
		return false;
	again = malloc(size + RECORD_MINIMUM);
	if (!again)
		die("no memory for a payload of %zu bytes", size);
	same = record_write(again, size, record) == size && memcmp(again, data, size) == 0;
	free(again);
	return same;
}
