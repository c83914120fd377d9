/* SPDX-License-Identifier: Apache-2.0
 *
 * source.h - the source half of an endpoint, shared by source.c and arrivals.c.
 */
#ifndef DK_PLUGINS_MQTT_SOURCE_H
#define DK_PLUGINS_MQTT_SOURCE_H

#include "plugins/mqtt/filters.h"

struct mqtt_source {
	struct mqtt_session session;
	const struct dk_host *host;
	struct mqtt_filters *filters;
	bool has_subscribed;	 /* in this run */
	bool is_resumed;	 /* and has brought nothing yet; Paho's threads */
	struct dk_timer *asking; /* runs while something is refused */
	int64_t patience_ms;	 /* before it is asked for again */
	char *remembered;	 /* for the next run; NULL: nothing yet */
};

/* arrivals.c. Paho's thread: a message came, for a struct mqtt_source. */
MQTTAsync_messageArrived mqtt_arrived;

#endif
