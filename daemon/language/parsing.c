/* SPDX-License-Identifier: Apache-2.0
 *
 * parsing.c - writing a pattern's levels, and its filter with them; names of captures.
 */
#include "daemon/language/parsing.h"

#include "daemon/base/error.h"

/* --- Levels and filter --- */

void
dk_parsing_write(struct dk_parsing *parsing, struct dk_slice text)
{
	if (text.length > 0)
		memcpy(parsing->end, text.data, text.length);
	parsing->end += text.length;
}

static void
write_separator(struct dk_parsing *parsing)
{
	const struct dk_grammar *grammar = parsing->grammar;
	bool is_first = parsing->pattern->count == 1 && grammar->first_separator;

	if (parsing->pattern->count == 0)
		return;
	if (parsing->is_posix)
		*parsing->end++ = '\\';
	*parsing->end++ = is_first ? grammar->first_separator : grammar->separator;
}

struct dk_pattern_level *
dk_parsing_begin(struct dk_parsing *parsing, enum dk_level_kind kind)
{
	struct dk_pattern_level *level = &parsing->pattern->levels[parsing->pattern->count];

	write_separator(parsing);
	parsing->pattern->count++;
	*level = (struct dk_pattern_level){ .from = (uint16_t)(parsing->end -
							       parsing->pattern->filter),
					    .slot = -1,
					    .kind = (uint8_t)kind };
	return level;
}

void
dk_parsing_end_literal(struct dk_parsing *parsing, struct dk_pattern_level *level)
{
	level->length = (uint16_t)(parsing->end - parsing->pattern->filter - level->from);
}

void
dk_parsing_add_wild(struct dk_parsing *parsing, enum dk_level_kind kind, int slot)
{
	char wildcard = kind == DK_LEVEL_ONE ? parsing->grammar->one : parsing->grammar->rest;

	dk_parsing_begin(parsing, kind)->slot = (int8_t)slot;
	if (parsing->is_posix)
		dk_parsing_write(parsing,
				 kind == DK_LEVEL_ONE ? DK_SLICE("[^.]+") : DK_SLICE(".+"));
	else
		*parsing->end++ = wildcard ? wildcard : '*';
}

/* --- Captures --- */

bool
dk_parsing_is_name(struct dk_slice name)
{
	for (size_t i = 0; i < name.length; i++) {
		char c = name.data[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!is_letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return name.length > 0;
}

/* The slot of a name, new or known. -1 with an error when it cannot have one. */
int
dk_parsing_slot(struct dk_parsing *parsing, struct dk_slice name, bool is_rest)
{
	struct dk_captures *captures = parsing->captures;
	int slot = dk_captures_find(captures, name);

	if (slot >= 0) {
		captures->is_rest[slot] |= is_rest;
		return slot;
	}
	if (captures->count == DK_CAPTURES_MAX)
		return dk_fail(parsing->error, "there are more than %d captures", DK_CAPTURES_MAX);
	captures->names[captures->count] = name;
	captures->is_rest[captures->count] = is_rest;
	return (int)captures->count++;
}
