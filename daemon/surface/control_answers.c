/* SPDX-License-Identifier: Apache-2.0
 *
 * control_answers.c - what is answered: JSON, text, errors.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/language/dialect.h"
#include "daemon/surface/control_inside.h"

void
dk_answer_text(struct dk_http_call *call, int status, const char *type, char *text)
{
	struct dk_buffer body = { text, strlen(text), strlen(text) + 1 };

	dk_http_answer(call, status, type, &body);
}

json_t *
dk_json_of_slice(struct dk_slice rest)
{
	struct dk_buffer out = { 0 };
	json_t *json;

	dk_buffer_reserve(&out, rest.length);
	while (rest.length > 0) {
		size_t length = dk_utf8_length(rest);

		dk_buffer_add(&out,
			      length ? dk_slice_new(rest.data, length) : DK_SLICE("\xef\xbf\xbd"));
		rest = dk_slice_new(rest.data + (length ? length : 1),
				    rest.length - (length ? length : 1));
	}
	json = json_stringn(out.data ? out.data : "", out.length);
	dk_buffer_clear(&out);
	return json;
}

json_t *
dk_json_of_text(const char *text)
{
	return dk_json_of_slice(dk_slice_of(text));
}

json_t *
dk_json_of_time(int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;
	char text[40], whole[64];

	if (!gmtime_r(&seconds, &parts))
		return json_null();
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(whole, sizeof(whole), "%s.%03dZ", text, (int)(wall_ms % 1000));
	return json_string(whole);
}

void
dk_answer_json(struct dk_http_call *call, int status, json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	json_decref(value);
	if (!text) {
		text = strdup("{ \"error\": \"the answer cannot be written as JSON\" }");
		status = 500;
	}
	if (!text)
		abort();
	dk_answer_text(call, status, "application/json", text);
}

void
dk_answer_error(struct dk_http_call *call, int status, const char *error)
{
	dk_answer_json(call, status, json_pack("{s:o}", "error", dk_json_of_text(error)));
}

const char *
dk_outcome_word(enum dk_outcome outcome)
{
	static const char *const words[] = { "accepted", "released", "denied", "rejected" };

	return words[outcome];
}
