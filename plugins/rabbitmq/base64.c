/* SPDX-License-Identifier: Apache-2.0
 *
 * base64.c - bytes as text and back: RFC 4648 section 4.
 */
#include <string.h>

#include "plugins/rabbitmq/message.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
rabbitmq_base64_write(struct dk_slice bytes, char *out)
{
	for (size_t i = 0; i < bytes.length; i += 3) {
		size_t left = bytes.length - i;
		uint32_t group = 0;

		for (size_t n = 0; n < 3; n++)
			group = group << 8 | (n < left ? (unsigned char)bytes.data[i + n] : 0u);
		for (size_t n = 0; n < 4; n++)
			*out++ = n <= left ? letters[group >> (18 - 6 * n) & 63] : '=';
	}
	return out;
}

/* Four letters; how many bytes they hold, -1: they are not such. */
static int
read_group(const char *text, char *out)
{
	uint32_t group = 0;
	int bytes = text[3] != '=' ? 3 : text[2] != '=' ? 2 : 1;

	for (int n = 0; n < 4; n++) {
		const char *letter = n <= bytes ? memchr(letters, text[n], 64) : letters;

		if (!letter)
			return -1;
		group = group << 6 | (uint32_t)(letter - letters);
	}
	for (int n = 0; n < bytes; n++)
		out[n] = (char)(group >> (16 - 8 * n));
	return bytes;
}

ssize_t
rabbitmq_base64_read(struct dk_slice text, char *out)
{
	ssize_t length = 0;

	if (text.length % 4 != 0)
		return -1;
	for (size_t i = 0; i < text.length; i += 4) {
		int bytes = read_group(text.data + i, out + length);

		if (bytes < 0 || (bytes < 3 && i + 4 < text.length))
			return -1;
		length += bytes;
	}
	return length;
}
