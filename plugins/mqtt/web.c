/* SPDX-License-Identifier: Apache-2.0
 *
 * web.c - MQTT over a WebSocket: its opening, and the near end; see web.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugins/mqtt/relay.h"
#include "plugins/mqtt/strings.h"
#include "plugins/mqtt/web.h"

#define KEY_LENGTH 16
#define ANSWER_MAX 8192
#define PATIENCE_LAST_MS 10000 /* the session's thread hears of no order meanwhile */
#define MAGIC "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 section 1.3 */

struct mqtt_web {
	struct mqtt_relay relay;
	char near_end[40];
};

/* --- The opening handshake ----------------------------------------------------------------- */

static int
write_all(struct mqtt_wire *wire, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = mqtt_wire_write(wire, bytes, length);

		if (written < 0 && errno == EAGAIN && mqtt_wire_wait(wire, POLLOUT))
			continue;
		if (written <= 0)
			return -1;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

/* Byte by byte: what comes after it is MQTT's. Returns the length, 0 if it does not end. */
static size_t
read_answer(struct mqtt_wire *wire, char answer[ANSWER_MAX])
{
	for (size_t length = 0; length + 1 < ANSWER_MAX;) {
		ssize_t result = mqtt_wire_read(wire, answer + length, 1);

		if (result < 0 && errno == EAGAIN && mqtt_wire_wait(wire, POLLIN))
			continue;
		if (result != 1)
			return 0;
		answer[++length] = '\0';
		if (length >= 4 && strcmp(answer + length - 4, "\r\n\r\n") == 0)
			return length;
	}
	return 0;
}

static int
ask(struct mqtt_wire *wire, const struct mqtt_address *address, const char *path, const char *key)
{
	bool is_ip6 = strchr(address->host, ':');
	char *request;
	int length = asprintf(&request,
			      "GET %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nUpgrade: websocket\r\n"
			      "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
			      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
			      *path ? path : "/mqtt", is_ip6 ? "[" : "", address->host,
			      is_ip6 ? "]" : "", address->port, key);
	int result;

	if (length < 0)
		abort();
	result = write_all(wire, request, (size_t)length);
	free(request);
	return result;
}

/* What the broker has to say so that we know that it has understood. */
static void
compute_accept(const char *key, char accept[64])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[128];
	unsigned length = 0;

	snprintf(text, sizeof(text), "%s" MAGIC, key);
	EVP_Digest(text, strlen(text), digest, &length, EVP_sha1(), NULL);
	accept[mqtt_base64_write((struct dk_slice){ (char *)digest, length }, accept)] = '\0';
}

static bool
has_accept(const char *answer, const char *accept)
{
	const char *field = strcasestr(answer, "\r\nsec-websocket-accept:");

	if (!field)
		return false;
	field += strlen("\r\nsec-websocket-accept:");
	field += strspn(field, " \t");
	return strncmp(field, accept, strlen(accept)) == 0;
}

static int
upgrade(struct mqtt_wire *wire, const struct mqtt_address *address, const char *path,
	struct dk_error *reason)
{
	char bytes[KEY_LENGTH], key[MQTT_BASE64_ROOM(KEY_LENGTH) + 1], accept[64];
	char answer[ANSWER_MAX];

	if (RAND_bytes((unsigned char *)bytes, sizeof(bytes)) != 1)
		abort();
	key[mqtt_base64_write((struct dk_slice){ bytes, sizeof(bytes) }, key)] = '\0';
	compute_accept(key, accept);
	if (ask(wire, address, path, key) != 0 || read_answer(wire, answer) == 0) {
		snprintf(reason->text, sizeof(reason->text),
			 "the broker does not answer the WebSocket's handshake: is MQTT over "
			 "WebSockets served at that port?");
		return -1;
	}
	if (strncmp(answer, "HTTP/1.1 101", 12) == 0 && has_accept(answer, accept))
		return 0;
	answer[strcspn(answer, "\r\n")] = '\0';
	snprintf(reason->text, sizeof(reason->text),
		 "the broker refuses the WebSocket: %.80s; is the path right?", answer);
	return -1;
}

/* --- The near end -------------------------------------------------------------------------- */

static int
listen_here(struct mqtt_web *web, struct dk_error *reason)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (void *)&here, length) != 0 || listen(fd, 1) != 0 ||
	    getsockname(fd, (void *)&here, &length) != 0) {
		snprintf(reason->text, sizeof(reason->text), "no port for the near end: %s",
			 strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	web->relay.listener = fd;
	snprintf(web->near_end, sizeof(web->near_end), "tcp://127.0.0.1:%u",
		 (unsigned)ntohs(here.sin_port));
	return 0;
}

static int64_t
patience_of(const struct mqtt_config *config)
{
	return config->connect_timeout_ms < PATIENCE_LAST_MS ? config->connect_timeout_ms
							     : PATIENCE_LAST_MS;
}

struct mqtt_web *
mqtt_web_open(const struct mqtt_config *config, const char *uri, struct dk_error *reason)
{
	struct mqtt_web *web = calloc(1, sizeof(*web));
	struct mqtt_address address;
	const char *path = strstr(uri, "://") + 3;

	if (!web)
		abort();
	path += strcspn(path, "/");
	if (mqtt_address_read(uri, &address, reason) != 0 ||
	    mqtt_wire_open(&web->relay.wire, config, &address, patience_of(config), reason) != 0) {
		free(web);
		return NULL;
	}
	if (upgrade(&web->relay.wire, &address, path, reason) != 0 ||
	    listen_here(web, reason) != 0) {
		mqtt_wire_close(&web->relay.wire);
		free(web);
		return NULL;
	}
	mqtt_relay_start(&web->relay);
	return web;
}

const char *
mqtt_web_near_end(const struct mqtt_web *web)
{
	return web->near_end;
}

void
mqtt_web_close(struct mqtt_web *web)
{
	mqtt_relay_end(&web->relay);
	mqtt_wire_close(&web->relay.wire);
	free(web);
}
