/* SPDX-License-Identifier: Apache-2.0
 *
 * api.c - the table of functions that plugins are given: a line for each.
 */
#include <stdlib.h>

#include "daemon/host/endpoint.h"
#include "daemon/host/remember.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/log.h"

/* A watch or timer of a plugin's, which ends with its endpoint at the latest. */
struct plugin_event {
	struct dk_list link;
	struct dk_loop_event *event;
};

static struct plugin_event *
keep(struct dk_endpoint *endpoint, struct dk_loop_event *event)
{
	struct plugin_event *kept = calloc(1, sizeof(*kept));

	if (!kept)
		abort();
	kept->event = event;
	dk_list_append(&endpoint->events, &kept->link);
	return kept;
}

static void
let_go(void *watch_or_timer)
{
	struct plugin_event *kept = watch_or_timer;

	if (!kept)
		return;
	dk_list_remove(&kept->link);
	dk_loop_event_free(kept->event);
	free(kept);
}

static struct dk_watch *
watch(struct dk_endpoint *endpoint, int fd, unsigned events,
      void (*ready)(void *argument, unsigned events), void *argument)
{
	return (struct dk_watch *)(void *)keep(
		endpoint, dk_loop_watch(endpoint->loop, fd, events, ready, argument));
}

static void
unwatch(struct dk_watch *watch)
{
	let_go(watch);
}

static struct dk_timer *
timer_new(struct dk_endpoint *endpoint, void (*due)(void *argument), void *argument)
{
	return (struct dk_timer *)(void *)keep(endpoint,
					       dk_loop_timer(endpoint->loop, due, argument));
}

static void
timer_set(struct dk_timer *timer, int64_t after_ms)
{
	dk_loop_timer_set(((struct plugin_event *)(void *)timer)->event, after_ms);
}

static void
timer_free(struct dk_timer *timer)
{
	let_go(timer);
}

static void
post(struct dk_endpoint *endpoint, struct dk_post *letter)
{
	dk_loop_post(endpoint->loop, letter);
}

static struct dk_stream *
stream_open(struct dk_endpoint *endpoint, const char *name, void *plugin)
{
	return dk_stream_open(endpoint->source, name, plugin);
}

static void
ready(struct dk_endpoint *endpoint)
{
	if (endpoint->sink)
		dk_sink_ready(endpoint->sink);
}

static void
say(struct dk_endpoint *endpoint, enum dk_level level, const char *event,
    const struct dk_field *fields)
{
	dk_log(level, endpoint->plan->name, event, fields);
}

static void
trouble(struct dk_endpoint *endpoint, const char *event, const char *reason)
{
	dk_complain(endpoint->plan->name, event, reason);
}

static void
trouble_over(struct dk_endpoint *endpoint, const char *event)
{
	dk_complain(endpoint->plan->name, event, NULL);
}

static void
remember(struct dk_endpoint *endpoint, const char *text)
{
	struct dk_error error;
	bool is_kept = dk_remember(endpoint->opened_by->settings.state, endpoint->plan->name, text,
				   &error) == 0;

	dk_complain(endpoint->plan->name, "not-remembered", is_kept ? NULL : error.text);
}

static char *
recall(struct dk_endpoint *endpoint)
{
	return dk_recall(endpoint->opened_by->settings.state, endpoint->plan->name);
}

const struct dk_host dk_host_functions = {
	.size = sizeof(struct dk_host),
	.up = dk_endpoint_up,
	.down = dk_endpoint_down,
	.closed = dk_endpoint_closed,
	.receive = dk_receive,
	.store = dk_store,
	.stream_open = stream_open,
	.stream_close = dk_stream_close,
	.settle = dk_settle,
	.ready = ready,
	.watch = watch,
	.unwatch = unwatch,
	.timer_new = timer_new,
	.timer_set = timer_set,
	.timer_free = timer_free,
	.post = post,
	.now_ms = dk_clock_now_ms,
	.log = say,
	.trouble = trouble,
	.trouble_over = trouble_over,
	.remember = remember,
	.recall = recall,
};

void
dk_endpoint_free(struct dk_endpoint *endpoint)
{
	while (!dk_list_is_empty(&endpoint->events))
		let_go(DK_OF(endpoint->events.next, struct plugin_event, link));
	dk_loop_event_free(endpoint->reconnect);
	dk_handover_clear(endpoint);
	free(endpoint->subscriptions);
	free(endpoint);
}
