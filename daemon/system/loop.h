/* SPDX-License-Identifier: Apache-2.0
 *
 * loop.h - what happens when: file descriptors, timers, signals, mail. With http.c and its parts the
 * only file that knows libevent.
 *
 * All functions are for the loop's own thread, but dk_loop_post. Freeing a watch or a timer from
 * within its own callback is allowed.
 */
#ifndef DK_SYSTEM_LOOP_H
#define DK_SYSTEM_LOOP_H

#include "plugins/plugin.h"

struct dk_loop;
struct dk_loop_event; /* a watch, a timer or a signal */

struct dk_loop *dk_loop_new(struct dk_error *error);
void dk_loop_free(struct dk_loop *loop);

/* Runs until dk_loop_stop. Before the loop waits, and after every round of events, `turn` is
 * called. */
void dk_loop_run(struct dk_loop *loop, void (*turn)(void *context), void *context);
void dk_loop_stop(struct dk_loop *loop);

struct dk_loop_event *dk_loop_watch(struct dk_loop *loop, int fd, unsigned events,
				    void (*ready)(void *argument, unsigned events),
				    void *argument);
struct dk_loop_event *dk_loop_timer(struct dk_loop *loop, void (*due)(void *argument),
				    void *argument);
/* Once, after so long; -1: not any more. */
void dk_loop_timer_set(struct dk_loop_event *timer, int64_t after_ms);
struct dk_loop_event *dk_loop_signal(struct dk_loop *loop, int number,
				     void (*come)(void *argument), void *argument);
void dk_loop_event_free(struct dk_loop_event *event);

/* For http.c, which is of libevent too. */
struct event_base;
struct event_base *dk_loop_base(const struct dk_loop *loop);

/* What was posted before, while the loop does not run. */
void dk_loop_read_mail(struct dk_loop *loop);
/* Any thread. */
void dk_loop_post(struct dk_loop *loop, struct dk_post *post);

#endif
