/* SPDX-License-Identifier: Apache-2.0
 *
 * http_settings.c - the settings of the group http, and what must hold between them.
 */
#include "daemon/config/http_settings.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/error.h"

#define TOKEN_LEAST 16 /* characters: one of fewer can be guessed */
#define AT(member) DK_AT(struct dk_settings, member, const char *)

static const struct dk_option rows[] = {
	{ "listen", DK_TEXT, AT(http_listen), .help = "An address, like 127.0.0.1:9468, for metrics, "
	  "health and the status page; one that is no loopback address needs a token, or a ca. Read "
	  "at the start." },
	{ "token", DK_SECRET, AT(http_token), .help = "What whoever asks at the address must bring: "
	  "Authorization: Bearer TOKEN, or in a browser any user name with this as the password." },
	{ "certificate", DK_TEXT, AT(http_certificate), .help = "The file of the certificate (PEM) "
	  "with which the address speaks TLS, with those between it and its authority; read again at "
	  "a reload." },
	{ "private_key", DK_TEXT, AT(http_private_key), .help = "The file of that certificate's key "
	  "(PEM); when absent, it is in the certificate's." },
	{ "ca", DK_TEXT, AT(http_ca), .help = "A file of the authorities (PEM) one of which must have "
	  "signed the certificate of whoever asks; when absent, none is asked for." },
	{ 0 },
};

/* --- The address --- */

static int
check_port(const char *listen, struct dk_error *error)
{
	const char *port = strrchr(listen, ':');
	size_t digits = port ? strspn(port + 1, "0123456789") : 0;

	if (digits == 0 || digits > 5 || port[1 + digits] || atoi(port + 1) > 65535)
		return dk_fail(error, "listen = \"%s\" names no port; \"127.0.0.1:9468\"?", listen);
	return 0;
}

/* What is before the port: 127.0.0.1, or [::1]. */
static bool
is_address(const char *listen)
{
	size_t length = (size_t)(strrchr(listen, ':') - listen);
	bool is_sixth = length > 2 && *listen == '[' && listen[length - 1] == ']';
	char text[INET6_ADDRSTRLEN];
	struct in6_addr parsed;

	length -= is_sixth ? 2 : 0;
	if (length >= sizeof(text))
		return false;
	memcpy(text, listen + (is_sixth ? 1 : 0), length);
	text[length] = '\0';
	return inet_pton(is_sixth ? AF_INET6 : AF_INET, text, &parsed) == 1;
}

static bool
is_loopback(const char *listen)
{
	return strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]:", 6) == 0;
}

/* Who listens for others than this machine. */
static int
check_protection(const struct dk_settings *settings, struct dk_error *error)
{
	const char *token = settings->http_token;

	if (!token && !settings->http_ca)
		return dk_fail(error, "listen = \"%s\" is no loopback address, and whoever reaches it "
				      "could read what goes on; a token, a certificate with a ca, or "
				      "\"127.0.0.1:9468\"?", settings->http_listen);
	if (token && strlen(token) < TOKEN_LEAST)
		return dk_fail(error, "listen = \"%s\" is no loopback address, and a token of %zu "
				      "characters can be guessed there; one of at least %d, as openssl "
				      "rand -hex 16 makes it?", settings->http_listen, strlen(token),
			       TOKEN_LEAST);
	return 0;
}

static int
check_listen(const struct dk_settings *settings, struct dk_error *error)
{
	const char *listen = settings->http_listen;

	if (!listen)
		return 0;
	if (check_port(listen, error) != 0)
		return -1;
	if (!is_address(listen))
		return dk_fail(error, "listen = \"%s\" begins with no address; \"127.0.0.1:9468\", or "
				      "\"[::1]:9468\"?", listen);
	return is_loopback(listen) ? 0 : check_protection(settings, error);
}

/* --- The rest --- */

/* It goes through a header (RFC 6750, RFC 7617). */
static int
check_token(const struct dk_settings *settings, struct dk_error *error)
{
	const char *token = settings->http_token;

	if (!token)
		return 0;
	if (!*token)
		return dk_fail(error, "token is empty, and would keep nobody out; openssl rand -hex 16 "
				      "makes one");
	for (const char *byte = token; *byte; byte++)
		if (*byte < '!' || *byte > '~')
			return dk_fail(error, "token has a character that no header can carry; letters, "
					      "digits and signs of ASCII, without spaces?");
	return 0;
}

static int
check_file(const char *name, const char *path, struct dk_error *error)
{
	if (!path || access(path, F_OK) == 0)
		return 0;
	return dk_fail(error, "%s = \"%s\" is not there", name, path);
}

static int
check_tls(const struct dk_settings *settings, struct dk_error *error)
{
	if (settings->http_ca && !settings->http_certificate)
		return dk_fail(error, "ca asks others for their certificates, which needs TLS; a "
				      "certificate of our own?");
	if (settings->http_private_key && !settings->http_certificate)
		return dk_fail(error, "private_key is there without its certificate; certificate = "
				      "\"…\"?");
	if (check_file("certificate", settings->http_certificate, error) != 0 ||
	    check_file("private_key", settings->http_private_key, error) != 0)
		return -1;
	return check_file("ca", settings->http_ca, error);
}

static int
check(const void *values, struct dk_error *error)
{
	const struct dk_settings *settings = values;

	if (check_token(settings, error) != 0 || check_tls(settings, error) != 0)
		return -1;
	return check_listen(settings, error);
}

const struct dk_options dk_http_table = { sizeof(struct dk_settings), rows, NULL, check, NULL };
