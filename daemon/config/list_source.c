/* SPDX-License-Identifier: Apache-2.0
 *
 * list_source.c - where a list's items come from: a JSON file, a URL, Consul's key-value store.
 */
#include "daemon/config/list_source.h"

#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/system/web.h"

#define SOURCE(member, type) DK_AT(struct dk_list_source, member, type)

static const struct dk_option rows[] = {
	{ "url", DK_TEXT, SOURCE(url, const char *), NULL, 0, 0, NULL, 0,
	  "Where it is: http://, https://, or consul://HOST:PORT/KEY; with a / at the end, every key "
	  "below it is an item." },
	{ "file", DK_TEXT, SOURCE(file, const char *), NULL, 0, 0, NULL, 0,
	  "Or the JSON file that it is in." },
	{ "refresh", DK_DURATION, SOURCE(refresh_ms, int64_t), "60s", 100, 7 * 86400000LL, NULL, 0,
	  "How often it is looked whether it has changed." },
	{ "timeout", DK_DURATION, SOURCE(timeout_ms, int64_t), "5s", 10, 3600000, NULL, 0,
	  "How long a url may take to answer, in all." },
	{ "retry", DK_DURATION, SOURCE(retry_ms, int64_t), "10s", 100, 7 * 86400000LL, NULL, 0,
	  "How soon a url that was away is asked again." },
	{ "token", DK_SECRET, SOURCE(token, const char *), NULL, 0, 0, NULL, 0,
	  "Sent to the url as X-Consul-Token." },
	{ 0 },
};

/* --- URLs --- */

static const char *const schemes[] = { "http://", "https://", "consul://" };

#define SCHEMES (sizeof(schemes) / sizeof(*schemes))
#define CONSUL schemes[2]

static bool
begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

static const char *
scheme_of(const char *url)
{
	for (size_t i = 0; i < SCHEMES; i++)
		if (begins_with(url, schemes[i]))
			return schemes[i];
	return NULL;
}

/* user:password@ and host:port, of a url with one of the schemes. */
static struct dk_slice
authority_of(const char *url)
{
	const char *begin = url + strlen(scheme_of(url));

	return dk_slice_new(begin, strcspn(begin, "/?#"));
}

static struct dk_slice
host_of(const char *url)
{
	struct dk_slice authority = authority_of(url);
	const char *at = memrchr(authority.data, '@', authority.length);

	return at ? dk_slice_after(authority, (size_t)(at + 1 - authority.data)) : authority;
}

static struct dk_slice
key_of(const char *url)
{
	struct dk_slice authority = authority_of(url);
	const char *begin = authority.data + authority.length;

	begin += *begin == '/';
	return dk_slice_new(begin, strcspn(begin, "?#"));
}

static char *
without_password(const char *url, struct dk_plan_memory *memory)
{
	struct dk_slice host = host_of(url);

	return dk_memory_print(memory, "%s%s", scheme_of(url), host.data);
}

/* What no url has and no copy of an answer could name: spaces, controls, quotes. */
static bool
is_clean(const char *url)
{
	for (; *url; url++)
		if ((unsigned char)*url <= ' ' || *url == 127 || strchr("\"\\<>", *url))
			return false;
	return true;
}

static int
check_url(const char *url, struct dk_error *error)
{
	const char *scheme = scheme_of(url);

	if (!scheme)
		return dk_fail(error, "the url begins with none of http://, https:// and "
				      "consul://; url = \"https://HOST/NAME.json\"?");
	if (!is_clean(url))
		return dk_fail(error, "the url has a space, a quote or what else is not legal in "
				      "one; written as %%20 or the like?");
	if (host_of(url).length == 0)
		return dk_fail(error, "the url names no host; %sHOST/…?", scheme);
	if (scheme == CONSUL && key_of(url).length == 0)
		return dk_fail(error, "the url names no key; consul://HOST:8500/KEY, or KEY/ for "
				      "all below it?");
	return 0;
}

static int
check(const void *values, struct dk_error *error)
{
	const struct dk_list_source *source = values;

	if (!source->url == !source->file)
		return dk_fail(error, "%s; file = \"…\" or url = \"…\"?",
			       source->url ? "it has both a file and a url" :
					     "it has neither a file nor a url");
	if (source->token && !source->url)
		return dk_fail(error, "a token is for a url");
	if (source->token && source->token[strcspn(source->token, "\r\n")])
		return dk_fail(error, "the token has more than one line");
	return source->url ? check_url(source->url, error) : 0;
}

const struct dk_options dk_list_table = { sizeof(struct dk_list_source), rows, NULL, check, NULL };

/* --- Preparing --- */

/* The folder is that of the configuration file. */
static const char *
absolute(const char *file, const char *configuration, struct dk_plan_memory *memory)
{
	const char *slash = strrchr(configuration, '/');

	if (*file == '/' || !slash)
		return file;
	return dk_memory_print(memory, "%.*s/%s", (int)(slash - configuration), configuration,
			       file);
}

/* Consul's API, https://developer.hashicorp.com/consul/api-docs/kv: one key's value as it is, or
 * all keys that begin so. Its port is 8500. */
static void
prepare_consul(struct dk_list_source *source, struct dk_plan_memory *memory)
{
	struct dk_slice authority = authority_of(source->url), host = host_of(source->url);
	struct dk_slice key = key_of(source->url);
	const char *query = key.data + key.length;
	bool has_query = *query == '?', is_tree = key.data[key.length - 1] == '/';
	const char *bracket = memchr(host.data, ']', host.length);
	struct dk_slice port = bracket ? dk_slice_after(host, (size_t)(bracket - host.data)) : host;
	char *prefix;

	source->request = dk_memory_print(
		memory, "http://%.*s%s/v1/kv/%.*s?%.*s%s%s", (int)authority.length, authority.data,
		dk_slice_has(port, ':') ? "" : ":8500", (int)key.length, key.data,
		has_query ? (int)strcspn(query + 1, "#") : 0, has_query ? query + 1 : "",
		has_query ? "&" : "", is_tree ? "recurse" : "raw");
	if (!is_tree)
		return;
	prefix = dk_url_decode(key);
	source->prefix = dk_memory_text(memory, dk_slice_of(prefix));
	free(prefix);
}

void
dk_list_source_prepare(struct dk_list_source *source, const struct dk_item_list *list,
		       const struct dk_variables *variables, struct dk_plan_memory *memory)
{
	if (source->file) {
		source->file = absolute(source->file, list->place.file, memory);
		source->shown = source->file;
		return;
	}
	source->copy.list = list->name;
	source->copy.url = without_password(source->url, memory);
	source->shown = dk_variables_mask(variables, source->copy.url);
	source->request = source->url;
	if (scheme_of(source->url) == CONSUL)
		prepare_consul(source, memory);
}

/* --- Getting --- */

static int
fetch(const struct dk_list_source *source, struct dk_buffer *bytes, struct dk_error *error)
{
	struct dk_request request = { source->request, source->token, source->timeout_ms,
				      DK_LIST_BYTES_MAX };
	struct dk_error why = { "" };

	if (!source->finder->fetch)
		return dk_fail(error, "%.300s: nobody is there to ask it", source->shown);
	if (source->finder->fetch(&request, bytes, &why) == 0)
		return 0;
	return dk_fail(error, "%.200s: %.250s", source->shown, why.text);
}

int
dk_list_source_get(const struct dk_list_source *source, struct dk_buffer *bytes,
		   struct dk_error *error)
{
	int64_t age;

	if (source->url)
		return fetch(source, bytes, error);
	return dk_list_file_read(source->file, DK_LIST_BYTES_MAX, bytes, &age, error);
}

void
dk_list_source_read(const struct dk_list_source *source, struct dk_items *items,
		    struct dk_slice bytes)
{
	if (source->prefix)
		dk_items_read_consul(items, bytes, source->shown, source->prefix);
	else
		dk_items_read_json(items, bytes, source->shown);
}
