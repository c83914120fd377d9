/* SPDX-License-Identifier: Apache-2.0
 *
 * mqtt.c - the MQTT plugin, over Paho's asynchronous client: its descriptor.
 */
#include <stdlib.h>

#include "plugins/mqtt/address.h"
#include "plugins/mqtt/mqtt.h"

static void *
open_endpoint(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
	      const void *config, struct dk_error *error)
{
	struct mqtt_endpoint *endpoint = calloc(1, sizeof(*endpoint));

	(void)error;
	if (!endpoint)
		abort();
	endpoint->host = host;
	endpoint->handle = handle;
	endpoint->config = config;
	endpoint->name = name;
	endpoint->addresses = mqtt_addresses_split(endpoint->config->uri, &endpoint->address_count);
	mqtt_life_begin(endpoint);
	return endpoint;
}

const struct dk_plugin dk_plugin = {
	.abi = DK_ABI,
	.size = sizeof(struct dk_plugin),
	.name = "mqtt",
	.summary = "MQTT 3.1.1 and 5, over Paho",
	.dialect = DK_MQTT,
	.endpoint = { sizeof(struct mqtt_config), mqtt_endpoint_rows, NULL, mqtt_check_config,
		      NULL },
	.from = { sizeof(struct mqtt_from), mqtt_from_rows, NULL, NULL, NULL },
	.to = { sizeof(struct mqtt_to), mqtt_to_rows, NULL, NULL, NULL },
	.open = open_endpoint,
	.connect = mqtt_life_connect,
	.close = mqtt_life_close,
	.source = &mqtt_source,
	.sink = &mqtt_sink,
};
