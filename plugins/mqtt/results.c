/* SPDX-License-Identifier: Apache-2.0
 *
 * results.c - what became of a delivery; see results.h.
 */
#include <MQTTAsync.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugins/mqtt/results.h"

#define CONNECTION_LOST "the connection was lost"

const struct mqtt_result mqtt_accepted = { 0, DK_ACCEPTED, NULL, NULL };
const struct mqtt_result mqtt_not_connected = { 0, DK_RELEASED, CONNECTION_LOST, NULL };
const struct mqtt_result mqtt_connection_lost = { 0, DK_RELEASED, CONNECTION_LOST, NULL };
const struct mqtt_result mqtt_too_large = { 0, DK_REJECTED,
					    "it is larger than the broker takes a packet to be",
					    NULL };
const struct mqtt_result mqtt_not_retained = { 0, DK_REJECTED, "the broker retains no messages",
					       NULL };
const struct mqtt_result mqtt_guilty = {
	0, DK_REJECTED, "the broker ended the connection each time that it was sent this message",
	NULL
};

/* The broker's. */
static const struct mqtt_result refusals[] = {
	{ 0x87, DK_DENIED,
	  "the broker does not allow the client to publish there (not authorized): it needs the "
	  "permission to write the topics of the route",
	  NULL },
	{ 0x90, DK_REJECTED, "the broker refuses the topic's name", NULL },
	{ 0x95, DK_REJECTED, "the broker says that it is too large", NULL },
	{ 0x97, DK_RELEASED, "the broker's quota is exceeded", NULL },
	{ 0x99, DK_REJECTED, "the broker refuses the payload's format", NULL },
	{ 0x9A, DK_REJECTED, "the broker retains no messages", NULL },
	{ 0, DK_RELEASED, "the broker refuses it for now", NULL },
};

/* Paho's own. */
static const struct mqtt_result failures[] = {
	{ MQTTASYNC_BAD_UTF8_STRING, DK_REJECTED, "the topic is not UTF-8", NULL },
	{ MQTTASYNC_NO_MORE_MSGIDS, DK_RELEASED, "no packet identifier is free", NULL },
	{ MQTTASYNC_MAX_BUFFERED_MESSAGES, DK_RELEASED, "the client has no more room", NULL },
	{ 0, DK_RELEASED, NULL, NULL },
};

/* The row of a code; the last one stands for all others. */
static const struct mqtt_result *
find(const struct mqtt_result *rows, int code)
{
	while (rows->code && rows->code != code)
		rows++;
	return rows;
}

const struct mqtt_result *
mqtt_result_of_refusal(int code)
{
	return find(refusals, code);
}

const struct mqtt_result *
mqtt_result_of_failure(int code)
{
	const struct mqtt_result *row = find(failures, code);

	return row->code ? row : &mqtt_connection_lost;
}

const struct mqtt_result *
mqtt_result_reject(const char *what, const char *fault)
{
	struct mqtt_result *result = calloc(1, sizeof(*result));
	char *reason;

	if (!result || asprintf(&reason, "%s%s", what, fault) < 0)
		abort();
	*result = (struct mqtt_result){ 0, DK_REJECTED, reason, reason };
	return result;
}

void
mqtt_result_free(const struct mqtt_result *result)
{
	if (!result->owned)
		return;
	free(result->owned);
	free((void *)result);
}
