/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_ask.c - how diolkosctl asks: HTTP over the socket.
 */
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "daemon/surface/ctl.h"

#define PATIENCE_SECONDS 20L /* an outcome is waited for, half of it */

void
ctl_path(struct dk_buffer *path, const char *begin)
{
	*path = (struct dk_buffer){ 0 };
	dk_buffer_add_text(path, begin);
}

void
ctl_add(struct dk_buffer *path, const char *name, const char *value)
{
	char *escaped;

	if (!value)
		return;
	escaped = curl_easy_escape(NULL, value, 0);
	if (!escaped)
		abort();
	dk_buffer_print(path, "%c%s=%s", strchr(path->data, '?') ? '&' : '?', name, escaped);
	curl_free(escaped);
}

/* --- One call --- */

static size_t
take_answer(char *bytes, size_t size, size_t count, void *context)
{
	dk_buffer_add(&((struct ctl *)context)->answer, dk_slice_new(bytes, size * count));
	return size * count;
}

static CURL *
begin(struct ctl *ctl, const char *method, struct dk_buffer *path)
{
	CURL *curl = curl_easy_init();
	struct dk_buffer url = { 0 };

	if (!curl)
		abort();
	dk_buffer_print(&url, "http://diolkos%s", path->data);
	ctl->answer.length = 0;
	dk_buffer_add_text(&ctl->answer, "");
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, ctl->socket);
	curl_easy_setopt(curl, CURLOPT_URL, url.data);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, PATIENCE_SECONDS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, ctl);
	dk_buffer_clear(&url);
	dk_buffer_clear(path);
	return curl;
}

/* Why nobody answers, and what to look at. */
static int
tell_silence(const struct ctl *ctl, CURLcode code, long fault)
{
	static const struct {
		int fault;
		const char *what;
		int status;
	} rows[] = {
		{ ENOENT, "there is no such socket; does diolkosd run", EX_UNAVAILABLE },
		{ ECONNREFUSED, "diolkosd has left it behind; does it run", EX_UNAVAILABLE },
		{ EACCES, "it is not for you; are you in the group diolkos", EX_NOPERM },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && code == CURLE_COULDNT_CONNECT; i++)
		if (fault == rows[i].fault) {
			if (!ctl->is_quiet)
				fprintf(stderr, "diolkosctl: %s does not answer: %s (%s %s)?\n",
					ctl->socket, rows[i].what,
					rows[i].status == EX_NOPERM ? "ls -l" : "systemctl status",
					rows[i].status == EX_NOPERM ? ctl->socket : ctl->unit);
			return rows[i].status;
		}
	if (!ctl->is_quiet)
		fprintf(stderr,
			"diolkosctl: %s does not answer: %s; does diolkosd run (systemctl status "
			"%s)?\n",
			ctl->socket, curl_easy_strerror(code), ctl->unit);
	return EX_UNAVAILABLE;
}

/* *Takes* the call, which has been made. */
static int
close_call(struct ctl *ctl, CURL *curl, CURLcode code)
{
	long fault = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ctl->status);
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &fault);
	curl_easy_cleanup(curl);
	return code == CURLE_OK ? EX_OK : tell_silence(ctl, code, fault);
}

static int
end(struct ctl *ctl, CURL *curl)
{
	return close_call(ctl, curl, curl_easy_perform(curl));
}

int
ctl_ask(struct ctl *ctl, const char *method, struct dk_buffer *path)
{
	return end(ctl, begin(ctl, method, path));
}

int
ctl_post(struct ctl *ctl, struct dk_buffer *path, struct dk_slice body)
{
	CURL *curl = begin(ctl, "POST", path);
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/octet-stream");
	int status;

	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.length);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.length > 0 ? body.data : "");
	headers = curl_slist_append(headers, "Expect:");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	status = end(ctl, curl);
	curl_slist_free_all(headers);
	return status;
}

/* --- What it says --- */

/* Of an error's answer. */
static int
status_of(long http)
{
	static const struct {
		long http;
		int status;
	} rows[] = { { 400, EX_USAGE },	   { 403, EX_NOPERM }, { 404, EX_USAGE },
		     { 413, EX_DATAERR }, { 503, EX_TEMPFAIL } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].http == http)
			return rows[i].status;
	return EX_SOFTWARE;
}

int
ctl_read(struct ctl *ctl, json_t **json)
{
	const char *error;

	*json = json_loads(ctl->answer.data, 0, NULL);
	error = json_string_value(json_object_get(*json, "error"));
	if (*json && !error)
		return EX_OK;
	fprintf(stderr, "diolkosctl: %s\n",
		error		     ? error :
		ctl->status == 413 ? "a payload may have 1 MiB" :
				       "what it answered is no JSON");
	json_decref(*json);
	*json = NULL;
	return status_of(ctl->status);
}

int
ctl_ask_json(struct ctl *ctl, const char *method, struct dk_buffer *path, json_t **json)
{
	int status = ctl_ask(ctl, method, path);

	*json = NULL;
	return status == EX_OK ? ctl_read(ctl, json) : status;
}

/* --- An answer that goes on --- */

struct following {
	struct ctl *ctl;
	CURL *curl;
	bool (*take)(void *context, struct dk_slice line);
	void *context;
	bool is_enough;
};

/* Fewer than all ends the call. */
static size_t
take_lines(char *bytes, size_t size, size_t count, void *context)
{
	struct following *following = context;
	struct dk_buffer *answer = &following->ctl->answer;
	char *begin, *line_end;

	dk_buffer_add(answer, dk_slice_new(bytes, size * count));
	curl_easy_getinfo(following->curl, CURLINFO_RESPONSE_CODE, &following->ctl->status);
	if (following->ctl->status != 200)
		return size * count;
	begin = answer->data;
	while (!following->is_enough && (line_end = strchr(begin, '\n'))) {
		following->is_enough = !following->take(
			following->context, dk_slice_new(begin, (size_t)(line_end - begin)));
		begin = line_end + 1;
	}
	answer->length -= (size_t)(begin - answer->data);
	memmove(answer->data, begin, answer->length + 1);
	return following->is_enough ? 0 : size * count;
}

int
ctl_follow(struct ctl *ctl, const char *method, struct dk_buffer *path,
	   bool (*take)(void *context, struct dk_slice line), void *context)
{
	CURL *curl = begin(ctl, method, path);
	struct following following = { ctl, curl, take, context, false };
	CURLcode code;

	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 0L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_lines);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &following);
	code = curl_easy_perform(curl);
	return close_call(ctl, curl, following.is_enough ? CURLE_OK : code);
}
