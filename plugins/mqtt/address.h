/* SPDX-License-Identifier: Apache-2.0
 *
 * address.h - where a broker is, or several: pure functions over the option `uri`.
 */
#ifndef DK_PLUGINS_MQTT_ADDRESS_H
#define DK_PLUGINS_MQTT_ADDRESS_H

#include "plugins/plugin.h"

struct mqtt_address {
	bool is_tls;
	bool is_web;	/* a WebSocket */
	char host[256]; /* of IPv6 without its brackets */
	char port[8];
};

/* 0; or -1 with an error. */
int mqtt_address_read(const char *uri, struct mqtt_address *address, struct dk_error *error);
/* Of a legal one. */
bool mqtt_address_is_web(const char *uri);

/* The parts of a list with commas between, blanks taken off. free() frees each, and the list. */
char **mqtt_addresses_split(const char *list, size_t *count);
void mqtt_addresses_free(char **addresses, size_t count);

#endif
