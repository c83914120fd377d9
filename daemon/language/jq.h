/* SPDX-License-Identifier: Apache-2.0
 *
 * jq.h - a condition on a message's payload as a program of jq 1.6, for what an expression (see
 * expression.h) cannot say: `.items | any(.price > 100)`.
 *
 * The message passes when the first result is neither false nor null. A payload that is no JSON, an
 * error and a program without result do not pass. jq knows no limit of time: a program that does not
 * end holds the daemon.
 */
#ifndef DK_LANGUAGE_JQ_H
#define DK_LANGUAGE_JQ_H

#include "daemon/base/buffer.h"

struct dk_jq;

/* NULL with an error, in jq's own words. */
struct dk_jq *dk_jq_new(const char *program, struct dk_error *error);
void dk_jq_free(struct dk_jq *jq);
bool dk_jq_holds(struct dk_jq *jq, struct dk_slice payload);
const char *dk_jq_text(const struct dk_jq *jq);

/* Adds the value as a text of a program: in quotes, and nothing in it has a meaning. */
void dk_jq_quote(struct dk_slice value, struct dk_buffer *out);

#endif
