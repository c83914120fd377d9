/* SPDX-License-Identifier: Apache-2.0
 *
 * web.c - a URL is asked, or given something, and answers: over libcurl.
 */
#include "daemon/system/web.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "daemon/base/error.h"

#define REDIRECTS_MAX 3L
#define LOOK_MS 100
#define SAID_MAX 120 /* of what a server says of its refusal */

struct dk_web {
	CURL *curl;
	CURLM *multi; /* so that a wait can be cut short */
};

/* One request on its way. */
struct asking {
	const struct dk_web_request *request;
	struct dk_buffer *answer;
	struct curl_slist *headers;
	char text[CURL_ERROR_SIZE];
	bool is_too_large;
};

struct dk_web *
dk_web_new(void)
{
	struct dk_web *web = calloc(1, sizeof(*web));

	if (!web)
		return NULL;
	web->curl = curl_easy_init();
	web->multi = curl_multi_init();
	if (web->curl && web->multi)
		return web;
	dk_web_free(web);
	return NULL;
}

void
dk_web_free(struct dk_web *web)
{
	if (!web)
		return;
	curl_easy_cleanup(web->curl);
	curl_multi_cleanup(web->multi);
	free(web);
}

/* --- Asking --- */

static size_t
take(char *data, size_t size, size_t count, void *context)
{
	struct asking *asking = context;

	asking->is_too_large = size * count > asking->request->limit - asking->answer->length;
	if (asking->is_too_large)
		return 0;
	dk_buffer_add(asking->answer, dk_slice_new(data, size * count));
	return size * count;
}

static void
set_headers(CURL *curl, struct asking *asking)
{
	const char *const *headers = asking->request->headers;

	for (; headers && *headers; headers++)
		asking->headers = curl_slist_append(asking->headers, *headers);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, asking->headers);
}

static void
set_body(CURL *curl, struct dk_slice body)
{
	if (!body.data)
		return;
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.length);
}

static void
set_trust(CURL *curl, const struct dk_web_request *request)
{
	if (request->username)
		curl_easy_setopt(curl, CURLOPT_USERNAME, request->username);
	if (request->password)
		curl_easy_setopt(curl, CURLOPT_PASSWORD, request->password);
	if (request->token) {
		curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, request->token);
		curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
	}
	if (request->authorities)
		curl_easy_setopt(curl, CURLOPT_CAINFO, request->authorities);
}

static void
set_options(CURL *curl, struct asking *asking)
{
	const struct dk_web_request *request = asking->request;

	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request->follows ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "diolkosd");
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, asking->text);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, asking);
	set_headers(curl, asking);
	set_body(curl, request->body);
	set_trust(curl, request);
}

/* CURLE_ABORTED_BY_CALLBACK: it was given up. */
static CURLcode
perform(struct dk_web *web, const struct dk_web_request *request)
{
	CURLcode code = CURLE_ABORTED_BY_CALLBACK;
	CURLMsg *message;
	int running = 1, left;

	curl_multi_add_handle(web->multi, web->curl);
	while (running && !(request->is_given_up && request->is_given_up(request->context))) {
		curl_multi_perform(web->multi, &running);
		if (running)
			curl_multi_poll(web->multi, NULL, 0, LOOK_MS, NULL);
	}
	message = curl_multi_info_read(web->multi, &left);
	if (message && message->msg == CURLMSG_DONE)
		code = message->data.result;
	curl_multi_remove_handle(web->multi, web->curl);
	return code;
}

static long
judge(CURL *curl, CURLcode code, const struct asking *asking, struct dk_error *error)
{
	long status = 0;

	if (asking->is_too_large)
		return dk_fail(error, "the answer is larger than %zu MB",
			       asking->request->limit >> 20);
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return dk_fail(error, "it was given up");
	if (code != CURLE_OK)
		return dk_fail(error, "%s",
			       *asking->text ? asking->text : curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

long
dk_web_ask(struct dk_web *web, const struct dk_web_request *request, struct dk_buffer *answer,
	   struct dk_error *error)
{
	struct asking asking = { .request = request, .answer = answer };
	long status;

	set_options(web->curl, &asking);
	status = judge(web->curl, perform(web, request), &asking, error);
	curl_slist_free_all(asking.headers);
	return status;
}

/* --- Refusals --- */

/* The first line of a plain answer; nothing of a page for browsers. */
static struct dk_slice
said(const struct dk_buffer *answer)
{
	size_t length = 0;

	if (answer->length == 0 || *answer->data == '<')
		return dk_slice_of("");
	while (length < answer->length && length < SAID_MAX && answer->data[length] >= ' ')
		length++;
	return dk_slice_new(answer->data, length);
}

int
dk_web_refuse(long status, const struct dk_buffer *answer, struct dk_error *error)
{
	static const struct hint {
		long status;
		const char *text;
	} hints[] = {
		{ 401, "; user and password, or a token?" },
		{ 403, "; user and password, or a token?" },
		{ 404, "; is the path right?" },
	};
	struct dk_slice words = said(answer);
	const char *hint = "";

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (hints[i].status == status)
			hint = hints[i].text;
	return dk_fail(error, "the answer has status %ld%s%.*s%s%s", status,
		       words.length ? " (" : "", (int)words.length, words.data,
		       words.length ? ")" : "", hint);
}

char *
dk_url_decode(struct dk_slice text)
{
	char *decoded = curl_easy_unescape(NULL, text.data, (int)text.length, NULL);
	char *copy = strdup(decoded ? decoded : "");

	if (!copy)
		abort();
	curl_free(decoded);
	return copy;
}
