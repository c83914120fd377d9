/* SPDX-License-Identifier: Apache-2.0
 *
 * address.c - where a broker is, or several; see address.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/mqtt/address.h"

static const struct {
	const char *scheme;
	bool is_tls, is_web;
	const char *port; /* when none is named */
} schemes[] = {
	{ "mqtt://", false, false, "1883" }, { "tcp://", false, false, "1883" },
	{ "mqtts://", true, false, "8883" }, { "ssl://", true, false, "8883" },
	{ "ws://", false, true, "80" },	     { "wss://", true, true, "443" },
};

static int
refuse(const char *uri, struct dk_error *error, const char *why)
{
	snprintf(error->text, sizeof(error->text), "uri \"%s\": %s", uri, why);
	return -1;
}

/* What comes before the port: a name, an address, or one of IPv6 in brackets. Returns its length
 * with the brackets, 0 when there is none. */
static size_t
read_host(const char *at, size_t length, struct mqtt_address *address)
{
	size_t host = 0, brackets = 0;

	if (*at == '[') {
		const char *end = memchr(at, ']', length);

		brackets = 2;
		host = end ? (size_t)(end - at) - 1 : 0;
		at++;
	} else {
		const char *colon = memchr(at, ':', length);

		host = colon ? (size_t)(colon - at) : length;
	}
	if (host == 0 || host >= sizeof(address->host))
		return 0;
	memcpy(address->host, at, host);
	address->host[host] = '\0';
	return host + brackets;
}

static bool
read_port(const char *at, size_t length, struct mqtt_address *address)
{
	long port;

	if (length == 0)
		return true;
	if (*at != ':' || length < 2 || length > 6 || strspn(at + 1, "0123456789") != length - 1)
		return false;
	port = strtol(at + 1, NULL, 10);
	snprintf(address->port, sizeof(address->port), "%ld", port);
	return port > 0 && port <= UINT16_MAX;
}

int
mqtt_address_read(const char *uri, struct mqtt_address *address, struct dk_error *error)
{
	const char *at = NULL;
	size_t length, host;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes) && !at; i++)
		if (strncmp(uri, schemes[i].scheme, strlen(schemes[i].scheme)) == 0) {
			at = uri + strlen(schemes[i].scheme);
			address->is_tls = schemes[i].is_tls;
			address->is_web = schemes[i].is_web;
			snprintf(address->port, sizeof(address->port), "%s", schemes[i].port);
		}
	if (!at)
		return refuse(uri, error,
			      "it begins with mqtt://, mqtts://, ws:// or wss://, as in "
			      "mqtt://127.0.0.1:1883");
	length = strcspn(at, "/");
	if (memchr(at, '@', length))
		return refuse(uri, error,
			      "it names no user: there are the options username and password");
	if (at[length] && !address->is_web)
		return refuse(uri, error, "it ends with the port: only a WebSocket has a path");
	host = read_host(at, length, address);
	if (host == 0)
		return refuse(uri, error, "it has no host, as 127.0.0.1 is one");
	if (!read_port(at + host, length - host, address))
		return refuse(uri, error, "its port is not a number from 1 to 65535");
	return 0;
}

bool
mqtt_address_is_web(const char *uri)
{
	return uri[0] == 'w';
}

char **
mqtt_addresses_split(const char *list, size_t *count)
{
	char **addresses = NULL;

	*count = 0;
	for (;;) {
		size_t blanks = strspn(list, " \t\n"), whole = strcspn(list, ","), length = whole;

		while (length > blanks && strchr(" \t\n", list[length - 1]))
			length--;
		addresses = realloc(addresses, (*count + 1) * sizeof(*addresses));
		if (!addresses ||
		    !(addresses[*count] = strndup(list + (blanks < length ? blanks : length),
						  blanks < length ? length - blanks : 0)))
			abort();
		++*count;
		if (!list[whole])
			return addresses;
		list += whole + 1;
	}
}

void
mqtt_addresses_free(char **addresses, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(addresses[i]);
	free(addresses);
}
