/* SPDX-License-Identifier: Apache-2.0
 *
 * hosts.c - the brokers that a uri names, one or several with commas between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/rabbitmq.h"

static size_t
count_of(const char *uri)
{
	size_t count = 1;

	for (; *uri; uri++)
		count += *uri == ',';
	return count;
}

static int
read_host(struct rabbitmq_host *host, const char *begin, size_t length, struct dk_error *error)
{
	while (length > 0 && *begin == ' ') {
		begin++;
		length--;
	}
	while (length > 0 && begin[length - 1] == ' ')
		length--;
	host->uri = strndup(begin, length);
	if (!host->uri)
		abort();
	if (amqp_parse_url(host->uri, &host->info) != AMQP_STATUS_OK || !*host->info.host) {
		/* Not the whole: there may be a password in it. */
		snprintf(error->text, sizeof(error->text),
			 "the uri is none of a broker; amqp://host:5672/%%2f, or amqps:// for TLS? "
			 "(several: with commas between)");
		return -1;
	}
	snprintf(host->name, sizeof(host->name), "%s:%d", host->info.host, host->info.port);
	return 0;
}

int
rabbitmq_hosts_read(const char *uri, struct rabbitmq_host **hosts, size_t *count,
		    struct dk_error *error)
{
	struct rabbitmq_host *all = calloc(count_of(uri), sizeof(*all));
	size_t read = 0;

	if (!all)
		abort();
	for (;;) {
		size_t length = strcspn(uri, ",");

		if (read_host(&all[read++], uri, length, error) != 0) {
			rabbitmq_hosts_free(all, read);
			return -1;
		}
		if (!uri[length])
			break;
		uri += length + 1;
	}
	*hosts = all;
	*count = read;
	return 0;
}

void
rabbitmq_hosts_free(struct rabbitmq_host *hosts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(hosts[i].uri);
	free(hosts);
}
