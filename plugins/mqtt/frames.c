/* SPDX-License-Identifier: Apache-2.0
 *
 * frames.c - the frames of a WebSocket, as a client reads and writes them; see frames.h.
 */
#include <string.h>

#include "plugins/mqtt/frames.h"

#define FINAL 0x80
#define RESERVED 0x70
#define MASKED 0x80
#define LENGTH_16 126 /* two bytes of it follow */
#define LENGTH_64 127 /* eight */

size_t
mqtt_frame_head(enum mqtt_frame_kind kind, size_t length, const char mask[4], char *out)
{
	size_t more = length < LENGTH_16 ? 0 : length <= UINT16_MAX ? 2 : 8;
	char *at = out;

	*at++ = (char)(FINAL | kind);
	*at++ = (char)(MASKED | (more == 0 ? length : more == 2 ? LENGTH_16 : LENGTH_64));
	while (more-- > 0)
		*at++ = (char)((uint64_t)length >> 8 * more & 0xFF);
	memcpy(at, mask, 4);
	return (size_t)(at - out) + 4;
}

void
mqtt_frame_mask(char *bytes, size_t length, const char mask[4])
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)(bytes[i] ^ mask[i % 4]);
}

static bool
is_control(enum mqtt_frame_kind kind)
{
	return kind & 0x8;
}

/* How long the head is, as far as it is known. */
static size_t
head_length(const struct mqtt_frame_reader *reader)
{
	unsigned length = reader->have < 2 ? 0 : reader->head[1] & 0x7F;

	return length == LENGTH_16 ? 4 : length == LENGTH_64 ? 10 : 2;
}

/* MQTT goes in binary frames, and what a server sends is not masked. */
static bool
is_legal(const struct mqtt_frame_reader *reader)
{
	bool is_known = reader->kind == MQTT_FRAME_MORE || reader->kind == MQTT_FRAME_BINARY ||
			reader->kind == MQTT_FRAME_CLOSE || reader->kind == MQTT_FRAME_PING ||
			reader->kind == MQTT_FRAME_PONG;

	if (!is_known || (reader->head[0] & RESERVED) || (reader->head[1] & MASKED) ||
	    reader->left > INT64_MAX)
		return false;
	return !is_control(reader->kind) ||
	       ((reader->head[0] & FINAL) && reader->left <= MQTT_FRAME_CONTROL_MAX);
}

/* The head is whole. */
static void
begin(struct mqtt_frame_reader *reader)
{
	reader->kind = reader->head[0] & 0x0F;
	reader->left = reader->head[1] & 0x7F;
	if (reader->have > 2)
		reader->left = 0;
	for (size_t i = 2; i < reader->have; i++)
		reader->left = reader->left << 8 | reader->head[i];
	reader->is_inside = true;
	reader->control_length = 0;
}

static size_t
read_head(struct mqtt_frame_reader *reader, struct dk_slice in)
{
	size_t taken = 0;

	while (taken < in.length && reader->have < head_length(reader))
		reader->head[reader->have++] = (unsigned char)in.data[taken++];
	if (reader->have >= 2 && reader->have == head_length(reader))
		begin(reader);
	return taken;
}

size_t
mqtt_frame_read(struct mqtt_frame_reader *reader, struct dk_slice in,
		struct mqtt_frame_piece *piece)
{
	size_t head = reader->is_inside ? 0 : read_head(reader, in), length = in.length - head;

	*piece = (struct mqtt_frame_piece){ .kind = reader->kind, .bytes = { in.data, 0 } };
	if (!reader->is_inside)
		return head;
	piece->is_fault = !is_legal(reader);
	piece->kind = reader->kind;
	if (piece->is_fault)
		return head;
	if (length > reader->left)
		length = (size_t)reader->left;
	piece->bytes = (struct dk_slice){ in.data + head, length };
	reader->left -= length;
	piece->is_end = reader->left == 0;
	if (is_control(reader->kind)) {
		memcpy(reader->control + reader->control_length, in.data + head, length);
		reader->control_length += length;
		piece->bytes = (struct dk_slice){ reader->control, reader->control_length };
	}
	if (piece->is_end) {
		reader->is_inside = false;
		reader->have = 0;
	}
	return head + length;
}
