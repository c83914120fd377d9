/* SPDX-License-Identifier: Apache-2.0
 *
 * diolkosctl.c - asks and tells a running diolkosd, over its socket (control.h).
 */
#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/base/buffer.h"
#include "daemon/surface/version.h"

#define SOCKET_PRESET "/run/diolkos/control"
#define RELOAD_SECONDS 120 /* how long what came of a reload is waited for */

struct asking {
	char socket[256];
	bool is_json;
	const char *argument; /* of explain */
	struct dk_buffer answer;
	long status;
};

/* --- Asking --- */

static size_t
take(char *bytes, size_t size, size_t count, void *context)
{
	dk_buffer_add(&((struct asking *)context)->answer, dk_slice_new(bytes, size * count));
	return size * count;
}

/* The exit status: EX_OK with an answer, which may be an error's; else it was said why there is none. */
static int
ask(struct asking *asking, const char *method, const char *path)
{
	CURL *curl = curl_easy_init();
	char *url;
	CURLcode code;

	if (!curl || asprintf(&url, "http://diolkos%s", path) < 0)
		abort();
	asking->answer.length = 0;
	dk_buffer_add_text(&asking->answer, "");
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, asking->socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, asking);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &asking->status);
	curl_easy_cleanup(curl);
	free(url);
	if (code == CURLE_OK)
		return EX_OK;
	fprintf(stderr,
		"diolkosctl: %s does not answer: %s; does diolkosd run (systemctl status diolkos), and "
		"may you use the socket (are you in the group diolkos)?\n",
		asking->socket, curl_easy_strerror(code));
	return EX_UNAVAILABLE;
}

/* The answer as JSON; NULL when it is an error, which is then said. */
static json_t *
parse(const struct asking *asking)
{
	json_t *json = json_loads(asking->answer.data, 0, NULL);
	const char *error = json_string_value(json_object_get(json, "error"));

	if (json && !error)
		return json;
	fprintf(stderr, "diolkosctl: %s\n", error ? error : "what it answered is no JSON");
	json_decref(json);
	return NULL;
}

static long long
number(const json_t *json, const char *name)
{
	return json_integer_value(json_object_get(json, name));
}

static const char *
text(const json_t *json, const char *name)
{
	const char *value = json_string_value(json_object_get(json, name));

	return value ? value : "";
}

/* --- What is shown --- */

static void
show_names(const char *what, const json_t *names)
{
	size_t i;
	json_t *name;

	if (json_array_size(names) == 0)
		return;
	printf("%s:", what);
	json_array_foreach(names, i, name)
		printf(" %s", json_string_value(name));
	putchar('\n');
}

static void
show_status(const json_t *status)
{
	const json_t *reload = json_object_get(status, "reload");

	printf("diolkosd %s: %lld endpoints, %lld routes\n", text(status, "version"),
	       number(status, "endpoints"), number(status, "routes"));
	show_names("not connected", json_object_get(status, "not_connected"));
	show_names("accounts that are not even", json_object_get(status, "uneven_accounts"));
	if (number(reload, "count") > 0)
		printf("read again %lld times, the last time %s\n%s", number(reload, "count"),
		       !json_is_true(json_object_get(reload, "good"))	? "with faults" :
		       json_is_true(json_object_get(reload, "changed")) ? "with changes" :
									  "without a change",
		       text(reload, "said"));
}

static void
show_endpoints(const json_t *endpoints)
{
	size_t i;
	json_t *endpoint;

	printf("%-20s %-10s %-9s %12s %10s %10s\n", "endpoint", "plugin", "connected", "received",
	       "unsettled", "in flight");
	json_array_foreach(endpoints, i, endpoint) {
		const json_t *source = json_object_get(endpoint, "source");
		const json_t *sink = json_object_get(endpoint, "sink");

		printf("%-20s %-10s %-9s %12lld %10lld %10lld\n", text(endpoint, "name"),
		       text(endpoint, "plugin"),
		       json_is_true(json_object_get(endpoint, "connected")) ? "yes" : "no",
		       number(source, "received"), number(source, "unsettled"),
		       number(sink, "in_flight"));
	}
}

static void
show_routes(const json_t *routes)
{
	size_t i;
	json_t *route;

	printf("%-32s %12s %10s %10s %10s %10s\n", "route", "delivered", "in flight", "filtered",
	       "retried", "dead");
	json_array_foreach(routes, i, route)
		printf("%-32s %12lld %10lld %10lld %10lld %10lld\n", text(route, "name"),
		       number(route, "delivered"), number(route, "in_flight"),
		       number(route, "filtered"), number(route, "retried"), number(route, "dead"));
}

static int
show(struct asking *asking, const char *path, void (*show_json)(const json_t *json))
{
	int status = ask(asking, "GET", path);
	json_t *json;

	if (status != EX_OK)
		return status;
	json = parse(asking);
	if (!json)
		return EX_SOFTWARE;
	if (asking->is_json)
		puts(asking->answer.data);
	else
		show_json(json);
	json_decref(json);
	return EX_OK;
}

/* --- Commands --- */

static int
status(struct asking *asking)
{
	return show(asking, "/v1/status", show_status);
}

static int
endpoints(struct asking *asking)
{
	return show(asking, "/v1/endpoints", show_endpoints);
}

static int
routes(struct asking *asking)
{
	return show(asking, "/v1/routes", show_routes);
}

static int
metrics(struct asking *asking)
{
	int result = ask(asking, "GET", "/metrics");

	if (result == EX_OK)
		fputs(asking->answer.data, stdout);
	return result;
}

static int
explain(struct asking *asking)
{
	char *address = curl_easy_escape(NULL, asking->argument, 0), *path;
	int result;

	if (!address || asprintf(&path, "/v1/explain?address=%s", address) < 0)
		abort();
	curl_free(address);
	result = ask(asking, "GET", path);
	free(path);
	if (result != EX_OK)
		return result;
	if (asking->status == 200)
		fputs(asking->answer.data, stdout);
	else
		json_decref(parse(asking));
	return asking->status == 200 ? EX_OK : EX_USAGE;
}

/* What came of it, as the status says, to be released; NULL while nothing has. The exit status: not
 * EX_OK when nothing will come of it any more. */
static int
find_outcome(struct asking *asking, long long count_before, json_t **outcome)
{
	int result = ask(asking, "GET", "/v1/status");
	json_t *answer = result == EX_OK && asking->status == 200 ? parse(asking) : NULL;
	json_t *reload = json_object_get(answer, "reload");

	*outcome = NULL;
	if (number(reload, "count") > count_before)
		*outcome = json_incref(reload);
	else if (reload && number(reload, "count") < count_before) {
		fputs("diolkosctl: diolkosd began anew meanwhile, with the configuration as it is "
		      "now; see diolkosctl status\n",
		      stderr);
		result = EX_TEMPFAIL;
	}
	json_decref(answer);
	return result;
}

static int
tell_outcome(const json_t *outcome)
{
	bool is_good = json_is_true(json_object_get(outcome, "good"));

	fputs(text(outcome, "said"), stderr);
	puts(!is_good ? "refused: what runs goes on" :
	     json_is_true(json_object_get(outcome, "changed")) ?
			"read again: it is changed" :
			"read again: nothing is changed");
	return is_good ? EX_OK : EX_CONFIG;
}

static int
reload(struct asking *asking)
{
	int result = ask(asking, "POST", "/v1/reload");
	json_t *answer = result == EX_OK ? parse(asking) : NULL, *outcome = NULL;
	long long before = number(answer, "count_before");

	if (!answer)
		return result == EX_OK ? EX_SOFTWARE : result;
	json_decref(answer);
	for (int tenths = 0; tenths < 10 * RELOAD_SECONDS && !outcome; tenths++) {
		usleep(100000);
		result = find_outcome(asking, before, &outcome);
		if (result != EX_OK)
			return result;
	}
	if (!outcome) {
		fputs("diolkosctl: nothing came of it yet; see diolkosctl status\n", stderr);
		return EX_TEMPFAIL;
	}
	result = tell_outcome(outcome);
	json_decref(outcome);
	return result;
}

static const struct command {
	const char *name, *argument, *help;
	int (*run)(struct asking *asking);
} commands[] = {
	{ "status", NULL, "how it goes: what is not connected, what the last reload came to", status },
	{ "endpoints", NULL, "each endpoint with its figures", endpoints },
	{ "routes", NULL, "each route with its account", routes },
	{ "explain", "ADDRESS", "which routes a message at endpoint:address takes, and why not the others",
	  explain },
	{ "reload", NULL, "read the configuration again, and say what came of it", reload },
	{ "metrics", NULL, "all figures, as Prometheus reads them", metrics },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* --- The command line --- */

static int
help(FILE *out)
{
	fputs("Usage: diolkosctl [-s SOCKET | -i INSTANCE] [-j] COMMAND [ARGUMENT]\n\n"
	      "  -s SOCKET    instead of " SOCKET_PRESET "\n"
	      "  -i INSTANCE  of diolkos@INSTANCE.service\n"
	      "  -j           JSON, as it is answered\n"
	      "  -V           the version\n\n",
	      out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-8s %-8s %s\n", commands[i].name,
			commands[i].argument ? commands[i].argument : "", commands[i].help);
	fputs("\nExit status: 0; 64 the command line, 69 nobody answers, 75 what came of a reload\n"
	      "is not known, 78 the configuration is refused.\n",
	      out);
	return out == stderr ? EX_USAGE : EX_OK;
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; name && i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int
run(struct asking *asking, char **words)
{
	const struct command *command = find_command(words[0]);
	int result;

	if (!command || (command->argument && !words[1]))
		return help(stderr);
	asking->argument = words[1];
	curl_global_init(CURL_GLOBAL_DEFAULT);
	result = command->run(asking);
	curl_global_cleanup();
	dk_buffer_clear(&asking->answer);
	return result;
}

int
main(int count, char **words)
{
	struct asking asking = { .socket = SOCKET_PRESET };
	int option;

	while ((option = getopt(count, words, "+s:i:jhV")) != -1)
		switch (option) {
		case 's':
			snprintf(asking.socket, sizeof(asking.socket), "%s", optarg);
			break;
		case 'i':
			snprintf(asking.socket, sizeof(asking.socket), "/run/diolkos-%s/control", optarg);
			break;
		case 'j':
			asking.is_json = true;
			break;
		case 'V':
			puts("diolkosctl " DK_VERSION);
			return EX_OK;
		default:
			return help(option == 'h' ? stdout : stderr);
		}
	return run(&asking, words + optind);
}
