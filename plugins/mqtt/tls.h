/* SPDX-License-Identifier: Apache-2.0
 *
 * tls.h - a connection to a broker of our own making, over TLS where it is asked for, and in words
 * why there is none.
 */
#ifndef DK_PLUGINS_MQTT_TLS_H
#define DK_PLUGINS_MQTT_TLS_H

#include <openssl/ssl.h>

#include "plugins/mqtt/address.h"
#include "plugins/mqtt/options.h"

struct mqtt_wire {
	int fd; /* never blocks */
	int64_t deadline_ms;
	SSL_CTX *context;
	SSL *ssl; /* NULL: none */
};

/* Connects, and shakes hands. What is waited for until then, and with mqtt_wire_wait, takes no
 * longer than patience_ms in all: also from a peer that says a byte now and then. 0, or -1 with the
 * reason.
 */
int mqtt_wire_open(struct mqtt_wire *wire, const struct mqtt_config *config,
		   const struct mqtt_address *address, int64_t patience_ms,
		   struct dk_error *reason);
/* For events of poll(). False, with errno: it is too late. */
bool mqtt_wire_wait(const struct mqtt_wire *wire, short events);
/* As read() and write(): 0, the other side has closed; -1 with errno EAGAIN, not now. */
ssize_t mqtt_wire_read(struct mqtt_wire *wire, void *bytes, size_t length);
ssize_t mqtt_wire_write(struct mqtt_wire *wire, const void *bytes, size_t length);
/* What OpenSSL has said last. */
const char *mqtt_wire_words(void);
void mqtt_wire_close(struct mqtt_wire *wire);

/* NULL is none. */
bool mqtt_is_folder(const char *path);

#endif
