/* SPDX-License-Identifier: Apache-2.0
 *
 * loop_test.c - the mailbox and the loop: posts of many threads, timers, watches, signals.
 */
#include "test/unit/unit.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "daemon/system/clock.h"
#include "daemon/system/loop.h"
#include "daemon/system/mailbox.h"

#define THREADS 4
#define POSTS 50000

/* --- Posts --- */

struct letter {
	struct dk_post post;
	unsigned thread, number;
};

static struct {
	struct letter letters[THREADS][POSTS];
	unsigned next[THREADS]; /* the number that must come next */
	size_t count;
	struct dk_mailbox *mailbox;
	struct dk_loop *loop;
} office;

static void
read_letter(struct dk_post *post)
{
	struct letter *letter = (struct letter *)(void *)post;

	if (letter->number != office.next[letter->thread]++)
		abort(); /* out of order, lost or twice */
	office.count++;
	if (office.loop && office.count == THREADS * POSTS)
		dk_loop_stop(office.loop);
}

static void *
write_letters(void *argument)
{
	unsigned thread = (unsigned)(uintptr_t)argument;

	for (unsigned number = 0; number < POSTS; number++) {
		struct letter *letter = &office.letters[thread][number];

		*letter = (struct letter){ { NULL, read_letter }, thread, number };
		if (office.loop)
			dk_loop_post(office.loop, &letter->post);
		else
			dk_mailbox_post(office.mailbox, &letter->post);
	}
	return NULL;
}

static void
begin_writing(pthread_t *threads)
{
	memset(office.next, 0, sizeof(office.next));
	office.count = 0;
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, write_letters, (void *)i);
}

static void
end_writing(pthread_t *threads)
{
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void
posts_of_many_threads_arrive_each_once_and_in_order(void **state)
{
	pthread_t threads[THREADS];
	struct pollfd readable;

	(void)state;
	office.loop = NULL;
	office.mailbox = dk_mailbox_new();
	readable = (struct pollfd){ .fd = dk_mailbox_fd(office.mailbox), .events = POLLIN };
	assert_int_equal(poll(&readable, 1, 0), 0);
	begin_writing(threads);
	while (office.count < THREADS * POSTS) {
		if (poll(&readable, 1, 5000) != 1)
			fail_msg("not woken after %zu posts", office.count);
		dk_mailbox_run(office.mailbox);
	}
	end_writing(threads);
	dk_mailbox_run(office.mailbox);
	assert_int_equal(office.count, THREADS * POSTS);
	dk_mailbox_free(office.mailbox);
}

static void
do_nothing(void *context)
{
	(void)context;
}

static void
the_loop_is_woken_by_posts(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	office.loop = dk_loop_new(NULL);
	begin_writing(threads);
	dk_loop_run(office.loop, do_nothing, NULL);
	end_writing(threads);
	assert_int_equal(office.count, THREADS * POSTS);
	dk_loop_free(office.loop);
}

static int posted_again;

static void
post_again(struct dk_post *post)
{
	if (++posted_again < 1000)
		dk_loop_post(office.loop, post);
	else
		dk_loop_stop(office.loop);
}

static void
a_post_may_be_posted_again_from_its_own_run(void **state)
{
	struct dk_post post = { NULL, post_again };

	(void)state;
	office.loop = dk_loop_new(NULL);
	dk_loop_post(office.loop, &post);
	dk_loop_run(office.loop, do_nothing, NULL);
	assert_int_equal(posted_again, 1000);
	dk_loop_free(office.loop);
}

/* --- Events --- */

static struct {
	struct dk_loop *loop;
	struct dk_loop_event *timers[3];
	char heard[16];
	int turns;
} clockwork;

static void
hear(void *argument)
{
	strcat(clockwork.heard, argument);
	if (*(const char *)argument == 'z')
		dk_loop_stop(clockwork.loop);
}

static void
hear_once(void *argument)
{
	hear(argument);
	dk_loop_event_free(clockwork.timers[0]);
}

static void
count_turn(void *context)
{
	++*(int *)context;
}

static void
timers_come_in_their_order_unless_taken_back(void **state)
{
	int64_t began = dk_clock_now_ms();

	(void)state;
	clockwork.loop = dk_loop_new(NULL);
	clockwork.timers[0] = dk_loop_timer(clockwork.loop, hear_once, "b");
	clockwork.timers[1] = dk_loop_timer(clockwork.loop, hear, "a");
	clockwork.timers[2] = dk_loop_timer(clockwork.loop, hear, "z");
	dk_loop_timer_set(clockwork.timers[2], 60);
	dk_loop_timer_set(clockwork.timers[0], 30);
	dk_loop_timer_set(clockwork.timers[1], 0);
	dk_loop_run(clockwork.loop, count_turn, &clockwork.turns);
	assert_string_equal(clockwork.heard, "abz");
	assert_true(dk_clock_now_ms() - began >= 40);
	assert_true(clockwork.turns >= 2);
	*clockwork.heard = '\0';
	dk_loop_timer_set(clockwork.timers[1], 5);
	dk_loop_timer_set(clockwork.timers[2], 40);
	dk_loop_timer_set(clockwork.timers[2], 10);
	dk_loop_timer_set(clockwork.timers[1], -1);
	dk_loop_run(clockwork.loop, count_turn, &clockwork.turns);
	assert_string_equal(clockwork.heard, "z");
	dk_loop_event_free(clockwork.timers[1]);
	dk_loop_event_free(clockwork.timers[2]);
	dk_loop_free(clockwork.loop);
}

static void
read_pipe(void *argument, unsigned events)
{
	char byte;

	assert_int_equal(events, DK_READABLE);
	assert_int_equal(read(*(int *)argument, &byte, 1), 1);
	if (byte == 'z')
		dk_loop_stop(clockwork.loop);
}

static void
a_watched_descriptor_is_read_until_it_is_empty(void **state)
{
	struct dk_loop_event *watch;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	clockwork.loop = dk_loop_new(NULL);
	watch = dk_loop_watch(clockwork.loop, ends[0], DK_READABLE, read_pipe, &ends[0]);
	assert_int_equal(write(ends[1], "abz", 3), 3);
	dk_loop_run(clockwork.loop, do_nothing, NULL);
	dk_loop_event_free(watch);
	dk_loop_free(clockwork.loop);
	close(ends[0]);
	close(ends[1]);
}

static void
a_signal_is_heard_on_the_loop(void **state)
{
	struct dk_loop_event *event;

	(void)state;
	*clockwork.heard = '\0';
	clockwork.loop = dk_loop_new(NULL);
	event = dk_loop_signal(clockwork.loop, SIGUSR1, hear, "z");
	raise(SIGUSR1);
	dk_loop_run(clockwork.loop, do_nothing, NULL);
	assert_string_equal(clockwork.heard, "z");
	dk_loop_event_free(event);
	dk_loop_free(clockwork.loop);
}

static void
stop_with_it(void *context)
{
	dk_loop_stop(context);
}

static void
a_loop_stopped_in_its_first_turn_does_not_wait(void **state)
{
	(void)state;
	clockwork.loop = dk_loop_new(NULL);
	dk_loop_run(clockwork.loop, stop_with_it, clockwork.loop);
	dk_loop_free(clockwork.loop);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(posts_of_many_threads_arrive_each_once_and_in_order),
		cmocka_unit_test(the_loop_is_woken_by_posts),
		cmocka_unit_test(a_post_may_be_posted_again_from_its_own_run),
		cmocka_unit_test(timers_come_in_their_order_unless_taken_back),
		cmocka_unit_test(a_watched_descriptor_is_read_until_it_is_empty),
		cmocka_unit_test(a_signal_is_heard_on_the_loop),
		cmocka_unit_test(a_loop_stopped_in_its_first_turn_does_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
