/* SPDX-License-Identifier: Apache-2.0
 *
 * words.c - tables of settings that functions of their own read.
 */
#include "daemon/config/words.h"

#include <stdio.h>

const struct dk_word *
dk_words_find(const struct dk_word *words, const char *name)
{
	for (; words->name; words++)
		if (strcmp(words->name, name) == 0)
			return words;
	return NULL;
}

void
dk_words_suggest(const struct dk_word *words, struct dk_suggestion *suggestion)
{
	for (; words->name; words++)
		dk_suggest(suggestion, words->name);
}

void
dk_words_names(const struct dk_word *words, char *names, size_t room)
{
	for (; words->name; words++) {
		size_t length = strlen(names);

		snprintf(names + length, room - length, "%s%s", length ? ", " : "", words->name);
	}
}
