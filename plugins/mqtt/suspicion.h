/* SPDX-License-Identifier: Apache-2.0
 *
 * suspicion.h - which message makes the broker end the connection?
 *
 * It would come again and again, and with it all that is on its way beside it. So when connections
 * are lost soon and repeatedly while deliveries are on their way, these go one by one; and one that
 * was alone each time, while the broker took the next connection at once, is the one.
 */
#ifndef DK_PLUGINS_MQTT_SUSPICION_H
#define DK_PLUGINS_MQTT_SUSPICION_H

#include "plugins/mqtt/mqtt.h"

struct mqtt_suspicion {
	unsigned losses; /* of connections in a row, soon after they began */
	bool is_alone;	 /* deliveries go one by one */
	uint64_t suspect;
	unsigned suspect_losses;
	bool has_lost; /* some were on their way when the connection was lost */
};

/* All on the loop's thread. */

/* Paho answers for what was on its way when the connection was lost, before the loop hears of the
 * loss. True: this delivery is the guilty one. */
bool mqtt_suspicion_convicts(struct mqtt_suspicion *suspicion, struct mqtt_session *session,
			     const struct dk_delivery *delivery);
/* The connection was lost, or could not be made. */
void mqtt_suspicion_lost(struct mqtt_suspicion *suspicion, const struct mqtt_session *session,
			 bool was_there);
/* Before anything is sent: a connection that has lasted clears all. */
void mqtt_suspicion_look(struct mqtt_suspicion *suspicion, const struct mqtt_session *session);

#endif
