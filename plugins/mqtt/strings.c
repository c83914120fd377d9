/* SPDX-License-Identifier: Apache-2.0
 *
 * strings.c - what MQTT takes as text, and bytes written as such; see strings.h.
 */
#include <string.h>

#include "plugins/mqtt/strings.h"
#include "plugins/text.h"

/* The / in a topic: more than that mosquitto takes for an attack, and ends the connection. */
#define SLASHES_MAX 200

/* Of a character whose length is known. */
static unsigned
code_of(const unsigned char *at, size_t length)
{
	static const unsigned char masks[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	unsigned code = at[0] & masks[length];

	for (size_t i = 1; i < length; i++)
		code = code << 6 | (at[i] & 0x3F);
	return code;
}

static bool
is_forbidden(unsigned code)
{
	return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0xFDD0 && code < 0xFDF0) ||
	       (code & 0xFFFE) == 0xFFFE;
}

bool
mqtt_is_string(struct dk_slice slice)
{
	const unsigned char *at = (const void *)slice.data, *end;
	size_t length;

	if (slice.length == 0 || slice.length > MQTT_STRING_MAX)
		return slice.length == 0;
	end = at + slice.length;
	for (; at < end; at += length) {
		length = 1;
		if (*at >= ' ' && *at < 0x7F)
			continue;
		length = dk_text_character(at, end);
		if (length == 0 || is_forbidden(code_of(at, length)))
			return false;
	}
	return true;
}

const char *
mqtt_topic_fault(struct dk_slice topic)
{
	size_t slashes = 0;

	if (topic.length == 0)
		return "is empty";
	if (topic.length > MQTT_STRING_MAX)
		return "is longer than 65535 bytes";
	if (!mqtt_is_string(topic))
		return "holds what MQTT does not take as text, as control characters";
	if (memchr(topic.data, '+', topic.length) || memchr(topic.data, '#', topic.length))
		return "holds a wildcard";
	for (size_t i = 0; i < topic.length; i++)
		slashes += topic.data[i] == '/';
	return slashes > SLASHES_MAX ? "has more levels than brokers take, which is 201" : NULL;
}

size_t
mqtt_base64_write(struct dk_slice bytes, char *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *byte = (const void *)bytes.data;
	char *at = out;

	for (size_t i = 0; i < bytes.length; i += 3) {
		size_t left = bytes.length - i;
		unsigned three = (unsigned)byte[i] << 16;

		if (left > 1)
			three |= (unsigned)byte[i + 1] << 8;
		if (left > 2)
			three |= byte[i + 2];
		*at++ = digits[three >> 18];
		*at++ = digits[three >> 12 & 63];
		*at++ = left > 1 ? digits[three >> 6 & 63] : '=';
		*at++ = left > 2 ? digits[three & 63] : '=';
	}
	return (size_t)(at - out);
}

/* 64: it is no digit. */
static unsigned
digit_of(char character)
{
	if (character >= 'A' && character <= 'Z')
		return (unsigned)(character - 'A');
	if (character >= 'a' && character <= 'z')
		return (unsigned)(character - 'a') + 26;
	if (character >= '0' && character <= '9')
		return (unsigned)(character - '0') + 52;
	return character == '+' ? 62 : character == '/' ? 63 : 64;
}

size_t
mqtt_base64_read(struct dk_slice text, char *out)
{
	size_t digits = text.length, length = 0;
	unsigned bits = 0;

	if (text.length % 4 != 0)
		return SIZE_MAX;
	while (digits > 0 && digits + 2 > text.length && text.data[digits - 1] == '=')
		digits--;
	for (size_t i = 0; i < digits; i++) {
		unsigned digit = digit_of(text.data[i]);

		if (digit > 63)
			return SIZE_MAX;
		bits = bits << 6 | digit;
		if (i % 4 > 0) {
			if (out)
				out[length] = (char)(bits >> (6 - 2 * (i % 4)) & 0xFF);
			length++;
		}
	}
	/* The bits that the last digit has too many. */
	if (bits & ((1u << 2 * (text.length - digits)) - 1))
		return SIZE_MAX;
	return length;
}
