/* SPDX-License-Identifier: Apache-2.0
 *
 * results.h - what became of a delivery, by what the broker or Paho says of it.
 */
#ifndef DK_PLUGINS_MQTT_RESULTS_H
#define DK_PLUGINS_MQTT_RESULTS_H

#include "plugins/plugin.h"

struct mqtt_result {
	int code;
	enum dk_outcome outcome;
	const char *reason;
	char *owned; /* the reason, if it and the result are to be freed */
};

extern const struct mqtt_result mqtt_accepted, mqtt_not_connected, mqtt_connection_lost,
	mqtt_too_large, mqtt_not_retained, mqtt_guilty;

/* Of a code of Paho's own. */
const struct mqtt_result *mqtt_result_of_failure(int code);
/* Of a reason code of MQTT 5, from the broker. */
const struct mqtt_result *mqtt_result_of_refusal(int code);
/* A rejection in words of its own, in two parts. */
const struct mqtt_result *mqtt_result_reject(const char *what, const char *fault);
/* Once it is settled. */
void mqtt_result_free(const struct mqtt_result *result);

#endif
