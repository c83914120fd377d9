/* SPDX-License-Identifier: Apache-2.0
 *
 * deliver.c - step 4: a delivery is made for each target, its address, key and headers rendered
 * into one block of memory.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/checksum.h"
#include "daemon/flow/state.h"
#include "daemon/language/dialect.h"

/* Order is kept within the route's key, else the message's, else its address and partition. For a
 * sink that commits positions it is kept within the stream: a later position must not be committed
 * before an earlier one. */
static uint64_t
order_of(const struct dk_sink *sink, const struct dk_message *message, struct dk_slice key)
{
	if (sink->functions->commits_positions && message->stream)
		return message->stream->epoch;
	if (key.data)
		return dk_hash(DK_HASH_BEGIN, key);
	return dk_hash(DK_HASH_BEGIN ^ (message->stream ? message->stream->epoch : 0),
		       message->address);
}

static struct dk_duty *
make(struct dk_flow *flow, struct dk_received *received, const struct dk_way *way, size_t headers,
     size_t bytes)
{
	struct dk_duty *duty = malloc(sizeof(*duty) + headers * sizeof(struct dk_header) + bytes);

	if (!duty)
		abort();
	memset(duty, 0, sizeof(*duty));
	duty->flow = flow;
	duty->received = received;
	duty->way = duty->origin = way;
	duty->sink = flow->sinks[way->endpoint];
	duty->turn = flow->next_turn++;
	duty->delivery.message = &received->message;
	duty->delivery.target = (struct dk_target *)&way->target;
	duty->delivery.headers = (struct dk_header *)(void *)(duty + 1);
	duty->delivery.header_count = headers;
	dk_list_init(&duty->link);
	received->owed++;
	return duty;
}

static struct dk_slice
render(const struct dk_template *template, const struct dk_slice *captures, char **end)
{
	char *begin = *end;

	*end = dk_template_render(template, captures, begin);
	return dk_slice_new(begin, (size_t)(*end - begin));
}

static size_t
measure(const struct dk_way *way, const struct dk_slice *captures)
{
	const struct dk_route *route = way->route;
	size_t bytes = dk_template_length(way->address, captures);

	if (route->key)
		bytes += dk_template_length(route->key, captures);
	for (size_t i = 0; i < route->header_count; i++)
		bytes += dk_template_length(route->headers[i].value, captures);
	return bytes;
}

static void
fill(struct dk_duty *duty, const struct dk_slice *captures)
{
	const struct dk_route *route = duty->way->route;
	struct dk_delivery *delivery = &duty->delivery;
	struct dk_header *headers = (struct dk_header *)(void *)(duty + 1);
	char *end = (char *)(headers + route->header_count);

	delivery->address = render(duty->way->address, captures, &end);
	delivery->key = route->key ? render(route->key, captures, &end) :
				     duty->received->message.key;
	for (size_t i = 0; i < route->header_count; i++)
		headers[i] = (struct dk_header){
			.name = route->headers[i].name,
			.value = render(route->headers[i].value, captures, &end),
		};
	delivery->order = order_of(duty->sink, &duty->received->message, delivery->key);
}

static void
show_to_hooks(struct dk_flow *flow, const struct dk_delivery *delivery)
{
	for (size_t i = 0; i < flow->hook_count; i++)
		if (flow->hooks[i].functions->delivery)
			flow->hooks[i].functions->delivery(flow->hooks[i].plugin, delivery);
}

/* Why the rendered address may not be used: a captured value would break out of its place, or the
 * whole is no legal address. NULL when it may. */
static const char *
fault(const struct dk_duty *duty, const struct dk_slice *captures, char *text, size_t room)
{
	const struct dk_way *way = duty->way;
	struct dk_slice culprit = { NULL, 0 };
	const char *why;

	if (way->target.is_literal)
		return NULL;
	why = dk_template_fault(way->address, way->dialect, captures, &culprit);
	if (why)
		snprintf(text, room, "$%.*s %s", (int)culprit.length, culprit.data, why);
	else if ((why = dk_dialect_address_fault(way->dialect, duty->delivery.address)))
		snprintf(text, room, "the address %s", why);
	return why ? text : NULL;
}

void
dk_deliver(struct dk_flow *flow, struct dk_received *received, const struct dk_way *way,
	   const struct dk_slice *captures)
{
	struct dk_duty *duty =
		make(flow, received, way, way->route->header_count, measure(way, captures));
	struct dk_route_account *account = &flow->accounts[way->route->number];
	const char *why;
	char text[256];

	fill(duty, captures);
	account->in_flight++;
	if (received->is_recovered) {
		account->recovered++;
		duty->delivery.attempts = (unsigned)dk_spool_note_of(
			dk_source_of(received)->spool, received->sequence, way->key);
	} else {
		account->created++;
	}
	show_to_hooks(flow, &duty->delivery);
	why = fault(duty, captures, text, sizeof(text));
	if (why)
		dk_reject(duty, why);
	else
		dk_enqueue(duty);
}

/* --- Dead letters --- */

static const char *const dead_names[DK_DEAD_HEADERS] = {
	"diolkos-dead-route",
	"diolkos-dead-source",
	"diolkos-dead-target",
	"diolkos-dead-reason",
};

static char *
write_slice(char *end, struct dk_slice slice)
{
	memcpy(end, slice.data, slice.length);
	return end + slice.length;
}

/* As the file writes an address: endpoint:address. With an empty name only the address. */
static void
write_header(struct dk_header *header, int which, const char *name, struct dk_slice address,
	     char **end)
{
	char *begin = *end;

	if (*name) {
		*end = write_slice(*end, dk_slice_of(name));
		*(*end)++ = ':';
	}
	*end = write_slice(*end, address);
	header[which] = (struct dk_header){
		.name = dk_slice_of(dead_names[which]),
		.value = dk_slice_new(begin, (size_t)(*end - begin)),
	};
}

void
dk_deliver_dead(struct dk_duty *duty, const char *reason)
{
	const struct dk_way *dead = duty->way->route->dead;
	const struct dk_message *message = &duty->received->message;
	const char *source = dk_source_of(duty->received)->name;
	size_t room = dk_template_length(dead->address, NULL) + strlen(dead->route->name) +
		      strlen(source) + 1 + message->address.length + strlen(duty->sink->name) + 1 +
		      duty->delivery.address.length + strlen(reason);
	struct dk_duty *letter = make(duty->flow, duty->received, dead, DK_DEAD_HEADERS, room);
	struct dk_header *headers = (struct dk_header *)(void *)(letter + 1);
	char *end = (char *)(headers + DK_DEAD_HEADERS);

	letter->origin = duty->origin;
	letter->is_dead_letter = true;
	letter->delivery.address = render(dead->address, NULL, &end);
	letter->delivery.key = message->key;
	letter->delivery.order = order_of(letter->sink, message, letter->delivery.key);
	write_header(headers, DK_DEAD_ROUTE, "", dk_slice_of(dead->route->name), &end);
	write_header(headers, DK_DEAD_SOURCE, source, message->address, &end);
	write_header(headers, DK_DEAD_TARGET, duty->sink->name, duty->delivery.address, &end);
	write_header(headers, DK_DEAD_REASON, "", dk_slice_of(reason), &end);
	duty->received->owed--;
	dk_duty_free(duty);
	dk_enqueue(letter);
}

void
dk_duty_free(struct dk_duty *duty)
{
	assert(dk_list_is_empty(&duty->link));
	free(duty);
}
