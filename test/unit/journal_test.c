/* SPDX-License-Identifier: Apache-2.0
 *
 * journal_test.c - the journal over real files: kept, rolled, damaged, forgotten.
 */
#include "test/unit/folder.h"

#include "daemon/base/checksum.h"
#include "daemon/base/error.h"
#include "daemon/flow/segment.h"
#include "daemon/system/files.h"

#define FIRST "000000000001.log"

/* What an opening found. */
struct findings {
	size_t count;
	uint64_t serials[256];
	char bodies[256][40];
};

static void
note(void *context, const struct dk_found *found)
{
	struct findings *findings = context;

	assert_true(findings->count < 256 && found->body.length < 40);
	findings->serials[findings->count] = found->serial;
	memcpy(findings->bodies[findings->count], found->body.data, found->body.length);
	findings->bodies[findings->count++][found->body.length] = '\0';
}

static struct dk_journal *
open_journal(const struct folder *folder, size_t segment_size, struct findings *findings,
	     struct dk_error *error)
{
	struct dk_journal_kind kind = { "DKTEST\n\n", segment_size, note, findings };

	memset(findings, 0, sizeof(*findings));
	return dk_journal_open(&dk_system_files, folder->path, &kind, error);
}

/* In two pieces; bodies are "record 1", "record 2", … */
static struct dk_mark
append(struct dk_journal *journal, uint64_t number)
{
	struct dk_slice pieces[3] = { DK_SLICE("record "), { NULL, 0 }, { NULL, 0 } };
	struct dk_mark mark;
	char digits[24];

	sprintf(digits, "%llu", (unsigned long long)number);
	pieces[2] = dk_slice_of(digits);
	assert_int_equal(dk_journal_append(journal, DK_RECORD_MESSAGE, pieces, 3, &mark, NULL), 0);
	assert_true(mark.serial == number);
	return mark;
}

static void
fill(const struct folder *folder, size_t segment_size, uint64_t first, uint64_t last)
{
	struct findings findings;
	struct dk_journal *journal = open_journal(folder, segment_size, &findings, NULL);

	assert_non_null(journal);
	for (uint64_t number = first; number <= last; number++)
		append(journal, number);
	dk_journal_close(journal);
}

/* All found are what they should be, in order; how many of 1 … last are missing. */
static size_t
check_found(const struct findings *findings, uint64_t last)
{
	for (size_t i = 0; i < findings->count; i++) {
		char body[40];

		sprintf(body, "record %llu", (unsigned long long)findings->serials[i]);
		assert_string_equal(findings->bodies[i], body);
		assert_true(i == 0 || findings->serials[i] > findings->serials[i - 1]);
	}
	return last - findings->count;
}

static void
what_was_appended_is_there_after_reopening(void **state)
{
	struct folder folder;
	struct findings findings;
	struct dk_journal *journal;
	struct dk_mark mark;

	(void)state;
	folder_make(&folder);
	for (uint64_t run = 0; run < 3; run++) {
		journal = open_journal(&folder, 4096, &findings, NULL);
		assert_int_equal(check_found(&findings, run * 4), 0);
		for (uint64_t number = run * 4 + 1; number <= run * 4 + 4; number++)
			mark = append(journal, number);
		assert_int_equal(dk_journal_state(journal).unsynced, 4);
		assert_int_equal(dk_journal_sync(journal, &mark, NULL), 0);
		assert_int_equal(dk_journal_sync_all(journal, NULL), 0);
		assert_int_equal(dk_journal_state(journal).unsynced, 0);
		assert_int_equal(dk_journal_state(journal).damaged_bytes, 0);
		assert_int_equal(dk_journal_state(journal).bytes, 4096 * (run + 1));
		dk_journal_close(journal);
	}
	assert_int_equal(folder_count(&folder, false), 3);
	folder_remove(&folder);
}

static void
opening_alone_writes_nothing(void **state)
{
	struct folder folder;
	struct findings findings;

	(void)state;
	folder_make(&folder);
	for (int i = 0; i < 3; i++)
		dk_journal_close(open_journal(&folder, 4096, &findings, NULL));
	assert_int_equal(folder_count(&folder, false), 0);
	folder_remove(&folder);
}

static void
a_full_segment_is_followed_by_a_new_one(void **state)
{
	struct folder folder;
	struct findings findings;
	struct dk_journal *journal;
	struct dk_cursor cursor;
	struct dk_found found;
	uint64_t number = 0;

	(void)state;
	folder_make(&folder);
	fill(&folder, 256, 1, 50);
	assert_true(folder_count(&folder, false) > 10);
	journal = open_journal(&folder, 256, &findings, NULL);
	assert_int_equal(check_found(&findings, 50), 0);
	cursor = dk_journal_begin(journal);
	while (dk_journal_next(journal, &cursor, &found))
		assert_true(found.serial == ++number);
	assert_int_equal(number, 50);
	append(journal, 51);
	assert_true(dk_journal_next(journal, &cursor, &found));
	assert_int_equal(found.serial, 51);
	assert_false(dk_journal_next(journal, &cursor, &found));
	dk_journal_close(journal);
	folder_remove(&folder);
}

static void
a_record_larger_than_a_segment_gets_one_of_its_size(void **state)
{
	static char large[5000];
	struct dk_slice piece = { large, sizeof(large) };
	struct folder folder;
	struct findings findings;
	struct dk_journal *journal;
	struct dk_cursor cursor;
	struct dk_found found;
	struct dk_mark mark;

	(void)state;
	folder_make(&folder);
	memset(large, 'x', sizeof(large));
	journal = open_journal(&folder, 256, &findings, NULL);
	append(journal, 1);
	assert_int_equal(dk_journal_append(journal, DK_RECORD_DEAD, &piece, 1, &mark, NULL), 0);
	append(journal, 3);
	cursor = dk_journal_at(&mark, piece.length);
	assert_true(dk_journal_next(journal, &cursor, &found));
	assert_int_equal(found.type, DK_RECORD_DEAD);
	assert_true(dk_slice_is(found.body, piece));
	assert_true(dk_journal_next(journal, &cursor, &found));
	assert_int_equal(found.serial, 3);
	dk_journal_close(journal);
	folder_remove(&folder);
}

static void
a_flipped_bit_sets_aside_one_record_and_no_other(void **state)
{
	struct folder folder;
	struct findings findings;
	size_t length, lost = 0;
	char *bytes;

	(void)state;
	folder_make(&folder);
	fill(&folder, 512, 1, 9);
	bytes = file_read(&folder, FIRST, &length);
	assert_int_equal(length, 512);
	for (size_t bit = 0; bit < length * 8; bit++) {
		struct dk_journal *journal;

		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		file_write(&folder, FIRST, dk_slice_new(bytes, length));
		journal = open_journal(&folder, 512, &findings, NULL);
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		assert_non_null(journal);
		if (check_found(&findings, 9) > 1)
			fail_msg("bit %zu", bit);
		if (findings.count < 9)
			assert_true(dk_journal_state(journal).damaged_bytes > 0);
		lost += 9 - findings.count;
		append(journal, findings.serials[findings.count - 1] + 1);
		assert_int_equal(folder_count(&folder, false), 2);
		dk_journal_close(journal);
		unlink(folder_file(&folder, "000000000002.log"));
	}
	assert_int_equal(lost, 9 * (24 + 8) * 8); /* each bit of each record's head and body */
	free(bytes);
	folder_remove(&folder);
}

static void
a_journal_of_any_length_opens(void **state)
{
	struct folder folder;
	struct findings findings;
	size_t length;
	char *bytes;

	(void)state;
	folder_make(&folder);
	fill(&folder, 512, 1, 9);
	bytes = file_read(&folder, FIRST, &length);
	for (size_t cut = 0; cut <= length; cut++) {
		struct dk_journal *journal;
		size_t whole = cut < 64 ? 0 : (cut - 64) / 32;

		file_write(&folder, FIRST, dk_slice_new(bytes, cut));
		journal = open_journal(&folder, 512, &findings, NULL);
		assert_non_null(journal);
		assert_int_equal(findings.count, whole < 9 ? whole : 9);
		check_found(&findings, findings.count);
		append(journal, findings.count + 1);
		dk_journal_close(journal);
		unlink(folder_file(&folder, "000000000002.log"));
	}
	free(bytes);
	folder_remove(&folder);
}

/* Somebody who knows the format sends what looks like a record, and the record around it is torn. */
static void
a_record_inside_a_damaged_one_is_not_read(void **state)
{
	struct folder folder, other;
	struct findings findings;
	struct dk_journal *journal;
	struct dk_slice image;
	struct dk_mark mark;
	size_t length;
	char *bytes, *forged;

	(void)state;
	folder_make(&folder);
	folder_make(&other);
	fill(&other, 512, 1, 1);
	forged = file_read(&other, FIRST, &length);
	image = dk_slice_new(forged + 64, 32);
	journal = open_journal(&folder, 512, &findings, NULL);
	assert_int_equal(dk_journal_append(journal, DK_RECORD_MESSAGE, &image, 1, &mark, NULL), 0);
	append(journal, 2);
	dk_journal_close(journal);

	bytes = file_read(&folder, FIRST, &length);
	bytes[64] ^= 1;
	file_write(&folder, FIRST, dk_slice_new(bytes, length));
	dk_journal_close(open_journal(&folder, 512, &findings, NULL));
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.serials[0], 2);
	free(forged);
	free(bytes);
	folder_remove(&folder);
	folder_remove(&other);
}

static void
a_torn_body_of_zeros_is_set_aside(void **state)
{
	struct folder folder;
	struct findings findings;
	size_t length;
	char *bytes;

	(void)state;
	folder_make(&folder);
	fill(&folder, 512, 1, 9);
	bytes = file_read(&folder, FIRST, &length);
	memset(bytes + 64 + 4 * 32 + 24, 0, 8);
	file_write(&folder, FIRST, dk_slice_new(bytes, length));
	dk_journal_close(open_journal(&folder, 512, &findings, NULL));
	assert_int_equal(check_found(&findings, 9), 1);
	assert_int_equal(findings.serials[4], 6);
	free(bytes);
	folder_remove(&folder);
}

/* Writes a segment of this head, opens, and checks that it was refused and is as it was. */
static void
check_refused(const struct dk_segment_head *head, const char *reason)
{
	struct dk_segment_head sealed = *head;
	struct folder folder;
	struct findings findings;
	struct dk_error error = { "" };
	char *bytes;
	size_t length;

	folder_make(&folder);
	sealed.crc = dk_crc32c(0, &sealed, sizeof(sealed));
	file_write(&folder, FIRST, dk_slice_new((const char *)&sealed, sizeof(sealed)));
	assert_null(open_journal(&folder, 512, &findings, &error));
	if (!strstr(error.text, reason))
		fail_msg("%s", error.text);
	bytes = file_read(&folder, FIRST, &length);
	assert_int_equal(length, sizeof(sealed));
	assert_memory_equal(bytes, &sealed, sizeof(sealed));
	assert_int_equal(folder_count(&folder, false), 1);
	free(bytes);
	folder_remove(&folder);
}

static void
an_unknown_version_or_kind_is_refused_untouched(void **state)
{
	struct dk_segment_head head = { .kind = "DKTEST\n", .version = 2, .number = 1 };

	(void)state;
	head.kind[7] = '\n';
	check_refused(&head, "is of version 2, and this program knows version 1; left untouched");
	head.version = 1;
	head.kind[2] = 'X';
	check_refused(&head, "is not a DKTEST");
}

static void
other_files_in_the_folder_are_left_alone(void **state)
{
	static const char *const names[] = { "README", "1.log", "000000000001.log.old",
					     "00000000000x.log", "000000000000.log" };
	struct folder folder;
	struct findings findings;

	(void)state;
	folder_make(&folder);
	for (size_t i = 0; i < ROWS(names); i++)
		file_write(&folder, names[i], DK_SLICE("not ours"));
	fill(&folder, 512, 1, 2);
	dk_journal_close(open_journal(&folder, 512, &findings, NULL));
	assert_int_equal(check_found(&findings, 2), 0);
	assert_int_equal(folder_count(&folder, false), ROWS(names) + 1);
	folder_remove(&folder);
}

static void
a_folder_that_cannot_be_is_an_error(void **state)
{
	struct folder folder;
	struct folder below;
	struct findings findings;
	struct dk_error error = { "" };

	(void)state;
	folder_make(&folder);
	file_write(&folder, "file", DK_SLICE(""));
	strcpy(below.path, folder_file(&folder, "file/sub"));
	assert_null(open_journal(&below, 512, &findings, &error));
	assert_non_null(strstr(error.text, "cannot make the folder"));
	folder_remove(&folder);
}

static void
segments_below_the_floor_are_forgotten(void **state)
{
	struct folder folder;
	struct findings findings;
	struct dk_journal *journal;
	struct dk_cursor cursor;
	struct dk_found found;
	size_t all;

	(void)state;
	folder_make(&folder);
	fill(&folder, 256, 1, 30); /* the first segment takes six */
	all = folder_count(&folder, false);
	journal = open_journal(&folder, 256, &findings, NULL);
	dk_journal_forget(journal, 6, NULL);
	assert_int_equal(folder_count(&folder, false), all);
	dk_journal_forget(journal, 7, NULL);
	assert_int_equal(folder_count(&folder, false), all - 1);
	cursor = dk_journal_begin(journal);
	assert_true(dk_journal_next(journal, &cursor, &found));
	assert_int_equal(found.serial, 7);
	dk_journal_forget(journal, 31, &cursor);
	assert_int_equal(folder_count(&folder, false), all - 1);
	append(journal, 31);
	dk_journal_forget(journal, UINT64_MAX, NULL);
	assert_int_equal(folder_count(&folder, false), 1);
	assert_int_equal(dk_journal_state(journal).bytes, 256);
	dk_journal_close(journal);
	dk_journal_close(open_journal(&folder, 256, &findings, NULL));
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.serials[0], 31);
	folder_remove(&folder);
}

/* --- Syncs that fail --- */

static bool is_sync_failing;

static int
sync_or_fail(struct dk_file *file, struct dk_error *error)
{
	if (is_sync_failing)
		return dk_fail(error, "the disk is gone");
	return dk_system_files.sync(file, error);
}

static void
a_file_whose_sync_failed_is_never_synced_again(void **state)
{
	struct dk_files files = dk_system_files;
	struct dk_journal_kind kind = { "DKTEST\n\n", 4096, note, NULL };
	struct folder folder;
	struct findings findings;
	struct dk_journal *journal;
	struct dk_mark before, after;
	struct dk_error error;

	(void)state;
	folder_make(&folder);
	files.sync = sync_or_fail;
	journal = dk_journal_open(&files, folder.path, &kind, NULL);
	before = append(journal, 1);
	is_sync_failing = true;
	assert_int_equal(dk_journal_sync(journal, &before, &error), -1);
	assert_string_equal(error.text, "the disk is gone");
	is_sync_failing = false;
	assert_int_equal(dk_journal_sync(journal, &before, &error), -1);
	assert_string_equal(error.text, "an earlier sync of this file has failed");
	after = append(journal, 2);
	assert_ptr_not_equal(after.segment, before.segment);
	assert_int_equal(dk_journal_sync(journal, &after, NULL), 0);
	assert_true(dk_journal_state(journal).is_poisoned);
	dk_journal_close(journal);
	dk_journal_close(open_journal(&folder, 4096, &findings, NULL));
	assert_int_equal(check_found(&findings, 2), 0);
	folder_remove(&folder);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_appended_is_there_after_reopening),
		cmocka_unit_test(opening_alone_writes_nothing),
		cmocka_unit_test(a_full_segment_is_followed_by_a_new_one),
		cmocka_unit_test(a_record_larger_than_a_segment_gets_one_of_its_size),
		cmocka_unit_test(a_flipped_bit_sets_aside_one_record_and_no_other),
		cmocka_unit_test(a_journal_of_any_length_opens),
		cmocka_unit_test(a_record_inside_a_damaged_one_is_not_read),
		cmocka_unit_test(a_torn_body_of_zeros_is_set_aside),
		cmocka_unit_test(an_unknown_version_or_kind_is_refused_untouched),
		cmocka_unit_test(other_files_in_the_folder_are_left_alone),
		cmocka_unit_test(a_folder_that_cannot_be_is_an_error),
		cmocka_unit_test(segments_below_the_floor_are_forgotten),
		cmocka_unit_test(a_file_whose_sync_failed_is_never_synced_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
