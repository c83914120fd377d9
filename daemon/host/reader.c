/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.c - a thread that reads the configuration again.
 */
#include "daemon/host/reader.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/error.h"
#include "daemon/base/list.h"
#include "daemon/config/fetch.h"
#include "daemon/config/lists.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/log.h"

#define LINES_MAX 50 /* of one text, in the log */

/* A list that has a source, and when that is looked at next. */
struct watch {
	const struct dk_item_list *list;
	uint64_t seen; /* the hash of what it gave last, or of what runs, to be tried again */
	uint64_t told; /* of what was said to be a change last */
	int64_t due_ms;
};

struct dk_reader {
	struct dk_reader_options options;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	const struct dk_plan *running; /* NULL: it has an answer, and waits to be told */
	bool is_asked, is_ending;
	struct dk_plan *answer; /* in the post; NULL: all stays */
	struct dk_difference *difference; /* likewise */
	char *differences;                /* printed; NULL: none */
	bool is_good;           /* likewise */
	struct dk_post post;
	/* The thread's own: */
	const struct dk_plan *watched; /* whose lists the watches are of */
	struct watch *watches;
	size_t watch_count;
	char *told; /* the faults that were said last; NULL: none */
	bool has_given; /* its last answer was a plan */
};

/* --- Reading --- */

static char *
text_of(const struct dk_faults *faults)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	dk_faults_print(faults, out);
	fclose(out);
	return text;
}

static void
log_lines(enum dk_level level, const char *event, const char *field, const char *text)
{
	for (int lines = 0; *text && lines < LINES_MAX; lines++) {
		size_t length = strcspn(text, "\n");
		char *line = strndup(text, length);

		if (!line)
			abort();
		dk_log(level, NULL, event, DK_FIELDS(DK_FIELD_TEXT(field, line)));
		free(line);
		text += length + (text[length] == '\n');
	}
}

static bool
is_ending(struct dk_reader *reader)
{
	bool ends;

	pthread_mutex_lock(&reader->lock);
	ends = reader->is_ending;
	pthread_mutex_unlock(&reader->lock);
	return ends;
}

/* Each fault once: a list that stays as it is brings the same ones with every look. */
static void
tell(struct dk_reader *reader, const struct dk_faults *faults, bool is_good, bool was_asked)
{
	char *text = text_of(faults), reason[400];

	if (is_ending(reader)) { /* what was fetched was given up, perhaps */
		free(text);
		return;
	}
	if (was_asked || !reader->told || strcmp(reader->told, text) != 0)
		log_lines(is_good ? DK_WARNING : DK_ERROR, "configuration", "why", text);
	free(reader->told);
	reader->told = text;
	snprintf(reason, sizeof(reason), "what runs goes on; the first fault: %.*s",
		 (int)strcspn(text, "\n"), text);
	dk_complain("configuration", "not-reloaded", is_good ? NULL : reason);
}

static char *
print_differences(const struct dk_difference *difference, const struct dk_plan *old,
		  const struct dk_plan *new)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	dk_difference_print(difference, old, new, out);
	fclose(out);
	return text;
}

/* Whether it is another plan than the one that runs; if so the differences are kept. */
static bool
compare(struct dk_reader *reader, const struct dk_plan *running, const struct dk_plan *plan)
{
	struct dk_difference *difference = dk_difference_new(running, plan);

	if (difference->is_none) {
		dk_difference_free(difference);
		dk_log(DK_INFO, NULL, "not-changed", NULL);
		return false;
	}
	reader->difference = difference;
	reader->differences = print_differences(difference, running, plan);
	log_lines(DK_INFO, "difference", "what", reader->differences);
	return true;
}

/* A plan to change to; NULL, which has been said, when there is none. */
static struct dk_plan *
read_again(struct dk_reader *reader, const struct dk_plan *running, bool was_asked, bool *is_good)
{
	const struct dk_reader_options *options = &reader->options;
	struct dk_faults *faults = dk_faults_new();
	struct dk_plan *plan = dk_plan_read(options->reading, faults);

	*is_good = plan && !(options->is_strict && dk_faults_warnings(faults) > 0);
	tell(reader, faults, *is_good, was_asked);
	dk_faults_free(faults);
	if (*is_good && compare(reader, running, plan))
		return plan;
	dk_plan_free(plan);
	return NULL;
}

/* --- Lists --- */

static void
watch_lists(struct dk_reader *reader)
{
	const struct dk_lists *lists = reader->running->lists;
	int64_t now = dk_clock_now_ms();

	reader->watched = reader->running;
	reader->watch_count = 0;
	free(reader->watches);
	reader->watches = calloc(lists->count + 1, sizeof(*reader->watches));
	if (!reader->watches)
		abort();
	for (size_t i = 0; i < lists->count; i++)
		if (lists->lists[i].source)
			reader->watches[reader->watch_count++] = (struct watch){
				&lists->lists[i], lists->lists[i].hash, 0,
				now + dk_lists_pause_ms(&lists->lists[i], true)
			};
}

/* What could not be used is looked at as if it had not been seen. */
static void
forget_seen(struct dk_reader *reader)
{
	for (size_t i = 0; i < reader->watch_count; i++)
		reader->watches[i].seen = reader->watches[i].list->hash;
}

/* `hash` is of what it gives now; `why` it is not good, or NULL. Whether it is another list. */
static bool
note_look(struct watch *watch, uint64_t hash, const char *why)
{
	bool is_other = !why && hash != watch->seen;

	dk_complain(watch->list->name, "not-refreshed", why);
	if (is_other && hash != watch->told)
		dk_log(DK_INFO, watch->list->name, "changed", NULL);
	if (is_other)
		watch->seen = watch->told = hash;
	watch->due_ms = dk_clock_now_ms() + dk_lists_pause_ms(watch->list, !why);
	return is_other;
}

/* The one that is due next; NULL: there are no lists to be watched. */
static struct watch *
next_watch(struct dk_reader *reader)
{
	struct watch *next = NULL;

	for (size_t i = 0; i < reader->watch_count; i++)
		if (!next || reader->watches[i].due_ms < next->due_ms)
			next = &reader->watches[i];
	return next;
}

/* --- The thread: all with the lock held, but while it reads --- */

static void
run_post(struct dk_post *post)
{
	struct dk_reader *reader = DK_OF(post, struct dk_reader, post);
	struct dk_plan *answer = reader->answer;
	struct dk_difference *difference = reader->difference;
	char *text;

	/* The thread rests until it is told what runs now: what it said stays. */
	if (asprintf(&text, "%s%s", reader->told ? reader->told : "",
		     reader->differences ? reader->differences : "") < 0)
		abort();
	free(reader->differences);
	reader->differences = NULL;
	reader->answer = NULL;
	reader->difference = NULL;
	reader->options.read(reader->options.context, answer, difference, reader->is_good, text);
	free(text);
}

static void
answer(struct dk_reader *reader, bool was_asked)
{
	const struct dk_plan *running = reader->running;

	reader->running = NULL;
	pthread_mutex_unlock(&reader->lock);
	reader->answer = read_again(reader, running, was_asked, &reader->is_good);
	reader->has_given = reader->answer != NULL;
	if (!reader->is_good)
		forget_seen(reader);
	dk_loop_post(reader->options.loop, &reader->post);
	pthread_mutex_lock(&reader->lock);
}

static void
look(struct dk_reader *reader, struct watch *watch)
{
	struct dk_error error = { "" };
	uint64_t hash;
	bool is_good;

	pthread_mutex_unlock(&reader->lock);
	is_good = dk_lists_look(watch->list, &hash, &error) == 0;
	pthread_mutex_lock(&reader->lock);
	if (reader->is_ending)
		return; /* it was given up, perhaps */
	if (note_look(watch, hash, is_good ? NULL : error.text) && !reader->is_asked)
		answer(reader, false);
}

static void
wait_until(struct dk_reader *reader, int64_t due_ms)
{
	struct timespec until = { (time_t)(due_ms / 1000), (long)(due_ms % 1000 * 1000000) };

	pthread_cond_timedwait(&reader->wake, &reader->lock, &until);
}

static void
act(struct dk_reader *reader)
{
	struct watch *watch;

	if (reader->watched != reader->running)
		watch_lists(reader);
	else if (reader->has_given) /* it could not be opened */
		forget_seen(reader);
	reader->has_given = false;
	watch = next_watch(reader);
	if (reader->is_asked) {
		reader->is_asked = false;
		answer(reader, true);
	} else if (!watch) {
		pthread_cond_wait(&reader->wake, &reader->lock);
	} else if (watch->due_ms > dk_clock_now_ms()) {
		wait_until(reader, watch->due_ms);
	} else {
		look(reader, watch);
	}
}

static void *
run(void *context)
{
	struct dk_reader *reader = context;

	pthread_mutex_lock(&reader->lock);
	while (!reader->is_ending)
		if (reader->running)
			act(reader);
		else
			pthread_cond_wait(&reader->wake, &reader->lock);
	pthread_mutex_unlock(&reader->lock);
	return NULL;
}

/* --- The loop's side --- */

struct dk_reader *
dk_reader_new(const struct dk_reader_options *options)
{
	struct dk_reader *reader = calloc(1, sizeof(*reader));
	pthread_condattr_t monotonic;

	if (!reader)
		abort();
	reader->options = *options;
	reader->post.run = run_post;
	pthread_mutex_init(&reader->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&reader->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&reader->thread, NULL, run, reader) != 0)
		abort();
	return reader;
}

void
dk_reader_watch(struct dk_reader *reader, const struct dk_plan *running)
{
	pthread_mutex_lock(&reader->lock);
	reader->running = running;
	pthread_cond_signal(&reader->wake);
	pthread_mutex_unlock(&reader->lock);
}

void
dk_reader_ask(struct dk_reader *reader)
{
	pthread_mutex_lock(&reader->lock);
	reader->is_asked = true;
	pthread_cond_signal(&reader->wake);
	pthread_mutex_unlock(&reader->lock);
}

void
dk_reader_free(struct dk_reader *reader)
{
	pthread_mutex_lock(&reader->lock);
	reader->is_ending = true;
	pthread_cond_signal(&reader->wake);
	pthread_mutex_unlock(&reader->lock);
	dk_fetch_stop();
	pthread_join(reader->thread, NULL);
	dk_plan_free(reader->answer);
	dk_difference_free(reader->difference);
	free(reader->differences);
	pthread_cond_destroy(&reader->wake);
	pthread_mutex_destroy(&reader->lock);
	free(reader->watches);
	free(reader->told);
	free(reader);
}
