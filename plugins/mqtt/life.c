/* SPDX-License-Identifier: Apache-2.0
 *
 * life.c - an endpoint's life on the loop: its sessions come, stay together, and fall together.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugins/mqtt/mqtt.h"

static bool
is_needed(const struct mqtt_session *session)
{
	const struct mqtt_endpoint *endpoint = session->endpoint;

	return endpoint->is_wanted && !endpoint->is_falling &&
	       !(session->role->is_source && endpoint->is_paused);
}

static void
come(struct mqtt_session *session)
{
	const struct mqtt_endpoint *endpoint = session->endpoint;

	if (session->place != MQTT_AWAY || !is_needed(session))
		return;
	session->place = MQTT_COMING;
	/* Twice: Paho gives up first, and says why, unless it hangs itself. */
	endpoint->host->timer_set(session->patience, 2 * endpoint->config->connect_timeout_ms);
	mqtt_session_order(session, MQTT_CONNECT);
}

static void
leave(struct mqtt_session *session)
{
	if (session->place != MQTT_COMING && session->place != MQTT_THERE)
		return;
	session->place = MQTT_LEAVING;
	session->endpoint->host->timer_set(session->patience, -1);
	mqtt_session_order(session, MQTT_LEAVE);
}

/* A source that is to stay away before it has come has nothing to say until it may come. */
static void
come_up(struct mqtt_endpoint *endpoint)
{
	size_t there = 0;

	if (!endpoint->is_wanted || endpoint->is_falling || endpoint->is_up)
		return;
	for (size_t i = 0; i < endpoint->session_count; i++) {
		there += endpoint->sessions[i]->place == MQTT_THERE;
		if (endpoint->sessions[i]->place != MQTT_THERE && is_needed(endpoint->sessions[i]))
			return;
	}
	if (there == 0)
		return;
	endpoint->is_up = true;
	endpoint->host->up(endpoint->handle);
}

static void
go_down(struct mqtt_endpoint *endpoint)
{
	if (!endpoint->is_falling || endpoint->is_closing)
		return;
	for (size_t i = 0; i < endpoint->session_count; i++)
		if (endpoint->sessions[i]->place != MQTT_AWAY)
			return;
	endpoint->is_falling = endpoint->is_wanted = endpoint->is_up = false;
	endpoint->host->down(endpoint->handle, endpoint->reason);
}

static void
fall(struct mqtt_endpoint *endpoint, const char *reason)
{
	if (endpoint->is_falling || !endpoint->is_wanted)
		return;
	endpoint->is_falling = true;
	snprintf(endpoint->reason, sizeof(endpoint->reason), "%s", reason);
	for (size_t i = 0; i < endpoint->session_count; i++)
		leave(endpoint->sessions[i]);
	go_down(endpoint);
}

static void
arrive(struct mqtt_session *session)
{
	struct mqtt_endpoint *endpoint = session->endpoint;
	const char *reason = session->role->admit(session);

	if (reason) {
		fall(endpoint, reason);
		return;
	}
	session->place = MQTT_THERE;
	endpoint->host->timer_set(session->patience, -1);
	come_up(endpoint);
}

static void
finish(struct mqtt_endpoint *endpoint)
{
	const struct dk_host *host = endpoint->host;
	struct dk_endpoint *handle = endpoint->handle;

	for (size_t i = 0; i < endpoint->session_count; i++)
		if (endpoint->sessions[i]->place != MQTT_ENDED)
			return;
	mqtt_source_free(endpoint->source);
	mqtt_sink_free(endpoint->sink);
	free(endpoint);
	host->closed(handle);
}

void
mqtt_life_news(struct mqtt_session *session, unsigned news, const char *reason)
{
	struct mqtt_endpoint *endpoint = session->endpoint;

	if (news & MQTT_OVER) {
		mqtt_session_join(session);
		session->place = MQTT_ENDED;
		finish(endpoint);
	} else if (endpoint->is_closing) {
		return;
	} else if (news & MQTT_LEFT) {
		assert(session->place == MQTT_LEAVING);
		session->place = MQTT_AWAY;
		go_down(endpoint);
		come(session);
	} else if (session->place == MQTT_LEAVING) {
		return;
	} else if (news & MQTT_LOST) {
		fall(endpoint, reason);
	} else if (news & MQTT_ARRIVED) {
		arrive(session);
	}
}

void
mqtt_life_connect(void *argument)
{
	struct mqtt_endpoint *endpoint = argument;

	endpoint->is_wanted = true;
	for (size_t i = 0; i < endpoint->session_count; i++)
		come(endpoint->sessions[i]);
}

void
mqtt_life_pause(void *argument, struct dk_stream *stream)
{
	struct mqtt_endpoint *endpoint = argument;

	(void)stream;
	endpoint->is_paused = true;
	for (size_t i = 0; i < endpoint->session_count; i++)
		if (!is_needed(endpoint->sessions[i]))
			leave(endpoint->sessions[i]);
	come_up(endpoint);
}

void
mqtt_life_resume(void *argument, struct dk_stream *stream)
{
	struct mqtt_endpoint *endpoint = argument;

	(void)stream;
	endpoint->is_paused = false;
	for (size_t i = 0; i < endpoint->session_count; i++)
		come(endpoint->sessions[i]);
}

void
mqtt_life_stop(void *argument)
{
	mqtt_life_pause(argument, NULL);
}

void
mqtt_life_close(void *argument)
{
	struct mqtt_endpoint *endpoint = argument;

	endpoint->is_closing = true;
	for (size_t i = 0; i < endpoint->session_count; i++) {
		endpoint->host->timer_set(endpoint->sessions[i]->patience, -1);
		mqtt_session_order(endpoint->sessions[i], MQTT_END);
	}
	finish(endpoint);
}
