/* SPDX-License-Identifier: Apache-2.0
 *
 * frames.h - the frames of a WebSocket (RFC 6455), as a client reads and writes them: pure
 * functions.
 */
#ifndef DK_PLUGINS_MQTT_FRAMES_H
#define DK_PLUGINS_MQTT_FRAMES_H

#include "plugins/plugin.h"

enum mqtt_frame_kind {
	MQTT_FRAME_MORE = 0x0, /* of the one before */
	MQTT_FRAME_TEXT = 0x1,
	MQTT_FRAME_BINARY = 0x2,
	MQTT_FRAME_CLOSE = 0x8,
	MQTT_FRAME_PING = 0x9,
	MQTT_FRAME_PONG = 0xA,
};

#define MQTT_FRAME_HEAD_MAX 14
#define MQTT_FRAME_CONTROL_MAX 125

/* Writes the head of a whole, masked frame, and returns its length. */
size_t mqtt_frame_head(enum mqtt_frame_kind kind, size_t length, const char mask[4], char *out);
void mqtt_frame_mask(char *bytes, size_t length, const char mask[4]);

/* Where a reader is. All zeros at the start. */
struct mqtt_frame_reader {
	unsigned char head[MQTT_FRAME_HEAD_MAX];
	size_t have;   /* of the head */
	uint64_t left; /* of the payload */
	enum mqtt_frame_kind kind;
	bool is_inside;
	char control[MQTT_FRAME_CONTROL_MAX]; /* the payload of a control frame so far */
	size_t control_length;
};

/* What a step has found. */
struct mqtt_frame_piece {
	enum mqtt_frame_kind kind;
	struct dk_slice bytes;
	bool is_end;   /* the frame's: a control frame's bytes are all there only then */
	bool is_fault; /* it is no frame that a server may send us */
};

/* Reads on, and returns how many bytes it took: all, or up to the end of a piece. */
size_t mqtt_frame_read(struct mqtt_frame_reader *reader, struct dk_slice in,
		       struct mqtt_frame_piece *piece);

#endif
