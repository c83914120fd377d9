/* SPDX-License-Identifier: Apache-2.0
 *
 * file.h - what the parts of the file plugin share: an endpoint, its source half, its sink half.
 */
#ifndef DK_PLUGINS_FILE_H
#define DK_PLUGINS_FILE_H

#include "plugins/plugin.h"

struct file_config {
	int64_t poll_ms;    /* how often a file's end is looked at */
	bool keep_position; /* where reading stood is kept beside the file */
	const char *ending; /* of a written line */
	bool sync;
};

struct file_reader; /* one file that is read */

struct file_endpoint {
	const struct dk_host *host;
	struct dk_endpoint *handle;
	const struct file_config *config;

	struct file_reader *readers;
	size_t reader_count;

	/* Deliveries that were written, or could not be, and wait for the end of the turn. */
	struct dk_delivery *first;
	struct dk_delivery **end;
	struct dk_timer *settling;
	int fd;     /* the file that was written last; -1: none */
	char *path; /* its name */
	int sync_error;
};

extern const struct dk_source_functions file_source;
extern const struct dk_sink_functions file_sink;

/* Opens, and closes, what the source half reads; each file is one stream. */
void file_source_begin(struct file_endpoint *endpoint);
void file_source_end(struct file_endpoint *endpoint);

/* Settles all that was taken; the argument is the endpoint. */
void file_sink_settle(void *argument);
void file_sink_end(struct file_endpoint *endpoint);

#endif
