/* SPDX-License-Identifier: Apache-2.0
 *
 * segment.h - one file of a journal: its head, its records, how a sound record is told from damage.
 */
#ifndef DK_FLOW_SEGMENT_H
#define DK_FLOW_SEGMENT_H

#include "daemon/flow/journal.h"

#define DK_SEGMENT_VERSION 1
#define DK_RECORD_VERSION 1
#define DK_RECORD_MARKER 0xd1c0u

struct dk_segment_head {
	char kind[8];
	uint32_t version;
	uint32_t crc; /* of this struct with crc 0 */
	uint64_t number;
	uint64_t first_serial;
	uint32_t salt; /* of all its records: they are not to be forged by what they hold */
	uint32_t unused_too;
	uint64_t unused[3];
};

struct dk_record_head {
	uint16_t marker;
	uint8_t type;
	uint8_t version;
	uint32_t length; /* of the body */
	uint32_t crc;    /* of this struct with crc 0, then the body */
	uint32_t salt;   /* the segment's */
	uint64_t serial;
};

struct dk_segment {
	struct dk_list link; /* of the journal, oldest first */
	uint64_t number;
	uint64_t first_serial, next_serial;
	uint32_t salt;
	struct dk_file *file;
	size_t size;
	size_t end;    /* of the last record */
	size_t synced; /* up to here it is durable */
	bool is_poisoned;
	bool is_named; /* the folder was synced since it was made */
	unsigned busy; /* syncs that are under way outside the lock */
};

/* How much room a record takes. */
size_t dk_record_room(size_t body_length);

/* Makes a new one with its head, and a salt, written. */
struct dk_segment *dk_segment_new(const struct dk_files *files, const char *folder,
				  const struct dk_segment_head *head, size_t size,
				  struct dk_error *error);
/* Opens one of an earlier run. */
struct dk_segment *dk_segment_open(const struct dk_files *files, const char *folder,
				   const char *kind, uint64_t number, struct dk_error *error);
void dk_segment_free(const struct dk_files *files, struct dk_segment *segment);

/* Writes a record at its end; there is room for it. */
void dk_segment_append(const struct dk_files *files, struct dk_segment *segment,
		       struct dk_record_head head, const struct dk_slice *pieces, size_t count);

/* The first sound record at or after *offset and before `end`; *offset is then behind it, and
 * *damaged has grown by the bytes that were neither a record nor zeros. */
bool dk_segment_next(const struct dk_files *files, const struct dk_segment *segment,
		     size_t *offset, size_t end, struct dk_found *found, uint64_t *damaged);

/* "FOLDER/000000000042.log", in a static-sized buffer of the caller's. */
void dk_segment_path(char *path, size_t room, const char *folder, uint64_t number);
/* The number in a file's name; 0 when it is no segment's. */
uint64_t dk_segment_number(const char *name);

#endif
