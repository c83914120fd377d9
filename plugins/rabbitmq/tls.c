/* SPDX-License-Identifier: Apache-2.0
 *
 * tls.c - a socket for TLS: whom we trust, who we are, and words for why a certificate is refused.
 *
 * rabbitmq-c checks names in a way of its own, which knows no IP addresses, and keeps OpenSSL's
 * verdict to itself. So the check of the name is OpenSSL's, and a callback writes the verdict down.
 */
#include <amqp_ssl_socket.h>
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "plugins/rabbitmq/rabbitmq.h"

/* A broker that refuses us may hang up before its reason is read. */
const char *
rabbitmq_tls_words(const struct rabbitmq_link *link, int status)
{
	unsigned long error = ERR_peek_last_error();

	if (*link->tls_reason)
		return link->tls_reason;
	if (error)
		return ERR_reason_error_string(error);
	return status == AMQP_STATUS_SSL_ERROR || status == AMQP_STATUS_SSL_CONNECTION_FAILED
		       ? "the broker hung up; does it want a certificate of ours "
			 "(ssl_certificate_location), or does it not trust it? see its log"
		       : NULL;
}

/* What to do, for the verdicts that an administrator meets. */
static const char *
advice(int verdict)
{
	switch (verdict) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "it is for another host; is the uri's host the name in the certificate?";
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "it has expired; renew it at the broker";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "it is not valid yet; is a clock wrong?";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return "it is signed by itself; to trust it, name it in ssl_ca_location";
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return "its authority is unknown; is it in ssl_ca_location?";
	default:
		return "see ssl_ca_location";
	}
}

static int
note_verdict(int is_well, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct rabbitmq_link *link = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	int verdict = X509_STORE_CTX_get_error(store);

	if (!is_well)
		snprintf(link->tls_reason, sizeof(link->tls_reason),
			 "the broker's certificate is refused: %s (%s)",
			 X509_verify_cert_error_string(verdict), advice(verdict));
	return is_well;
}

/* The first error is what was wrong with the file; those after it say who met it. */
static const char *
file_words(void)
{
	unsigned long error = ERR_peek_error();

	return ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error))
				       : ERR_reason_error_string(error);
}

static int
fail_file(struct rabbitmq_link *link, const char *option, const char *file)
{
	const char *words = file_words();

	return rabbitmq_fail(link, "%s = \"%s\" cannot be used: %s%s", option, file,
			     words ? words : "no reason is given",
			     file == link->endpoint->config->key_location
				     ? " (is ssl_key_password right?)"
				     : "");
}

static int
trust(struct rabbitmq_link *link, SSL_CTX *context)
{
	const struct rabbitmq_config *config = link->endpoint->config;

	if (!config->ca_location)
		return SSL_CTX_set_default_verify_paths(context) == 1
			       ? 0
			       : fail_file(link, "ssl_ca_location", "");
	return SSL_CTX_load_verify_locations(context, config->ca_location, NULL) == 1
		       ? 0
		       : fail_file(link, "ssl_ca_location", config->ca_location);
}

static int
identify(struct rabbitmq_link *link, SSL_CTX *context)
{
	const struct rabbitmq_config *config = link->endpoint->config;

	if (!config->certificate_location)
		return 0;
	/* Without any, OpenSSL would ask at the terminal, and wait. */
	SSL_CTX_set_default_passwd_cb_userdata(
		context, (void *)(config->key_password ? config->key_password : ""));
	if (SSL_CTX_use_certificate_chain_file(context, config->certificate_location) != 1)
		return fail_file(link, "ssl_certificate_location", config->certificate_location);
	if (SSL_CTX_use_PrivateKey_file(context, config->key_location, SSL_FILETYPE_PEM) != 1)
		return fail_file(link, "ssl_key_location", config->key_location);
	return 0;
}

static void
expect_name(SSL_CTX *context, const char *host)
{
	X509_VERIFY_PARAM *expected = SSL_CTX_get0_param(context);
	unsigned char address[16];

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		X509_VERIFY_PARAM_set1_ip_asc(expected, host);
	else
		X509_VERIFY_PARAM_set1_host(expected, host, 0);
}

amqp_socket_t *
rabbitmq_tls_socket(struct rabbitmq_link *link)
{
	const struct rabbitmq_config *config = link->endpoint->config;
	amqp_socket_t *socket = amqp_ssl_socket_new(link->connection);
	SSL_CTX *context = socket ? amqp_ssl_socket_get_context(socket) : NULL;

	link->tls_reason[0] = '\0';
	ERR_clear_error();
	if (!context) {
		rabbitmq_fail(link, "TLS cannot be begun");
		return NULL;
	}
	amqp_ssl_socket_set_verify_hostname(socket, 0);
	amqp_ssl_socket_set_verify_peer(socket, config->is_verifying);
	SSL_CTX_set_app_data(context, link);
	SSL_CTX_set_verify(context, config->is_verifying ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
			   config->is_verifying ? note_verdict : NULL);
	if (config->is_verifying && config->identification == RABBITMQ_HTTPS)
		expect_name(context, link->host->info.host);
	return trust(link, context) == 0 && identify(link, context) == 0 ? socket : NULL;
}
