/* SPDX-License-Identifier: Apache-2.0
 *
 * loop.c - the loop, over libevent.
 */
#include "daemon/system/loop.h"

#include <event2/event.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/system/log.h"
#include "daemon/system/mailbox.h"

struct dk_loop {
	struct event_base *base;
	struct dk_mailbox *mailbox;
	struct dk_loop_event *mail;
	bool is_stopped;
};

struct dk_loop_event {
	struct event *event;
	void (*ready)(void *argument, unsigned events);
	void (*due)(void *argument);
	void *argument;
};

static void
call_ready(evutil_socket_t fd, short what, void *context)
{
	struct dk_loop_event *event = context;
	unsigned events = (what & EV_READ ? DK_READABLE : 0) | (what & EV_WRITE ? DK_WRITABLE : 0);

	(void)fd;
	event->ready(event->argument, events);
}

static void
call_due(evutil_socket_t fd, short what, void *context)
{
	struct dk_loop_event *event = context;

	(void)fd, (void)what;
	event->due(event->argument);
}

static struct dk_loop_event *
make(struct dk_loop *loop, int fd, short what, event_callback_fn function, void *argument)
{
	struct dk_loop_event *event = calloc(1, sizeof(*event));

	if (!event)
		abort();
	event->argument = argument;
	event->event = event_new(loop->base, fd, what, function, event);
	if (!event->event)
		abort();
	return event;
}

struct dk_loop_event *
dk_loop_watch(struct dk_loop *loop, int fd, unsigned events,
	      void (*ready)(void *argument, unsigned events), void *argument)
{
	short what = (short)((events & DK_READABLE ? EV_READ : 0) |
			     (events & DK_WRITABLE ? EV_WRITE : 0) | EV_PERSIST);
	struct dk_loop_event *event = make(loop, fd, what, call_ready, argument);

	event->ready = ready;
	event_add(event->event, NULL);
	return event;
}

struct dk_loop_event *
dk_loop_timer(struct dk_loop *loop, void (*due)(void *argument), void *argument)
{
	struct dk_loop_event *event = make(loop, -1, 0, call_due, argument);

	event->due = due;
	return event;
}

void
dk_loop_timer_set(struct dk_loop_event *timer, int64_t after_ms)
{
	struct timeval after = { (time_t)(after_ms / 1000), (suseconds_t)(after_ms % 1000 * 1000) };

	if (after_ms < 0)
		event_del(timer->event);
	else
		event_add(timer->event, &after);
}

struct dk_loop_event *
dk_loop_signal(struct dk_loop *loop, int number, void (*come)(void *argument), void *argument)
{
	struct dk_loop_event *event =
		make(loop, number, EV_SIGNAL | EV_PERSIST, call_due, argument);

	event->due = come;
	event_add(event->event, NULL);
	return event;
}

void
dk_loop_event_free(struct dk_loop_event *event)
{
	if (!event)
		return;
	event_free(event->event);
	free(event);
}

struct event_base *
dk_loop_base(const struct dk_loop *loop)
{
	return loop->base;
}

void
dk_loop_post(struct dk_loop *loop, struct dk_post *post)
{
	dk_mailbox_post(loop->mailbox, post);
}

void
dk_loop_read_mail(struct dk_loop *loop)
{
	dk_mailbox_run(loop->mailbox);
}

static void
hear_mail(void *argument, unsigned events)
{
	(void)events;
	dk_loop_read_mail(argument);
}

/* What libevent says goes to the log; of its levels only debugging is less than a warning. */
static void
hear_libevent(int severity, const char *text)
{
	if (severity >= EVENT_LOG_MSG)
		dk_log(DK_WARNING, "loop", "libevent", DK_FIELDS(DK_FIELD_TEXT("said", text)));
}

struct dk_loop *
dk_loop_new(struct dk_error *error)
{
	struct dk_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		abort();
	event_set_log_callback(hear_libevent);
	loop->base = event_base_new();
	loop->mailbox = dk_mailbox_new();
	if (!loop->base || !loop->mailbox) {
		dk_fail(error, "no event loop: is the limit of open files too low?");
		dk_loop_free(loop);
		return NULL;
	}
	loop->mail = dk_loop_watch(loop, dk_mailbox_fd(loop->mailbox), DK_READABLE, hear_mail, loop);
	return loop;
}

void
dk_loop_free(struct dk_loop *loop)
{
	dk_loop_event_free(loop->mail);
	if (loop->mailbox)
		dk_mailbox_free(loop->mailbox);
	if (loop->base)
		event_base_free(loop->base);
	free(loop);
}

void
dk_loop_run(struct dk_loop *loop, void (*turn)(void *context), void *context)
{
	loop->is_stopped = false;
	turn(context);
	while (!loop->is_stopped) {
		event_base_loop(loop->base, EVLOOP_ONCE);
		turn(context);
	}
}

void
dk_loop_stop(struct dk_loop *loop)
{
	loop->is_stopped = true;
}
