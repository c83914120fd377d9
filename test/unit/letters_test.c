/* SPDX-License-Identifier: Apache-2.0
 *
 * letters_test.c - the store of dead letters over real files: kept, read, removed.
 */
#include "test/unit/folder.h"

#include "daemon/flow/letters.h"
#include "daemon/system/files.h"

#define SEGMENT 512 /* one letter fills more than the half */

static char payload[300];

static struct dk_letters *
open_letters(const struct folder *folder)
{
	struct dk_letters *letters = dk_letters_open(&dk_system_files, folder->path, SEGMENT, NULL);

	assert_non_null(letters);
	return letters;
}

static void
write_letter(struct dk_letters *letters)
{
	struct dk_letter letter = {
		.endpoint = DK_SLICE("plant"),
		.route = DK_SLICE("words"),
		.target = DK_SLICE("lake:words"),
		.reason = DK_SLICE("so it was decided"),
		.message = DK_MESSAGE_NONE,
	};

	letter.message.address = dk_slice_of("words/a");
	letter.message.payload = dk_slice_new(payload, sizeof(payload));
	assert_int_equal(dk_letters_write(letters, &letter, NULL), 0);
}

/* Of an earlier run, each in a segment of its own. */
static void
fill(const struct folder *folder, int count)
{
	struct dk_letters *letters = open_letters(folder);

	while (count-- > 0)
		write_letter(letters);
	dk_letters_close(letters);
}

static uint64_t
read_next(struct dk_letters *letters)
{
	struct dk_letter letter;

	if (!dk_letters_next(letters, &letter))
		return 0;
	assert_true(dk_slice_is(letter.route, DK_SLICE("words")));
	assert_int_equal(letter.message.payload.length, sizeof(payload));
	return letter.number;
}

static void
remove_letter(struct dk_letters *letters, uint64_t number)
{
	dk_letters_remove(letters, number);
	assert_int_equal(dk_letters_flush(letters, NULL), 0);
}

static void
what_was_removed_is_gone_in_the_next_run(void **state)
{
	struct folder folder;
	struct dk_letters *letters;

	(void)state;
	folder_make(&folder);
	fill(&folder, 3);
	letters = open_letters(&folder);
	remove_letter(letters, 2);
	dk_letters_close(letters);
	letters = open_letters(&folder);
	assert_int_equal(read_next(letters), 1);
	assert_int_equal(read_next(letters), 3);
	assert_int_equal(read_next(letters), 0);
	dk_letters_close(letters);
	folder_remove(&folder);
}

/* A replay that pauses stands where all may be gone when it goes on. */
static void
reading_goes_on_when_the_segment_it_stood_in_has_emptied(void **state)
{
	struct folder folder;
	struct dk_letters *letters;

	(void)state;
	folder_make(&folder);
	fill(&folder, 4);
	letters = open_letters(&folder);
	assert_int_equal(read_next(letters), 1);
	remove_letter(letters, 1);
	assert_int_equal(read_next(letters), 2);
	assert_int_equal(read_next(letters), 3);
	remove_letter(letters, 2);
	remove_letter(letters, 3);
	assert_int_equal(read_next(letters), 4);
	assert_int_equal(read_next(letters), 0);
	dk_letters_close(letters);
	folder_remove(&folder);
}

static void
segments_without_letters_are_removed(void **state)
{
	struct folder folder;
	struct dk_letters *letters;

	(void)state;
	folder_make(&folder);
	fill(&folder, 4);
	assert_int_equal(folder_count(&folder, false), 4);
	letters = open_letters(&folder);
	while (read_next(letters) > 0)
		continue;
	for (uint64_t number = 1; number <= 4; number++)
		dk_letters_remove(letters, number);
	assert_int_equal(dk_letters_flush(letters, NULL), 0);
	assert_int_equal(folder_count(&folder, false), 1); /* which says that they are gone */
	write_letter(letters);
	assert_int_equal(read_next(letters), 6);
	dk_letters_close(letters);
	folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_removed_is_gone_in_the_next_run),
		cmocka_unit_test(reading_goes_on_when_the_segment_it_stood_in_has_emptied),
		cmocka_unit_test(segments_without_letters_are_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
