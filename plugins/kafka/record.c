/* SPDX-License-Identifier: Apache-2.0
 *
 * record.c - a record of Kafka's becomes a message of the core's: nothing of it is copied.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/kafka/consumer.h"
#include "plugins/text.h"

#define HEADERS_AT_HAND 32
#define NUDGE_RECORDS 4096
#define NUDGE_BYTES 1048576

/* A record that is lent to the core. */
struct kafka_loan {
	struct kafka_consumer *consumer;
	rd_kafka_event_t *event;
	struct kafka_loan *next;
};

static struct kafka_loan *
new_loan(struct kafka_consumer *consumer, rd_kafka_event_t *event)
{
	struct kafka_loan *loan = consumer->spare;

	if (loan)
		consumer->spare = loan->next;
	else if (!(loan = malloc(sizeof(*loan))))
		abort();
	loan->consumer = consumer;
	loan->event = event;
	consumer->lent++;
	return loan;
}

static void
give_back(void *thing)
{
	struct kafka_loan *loan = thing;
	struct kafka_consumer *consumer = loan->consumer;

	rd_kafka_event_destroy(loan->event);
	loan->next = consumer->spare;
	consumer->spare = loan;
	if (--consumer->lent == 0)
		kafka_instance_look(&consumer->instance);
}

static size_t
count_headers(const rd_kafka_message_t *record, rd_kafka_headers_t **list)
{
	if (rd_kafka_message_headers(record, list) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	return rd_kafka_header_cnt(*list);
}

/* Headers that other systems have a field for. */
static struct dk_slice *
find_field(struct dk_message *message, const char *name)
{
	const struct {
		const char *name;
		struct dk_slice *field;
	} rows[] = {
		{ "content-type", &message->content_type },
		{ "correlation-id", &message->correlation_id },
		{ "reply-to", &message->reply_to },
		{ "message-id", &message->message_id },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].field;
	return NULL;
}

static void
read_header(const rd_kafka_headers_t *list, size_t i, struct dk_header *header)
{
	const char *name;
	const void *value;
	size_t length;

	rd_kafka_header_get_all(list, i, &name, &value, &length);
	header->name = (struct dk_slice){ name, strlen(name) };
	header->value = (struct dk_slice){ value, value ? length : 0 };
	header->type = DK_HEADER_NOTHING;
	if (value)
		header->type = dk_is_text(header->value) ? DK_HEADER_TEXT : DK_HEADER_BINARY;
}

/* The one that the message has as a field, which is the last of its name that is not null. */
static bool
make_field(struct dk_message *message, const struct dk_header *header)
{
	struct dk_slice *field = find_field(message, header->name.data);

	if (!field || field->data || header->type == DK_HEADER_NOTHING)
		return false;
	*field = header->value;
	return true;
}

/* From the last to the first, into the end of the room that there is for all. */
static void
read_headers(const rd_kafka_headers_t *list, size_t count, struct dk_message *message,
	     struct dk_header *room)
{
	size_t begin = count;

	for (size_t i = count; i-- > 0;) {
		read_header(list, i, &room[begin - 1]);
		if (!make_field(message, &room[begin - 1]))
			begin--;
	}
	message->headers = room + begin;
	message->header_count = count - begin;
}

static struct dk_slice
slice_of(const void *data, size_t length)
{
	return (struct dk_slice){ data, data ? length : 0 };
}

static void
receive(struct kafka_partition *partition, const rd_kafka_message_t *record,
	rd_kafka_event_t *event)
{
	struct kafka_consumer *consumer = partition->consumer;
	struct dk_header at_hand[HEADERS_AT_HAND], *headers = at_hand;
	struct dk_message message = DK_MESSAGE_NONE;
	rd_kafka_headers_t *list = NULL;
	size_t count = count_headers(record, &list);
	rd_kafka_timestamp_type_t type;

	if (count > HEADERS_AT_HAND && !(headers = malloc(count * sizeof(*headers))))
		abort();
	read_headers(list, count, &message, headers);
	/* The library's own string: it lives as long as the record, the partition does not. */
	message.address = slice_of(rd_kafka_topic_name(record->rkt), partition->topic_length);
	message.key = slice_of(record->key, record->key_len);
	message.payload = slice_of(record->payload, record->len);
	message.timestamp_ms = rd_kafka_message_timestamp(record, &type);
	message.flags = DK_PERSISTENT;
	message.stream = partition->stream;
	message.position = partition->received = record->offset;
	consumer->host->receive(consumer->subscription, &message,
				&(struct dk_loan){ give_back, new_loan(consumer, event) });
	if (headers != at_hand)
		free(headers);
}

/* When enough is fetched the library's thread sleeps for up to a second, and does not notice that
 * we have taken it. Setting the credentials, which are the same, wakes it; nothing else does. */
static void
nudge(struct kafka_consumer *consumer, size_t bytes)
{
	const struct kafka_config *config = consumer->instance.endpoint->config;

	consumer->taken_bytes += bytes;
	if (++consumer->taken_records < NUDGE_RECORDS && consumer->taken_bytes < NUDGE_BYTES)
		return;
	consumer->taken_records = consumer->taken_bytes = 0;
	rd_kafka_error_destroy(rd_kafka_sasl_set_credentials(
		consumer->instance.client, config->sasl_username ? config->sasl_username : "",
		config->sasl_password ? config->sasl_password : ""));
}

/* The library went back, for the broker has lost records. What was settled of those from before
 * says nothing of these: they are another stream. */
static void
begin_again(struct kafka_partition *partition)
{
	const struct kafka_consumer *consumer = partition->consumer;
	char name[300];

	snprintf(name, sizeof(name), "%s", partition->stream->name);
	consumer->host->stream_close(partition->stream);
	partition->received = partition->settled = -1;
	partition->stream =
		consumer->host->stream_open(consumer->instance.endpoint->handle, name, partition);
}

static void
recover(struct kafka_partition *partition)
{
	partition->is_troubled = false;
	kafka_troubles_end_topic(partition->queue.instance, partition->topic);
}

void
kafka_record_take(struct kafka_queue *queue, rd_kafka_event_t *event)
{
	struct kafka_partition *partition = (void *)queue;
	const rd_kafka_message_t *record = NULL;

	if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH)
		record = rd_kafka_event_message_next(event);
	if (record && !record->err) {
		kafka_instance_thrive(queue->instance);
		if (partition->is_troubled)
			recover(partition);
		if (record->offset <= partition->received)
			begin_again(partition);
		nudge(partition->consumer, record->len);
		receive(partition, record, event);
		return;
	}
	if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
		kafka_error_take(queue->instance, event);
	rd_kafka_event_destroy(event);
}

void
kafka_record_end(struct kafka_consumer *consumer)
{
	while (consumer->spare) {
		struct kafka_loan *loan = consumer->spare;

		consumer->spare = loan->next;
		free(loan);
	}
}
