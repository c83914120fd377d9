/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern.h - what a route matches, compiled: levels that are literal, captured or wild.
 *
 * Text in: a route's `from` after the endpoint's colon, with variables already replaced. `:name` at
 * the start of a level captures that level, `:name*` the rest of the address, `::` is a colon; the
 * dialect's own wildcards work unnamed. In AMQP the exchange is the first level and is literal.
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
 * that begins with ^. A string of the pattern's. */
const char *dk_pattern_filter(const struct dk_pattern *pattern);

#endif
