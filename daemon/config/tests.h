/* SPDX-License-Identifier: Apache-2.0
 *
 * tests.h - the tests of a configuration: messages, and where they must go.
 *
 *	tests = ( { on = "plant:site/berlin/7/sensor/t"; to = "lake:iot.berlin"; key = "7/t"; },
 *		  { on = "plant:other"; to = "none"; } );
 *
 * on: endpoint:address of the message; message: its key, payload, headers and other fields. What
 * must become of it: to, one or a list of endpoint:address, each and no other; "none", or "dead" for
 * a dead letter; key and headers of each delivery; route, which must be the only one that takes it.
 */
#ifndef DK_CONFIG_TESTS_H
#define DK_CONFIG_TESTS_H

#include "daemon/config/compile.h"

/* Of a test's message, besides dk_message_words. */
extern const struct dk_options dk_message_table;

/* Runs those of the file, which may be NULL; each that fails is a fault at its place. */
void dk_tests_run(struct dk_compiling *compiling, const struct dk_node *tests);

#endif
