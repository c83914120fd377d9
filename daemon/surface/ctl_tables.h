/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_tables.h - the commands and options of diolkosctl: what the command line is read by, help is
 * written from, and shells complete.
 */
#ifndef DK_SURFACE_CTL_TABLES_H
#define DK_SURFACE_CTL_TABLES_H

#include "daemon/surface/ctl.h"

#define CTL_SOCKET_PRESET "/run/diolkos/control"
#define CTL_COMMON "sijhV" /* the options of every command */

enum ctl_option_kind {
	CTL_OPTION_ELSE,   /* by its letter */
	CTL_OPTION_TEXT,   /* a const char * of struct ctl */
	CTL_OPTION_NUMBER, /* likewise, from least to most */
	CTL_OPTION_FLAG,   /* a bool of struct ctl */
};

/* Each has a letter of its own, which stands for it on the command line if is_short. */
struct ctl_option {
	int letter;
	bool is_short;
	const char *word, *value; /* value NULL: nothing follows */
	enum ctl_option_kind kind;
	size_t offset; /* in struct ctl */
	long long least, most; /* of a number */
	const char *help;
};

/* What the words behind a command are. */
enum ctl_words {
	CTL_NOTHING,
	CTL_ROUTES,
	CTL_ENDPOINTS, /* with an address behind them */
	CTL_NAMES,     /* of routes and endpoints */
	CTL_DEAD,
	CTL_LEVELS,
	CTL_PLUGINS,
};

struct ctl_row {
	const char *name;
	enum ctl_words words;
	const char *arguments; /* for people */
	int least, most;       /* words */
	const char *options;   /* letters, besides the common ones */
	const char *help;
	ctl_command *run;
};

extern const struct ctl_option ctl_options[];
extern const size_t ctl_option_count;
extern const struct ctl_row ctl_rows[];
extern const size_t ctl_row_count;

/* ctl_complete.c: prints what the last of the words may become, a line each; the first is the
 * program's name. */
int ctl_complete(struct ctl *ctl, int count, char **words);

#endif
