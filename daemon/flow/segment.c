/* SPDX-License-Identifier: Apache-2.0
 *
 * segment.c - one file of a journal.
 */
#include "daemon/flow/segment.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/checksum.h"
#include "daemon/base/error.h"

static_assert(sizeof(struct dk_segment_head) == 64, "written to disk as it is");
static_assert(sizeof(struct dk_record_head) == 24, "written to disk as it is");

static size_t
aligned(size_t length)
{
	return (length + 7) & ~(size_t)7;
}

size_t
dk_record_room(size_t body_length)
{
	return sizeof(struct dk_record_head) + aligned(body_length);
}

void
dk_segment_path(char *path, size_t room, const char *folder, uint64_t number)
{
	snprintf(path, room, "%s/%012llu.log", folder, (unsigned long long)number);
}

uint64_t
dk_segment_number(const char *name)
{
	uint64_t number = 0;

	if (strlen(name) != 16 || strcmp(name + 12, ".log") != 0)
		return 0;
	for (int i = 0; i < 12; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		number = number * 10 + (uint64_t)(name[i] - '0');
	}
	return number;
}

static uint32_t
head_crc(struct dk_segment_head head)
{
	head.crc = 0;
	return dk_crc32c(0, &head, sizeof(head));
}

static struct dk_segment *
segment_of(struct dk_file *file, const struct dk_segment_head *head, size_t size)
{
	struct dk_segment *segment = calloc(1, sizeof(*segment));

	if (!segment)
		return NULL;
	dk_list_init(&segment->link);
	segment->file = file;
	segment->size = size;
	segment->number = head->number;
	segment->first_serial = segment->next_serial = head->first_serial;
	segment->salt = head->salt;
	segment->end = sizeof(*head);
	return segment;
}

struct dk_segment *
dk_segment_new(const struct dk_files *files, const char *folder,
	       const struct dk_segment_head *head, size_t size, struct dk_error *error)
{
	char path[4096];
	struct dk_segment_head sealed = *head;
	struct dk_slice piece = { (const char *)&sealed, sizeof(sealed) };
	struct dk_segment *segment;
	struct dk_file *file;

	dk_segment_path(path, sizeof(path), folder, head->number);
	file = files->create(files->context, path, size, error);
	if (!file)
		return NULL;
	sealed.salt = files->random(files->context);
	segment = segment_of(file, &sealed, size);
	if (!segment) {
		files->close(file);
		dk_fail(error, "no memory for a segment");
		return NULL;
	}
	sealed.crc = head_crc(sealed);
	files->write(file, 0, &piece, 1);
	return segment;
}

/* A head of zeros is that of a segment whose making was cut off: there is nothing in it. */
static bool
is_blank(const struct dk_segment_head *head)
{
	static const struct dk_segment_head blank;

	return memcmp(head, &blank, sizeof(blank)) == 0;
}

static int
check_head(const struct dk_segment_head *head, const char *kind, const char *path,
	   struct dk_error *error)
{
	if (memcmp(head->kind, kind, sizeof(head->kind)) != 0)
		return dk_fail(error, "%s is not a %.8s segment; left untouched", path, kind);
	if (head->version != DK_SEGMENT_VERSION)
		return dk_fail(error,
			       "%s is of version %u, and this program knows version %u; left "
			       "untouched: is it from a newer diolkosd?",
			       path, head->version, DK_SEGMENT_VERSION);
	return 0;
}

/* The record at this offset, if a sound one is there, of whatever salt. */
static bool
sound_at(struct dk_slice bytes, size_t offset, struct dk_record_head *head)
{
	struct dk_record_head blank;
	uint32_t crc;

	if (bytes.length - offset < sizeof(*head))
		return false;
	memcpy(head, bytes.data + offset, sizeof(*head));
	if (head->marker != DK_RECORD_MARKER || head->version != DK_RECORD_VERSION ||
	    head->length > bytes.length - offset - sizeof(*head))
		return false;
	blank = *head;
	blank.crc = 0;
	crc = dk_crc32c(0, &blank, sizeof(blank));
	return dk_crc32c(crc, bytes.data + offset + sizeof(*head), head->length) == head->crc;
}

/* That of the first record: each has it. */
static uint32_t
find_salt(struct dk_slice bytes)
{
	struct dk_record_head head;

	for (size_t offset = sizeof(struct dk_segment_head);
	     offset + sizeof(head) <= bytes.length; offset += 8)
		if (sound_at(bytes, offset, &head))
			return head.salt;
	return 0;
}

/* Where the head is damaged the records still are what they are: the segment is read all the same.
 * Its first serial is then not known, which costs nothing: see read_segment in journal.c. */
static int
read_head(struct dk_slice bytes, const char *kind, const char *path, uint64_t number,
	  struct dk_segment_head *head, struct dk_error *error)
{
	memset(head, 0, sizeof(*head));
	if (bytes.length >= sizeof(*head))
		memcpy(head, bytes.data, sizeof(*head));
	if (!is_blank(head) && head->crc == head_crc(*head))
		return check_head(head, kind, path, error);
	memset(head, 0, sizeof(*head));
	head->number = number;
	head->salt = find_salt(bytes);
	return 0;
}

struct dk_segment *
dk_segment_open(const struct dk_files *files, const char *folder, const char *kind,
		uint64_t number, struct dk_error *error)
{
	char path[4096];
	struct dk_segment_head head;
	struct dk_segment *segment = NULL;
	struct dk_file *file;

	dk_segment_path(path, sizeof(path), folder, number);
	file = files->open(files->context, path, error);
	if (!file)
		return NULL;
	if (read_head(files->bytes(file), kind, path, number, &head, error) == 0) {
		head.number = number;
		segment = segment_of(file, &head, files->bytes(file).length);
	}
	if (!segment) {
		files->close(file);
		return NULL;
	}
	segment->is_named = true;
	segment->end = segment->size;
	return segment;
}

void
dk_segment_free(const struct dk_files *files, struct dk_segment *segment)
{
	dk_list_remove(&segment->link);
	files->close(segment->file);
	free(segment);
}

void
dk_segment_append(const struct dk_files *files, struct dk_segment *segment,
		  struct dk_record_head head, const struct dk_slice *pieces, size_t count)
{
	struct dk_slice piece = { (const char *)&head, sizeof(head) };
	uint32_t crc;

	assert(segment->end + dk_record_room(head.length) <= segment->size);
	head.marker = DK_RECORD_MARKER;
	head.version = DK_RECORD_VERSION;
	head.salt = segment->salt;
	head.crc = 0;
	crc = dk_crc32c(0, &head, sizeof(head));
	for (size_t i = 0; i < count; i++)
		crc = dk_crc32c(crc, pieces[i].data, pieces[i].length);
	head.crc = crc;
	files->write(segment->file, segment->end, &piece, 1);
	files->write(segment->file, segment->end + sizeof(head), pieces, count);
	segment->end += dk_record_room(head.length);
	segment->next_serial = head.serial + 1;
}

static bool
is_zero(const char *bytes)
{
	static const char zeros[8];

	return memcmp(bytes, zeros, sizeof(zeros)) == 0;
}

bool
dk_segment_next(const struct dk_files *files, const struct dk_segment *segment, size_t *offset,
		size_t end, struct dk_found *found, uint64_t *damaged)
{
	struct dk_slice bytes = files->bytes(segment->file);
	struct dk_record_head head;

	if (end > bytes.length)
		end = bytes.length;
	bytes.length = end;
	for (; *offset + sizeof(head) <= end; *offset += 8) {
		if (is_zero(bytes.data + *offset))
			continue;
		if (sound_at(bytes, *offset, &head) && head.salt == segment->salt) {
			found->type = (enum dk_record_type)head.type;
			found->serial = head.serial;
			found->body = dk_slice_new(bytes.data + *offset + sizeof(head),
						   head.length);
			*offset += dk_record_room(head.length);
			return true;
		}
		*damaged += 8;
	}
	return false;
}
