/* SPDX-License-Identifier: Apache-2.0
 *
 * relay.c - carries bytes between Paho and a WebSocket; see relay.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugins/mqtt/relay.h"

#define CHUNK 16384
#define COMING_MS 30000 /* how long Paho may take to come */
#define PARTING_MS 1000 /* how long the last bytes may take */

static size_t
room_in(struct mqtt_pipe *pipe)
{
	if (pipe->start == pipe->end)
		pipe->start = pipe->end = 0;
	if (pipe->start > 0) {
		memmove(pipe->bytes, pipe->bytes + pipe->start, pipe->end - pipe->start);
		pipe->end -= pipe->start;
		pipe->start = 0;
	}
	return sizeof(pipe->bytes) - pipe->end;
}

static bool
is_empty(const struct mqtt_pipe *pipe)
{
	return pipe->start == pipe->end;
}

/* --- Up: what Paho writes, in frames -------------------------------------------------------- */

/* The payload is where it belongs already, behind the room for a head; or it is copied there. */
static void
append_frame(struct mqtt_pipe *up, enum mqtt_frame_kind kind, const char *payload, size_t length)
{
	char mask[4], head[MQTT_FRAME_HEAD_MAX];
	size_t size;

	if (RAND_bytes((unsigned char *)mask, sizeof(mask)) != 1)
		abort();
	size = mqtt_frame_head(kind, length, mask, head);
	memmove(up->bytes + up->end + size, payload, length);
	memcpy(up->bytes + up->end, head, size);
	mqtt_frame_mask(up->bytes + up->end + size, length, mask);
	up->end += size + length;
}

/* False: Paho's connection has ended. */
static bool
take_from_paho(struct mqtt_relay *relay)
{
	struct mqtt_pipe *up = &relay->up;
	ssize_t length;
	char *place;

	if (room_in(up) < CHUNK + MQTT_FRAME_HEAD_MAX)
		return true;
	place = up->bytes + up->end + MQTT_FRAME_HEAD_MAX;
	length = read(relay->near, place, CHUNK);
	if (length > 0)
		append_frame(up, MQTT_FRAME_BINARY, place, (size_t)length);
	return length > 0 || (length < 0 && errno == EAGAIN);
}

/* False: the broker's side has ended. */
static bool
push_up(struct mqtt_relay *relay)
{
	struct mqtt_pipe *up = &relay->up;
	ssize_t written;

	if (is_empty(up))
		return true;
	written = mqtt_wire_write(&relay->wire, up->bytes + up->start, up->end - up->start);
	if (written > 0)
		up->start += (size_t)written;
	return written > 0 || (written < 0 && errno == EAGAIN);
}

/* --- Down: what the broker writes, out of its frames ---------------------------------------- */

/* A pong that has no room is left out: the broker will ask again. */
static void
answer(struct mqtt_relay *relay, const struct mqtt_frame_piece *piece)
{
	if (piece->kind == MQTT_FRAME_PING && piece->is_end &&
	    room_in(&relay->up) >= MQTT_FRAME_HEAD_MAX + MQTT_FRAME_CONTROL_MAX)
		append_frame(&relay->up, MQTT_FRAME_PONG, piece->bytes.data, piece->bytes.length);
}

/* False: the WebSocket has ended. There is room for all of it. */
static bool
unpack(struct mqtt_relay *relay, struct dk_slice in)
{
	struct mqtt_pipe *down = &relay->down;

	while (in.length > 0) {
		struct mqtt_frame_piece piece;
		size_t taken = mqtt_frame_read(&relay->reader, in, &piece);

		if (piece.is_fault || piece.kind == MQTT_FRAME_CLOSE)
			return false;
		if (piece.kind <= MQTT_FRAME_BINARY) {
			memcpy(down->bytes + down->end, piece.bytes.data, piece.bytes.length);
			down->end += piece.bytes.length;
		}
		answer(relay, &piece);
		in.data += taken;
		in.length -= taken;
	}
	return true;
}

/* False: the broker's side has ended. */
static bool
take_from_broker(struct mqtt_relay *relay)
{
	char bytes[CHUNK];
	ssize_t length;

	/* TLS may hold more than the socket shows: until there is no more, or no room. */
	while (room_in(&relay->down) >= CHUNK) {
		length = mqtt_wire_read(&relay->wire, bytes, sizeof(bytes));
		if (length < 0 && errno == EAGAIN)
			return true;
		if (length <= 0 || !unpack(relay, (struct dk_slice){ bytes, (size_t)length }))
			return false;
	}
	return true;
}

/* False: Paho's connection has ended. */
static bool
push_down(struct mqtt_relay *relay)
{
	struct mqtt_pipe *down = &relay->down;
	ssize_t written;

	if (is_empty(down))
		return true;
	written =
		send(relay->near, down->bytes + down->start, down->end - down->start, MSG_NOSIGNAL);
	if (written > 0)
		down->start += (size_t)written;
	return written > 0 || (written < 0 && errno == EAGAIN);
}

/* --- The thread ---------------------------------------------------------------------------- */

/* Of a side from which nothing is wanted its end is not either: poll() would return with it at
 * once, again and again. */
static struct pollfd
watch(int fd, bool wants_to_read, bool wants_to_write)
{
	short events = (short)((wants_to_read ? POLLIN : 0) | (wants_to_write ? POLLOUT : 0));

	return (struct pollfd){ events ? fd : -1, events, 0 };
}

/* Waits until something can be done; returns false when all is to end. */
static bool
wait_for_work(struct mqtt_relay *relay)
{
	bool wants_near = !relay->is_over && room_in(&relay->up) >= CHUNK + MQTT_FRAME_HEAD_MAX;
	bool wants_far = !relay->is_over && room_in(&relay->down) >= CHUNK;
	struct pollfd fds[] = {
		{ relay->stop[0], 0, 0 },
		watch(relay->near, wants_near, !is_empty(&relay->down)),
		watch(relay->wire.fd, wants_far, !relay->is_over && !is_empty(&relay->up)),
	};

	if (wants_far && relay->wire.ssl && SSL_pending(relay->wire.ssl) > 0)
		return true;
	while (poll(fds, sizeof(fds) / sizeof(*fds), -1) < 0)
		if (errno != EINTR)
			return false;
	return fds[0].revents == 0;
}

static void
carry(struct mqtt_relay *relay)
{
	while (wait_for_work(relay)) {
		if (!relay->is_over)
			relay->is_over = !take_from_broker(relay);
		if (!push_down(relay) || (relay->is_over && is_empty(&relay->down)))
			return;
		if (!relay->is_over && !take_from_paho(relay))
			return;
		if (!relay->is_over && !push_up(relay))
			relay->is_over = true;
	}
}

/* What Paho has written last, as its DISCONNECT, and the end of the WebSocket. */
static void
part(struct mqtt_relay *relay)
{
	if (relay->is_over)
		return;
	take_from_paho(relay);
	if (room_in(&relay->up) >= MQTT_FRAME_HEAD_MAX)
		append_frame(&relay->up, MQTT_FRAME_CLOSE, "", 0);
	for (int waited = 0; !is_empty(&relay->up) && waited < PARTING_MS; waited += 100) {
		struct pollfd fd = { relay->wire.fd, POLLOUT, 0 };

		if (!push_up(relay))
			return;
		if (!is_empty(&relay->up))
			poll(&fd, 1, 100);
	}
}

/* Whether a process of our user has made the connection: any other has no business here. */
static bool
is_ours(int fd)
{
	struct sockaddr_in far, near;
	socklen_t far_length = sizeof(far), near_length = sizeof(near);
	char line[512], wanted[64];
	bool is_found = false;
	unsigned uid;
	FILE *table = fopen("/proc/net/tcp", "re");

	if (table && getpeername(fd, (void *)&far, &far_length) == 0 &&
	    getsockname(fd, (void *)&near, &near_length) == 0) {
		snprintf(wanted, sizeof(wanted), ": %08X:%04X %08X:%04X", far.sin_addr.s_addr,
			 ntohs(far.sin_port), near.sin_addr.s_addr, ntohs(near.sin_port));
		while (!is_found && fgets(line, sizeof(line), table)) {
			const char *at = strstr(line, wanted);

			is_found = at &&
				   sscanf(at + strlen(wanted), " %*x %*x:%*x %*x:%*x %*x %u",
					  &uid) == 1 &&
				   uid == geteuid();
		}
	}
	if (table)
		fclose(table);
	return is_found;
}

/* Paho comes once. */
static bool
let_in(struct mqtt_relay *relay)
{
	struct pollfd fds[] = { { relay->listener, POLLIN, 0 }, { relay->stop[0], 0, 0 } };
	int on = 1;

	while (relay->near < 0 && poll(fds, 2, COMING_MS) > 0 && fds[1].revents == 0) {
		relay->near = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (relay->near >= 0 && !is_ours(relay->near)) {
			close(relay->near);
			relay->near = -1;
		}
	}
	close(relay->listener);
	if (relay->near >= 0)
		setsockopt(relay->near, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return relay->near >= 0;
}

static void *
run(void *argument)
{
	struct mqtt_relay *relay = argument;

	if (let_in(relay)) {
		carry(relay);
		part(relay);
		close(relay->near);
	}
	return NULL;
}

void
mqtt_relay_start(struct mqtt_relay *relay)
{
	int on = 1;

	relay->near = -1;
	setsockopt(relay->wire.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* Signals are the loop's: the session's thread, which makes this one, takes none. */
	if (pipe2(relay->stop, O_CLOEXEC) != 0 ||
	    pthread_create(&relay->thread, NULL, run, relay) != 0)
		abort();
}

void
mqtt_relay_end(struct mqtt_relay *relay)
{
	close(relay->stop[1]);
	pthread_join(relay->thread, NULL);
	close(relay->stop[0]);
}
