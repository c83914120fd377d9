/* SPDX-License-Identifier: Apache-2.0
 *
 * options.c - the plugin's options as rows, and what no row can say of them.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugins/mqtt/address.h"
#include "plugins/mqtt/options.h"
#include "plugins/mqtt/strings.h"

#define AT(member, type) DK_AT(struct mqtt_config, member, type)
#define FROM(member, type) DK_AT(struct mqtt_from, member, type)
#define TO(member, type) DK_AT(struct mqtt_to, member, type)

static const char *const versions[] = { "3.1.1", "5", NULL };
static const char *const keepings[] = { "persistent", "clean", NULL };
static const char *const retainings[] = { "keep", "always", "never", NULL };
static const char *const handlings[] = { "always", "new", "never", NULL };
static const char *const identifications[] = { "https", "none", NULL };

const struct dk_option mqtt_endpoint_rows[] = {
	{ "uri", DK_TEXT, AT(uri, const char *), .flags = DK_REQUIRED | DK_NAMES_SYSTEM | DK_URI,
	  .help = "Where the broker is: mqtt://host:port, mqtts:// over TLS, ws:// and wss:// over "
		  "a WebSocket (with a path, /mqtt when there is none); several with commas "
		  "between are tried one after the other, the next at each failure." },
	{ "client_id", DK_TEXT, AT(client_id, const char *), .flags = DK_NAMES_CLIENT,
	  .help = "Names the session at the broker, and must be this daemon's alone; what is "
		  "published goes over a connection of its own, named so with -sink behind it; "
		  "when absent, diolkos- and the endpoint's name." },
	{ "username", DK_TEXT, AT(username, const char *), .help = "Who logs in." },
	{ "password", DK_SECRET, AT(password, const char *), .help = "The username's password." },
	{ "version", DK_CHOICE, AT(version, int), .preset = "5", .choices = versions,
	  .help = "The version of MQTT; headers, content type, expiry, and the reason of a refusal "
		  "need 5. Brokers of 3.1.1 acknowledge and drop what a client may not publish." },
	{ "qos", DK_INTEGER, AT(qos, int64_t), .preset = "1", .max = 2,
	  .help = "The highest quality of service: 0, a message may be lost; 1, it comes at least "
		  "once; 2, it comes once to and from the broker while the connection lasts, but "
		  "after a loss of the connection or a restart of the daemon it may come again, so "
		  "at least once from end to end. To subscribe with 2 needs version 5." },
	{ "session", DK_CHOICE, AT(session, int), .preset = "persistent", .choices = keepings,
	  .help = "Whether the broker keeps messages while the daemon is away." },
	{ "session_expiry", DK_DURATION, AT(session_expiry_ms, int64_t), .preset = "7d",
	  .min = 1000, .max = (int64_t)UINT32_MAX * 1000,
	  .help = "For how long it keeps them; version 5 only." },
	{ "keepalive", DK_DURATION, AT(keepalive_ms, int64_t), .preset = "30s", .min = 1000,
	  .max = 65535000, .help = "How often a quiet connection is looked after." },
	{ "connect_timeout", DK_DURATION, AT(connect_timeout_ms, int64_t), .preset = "10s",
	  .min = 1000, .max = 600000, .help = "How long the broker may take to answer." },
	{ "window", DK_INTEGER, AT(window, int64_t), .preset = "100", .min = 1, .max = 60000,
	  .help = "The most messages that are published and not yet acknowledged." },
	{ "ssl_ca_location", DK_TEXT, AT(ca, const char *),
	  .help = "A file of the authorities (PEM) that may have signed the broker's certificate, "
		  "or a folder of them as c_rehash makes; when absent, the system's." },
	{ "ssl_certificate_location", DK_TEXT, AT(certificate, const char *),
	  .help = "The file of the certificate (PEM) that the daemon shows the broker, with those "
		  "between it and its authority." },
	{ "ssl_key_location", DK_TEXT, AT(key, const char *),
	  .help = "The file of that certificate's key (PEM); when absent, it is in the "
		  "certificate's." },
	{ "ssl_key_password", DK_SECRET, AT(key_password, const char *),
	  .help = "What the key is encrypted with." },
	{ "ssl_endpoint_identification_algorithm", DK_CHOICE, AT(identification, int),
	  .preset = "https", .choices = identifications,
	  .help = "Whether the broker's certificate must be for the host that uri names: https, it "
		  "must; none, any certificate of a known authority will do." },
	{ "enable_ssl_certificate_verification", DK_TRUTH, AT(is_verified, bool), .preset = "true",
	  .help = "Whether the broker's certificate is looked at; if not, anyone on the way may "
		  "read and change what is carried." },
	{ "will_topic", DK_TEXT, AT(will_topic, const char *),
	  .help = "Where the broker publishes the will when the daemon is gone without a word; "
		  "when it ends or leaves in order there is none. It is left with the connection "
		  "that publishes, or with the other one where nothing is published." },
	{ "will_payload", DK_TEXT, AT(will_payload, const char *), .help = "What the will says." },
	{ "will_qos", DK_INTEGER, AT(will_qos, int64_t), .preset = "1", .max = 2,
	  .help = "The quality of service of the will." },
	{ "will_retain", DK_TRUTH, AT(will_retain, bool), .preset = "false",
	  .help = "Whether the broker retains the will." },
	{ 0 },
};

const struct dk_option mqtt_from_rows[] = {
	{ "qos", DK_INTEGER, FROM(qos, int64_t), .preset = "2", .max = 2,
	  .help = "Lowers the endpoint's quality of service for what this route subscribes to." },
	{ "share", DK_TEXT, FROM(share, const char *),
	  .help = "Names a group of clients among which the broker divides the messages, each to "
		  "one of them (a shared subscription); version 5 only." },
	{ "no_local", DK_TRUTH, FROM(no_local, bool), .preset = "false",
	  .flags = DK_DROPS_OWN,
	  .help = "Whether what this endpoint itself publishes is kept from coming back: what it "
		  "publishes then has the user property diolkos-publisher, its client id, and is "
		  "dropped where it comes back; version 5 only." },
	{ "retain_handling", DK_CHOICE, FROM(retain_handling, int), .preset = "new",
	  .choices = handlings,
	  .help = "When the broker sends what it retains: always, at each start of the daemon; "
		  "new, when it did not have the subscription yet; never. Version 5 only: 3.1.1 "
		  "always sends it when the daemon subscribes." },
	{ "retain_as_published", DK_TRUTH, FROM(retain_as_published, bool), .preset = "true",
	  .help = "Whether a message is marked as retained when it was published so, or only when "
		  "it is old; version 5 only: in 3.1.1 only when it is old." },
	{ 0 },
};

const struct dk_option mqtt_to_rows[] = {
	{ "qos", DK_INTEGER, TO(qos, int64_t), .preset = "2", .max = 2,
	  .help = "Lowers the endpoint's quality of service for what this route publishes." },
	{ "retain", DK_CHOICE, TO(retain, int), .preset = "keep", .choices = retainings,
	  .help = "Whether the broker retains the message: as the message says, always or never." },
	{ 0 },
};

int
mqtt_refuse(struct dk_error *error, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(error->text, sizeof(error->text), format, values);
	va_end(values);
	return -1;
}

/* --- An endpoint --------------------------------------------------------------------------- */

/* Whether any of the addresses is over TLS, too. */
static int
check_uri(const struct mqtt_config *config, bool *is_tls, struct dk_error *error)
{
	size_t count;
	char **addresses = mqtt_addresses_split(config->uri, &count);
	int result = 0;

	*is_tls = false;
	for (size_t i = 0; i < count && result == 0; i++) {
		struct mqtt_address address;

		result = mqtt_address_read(addresses[i], &address, error);
		*is_tls |= result == 0 && address.is_tls;
	}
	mqtt_addresses_free(addresses, count);
	return result;
}

/* Who checks may be another than who runs: what only he may not read is not said. */
static int
check_file(const char *option, const char *file, bool is_tls, struct dk_error *error)
{
	if (!file)
		return 0;
	if (!is_tls)
		return mqtt_refuse(
			error, "%s is for TLS, and no uri begins with mqtts:// or wss://", option);
	if (access(file, R_OK) != 0 && errno != EACCES)
		return mqtt_refuse(error, "%s \"%s\": %s", option, file, strerror(errno));
	return 0;
}

static int
check_tls(const struct mqtt_config *config, bool is_tls, struct dk_error *error)
{
	if (config->key && !config->certificate)
		return mqtt_refuse(error,
				   "ssl_key_location needs the ssl_certificate_location whose "
				   "key it is");
	if (check_file("ssl_ca_location", config->ca, is_tls, error) != 0 ||
	    check_file("ssl_certificate_location", config->certificate, is_tls, error) != 0)
		return -1;
	return check_file("ssl_key_location", config->key, is_tls, error);
}

static struct dk_slice
slice_of(const char *text)
{
	return (struct dk_slice){ text, strlen(text) };
}

static int
check_will(const struct mqtt_config *config, struct dk_error *error)
{
	const char *fault;

	if (!config->will_topic)
		return !config->will_payload && !config->will_retain
			       ? 0
			       : mqtt_refuse(error, "a will needs a will_topic");
	fault = mqtt_topic_fault(slice_of(config->will_topic));
	if (fault)
		return mqtt_refuse(error, "will_topic \"%s\" %s", config->will_topic, fault);
	if (config->will_payload && strlen(config->will_payload) > MQTT_STRING_MAX)
		return mqtt_refuse(error, "will_payload is longer than 65535 bytes");
	return 0;
}

static int
check_text(const char *option, const char *text, struct dk_error *error)
{
	if (text && !mqtt_is_string(slice_of(text)))
		return mqtt_refuse(error,
				   "%s is not text that MQTT takes: UTF-8 without control "
				   "characters, at most 65535 bytes",
				   option);
	return 0;
}

int
mqtt_check_config(const void *values, struct dk_error *error)
{
	const struct mqtt_config *config = values;
	bool is_tls;

	if (config->password && !config->username)
		return mqtt_refuse(error, "a password needs a username");
	if (check_text("client_id", config->client_id, error) != 0 ||
	    check_text("username", config->username, error) != 0 ||
	    check_uri(config, &is_tls, error) != 0 || check_tls(config, is_tls, error) != 0)
		return -1;
	return check_will(config, error);
}

/* --- A route ------------------------------------------------------------------------------- */

/* What of these needs MQTT 5; NULL: nothing. */
static const char *
find_newer(const struct mqtt_from *from)
{
	return from->share				      ? "share"
	       : from->no_local				      ? "no_local"
	       : from->retain_handling == MQTT_RETAINED_NEVER ? "retain_handling = \"never\""
							      : NULL;
}

int
mqtt_check_interest(const void *values, const struct dk_interest *interest, struct dk_error *error)
{
	const struct mqtt_config *config = values;
	const struct mqtt_from *from = interest->options;

	if (config->version != MQTT_5 && find_newer(from))
		return mqtt_refuse(error, "%s needs version = \"5\" of the endpoint",
				   find_newer(from));
	if (config->version != MQTT_5 && mqtt_qos(from->qos, config) == 2)
		return mqtt_refuse(error,
				   "to subscribe with qos = 2 needs version = \"5\": in 3.1.1 it "
				   "is acknowledged before it is stored; lower it to 1?");
	if (from->share && from->no_local)
		return mqtt_refuse(error,
				   "no_local cannot be together with share: another client of "
				   "the group would carry it back");
	if (from->share && (from->share[0] == '\0' || strpbrk(from->share, "/+#") ||
			    !mqtt_is_string(slice_of(from->share))))
		return mqtt_refuse(error,
				   "share \"%s\" is not the name of a group: one word without "
				   "/, + and #",
				   from->share);
	return 0;
}

int
mqtt_check_target(const void *values, const struct dk_target *target, struct dk_error *error)
{
	const char *fault =
		target->is_literal ? mqtt_topic_fault(slice_of(target->template)) : NULL;

	(void)values;
	return fault ? mqtt_refuse(error, "the topic \"%s\" %s", target->template, fault) : 0;
}

unsigned
mqtt_brings(const void *config)
{
	return ((const struct mqtt_config *)config)->version == MQTT_5 ?
		       DK_HAS_CONTENT_TYPE | DK_HAS_CORRELATION_ID | DK_HAS_REPLY_TO |
			       DK_HAS_HEADERS :
		       0;
}

const char *
mqtt_doubt_interest(const void *config, const struct dk_interest *interest)
{
	const struct mqtt_from *from = interest->options;

	return mqtt_qos(from->qos, config) == 0 ?
		       "it is subscribed to with qos = 0: the broker sends each message once, and "
		       "does not ask whether it came" :
		       NULL;
}

const char *
mqtt_doubt_target(const void *config, const struct dk_target *target)
{
	const struct mqtt_to *to = target->options;

	return mqtt_qos(to->qos, config) == 0 ?
		       "it is published with qos = 0: the broker does not say whether it came" :
		       NULL;
}
