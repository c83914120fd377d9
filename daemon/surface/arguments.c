/* SPDX-License-Identifier: Apache-2.0
 *
 * arguments.c - the command line.
 */
#include "daemon/surface/arguments.h"

#include <stdio.h>
#include <string.h>

#define FILE_PRESET "/etc/diolkos/diolkos.conf"

/* What an argument does: sets the mode, or something else by its letter. */
static const struct argument {
	const char *letter, *word;
	const char *value; /* the name of what follows; NULL: nothing does */
	enum dk_mode mode; /* DK_MODE_RUN: it sets no mode */
	const char *help;
} table[] = {
	{ "-c", "--config", "FILE", DK_MODE_RUN, "read FILE instead of " FILE_PRESET },
	{ "-t", "--test", NULL, DK_MODE_CHECK, "check the configuration, connect nothing" },
	{ "-T", "--print", NULL, DK_MODE_PRINT, "check it, and print it as it is understood" },
	{ "-e", "--explain", "ADDRESS", DK_MODE_EXPLAIN,
	  "which routes a message at endpoint:address takes, and why not the others" },
	{ "-d", "--dead", "WHAT", DK_MODE_DEAD,
	  "the store of dead letters: list, the number of one to show, replay or drop (these two "
	  "while no other diolkosd runs)" },
	{ "-r", "--route", "ROUTE", DK_MODE_RUN, "with --dead, the letters of this route alone" },
	{ "-o", "--options", "PLUGIN", DK_MODE_OPTIONS, "what can be set for the plugin, and how" },
	{ "-f", "--foreground", NULL, DK_MODE_RUN, "stay in the foreground (it always does)" },
	{ "-W", "--strict", NULL, DK_MODE_RUN,
	  "take a warning about the configuration as an error" },
	{ "-v", "--verbose", NULL, DK_MODE_RUN, "log each delivery's way" },
	{ "-h", "--help", NULL, DK_MODE_HELP, "this" },
	{ "-V", "--version", NULL, DK_MODE_VERSION, "the version" },
};

#define ROWS (sizeof(table) / sizeof(table[0]))

void
dk_arguments_help(void)
{
	puts("Usage: diolkosd [-c FILE] [-f] [-v]         carry messages\n"
	     "       diolkosd [-c FILE] -t | -T [-W]      check the configuration\n"
	     "       diolkosd [-c FILE] --explain ADDRESS\n"
	     "       diolkosd [-c FILE] --dead list|replay|drop|NUMBER [--route ROUTE]\n"
	     "       diolkosd --options PLUGIN\n");
	for (size_t i = 0; i < ROWS; i++) {
		char names[40];

		snprintf(names, sizeof(names), "%s, %s%s%s", table[i].letter, table[i].word,
			 table[i].value ? " " : "", table[i].value ? table[i].value : "");
		printf("  %-26s %s\n", names, table[i].help);
	}
	puts("\nExit status: 0; 64 the command line, 69 something it needs cannot be had,\n"
	     "75 the disk does not take what a broker wants acknowledged, 78 the configuration.");
}

static const struct argument *
find(const char *word)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(word, table[i].letter) == 0 || strcmp(word, table[i].word) == 0)
			return &table[i];
	return NULL;
}

static void
apply(struct dk_arguments *arguments, const struct argument *argument, const char *value)
{
	if (argument->mode != DK_MODE_RUN)
		arguments->mode = argument->mode;
	if (argument->mode == DK_MODE_EXPLAIN)
		arguments->address = value;
	else if (argument->mode == DK_MODE_OPTIONS)
		arguments->plugin = value;
	else if (argument->mode == DK_MODE_DEAD)
		arguments->dead = value;
	else if (argument->letter[1] == 'r')
		arguments->route = value;
	else if (argument->letter[1] == 'c')
		arguments->file = value;
	else if (argument->letter[1] == 'v')
		arguments->is_verbose = true;
	else if (argument->letter[1] == 'W')
		arguments->is_strict = true;
}

int
dk_arguments_read(struct dk_arguments *arguments, int count, char **words)
{
	*arguments = (struct dk_arguments){ .file = FILE_PRESET };
	for (int i = 1; i < count; i++) {
		const struct argument *argument = find(words[i]);

		if (!argument) {
			fprintf(stderr, "diolkosd: there is no argument %s; diolkosd --help?\n",
				words[i]);
			return -1;
		}
		if (argument->value && i + 1 == count) {
			fprintf(stderr, "diolkosd: %s wants a %s\n", words[i], argument->value);
			return -1;
		}
		apply(arguments, argument, argument->value ? words[i + 1] : NULL);
		i += argument->value != NULL;
	}
	return 0;
}
