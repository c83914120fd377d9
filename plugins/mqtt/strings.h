/* SPDX-License-Identifier: Apache-2.0
 *
 * strings.h - what MQTT takes as text, and bytes written as such: pure functions.
 */
#ifndef DK_PLUGINS_MQTT_STRINGS_H
#define DK_PLUGINS_MQTT_STRINGS_H

#include "plugins/plugin.h"

#define MQTT_STRING_MAX UINT16_MAX

/* MQTT 5.0 section 1.5.4: UTF-8, at most 65535 bytes, and none of the characters (controls and
 * non-characters) over which a broker may end the connection, as mosquitto does. */
bool mqtt_is_string(struct dk_slice slice);
/* What is wrong with a name to publish to, as the end of a sentence; NULL: nothing. */
const char *mqtt_topic_fault(struct dk_slice topic);

/* RFC 4648, with padding. Both write at `out` and return the length; it has room for
 * MQTT_BASE64_ROOM(length) to write, and for as many bytes as there are characters to read. */
#define MQTT_BASE64_ROOM(length) ((length) / 3 * 4 + 4)
size_t mqtt_base64_write(struct dk_slice bytes, char *out);
/* SIZE_MAX: it is no base64 as this writes it. With `out` NULL it is only measured. */
size_t mqtt_base64_read(struct dk_slice text, char *out);

#endif
