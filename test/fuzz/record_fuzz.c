/* SPDX-License-Identifier: Apache-2.0
 *
 * record_fuzz.c - any bytes as a stored message, and as a segment of a journal: what is read lies
 * within the bytes, and a journal that opens can be read again and appended to.
 */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/flow/journal.h"
#include "daemon/flow/record.h"
#include "daemon/base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- A message --- */

static void
check_within(struct dk_slice slice, struct dk_slice bytes)
{
	if (slice.data && (slice.data < bytes.data ||
			   slice.data + slice.length > bytes.data + bytes.length))
		abort();
}

static void
read_message(struct dk_slice bytes)
{
	size_t room = dk_record_headers(bytes);
	struct dk_header *headers = calloc(room + 1, sizeof(*headers));
	struct dk_message message;

	if (headers && dk_record_read(bytes, &message, headers, room, NULL, NULL) == 0) {
		check_within(message.address, bytes);
		check_within(message.payload, bytes);
		for (size_t i = 0; i < message.header_count; i++)
			check_within(message.headers[i].value, bytes);
	}
	free(headers);
}

/* --- A disk with one file, and room for another in memory --- */

struct dk_file {
	struct dk_slice bytes;
	char *own; /* of the one that was made */
};

static struct dk_slice disk;

static int
make_folder(void *context, const char *path, struct dk_error *error)
{
	(void)context, (void)path, (void)error;
	return 0;
}

static int
list_folder(void *context, const char *path, void (*found)(void *argument, const char *name),
	    void *argument, struct dk_error *error)
{
	(void)context, (void)path, (void)error;
	found(argument, "000000000001.log");
	return 0;
}

static struct dk_file *
create(void *context, const char *path, size_t size, struct dk_error *error)
{
	struct dk_file *file = calloc(1, sizeof(*file));

	(void)context, (void)path, (void)error;
	file->own = calloc(1, size);
	file->bytes = dk_slice_new(file->own, size);
	return file;
}

static struct dk_file *
open_file(void *context, const char *path, struct dk_error *error)
{
	struct dk_file *file = calloc(1, sizeof(*file));

	(void)context, (void)path, (void)error;
	file->bytes = disk;
	return file;
}

static struct dk_slice
bytes_of(const struct dk_file *file)
{
	return file->bytes;
}

static void
write_pieces(struct dk_file *file, size_t offset, const struct dk_slice *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		memcpy(file->own + offset, pieces[i].data, pieces[i].length);
		offset += pieces[i].length;
	}
}

static void
close_file(struct dk_file *file)
{
	free(file->own);
	free(file);
}

static struct dk_lock *
lock_new(void *context)
{
	(void)context;
	return malloc(1);
}

static uint32_t
no_random(void *context)
{
	(void)context;
	return 0;
}

static void
ignore_lock(struct dk_lock *lock)
{
	(void)lock;
}

static void
lock_free(struct dk_lock *lock)
{
	free(lock);
}

static const struct dk_files files = {
	.make_folder = make_folder, .list_folder = list_folder, .create = create,
	.random = no_random, .open = open_file, .bytes = bytes_of, .write = write_pieces, .close = close_file,
	.lock_new = lock_new, .lock = ignore_lock, .unlock = ignore_lock, .lock_free = lock_free,
};

/* --- A journal --- */

static void
count_record(void *context, const struct dk_found *found)
{
	check_within(found->body, disk);
	read_message(found->body);
	++*(size_t *)context;
}

/* One after the other; and the one that was appended. */
static void
read_again(struct dk_journal *journal, size_t wanted)
{
	struct dk_slice piece = DK_SLICE("appended");
	struct dk_cursor cursor = dk_journal_begin(journal);
	struct dk_found found;
	struct dk_mark mark;

	for (; dk_journal_next(journal, &cursor, &found); wanted--)
		if (wanted == 0)
			abort();
	if (wanted > 0)
		abort();
	if (dk_journal_append(journal, DK_RECORD_MESSAGE, &piece, 1, &mark, NULL) != 0 ||
	    !dk_journal_next(journal, &cursor, &found) || !dk_slice_is(found.body, piece))
		abort();
}

static void
open_journal(void)
{
	size_t count = 0;
	struct dk_journal_kind kind = { "DKSPOOL\n", 4096, count_record, &count };
	struct dk_error error;
	struct dk_journal *journal = dk_journal_open(&files, "folder", &kind, &error);

	if (journal)
		read_again(journal, count);
	dk_journal_close(journal);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	disk = dk_slice_new((const char *)data, size);
	read_message(disk);
	open_journal();
	return 0;
}
