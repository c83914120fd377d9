/* SPDX-License-Identifier: Apache-2.0
 *
 * dialect.h - the grammars of the systems' addresses: levels, wildcards, legal names.
 *
 * MQTT: MQTT 5.0 section 4.7. AMQP: 0-9-1 section 3.1.3.3 for words and wildcards, section 4.2.5.3
 * for short strings (255 bytes). Kafka: legal topic names as in Kafka's own
 * org.apache.kafka.common.internals.Topic.
 */
#ifndef DK_LANGUAGE_DIALECT_H
#define DK_LANGUAGE_DIALECT_H

#include "daemon/base/slice.h"

/* Why a rendered address is not legal in the dialect: a constant sentence ("is longer than 249
 * bytes"), or NULL when it is legal. */
const char *dk_dialect_address_fault(enum dk_dialect dialect, struct dk_slice address);

/* Why a captured value may not stand in an address: it would break out of its level, or is illegal
 * anywhere; NULL when it may. A rest may hold several levels. */
const char *dk_dialect_value_fault(enum dk_dialect dialect, struct dk_slice value, bool is_rest);

/* The length of the character that a text begins with, 0 when it is no UTF-8: RFC 3629. */
size_t dk_utf8_length(struct dk_slice text);

#endif
