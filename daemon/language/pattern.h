/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern.h - what a route matches, compiled: levels that are literal, captured or wild; or a
 * regular expression.
 *
 * Text in: a route's `from` after the endpoint's colon, with variables already replaced. `:name` at
 * the start of a level captures that level, `:name*` the rest of the address, `::` is a colon; the
 * dialect's own wildcards work unnamed. In AMQP the exchange is the first level and is literal.
 * `~` begins a regular expression whose named groups are captures: see regex.h. As with wildcards
 * (MQTT 5.0 section 4.7.2), a topic that begins with $ is matched only by an expression whose first
 * level is literal: `~\$SYS/.*`.
 */
#ifndef DK_LANGUAGE_PATTERN_H
#define DK_LANGUAGE_PATTERN_H

#include "daemon/base/slice.h"
#include "daemon/language/names.h"

struct dk_pattern;

/* Adds the pattern's captures to `captures` (a name that is there already gets its slot); the names
 * point into the text. NULL with an error when the text is no pattern. */
struct dk_pattern *dk_pattern_new(enum dk_dialect dialect, struct dk_slice text,
				  struct dk_captures *captures, struct dk_error *error);
void dk_pattern_free(struct dk_pattern *pattern);

/* The same in the system's own wildcards; for Kafka's dialect the topic, or a regular expression
 * that begins with ^ (POSIX extended). Of an expression the levels that it begins with, as far as
 * they can be told, and a wildcard for the rest: it brings all that the pattern matches, and more.
 * A string of the pattern's. */
const char *dk_pattern_filter(const struct dk_pattern *pattern);

/* False, with the reason, where no address that is legal in the system is matched. True says
 * nothing: an expression may match nothing at all. */
bool dk_pattern_can_match(enum dk_dialect dialect, const struct dk_pattern *pattern,
			  struct dk_error *error);

#endif
