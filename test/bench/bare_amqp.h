/* SPDX-License-Identifier: Apache-2.0
 *
 * bare_amqp.h - a connection to RabbitMQ with one channel, as the bare loops open it.
 */
#ifndef TEST_BENCH_BARE_AMQP_H
#define TEST_BENCH_BARE_AMQP_H

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>

#include "test/bench/figures.h"

static inline void
amqp_must(amqp_rpc_reply_t reply, const char *what)
{
	if (reply.reply_type != AMQP_RESPONSE_NORMAL)
		die(what, "refused, or the connection is lost");
}

static inline amqp_connection_state_t
amqp_open(const char *address)
{
	amqp_connection_state_t connection = amqp_new_connection();
	amqp_socket_t *socket = amqp_tcp_socket_new(connection);
	const char *colon = strchr(address, ':');
	char host[100];

	snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
	if (amqp_socket_open(socket, host, atoi(colon + 1)) != AMQP_STATUS_OK)
		die(address, "no connection");
	amqp_must(amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest",
			     "guest"),
		  "login");
	amqp_channel_open(connection, 1);
	amqp_must(amqp_get_rpc_reply(connection), "channel");
	return connection;
}

#endif
