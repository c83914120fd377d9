/* SPDX-License-Identifier: Apache-2.0
 *
 * arguments.h - the command line, from a table.
 */
#ifndef DK_SURFACE_ARGUMENTS_H
#define DK_SURFACE_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#define DK_ARGUMENT_HEADERS 32

enum dk_mode {
	DK_MODE_RUN,
	DK_MODE_CHECK,
	DK_MODE_PRINT,
	DK_MODE_EXPLAIN,
	DK_MODE_DEAD,
	DK_MODE_OPTIONS,
	DK_MODE_HELP,
	DK_MODE_VERSION,
};

struct dk_arguments {
	enum dk_mode mode;
	const char *file;
	const char *address; /* of DK_MODE_EXPLAIN */
	const char *what;    /* of DK_MODE_OPTIONS: whose */
	const char *form;    /* and in which form; NULL: as text */
	const char *dead;    /* of DK_MODE_DEAD: what to do */
	const char *route;   /* of DK_MODE_DEAD: with whose letters; NULL: all */
	const char *key, *payload; /* of DK_MODE_EXPLAIN: the message's; NULL: it has none */
	const char *headers[DK_ARGUMENT_HEADERS]; /* "name: value" */
	size_t header_count;
	bool is_all; /* with DK_MODE_EXPLAIN: each route that does not take it */
	bool is_verbose;
	bool is_strict; /* a warning about the configuration is an error */
};

/* 0; -1 when they make no sense, which has then been said on standard error. */
int dk_arguments_read(struct dk_arguments *arguments, int count, char **words);
void dk_arguments_help(void);

#endif
