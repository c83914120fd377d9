/* SPDX-License-Identifier: Apache-2.0
 *
 * arguments.c - the command line.
 */
#include "daemon/surface/arguments.h"

#include <stdio.h>
#include <string.h>

#define FILE_PRESET "/etc/diolkos/diolkos.conf"

#define TEXT(member) offsetof(struct dk_arguments, member)

/* What an argument does: sets the mode, or something else by its letter. */
static const struct argument {
	const char *letter, *word;
	const char *value; /* the name of what follows; NULL: nothing does */
	enum dk_mode mode; /* DK_MODE_RUN: it sets no mode */
	const char *help;
	size_t offset; /* of where the value goes in struct dk_arguments */
} table[] = {
	{ "-c", "--config", "FILE", DK_MODE_RUN, "read FILE instead of " FILE_PRESET,
	  TEXT(file) },
	{ "-t", "--test", NULL, DK_MODE_CHECK, "check the configuration, connect nothing", 0 },
	{ "-T", "--print", NULL, DK_MODE_PRINT, "check it, and print it as it is understood", 0 },
	{ "-e", "--explain", "ADDRESS", DK_MODE_EXPLAIN,
	  "which routes a message at endpoint:address takes, and why not the others",
	  TEXT(address) },
	{ "-k", "--key", "KEY", DK_MODE_RUN, "with --explain, the message's key", TEXT(key) },
	{ "-p", "--payload", "TEXT", DK_MODE_RUN, "with --explain, its payload", TEXT(payload) },
	{ "-H", "--header", "HEADER", DK_MODE_RUN,
	  "with --explain, a header of it, \"name: value\"; may come more than once", 0 },
	{ "-d", "--dead", "WHAT", DK_MODE_DEAD,
	  "the store of dead letters: list, the number of one to show, replay or drop (these two "
	  "while no other diolkosd runs)",
	  TEXT(dead) },
	{ "-r", "--route", "ROUTE", DK_MODE_RUN, "with --dead, the letters of this route alone",
	  TEXT(route) },
	{ "-o", "--options", "WHAT", DK_MODE_OPTIONS,
	  "what can be set for a plugin, or whatever the plugin is (diolkos), and how", TEXT(what) },
	{ "-a", "--as", "FORM", DK_MODE_RUN,
	  "with --options, as text, or as part of a man page, sample or schema", TEXT(form) },
	{ "-f", "--foreground", NULL, DK_MODE_RUN, "stay in the foreground (it always does)", 0 },
	{ "-W", "--strict", NULL, DK_MODE_RUN,
	  "take a warning about the configuration as an error", 0 },
	{ "-v", "--verbose", NULL, DK_MODE_RUN, "log more, and each delivery's way: the level debug", 0 },
	{ "-h", "--help", NULL, DK_MODE_HELP, "this", 0 },
	{ "-V", "--version", NULL, DK_MODE_VERSION, "the version", 0 },
};

#define ROWS (sizeof(table) / sizeof(table[0]))

void
dk_arguments_help(void)
{
	puts("Usage: diolkosd [-c FILE] [-f] [-v]         carry messages\n"
	     "       diolkosd [-c FILE] -t | -T [-W]      check the configuration\n"
	     "       diolkosd [-c FILE] --explain ADDRESS [--key KEY] [--payload TEXT] [--header HEADER]…\n"
	     "       diolkosd [-c FILE] --dead list|replay|drop|NUMBER [--route ROUTE]\n"
	     "       diolkosd --options PLUGIN|diolkos [--as FORM]\n");
	for (size_t i = 0; i < ROWS; i++) {
		char names[40];

		snprintf(names, sizeof(names), "%s, %s%s%s", table[i].letter, table[i].word,
			 table[i].value ? " " : "", table[i].value ? table[i].value : "");
		printf("  %-26s %s\n", names, table[i].help);
	}
	puts("\nExit status: 0; 64 the command line, 69 something it needs cannot be had,\n"
	     "75 the disk does not take what a broker wants acknowledged, 78 the configuration.\n\n"
	     "Manual pages: diolkos.conf(5), diolkos-mqtt(7), diolkos-kafka(7), "
	     "diolkos-rabbitmq(7).");
}

static const struct argument *
find(const char *word)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(word, table[i].letter) == 0 || strcmp(word, table[i].word) == 0)
			return &table[i];
	return NULL;
}

/* Those without a place in the table: by their letter. */
static void
apply_flag(struct dk_arguments *arguments, char letter, const char *value)
{
	if (letter == 'v')
		arguments->is_verbose = true;
	else if (letter == 'W')
		arguments->is_strict = true;
	else if (letter == 'H' && arguments->header_count < DK_ARGUMENT_HEADERS)
		arguments->headers[arguments->header_count++] = value;
}

static void
apply(struct dk_arguments *arguments, const struct argument *argument, const char *value)
{
	if (argument->mode != DK_MODE_RUN)
		arguments->mode = argument->mode;
	if (argument->offset > 0)
		*(const char **)(void *)((char *)arguments + argument->offset) = value;
	else
		apply_flag(arguments, argument->letter[1], value);
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
