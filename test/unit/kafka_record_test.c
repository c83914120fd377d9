/* SPDX-License-Identifier: Apache-2.0
 *
 * kafka_record_test.c - records become messages of their partition's stream, and of another one
 * when the library goes back: what is settled of the one says nothing of the other. The library is
 * a fake.
 */
#include "plugins/kafka/consumer.h"
#include "test/unit/unit.h"

/* --- The library ---------------------------------------------------------------------------- */

static rd_kafka_message_t record;
static size_t destroyed;

rd_kafka_event_type_t
rd_kafka_event_type(const rd_kafka_event_t *event)
{
	(void)event;
	return RD_KAFKA_EVENT_FETCH;
}

const rd_kafka_message_t *
rd_kafka_event_message_next(rd_kafka_event_t *event)
{
	(void)event;
	return &record;
}

void
rd_kafka_event_destroy(rd_kafka_event_t *event)
{
	(void)event;
	destroyed++;
}

rd_kafka_resp_err_t
rd_kafka_message_headers(const rd_kafka_message_t *message, rd_kafka_headers_t **headers)
{
	(void)message, (void)headers;
	return RD_KAFKA_RESP_ERR__NOENT;
}

size_t
rd_kafka_header_cnt(const rd_kafka_headers_t *headers)
{
	(void)headers;
	return 0;
}

rd_kafka_resp_err_t
rd_kafka_header_get_all(const rd_kafka_headers_t *headers, size_t i, const char **name,
			const void **value, size_t *size)
{
	(void)headers, (void)i, (void)name, (void)value, (void)size;
	return RD_KAFKA_RESP_ERR__NOENT;
}

int64_t
rd_kafka_message_timestamp(const rd_kafka_message_t *message, rd_kafka_timestamp_type_t *type)
{
	(void)message, (void)type;
	return -1;
}

const char *
rd_kafka_topic_name(const rd_kafka_topic_t *topic)
{
	(void)topic;
	return "iot";
}

rd_kafka_error_t *
rd_kafka_sasl_set_credentials(rd_kafka_t *client, const char *username, const char *password)
{
	(void)client, (void)username, (void)password;
	return NULL;
}

void
rd_kafka_error_destroy(rd_kafka_error_t *error)
{
	(void)error;
}

/* --- The other parts of the plugin ---------------------------------------------------------- */

void
kafka_error_take(struct kafka_instance *instance, rd_kafka_event_t *event)
{
	(void)instance, (void)event;
}

void
kafka_instance_look(struct kafka_instance *instance)
{
	(void)instance;
}

void
kafka_instance_thrive(struct kafka_instance *instance)
{
	(void)instance;
}

void
kafka_troubles_end_topic(struct kafka_instance *instance, const char *topic)
{
	(void)instance, (void)topic;
}

/* --- The host ------------------------------------------------------------------------------- */

static struct dk_stream streams[4];
static size_t opened, closed;
static struct dk_message message;

static struct dk_stream *
stream_open(struct dk_endpoint *handle, const char *name, void *plugin)
{
	struct dk_stream *stream = &streams[opened++];

	(void)handle;
	assert_true(opened <= ROWS(streams));
	assert_string_equal(name, "iot/3");
	*stream = (struct dk_stream){ "iot/3", opened, plugin };
	return stream;
}

static void
stream_close(struct dk_stream *stream)
{
	assert_ptr_equal(stream, &streams[opened - 1]);
	assert_int_equal(closed, opened - 1);
	closed++;
}

/* As the core does it with a message that no route wants: it is given back at once. */
static void
receive(struct dk_subscription *subscription, const struct dk_message *received,
	const struct dk_loan *loan)
{
	(void)subscription;
	message = *received;
	loan->give_back(loan->thing);
}

static const struct dk_host host = {
	.size = sizeof(host),
	.stream_open = stream_open,
	.stream_close = stream_close,
	.receive = receive,
};

/* --- The test ------------------------------------------------------------------------------- */

static void
take(struct kafka_partition *partition, int64_t offset)
{
	record = (rd_kafka_message_t){ .offset = offset };
	kafka_record_take(&partition->queue, NULL);
	assert_int_equal(message.position, offset);
	assert_ptr_equal(message.stream, partition->stream);
	assert_int_equal(partition->received, offset);
}

static void
records_from_further_back_are_another_stream(void **state)
{
	struct kafka_endpoint endpoint = { .host = &host };
	struct kafka_consumer consumer = { .instance.endpoint = &endpoint, .host = &host };
	struct kafka_partition partition = { .queue.instance = &consumer.instance,
					     .consumer = &consumer,
					     .received = -1,
					     .settled = -1 };

	(void)state;
	partition.stream = stream_open(NULL, "iot/3", &partition);
	take(&partition, 90);
	take(&partition, 95); /* a gap is none */
	partition.settled = 90;
	assert_int_equal(opened, 1);
	take(&partition, 40);
	assert_int_equal(opened, 2);
	assert_int_equal(closed, 1);
	assert_int_equal(partition.settled, -1);
	take(&partition, 41);
	assert_int_equal(opened, 2);
	take(&partition, 41);
	assert_int_equal(opened, 3);
	take(&partition, 0);
	assert_int_equal(opened, 4);
	assert_int_equal(destroyed, 6);
	kafka_record_end(&consumer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_from_further_back_are_another_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
