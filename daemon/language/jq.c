/* SPDX-License-Identifier: Apache-2.0
 *
 * jq.c - conditions as programs of jq. The only file that knows libjq.
 */
#include "daemon/language/jq.h"

#include <stdlib.h>

#include <jv.h> /* before jq.h, which needs it */

#include <jq.h>

#include "daemon/base/error.h"

struct dk_jq {
	jq_state *state;
	char *text;
};

/* The first line, without jq's advice for shells. */
static void
tell(struct dk_error *error, struct dk_slice line)
{
	static const char advice[] = " (Unix shell quoting issues?)";
	const char *found = memmem(line.data, line.length, advice, sizeof(advice) - 1);
	size_t before = found ? (size_t)(found - line.data) : line.length;
	struct dk_slice after =
		found ? dk_slice_after(line, before + sizeof(advice) - 1) : DK_SLICE("");

	dk_fail(error, "jq says: %.*s%.*s", (int)before, line.data, (int)after.length, after.data);
}

/* Takes the message. The first one says what is wrong, those behind it how many there were. */
static void
note_error(void *context, jv message)
{
	struct dk_error *error = context;
	static const char before[] = "jq: error: ";
	const char *text = jv_get_kind(message) == JV_KIND_STRING ? jv_string_value(message) : "";

	if (strncmp(text, before, sizeof(before) - 1) == 0)
		text += sizeof(before) - 1;
	if (!*error->text)
		tell(error, dk_slice_new(text, strcspn(text, ":\n")));
	jv_free(message);
}

/* Of a program that is running: it does not pass, and that is all. */
static void
drop_error(void *context, jv message)
{
	(void)context;
	jv_free(message);
}

struct dk_jq *
dk_jq_new(const char *program, struct dk_error *error)
{
	struct dk_jq *jq = calloc(1, sizeof(*jq));
	struct dk_error why = { "" };

	if (!jq || !(jq->text = strdup(program)) || !(jq->state = jq_init()))
		abort();
	jq_set_error_cb(jq->state, note_error, &why);
	if (!jq_compile(jq->state, program)) {
		dk_fail(error, "%s", *why.text ? why.text : "it is no program of jq");
		dk_jq_free(jq);
		return NULL;
	}
	jq_set_error_cb(jq->state, drop_error, NULL);
	return jq;
}

void
dk_jq_free(struct dk_jq *jq)
{
	if (!jq)
		return;
	jq_teardown(&jq->state);
	free(jq->text);
	free(jq);
}

bool
dk_jq_holds(struct dk_jq *jq, struct dk_slice payload)
{
	jv input = payload.data && payload.length < INT32_MAX ?
			   jv_parse_sized(payload.data, (int)payload.length) :
			   jv_invalid();
	jv result;
	bool holds;

	if (!jv_is_valid(input)) {
		jv_free(input);
		return false;
	}
	jq_start(jq->state, input, 0);
	result = jq_next(jq->state);
	holds = jv_is_valid(result) && jv_get_kind(result) != JV_KIND_FALSE &&
		jv_get_kind(result) != JV_KIND_NULL;
	jv_free(result);
	return holds;
}

const char *
dk_jq_text(const struct dk_jq *jq)
{
	return jq->text;
}

/* As JSON, and \( as what it is: jq would put a value in there. */
void
dk_jq_quote(struct dk_slice value, struct dk_buffer *out)
{
	jv text = jv_dump_string(jv_string_sized(value.data ? value.data : "", (int)value.length), 0);

	dk_buffer_add_text(out, jv_string_value(text));
	jv_free(text);
}
