/* SPDX-License-Identifier: Apache-2.0
 *
 * options.h - what can be set of an endpoint, of what a route takes from it, and of what it gives.
 */
#ifndef DK_PLUGINS_MQTT_OPTIONS_H
#define DK_PLUGINS_MQTT_OPTIONS_H

#include "plugins/plugin.h"

enum mqtt_version { MQTT_3_1_1, MQTT_5 };
enum mqtt_keeping { MQTT_PERSISTENT, MQTT_CLEAN };
enum mqtt_retaining { MQTT_RETAIN_KEEP, MQTT_RETAIN_ALWAYS, MQTT_RETAIN_NEVER };
/* In the order of MQTT 5's numbers. */
enum mqtt_handling { MQTT_RETAINED_ALWAYS, MQTT_RETAINED_NEW, MQTT_RETAINED_NEVER };
enum mqtt_identification { MQTT_IDENTIFIED_HTTPS, MQTT_IDENTIFIED_NONE };

struct mqtt_config {
	const char *uri, *client_id, *username, *password;
	int version; /* enum mqtt_version */
	int64_t qos;
	int session; /* enum mqtt_keeping */
	int64_t session_expiry_ms;
	int64_t keepalive_ms;
	int64_t connect_timeout_ms;
	int64_t window;

	const char *ca, *certificate, *key, *key_password;
	int identification; /* enum mqtt_identification */
	bool is_verified;

	const char *will_topic, *will_payload;
	int64_t will_qos;
	bool will_retain;
};

struct mqtt_from {
	int64_t qos;
	const char *share;
	bool no_local;
	int retain_handling; /* enum mqtt_handling */
	bool retain_as_published;
};

struct mqtt_to {
	int64_t qos;
	int retain; /* enum mqtt_retaining */
};

extern const struct dk_option mqtt_endpoint_rows[], mqtt_from_rows[], mqtt_to_rows[];
/* Returns -1: this is what is wrong. */
int mqtt_refuse(struct dk_error *error, const char *format, ...) DK_PRINTF(2, 3);
int mqtt_check_config(const void *config, struct dk_error *error);
int mqtt_check_interest(const void *config, const struct dk_interest *interest,
			struct dk_error *error);
int mqtt_check_target(const void *config, const struct dk_target *target, struct dk_error *error);

/* What a message of the endpoint may have: plugins/CONVERSIONS.md. */
unsigned mqtt_brings(const void *config);
/* Why messages may be lost, or NULL. */
const char *mqtt_doubt_interest(const void *config, const struct dk_interest *interest);
const char *mqtt_doubt_target(const void *config, const struct dk_target *target);

/* What is subscribed to or published with: the lower of the route's and the endpoint's. */
static inline int
mqtt_qos(int64_t route, const struct mqtt_config *config)
{
	return (int)(route < config->qos ? route : config->qos);
}

#endif
