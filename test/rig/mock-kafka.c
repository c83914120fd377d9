/* SPDX-License-Identifier: Apache-2.0
 *
 * mock-kafka.c - librdkafka's in-memory Kafka as a program, for where no real one is needed.
 *
 *	mock-kafka [--topics a:4,b:1]
 *
 * Prints 127.0.0.1:PORT once it is ready, and stays until SIGTERM, SIGINT or its parent's end.
 * Topics that are not named are made when first used. It keeps about 5 MB for each partition.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
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
block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigprocmask(SIG_BLOCK, set, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

int
main(int count, char **words)
{
	rd_kafka_mock_cluster_t *cluster;
	rd_kafka_t *client;
	sigset_t set;
	int received;

	if (count != 1 && (count != 3 || strcmp(words[1], "--topics") != 0))
		die("only --topics NAME:PARTITIONS,...");
	block_signals(&set);
	client = client_open();
	cluster = rd_kafka_mock_cluster_new(client, 1);
	if (!cluster)
		die("no cluster could be made");
	if (count == 3)
		make_topics(cluster, words[2]);
	puts(rd_kafka_mock_cluster_bootstraps(cluster));
	fflush(stdout);
	sigwait(&set, &received);
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(client);
	return 0;
}
