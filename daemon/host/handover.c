/* SPDX-License-Identifier: Apache-2.0
 *
 * handover.c - stored messages on their way from the plugin's thread to the loop.
 */
#include "daemon/host/endpoint.h"
#include "daemon/model/received.h"

#define LOOK_AGAIN_MS 2

void
dk_handover_put(struct dk_endpoint *endpoint, struct dk_received *received)
{
	struct dk_handover *handover = &endpoint->handover;
	bool must_wake;

	pthread_mutex_lock(&handover->lock);
	dk_list_append(&handover->messages, &received->link);
	must_wake = !handover->is_watched;
	handover->is_watched = true;
	pthread_mutex_unlock(&handover->lock);
	if (must_wake)
		dk_loop_post(endpoint->loop, &handover->post);
}

static bool
take_all(struct dk_handover *handover, struct dk_list *messages)
{
	bool is_any;

	dk_list_init(messages);
	pthread_mutex_lock(&handover->lock);
	dk_list_take_all(messages, &handover->messages);
	is_any = !dk_list_is_empty(messages);
	handover->is_watched = is_any;
	pthread_mutex_unlock(&handover->lock);
	return is_any;
}

void
dk_handover_run(struct dk_endpoint *endpoint)
{
	struct dk_list messages;
	struct dk_list *link;

	if (!take_all(&endpoint->handover, &messages))
		return;
	while ((link = dk_list_shift(&messages)))
		dk_flow_stored(endpoint->source, DK_OF(link, struct dk_received, link));
	dk_loop_timer_set(endpoint->handover.timer, LOOK_AGAIN_MS);
}

static void
run_post(struct dk_post *post)
{
	dk_handover_run(DK_OF(post, struct dk_endpoint, handover.post));
}

static void
run_timer(void *argument)
{
	dk_handover_run(argument);
}

void
dk_handover_init(struct dk_endpoint *endpoint)
{
	struct dk_handover *handover = &endpoint->handover;

	pthread_mutex_init(&handover->lock, NULL);
	dk_list_init(&handover->messages);
	handover->post.run = run_post;
	handover->timer = dk_loop_timer(endpoint->loop, run_timer, endpoint);
}

void
dk_handover_clear(struct dk_endpoint *endpoint)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&endpoint->handover.messages)))
		dk_received_free(DK_OF(link, struct dk_received, link));
	dk_loop_event_free(endpoint->handover.timer);
	pthread_mutex_destroy(&endpoint->handover.lock);
}
