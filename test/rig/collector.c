/* SPDX-License-Identifier: Apache-2.0
 *
 * collector.c - a collector of log lines, as Logstash's http input with its json codec is one.
 *
 *	collector PORT MOOD
 *
 * Answers each POST with the status that the file MOOD holds just then; with "slow" it answers 200
 * after 3 s, with "silent" never. The lines of what is answered with 200 go to standard output, one
 * object each. What is no JSON array of objects ends it with status 1.
 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *mood_file;
static struct event_base *base;

/* --- What came --- */

static void
put_line(const json_t *line)
{
	if (!json_is_object(line)) {
		fputs("collector: it is no object\n", stderr);
		exit(1);
	}
	json_dumpf(line, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
}

static void
put_lines(struct evbuffer *body)
{
	size_t length = evbuffer_get_length(body);
	json_error_t error;
	json_t *lines = json_loadb((char *)evbuffer_pullup(body, -1), length, 0, &error);

	if (!json_is_array(lines)) {
		fprintf(stderr, "collector: it is no array: %s\n", error.text);
		exit(1);
	}
	for (size_t i = 0; i < json_array_size(lines); i++)
		put_line(json_array_get(lines, i));
	fflush(stdout);
	json_decref(lines);
}

/* --- Answers --- */

static void
read_mood(char *mood, size_t room)
{
	FILE *file = fopen(mood_file, "re");

	snprintf(mood, room, "200");
	if (file && fgets(mood, (int)room, file))
		mood[strcspn(mood, "\n")] = '\0';
	if (file)
		fclose(file);
}

static void
answer_late(evutil_socket_t fd, short what, void *request)
{
	(void)fd, (void)what;
	put_lines(evhttp_request_get_input_buffer(request));
	evhttp_send_reply(request, 200, "At last", NULL);
}

static void
answer(struct evhttp_request *request, void *context)
{
	char mood[32];

	(void)context;
	read_mood(mood, sizeof(mood));
	if (strcmp(mood, "silent") == 0)
		return;
	if (strcmp(mood, "slow") == 0) {
		event_base_once(base, -1, EV_TIMEOUT, answer_late, request,
				&(struct timeval){ .tv_sec = 3 });
		return;
	}
	if (strcmp(mood, "200") == 0)
		put_lines(evhttp_request_get_input_buffer(request));
	evhttp_send_reply(request, atoi(mood), "As it is", NULL);
}

int
main(int count, char **words)
{
	struct evhttp *http;

	if (count != 3) {
		fputs("collector PORT MOOD\n", stderr);
		return 2;
	}
	mood_file = words[2];
	base = event_base_new();
	http = evhttp_new(base);
	evhttp_set_gencb(http, answer, NULL);
	if (evhttp_bind_socket(http, "127.0.0.1", (ev_uint16_t)atoi(words[1])) != 0) {
		fprintf(stderr, "collector: port %s cannot be had\n", words[1]);
		return 1;
	}
	event_base_dispatch(base);
	return 0;
}
