/* SPDX-License-Identifier: Apache-2.0
 *
 * life.c - an endpoint's life on the loop: its sessions come, stay together, and fall together.
 *
 * The core comes back soon after a connection that was up. When connections end again and again
 * soon after they began, each try would disturb whoever ends them, mostly another client of the
 * same client id, which is thrown out by us as we are by it. So then the endpoint rests first.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/address.h"
#include "plugins/mqtt/mqtt.h"

#define SHORT_LIFE_MS 5000
#define SHORT_LIVES_BORNE 3 /* before anything is suspected */
#define REST_FIRST_MS 1000
#define REST_LAST_MS 60000

#define FORGOTTEN                                                                              \
	"the broker has forgotten it, with what it held for us: was it restarted without its " \
	"persistence, or is it another one?"

static bool
is_needed(const struct mqtt_session *session)
{
	const struct mqtt_endpoint *endpoint = session->endpoint;

	return endpoint->is_wanted && !endpoint->is_falling && !endpoint->is_resting &&
	       !(session->role->is_source && endpoint->is_paused);
}

static void
come(struct mqtt_session *session)
{
	const struct mqtt_endpoint *endpoint = session->endpoint;

	if (session->place != MQTT_AWAY || !is_needed(session))
		return;
	session->place = MQTT_COMING;
	session->address = endpoint->addresses[endpoint->address];
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
	endpoint->address = (endpoint->address + 1) % endpoint->address_count;
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

/* --- Short lives --------------------------------------------------------------------------- */

/* A session was there and is lost: how often so soon? */
static void
count_life(const struct mqtt_session *session, unsigned news)
{
	struct mqtt_endpoint *endpoint = session->endpoint;
	bool is_short = endpoint->host->now_ms() - session->there_since_ms < SHORT_LIFE_MS;

	endpoint->short_lives = is_short ? endpoint->short_lives + 1 : 0;
	/* The broker says why: nothing needs to be guessed. */
	if ((news & MQTT_TAKEN) && endpoint->short_lives < SHORT_LIVES_BORNE)
		endpoint->short_lives = SHORT_LIVES_BORNE;
}

static int64_t
find_rest(const struct mqtt_endpoint *endpoint)
{
	int64_t rest = REST_FIRST_MS;

	if (endpoint->short_lives < SHORT_LIVES_BORNE)
		return 0;
	for (unsigned i = SHORT_LIVES_BORNE; i < endpoint->short_lives && rest < REST_LAST_MS; i++)
		rest *= 2;
	return rest < REST_LAST_MS ? rest : REST_LAST_MS;
}

static void
fall_again(struct mqtt_session *session, unsigned news, const char *reason)
{
	struct mqtt_endpoint *endpoint = session->endpoint;
	char words[sizeof(endpoint->reason)];

	count_life(session, news);
	if (news & MQTT_TAKEN)
		snprintf(words, sizeof(words),
			 "another client has come with our client id \"%s\", and the broker lets "
			 "only one stay: give each its own client_id (%s)",
			 session->client_id, reason);
	else if (endpoint->short_lives >= SHORT_LIVES_BORNE)
		snprintf(words, sizeof(words),
			 "%s; and several times in a row soon after it was connected: has another "
			 "client the client id \"%s\"?",
			 reason, session->client_id);
	else
		snprintf(words, sizeof(words), "%s", reason);
	fall(endpoint, words);
}

static void
come_all(struct mqtt_endpoint *endpoint)
{
	for (size_t i = 0; i < endpoint->session_count; i++)
		come(endpoint->sessions[i]);
}

static void
wake_up(void *argument)
{
	struct mqtt_endpoint *endpoint = argument;

	endpoint->is_resting = false;
	come_all(endpoint);
	come_up(endpoint);
}

/* --- News ---------------------------------------------------------------------------------- */

static void
say_greeting(struct mqtt_session *session)
{
	const struct mqtt_endpoint *endpoint = session->endpoint;
	bool is_found = session->greeting.has_session;
	bool is_lost = session->is_kept && session->was_greeted && !is_found;

	session->was_greeted = true;
	endpoint->host->log(endpoint->handle, is_lost ? DK_WARNING : DK_INFO,
			    is_lost ? "session-lost" : "greeted",
			    DK_FIELDS(DK_FIELD_TEXT("broker", session->address),
				      DK_FIELD_TEXT("client_id", session->client_id),
				      DK_FIELD_TEXT("session", is_found ? "resumed" : "new"),
				      { .name = is_lost ? "why" : NULL, .text = FORGOTTEN }));
}

static void
arrive(struct mqtt_session *session)
{
	struct mqtt_endpoint *endpoint = session->endpoint;
	const char *reason;

	if (session->place == MQTT_COMING)
		say_greeting(session);
	reason = session->role->admit(session);
	if (reason) {
		fall(endpoint, reason);
		return;
	}
	if (session->place != MQTT_COMING)
		return;
	session->place = MQTT_THERE;
	session->there_since_ms = endpoint->host->now_ms();
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
	mqtt_addresses_free(endpoint->addresses, endpoint->address_count);
	host->timer_free(endpoint->rest);
	free(endpoint);
	host->closed(handle);
}

static void
lose(struct mqtt_session *session, unsigned news, const char *reason)
{
	bool was_there = session->place == MQTT_THERE;

	if (session->role->lost && !(news & MQTT_TAKEN))
		session->role->lost(session, was_there);
	if (was_there && !session->endpoint->is_falling)
		fall_again(session, news, reason);
	else
		fall(session->endpoint, reason);
}

void
mqtt_life_news(struct mqtt_session *session, unsigned news, const char *reason)
{
	struct mqtt_endpoint *endpoint = session->endpoint;

	if (news & MQTT_OVER) {
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
		lose(session, news, reason);
	} else if (news & MQTT_ARRIVED) {
		arrive(session);
	}
}

/* --- What the core asks for ---------------------------------------------------------------- */

void
mqtt_life_begin(struct mqtt_endpoint *endpoint)
{
	endpoint->rest = endpoint->host->timer_new(endpoint->handle, wake_up, endpoint);
}

void
mqtt_life_connect(void *argument)
{
	struct mqtt_endpoint *endpoint = argument;
	int64_t rest = find_rest(endpoint);

	endpoint->is_wanted = true;
	endpoint->is_resting = rest > 0;
	if (rest > 0)
		endpoint->host->timer_set(endpoint->rest, rest);
	else
		come_all(endpoint);
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
	come_all(endpoint);
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
	endpoint->host->timer_set(endpoint->rest, -1);
	for (size_t i = 0; i < endpoint->session_count; i++) {
		/* Nobody orders anything else from here on: it would take the place of this. */
		endpoint->sessions[i]->place = MQTT_LEAVING;
		endpoint->host->timer_set(endpoint->sessions[i]->patience, -1);
		mqtt_session_order(endpoint->sessions[i], MQTT_END);
	}
	finish(endpoint);
}
