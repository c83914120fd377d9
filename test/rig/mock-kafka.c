/* SPDX-License-Identifier: Apache-2.0
 *
 * mock-kafka.c - librdkafka's in-memory Kafka as a program, for where no real one is needed.
 *
 *	mock-kafka [--topics a:4,b:1] [--faults PIPE]
 *
 * Prints 127.0.0.1:PORT once it is ready, and stays until SIGTERM, SIGINT or its parent's end.
 * Topics that are not named are made when first used. It keeps about 5 MB for each partition.
 *
 * Faults are lines of the pipe, in the protocol's numbers:
 *
 *	fail API CODE COUNT    the next so many requests of this kind (0 is Produce) fail so
 *	topic NAME CODE        what is said of this topic from now on; 0: nothing
 *
 *	mock-kafka --aborted HOST:PORT TOPIC COUNT
 *
 * Writes so many records to a real Kafka, in a transaction that it then aborts.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

__attribute__((noreturn)) static void
die(const char *what)
{
	fprintf(stderr, "mock-kafka: %s\n", what);
	exit(1);
}

/* The cluster wants a client to live in; this one is connected to nothing, and need not say so. */
static rd_kafka_t *
client_open(void)
{
	char error[512];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *client;

	rd_kafka_conf_set(conf, "log_level", "2", NULL, 0);
	client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
	if (!client)
		die(error);
	return client;
}

static void
make_topics(rd_kafka_mock_cluster_t *cluster, char *list)
{
	for (char *topic = strtok(list, ","); topic; topic = strtok(NULL, ",")) {
		char *colon = strchr(topic, ':');
		int partitions = colon ? atoi(colon + 1) : 4;

		if (colon)
			*colon = '\0';
		if (partitions < 1 || rd_kafka_mock_topic_create(cluster, topic, partitions, 1))
			die("a topic is NAME:PARTITIONS");
	}
}

static void
make_fault(rd_kafka_mock_cluster_t *cluster, const char *line)
{
	char topic[250];
	int api, code, count;

	if (sscanf(line, "fail %d %d %d", &api, &code, &count) == 3)
		while (count-- > 0)
			rd_kafka_mock_push_request_errors(cluster, (int16_t)api, 1, code);
	else if (sscanf(line, "topic %249s %d", topic, &code) == 2)
		rd_kafka_mock_topic_set_error(cluster, topic, code);
	else
		die("a fault is: fail API CODE COUNT, or topic NAME CODE");
}

struct faults {
	rd_kafka_mock_cluster_t *cluster;
	const char *pipe;
};

/* Each writer of the pipe ends it; then the next one is waited for. */
__attribute__((noreturn)) static void *
read_faults(void *argument)
{
	const struct faults *faults = argument;
	char line[400];

	for (;;) {
		FILE *pipe = fopen(faults->pipe, "r");

		if (!pipe)
			die("no such pipe");
		while (fgets(line, sizeof line, pipe))
			make_fault(faults->cluster, line);
		fclose(pipe);
	}
}

static void
block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigprocmask(SIG_BLOCK, set, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* --- A transaction that is aborted --- */

static void
check(rd_kafka_error_t *error)
{
	if (error)
		die(rd_kafka_error_string(error));
}

static rd_kafka_t *
transaction_open(const char *broker, const char *id)
{
	char error[512];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *client;

	rd_kafka_conf_set(conf, "bootstrap.servers", broker, NULL, 0);
	rd_kafka_conf_set(conf, "transactional.id", id, NULL, 0);
	client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
	if (!client)
		die(error);
	check(rd_kafka_init_transactions(client, 30000));
	check(rd_kafka_begin_transaction(client));
	return client;
}

static int
write_aborted(const char *broker, const char *topic, int count)
{
	rd_kafka_t *client = transaction_open(broker, topic);

	for (int i = 0; i < count; i++)
		if (rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic),
				      RD_KAFKA_V_VALUE((void *)"aborted", 7),
				      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END))
			die("Kafka refuses a record");
	if (rd_kafka_flush(client, 30000))
		die("Kafka does not answer");
	check(rd_kafka_abort_transaction(client, 30000));
	rd_kafka_destroy(client);
	return 0;
}

/* --- Arguments --- */

static const char *
option(int count, char **words, const char *name)
{
	for (int i = 1; i + 1 < count; i += 2)
		if (strcmp(words[i], name) == 0)
			return words[i + 1];
	return NULL;
}

int
main(int count, char **words)
{
	const char *topics = option(count, words, "--topics");
	struct faults faults = { .pipe = option(count, words, "--faults") };
	rd_kafka_t *client;
	pthread_t reader;
	sigset_t set;
	int received;

	if (count == 5 && strcmp(words[1], "--aborted") == 0)
		return write_aborted(words[2], words[3], atoi(words[4]));
	if (count != 1 + 2 * (topics != NULL) + 2 * (faults.pipe != NULL))
		die("only --topics NAME:PARTITIONS,... and --faults PIPE");
	block_signals(&set);
	client = client_open();
	faults.cluster = rd_kafka_mock_cluster_new(client, 1);
	if (!faults.cluster)
		die("no cluster could be made");
	if (topics)
		make_topics(faults.cluster, strdup(topics));
	if (faults.pipe && pthread_create(&reader, NULL, read_faults, &faults) != 0)
		die("no thread could be made");
	puts(rd_kafka_mock_cluster_bootstraps(faults.cluster));
	fflush(stdout);
	sigwait(&set, &received);
	/* Its reader may be in the middle of a line: the system takes all back. */
	if (faults.pipe)
		_exit(0);
	rd_kafka_mock_cluster_destroy(faults.cluster);
	rd_kafka_destroy(client);
	return 0;
}
