/* SPDX-License-Identifier: Apache-2.0
 *
 * main.c - audit: sends numbered records, drains them elsewhere, and accounts for every one.
 */
#include <string.h>

#include "audit.h"

struct protocol {
	const char *name;
	void (*prepare)(const struct options *options);
	void (*send)(struct sender *sender);
	void (*drain)(struct drain *drain);
};

static const struct protocol protocols[] = {
	{ "mqtt", mqtt_prepare, mqtt_send, mqtt_drain },
	{ "kafka", kafka_prepare, kafka_send, kafka_drain },
	{ "amqp", amqp_prepare, amqp_send, amqp_drain },
};

static const struct protocol *
protocol_read(struct options *options, int count, char **words)
{
	if (count < 1)
		die("which protocol: mqtt, kafka or amqp?");
	options_read(options, count - 1, words + 1);
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
		if (strcmp(protocols[i].name, words[0]) == 0)
			return &protocols[i];
	die("no protocol %s, only mqtt, kafka and amqp", words[0]);
}

static int
prepare_command(int count, char **words)
{
	struct options options;

	protocol_read(&options, count, words)->prepare(&options);
	return 0;
}

static int
send_command(int count, char **words)
{
	struct options options;
	const struct protocol *protocol = protocol_read(&options, count, words);
	struct sender sender;

	sender_open(&sender, &options);
	protocol->send(&sender);
	return sender_close(&sender);
}

static int
drain_command(int count, char **words)
{
	struct options options;
	const struct protocol *protocol = protocol_read(&options, count, words);
	struct drain drain;

	drain_open(&drain, &options);
	protocol->drain(&drain);
	return drain_close(&drain);
}

static int help_command(int count, char **words);

struct command {
	const char *name;
	int (*run)(int count, char **words);
	const char *help;
};

static const struct command commands[] = {
	{ "prepare", prepare_command,
	  "mqtt|kafka|amqp: subscription, topic, or exchange and queue" },
	{ "send", send_command, "mqtt|kafka|amqp: sends, and notes what was acknowledged" },
	{ "drain", drain_command, "mqtt|kafka|amqp: reads all that arrives, and notes it" },
	{ "check", check_command,
	  "--sent FILE.. --seen FILE.. [--dead FILE..] [--max-repeats N] [--lost FILE]\n"
	  "                [--forgive FILE..]: the account; --lost writes what another check forgives" },
	{ "selftest", selftest_command, "planted histories, each of which must be called right" },
	{ "help", help_command, "this" },
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static int
help_command(int count, char **words)
{
	(void)count;
	(void)words;
	for (size_t i = 0; i < COMMANDS; i++)
		printf("audit %-9s %s\n", commands[i].name, commands[i].help);
	options_help(stdout);
	return 0;
}

int
main(int count, char **words)
{
	for (size_t i = 0; count > 1 && i < COMMANDS; i++)
		if (strcmp(words[1], commands[i].name) == 0)
			return commands[i].run(count - 2, words + 2);
	help_command(0, NULL);
	return 2;
}
