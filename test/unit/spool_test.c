/* SPDX-License-Identifier: Apache-2.0
 *
 * spool_test.c - the spool over real files, in a small world of one thread: order, spilling,
 * recovery, settled deliveries.
 */
#include "test/unit/folder.h"

#include <sys/wait.h>

#include "daemon/base/error.h"
#include "daemon/flow/spool.h"
#include "daemon/system/files.h"

/* --- A world --- */

struct tiny {
	struct dk_world world;
	struct dk_files files;
	struct folder folder;
	struct dk_spool *spool;
	struct dk_list handed_over; /* on their way to the loop */
	int64_t now;
	unsigned failing_syncs;
	unsigned troubles, lines;
};

static int64_t
now(void *context)
{
	return ((struct tiny *)context)->now;
}

static void
sleep_ms(void *context, int64_t ms)
{
	((struct tiny *)context)->now += ms;
}

static void
hand_over(void *context, struct dk_source *source, struct dk_received *received)
{
	(void)source;
	dk_list_append(&((struct tiny *)context)->handed_over, &received->link);
}

static void __attribute__((noreturn))
give_up(void *context, const char *reason)
{
	(void)reason;
	_exit(((struct tiny *)context)->now >= 1000 ? 75 : 1);
}

static void
count_line(void *context, enum dk_level level, const char *who, const char *event,
	   const struct dk_field *fields)
{
	(void)level, (void)who, (void)event, (void)fields;
	((struct tiny *)context)->lines++;
}

static void
count_trouble(void *context, const char *who, const char *event, const char *reason)
{
	(void)who, (void)event;
	((struct tiny *)context)->troubles += reason != NULL;
}

static struct tiny *tiny_of_sync;

static int
sync_or_fail(struct dk_file *file, struct dk_error *error)
{
	if (tiny_of_sync->failing_syncs == 0)
		return dk_system_files.sync(file, error);
	tiny_of_sync->failing_syncs--;
	return dk_fail(error, "the disk is gone");
}

static void
tiny_open(struct tiny *tiny)
{
	struct dk_spool_options options = { .name = "plant", .folder = tiny->folder.path,
					    .sync_always = true, .high_mark = 8192,
					    .segment_size = 1024, .store_timeout_ms = 1000,
					    .memory_messages = 4, .memory_bytes = 1 << 20 };

	dk_list_init(&tiny->handed_over);
	tiny->spool = dk_spool_open(&tiny->world, &options, NULL);
	assert_non_null(tiny->spool);
}

static void
tiny_begin(struct tiny *tiny)
{
	memset(tiny, 0, sizeof(*tiny));
	tiny->files = dk_system_files;
	tiny->files.sync = sync_or_fail;
	tiny->world = (struct dk_world){ .now_ms = now, .wall_ms = now, .sleep = sleep_ms,
					 .hand_over = hand_over, .give_up = give_up,
					 .log = count_line, .trouble = count_trouble,
					 .files = &tiny->files, .context = tiny };
	tiny_of_sync = tiny;
	folder_make(&tiny->folder);
	tiny_open(tiny);
}

static void
tiny_arrive(struct tiny *tiny)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&tiny->handed_over)))
		dk_spool_arrived(tiny->spool, DK_OF(link, struct dk_received, link));
}

static void
tiny_close(struct tiny *tiny)
{
	tiny_arrive(tiny);
	dk_spool_close(tiny->spool);
}

static void
tiny_end(struct tiny *tiny)
{
	tiny_close(tiny);
	folder_remove(&tiny->folder);
}

/* --- What happens in it --- */

static struct dk_subscription subscription = { .name = "a/#" };

/* Payloads are the numbers. */
static void
store(struct tiny *tiny, unsigned from, unsigned to)
{
	for (unsigned number = from; number <= to; number++) {
		struct dk_message message = DK_MESSAGE_NONE;

		message.address = DK_SLICE("a/b");
		message.payload = dk_slice_new((const char *)&number, sizeof(number));
		dk_spool_store(tiny->spool, NULL, &subscription, &message, NULL);
	}
}

static struct dk_received *
take(struct tiny *tiny, unsigned wanted)
{
	struct dk_slice name = { NULL, 0 };
	struct dk_received *received = dk_spool_take(tiny->spool, &name);
	unsigned number;

	if (!received)
		fail_msg("%u is missing", wanted);
	memcpy(&number, received->message.payload.data, sizeof(number));
	assert_int_equal(number, wanted);
	if (received->subscription)
		assert_ptr_equal(received->subscription, &subscription);
	else
		assert_slice(name, "a/#");
	return received;
}

static void
take_and_settle(struct tiny *tiny, unsigned from, unsigned to)
{
	for (unsigned number = from; number <= to; number++) {
		struct dk_received *received = take(tiny, number);

		dk_spool_done(tiny->spool, received);
		dk_received_free(received);
	}
	dk_spool_flush(tiny->spool);
}

static void
take_and_drop(struct tiny *tiny, unsigned from, unsigned to)
{
	for (unsigned number = from; number <= to; number++)
		dk_received_free(take(tiny, number));
}

static void
assert_nothing_left(struct tiny *tiny)
{
	struct dk_slice name;

	assert_null(dk_spool_take(tiny->spool, &name));
}

static void
assert_waiting(const struct tiny *tiny, uint64_t messages)
{
	assert_int_equal(dk_spool_messages(tiny->spool), messages);
}

static void
few_messages_go_by_memory(void **state)
{
	struct tiny tiny;
	struct dk_received *received;

	(void)state;
	tiny_begin(&tiny);
	assert_nothing_left(&tiny);
	store(&tiny, 1, 3);
	tiny_arrive(&tiny);
	received = take(&tiny, 1);
	assert_ptr_equal(received->subscription, &subscription);
	assert_false(received->is_recovered);
	dk_received_free(received);
	take_and_drop(&tiny, 2, 3);
	assert_nothing_left(&tiny);
	tiny_end(&tiny);
}

static void
many_messages_spill_to_disk_and_come_back_in_order(void **state)
{
	struct tiny tiny;

	(void)state;
	tiny_begin(&tiny);
	store(&tiny, 1, 40);
	assert_waiting(&tiny, 40);
	tiny_arrive(&tiny);
	take_and_settle(&tiny, 1, 10);
	store(&tiny, 41, 45);
	take_and_settle(&tiny, 11, 20);
	assert_waiting(&tiny, 25);
	tiny_arrive(&tiny);
	take_and_settle(&tiny, 21, 45);
	assert_nothing_left(&tiny);
	store(&tiny, 46, 48);
	tiny_arrive(&tiny);
	take_and_settle(&tiny, 46, 48);
	store(&tiny, 49, 60);
	tiny_arrive(&tiny);
	take_and_settle(&tiny, 49, 60);
	assert_nothing_left(&tiny);
	tiny_end(&tiny);
}

/* Any order of storing, arriving and taking. */
static void
order_is_kept_whatever_comes_between(void **state)
{
	struct tiny tiny;
	uint64_t seed = 11;
	unsigned stored = 0, taken = 0;

	(void)state;
	tiny_begin(&tiny);
	while (taken < 3000) {
		struct dk_slice name;
		struct dk_received *received;

		if (chance_below(&seed, 3) == 0) {
			unsigned more = chance_below(&seed, 9);

			store(&tiny, stored + 1, stored + more);
			stored += more;
		}
		if (chance_below(&seed, 2))
			tiny_arrive(&tiny);
		for (unsigned n = chance_below(&seed, 9);
		     n > 0 && (received = dk_spool_take(tiny.spool, &name)); n--) {
			assert_memory_equal(received->message.payload.data,
					    &(unsigned){ ++taken }, sizeof(unsigned));
			dk_spool_done(tiny.spool, received);
			dk_received_free(received);
		}
		dk_spool_flush(tiny.spool);
		assert_int_equal(dk_spool_messages(tiny.spool), stored - taken);
	}
	while (taken < stored) {
		tiny_arrive(&tiny);
		take_and_settle(&tiny, taken + 1, taken + 1);
		taken++;
	}
	assert_nothing_left(&tiny);
	assert_true(folder_count(&tiny.folder, false) < 8);
	tiny_end(&tiny);
}

static void
what_is_not_done_comes_again_and_what_is_done_does_not(void **state)
{
	struct tiny tiny;
	struct dk_received *third;

	(void)state;
	tiny_begin(&tiny);
	store(&tiny, 1, 2);
	tiny.now = 7;
	store(&tiny, 3, 20);
	tiny_arrive(&tiny);
	take_and_settle(&tiny, 1, 2);
	third = take(&tiny, 3);
	take_and_settle(&tiny, 4, 9);
	take_and_drop(&tiny, 10, 11);
	dk_received_free(third);
	assert_int_equal(dk_spool_messages(tiny.spool), 12);
	assert_int_equal(dk_spool_oldest_ms(tiny.spool), 7);
	tiny_close(&tiny);

	tiny_open(&tiny);
	assert_waiting(&tiny, 12);
	assert_int_equal(dk_spool_oldest_ms(tiny.spool), -1); /* none is taken yet */
	assert_int_equal(dk_spool_waiting_since_ms(tiny.spool), -1);
	tiny.now = 8;
	third = take(&tiny, 3);
	assert_int_equal(dk_spool_oldest_ms(tiny.spool), 7);
	assert_true(third->is_recovered);
	assert_int_equal(dk_spool_waiting_since_ms(tiny.spool), 8);
	dk_spool_done(tiny.spool, third);
	dk_received_free(third);
	take_and_settle(&tiny, 10, 15);
	store(&tiny, 21, 22);
	tiny_close(&tiny);

	tiny_open(&tiny);
	take_and_settle(&tiny, 16, 22);
	assert_nothing_left(&tiny);
	tiny_close(&tiny);

	tiny_open(&tiny);
	assert_nothing_left(&tiny);
	tiny_end(&tiny);
}

static void
what_is_noted_of_a_delivery_is_known_to_the_next_run(void **state)
{
	struct tiny tiny;
	struct dk_received *received;
	uint64_t sequence;

	(void)state;
	tiny_begin(&tiny);
	store(&tiny, 1, 2);
	tiny_arrive(&tiny);
	received = take(&tiny, 1);
	sequence = received->sequence;
	dk_spool_note(tiny.spool, sequence, 77, DK_NOTE_SETTLED);
	dk_spool_note(tiny.spool, sequence, 5, DK_NOTE_SETTLED);
	dk_spool_note(tiny.spool, sequence, 6, 1);
	dk_spool_note(tiny.spool, sequence, 6, 3);
	dk_spool_note(tiny.spool, sequence, 6, 2);
	dk_spool_flush(tiny.spool);
	assert_int_equal(dk_spool_note_of(tiny.spool, sequence, 77), 0);
	dk_received_free(received);
	tiny_close(&tiny);

	tiny_open(&tiny);
	assert_true(dk_spool_note_of(tiny.spool, sequence, 77) == DK_NOTE_SETTLED);
	assert_true(dk_spool_note_of(tiny.spool, sequence, 5) == DK_NOTE_SETTLED);
	assert_int_equal(dk_spool_note_of(tiny.spool, sequence, 6), 3);
	assert_int_equal(dk_spool_note_of(tiny.spool, sequence, 7), 0);
	assert_int_equal(dk_spool_note_of(tiny.spool, sequence + 1, 77), 0);
	take_and_settle(&tiny, 1, 2);
	tiny_end(&tiny);
}

static void
a_spool_is_full_at_its_mark_and_has_room_at_half(void **state)
{
	struct tiny tiny;
	unsigned stored = 0, taken = 0;

	(void)state;
	tiny_begin(&tiny);
	assert_true(dk_spool_has_room(tiny.spool));
	for (; !dk_spool_is_full(tiny.spool); stored++)
		store(&tiny, stored + 1, stored + 1);
	assert_false(dk_spool_has_room(tiny.spool));
	tiny_arrive(&tiny);
	for (; !dk_spool_has_room(tiny.spool); taken++)
		take_and_settle(&tiny, taken + 1, taken + 1);
	assert_true(taken > stored / 3 && taken < stored);
	tiny_end(&tiny);
}

static void
a_store_whose_sync_fails_is_written_again_once(void **state)
{
	struct tiny tiny;

	(void)state;
	tiny_begin(&tiny);
	store(&tiny, 1, 1);
	tiny.failing_syncs = 3;
	store(&tiny, 2, 2);
	store(&tiny, 3, 10);
	assert_int_equal(tiny.troubles, 3);
	tiny_arrive(&tiny);
	take_and_settle(&tiny, 1, 3);
	tiny_close(&tiny);
	tiny_open(&tiny);
	take_and_settle(&tiny, 4, 10);
	assert_nothing_left(&tiny);
	tiny_end(&tiny);
}

static void
a_disk_that_fails_for_too_long_ends_the_process(void **state)
{
	struct tiny tiny;
	pid_t child;
	int status;

	(void)state;
	tiny_begin(&tiny);
	child = fork();
	if (child == 0) {
		tiny.failing_syncs = 1000;
		store(&tiny, 1, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 75);
	tiny_end(&tiny);
}

static void
damage_is_told_and_the_rest_is_taken(void **state)
{
	struct tiny tiny;
	size_t length;
	char *bytes;

	(void)state;
	tiny_begin(&tiny);
	store(&tiny, 1, 4);
	tiny_close(&tiny);
	bytes = file_read(&tiny.folder, "000000000001.log", &length);
	bytes[64 + 30] ^= 1; /* within the first record */
	file_write(&tiny.folder, "000000000001.log", dk_slice_new(bytes, length));
	free(bytes);
	tiny_open(&tiny);
	assert_int_equal(tiny.lines, 1);
	take_and_settle(&tiny, 2, 4);
	assert_nothing_left(&tiny);
	tiny_end(&tiny);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_messages_go_by_memory),
		cmocka_unit_test(many_messages_spill_to_disk_and_come_back_in_order),
		cmocka_unit_test(order_is_kept_whatever_comes_between),
		cmocka_unit_test(what_is_not_done_comes_again_and_what_is_done_does_not),
		cmocka_unit_test(what_is_noted_of_a_delivery_is_known_to_the_next_run),
		cmocka_unit_test(a_spool_is_full_at_its_mark_and_has_room_at_half),
		cmocka_unit_test(a_store_whose_sync_fails_is_written_again_once),
		cmocka_unit_test(a_disk_that_fails_for_too_long_ends_the_process),
		cmocka_unit_test(damage_is_told_and_the_rest_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
