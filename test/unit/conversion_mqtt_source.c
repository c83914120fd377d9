/* SPDX-License-Identifier: Apache-2.0
 *
 * conversion_mqtt_source.c - a packet becomes a message.
 */
#include "plugins/mqtt/source.h"
#include "test/unit/conversion.h"

static void
keep_it(struct dk_subscription *subscription, const struct dk_message *message,
	const struct dk_loan *loan)
{
	keep_message((void *)subscription, message);
	if (loan)
		loan->give_back(loan->thing);
}

void
take_packet(struct mqtt_endpoint *endpoint, char *topic, void *packet, struct dk_message *message)
{
	static const struct dk_host host = { .size = sizeof(host), .store = keep_it };
	struct mqtt_filter filter = { .subscription = (void *)message };
	struct mqtt_source source = {
		.session.endpoint = endpoint,
		.host = &host,
	};
	struct mqtt_filters filters = { .session = &source.session, .list = &filter, .count = 1 };

	source.filters = &filters;
	assert_int_equal(mqtt_arrived(&source, topic, 0, packet), 1);
}
