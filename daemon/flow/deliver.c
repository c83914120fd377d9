/* SPDX-License-Identifier: Apache-2.0
 *
 * deliver.c - step 4: a delivery is made for each target, its address, key and headers rendered
 * into one block of memory.
 */
#include <assert.h>
#include <stdlib.h>

#include "daemon/base/checksum.h"
#include "daemon/flow/state.h"

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

/* What is delivered in another's place has its place in the order, too. */
static uint64_t
turn_of(struct dk_flow *flow)
{
	return flow->wanted && flow->wanted->turn > 0 ? flow->wanted->turn : ++flow->next_turn;
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
	duty->generation = flow->current;
	duty->generation->duties++;
	duty->received = received;
	duty->way = duty->origin = way;
	duty->sink = flow->current->sinks[way->endpoint];
	duty->turn = turn_of(flow);
	duty->delivery.message = &received->message;
	duty->delivery.target = &way->target;
	duty->delivery.headers = (struct dk_header *)(void *)(duty + 1);
	duty->delivery.header_count = headers;
	dk_list_init(&duty->link);
	received->owed++;
	return duty;
}

/* The texts of a delivery, one behind the other in flow->rendered: address, key, headers. */
struct rendering {
	size_t ends[2 + DK_ROUTE_HEADERS_MAX];
	size_t count;
	char fault[512]; /* why the delivery cannot be; empty: it can */
};

static void
end_text(const struct dk_flow *flow, struct rendering *rendering, const char *what,
	 const struct dk_rendering_fault *fault)
{
	rendering->ends[rendering->count++] = flow->rendered.length;
	if (fault->why && !*rendering->fault)
		dk_rendering_fault_tell(fault, what, rendering->fault, sizeof(rendering->fault));
}

static void
render(struct dk_flow *flow, const struct dk_way *way, struct rendering *rendering)
{
	const struct dk_route *route = way->route;
	struct dk_rendering_fault fault = { .why = NULL };

	flow->rendered.length = 0;
	dk_template_render_address(way->address, way->dialect, route->escapes, &flow->view,
				   &flow->rendered, &fault);
	end_text(flow, rendering, "the address", &fault);
	fault.why = NULL;
	if (route->key)
		dk_template_render(route->key, &flow->view, &flow->rendered, &fault);
	end_text(flow, rendering, "the key", &fault);
	for (size_t i = 0; i < route->header_count; i++) {
		dk_template_render(route->headers[i].value, &flow->view, &flow->rendered, &fault);
		end_text(flow, rendering, route->headers[i].name.data, &fault);
	}
}

static struct dk_slice
text_of(const struct rendering *rendering, const char *texts, size_t number)
{
	size_t begin = number > 0 ? rendering->ends[number - 1] : 0;

	return dk_slice_new(texts + begin, rendering->ends[number] - begin);
}

/* What was rendered becomes the delivery's own. */
static void
fill(struct dk_duty *duty, const struct rendering *rendering)
{
	const struct dk_route *route = duty->way->route;
	struct dk_delivery *delivery = &duty->delivery;
	struct dk_header *headers = (struct dk_header *)(void *)(duty + 1);
	char *texts = (char *)(headers + route->header_count);

	if (duty->flow->rendered.length > 0)
		memcpy(texts, duty->flow->rendered.data, duty->flow->rendered.length);
	delivery->address = text_of(rendering, texts, 0);
	delivery->key = route->key ? text_of(rendering, texts, 1) : duty->received->message.key;
	for (size_t i = 0; i < route->header_count; i++)
		headers[i] = (struct dk_header){
			.name = route->headers[i].name,
			.value = text_of(rendering, texts, 2 + i),
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

void
dk_deliver(struct dk_flow *flow, struct dk_received *received, const struct dk_way *way)
{
	struct dk_route_account *account = &flow->current->states[way->route->number]->account;
	struct rendering rendering;
	struct dk_duty *duty;

	rendering.count = 0;
	*rendering.fault = '\0';
	render(flow, way, &rendering);
	duty = make(flow, received, way, way->route->header_count, flow->rendered.length);
	fill(duty, &rendering);
	account->in_flight++;
	if (received->is_recovered) {
		account->recovered++;
		duty->delivery.attempts = (unsigned)dk_spool_note_of(
			dk_source_of(received)->spool, received->sequence, way->key);
	} else {
		account->created++;
	}
	if (flow->wanted && flow->wanted->attempts > duty->delivery.attempts)
		duty->delivery.attempts = flow->wanted->attempts;
	show_to_hooks(flow, &duty->delivery);
	if (*rendering.fault)
		dk_reject(duty, rendering.fault);
	else if (duty->turn < flow->next_turn)
		dk_enqueue_again(duty);
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
	struct dk_slice address = dk_slice_of(dk_template_text(dead->address));
	size_t room = address.length + strlen(dead->route->name) +
		      strlen(source) + 1 + message->address.length + strlen(duty->sink->name) + 1 +
		      duty->delivery.address.length + strlen(reason);
	struct dk_duty *letter = make(duty->flow, duty->received, dead, DK_DEAD_HEADERS, room);
	struct dk_header *headers = (struct dk_header *)(void *)(letter + 1);
	char *end = (char *)(headers + DK_DEAD_HEADERS);

	letter->origin = duty->origin;
	letter->is_dead_letter = true;
	letter->delivery.address = dk_slice_new(end, address.length);
	end = write_slice(end, address);
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
	duty->generation->duties--;
	free(duty);
}
