/* SPDX-License-Identifier: Apache-2.0
 *
 * diolkosctl.c - asks and tells a running diolkosd: the command line, from tables.
 */
#include <curl/curl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/base/suggest.h"
#include "daemon/surface/ctl.h"
#include "daemon/surface/version.h"

#define SOCKET_PRESET "/run/diolkos/control"

/* --- Options --- */

enum { NONE, IS_TEXT, IS_FLAG };

#define TEXT(member) IS_TEXT, offsetof(struct ctl, member)
#define FLAG(member) IS_FLAG, offsetof(struct ctl, member)

/* Each has a letter that is its own; one in capitals stands for its word alone where is_short is
 * false. */
static const struct option_row {
	int letter;
	bool is_short;
	const char *word, *value; /* value NULL: nothing follows */
	int kind;
	size_t offset;
	const char *help;
} options[] = {
	{ 's', true, "socket", "SOCKET", NONE, 0, "instead of " SOCKET_PRESET },
	{ 'i', true, "instance", "INSTANCE", NONE, 0, "of diolkos@INSTANCE.service" },
	{ 'j', true, "json", NULL, FLAG(is_json), "JSON, as it is answered" },
	{ 'h', true, "help", NULL, NONE, 0, "this, or what a command takes" },
	{ 'V', true, "version", NULL, NONE, 0, "the version" },
	{ 'k', true, "key", "KEY", TEXT(key), "the message's key" },
	{ 'H', true, "header", "HEADER", NONE, 0,
	  "a header of it, \"name: value\"; may come more than once" },
	{ 'p', true, "payload", "TEXT", TEXT(payload), "its payload" },
	{ 'f', true, "file", "FILE", TEXT(file), "its payload is in FILE; -: standard input" },
	{ 'a', true, "all", NULL, FLAG(is_all), "all of them" },
	{ 'n', true, "count", "COUNT", TEXT(count), "so many, then it ends" },
	{ 'e', true, "every", "N", TEXT(every), "each Nth alone" },
	{ 'x', true, "hex", NULL, FLAG(is_hex), "payloads in hexadecimal digits" },
	{ 'b', true, "bytes", "BYTES", TEXT(bytes), "so much of each payload; 256" },
	{ 't', true, "timeout", "SECONDS", TEXT(timeout), "wait so long; 30" },
	{ 'r', true, "route", "ROUTE", TEXT(route), "those of this route alone" },
	{ 'R', false, "routes", NULL, FLAG(is_route), "the names are of routes" },
	{ 'E', false, "endpoints", NULL, FLAG(is_endpoint), "the names are of endpoints" },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))
#define COMMON "sijhV"

/* --- Commands --- */

/* What can be set for a plugin needs no running daemon: diolkosd says it, which stands beside. */
static int
show_options(struct ctl *ctl)
{
	char program[4096];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - sizeof("/diolkosd"));
	char *words[] = { program, (char *)"--options", ctl->words[0], NULL };

	program[length > 0 ? length : 0] = '\0';
	if (strrchr(program, '/'))
		strcpy(strrchr(program, '/'), "/diolkosd");
	execv(program, words);
	fprintf(stderr, "diolkosctl: %s cannot be run, and knows the options\n", program);
	return EX_UNAVAILABLE;
}

static const struct command {
	const char *name, *arguments;
	int least, most; /* words behind it */
	const char *options; /* letters, besides the common ones */
	const char *help;
	ctl_command *run;
} commands[] = {
	{ "status", "", 0, 0, "", "how it goes: what is not connected, paused, what the last reload came to",
	  ctl_status },
	{ "endpoints", "", 0, 0, "", "each endpoint with its figures", ctl_endpoints },
	{ "routes", "", 0, 0, "", "each route with its account, and what it waits for", ctl_routes },
	{ "top", "", 0, 0, "", "routes and endpoints as they go, on a terminal", ctl_top },
	{ "explain", "ENDPOINT:ADDRESS", 1, 1, "kHpa",
	  "which routes a message there takes, and why not the others", ctl_explain },
	{ "tap", "ROUTE", 1, 1, "nexb", "deliveries of a route as they are settled", ctl_tap },
	{ "send", "ENDPOINT:ADDRESS [PAYLOAD | -]", 1, 2, "kHf",
	  "a message, as if it had come from there, and what becomes of it", ctl_send },
	{ "pause", "NAME...", 1, 256, "RE", "routes or endpoints: what is for them waits", ctl_pause },
	{ "resume", "[NAME...]", 0, 256, "aRE", "what was paused or drained goes on; all of it, where none is named", ctl_resume },
	{ "drain", "", 0, 0, "t", "pause every source, and wait until nothing is on its way", ctl_drain },
	{ "spool", "", 0, 0, "", "what is stored of each source that stores", ctl_spool },
	{ "dead", "[list | show NUMBER | drop [NUMBER]]", 0, 2, "ran",
	  "dead letters: listed, shown, dropped", ctl_dead },
	{ "reload", "", 0, 0, "", "read the configuration again, and say what came of it", ctl_reload },
	{ "log", "[LEVEL]", 0, 1, "", "how much is logged: error, warning, notice, info or debug", ctl_log },
	{ "options", "PLUGIN", 1, 1, "", "what can be set for a plugin; diolkos: for all", show_options },
	{ "metrics", "", 0, 0, "", "all figures, as Prometheus reads them", ctl_metrics },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* --- Help --- */

static void
put_option(const struct option_row *row, FILE *out)
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
	for (size_t i = 0; i < OPTIONS; i++)
		if (strchr(letters, options[i].letter))
			put_option(&options[i], out);
}

static int
help(void)
{
	puts("Usage: diolkosctl [-s SOCKET | -i INSTANCE] [-j] COMMAND [ARGUMENT...]\n");
	put_options(COMMON, stdout);
	putchar('\n');
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	puts("\ndiolkosctl COMMAND --help says what a command takes.\n\n"
	     "Exit status: 0; 64 the command line, 65 what was sent did not arrive, 69 nobody\n"
	     "answers, 75 what came of it is not known yet, 78 the configuration is refused.");
	return EX_OK;
}

static int
help_command(const struct command *command)
{
	printf("Usage: diolkosctl %s%s%s%s\n\n  %s\n\n", command->name,
	       *command->options ? " [OPTION...]" : "", *command->arguments ? " " : "",
	       command->arguments, command->help);
	put_options(command->options, stdout);
	put_options(COMMON, stdout);
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

static const struct option_row *
find_option(int letter)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

/* What getopt_long takes of the options with these letters. */
struct grammar {
	char letters[2 * OPTIONS + 4];
	struct option words[OPTIONS + 1];
};

static void
write_grammar(struct grammar *grammar, const char *begin, const char *more)
{
	char *end = stpcpy(grammar->letters, begin);
	size_t count = 0;

	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option_row *row = &options[i];

		if (!strchr(COMMON, row->letter) && !strchr(more, row->letter))
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

static void
apply(struct ctl *ctl, const struct option_row *row, const char *value)
{
	char *place = (char *)ctl + row->offset;

	if (row->kind == IS_TEXT)
		*(const char **)(void *)place = value;
	else if (row->kind == IS_FLAG)
		*(bool *)place = true;
	else if (row->letter == 's')
		snprintf(ctl->socket, sizeof(ctl->socket), "%s", value);
	else if (row->letter == 'i')
		snprintf(ctl->socket, sizeof(ctl->socket), "/run/diolkos-%s/control", value);
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
		if (code == 'h' || code == 'V')
			reading = code == 'h' ? READ_HELP : READ_VERSION;
		else
			apply(ctl, find_option(code), optarg);
	}
	return reading;
}

static const struct command *
find_command(const char *name)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(name) };

	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
		dk_suggest(&suggestion, commands[i].name);
	}
	tell_unknown("command", name, suggestion.nearest);
	return NULL;
}

static int
run(struct ctl *ctl, const struct command *command)
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
	const struct command *command = find_command(words[0]);
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
	struct ctl ctl = { .socket = SOCKET_PRESET };
	struct grammar grammar;
	enum reading reading;

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
