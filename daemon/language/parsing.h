/* SPDX-License-Identifier: Apache-2.0
 *
 * parsing.h - a pattern while it is compiled: what pattern.c and pattern_regex.c both do to it.
 */
#ifndef DK_LANGUAGE_PARSING_H
#define DK_LANGUAGE_PARSING_H

#include "daemon/language/pattern_levels.h"

struct dk_parsing {
	enum dk_dialect dialect;
	const struct dk_grammar *grammar;
	struct dk_captures *captures;
	struct dk_error *error;
	struct dk_pattern *pattern;
	char *end;     /* of the filter so far */
	bool is_posix; /* Kafka's filter is an expression of its own (librdkafka: POSIX extended) */
};

/* Begins a level, in the filter too, where a separator comes before it; wild ones are whole then,
 * of literal ones the text is written next. */
struct dk_pattern_level *dk_parsing_begin(struct dk_parsing *parsing, enum dk_level_kind kind);
void dk_parsing_write(struct dk_parsing *parsing, struct dk_slice text);
void dk_parsing_end_literal(struct dk_parsing *parsing, struct dk_pattern_level *level);
void dk_parsing_add_wild(struct dk_parsing *parsing, enum dk_level_kind kind, int slot);

bool dk_parsing_is_name(struct dk_slice name);
/* The slot of a name, new or known. -1 with an error when it cannot have one. */
int dk_parsing_slot(struct dk_parsing *parsing, struct dk_slice name, bool is_rest);

/* The levels of a regular expression that the pattern has already, without its ~; behind the
 * exchange, where there is one. */
int dk_parsing_regex(struct dk_parsing *parsing, struct dk_slice expression);

#endif
