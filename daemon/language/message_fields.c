/* SPDX-License-Identifier: Apache-2.0
 *
 * message_fields.c - what of a message, and of what its pattern captured, a reference may name.
 */
#include "daemon/language/message_fields.h"

#include <assert.h>

#include "daemon/language/reference.h"

static void
take_capture(const struct dk_reference *reference, struct dk_view *view, struct dk_value *value)
{
	*value = dk_value_of(view->captures ? view->captures[reference->slot] :
						  (struct dk_slice){ NULL, 0 });
}

static void
take_timestamp(const struct dk_reference *reference, struct dk_view *view, struct dk_value *value)
{
	(void)reference;
	*value = (struct dk_value){ .kind = view->message->timestamp_ms < 0 ? DK_VALUE_ABSENT :
									      DK_VALUE_INTEGER,
				    .integer = view->message->timestamp_ms };
}

/* What stands behind the first dot of its name. */
static struct dk_slice
path_of(const struct dk_reference *reference)
{
	const char *dot = memchr(reference->name.data, '.', reference->name.length);

	return dk_slice_after(reference->name, (size_t)(dot + 1 - reference->name.data));
}

/* The last one of the name, which is the one that counts where a sink takes only one. */
static void
take_header(const struct dk_reference *reference, struct dk_view *view, struct dk_value *value)
{
	struct dk_slice name = path_of(reference);

	*value = (struct dk_value){ .kind = DK_VALUE_ABSENT };
	for (size_t i = view->message->header_count; i-- > 0;)
		if (dk_slice_is(view->message->headers[i].name, name)) {
			*value = dk_value_of(view->message->headers[i].value);
			return;
		}
}

static void
take_json(const struct dk_reference *reference, struct dk_view *view, struct dk_value *value)
{
	dk_document_find(&view->document, view->message->payload, path_of(reference), value);
}

#define FIELD(member)                                                                              \
	static void take_##member(const struct dk_reference *reference, struct dk_view *view,      \
				  struct dk_value *value)                                          \
	{                                                                                          \
		(void)reference;                                                                   \
		*value = dk_value_of(view->message->member);                                       \
	}

FIELD(key)
FIELD(address)
FIELD(payload)
FIELD(content_type)
FIELD(correlation_id)
FIELD(reply_to)
FIELD(message_id)

const struct dk_message_field dk_message_fields[] = {
	{ .name = "", .take = take_capture },
	{ .name = "key", .take = take_key, .part = DK_HAS_KEY,
	  .help = "Its key, which a message of Kafka may have." },
	{ .name = "topic", .take = take_address, .is_rest = true,
	  .help = "Its whole address at its source." },
	{ .name = "payload", .take = take_payload, .help = "All of its payload." },
	{ .name = "timestamp", .take = take_timestamp, .is_time = true, .part = DK_HAS_TIMESTAMP,
	  .help = "When it was made, in milliseconds since 1970; a format of it is one of "
		  "strftime(3)." },
	{ .name = "content_type", .take = take_content_type, .part = DK_HAS_CONTENT_TYPE,
	  .help = "The media type of its payload." },
	{ .name = "correlation_id", .take = take_correlation_id,
	  .part = DK_HAS_CORRELATION_ID, .help = "What it answers." },
	{ .name = "reply_to", .take = take_reply_to, .part = DK_HAS_REPLY_TO,
	  .help = "Where it wants its answer." },
	{ .name = "message_id", .take = take_message_id, .part = DK_HAS_MESSAGE_ID,
	  .help = "The name that its sender gave it." },
	{ .name = "header.", .written = "header.NAME", .take = take_header, .part = DK_HAS_HEADERS,
	  .help = "The header of that name, the last one if there are several." },
	{ .name = "json.", .written = "json.PATH", .take = take_json, .needs_document = true,
	  .help = "What stands at that path in a payload that is JSON: names of members, and places "
		  "in lists from 0, with dots between." },
};

static_assert(sizeof(dk_message_fields) / sizeof(dk_message_fields[0]) == DK_MESSAGE_FIELDS,
	      "a row for each");

size_t
dk_message_field_find(struct dk_slice name)
{
	for (size_t i = 1; i < DK_MESSAGE_FIELDS; i++) {
		struct dk_slice field = dk_slice_of(dk_message_fields[i].name);
		bool has_more = field.data[field.length - 1] == '.';

		if (has_more && name.length > field.length &&
		    memcmp(name.data, field.data, field.length) == 0)
			return i;
		if (dk_slice_is(name, field))
			return i;
	}
	return 0;
}

const char *
dk_message_field_at(size_t number, const char **help)
{
	if (number + 1 >= DK_MESSAGE_FIELDS)
		return NULL;
	*help = dk_message_fields[number + 1].help;
	return dk_message_fields[number + 1].written ? dk_message_fields[number + 1].written :
						       dk_message_fields[number + 1].name;
}
