/* SPDX-License-Identifier: Apache-2.0
 *
 * relay.h - carries bytes between Paho and a WebSocket, in a thread of its own.
 */
#ifndef DK_PLUGINS_MQTT_RELAY_H
#define DK_PLUGINS_MQTT_RELAY_H

#include <pthread.h>

#include "plugins/mqtt/frames.h"
#include "plugins/mqtt/tls.h"

/* Bytes from `start` to `end`. */
struct mqtt_pipe {
	char bytes[65536];
	size_t start, end;
};

struct mqtt_relay {
	struct mqtt_wire wire; /* upgraded */
	int listener;	       /* the near end, where Paho will come */
	int near;	       /* Paho's connection; -1: none yet */
	int stop[2];	       /* a pipe: closed at its second end, all is to end */
	pthread_t thread;
	struct mqtt_pipe up;   /* frames for the broker */
	struct mqtt_pipe down; /* MQTT for Paho */
	struct mqtt_frame_reader reader;
	bool is_over; /* the broker's side has ended: what came is still carried down */
};

void mqtt_relay_start(struct mqtt_relay *relay);
/* Returns when the thread has ended. The wire is the caller's still. */
void mqtt_relay_end(struct mqtt_relay *relay);

#endif
