/* SPDX-License-Identifier: Apache-2.0
 *
 * document.c - a payload as JSON. The only file of this layer that knows jansson.
 */
#include "daemon/language/document.h"

#include <jansson.h>

static void
parse(struct dk_document *document, struct dk_slice payload)
{
	document->was_asked = true;
	if (payload.data && payload.length <= DK_DOCUMENT_MAX)
		document->root = json_loadb(payload.data, payload.length,
					    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES |
						    JSON_ALLOW_NUL,
					    NULL);
}

/* The place in a list that a part of a path is; false: it is none. */
static bool
read_place(struct dk_slice part, size_t *place)
{
	*place = 0;
	for (size_t i = 0; i < part.length; i++) {
		if (part.data[i] < '0' || part.data[i] > '9' || i == 9)
			return false;
		*place = 10 * *place + (size_t)(part.data[i] - '0');
	}
	return part.length > 0;
}

static json_t *
step(json_t *at, struct dk_slice part)
{
	size_t place;

	if (json_is_array(at))
		return read_place(part, &place) ? json_array_get(at, place) : NULL;
	return json_object_getn(at, part.data, part.length);
}

static json_t *
walk(json_t *at, struct dk_slice path)
{
	bool is_over = path.length == 0;

	while (at && !is_over) {
		const char *dot = path.length ? memchr(path.data, '.', path.length) : NULL;
		size_t length = dot ? (size_t)(dot - path.data) : path.length;

		at = step(at, dk_slice_new(path.data, length));
		is_over = !dot;
		path = dk_slice_after(path, length + !is_over);
	}
	return at;
}

static void
take(const json_t *from, struct dk_value *value)
{
	if (json_is_string(from)) {
		value->kind = DK_VALUE_TEXT;
		value->text = dk_slice_new(json_string_value(from), json_string_length(from));
	} else if (json_is_integer(from)) {
		value->kind = DK_VALUE_INTEGER;
		value->integer = json_integer_value(from);
	} else if (json_is_real(from)) {
		value->kind = DK_VALUE_REAL;
		value->real = json_real_value(from);
	} else if (json_is_boolean(from)) {
		value->kind = DK_VALUE_TRUTH;
		value->truth = json_is_true(from);
	} else if (json_is_object(from) || json_is_array(from)) {
		value->kind = DK_VALUE_COMPOUND;
		value->compound = (void *)(uintptr_t)from;
	}
}

void
dk_document_find(struct dk_document *document, struct dk_slice payload, struct dk_slice path,
		 struct dk_value *value)
{
	if (!document->was_asked)
		parse(document, payload);
	*value = (struct dk_value){ .kind = DK_VALUE_ABSENT };
	take(walk(document->root, path), value);
}

static int
add(const char *bytes, size_t length, void *out)
{
	dk_buffer_add(out, dk_slice_new(bytes, length));
	return 0;
}

void
dk_document_add(void *compound, struct dk_buffer *out)
{
	json_dump_callback(compound, add, out, JSON_COMPACT | JSON_SORT_KEYS);
}

void
dk_document_clear(struct dk_document *document)
{
	json_decref(document->root);
	*document = (struct dk_document){ 0 };
}
