/* SPDX-License-Identifier: Apache-2.0
 *
 * mqtt_frames_test.c - a WebSocket's frames: whole, cut at every byte, and none that are legal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/mqtt/frames.h"

/* What a reader makes of bytes that come in steps: payloads, and what ends in brackets. */
struct story {
	char text[400];
	bool is_fault;
};

static void
add(struct story *story, const char *format, ...)
{
	size_t length = strlen(story->text);
	va_list values;

	va_start(values, format);
	vsnprintf(story->text + length, sizeof(story->text) - length, format, values);
	va_end(values);
}

static void
tell(struct story *story, const struct mqtt_frame_piece *piece)
{
	bool is_control = piece->kind >= MQTT_FRAME_CLOSE;

	story->is_fault |= piece->is_fault;
	if (piece->is_fault || (is_control && !piece->is_end))
		return;
	if (is_control)
		add(story, "[%x %.*s]", piece->kind, (int)piece->bytes.length, piece->bytes.data);
	else
		add(story, "%.*s", (int)piece->bytes.length, piece->bytes.data);
}

static struct story
read_in_steps(struct dk_slice bytes, size_t step)
{
	struct mqtt_frame_reader reader = { 0 };
	struct story story = { "", false };

	for (size_t at = 0; at < bytes.length; at += step) {
		size_t length = bytes.length - at < step ? bytes.length - at : step;
		struct dk_slice in = { bytes.data + at, length };

		while (in.length > 0 && !story.is_fault) {
			struct mqtt_frame_piece piece;
			size_t taken = mqtt_frame_read(&reader, in, &piece);

			assert_in_range(taken, 1, in.length);
			tell(&story, &piece);
			in.data += taken;
			in.length -= taken;
		}
	}
	return story;
}

static void
frames_are_read_however_they_are_cut(void **state)
{
	static const char bytes[] = "\x82\x03"
				    "abc" /* binary */
				    "\x02\x02"
				    "de" /* begun */
				    "\x89\x02"
				    "hi" /* a ping between */
				    "\x80\x01"
				    "f" /* and ended */
				    "\x82\x7E\x00\x04"
				    "ghij"
				    "\x82\x7F\0\0\0\0\0\0\0\x02"
				    "kl"
				    "\x89\x00"
				    "\x8A\x01"
				    "x"
				    "\x88\x02\x03\xE8";

	(void)state;
	for (size_t step = 1; step < sizeof(bytes); step++) {
		struct story story =
			read_in_steps((struct dk_slice){ bytes, sizeof(bytes) - 1 }, step);

		assert_false(story.is_fault);
		assert_string_equal(story.text, "abcde[9 hi]fghijkl[9 ][a x][8 \x03\xE8]");
	}
}

static void
what_a_server_may_not_send_is_a_fault(void **state)
{
	static const struct dk_slice rows[] = {
		{ "\x81\x01"
		  "a",
		  3 },		   /* text */
		{ "\x83\x00", 2 }, /* unknown */
		{ "\xC2\x01"
		  "a",
		  3 }, /* reserved bits */
		{ "\x82\x81"
		  "mask"
		  "a",
		  7 },				      /* masked */
		{ "\x09\x00", 2 },		      /* a ping in parts */
		{ "\x89\x7E\x00\x7E", 4 },	      /* a large ping */
		{ "\x82\x7F\xFF\0\0\0\0\0\0\0", 10 }, /* larger than there is */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!read_in_steps(rows[i], 1).is_fault)
			fail_msg("row %zu", i);
}

static void
heads_are_written_as_they_are_read(void **state)
{
	static const size_t lengths[] = { 0, 1, 125, 126, 127, 65535, 65536, 1000000 };
	const char mask[4] = { 1, 2, 3, 4 };
	char head[MQTT_FRAME_HEAD_MAX], text[5] = "hello";

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct mqtt_frame_reader reader = { 0 };
		struct mqtt_frame_piece piece;
		size_t length = mqtt_frame_head(MQTT_FRAME_BINARY, lengths[i], mask, head);

		assert_memory_equal(head + length - 4, mask, 4);
		assert_true(head[1] & 0x80);
		head[1] = (char)(head[1] & 0x7F);
		mqtt_frame_read(&reader, (struct dk_slice){ head, length - 4 }, &piece);
		assert_int_equal(reader.left, lengths[i]);
		assert_int_equal(piece.kind, MQTT_FRAME_BINARY);
	}
	mqtt_frame_mask(text, sizeof(text), mask);
	assert_memory_equal(text, "igohn", 5);
	mqtt_frame_mask(text, sizeof(text), mask);
	assert_memory_equal(text, "hello", 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_read_however_they_are_cut),
		cmocka_unit_test(what_a_server_may_not_send_is_a_fault),
		cmocka_unit_test(heads_are_written_as_they_are_read),
	};

	return cmocka_run_group_tests_name("mqtt_frames", tests, NULL, NULL);
}
