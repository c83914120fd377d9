/* SPDX-License-Identifier: Apache-2.0
 *
 * text.h - is a run of bytes text? For plugins whose system tells text from bytes, or does not.
 */
#ifndef DK_PLUGINS_TEXT_H
#define DK_PLUGINS_TEXT_H

#include "plugins/plugin.h"

/* The length of the character that begins at `at`: UTF-8 in its shortest form, no surrogate and no
 * NUL. 0: it is none. */
static inline size_t
dk_text_character(const unsigned char *at, const unsigned char *end)
{
	static const struct {
		unsigned char mask, lead;
		unsigned least; /* smaller ones have a shorter form */
	} forms[] = { { 0x80, 0x00, 0x1 }, { 0xE0, 0xC0, 0x80 }, { 0xF0, 0xE0, 0x800 },
		      { 0xF8, 0xF0, 0x10000 } };

	for (size_t more = 0; more < 4; more++) {
		unsigned code = *at & (unsigned char)~forms[more].mask;

		if ((*at & forms[more].mask) != forms[more].lead)
			continue;
		if ((size_t)(end - at) <= more)
			return 0;
		for (size_t i = 1; i <= more; i++) {
			if ((at[i] & 0xC0) != 0x80)
				return 0;
			code = code << 6 | (at[i] & 0x3F);
		}
		return code < forms[more].least || code > 0x10FFFF || code >> 11 == 0x1B ? 0
											 : more + 1;
	}
	return 0;
}

static inline bool
dk_is_text(struct dk_slice slice)
{
	const unsigned char *at = (const void *)slice.data, *end = at + slice.length;

	while (at < end) {
		size_t length = *at >= ' ' && *at < 0x7F ? 1 : dk_text_character(at, end);

		if (length == 0)
			return false;
		at += length;
	}
	return true;
}

#endif
