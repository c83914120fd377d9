/* SPDX-License-Identifier: Apache-2.0
 *
 * fetch.c - what a URL gives, over libcurl.
 */
#include "daemon/config/fetch.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/base/error.h"

#define REDIRECTS_MAX 3L
#define SAID_MAX 120 /* of what a server says of its refusal */

struct fetching {
	const struct dk_request *request;
	struct dk_buffer *answer;
	struct curl_slist *headers;
	char text[CURL_ERROR_SIZE];
	bool is_too_large;
};

static atomic_bool is_stopped;

void
dk_fetch_stop(void)
{
	atomic_store(&is_stopped, true);
}

/* The library calls it about once a second. Another number than 0 ends the transfer. */
static int
look_whether_stopped(void *context, curl_off_t to_come, curl_off_t come, curl_off_t to_go,
		     curl_off_t gone)
{
	(void)context, (void)to_come, (void)come, (void)to_go, (void)gone;
	return atomic_load(&is_stopped);
}

static size_t
take(char *data, size_t size, size_t count, void *context)
{
	struct fetching *fetching = context;

	fetching->is_too_large =
		size * count > fetching->request->limit - fetching->answer->length;
	if (fetching->is_too_large)
		return 0;
	dk_buffer_add(fetching->answer, dk_slice_new(data, size * count));
	return size * count;
}

static void
set_token(CURL *curl, struct fetching *fetching)
{
	char *header;

	if (!fetching->request->token)
		return;
	if (asprintf(&header, "X-Consul-Token: %s", fetching->request->token) < 0)
		abort();
	fetching->headers = curl_slist_append(NULL, header);
	free(header);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fetching->headers);
}

/* A token would go along with a redirect, to whatever host it names. */
static void
set_options(CURL *curl, struct fetching *fetching)
{
	const struct dk_request *request = fetching->request;

	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request->token ? 0L : 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "diolkosd");
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fetching->text);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_whether_stopped);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetching);
	set_token(curl, fetching);
}

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

static int
fail_status(long status, const struct dk_buffer *answer, struct dk_error *error)
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

static int
judge(CURL *curl, CURLcode code, struct fetching *fetching, struct dk_error *error)
{
	long status = 0;

	if (fetching->is_too_large)
		return dk_fail(error, "the answer is larger than %zu MB",
			       fetching->request->limit >> 20);
	if (code != CURLE_OK)
		return dk_fail(error, "%s",
			       *fetching->text ? fetching->text : curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status == 200 ? 0 : fail_status(status, fetching->answer, error);
}

int
dk_fetch(const struct dk_request *request, struct dk_buffer *answer, struct dk_error *error)
{
	struct fetching fetching = { .request = request, .answer = answer };
	CURL *curl = curl_easy_init();
	int result;

	if (!curl)
		return dk_fail(error, "libcurl cannot be had");
	set_options(curl, &fetching);
	result = judge(curl, curl_easy_perform(curl), &fetching, error);
	curl_slist_free_all(fetching.headers);
	curl_easy_cleanup(curl);
	return result;
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
