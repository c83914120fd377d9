/* SPDX-License-Identifier: Apache-2.0
 *
 * inquiry.c - why can a broker not be reached? See inquiry.h.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "plugins/mqtt/inquiry.h"
#include "plugins/mqtt/tls.h"

#define PATIENCE_MS 5000

/* A broker of TLS 1.3 looks at the client's certificate when the client thinks all is well: what it
 * says then is heard by reading. */
static bool
find_refusal(struct mqtt_wire *wire, struct dk_error *reason)
{
	char byte;
	ssize_t result;

	do
		result = mqtt_wire_read(wire, &byte, 1);
	while (result < 0 && errno == EAGAIN && mqtt_wire_wait(wire, POLLIN));
	if (result >= 0 || errno != EPROTO)
		return false;
	snprintf(
		reason->text, sizeof(reason->text),
		"the broker ends the TLS handshake: %s; is ssl_certificate_location what it wants?",
		mqtt_wire_words());
	return true;
}

bool
mqtt_inquire(const struct mqtt_config *config, const char *uri, struct dk_error *reason)
{
	struct mqtt_address address;
	struct mqtt_wire wire;
	bool is_found;

	if (mqtt_address_read(uri, &address, reason) != 0 ||
	    mqtt_wire_open(&wire, config, &address, PATIENCE_MS, reason) != 0)
		return true;
	is_found = address.is_tls && find_refusal(&wire, reason);
	mqtt_wire_close(&wire);
	return is_found;
}
