/* SPDX-License-Identifier: Apache-2.0
 *
 * regex.h - regular expressions in patterns: PCRE2's, matched as a whole and within limits.
 *
 * `~` begins an expression: `~site/(?<line>[0-9]+)/.*`; in AMQP, where the exchange is a name, it
 * stands after it: `exchange/~cmd\.(?<verb>.+)`. It has to match all of the address (of AMQP's the
 * routing key), as if it stood between ^ and $. A `.` is any character. Where the system's
 * addresses are UTF-8, so are the expression's characters, and what is not UTF-8 is not matched.
 *
 * Named groups are captures. A group's value is one level wherever it is emitted: what it may hold
 * cannot be told from an expression, so it is never a rest, and one that holds what parts levels in
 * the target is refused there like any other. An optional group that took no part is absent.
 *
 * An expression that goes back and forth without end is stopped at a limit and has not matched; how
 * often is counted. So one match takes some milliseconds at most; of an address of 64 kB, which
 * hardly anybody has, some tens.
 */
#ifndef DK_LANGUAGE_REGEX_H
#define DK_LANGUAGE_REGEX_H

#include "daemon/base/buffer.h"
#include "daemon/base/slice.h"

struct dk_regex;

/* A named group. Two of one name (of which one takes part) have an entry each. */
struct dk_regex_group {
	struct dk_slice name; /* where it stands in the expression */
	uint32_t number;
	int slot; /* of its capture: the pattern's to set */
};

/* Where in a pattern's text its expression begins, behind the ~; 0: it is no expression. */
size_t dk_regex_begin(enum dk_dialect dialect, struct dk_slice text);

/* The expression, without its ~, is copied; but the groups' names stay in what was given. NULL with
 * an error. */
struct dk_regex *dk_regex_new(struct dk_slice expression, bool is_utf8, struct dk_error *error);
void dk_regex_free(struct dk_regex *regex);

struct dk_slice dk_regex_text(const struct dk_regex *regex);
struct dk_regex_group *dk_regex_groups(struct dk_regex *regex, size_t *count);
/* No text of fewer characters is matched. */
size_t dk_regex_least(const struct dk_regex *regex);

/* Sets the captures of the groups that took part, which point into the text. Does not allocate
 * (where the processor or the system knows no just-in-time compiler, the first match does). One
 * thread at a time. */
bool dk_regex_match(struct dk_regex *regex, struct dk_slice text, struct dk_slice *captures);
/* How many matches ended at a limit. */
uint64_t dk_regex_given_up(const struct dk_regex *regex);

/* Adds what every text that the expression matches begins with, as far as that can be told: its
 * literal characters up to the first that is none. Of a legal expression. */
void dk_regex_prefix(struct dk_slice expression, struct dk_buffer *prefix);

/* Adds the value so that it stands for itself in an expression, in a [class] too. */
void dk_regex_quote(struct dk_slice value, struct dk_buffer *out);

#endif
