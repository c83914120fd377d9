/* SPDX-License-Identifier: Apache-2.0
 *
 * inquiry.h - why can a broker not be reached?
 */
#ifndef DK_PLUGINS_MQTT_INQUIRY_H
#define DK_PLUGINS_MQTT_INQUIRY_H

#include "plugins/mqtt/options.h"

/* Paho says that it could not connect, and hardly why. So the broker is called up once more, as far
 * as the end of the handshake, to hear it from the system and from OpenSSL. Takes some seconds at
 * most. False: nothing is wrong now. */
bool mqtt_inquire(const struct mqtt_config *config, const char *uri, struct dk_error *reason);

#endif
