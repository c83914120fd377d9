/* SPDX-License-Identifier: Apache-2.0
 *
 * source.c - reads files line by line, from where it stood, and follows them as they grow.
 *
 * A file is a stream, and a line's position in it is the offset of the line after it: exactly where
 * the next run has to begin once all up to it is settled.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/file/file.h"

#define LINES_A_TURN 100

struct file_reader {
	struct file_endpoint *endpoint;
	struct dk_subscription *subscription; /* its name is the path */
	struct dk_stream *stream;
	struct dk_timer *timer;
	FILE *file; /* NULL: not opened yet */
	char *line;
	size_t room;
	bool is_paused;
};

/* With the file's name: an endpoint reads several. */
static void
tell_fault(const struct file_reader *reader, const char *what, const char *name)
{
	const char *fault = strerror(errno);
	char why[512];

	snprintf(why, sizeof(why), "%.400s: %s", name, fault);
	reader->endpoint->host->trouble(reader->endpoint->handle, what, why);
}

/* The name of the file beside it that keeps where reading stood. */
static void
name_position(const struct file_reader *reader, char *name, size_t size)
{
	snprintf(name, size, "%s.position", reader->subscription->name);
}

static int64_t
load_position(const struct file_reader *reader)
{
	char name[4096];
	int64_t position = 0;
	FILE *file;

	name_position(reader, name, sizeof(name));
	if (!reader->endpoint->config->keep_position || !(file = fopen(name, "re")))
		return 0;
	if (fscanf(file, "%" SCNd64, &position) != 1)
		position = 0;
	fclose(file);
	return position;
}

/* Written anew and renamed, so that a crash leaves the old one or the new one. */
static void
save_position(const struct file_reader *reader, int64_t position)
{
	const struct dk_host *host = reader->endpoint->host;
	char name[4096], fresh[4100];
	FILE *file;
	bool is_written;

	name_position(reader, name, sizeof(name));
	snprintf(fresh, sizeof(fresh), "%s.new", name);
	file = fopen(fresh, "we");
	is_written = file && fprintf(file, "%" PRId64 "\n", position) > 0;
	if ((file && fclose(file) != 0) || !is_written || rename(fresh, name) != 0)
		tell_fault(reader, "position-not-kept", fresh);
	else
		host->trouble_over(reader->endpoint->handle, "position-not-kept");
}

static bool
open_file(struct file_reader *reader)
{
	const struct dk_host *host = reader->endpoint->host;

	if (reader->file)
		return true;
	reader->file = fopen(reader->subscription->name, "re");
	if (!reader->file || fseeko(reader->file, load_position(reader), SEEK_SET) != 0) {
		tell_fault(reader, "not-readable", reader->subscription->name);
		return false;
	}
	host->trouble_over(reader->endpoint->handle, "not-readable");
	return true;
}

/* One line, if there is a whole one: a line without an end is still being written. */
static bool
read_line(struct file_reader *reader)
{
	struct dk_message message = DK_MESSAGE_NONE;
	off_t before = ftello(reader->file);
	ssize_t length = getline(&reader->line, &reader->room, reader->file);

	if (length <= 0 || reader->line[length - 1] != '\n') {
		clearerr(reader->file);
		fseeko(reader->file, before, SEEK_SET);
		return false;
	}
	message.address = (struct dk_slice){ reader->subscription->name,
					     strlen(reader->subscription->name) };
	message.payload = (struct dk_slice){ reader->line, (size_t)length - 1 };
	message.stream = reader->stream;
	message.position = before + length;
	reader->endpoint->host->receive(reader->subscription, &message, NULL);
	return true;
}

/* A turn reads some lines and leaves; the rest comes in the next one, which is at once. */
static void
read_lines(void *argument)
{
	struct file_reader *reader = argument;
	bool has_more = open_file(reader);

	for (int i = 0; i < LINES_A_TURN && has_more && !reader->is_paused; i++)
		has_more = read_line(reader);
	if (!reader->is_paused)
		reader->endpoint->host->timer_set(
			reader->timer, has_more ? 0 : reader->endpoint->config->poll_ms);
}

static void
subscribe(void *argument, struct dk_subscription *const *subscriptions, size_t count)
{
	struct file_endpoint *endpoint = argument;

	endpoint->readers = calloc(count, sizeof(*endpoint->readers));
	if (!endpoint->readers)
		abort();
	endpoint->reader_count = count;
	for (size_t i = 0; i < count; i++) {
		struct file_reader *reader = &endpoint->readers[i];

		reader->endpoint = endpoint;
		reader->subscription = subscriptions[i];
		reader->timer = endpoint->host->timer_new(endpoint->handle, read_lines, reader);
	}
}

void
file_source_begin(struct file_endpoint *endpoint)
{
	for (size_t i = 0; i < endpoint->reader_count; i++) {
		struct file_reader *reader = &endpoint->readers[i];

		reader->stream = endpoint->host->stream_open(endpoint->handle,
							     reader->subscription->name, reader);
		endpoint->host->timer_set(reader->timer, 0);
	}
}

void
file_source_end(struct file_endpoint *endpoint)
{
	for (size_t i = 0; i < endpoint->reader_count; i++) {
		struct file_reader *reader = &endpoint->readers[i];

		if (reader->stream)
			endpoint->host->stream_close(reader->stream);
		endpoint->host->timer_free(reader->timer);
		if (reader->file)
			fclose(reader->file);
		free(reader->line);
	}
	free(endpoint->readers);
}

static void
pause_stream(void *argument, struct dk_stream *stream)
{
	struct file_reader *reader = stream->plugin;

	(void)argument;
	reader->is_paused = true;
	reader->endpoint->host->timer_set(reader->timer, -1);
}

static void
resume_stream(void *argument, struct dk_stream *stream)
{
	struct file_reader *reader = stream->plugin;

	(void)argument;
	reader->is_paused = false;
	reader->endpoint->host->timer_set(reader->timer, 0);
}

static void
settled(void *argument, const struct dk_settlement *settlements, size_t count)
{
	struct file_endpoint *endpoint = argument;

	for (size_t i = 0; i < count && endpoint->config->keep_position; i++)
		save_position(settlements[i].stream->plugin, settlements[i].position);
}

static void
stop(void *argument)
{
	struct file_endpoint *endpoint = argument;

	for (size_t i = 0; i < endpoint->reader_count; i++) {
		endpoint->readers[i].is_paused = true;
		endpoint->host->timer_set(endpoint->readers[i].timer, -1);
	}
}

/* A line is a payload and nothing else. */
static unsigned
brings(const void *config)
{
	(void)config;
	return 0;
}

const struct dk_source_functions file_source = {
	.waiting = DK_HOLDS,
	.settling = DK_SETTLES_PREFIX,
	.subscribe = subscribe,
	.pause = pause_stream,
	.resume = resume_stream,
	.settled = settled,
	.stop = stop,
	.brings = brings,
};
