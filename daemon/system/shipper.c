/* SPDX-License-Identifier: Apache-2.0
 *
 * shipper.c - a queue of lines, and the thread that sends them to a collector.
 */
#include "daemon/system/shipper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/error.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/log.h"
#include "daemon/system/web.h"

#define LINGER_MS 200 /* so long a line waits for others */
#define BATCH_BYTES (256 * 1024)
#define REQUEST_MS 10000
#define FIRST_PAUSE_MS 250
#define LONGEST_PAUSE_MS 30000
#define LAST_PAUSE_MS 100 /* when the process ends */
#define ANSWER_LIMIT (64 * 1024)

/* Lines, each with its newline. */
struct lines {
	char *data;
	size_t length, room;
};

/* Written with the lock held, but for what is atomic. */
static struct shipper {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool has_wake;
	pthread_t thread;
	bool is_running; /* the thread is there */
	bool is_ending;
	int64_t deadline_ms; /* of the end */
	atomic_bool is_on;
	atomic_uint settings; /* how often they were set */
	struct dk_shipper_target target;
	char context[DK_LOG_CONTEXT_ROOM];
	struct lines waiting;
	size_t room; /* of the lines that wait, and of those in hand */
	atomic_llong dropped;
} shipper = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* What the thread has in hand. */
struct work {
	struct dk_web *web;
	struct dk_shipper_target target;
	unsigned settings; /* those that the target is of */
	struct lines lines;
	size_t sent;       /* of these bytes */
	size_t batch;      /* bytes at most, for what was refused is tried in halves */
	int64_t pause_ms;  /* after the next failure */
	bool has_told;     /* how many were dropped: once for all these lines */
	struct dk_buffer body;
};

/* --- The queue --- */

#define WHO "log"
#define NOT_SHIPPED "not-shipped" /* is not for the collector */
#define DROPPED "dropped"         /* has a room of its own, for it comes when there is none */

static bool
is_own(const struct dk_log_entry *entry, const char *event)
{
	return strcmp(entry->who, WHO) == 0 && strcmp(entry->event, event) == 0;
}

/* With the lock held. The thread is woken for the first line, and for a batch that is full. */
static void
append(struct lines *lines, const struct dk_log_line *line, size_t reserve)
{
	size_t before = lines->length;

	if (before + line->length + reserve > lines->room) {
		atomic_fetch_add(&shipper.dropped, 1);
		return;
	}
	memcpy(lines->data + before, line->text, line->length);
	lines->length += line->length;
	if (before == 0 || (before < BATCH_BYTES && lines->length >= BATCH_BYTES))
		pthread_cond_signal(&shipper.wake);
}

void
dk_shipper_put(const struct dk_log_entry *entry)
{
	char context[DK_LOG_CONTEXT_ROOM];
	struct dk_log_line line;

	if (!atomic_load(&shipper.is_on) || is_own(entry, NOT_SHIPPED))
		return;
	pthread_mutex_lock(&shipper.lock);
	memcpy(context, shipper.context, sizeof(context));
	pthread_mutex_unlock(&shipper.lock);
	dk_log_line_json(&line, entry, context);
	pthread_mutex_lock(&shipper.lock);
	append(&shipper.waiting, &line, is_own(entry, DROPPED) ? 0 : sizeof(line.text));
	pthread_mutex_unlock(&shipper.lock);
}

/* Empty lines of the room that is wanted. */
static void
make_room(struct lines *lines, size_t room)
{
	if (lines->room == room)
		return;
	free(lines->data);
	lines->data = malloc(room);
	if (!lines->data)
		abort();
	lines->room = room;
}

static void
swap_lines(struct lines *one, struct lines *other)
{
	struct lines kept = *one;

	*one = *other;
	*other = kept;
}

static int64_t
count_lines(const char *data, size_t length)
{
	int64_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += data[i] == '\n';
	return count;
}

/* --- Sending: the thread's --- */

/* Whether there was something to tell. */
static bool
tell_dropped(void)
{
	long long dropped = atomic_exchange(&shipper.dropped, 0);

	if (dropped > 0)
		dk_log(DK_WARNING, WHO, DROPPED, DK_FIELDS(DK_FIELD_NUMBER("lines", dropped)));
	return dropped > 0;
}

static bool
is_over(void)
{
	bool is_late;

	pthread_mutex_lock(&shipper.lock);
	is_late = shipper.is_ending && dk_clock_now_ms() >= shipper.deadline_ms;
	pthread_mutex_unlock(&shipper.lock);
	return is_late;
}

static bool
is_given_up(void *work)
{
	return atomic_load(&shipper.settings) != ((struct work *)work)->settings || is_over();
}

static void
wait_until(int64_t due_ms)
{
	struct timespec until = { (time_t)(due_ms / 1000), (long)(due_ms % 1000 * 1000000) };

	pthread_cond_timedwait(&shipper.wake, &shipper.lock, &until);
}

/* As many whole lines as a batch may have, and one at least. */
static size_t
batch_of(const struct work *work)
{
	const char *begin = work->lines.data + work->sent;
	size_t left = work->lines.length - work->sent;
	const char *end = left > work->batch ? memrchr(begin, '\n', work->batch) : begin + left - 1;

	if (!end)
		end = memchr(begin, '\n', left);
	return (size_t)(end - begin) + 1;
}

/* An array of the lines, which are objects. */
static void
write_body(struct work *work, size_t length)
{
	struct dk_buffer *body = &work->body;

	body->length = 0;
	dk_buffer_add_text(body, "[");
	dk_buffer_add(body, dk_slice_new(work->lines.data + work->sent, length - 1));
	for (size_t i = 0; i < body->length; i++)
		if (body->data[i] == '\n')
			body->data[i] = ',';
	dk_buffer_add_text(body, "]\n");
}

static long
post(struct work *work, struct dk_buffer *answer, struct dk_error *error)
{
	const struct dk_shipper_target *target = &work->target;
	const char *const headers[] = { "Content-Type: application/json", target->header, NULL };
	struct dk_web_request request = { .url = target->url,
					  .headers = headers,
					  .username = target->username,
					  .password = target->password,
					  .token = target->token,
					  .authorities = target->authorities,
					  .body = { work->body.data, work->body.length },
					  .timeout_ms = REQUEST_MS,
					  .limit = ANSWER_LIMIT,
					  .is_given_up = is_given_up,
					  .context = work };

	return dk_web_ask(work->web, &request, answer, error);
}

static void
pass(struct work *work, size_t length)
{
	work->sent += length;
	work->batch = 2 * work->batch < BATCH_BYTES ? 2 * work->batch : BATCH_BYTES;
}

/* It goes on: what was not sent in between is told, the collector too. */
static void
note_taken(struct work *work, size_t length)
{
	pass(work, length);
	work->pause_ms = FIRST_PAUSE_MS;
	dk_complain(WHO, NOT_SHIPPED, NULL);
	work->has_told = work->has_told || tell_dropped();
}

/* The collector will never take these: in halves, until the line is found that is the cause. */
static void
note_refused(struct work *work, size_t length, const char *why)
{
	dk_complain(WHO, NOT_SHIPPED, why);
	if (count_lines(work->lines.data + work->sent, length) == 1) {
		atomic_fetch_add(&shipper.dropped, 1);
		pass(work, length);
	} else {
		work->batch = length / 2;
	}
}

static void
pause_sending(struct work *work, const char *why)
{
	int64_t until;
	bool is_ending;

	dk_complain(WHO, NOT_SHIPPED, why);
	pthread_mutex_lock(&shipper.lock);
	is_ending = shipper.is_ending;
	until = dk_clock_now_ms() + (is_ending ? LAST_PAUSE_MS : work->pause_ms);
	while (dk_clock_now_ms() < until && shipper.is_ending == is_ending &&
	       atomic_load(&shipper.settings) == work->settings)
		wait_until(until);
	pthread_mutex_unlock(&shipper.lock);
	work->pause_ms = 2 * work->pause_ms < LONGEST_PAUSE_MS ? 2 * work->pause_ms :
								 LONGEST_PAUSE_MS;
}

/* 400, 413, 415 and 422 are of what was sent; all else may pass. */
static bool
is_refusal(long status)
{
	return status == 400 || status == 413 || status == 415 || status == 422;
}

static void
send_batch(struct work *work)
{
	struct dk_buffer answer = { 0 };
	struct dk_error error = { "" }, why = { "" };
	size_t length = batch_of(work);
	long status;

	write_body(work, length);
	status = post(work, &answer, &error);
	if (status >= 0 && status / 100 != 2)
		dk_web_refuse(status, &answer, &error);
	snprintf(why.text, sizeof(why.text), "%.200s: %.250s", work->target.url, error.text);
	if (status / 100 == 2)
		note_taken(work, length);
	else if (is_refusal(status))
		note_refused(work, length, why.text);
	else if (!is_given_up(work))
		pause_sending(work, why.text);
	dk_buffer_clear(&answer);
}

/* The settings that are in force. False: nothing is to be sent any more. */
static bool
look_at_settings(struct work *work)
{
	pthread_mutex_lock(&shipper.lock);
	if (atomic_load(&shipper.settings) != work->settings) {
		work->settings = atomic_load(&shipper.settings);
		dk_shipper_target_copy(&work->target, &shipper.target);
		work->pause_ms = FIRST_PAUSE_MS;
		work->batch = BATCH_BYTES;
	}
	pthread_mutex_unlock(&shipper.lock);
	return work->target.url && !is_over();
}

static void
send_lines(struct work *work)
{
	work->sent = 0;
	work->has_told = false;
	while (work->sent < work->lines.length && look_at_settings(work))
		send_batch(work);
	if (work->target.url)
		atomic_fetch_add(&shipper.dropped,
				 count_lines(work->lines.data + work->sent,
					     work->lines.length - work->sent));
	work->lines.length = 0;
}

/* With the lock held: others may come soon that can go along. */
static void
linger(void)
{
	int64_t until = dk_clock_now_ms() + LINGER_MS;

	while (!shipper.is_ending && shipper.waiting.length < BATCH_BYTES &&
	       dk_clock_now_ms() < until)
		wait_until(until);
}

static void *
run(void *argument)
{
	struct work work = { .web = argument, .batch = BATCH_BYTES, .pause_ms = FIRST_PAUSE_MS };

	pthread_mutex_lock(&shipper.lock);
	while (!shipper.is_ending || shipper.waiting.length > 0) {
		if (shipper.waiting.length == 0) {
			pthread_cond_wait(&shipper.wake, &shipper.lock);
			continue;
		}
		linger();
		make_room(&work.lines, shipper.room);
		swap_lines(&work.lines, &shipper.waiting);
		pthread_mutex_unlock(&shipper.lock);
		send_lines(&work);
		pthread_mutex_lock(&shipper.lock);
	}
	pthread_mutex_unlock(&shipper.lock);
	dk_shipper_target_clear(&work.target);
	free(work.lines.data);
	dk_buffer_clear(&work.body);
	dk_web_free(work.web);
	return NULL;
}

/* --- Life --- */

static void
make_wake(void)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&shipper.wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	shipper.has_wake = true;
}

/* With the lock held. */
static void
begin(void)
{
	struct dk_web *web = dk_web_new();

	if (!shipper.has_wake)
		make_wake();
	make_room(&shipper.waiting, shipper.room);
	shipper.is_ending = false;
	if (!web || pthread_create(&shipper.thread, NULL, run, web) != 0)
		abort();
	shipper.is_running = true;
}

/* With the lock held. What is on its way to where it went before is given up. */
static void
change_target(const struct dk_shipper_target *target)
{
	dk_shipper_target_copy(&shipper.target, target);
	if (!target->url)
		shipper.waiting.length = 0;
	atomic_fetch_add(&shipper.settings, 1);
	atomic_store(&shipper.is_on, target->url != NULL);
	if (shipper.is_running)
		pthread_cond_signal(&shipper.wake);
}

void
dk_shipper_set(const struct dk_shipper_options *options)
{
	pthread_mutex_lock(&shipper.lock);
	snprintf(shipper.context, sizeof(shipper.context), "%s", options->context);
	shipper.room = (size_t)options->queue;
	if (!shipper.is_running && options->target.url)
		begin();
	if (!dk_shipper_target_is(&shipper.target, &options->target))
		change_target(&options->target);
	pthread_mutex_unlock(&shipper.lock);
}

/* The thread has sent what it could. */
static void
finish(void)
{
	pthread_join(shipper.thread, NULL);
	pthread_mutex_lock(&shipper.lock);
	shipper.is_running = false;
	dk_shipper_target_clear(&shipper.target);
	free(shipper.waiting.data);
	shipper.waiting = (struct lines){ 0 };
	pthread_mutex_unlock(&shipper.lock);
	tell_dropped();
}

void
dk_shipper_end(void)
{
	static pthread_mutex_t ends = PTHREAD_MUTEX_INITIALIZER;
	bool is_running;

	pthread_mutex_lock(&ends); /* who comes second waits too */
	pthread_mutex_lock(&shipper.lock);
	atomic_store(&shipper.is_on, false);
	shipper.is_ending = true;
	shipper.deadline_ms = dk_clock_now_ms() + DK_SHIPPER_END_MS;
	is_running = shipper.is_running;
	if (is_running)
		pthread_cond_signal(&shipper.wake);
	pthread_mutex_unlock(&shipper.lock);
	if (is_running)
		finish();
	pthread_mutex_unlock(&ends);
}
