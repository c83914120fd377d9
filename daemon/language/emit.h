/* SPDX-License-Identifier: Apache-2.0
 *
 * emit.h - a value put into an address: refused where it would break out of its place or is not
 * legal there, or escaped so that it can be read back.
 *
 * The law: what is emitted into a level, matched by a pattern with a capture at that level and read
 * back, is what was given. Escaped, a byte is %XX, and in a Kafka topic, which has no percent sign,
 * _xx, with an underscore itself doubled; an empty value is the escape character alone, but that of
 * a rest, which may be no level at all, and stays empty outside of AMQP's exchange.
 */
#ifndef DK_LANGUAGE_EMIT_H
#define DK_LANGUAGE_EMIT_H

#include "daemon/base/buffer.h"

/* Where in an address a value stands. */
struct dk_emit_place {
	bool is_first;       /* nothing stands before it */
	bool is_in_exchange; /* of AMQP: no / stands before it */
	bool is_rest;        /* it may hold several levels */
};

/* Adds the value. NULL, or why it may not stand there: a constant sentence part ("holds a
 * wildcard"); then the value is added as it is, for messages. */
const char *dk_emit(enum dk_dialect dialect, bool escapes, struct dk_slice value,
		    struct dk_emit_place place, struct dk_buffer *out);

/* Adds what an escaped value was before; false where an escape character begins no escape. It takes
 * more than dk_emit() gives: %41 is an A, which is never escaped. */
bool dk_emit_read(enum dk_dialect dialect, struct dk_slice escaped, struct dk_buffer *out);

#endif
