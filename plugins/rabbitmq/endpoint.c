/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint.c - an endpoint's life on the loop: its links come up together and go down together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/rabbitmq.h"

#define IMPATIENCE_MS 3000

static void
end_links(struct rabbitmq *endpoint, bool is_urgent)
{
	for (int i = 0; i < 2; i++)
		rabbitmq_link_end(endpoint->links[i], is_urgent);
	endpoint->host->timer_set(endpoint->impatience, is_urgent ? -1 : IMPATIENCE_MS);
}

static void
lose_patience(void *argument)
{
	end_links(argument, true);
}

void *
rabbitmq_open(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
	      const void *config, struct dk_error *error)
{
	struct rabbitmq *endpoint = calloc(1, sizeof(*endpoint));

	if (!endpoint)
		abort();
	endpoint->host = host;
	endpoint->handle = handle;
	endpoint->name = name;
	endpoint->config = config;
	if (rabbitmq_hosts_read(endpoint->config->uri, &endpoint->hosts, &endpoint->host_count,
				error) != 0) {
		free(endpoint);
		return NULL;
	}
	endpoint->links[0] = rabbitmq_consumer_new(endpoint);
	endpoint->links[1] = rabbitmq_publisher_new(endpoint);
	endpoint->impatience = host->timer_new(handle, lose_patience, endpoint);
	return endpoint;
}

/* Each attempt tries the next of the uri's hosts. */
void
rabbitmq_connect(void *argument)
{
	struct rabbitmq *endpoint = argument;
	const struct rabbitmq_host *host =
		&endpoint->hosts[endpoint->next_host++ % endpoint->host_count];

	endpoint->is_falling = endpoint->is_up = false;
	endpoint->reason[0] = '\0';
	if (rabbitmq_consumer_is_wanted(endpoint->consumer))
		rabbitmq_link_start(endpoint->links[0], host);
	if (rabbitmq_publisher_is_wanted(endpoint->publisher))
		rabbitmq_link_start(endpoint->links[1], host);
	if (!endpoint->links[0]->is_running && !endpoint->links[1]->is_running) {
		endpoint->is_up = true; /* no route needs it */
		endpoint->host->up(endpoint->handle);
	}
}

static void
free_endpoint(struct rabbitmq *endpoint)
{
	const struct dk_host *host = endpoint->host;
	struct dk_endpoint *handle = endpoint->handle;

	host->timer_free(endpoint->impatience);
	rabbitmq_consumer_free(endpoint->consumer);
	rabbitmq_publisher_free(endpoint->publisher);
	rabbitmq_hosts_free(endpoint->hosts, endpoint->host_count);
	free(endpoint);
	host->closed(handle);
}

/* Both threads are gone: what they had is let go, and the core is told. Deliveries are given back
 * after that, for a connection that is lost is not counted against them. */
static void
finish(struct rabbitmq *endpoint)
{
	const char *reason = *endpoint->reason ? endpoint->reason : "closed";

	endpoint->host->timer_set(endpoint->impatience, -1);
	if (!endpoint->is_closing)
		endpoint->host->trouble_over(endpoint->handle, "blocked");
	rabbitmq_consumer_reset(endpoint->consumer);
	if (!endpoint->is_closing)
		endpoint->host->down(endpoint->handle, reason);
	rabbitmq_publisher_reset(endpoint->publisher, reason);
	if (endpoint->is_closing)
		free_endpoint(endpoint);
}

static bool
is_any_running(struct rabbitmq *endpoint)
{
	return endpoint->links[0]->is_running || endpoint->links[1]->is_running;
}

static void
hear_ended(struct rabbitmq *endpoint, struct rabbitmq_link *link)
{
	pthread_join(link->thread, NULL);
	link->is_running = false;
	if (!*endpoint->reason && *link->reason)
		snprintf(endpoint->reason, sizeof(endpoint->reason), "%s: %s", link->host->name,
			 link->reason);
	if (!endpoint->is_falling && !endpoint->is_closing) {
		endpoint->is_falling = true;
		end_links(endpoint, false);
	}
	if (!is_any_running(endpoint))
		finish(endpoint);
}

static bool
are_all_up(struct rabbitmq *endpoint)
{
	for (int i = 0; i < 2; i++) {
		struct rabbitmq_link *link = endpoint->links[i];
		bool is_up;

		pthread_mutex_lock(&link->lock);
		is_up = link->is_up && !link->is_ended;
		pthread_mutex_unlock(&link->lock);
		if (link->is_running && !is_up)
			return false;
	}
	return true;
}

static void
tell_host(const struct rabbitmq *endpoint, const struct rabbitmq_link *link)
{
	if (endpoint->host_count > 1)
		endpoint->host->log(endpoint->handle, DK_INFO, "host-chosen",
				    DK_FIELDS(DK_FIELD_TEXT("host", link->host->name)));
}

void
rabbitmq_hear_life(struct rabbitmq_link *link, bool is_ended)
{
	struct rabbitmq *endpoint = link->endpoint;

	if (is_ended) {
		hear_ended(endpoint, link);
		return;
	}
	if (endpoint->is_up || endpoint->is_falling || endpoint->is_closing ||
	    !are_all_up(endpoint))
		return;
	endpoint->is_up = true;
	tell_host(endpoint, link);
	endpoint->host->up(endpoint->handle);
}

void
rabbitmq_close(void *argument)
{
	struct rabbitmq *endpoint = argument;

	endpoint->is_closing = true;
	if (is_any_running(endpoint))
		end_links(endpoint, false);
	else
		finish(endpoint);
}
