/* SPDX-License-Identifier: Apache-2.0
 *
 * web.h - MQTT over a WebSocket.
 *
 * Paho's own WebSockets have one buffer for all connections of a process: what is half read of one
 * is taken for the beginning of another. So the WebSocket is made here, and Paho connects to its
 * near end, at a port of this machine that takes one connection, of this process's user.
 */
#ifndef DK_PLUGINS_MQTT_WEB_H
#define DK_PLUGINS_MQTT_WEB_H

#include "plugins/mqtt/options.h"

struct mqtt_web;

/* Connects; blocks for some seconds at most. NULL with the reason. */
struct mqtt_web *mqtt_web_open(const struct mqtt_config *config, const char *uri,
			       struct dk_error *reason);
/* Where Paho is to connect to. */
const char *mqtt_web_near_end(const struct mqtt_web *web);
/* Ends both connections. Waits until what Paho has sent is on its way, for a moment. */
void mqtt_web_close(struct mqtt_web *web);

#endif
