/* SPDX-License-Identifier: Apache-2.0
 *
 * trouble.c - what is wrong with an endpoint, and with which of its topics; said while it lasts.
 *
 * The library says most of its errors once, however long they last. And an endpoint's two instances
 * share the words of its troubles: one is over when neither has it any more, with any topic.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/kafka/kafka.h"

struct kafka_trouble {
	struct kafka_trouble *next;
	const struct kafka_instance *instance;
	enum kafka_trouble_kind kind;
	char *subject, *text;
};

static const struct {
	const char *event;
	bool is_connection; /* over as soon as a broker answers */
} kinds[] = {
	[KAFKA_UNREACHABLE] = { "unreachable", true },
	[KAFKA_NOT_TRUSTED] = { "not-trusted", true },
	[KAFKA_NOT_AUTHENTICATED] = { "not-authenticated", true },
	[KAFKA_NOT_AUTHORIZED] = { "not-authorized", false },
	[KAFKA_NO_TOPIC] = { "no-topic", false },
	[KAFKA_EXPELLED] = { "expelled", false },
	[KAFKA_NOT_COMMITTED] = { "not-committed", false },
	[KAFKA_BEGINS_ANEW] = { "begins-anew", false },
	[KAFKA_OTHER_ERROR] = { "kafka-error", true },
};

/* All that is wrong in this way, each text once; what there is no room for stays out. */
static void
say(struct kafka_endpoint *endpoint, enum kafka_trouble_kind kind)
{
	char all[500] = "";
	size_t length = 0;

	for (const struct kafka_trouble *at = endpoint->troubles; at; at = at->next) {
		if (at->kind != kind || strstr(all, at->text))
			continue;
		if (length + strlen(at->text) + 3 > sizeof(all) && length > 0)
			continue;
		length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s",
					   length ? "; " : "", at->text);
		if (length >= sizeof(all))
			break;
	}
	if (length > 0)
		endpoint->host->trouble(endpoint->handle, kinds[kind].event, all);
	else
		endpoint->host->trouble_over(endpoint->handle, kinds[kind].event);
}

static struct kafka_trouble *
find(const struct kafka_instance *instance, enum kafka_trouble_kind kind, const char *subject)
{
	struct kafka_trouble *at = instance->endpoint->troubles;

	while (at &&
	       (at->instance != instance || at->kind != kind || strcmp(at->subject, subject) != 0))
		at = at->next;
	return at;
}

void
kafka_trouble_begin(struct kafka_instance *instance, enum kafka_trouble_kind kind,
		    const char *subject, const char *text)
{
	struct kafka_endpoint *endpoint = instance->endpoint;
	struct kafka_trouble *trouble = find(instance, kind, subject);

	if (!trouble) {
		trouble = calloc(1, sizeof(*trouble));
		if (!trouble || !(trouble->subject = strdup(subject)))
			abort();
		trouble->instance = instance;
		trouble->kind = kind;
		trouble->next = endpoint->troubles;
		endpoint->troubles = trouble;
	}
	/* Of a topic, what was said first: its partitions' errors follow. */
	if (!trouble->text || !*subject) {
		free(trouble->text);
		if (!(trouble->text = strdup(text)))
			abort();
	}
	say(endpoint, kind);
}

static void
end(struct kafka_endpoint *endpoint, struct kafka_trouble **at)
{
	struct kafka_trouble *trouble = *at;

	*at = trouble->next;
	say(endpoint, trouble->kind);
	free(trouble->subject);
	free(trouble->text);
	free(trouble);
}

static bool
is_meant(const struct kafka_trouble *trouble, const struct kafka_instance *instance, int kind,
	 const char *subject)
{
	return trouble->instance == instance && (kind < 0 || trouble->kind == (unsigned)kind) &&
	       (!subject || strcmp(trouble->subject, subject) == 0);
}

/* kind -1: of every kind; subject NULL: with everything. */
static void
end_those(struct kafka_instance *instance, int kind, const char *subject)
{
	struct kafka_trouble **at = &instance->endpoint->troubles;

	while (*at)
		if (is_meant(*at, instance, kind, subject))
			end(instance->endpoint, at);
		else
			at = &(*at)->next;
}

void
kafka_trouble_end(struct kafka_instance *instance, enum kafka_trouble_kind kind,
		  const char *subject)
{
	end_those(instance, (int)kind, subject);
}

void
kafka_troubles_end(struct kafka_instance *instance)
{
	end_those(instance, -1, NULL);
}

void
kafka_troubles_end_topic(struct kafka_instance *instance, const char *topic)
{
	end_those(instance, -1, topic);
}

void
kafka_troubles_end_connection(struct kafka_instance *instance)
{
	if (instance->endpoint->troubles)
		for (int kind = 0; kind < KAFKA_TROUBLE_KINDS; kind++)
			if (kinds[kind].is_connection)
				end_those(instance, kind, NULL);
}

void
kafka_troubles_repeat(struct kafka_endpoint *endpoint)
{
	unsigned said = 0;

	for (const struct kafka_trouble *at = endpoint->troubles; at; at = at->next) {
		if (said & 1u << at->kind)
			continue;
		said |= 1u << at->kind;
		say(endpoint, at->kind);
	}
}
