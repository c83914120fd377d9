/* SPDX-License-Identifier: Apache-2.0
 *
 * words.h - settings that functions of their own read, and no table of options: their names, what
 * they may be, and what they are for.
 */
#ifndef DK_CONFIG_WORDS_H
#define DK_CONFIG_WORDS_H

#include "daemon/base/suggest.h"
#include "daemon/config/tree.h"

#define DK_KIND(kind) (1u << DK_NODE_##kind)
#define DK_KIND_SCALAR (DK_KIND(TEXT) | DK_KIND(INTEGER) | DK_KIND(REAL) | DK_KIND(TRUTH))

/* Tables of these end with a row without a name. */
struct dk_word {
	const char *name;
	unsigned kinds;	     /* what it may be: DK_KIND(TEXT) | DK_KIND(LIST) */
	const char *help;    /* one sentence */
	const char *example; /* for messages of what it may not be; may be NULL */
};

extern const struct dk_word dk_parts[];		 /* settings.c: the top of a file */
extern const struct dk_word dk_endpoint_words[]; /* endpoints.c */
extern const struct dk_word dk_route_words[];	 /* route_options.c */
extern const struct dk_word dk_group_words[];	 /* groups.c */
extern const struct dk_word dk_variable_words[]; /* declaration.c */
extern const struct dk_word dk_test_words[];	 /* tests.c */
extern const struct dk_word dk_message_words[];	 /* tests.c: of a test's message */

/* NULL: no row has the name. */
const struct dk_word *dk_words_find(const struct dk_word *words, const char *name);
void dk_words_suggest(const struct dk_word *words, struct dk_suggestion *suggestion);
/* Adds the names to those that are there, parted by commas, as far as there is room. */
void dk_words_names(const struct dk_word *words, char *names, size_t room);

#endif
