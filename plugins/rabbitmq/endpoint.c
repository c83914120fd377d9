/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint.c - an endpoint's life on the loop: its links come up together and go down together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/endpoint.h"

#define IMPATIENCE_MS 3000

static struct rabbitmq_link *
links(struct rabbitmq *endpoint, int number)
{
	return number == 0 ? &endpoint->consumer.link : &endpoint->publisher.link;
}

static void
end_links(struct rabbitmq *endpoint, bool is_urgent)
{
	for (int i = 0; i < 2; i++)
		rabbitmq_link_end(links(endpoint, i), is_urgent);
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

	(void)error;
	if (!endpoint)
		abort();
	endpoint->host = host;
	endpoint->handle = handle;
	endpoint->name = name;
	endpoint->config = config;
	endpoint->uri = strdup(endpoint->config->uri);
	if (!endpoint->uri || amqp_parse_url(endpoint->uri, &endpoint->info) != AMQP_STATUS_OK)
		abort(); /* it was checked with the file */
	rabbitmq_link_init(&endpoint->consumer.link, endpoint, &rabbitmq_consuming);
	rabbitmq_link_init(&endpoint->publisher.link, endpoint, &rabbitmq_publishing);
	rabbitmq_consumer_init(endpoint);
	rabbitmq_publisher_init(endpoint);
	endpoint->impatience = host->timer_new(handle, lose_patience, endpoint);
	return endpoint;
}

void
rabbitmq_connect(void *argument)
{
	struct rabbitmq *endpoint = argument;

	endpoint->is_falling = endpoint->is_up = false;
	endpoint->reason[0] = '\0';
	if (endpoint->subscription_count > 0)
		rabbitmq_link_start(&endpoint->consumer.link);
	if (endpoint->publisher.target_count > 0)
		rabbitmq_link_start(&endpoint->publisher.link);
	if (!endpoint->consumer.link.is_running && !endpoint->publisher.link.is_running) {
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
	host->timer_free(endpoint->consumer.go_on);
	rabbitmq_link_free(&endpoint->consumer.link);
	rabbitmq_link_free(&endpoint->publisher.link);
	free(endpoint->publisher.targets);
	free(endpoint->uri);
	free(endpoint);
	host->closed(handle);
}

/* Both threads are gone: what they had is let go, and the core is told. */
static void
finish(struct rabbitmq *endpoint)
{
	const char *reason = *endpoint->reason ? endpoint->reason : "closed";

	endpoint->host->timer_set(endpoint->impatience, -1);
	if (!endpoint->is_closing)
		endpoint->host->trouble_over(endpoint->handle, "blocked");
	rabbitmq_consumer_reset(endpoint);
	if (!endpoint->is_closing)
		endpoint->host->down(endpoint->handle, reason);
	rabbitmq_publisher_reset(endpoint, reason);
	if (endpoint->is_closing)
		free_endpoint(endpoint);
}

static bool
is_any_running(struct rabbitmq *endpoint)
{
	return endpoint->consumer.link.is_running || endpoint->publisher.link.is_running;
}

static void
hear_ended(struct rabbitmq *endpoint, struct rabbitmq_link *link)
{
	pthread_join(link->thread, NULL);
	link->is_running = false;
	if (!*endpoint->reason)
		snprintf(endpoint->reason, sizeof(endpoint->reason), "%s", link->reason);
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
		struct rabbitmq_link *link = links(endpoint, i);
		bool is_up;

		pthread_mutex_lock(&link->lock);
		is_up = link->is_up && !link->is_ended;
		pthread_mutex_unlock(&link->lock);
		if (link->is_running && !is_up)
			return false;
	}
	return true;
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
