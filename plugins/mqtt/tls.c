/* SPDX-License-Identifier: Apache-2.0
 *
 * tls.c - a connection to a broker of our own making; see tls.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plugins/certificate.h"
#include "plugins/mqtt/tls.h"

#define CALL_MS 3000 /* for one of a host's addresses: another may answer */

/* --- Time ---------------------------------------------------------------------------------- */

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
wait_until(int fd, short events, int64_t deadline_ms)
{
	struct pollfd waiting = { fd, events, 0 };
	int64_t left = deadline_ms - now_ms();

	if (left > 0 && poll(&waiting, 1, (int)left) > 0)
		return true;
	errno = ETIMEDOUT;
	return false;
}

bool
mqtt_wire_wait(const struct mqtt_wire *wire, short events)
{
	return wait_until(wire->fd, events, wire->deadline_ms);
}

/* --- The way there ------------------------------------------------------------------------- */

/* 0, or errno. */
static int
connect_to(int fd, const struct addrinfo *place, int64_t deadline_ms)
{
	int64_t call_ms = now_ms() + CALL_MS;
	int why = connect(fd, place->ai_addr, place->ai_addrlen) == 0 ? 0 : errno;
	socklen_t length = sizeof(why);

	if (why != EINPROGRESS)
		return why;
	if (!wait_until(fd, POLLOUT, call_ms < deadline_ms ? call_ms : deadline_ms))
		return errno;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &length) == 0 ? why : errno;
}

/* Returns a socket, or -1 with errno. */
static int
call_up(const struct addrinfo *place, int64_t deadline_ms)
{
	int fd = socket(place->ai_family, place->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
			place->ai_protocol);
	int why;

	if (fd < 0)
		return -1;
	why = connect_to(fd, place, deadline_ms);
	if (why == 0)
		return fd;
	close(fd);
	errno = why;
	return -1;
}

/* Returns a socket, or -1 with the reason. */
static int
reach(const struct mqtt_address *address, int64_t deadline_ms, struct dk_error *reason)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *places = NULL;
	int code = getaddrinfo(address->host, address->port, &hints, &places), fd = -1;

	if (code != 0)
		return mqtt_refuse(reason, "the host \"%s\": %s", address->host,
				   gai_strerror(code));
	for (const struct addrinfo *place = places; place && fd < 0; place = place->ai_next)
		fd = call_up(place, deadline_ms);
	if (fd < 0)
		mqtt_refuse(reason, "%s", strerror(errno));
	freeaddrinfo(places);
	return fd;
}

/* --- TLS ----------------------------------------------------------------------------------- */

const char *
mqtt_wire_words(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *words = code ? ERR_reason_error_string(code) : NULL;

	return words ? words : "the connection was closed";
}

bool
mqtt_is_folder(const char *path)
{
	struct stat status;

	return path && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int
load_files(const struct mqtt_config *config, SSL_CTX *context, struct dk_error *reason)
{
	const char *key = config->key ? config->key : config->certificate;
	bool is_path = mqtt_is_folder(config->ca);

	if (config->ca && SSL_CTX_load_verify_locations(context, is_path ? NULL : config->ca,
							is_path ? config->ca : NULL) != 1)
		return mqtt_refuse(reason, "ssl_ca_location \"%s\": %s", config->ca,
				   mqtt_wire_words());
	if (config->certificate &&
	    SSL_CTX_use_certificate_chain_file(context, config->certificate) != 1)
		return mqtt_refuse(reason, "ssl_certificate_location \"%s\": %s",
				   config->certificate, mqtt_wire_words());
	if (key && SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		return mqtt_refuse(reason, "the key in \"%s\": %s%s", key, mqtt_wire_words(),
				   config->key_password ? "" : "; is a ssl_key_password missing?");
	return 0;
}

/* Who the certificate at fault is for: kept while it is looked at, for it is gone afterwards. */
struct culprit {
	char subject[200];
};

static int
look(int is_well, X509_STORE_CTX *looking)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(looking, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct culprit *culprit = SSL_get_app_data(ssl);
	X509 *certificate = X509_STORE_CTX_get_current_cert(looking);

	if (!is_well && certificate && !culprit->subject[0])
		X509_NAME_oneline(X509_get_subject_name(certificate), culprit->subject,
				  sizeof(culprit->subject));
	return is_well;
}

static void
set_checks(const struct mqtt_config *config, const struct mqtt_address *address, SSL *ssl)
{
	struct in6_addr binary;
	X509_VERIFY_PARAM *checks = SSL_get0_param(ssl);

	if (config->is_verified)
		SSL_set_verify(ssl, SSL_VERIFY_PEER, look);
	if (inet_pton(AF_INET, address->host, &binary) == 1 ||
	    inet_pton(AF_INET6, address->host, &binary) == 1) {
		if (config->identification == MQTT_IDENTIFIED_HTTPS)
			X509_VERIFY_PARAM_set1_ip_asc(checks, address->host);
		return;
	}
	SSL_set_tlsext_host_name(ssl, address->host);
	if (config->identification == MQTT_IDENTIFIED_HTTPS)
		X509_VERIFY_PARAM_set1_host(checks, address->host, 0);
}

/* True: it is done. */
static bool
connect_tls(const struct mqtt_wire *wire)
{
	for (;;) {
		int result, error;

		ERR_clear_error();
		result = SSL_connect(wire->ssl);
		if (result == 1)
			return true;
		error = SSL_get_error(wire->ssl, result);
		errno = 0;
		if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
			return false;
		if (!mqtt_wire_wait(wire, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT))
			return false;
	}
}

static int
shake_hands(const struct mqtt_wire *wire, const struct mqtt_config *config,
	    const struct mqtt_address *address, struct dk_error *reason)
{
	SSL *ssl = wire->ssl;
	struct culprit culprit = { "" };
	long verdict;

	SSL_set_app_data(ssl, &culprit);
	SSL_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
	set_checks(config, address, ssl);
	if (connect_tls(wire))
		return 0;
	if (errno == ETIMEDOUT)
		return mqtt_refuse(reason,
				   "the broker does not go on with the TLS handshake: is MQTT "
				   "over TLS served at that port?");
	verdict = SSL_get_verify_result(ssl);
	if (verdict != X509_V_OK && config->is_verified)
		return mqtt_refuse(reason, "the broker's certificate (%s) is refused: %s; %s",
				   culprit.subject, X509_verify_cert_error_string(verdict),
				   dk_certificate_advice(verdict));
	return mqtt_refuse(reason, "the TLS handshake failed: %s", mqtt_wire_words());
}

/* As Paho does it. An empty password keeps OpenSSL from asking for one at the terminal. */
static SSL_CTX *
make_context(const struct mqtt_config *config, struct dk_error *reason)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context) {
		mqtt_refuse(reason, "no TLS: %s", mqtt_wire_words());
		return NULL;
	}
	SSL_CTX_set_security_level(context, 1);
	SSL_CTX_set_mode(context,
			 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (!config->ca)
		SSL_CTX_set_default_verify_paths(context);
	SSL_CTX_set_default_passwd_cb_userdata(
		context, (void *)(config->key_password ? config->key_password : ""));
	return context;
}

static int
begin_tls(struct mqtt_wire *wire, const struct mqtt_config *config,
	  const struct mqtt_address *address, struct dk_error *reason)
{
	ERR_clear_error();
	wire->context = make_context(config, reason);
	if (!wire->context || load_files(config, wire->context, reason) != 0)
		return -1;
	wire->ssl = SSL_new(wire->context);
	if (!wire->ssl || SSL_set_fd(wire->ssl, wire->fd) != 1)
		return mqtt_refuse(reason, "no TLS: %s", mqtt_wire_words());
	return shake_hands(wire, config, address, reason);
}

/* --- The wire ------------------------------------------------------------------------------ */

int
mqtt_wire_open(struct mqtt_wire *wire, const struct mqtt_config *config,
	       const struct mqtt_address *address, int64_t patience_ms, struct dk_error *reason)
{
	int64_t deadline_ms = now_ms() + patience_ms;

	*wire = (struct mqtt_wire){ .fd = reach(address, deadline_ms, reason),
				    .deadline_ms = deadline_ms };
	if (wire->fd < 0)
		return -1;
	if (!address->is_tls || begin_tls(wire, config, address, reason) == 0)
		return 0;
	mqtt_wire_close(wire);
	return -1;
}

static ssize_t
result_of(struct mqtt_wire *wire, int result)
{
	int error;

	if (result > 0)
		return result;
	error = SSL_get_error(wire->ssl, result);
	if (error == SSL_ERROR_ZERO_RETURN)
		return 0;
	errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
	return -1;
}

ssize_t
mqtt_wire_read(struct mqtt_wire *wire, void *bytes, size_t length)
{
	if (!wire->ssl)
		return read(wire->fd, bytes, length);
	ERR_clear_error();
	return result_of(wire, SSL_read(wire->ssl, bytes, (int)length));
}

ssize_t
mqtt_wire_write(struct mqtt_wire *wire, const void *bytes, size_t length)
{
	if (!wire->ssl)
		return send(wire->fd, bytes, length, MSG_NOSIGNAL);
	ERR_clear_error();
	return result_of(wire, SSL_write(wire->ssl, bytes, (int)length));
}

void
mqtt_wire_close(struct mqtt_wire *wire)
{
	SSL_free(wire->ssl);
	SSL_CTX_free(wire->context);
	close(wire->fd);
	ERR_clear_error();
}
