/* SPDX-License-Identifier: Apache-2.0
 *
 * received.c - a received message, in one block of memory.
 */
#include "daemon/model/received.h"

#include <stdlib.h>

/* The slices of a message besides its headers, as a table, so that no copy forgets one. */
static const size_t slices[] = {
	offsetof(struct dk_message, address),      offsetof(struct dk_message, key),
	offsetof(struct dk_message, payload),      offsetof(struct dk_message, content_type),
	offsetof(struct dk_message, correlation_id), offsetof(struct dk_message, reply_to),
	offsetof(struct dk_message, message_id),
};

#define SLICES (sizeof(slices) / sizeof(slices[0]))

static struct dk_slice *
slice_at(struct dk_message *message, size_t number)
{
	return (struct dk_slice *)(void *)((char *)message + slices[number]);
}

/* Bytes that the message points to; all of them count for a window, lent or not. */
static size_t
measure(const struct dk_message *message)
{
	struct dk_message probe = *message;
	size_t bytes = 0;

	for (size_t i = 0; i < SLICES; i++)
		bytes += slice_at(&probe, i)->length;
	for (size_t i = 0; i < message->header_count; i++)
		bytes += message->headers[i].name.length + message->headers[i].value.length;
	return bytes;
}

/* Moves a slice's bytes to *end, which moves on. An empty slice that is present stays present. */
static void
copy(struct dk_slice *slice, char **end)
{
	if (!slice->data)
		return;
	if (slice->length > 0)
		memcpy(*end, slice->data, slice->length);
	slice->data = *end;
	*end += slice->length;
}

static void
copy_all(struct dk_message *message, struct dk_header *headers, char *end)
{
	for (size_t i = 0; i < SLICES; i++)
		copy(slice_at(message, i), &end);
	for (size_t i = 0; i < message->header_count; i++) {
		copy(&headers[i].name, &end);
		copy(&headers[i].value, &end);
	}
}

struct dk_received *
dk_received_new(const struct dk_message *message, const struct dk_loan *loan)
{
	size_t bytes = measure(message);
	size_t table = message->header_count * sizeof(struct dk_header);
	struct dk_received *received = malloc(sizeof(*received) + table + (loan ? 0 : bytes) + 1);
	struct dk_header *headers;

	if (!received)
		return NULL;
	memset(received, 0, sizeof(*received));
	received->message = *message;
	received->bytes = bytes + sizeof(*received);
	dk_list_init(&received->link);
	headers = (struct dk_header *)(void *)(received + 1);
	if (table > 0)
		memcpy(headers, message->headers, table);
	received->message.headers = headers;
	if (loan)
		received->loan = *loan;
	else
		copy_all(&received->message, headers, (char *)headers + table);
	return received;
}

void
dk_received_free(struct dk_received *received)
{
	if (received->loan.give_back)
		received->loan.give_back(received->loan.thing);
	free(received);
}
