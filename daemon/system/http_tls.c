/* SPDX-License-Identifier: Apache-2.0
 *
 * http_tls.c - TLS for the HTTP server's address: OpenSSL, under libevent's streams.
 */
#include "daemon/system/http_tls.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "daemon/base/error.h"

struct dk_http_tls {
	SSL_CTX *context;
};

/* The last word of OpenSSL's on what has failed. */
static int
refuse(const char *what, const char *path, struct dk_error *error)
{
	unsigned long code = ERR_peek_last_error();
	const char *why = code ? ERR_reason_error_string(code) : NULL;

	dk_fail(error, "%s %s: %s", what, path, why ? why : "it cannot be used");
	ERR_clear_error();
	return -1;
}

/* Of a key with a password: nobody is there to be asked. */
static int
know_no_password(char *password, int room, int is_written, void *argument)
{
	(void)password, (void)room, (void)is_written, (void)argument;
	return 0;
}

static int
read_own(SSL_CTX *context, const struct dk_http_tls_files *files, struct dk_error *error)
{
	const char *key = files->private_key ? files->private_key : files->certificate;

	if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1)
		return refuse("the certificate", files->certificate, error);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		return refuse("the private key", key, error);
	if (SSL_CTX_check_private_key(context) != 1)
		return refuse("the private key", key, error);
	return 0;
}

/* Whoever asks must show a certificate; they are told whose are taken. */
static int
read_authorities(SSL_CTX *context, const char *path, struct dk_error *error)
{
	STACK_OF(X509_NAME) *names;

	if (!path)
		return 0;
	if (SSL_CTX_load_verify_file(context, path) != 1 ||
	    !(names = SSL_load_client_CA_file(path)))
		return refuse("the authorities", path, error);
	SSL_CTX_set_client_CA_list(context, names);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return 0;
}

/* A connection has one call: nothing is kept to resume it by. */
static SSL_CTX *
make_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
		abort();
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_default_passwd_cb(context, know_no_password);
	return context;
}

struct dk_http_tls *
dk_http_tls_read(const struct dk_http_tls_files *files, struct dk_error *error)
{
	struct dk_http_tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		abort();
	ERR_clear_error();
	tls->context = make_context();
	if (read_own(tls->context, files, error) == 0 &&
	    read_authorities(tls->context, files->authorities, error) == 0)
		return tls;
	dk_http_tls_free(tls);
	return NULL;
}

void
dk_http_tls_free(struct dk_http_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}

struct bufferevent *
dk_http_tls_stream(const struct dk_http_tls *tls, struct event_base *base)
{
	SSL *session = SSL_new(tls->context);
	struct bufferevent *stream;

	if (!session)
		abort();
	stream = bufferevent_openssl_socket_new(base, -1, session, BUFFEREVENT_SSL_ACCEPTING,
						BEV_OPT_CLOSE_ON_FREE);
	if (!stream)
		abort();
	bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
	return stream;
}
