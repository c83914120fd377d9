/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_tables.c - the commands and options of diolkosctl, a row for each.
 */
#include "daemon/surface/ctl_tables.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* --- Options --- */

#define NONE CTL_OPTION_ELSE, 0, 0, 0
#define TEXT(member) CTL_OPTION_TEXT, offsetof(struct ctl, member), 0, 0
#define NUMBER(member, least, most) CTL_OPTION_NUMBER, offsetof(struct ctl, member), least, most
#define FLAG(member) CTL_OPTION_FLAG, offsetof(struct ctl, member), 0, 0

const struct ctl_option ctl_options[] = {
	{ 's', true, "socket", "SOCKET", NONE, "instead of " CTL_SOCKET_PRESET },
	{ 'i', true, "instance", "INSTANCE", NONE, "of diolkos@INSTANCE.service" },
	{ 'j', true, "json", NULL, FLAG(is_json), "JSON, as it is answered" },
	{ 'h', true, "help", NULL, NONE, "this, or what a command takes" },
	{ 'V', true, "version", NULL, NONE, "the version" },
	{ 'k', true, "key", "KEY", TEXT(key), "the message's key" },
	{ 'H', true, "header", "HEADER", NONE,
	  "a header of it, \"name: value\"; may come more than once" },
	{ 'p', true, "payload", "TEXT", TEXT(payload), "its payload" },
	{ 'f', true, "file", "FILE", TEXT(file), "its payload is in FILE; -: standard input" },
	{ 'a', true, "all", NULL, FLAG(is_all), "all of them" },
	{ 'n', true, "count", "COUNT", NUMBER(count, 1, 1000000), "so many at most" },
	{ 'e', true, "every", "N", NUMBER(every, 1, 1000000000), "each Nth alone" },
	{ 'x', true, "hex", NULL, FLAG(is_hex), "payloads in hexadecimal digits" },
	{ 'b', true, "bytes", "BYTES", NUMBER(bytes, 0, 65536),
	  "so much of each payload, to 65536; 256" },
	{ 't', true, "timeout", "SECONDS", NUMBER(timeout, 0, 86400), "wait so long; 30" },
	{ 'r', true, "route", "ROUTE", TEXT(route), "those of this route alone" },
	{ 'R', false, "routes", NULL, FLAG(is_route), "the names are of routes" },
	{ 'E', false, "endpoints", NULL, FLAG(is_endpoint), "the names are of endpoints" },
};

const size_t ctl_option_count = sizeof(ctl_options) / sizeof(ctl_options[0]);

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

const struct ctl_row ctl_rows[] = {
	{ "status", CTL_NOTHING, "", 0, 0, "",
	  "how it goes: what is not connected, paused, what the last reload came to",
	  ctl_status },
	{ "endpoints", CTL_NOTHING, "", 0, 0, "", "each endpoint with its figures", ctl_endpoints },
	{ "routes", CTL_NOTHING, "", 0, 0, "",
	  "each route with its account, and what it waits for", ctl_routes },
	{ "top", CTL_NOTHING, "", 0, 0, "",
	  "routes and endpoints as they go, on a terminal", ctl_top },
	{ "explain", CTL_ENDPOINTS, "ENDPOINT:ADDRESS", 1, 1, "kHpa",
	  "which routes a message there takes, and why not the others", ctl_explain },
	{ "tap", CTL_ROUTES, "ROUTE", 1, 1, "nexb",
	  "deliveries of a route as they are settled", ctl_tap },
	{ "send", CTL_ENDPOINTS, "ENDPOINT:ADDRESS [PAYLOAD | -]", 1, 2, "kHf",
	  "a message, as if it had come from there, and what becomes of it", ctl_send },
	{ "pause", CTL_NAMES, "NAME...", 1, 256, "RE",
	  "routes or endpoints: what is for them waits", ctl_pause },
	{ "resume", CTL_NAMES, "[NAME...]", 0, 256, "aRE",
	  "what was paused or drained goes on; all of it, where none is named", ctl_resume },
	{ "drain", CTL_NOTHING, "", 0, 0, "t",
	  "pause every source, and wait until nothing is on its way", ctl_drain },
	{ "spool", CTL_NOTHING, "", 0, 0, "",
	  "what is stored of each source that stores", ctl_spool },
	{ "dead", CTL_DEAD, "[list | show NUMBER | drop [NUMBER] | replay [NUMBER]]", 0, 2, "ran",
	  "dead letters: listed, shown, dropped, sent again", ctl_dead },
	{ "reload", CTL_NOTHING, "", 0, 0, "",
	  "read the configuration again, and say what came of it", ctl_reload },
	{ "log", CTL_LEVELS, "[LEVEL]", 0, 1, "",
	  "how much is logged: error, warning, notice, info or debug", ctl_log },
	{ "options", CTL_PLUGINS, "PLUGIN", 1, 1, "",
	  "what can be set for a plugin; diolkos: for all", show_options },
	{ "metrics", CTL_NOTHING, "", 0, 0, "",
	  "all figures, as Prometheus reads them", ctl_metrics },
};

const size_t ctl_row_count = sizeof(ctl_rows) / sizeof(ctl_rows[0]);
