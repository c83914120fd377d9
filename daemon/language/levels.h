/* SPDX-License-Identifier: Apache-2.0
 *
 * levels.h - addresses cut into levels, by dialect: a row for each.
 */
#ifndef DK_LANGUAGE_LEVELS_H
#define DK_LANGUAGE_LEVELS_H

#include "daemon/base/slice.h"

#define DK_LEVELS_MAX 128

/* What is peculiar to a dialect. A character of 0 is one that it does not have. */
struct dk_grammar {
	const char *name;       /* for messages: "an MQTT topic" */
	char separator;
	char first_separator;   /* of AMQP: ends the exchange, the first level */
	char one, rest;         /* native wildcards, each alone in its level */
	bool rest_is_anywhere;  /* AMQP's #: any number of levels, in any place */
	bool rest_may_be_none;  /* MQTT's # matches the level above it too */
	const char *illegal;    /* in a name: characters besides control characters; NULL: none */
	const char *legal;      /* in a name: only these; NULL: any */
	size_t longest;         /* bytes */
	bool is_utf8;
	bool has_controls;      /* control characters are legal */
};

const struct dk_grammar *dk_grammar_of(enum dk_dialect dialect);

/* Cuts the first level off; false when there was none left. `is_first` is only true for the first
 * call with an address. */
struct dk_level_cursor {
	const char *at, *end;
	bool is_over, is_first;
};

static inline struct dk_level_cursor
dk_levels_begin(struct dk_slice address)
{
	return (struct dk_level_cursor){ address.data, address.data + address.length, false, true };
}

static inline bool
dk_levels_next(struct dk_level_cursor *cursor, const struct dk_grammar *grammar,
	       struct dk_slice *level)
{
	char separator = cursor->is_first && grammar->first_separator ? grammar->first_separator :
									 grammar->separator;
	const char *found;

	if (cursor->is_over)
		return false;
	found = separator && cursor->end > cursor->at ?
			memchr(cursor->at, separator, (size_t)(cursor->end - cursor->at)) :
			NULL;
	*level = dk_slice_new(cursor->at,
			      (size_t)((found ? found : cursor->end) - cursor->at));
	cursor->is_over = !found;
	cursor->is_first = false;
	cursor->at = found ? found + 1 : cursor->end;
	return true;
}

#endif
