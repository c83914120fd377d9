/* SPDX-License-Identifier: Apache-2.0
 *
 * options.c - the command line's options, as rows.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"

struct option_row {
	const char *name;
	bool is_number;
	size_t offset;
	uint64_t initial;
	const char *help;
};

#define TEXT(name, member, help)                                       \
	{                                                              \
		name, false, offsetof(struct options, member), 0, help \
	}
#define NUMBER(name, member, initial, help)                                 \
	{                                                                   \
		name, true, offsetof(struct options, member), initial, help \
	}

static const struct option_row rows[] = {
	TEXT("--broker", broker, "host:port"),
	TEXT("--address", address, "where to send (%k is the key's number) or what to drain"),
	TEXT("--run", run, "a word that names this run in each record (default: audit)"),
	TEXT("--log", log, "the journal, appended to"),
	TEXT("--client-id", client_id, "mqtt: the persistent session to drain"),
	TEXT("--vhost", vhost, "amqp: the virtual host (default: /)"),
	TEXT("--exchange", exchange, "amqp: the exchange to prepare"),
	TEXT("--queue", queue, "amqp: the queue to prepare"),
	TEXT("--binding", binding, "amqp: its binding key"),
	TEXT("--filter", filter, "mqtt: the filter to subscribe to"),
	TEXT("--topic", topic, "kafka: the topic to prepare"),
	NUMBER("--partitions", partitions, 4, "kafka: of that topic"),
	NUMBER("--count", count, 1000, "records to send"),
	NUMBER("--keys", keys, 16, "keys to spread them over"),
	NUMBER("--first", first, 0, "the first id"),
	NUMBER("--size", size, 100, "bytes in a payload"),
	NUMBER("--rate", rate, 0, "records a second at most; 0: as fast as it goes"),
	NUMBER("--window", window, 100, "records without an answer at most"),
	NUMBER("--until", until, 0, "drain: distinct ids to wait for"),
	NUMBER("--quiet", quiet_ms, 3000, "drain: ms without an arrival that end it after that"),
	NUMBER("--patience", patience_ms, 60000, "drain: ms without an arrival that end it anyway"),
};

#define ROWS (sizeof rows / sizeof rows[0])

void
die(const char *format, ...)
{
	va_list values;

	fputs("audit: ", stderr);
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fputc('\n', stderr);
	exit(2);
}

static void
set(struct options *options, const struct option_row *row, const char *value)
{
	char *place = (char *)options + row->offset;
	uint64_t number;
	char *end;

	if (!row->is_number) {
		memcpy(place, &value, sizeof value);
		return;
	}
	errno = 0;
	number = strtoull(value, &end, 10);
	if (errno || *end || end == value || *value == '-')
		die("%s wants a number, not %s", row->name, value);
	memcpy(place, &number, sizeof number);
}

static const struct option_row *
find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	die("no option %s; see audit help", name);
}

void
options_read(struct options *options, int count, char **words)
{
	*options = (struct options){ .run = "audit", .vhost = "/" };
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].is_number)
			memcpy((char *)options + rows[i].offset, &rows[i].initial,
			       sizeof rows[i].initial);
	for (int i = 0; i < count; i += 2) {
		const struct option_row *row = find(words[i]);

		if (i + 1 == count)
			die("%s wants a value", words[i]);
		set(options, row, words[i + 1]);
	}
	if (options->keys == 0 || options->window == 0)
		die("--keys and --window are at least 1");
	if (strlen(options->run) >= RUN_SIZE || strpbrk(options->run, " \t\n"))
		die("--run is one word of at most %d bytes", RUN_SIZE - 1);
}

void
options_help(FILE *out)
{
	for (size_t i = 0; i < ROWS; i++)
		fprintf(out, "  %-14s %s\n", rows[i].name, rows[i].help);
}

void
options_broker(const struct options *options, char host[256], int *port)
{
	if (!options->broker || sscanf(options->broker, "%255[^:]:%d", host, port) != 2)
		die("--broker wants host:port");
}
