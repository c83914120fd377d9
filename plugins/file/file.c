/* SPDX-License-Identifier: Apache-2.0
 *
 * file.c - the file plugin: lines of files come in as messages, messages go out as lines of files.
 *
 * The second plugin to copy: one that is source and sink, in a file for each half, and whose source
 * holds: it lets go of a line only when it is settled.
 */
#include <stdlib.h>

#include "plugins/file/file.h"

static void *
open_endpoint(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
	      const void *config, struct dk_error *error)
{
	struct file_endpoint *endpoint = calloc(1, sizeof(*endpoint));

	(void)name;
	(void)error;
	if (!endpoint)
		abort();
	endpoint->host = host;
	endpoint->handle = handle;
	endpoint->config = config;
	endpoint->fd = -1;
	endpoint->end = &endpoint->first;
	endpoint->settling = host->timer_new(handle, file_sink_settle, endpoint);
	return endpoint;
}

static void
connect_endpoint(void *argument)
{
	struct file_endpoint *endpoint = argument;

	endpoint->host->up(endpoint->handle);
	file_source_begin(endpoint);
}

static void
close_endpoint(void *argument)
{
	struct file_endpoint *endpoint = argument;

	file_sink_settle(endpoint);
	file_sink_end(endpoint);
	file_source_end(endpoint);
	endpoint->host->timer_free(endpoint->settling);
	endpoint->host->closed(endpoint->handle);
	free(endpoint);
}

static const struct dk_option endpoint_rows[] = {
	{ "poll", DK_DURATION, DK_AT(struct file_config, poll_ms, int64_t), .preset = "1s",
	  .min = 10, .max = 3600000, .help = "How often the end of a file is looked at for more." },
	{ "keep_position", DK_TRUTH, DK_AT(struct file_config, keep_position, bool),
	  .preset = "true",
	  .help = "Keeps where reading stood, in a file beside it that ends with .position." },
	{ "ending", DK_TEXT, DK_AT(struct file_config, ending, const char *), .preset = "\n",
	  .help = "What ends a line that is written." },
	{ "sync", DK_TRUTH, DK_AT(struct file_config, sync, bool), .preset = "false",
	  .help = "Accepts a line only when a power cut can't take it back." },
	{ 0 },
};

const struct dk_plugin dk_plugin = {
	.abi = DK_ABI,
	.size = sizeof(struct dk_plugin),
	.name = "file",
	.summary = "reads lines of files and writes lines to files",
	.dialect = DK_PATH,
	.endpoint = { sizeof(struct file_config), endpoint_rows, NULL, NULL, NULL },
	.open = open_endpoint,
	.connect = connect_endpoint,
	.close = close_endpoint,
	.source = &file_source,
	.sink = &file_sink,
};
