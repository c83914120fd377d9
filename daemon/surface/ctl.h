/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl.h - diolkosctl's own: what it was called with, how it asks a running diolkosd over its socket
 * (control.h), and its commands, a file for each theme.
 */
#ifndef DK_SURFACE_CTL_H
#define DK_SURFACE_CTL_H

#include <jansson.h>
#include <stdio.h>

#include "daemon/base/buffer.h"

#define CTL_HEADERS 64

/* What it was called with; options that were not given are NULL or false. */
struct ctl {
	char socket[256], unit[256]; /* the service whose socket it is */
	bool is_json;
	bool is_coloured;    /* standard output is a terminal, and wants colours */
	bool is_quiet;       /* whoever asks tells by himself that nobody answers */
	char **words;        /* what stands behind the command */
	int word_count;
	const char *key, *payload, *file, *route, *count, *every, *timeout, *bytes;
	const char *headers[CTL_HEADERS];
	size_t header_count;
	bool is_hex, is_all, is_route, is_endpoint;

	/* The last answer: */
	struct dk_buffer answer;
	long status; /* HTTP's */
};

/* Whether the text is a number from least to most; else that is said, with `what` before it. */
bool ctl_is_number(const char *what, const char *text, long long least, long long most);

/* --- Asking: ctl_ask.c --- */

/* A path with its query. */
void ctl_path(struct dk_buffer *path, const char *begin);
/* A parameter more; not where the value is NULL. */
void ctl_add(struct dk_buffer *path, const char *name, const char *value);

/* *Takes* the path, as all of these do. The exit status: EX_OK with an answer, which may be an
 * error's; else it was said why there is none. */
int ctl_ask(struct ctl *ctl, const char *method, struct dk_buffer *path);
int ctl_post(struct ctl *ctl, struct dk_buffer *path, struct dk_slice body);
/* The answer as JSON, to be released: *json is NULL, and the exit status not EX_OK, when there is
 * none or it is an error, which is then said. */
int ctl_ask_json(struct ctl *ctl, const char *method, struct dk_buffer *path, json_t **json);
/* Likewise, of an answer that is there. */
int ctl_read(struct ctl *ctl, json_t **json);
/* Each line of an answer that goes on, until `take` returns false or it ends. */
int ctl_follow(struct ctl *ctl, const char *method, struct dk_buffer *path,
	       bool (*take)(void *context, struct dk_slice line), void *context);

/* --- Showing: ctl_show.c --- */

long long ctl_number(const json_t *json, const char *name);
const char *ctl_text(const json_t *json, const char *name); /* "": it is none */
bool ctl_truth(const json_t *json, const char *name);
/* What came from outside must not write to a terminal as it likes. */
void ctl_put(const char *text);
/* A text, which may have NULs, behind what stands before it; nothing, and false, if it is empty. */
bool ctl_put_value(const char *before, const json_t *json, const char *name);
enum ctl_colour { CTL_GREEN, CTL_YELLOW, CTL_RED, CTL_DIM };
void ctl_put_coloured(const struct ctl *ctl, enum ctl_colour colour, const char *text);
/* As it was answered. */
void ctl_put_json(const json_t *json);
/* The account of each route, with what it waits for; of those alone that wait, or of all. */
void ctl_show_routes(const struct ctl *ctl, const json_t *routes);

/* --- Commands: the exit status --- */

typedef int ctl_command(struct ctl *ctl);

/* ctl_show.c */
ctl_command ctl_status, ctl_endpoints, ctl_routes, ctl_metrics, ctl_spool;
/* ctl_told.c */
ctl_command ctl_pause, ctl_resume, ctl_drain, ctl_log;
/* ctl_reload.c */
ctl_command ctl_reload;
/* ctl_message.c */
ctl_command ctl_explain, ctl_send;
/* ctl_tap.c */
ctl_command ctl_tap;
/* ctl_dead.c */
ctl_command ctl_dead;
/* ctl_top.c */
ctl_command ctl_top;

#endif
