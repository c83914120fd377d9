/* SPDX-License-Identifier: Apache-2.0
 *
 * syncer.c - a thread that syncs journals.
 */
#include "daemon/system/syncer.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/system/clock.h"

struct task {
	struct dk_list link;
	struct dk_journal *journal;
	int64_t interval_ms;
	int64_t due_ms;
	bool is_requested;
};

struct dk_syncer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_cond_t rest;
	struct dk_list tasks;
	const struct task *busy; /* with this one; NULL: with none */
	bool is_ending;
	void (*synced)(void *context, struct dk_journal *journal, uint64_t serial,
		       const char *error);
	void *context;
};

static bool
is_due(const struct task *task, int64_t now)
{
	return task->is_requested || (task->interval_ms > 0 && task->due_ms <= now);
}

/* With the lock held on the way in and out, and not while the disk works. */
static void
sync_task(struct dk_syncer *syncer, struct task *task)
{
	bool was_requested = task->is_requested;
	struct dk_journal_state state;
	struct dk_error error = { "" };
	int result = 0;

	syncer->busy = task;
	task->is_requested = false;
	task->due_ms = dk_clock_now_ms() + task->interval_ms;
	pthread_mutex_unlock(&syncer->lock);
	state = dk_journal_state(task->journal);
	if (state.unsynced > 0)
		result = dk_journal_sync_all(task->journal, &error);
	if (was_requested || state.unsynced > 0)
		syncer->synced(syncer->context, task->journal, state.next_serial,
			       result == 0 ? NULL : error.text);
	pthread_mutex_lock(&syncer->lock);
	syncer->busy = NULL;
	pthread_cond_signal(&syncer->rest);
}

/* When the next interval ends; -1: there is none. */
static int64_t
next_due(const struct dk_syncer *syncer)
{
	int64_t next = -1;

	DK_EACH(link, &syncer->tasks) {
		const struct task *task = DK_OF(link, struct task, link);

		if (task->interval_ms > 0 && (next < 0 || task->due_ms < next))
			next = task->due_ms;
	}
	return next;
}

static void
wait(struct dk_syncer *syncer)
{
	int64_t due = next_due(syncer);
	struct timespec until = { (time_t)(due / 1000), (long)(due % 1000 * 1000000) };

	if (due < 0)
		pthread_cond_wait(&syncer->wake, &syncer->lock);
	else
		pthread_cond_timedwait(&syncer->wake, &syncer->lock, &until);
}

/* While it works the list may change: it begins anew after each. */
static bool
sync_what_is_due(struct dk_syncer *syncer)
{
	int64_t now = dk_clock_now_ms();

	DK_EACH(link, &syncer->tasks) {
		struct task *task = DK_OF(link, struct task, link);

		if (!is_due(task, now))
			continue;
		dk_list_remove(&task->link);
		dk_list_append(&syncer->tasks, &task->link); /* the others get their turn */
		sync_task(syncer, task);
		return true;
	}
	return false;
}

static void *
run(void *context)
{
	struct dk_syncer *syncer = context;

	pthread_mutex_lock(&syncer->lock);
	while (!syncer->is_ending)
		if (!sync_what_is_due(syncer) && !syncer->is_ending)
			wait(syncer);
	DK_EACH(link, &syncer->tasks)
		sync_task(syncer, DK_OF(link, struct task, link));
	pthread_mutex_unlock(&syncer->lock);
	return NULL;
}

struct dk_syncer *
dk_syncer_new(void (*synced)(void *context, struct dk_journal *journal, uint64_t serial,
			     const char *error),
	      void *context)
{
	struct dk_syncer *syncer = calloc(1, sizeof(*syncer));
	pthread_condattr_t monotonic;

	if (!syncer)
		abort();
	syncer->synced = synced;
	syncer->context = context;
	dk_list_init(&syncer->tasks);
	pthread_mutex_init(&syncer->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&syncer->wake, &monotonic);
	pthread_cond_init(&syncer->rest, NULL);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&syncer->thread, NULL, run, syncer) != 0)
		abort();
	return syncer;
}

void
dk_syncer_free(struct dk_syncer *syncer)
{
	struct dk_list *link;

	pthread_mutex_lock(&syncer->lock);
	syncer->is_ending = true;
	pthread_cond_signal(&syncer->wake);
	pthread_mutex_unlock(&syncer->lock);
	pthread_join(syncer->thread, NULL);
	while ((link = dk_list_shift(&syncer->tasks)))
		free(DK_OF(link, struct task, link));
	pthread_cond_destroy(&syncer->wake);
	pthread_cond_destroy(&syncer->rest);
	pthread_mutex_destroy(&syncer->lock);
	free(syncer);
}

void
dk_syncer_add(struct dk_syncer *syncer, struct dk_journal *journal, int64_t interval_ms)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task)
		abort();
	task->journal = journal;
	task->interval_ms = interval_ms;
	pthread_mutex_lock(&syncer->lock);
	dk_list_append(&syncer->tasks, &task->link);
	pthread_cond_signal(&syncer->wake);
	pthread_mutex_unlock(&syncer->lock);
}

void
dk_syncer_remove(struct dk_syncer *syncer, struct dk_journal *journal)
{
	struct task *found = NULL;

	pthread_mutex_lock(&syncer->lock);
	DK_EACH(link, &syncer->tasks)
		if (DK_OF(link, struct task, link)->journal == journal)
			found = DK_OF(link, struct task, link);
	if (found) {
		dk_list_remove(&found->link);
		while (syncer->busy == found)
			pthread_cond_wait(&syncer->rest, &syncer->lock);
		free(found);
	}
	pthread_mutex_unlock(&syncer->lock);
}

void
dk_syncer_request(struct dk_syncer *syncer, struct dk_journal *journal)
{
	pthread_mutex_lock(&syncer->lock);
	DK_EACH(link, &syncer->tasks) {
		struct task *task = DK_OF(link, struct task, link);

		if (task->journal == journal)
			task->is_requested = true;
	}
	pthread_cond_signal(&syncer->wake);
	pthread_mutex_unlock(&syncer->lock);
}
