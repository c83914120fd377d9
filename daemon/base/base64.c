/* SPDX-License-Identifier: Apache-2.0
 *
 * base64.c - text back to bytes.
 */
#include "daemon/base/base64.h"

/* Six bits; -1: no letter of it. */
static int
value_of(char letter)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = memchr(letters, letter, sizeof(letters) - 1);

	return at ? (int)(at - letters) : -1;
}

/* How many of the last four letters are padding: 0 to 2. */
static size_t
padding_of(struct dk_slice text)
{
	size_t padding = 0;

	while (padding < 2 && padding < text.length &&
	       text.data[text.length - 1 - padding] == '=')
		padding++;
	return padding;
}

int
dk_base64_read(struct dk_slice text, struct dk_buffer *bytes)
{
	size_t padding = padding_of(text);
	unsigned bits = 0;

	if (text.length % 4 != 0)
		return -1;
	for (size_t i = 0; i < text.length; i++) {
		int value = i < text.length - padding ? value_of(text.data[i]) : 0;

		if (value < 0)
			return -1;
		bits = bits << 6 | (unsigned)value;
		if (i % 4 == 3) {
			char three[] = { (char)(bits >> 16), (char)(bits >> 8), (char)bits };

			dk_buffer_add(bytes, dk_slice_new(three, i + 1 == text.length ?
									 3 - padding :
									 3));
		}
	}
	return 0;
}
