/* SPDX-License-Identifier: Apache-2.0
 *
 * session.c - one connection and its thread, which alone calls Paho.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/address.h"
#include "plugins/mqtt/inquiry.h"
#include "plugins/mqtt/mqtt.h"
#include "plugins/mqtt/web.h"

#define NOWHERE "tcp://127.0.0.1:1"

/* --- The lock ------------------------------------------------------------------------------ */

bool
mqtt_session_rouse(struct mqtt_session *session)
{
	bool is_first = !session->is_posted;

	session->is_posted = true;
	return is_first;
}

void
mqtt_session_post(struct mqtt_session *session)
{
	session->endpoint->host->post(session->endpoint->handle, &session->post);
}

void
mqtt_session_tell(struct mqtt_session *session, unsigned news, const char *reason)
{
	bool is_first;

	pthread_mutex_lock(&session->lock);
	/* The first reason is the one that says why. */
	if ((news & MQTT_LOST) && !(session->news & MQTT_LOST))
		snprintf(session->reason, sizeof(session->reason), "%s", reason);
	session->news |= news;
	is_first = mqtt_session_rouse(session);
	pthread_mutex_unlock(&session->lock);
	if (is_first)
		mqtt_session_post(session);
}

/* The loop's thread. */
static void
hear(struct dk_post *post)
{
	struct mqtt_session *session = (void *)((char *)post - offsetof(struct mqtt_session, post));
	char reason[sizeof(session->reason)];
	unsigned news;

	pthread_mutex_lock(&session->lock);
	news = session->news;
	if (news)
		memcpy(reason, session->reason, sizeof(reason));
	session->news = 0;
	session->is_posted = false;
	pthread_mutex_unlock(&session->lock);
	session->role->collect(session);
	if (news)
		mqtt_life_news(session, news, reason);
}

/* Under the lock. */
static void
wake(struct mqtt_session *session)
{
	if (!session->is_asleep)
		return;
	session->is_asleep = false;
	pthread_cond_signal(&session->wake);
}

void
mqtt_session_order(struct mqtt_session *session, enum mqtt_order order)
{
	pthread_mutex_lock(&session->lock);
	session->order = order;
	wake(session);
	pthread_mutex_unlock(&session->lock);
}

void
mqtt_session_puzzle(struct mqtt_session *session, const char *what)
{
	pthread_mutex_lock(&session->lock);
	snprintf(session->puzzle, sizeof(session->puzzle), "%s", what);
	wake(session);
	pthread_mutex_unlock(&session->lock);
}

void
mqtt_session_publish(struct mqtt_session *session, struct dk_delivery *first,
		     struct dk_delivery **end)
{
	*end = NULL;
	*session->end = first;
	session->end = end;
	wake(session);
}

/* --- Its thread ---------------------------------------------------------------------------- */

static bool
open_web(struct mqtt_session *session)
{
	struct dk_error reason;

	if (!mqtt_address_is_web(session->address))
		return true;
	session->web = mqtt_web_open(session->endpoint->config, session->address, &reason);
	if (!session->web)
		mqtt_lose(session, "not connected", reason.text);
	return session->web;
}

static void
connect_session(struct mqtt_session *session)
{
	int code;

	if (!open_web(session))
		return;
	session->client = mqtt_client_new(
		session, session->web ? mqtt_web_near_end(session->web) : session->address, &code);
	if (session->client)
		code = mqtt_client_connect(session);
	if (code != MQTTASYNC_SUCCESS)
		mqtt_lose(session, "not connected", mqtt_words(session, code));
}

/* Paho answers for all that it has not sent or that was not acknowledged; then it is silent. */
static void
leave_broker(struct mqtt_session *session)
{
	if (session->client)
		MQTTAsync_destroy(&session->client);
	session->client = NULL;
	if (session->web)
		mqtt_web_close(session->web);
	session->web = NULL;
}

static void
carry_out(struct mqtt_session *session, enum mqtt_order order)
{
	if (order == MQTT_CONNECT)
		connect_session(session);
	else if (order == MQTT_ASK && session->client)
		session->role->ask(session);
	else if (order == MQTT_LEAVE || order == MQTT_END)
		leave_broker(session);
}

static void
solve_puzzle(struct mqtt_session *session, const char *puzzle)
{
	struct dk_error reason;

	if (!mqtt_inquire(session->endpoint->config, session->address, &reason))
		snprintf(reason.text, sizeof(reason.text), "%s", puzzle);
	mqtt_lose(session, "not connected", reason.text);
}

struct task {
	enum mqtt_order order;
	struct dk_delivery *deliveries;
	char puzzle[sizeof(((struct mqtt_session *)0)->puzzle)];
};

/* Waits for something to do, and takes all that there is. */
static void
take_task(struct mqtt_session *session, struct task *task)
{
	pthread_mutex_lock(&session->lock);
	while (session->order == MQTT_GO_ON && !session->first && !session->puzzle[0]) {
		session->is_asleep = true;
		pthread_cond_wait(&session->wake, &session->lock);
	}
	session->is_asleep = false;
	task->order = session->order;
	session->order = MQTT_GO_ON;
	task->deliveries = session->first;
	session->first = NULL;
	session->end = &session->first;
	memcpy(task->puzzle, session->puzzle, sizeof(task->puzzle));
	session->puzzle[0] = '\0';
	pthread_mutex_unlock(&session->lock);
}

static void *
run(void *argument)
{
	struct mqtt_session *session = argument;
	struct task task;
	int code;
	/* Destroying its last client would stop Paho's threads, which takes it a second: so there
	 * is always one more, which is never connected. */
	MQTTAsync anchor = mqtt_client_new(session, NOWHERE, &code);

	do {
		take_task(session, &task);
		carry_out(session, task.order);
		if (task.deliveries)
			session->role->publish(session, session->client, task.deliveries);
		if (task.order == MQTT_LEAVE)
			mqtt_session_tell(session, MQTT_LEFT, NULL);
		else if (task.puzzle[0] && task.order == MQTT_GO_ON)
			solve_puzzle(session, task.puzzle);
	} while (task.order != MQTT_END);
	if (anchor)
		MQTTAsync_destroy(&anchor);
	mqtt_session_tell(session, MQTT_OVER, NULL);
	return NULL;
}

/* --- The loop's thread --------------------------------------------------------------------- */

static void
lose_patience(void *argument)
{
	struct mqtt_session *session = argument;
	struct mqtt_endpoint *endpoint = session->endpoint;

	/* An answer may wait behind messages, or behind Paho's lock while they are stored. */
	if (atomic_exchange(&endpoint->hears, false))
		endpoint->host->timer_set(session->patience, endpoint->config->connect_timeout_ms);
	else
		mqtt_lose(session, "not connected", "the broker did not answer in time");
}

static char *
name_client(const struct mqtt_endpoint *endpoint, const char *suffix)
{
	const char *id = endpoint->config->client_id;
	char *name;

	if (asprintf(&name, "%s%s%s", id ? "" : "diolkos-", id ? id : endpoint->name, suffix) < 0)
		abort();
	return name;
}

void
mqtt_session_prepare(struct mqtt_session *session, struct mqtt_endpoint *endpoint,
		     const struct mqtt_role *role, bool is_kept)
{
	session->endpoint = endpoint;
	session->role = role;
	session->client_id = name_client(endpoint, role->suffix);
	session->address = endpoint->addresses[0];
	session->is_kept = is_kept;
	session->patience = endpoint->host->timer_new(endpoint->handle, lose_patience, session);
	pthread_mutex_init(&session->lock, NULL);
	pthread_cond_init(&session->wake, NULL);
	session->end = &session->first;
	session->post.run = hear;
	endpoint->sessions[endpoint->session_count++] = session;
}

void
mqtt_session_start(struct mqtt_session *session)
{
	sigset_t all, before;

	/* Signals are the loop's: this thread, and those that Paho makes from it, take none. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&session->thread, NULL, run, session) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void
mqtt_session_end(struct mqtt_session *session)
{
	pthread_join(session->thread, NULL);
	session->endpoint->host->timer_free(session->patience);
	pthread_cond_destroy(&session->wake);
	pthread_mutex_destroy(&session->lock);
	free(session->client_id);
}
