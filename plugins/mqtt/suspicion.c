/* SPDX-License-Identifier: Apache-2.0
 *
 * suspicion.c - which message makes the broker end the connection? See suspicion.h.
 */
#include <stdio.h>

#include "plugins/hash.h"
#include "plugins/mqtt/suspicion.h"

#define LOSSES_BORNE 2	 /* before deliveries go one by one */
#define SUSPECT_LOSSES 3 /* with the same one alone on its way */
#define QUIET_MS 10000

/* So that the same message is known again. */
static uint64_t
hash_of(const struct dk_delivery *delivery)
{
	const struct dk_message *message = delivery->message;
	uint64_t hash = DK_HASH_SEED ^ (uint64_t)message->position;

	hash = (hash * DK_HASH_PRIME) ^ (uintptr_t)delivery->target;
	hash = (hash * DK_HASH_PRIME) ^ message->payload.length;
	return dk_hash_slice(hash, delivery->address);
}

static void
say(const struct mqtt_session *session, const struct dk_delivery *suspect)
{
	const struct mqtt_endpoint *endpoint = session->endpoint;
	const struct dk_slice address = suspect->address;
	char reason[500];

	snprintf(
		reason, sizeof(reason),
		"the broker ends the connection when it is sent a message of route %s to the topic "
		"%.*s, %zu bytes: is it too large for it, or may the client not publish there?",
		suspect->target->route, (int)(address.length < 200 ? address.length : 200),
		address.data, suspect->message->payload.length);
	endpoint->host->trouble(endpoint->handle, "message-suspected", reason);
}

static bool
is_quiet(const struct mqtt_session *session)
{
	return session->endpoint->host->now_ms() - session->there_since_ms >= QUIET_MS;
}

bool
mqtt_suspicion_convicts(struct mqtt_suspicion *suspicion, struct mqtt_session *session,
			const struct dk_delivery *delivery)
{
	uint64_t hash = hash_of(delivery);

	if (session->place != MQTT_THERE || session->endpoint->is_falling || is_quiet(session))
		return false;
	suspicion->has_lost = true;
	if (!suspicion->is_alone)
		return false;
	if (hash != suspicion->suspect)
		suspicion->suspect_losses = 0;
	suspicion->suspect = hash;
	say(session, delivery);
	if (++suspicion->suspect_losses < SUSPECT_LOSSES)
		return false;
	/* The reason is found: it was no other client. */
	session->endpoint->short_lives = 0;
	return true;
}

void
mqtt_suspicion_lost(struct mqtt_suspicion *suspicion, const struct mqtt_session *session,
		    bool was_there)
{
	/* A broker that was away may have ended the connection for any reason. */
	if (!was_there)
		suspicion->suspect_losses = 0;
	else if (!is_quiet(session) && suspicion->has_lost && ++suspicion->losses >= LOSSES_BORNE)
		suspicion->is_alone = true;
	suspicion->has_lost = false;
}

void
mqtt_suspicion_look(struct mqtt_suspicion *suspicion, const struct mqtt_session *session)
{
	const struct mqtt_endpoint *endpoint = session->endpoint;

	if (suspicion->losses == 0 || !is_quiet(session))
		return;
	endpoint->host->trouble_over(endpoint->handle, "message-suspected");
	*suspicion = (struct mqtt_suspicion){ 0 };
}
