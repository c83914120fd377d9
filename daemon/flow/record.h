/* SPDX-License-Identifier: Apache-2.0
 *
 * record.h - a message as bytes: fields with a tag and a length each, so that a version may add
 * some and an older one pass over them.
 *
 * All numbers are little-endian. A field is: tag, 2 bytes; detail, 2 bytes (a header's type, else
 * 0); length, 4 bytes; then so many bytes. What a message lacks has no field.
 */
#ifndef DK_FLOW_RECORD_H
#define DK_FLOW_RECORD_H

#include "daemon/base/slice.h"

/* Numbers are for ever. */
enum dk_tag {
	DK_TAG_SUBSCRIPTION = 1,
	DK_TAG_ADDRESS = 2,
	DK_TAG_KEY = 3,
	DK_TAG_PAYLOAD = 4,
	DK_TAG_CONTENT_TYPE = 5,
	DK_TAG_CORRELATION_ID = 6,
	DK_TAG_REPLY_TO = 7,
	DK_TAG_MESSAGE_ID = 8,
	DK_TAG_NUMBERS = 9,      /* struct of fixed size, see record.c */
	DK_TAG_HEADER_NAME = 10, /* detail: enum dk_header_type */
	DK_TAG_HEADER_VALUE = 11,
	/* of dead letters */
	DK_TAG_ENDPOINT = 20,
	DK_TAG_ROUTE = 21,
	DK_TAG_TARGET = 22,
	DK_TAG_REASON = 23,
};

/* A field besides the message's own. */
struct dk_extra {
	enum dk_tag tag;
	struct dk_slice value;
};

/* The pieces of which the bytes are put together: they point into the message, nothing is copied.
 * To be initialized with dk_pieces_of and let go with dk_pieces_free. */
struct dk_pieces {
	struct dk_slice *list;
	size_t count;
	struct dk_field_head *heads;
	size_t length; /* of all pieces */
	int64_t numbers[4];
	struct dk_slice list_room[48];
	_Alignas(8) char heads_room[24 * 8];
	void *more; /* instead of both rooms, for a message with many headers */
};

/* -1 when there is no memory. wall_ms is when it was stored, for people. */
int dk_pieces_of(struct dk_pieces *pieces, const struct dk_message *message,
		 const struct dk_extra *extras, size_t extra_count, int64_t wall_ms);
void dk_pieces_free(struct dk_pieces *pieces);

/* How many headers the bytes hold: the room that reading them takes. */
size_t dk_record_headers(struct dk_slice bytes);

/* The wall_ms that the bytes were made with; -1 when they do not say. */
int64_t dk_record_stored_ms(struct dk_slice bytes);

/* Reads bytes back: the message points into them; `headers` is room for so many. `extra` is called
 * for each field that is not the message's own. -1 when the bytes are no record. */
int dk_record_read(struct dk_slice bytes, struct dk_message *message, struct dk_header *headers,
		   size_t header_room,
		   void (*extra)(void *context, enum dk_tag tag, struct dk_slice value),
		   void *context);

#endif
