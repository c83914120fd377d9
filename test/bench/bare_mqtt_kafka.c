/* SPDX-License-Identifier: Apache-2.0
 *
 * bare_mqtt_kafka.c - MQTT to Kafka by the two client libraries and nothing else: the benchmark's
 * measure.
 *
 * Drains what an MQTT session holds at QoS 1 and produces each message to Kafka, idempotent and
 * acknowledged by all replicas, with the settings that the plugins use. No routes, no spool, no
 * account, and, without --append or --sync, no promise: what Kafka has not taken when this dies is
 * lost, for MQTT was told that it arrived.
 *
 *	bare-mqtt_kafka --mqtt HOST:PORT --kafka HOST:PORT --filter F --client-id C --topic T
 *		--count N [--append FILE | --sync FILE]
 *
 * --append writes each message to a file before it is acknowledged; --sync also waits for the disk.
 * --count 0 makes the session and leaves it. Prints one line of figures: processor time is the
 * process's, from the first message to the last report.
 */
#include <fcntl.h>
#include <getopt.h>
#include <librdkafka/rdkafka.h>
#include <MQTTAsync.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct bare {
	const char *mqtt, *kafka, *filter, *client_id, *topic;
	long count;
	int file; /* -1: none */
	bool is_synced;

	MQTTAsync client;
	rd_kafka_t *producer;
	rd_kafka_topic_t *handle;
	atomic_bool is_subscribed;
	long received; /* Paho's thread */
	struct timespec began;
	struct rusage used;
	atomic_bool has_begun;
};

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bare-mqtt_kafka: %s: %s\n", what, why);
	exit(1);
}

/* --- Kafka --------------------------------------------------------------------------------- */

static void
set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char text[256];

	if (rd_kafka_conf_set(conf, name, value, text, sizeof(text)) != RD_KAFKA_CONF_OK)
		die(name, text);
}

static void
make_producer(struct bare *bare)
{
	static const char *const settings[][2] = {
		{ "enable.idempotence", "true" },
		{ "acks", "all" },
		{ "message.timeout.ms", "0" },
		{ "linger.ms", "5" },
		{ "partitioner", "murmur2_random" },
		{ "socket.nagle.disable", "true" },
		{ "topic.metadata.refresh.interval.ms", "5000" },
	};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char text[256];

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		set(conf, settings[i][0], settings[i][1]);
	set(conf, "bootstrap.servers", bare->kafka);
	rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
	bare->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
	if (!bare->producer)
		die("kafka", text);
	bare->handle = rd_kafka_topic_new(bare->producer, bare->topic, NULL);
}

/* The payload is lent to the library, and freed with the report. */
static void
produce(struct bare *bare, MQTTAsync_message *packet)
{
	rd_kafka_resp_err_t code;

	while ((code = rd_kafka_producev(
			bare->producer, RD_KAFKA_V_RKT(bare->handle),
			RD_KAFKA_V_VALUE(packet->payload, (size_t)packet->payloadlen),
			RD_KAFKA_V_OPAQUE(packet), RD_KAFKA_V_END)) ==
	       RD_KAFKA_RESP_ERR__QUEUE_FULL)
		usleep(1000);
	if (code)
		die("produce", rd_kafka_err2str(code));
}

/* Waits for an event and takes its reports; returns how many. */
static long
take_reports(rd_kafka_queue_t *queue)
{
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 100);
	const rd_kafka_message_t *report;
	long count = 0;

	while (event && (report = rd_kafka_event_message_next(event))) {
		MQTTAsync_message *packet = report->_private;

		if (report->err)
			die("report", rd_kafka_err2str(report->err));
		MQTTAsync_freeMessage(&packet);
		count++;
	}
	if (event)
		rd_kafka_event_destroy(event);
	return count;
}

/* --- MQTT ---------------------------------------------------------------------------------- */

static void
append(struct bare *bare, char *topic, int topic_length, const MQTTAsync_message *packet)
{
	uint32_t lengths[] = { (uint32_t)topic_length, (uint32_t)packet->payloadlen };
	struct iovec parts[] = {
		{ lengths, sizeof(lengths) },
		{ topic, (size_t)topic_length },
		{ packet->payload, (size_t)packet->payloadlen },
	};

	if (writev(bare->file, parts, 3) < 0 || (bare->is_synced && fdatasync(bare->file) != 0))
		die("file", "it takes no more");
}

static int
on_message(void *context, char *topic, int topic_length, MQTTAsync_message *packet)
{
	struct bare *bare = context;

	if (bare->received++ == 0) {
		clock_gettime(CLOCK_MONOTONIC, &bare->began);
		getrusage(RUSAGE_SELF, &bare->used);
		atomic_store(&bare->has_begun, true);
	}
	if (bare->file >= 0)
		append(bare, topic, topic_length ? topic_length : (int)strlen(topic), packet);
	MQTTAsync_free(topic);
	produce(bare, packet);
	return 1;
}

static void
on_lost(void *context, char *cause)
{
	(void)context;
	die("mqtt", cause ? cause : "the connection was lost");
}

static void
on_failure(void *context, MQTTAsync_failureData5 *data)
{
	(void)context;
	die("mqtt", data->message ? data->message : "refused");
}

static void
on_subscribed(void *context, MQTTAsync_successData5 *data)
{
	struct bare *bare = context;

	(void)data;
	atomic_store(&bare->is_subscribed, true);
}

static void
on_connected(void *context, MQTTAsync_successData5 *data)
{
	struct bare *bare = context;
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;

	(void)data;
	response.context = bare;
	response.onSuccess5 = on_subscribed;
	response.onFailure5 = on_failure;
	response.subscribeOptions.retainHandling = 1;
	if (MQTTAsync_subscribe(bare->client, bare->filter, 1, &response) != MQTTASYNC_SUCCESS)
		die("mqtt", "not subscribed");
}

static void
connect_client(struct bare *bare)
{
	MQTTAsync_createOptions creation = MQTTAsync_createOptions_initializer5;
	MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
	MQTTProperties properties = MQTTProperties_initializer;
	MQTTProperty expiry = { .identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL,
				.value.integer4 = 7 * 24 * 3600 };
	char uri[256];

	snprintf(uri, sizeof(uri), "mqtt://%s", bare->mqtt);
	if (MQTTAsync_createWithOptions(&bare->client, uri, bare->client_id,
					MQTTCLIENT_PERSISTENCE_NONE, NULL,
					&creation) != MQTTASYNC_SUCCESS)
		die("mqtt", "no client");
	MQTTAsync_setCallbacks(bare->client, bare, on_lost, on_message, NULL);
	MQTTProperties_add(&properties, &expiry);
	options.cleanstart = 0;
	options.connectProperties = &properties;
	options.keepAliveInterval = 30;
	options.context = bare;
	options.onSuccess5 = on_connected;
	options.onFailure5 = on_failure;
	if (MQTTAsync_connect(bare->client, &options) != MQTTASYNC_SUCCESS)
		die("mqtt", "not connected");
	MQTTProperties_free(&properties);
}

/* --- Figures ------------------------------------------------------------------------------- */

static double
microseconds(struct timeval time)
{
	return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

static void
print_figures(const struct bare *bare, long count)
{
	struct timespec now;
	struct rusage used;
	double seconds, processor;

	clock_gettime(CLOCK_MONOTONIC, &now);
	getrusage(RUSAGE_SELF, &used);
	seconds = (double)(now.tv_sec - bare->began.tv_sec) +
		  (double)(now.tv_nsec - bare->began.tv_nsec) / 1e9;
	processor = microseconds(used.ru_utime) + microseconds(used.ru_stime) -
		    microseconds(bare->used.ru_utime) - microseconds(bare->used.ru_stime);
	printf("messages=%ld seconds=%.3f rate=%.0f cpu_us=%.2f rss_kb=%ld\n", count, seconds,
	       (double)count / seconds, processor / (double)count, used.ru_maxrss);
}

static void
open_file(struct bare *bare, const char *path, bool is_synced)
{
	bare->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	bare->is_synced = is_synced;
	if (bare->file < 0)
		die(path, "not opened");
}

static void
read_arguments(struct bare *bare, int argc, char **argv)
{
	static const struct option options[] = {
		{ "mqtt", required_argument, NULL, 'm' },
		{ "kafka", required_argument, NULL, 'k' },
		{ "filter", required_argument, NULL, 'f' },
		{ "client-id", required_argument, NULL, 'c' },
		{ "topic", required_argument, NULL, 't' },
		{ "count", required_argument, NULL, 'n' },
		{ "append", required_argument, NULL, 'a' },
		{ "sync", required_argument, NULL, 's' },
		{ 0 },
	};

	for (int letter; (letter = getopt_long(argc, argv, "", options, NULL)) != -1;)
		switch (letter) {
		case 'm': bare->mqtt = optarg; break;
		case 'k': bare->kafka = optarg; break;
		case 'f': bare->filter = optarg; break;
		case 'c': bare->client_id = optarg; break;
		case 't': bare->topic = optarg; break;
		case 'n': bare->count = atol(optarg); break;
		case 'a': open_file(bare, optarg, false); break;
		case 's': open_file(bare, optarg, true); break;
		default: exit(2);
		}
	if (!bare->mqtt || !bare->kafka || !bare->filter || !bare->client_id || !bare->topic)
		die("arguments", "see the head of test/bench/bare_mqtt_kafka.c");
}

int
main(int argc, char **argv)
{
	struct bare bare = { .file = -1 };
	rd_kafka_queue_t *queue;
	long reported = 0;

	read_arguments(&bare, argc, argv);
	make_producer(&bare);
	queue = rd_kafka_queue_get_main(bare.producer);
	connect_client(&bare);
	while (!atomic_load(&bare.is_subscribed) || reported < bare.count)
		reported += take_reports(queue);
	if (bare.count > 0 && atomic_load(&bare.has_begun))
		print_figures(&bare, reported);
	MQTTAsync_destroy(&bare.client);
	while (rd_kafka_outq_len(bare.producer) > 0)
		take_reports(queue);
	rd_kafka_queue_destroy(queue);
	rd_kafka_topic_destroy(bare.handle);
	rd_kafka_destroy(bare.producer);
	return 0;
}
