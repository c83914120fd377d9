/* SPDX-License-Identifier: Apache-2.0
 *
 * diolkosctl.c - asks and tells a running diolkosd: the command line, from tables.
 */
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/base/suggest.h"
#include "daemon/surface/ctl_tables.h"
#include "daemon/surface/version.h"

#define OPTIONS_MOST 64

/* --- Help --- */

static void
put_option(const struct ctl_option *row, FILE *out)
{
	char names[40];

	snprintf(names, sizeof(names), "%c%c%s --%s%s%s", row->is_short ? '-' : ' ',
		 row->is_short ? row->letter : ' ', row->is_short ? "," : " ", row->word,
		 row->value ? " " : "", row->value ? row->value : "");
	fprintf(out, "  %-24s %s\n", names, row->help);
}

static void
put_options(const char *letters, FILE *out)
{
	for (size_t i = 0; i < ctl_option_count; i++)
		if (strchr(letters, ctl_options[i].letter))
			put_option(&ctl_options[i], out);
}

static int
help(void)
{
	puts("Usage: diolkosctl [-s SOCKET | -i INSTANCE] [-j] COMMAND [ARGUMENT...]\n");
	put_options(CTL_COMMON, stdout);
	putchar('\n');
	for (size_t i = 0; i < ctl_row_count; i++)
		printf("  %-10s %s\n", ctl_rows[i].name, ctl_rows[i].help);
	puts("\ndiolkosctl COMMAND --help says what a command takes.\n\n"
	     "Exit status: 0; 64 the command line, 65 what was sent did not arrive, 66 a file\n"
	     "cannot be read, 69 nobody answers, 75 what came of it is not known yet, 77 it is\n"
	     "not for you, 78 the configuration is refused.");
	return EX_OK;
}

static int
help_command(const struct ctl_row *command)
{
	printf("Usage: diolkosctl %s%s%s%s\n\n  %s\n\n", command->name,
	       *command->options ? " [OPTION...]" : "", *command->arguments ? " " : "",
	       command->arguments, command->help);
	put_options(command->options, stdout);
	put_options(CTL_COMMON, stdout);
	return EX_OK;
}

/* --- Reading --- */

static int
tell_unknown(const char *what, const char *name, const char *nearest)
{
	fprintf(stderr, "diolkosctl: there is no %s %s; ", what, name);
	if (nearest)
		fprintf(stderr, "%s%s?\n", *name == '-' ? "--" : "", nearest);
	else
		fputs("diolkosctl --help?\n", stderr);
	return EX_USAGE;
}

static const struct ctl_option *
find_option(int letter)
{
	for (size_t i = 0; i < ctl_option_count; i++)
		if (ctl_options[i].letter == letter)
			return &ctl_options[i];
	return NULL;
}

/* What getopt_long takes of the options with these letters. */
struct grammar {
	char letters[OPTIONS_MOST];
	struct option words[OPTIONS_MOST];
};

static void
write_grammar(struct grammar *grammar, const char *begin, const char *more)
{
	char *end = stpcpy(grammar->letters, begin);
	size_t count = 0;

	for (size_t i = 0; i < ctl_option_count; i++) {
		const struct ctl_option *row = &ctl_options[i];

		if (!strchr(CTL_COMMON, row->letter) && !strchr(more, row->letter))
			continue;
		grammar->words[count++] = (struct option){
			row->word, row->value ? required_argument : no_argument, NULL, row->letter
		};
		if (row->is_short)
			*end++ = (char)row->letter;
		if (row->is_short && row->value)
			*end++ = ':';
	}
	*end = '\0';
	grammar->words[count] = (struct option){ 0 };
}

static int
tell_fault(const struct grammar *grammar, int code, char **words)
{
	const char *word = words[optind - 1];
	struct dk_suggestion suggestion = { .written = dk_slice_of(word) };

	if (code == ':') {
		fprintf(stderr, "diolkosctl: %s wants a value; diolkosctl --help?\n", word);
		return EX_USAGE;
	}
	suggestion.written = dk_slice_after(suggestion.written, strspn(word, "-"));
	suggestion.written.length = strcspn(suggestion.written.data, "=");
	for (size_t i = 0; grammar->words[i].name; i++)
		dk_suggest(&suggestion, grammar->words[i].name);
	if (optopt && !strchr(word, optopt))
		return tell_unknown("option", (char[]){ '-', (char)optopt, '\0' }, NULL);
	return tell_unknown("option", word, suggestion.nearest);
}

bool
ctl_is_number(const char *what, const char *text, long long least, long long most)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (isdigit((unsigned char)*text) && !*end && errno == 0 && number >= least &&
	    number <= most)
		return true;
	fprintf(stderr, "diolkosctl: %s %s; a number from %lld to %lld?\n", what, text, least,
		most);
	return false;
}

static bool
is_fit(const struct ctl_option *row, const char *value)
{
	char name[40];

	snprintf(name, sizeof(name), "--%s", row->word);
	return row->kind != CTL_OPTION_NUMBER ||
	       ctl_is_number(name, value, row->least, row->most);
}

static void
choose_instance(struct ctl *ctl, const char *name)
{
	snprintf(ctl->socket, sizeof(ctl->socket), "/run/diolkos-%s/control", name);
	snprintf(ctl->unit, sizeof(ctl->unit), "diolkos@%s", name);
}

static void
apply(struct ctl *ctl, const struct ctl_option *row, const char *value)
{
	char *place = (char *)ctl + row->offset;

	if (row->kind == CTL_OPTION_TEXT || row->kind == CTL_OPTION_NUMBER)
		*(const char **)(void *)place = value;
	else if (row->kind == CTL_OPTION_FLAG)
		*(bool *)place = true;
	else if (row->letter == 's')
		snprintf(ctl->socket, sizeof(ctl->socket), "%s", value);
	else if (row->letter == 'i')
		choose_instance(ctl, value);
	else if (row->letter == 'H' && ctl->header_count < CTL_HEADERS)
		ctl->headers[ctl->header_count++] = value;
}

enum reading { READ, READ_HELP, READ_VERSION, READ_FAULT };

/* Up to the first word that is none, or all of them; optind stands behind. */
static enum reading
read_options(struct ctl *ctl, const struct grammar *grammar, int count, char **words)
{
	enum reading reading = READ;
	int code;

	opterr = 0;
	while ((code = getopt_long(count, words, grammar->letters, grammar->words, NULL)) != -1) {
		if (code == '?' || code == ':') {
			tell_fault(grammar, code, words);
			return READ_FAULT;
		}
		if (!is_fit(find_option(code), optarg))
			return READ_FAULT;
		if (code == 'h' || code == 'V')
			reading = code == 'h' ? READ_HELP : READ_VERSION;
		else
			apply(ctl, find_option(code), optarg);
	}
	return reading;
}

static const struct ctl_row *
find_command(const char *name)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(name) };

	for (size_t i = 0; i < ctl_row_count; i++) {
		if (strcmp(ctl_rows[i].name, name) == 0)
			return &ctl_rows[i];
		dk_suggest(&suggestion, ctl_rows[i].name);
	}
	tell_unknown("command", name, suggestion.nearest);
	return NULL;
}

static int
run(struct ctl *ctl, const struct ctl_row *command)
{
	int result;

	if (ctl->word_count < command->least || ctl->word_count > command->most) {
		fprintf(stderr, "diolkosctl: %s takes %s; diolkosctl %s --help?\n", command->name,
			*command->arguments ? command->arguments : "no argument", command->name);
		return EX_USAGE;
	}
	ctl->is_coloured = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	result = command->run(ctl);
	curl_global_cleanup();
	dk_buffer_clear(&ctl->answer);
	return result;
}

/* words[0] is the command. */
static int
read_command(struct ctl *ctl, int count, char **words)
{
	const struct ctl_row *command = find_command(words[0]);
	struct grammar grammar;
	enum reading reading;

	if (!command)
		return EX_USAGE;
	write_grammar(&grammar, ":", command->options);
	optind = 0; /* getopt_long begins anew */
	reading = read_options(ctl, &grammar, count, words);
	if (reading == READ_FAULT)
		return EX_USAGE;
	if (reading == READ_HELP)
		return help_command(command);
	ctl->words = words + optind;
	ctl->word_count = count - optind;
	return run(ctl, command);
}

int
main(int count, char **words)
{
	struct ctl ctl = { .socket = CTL_SOCKET_PRESET, .unit = "diolkos" };
	struct grammar grammar;
	enum reading reading;

	if (count > 1 && strcmp(words[1], "complete") == 0)
		return ctl_complete(&ctl, count - 1, words + 1);
	write_grammar(&grammar, "+:", "");
	reading = read_options(&ctl, &grammar, count, words);
	if (reading == READ_FAULT)
		return EX_USAGE;
	if (reading == READ_VERSION) {
		puts("diolkosctl " DK_VERSION);
		return EX_OK;
	}
	if (reading == READ_HELP)
		return help();
	if (optind == count) {
		fputs("diolkosctl: which command? diolkosctl --help\n", stderr);
		return EX_USAGE;
	}
	return read_command(&ctl, count - optind, words + optind);
}
