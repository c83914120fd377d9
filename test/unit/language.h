/* SPDX-License-Identifier: Apache-2.0
 *
 * language.h - some variables, captures and a message for the tests of the language.
 */
#ifndef DK_TEST_UNIT_LANGUAGE_H
#define DK_TEST_UNIT_LANGUAGE_H

#include "test/unit/unit.h"

#include "daemon/language/names.h"
#include "daemon/language/view.h"

#define TEXT(literal)                           \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

/* Variables: name and value by turns; `both` is also a capture. */
static const char *const variables[] = {
	"SITE",	 "berlin", "EMPTY",	      "",	"both",	       "x",	 "PORT",
	"8080",	 "LIST",   "5,7,berlin,,a b", "QUOTED", "it's",	       "DOLLAR", "$x{",
	"REGEX", "a.b*",   "tenant",	      "acme",	"tenant.rate", "5",	 "tenant.empty",
	"",
};

static inline const char *
find_variable(void *context, struct dk_slice name)
{
	(void)context;
	for (size_t i = 0; i < ROWS(variables); i += 2)
		if (dk_slice_is(name, dk_slice_of(variables[i])))
			return variables[i + 1];
	return NULL;
}

static inline const char *
suggest_variable(void *context, struct dk_slice name)
{
	(void)context;
	return dk_slice_is(name, DK_SLICE("SIT"))	   ? "SITE"
	       : dk_slice_is(name, DK_SLICE("tenant.rat")) ? "tenant.rate"
							   : NULL;
}

static const struct dk_captures route_captures = {
	.names = { TEXT("line"), TEXT("sensor"), TEXT("rest"), TEXT("both") },
	.is_rest = { false, false, true, false },
	.count = 4,
};
static const struct dk_slice captured[] = { TEXT("7"), TEXT("temp"), TEXT("a/b.c"), { NULL, 0 } };

static const struct dk_scope scope = { .variable = find_variable,
				       .suggest = suggest_variable,
				       .captures = &route_captures };

static const struct dk_header message_headers[] = {
	{ TEXT("type"), TEXT("order"), DK_HEADER_TEXT },
	{ TEXT("x-n"), TEXT("42"), DK_HEADER_INTEGER },
	{ TEXT("type"), TEXT("last"), DK_HEADER_TEXT },
	{ TEXT("empty"), TEXT(""), DK_HEADER_TEXT },
	{ TEXT(""), TEXT("nameless"), DK_HEADER_TEXT },
	{ TEXT("null"), { NULL, 0 }, DK_HEADER_TEXT },
};
static const struct dk_message message = {
	.address = TEXT("site/7"),
	.key = TEXT("Key"),
	.payload =
		TEXT("{\"user\":{\"id\":17,\"name\":\"Ann\",\"tags\":[\"a\",\"b\"]},\"total\":1.5,"
		     "\"ok\":true,\"not\":false,\"none\":null,\"deep\":{\"b\":1,\"a\":[]},"
		     "\"text\":\"5\",\"large\":9007199254740993}"),
	.headers = message_headers,
	.header_count = ROWS(message_headers),
	.content_type = TEXT("application/json"),
	.correlation_id = TEXT("c-1"),
	.reply_to = TEXT("answers"),
	.timestamp_ms = 1700000000123,
};

#endif
