/* SPDX-License-Identifier: Apache-2.0
 *
 * link.c - the life of a link's thread: it connects, works, waits and ends; and how the loop and it
 * tell each other that there is something to do.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugins/rabbitmq/rabbitmq.h"

/* rabbitmq-c decodes tables in tables by calling itself, as deep as a frame can hold them. */
#define STACK_BYTES ((size_t)32 << 20)

/* --- The thread --- */

static bool
must_end(struct rabbitmq_link *link)
{
	bool must;

	pthread_mutex_lock(&link->lock);
	must = link->must_end;
	pthread_mutex_unlock(&link->lock);
	return must;
}

/* What the library has read already, and poll() would not tell of. */
static bool
is_read_ahead(struct rabbitmq_link *link)
{
	return amqp_frames_enqueued(link->connection) || amqp_data_in_buffer(link->connection);
}

/* Until a frame comes, the loop rings, or patience ends; half a heartbeat at the longest, for the
 * library sends its own only when it is called. */
static void
wait(struct rabbitmq_link *link)
{
	short events = link->wants_room ? POLLIN | POLLOUT : POLLIN;
	struct pollfd fds[] = { { amqp_get_sockfd(link->connection), events, 0 },
				{ link->wake, POLLIN, 0 } };
	int64_t patience = link->role->patience_ms(link);
	int64_t longest = link->endpoint->config->heartbeat_ms / 2;
	uint64_t count;

	if (patience < 0 || patience > longest)
		patience = longest;
	if (is_read_ahead(link))
		patience = 0;
	poll(fds, 2, (int)patience);
	if (!(fds[1].revents & POLLIN))
		return;
	pthread_mutex_lock(&link->lock);
	if (read(link->wake, &count, sizeof(count)) < 0)
		count = 0;
	link->is_rung = false;
	pthread_mutex_unlock(&link->lock);
}

static void
tell_up(struct rabbitmq_link *link)
{
	pthread_mutex_lock(&link->lock);
	link->is_up = true;
	rabbitmq_link_post(link);
	pthread_mutex_unlock(&link->lock);
}

static void *
run(void *argument)
{
	struct rabbitmq_link *link = argument;
	bool is_sound = rabbitmq_connection_open(link) == 0;

	if (is_sound)
		tell_up(link);
	while (is_sound && !must_end(link)) {
		is_sound = link->role->work(link) == 0;
		if (is_sound && !must_end(link))
			wait(link);
	}
	rabbitmq_connection_close(link, is_sound);
	pthread_mutex_lock(&link->lock);
	link->is_ended = true;
	rabbitmq_link_post(link);
	pthread_mutex_unlock(&link->lock);
	return NULL;
}

/* --- The loop --- */

static void
hear(struct dk_post *post)
{
	struct rabbitmq_link *link = (void *)((char *)post - offsetof(struct rabbitmq_link, post));

	link->role->hear(link);
}

void
rabbitmq_link_init(struct rabbitmq_link *link, struct rabbitmq *endpoint,
		   const struct rabbitmq_role *role)
{
	link->endpoint = endpoint;
	link->role = role;
	link->socket = -1;
	link->post.run = hear;
	link->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (link->wake < 0)
		abort();
	pthread_mutex_init(&link->lock, NULL);
}

void
rabbitmq_link_free(struct rabbitmq_link *link)
{
	close(link->wake);
	pthread_mutex_destroy(&link->lock);
}

/* It takes no signals: they are the loop's. */
static void
start_thread(struct rabbitmq_link *link)
{
	pthread_attr_t attributes;
	sigset_t all, before;

	pthread_attr_init(&attributes);
	if (pthread_attr_setstacksize(&attributes, STACK_BYTES) != 0)
		abort();
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&link->thread, &attributes, run, link) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
}

void
rabbitmq_link_start(struct rabbitmq_link *link, const struct rabbitmq_host *host)
{
	link->is_up = link->is_ended = link->must_end = false;
	link->host = host;
	link->is_blocked = link->wants_room = false;
	link->aside = link->last_channel = 0;
	link->reason[0] = link->tls_reason[0] = '\0';
	link->code = 0;
	link->is_running = true;
	start_thread(link);
}

void
rabbitmq_link_end(struct rabbitmq_link *link, bool is_urgent)
{
	if (!link->is_running)
		return;
	pthread_mutex_lock(&link->lock);
	link->must_end = true;
	rabbitmq_link_ring(link);
	if (is_urgent && link->socket >= 0)
		shutdown(link->socket, SHUT_RDWR);
	pthread_mutex_unlock(&link->lock);
}

void
rabbitmq_link_ring(struct rabbitmq_link *link)
{
	uint64_t one = 1;

	if (link->is_rung)
		return;
	link->is_rung = true;
	if (write(link->wake, &one, sizeof(one)) < 0)
		abort(); /* cannot be: the counter never comes near its limit */
}

void
rabbitmq_link_post(struct rabbitmq_link *link)
{
	if (link->is_posted)
		return;
	link->is_posted = true;
	link->endpoint->host->post(link->endpoint->handle, &link->post);
}
