/* SPDX-License-Identifier: Apache-2.0
 *
 * options.c - an endpoint's options: its rows, and the rules between them.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/kafka/kafka.h"

static const char *const protocols[] = { "plaintext", "ssl", "sasl_plaintext", "sasl_ssl", NULL };
static const char *const identifications[] = { "https", "none", NULL };
static const char *const isolations[] = { "read_committed", "read_uncommitted", NULL };
static const char *const mechanisms[] = { "PLAIN",  "SCRAM-SHA-256", "SCRAM-SHA-512",
					  "GSSAPI", "OAUTHBEARER",   NULL };
#define WITH_PASSWORD 3 /* the first so many of them */

#define AT(member, type) DK_AT(struct kafka_config, member, type)

const struct dk_option kafka_endpoint_rows[] = {
	{ "bootstrap_servers", DK_TEXT, AT(bootstrap_servers, const char *), .flags = DK_REQUIRED | DK_NAMES_SYSTEM,
	  .help = "Some of the brokers: host:port, with commas between." },
	{ "group_id", DK_TEXT, AT(group_id, const char *),
	  .help = "The consumer group, which shares the partitions among its members and keeps "
		  "their positions; needed to read." },
	{ "client_id", DK_TEXT, AT(client_id, const char *),
	  .help = "How the brokers call this client in their logs and quotas; when absent, "
		  "diolkos- and the endpoint's name." },
	{ "window", DK_INTEGER, AT(window, int64_t), .preset = "10000", .min = 1, .max = 1000000,
	  .help = "The most records that are sent and not yet reported as delivered." },
	{ "security_protocol", DK_CHOICE, AT(security_protocol, int), .preset = "plaintext",
	  .choices = protocols,
	  .help = "Whether the connection is encrypted (ssl) and whether a user logs in (sasl_)." },
	{ "sasl_mechanism", DK_TEXT, AT(sasl_mechanism, const char *),
	  .help = "How the user logs in: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI or "
		  "OAUTHBEARER." },
	{ "sasl_username", DK_TEXT, AT(sasl_username, const char *),
	  .help = "The user who logs in, with PLAIN and SCRAM." },
	{ "sasl_password", DK_SECRET, AT(sasl_password, const char *),
	  .help = "The user's password, with PLAIN and SCRAM." },
	{ "ssl_ca_location", DK_TEXT, AT(ssl_ca_location, const char *),
	  .help = "A file or folder of the authorities (PEM) that may have signed the brokers' "
		  "certificates; when absent, those that the system trusts." },
	{ "ssl_certificate_location", DK_TEXT, AT(ssl_certificate_location, const char *),
	  .help = "Our own certificate (PEM), for brokers that ask for one." },
	{ "ssl_key_location", DK_TEXT, AT(ssl_key_location, const char *),
	  .help = "The key (PEM) of our own certificate." },
	{ "ssl_key_password", DK_SECRET, AT(ssl_key_password, const char *),
	  .help = "The password that the key's file is encrypted with." },
	{ "ssl_endpoint_identification_algorithm", DK_CHOICE,
	  AT(ssl_endpoint_identification_algorithm, int), .preset = "https",
	  .choices = identifications,
	  .help = "Whether a broker's certificate must name the host that was connected to "
		  "(https), or may name any (none)." },
	{ "enable_ssl_certificate_verification", DK_TRUTH,
	  AT(enable_ssl_certificate_verification, bool), .preset = "true",
	  .help = "Whether a broker's certificate is checked at all; without it anybody in between "
		  "can pose as the broker." },
	{ "isolation_level", DK_CHOICE, AT(isolation_level, int), .preset = "read_committed",
	  .choices = isolations,
	  .help = "Whether records of a transaction are read only once it is committed, and never "
		  "if it is aborted." },
	{ 0 },
};

const struct dk_option *const kafka_security_rows = &kafka_endpoint_rows[4];

const char *
kafka_option_text(const struct kafka_config *config, const struct dk_option *row)
{
	const void *value = (const char *)config + row->offset;

	if (row->type == DK_CHOICE)
		return row->choices[*(const int *)value];
	if (row->type == DK_TRUTH)
		return *(const bool *)value ? "true" : "false";
	return *(const char *const *)value;
}

/* --- Rules --------------------------------------------------------------------------------- */

DK_PRINTF(2, 3)
static int
fail(struct dk_error *error, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(error->text, sizeof(error->text), format, values);
	va_end(values);
	return -1;
}

/* The first option of those whose names begin so that was given, and has no preset. */
static const char *
find_given(const struct kafka_config *config, const char *beginning)
{
	for (const struct dk_option *row = kafka_security_rows; row->name; row++)
		if (!row->preset && strncmp(row->name, beginning, strlen(beginning)) == 0 &&
		    kafka_option_text(config, row))
			return row->name;
	return NULL;
}

static int
check_mechanism(const struct kafka_config *config, struct dk_error *error)
{
	const char *mechanism = config->sasl_mechanism
					? config->sasl_mechanism
					: kafka_properties_get(config, "sasl.mechanisms");
	size_t i = 0;

	if (!*mechanism)
		return fail(error,
			    "security_protocol = \"%s\" needs a sasl_mechanism; "
			    "\"SCRAM-SHA-256\" or \"PLAIN\"?",
			    protocols[config->security_protocol]);
	while (mechanisms[i] && strcmp(mechanisms[i], mechanism) != 0)
		i++;
	if (!mechanisms[i])
		return fail(error,
			    "there is no sasl_mechanism \"%s\"; PLAIN, SCRAM-SHA-256, "
			    "SCRAM-SHA-512, GSSAPI or OAUTHBEARER?",
			    mechanism);
	if (i < WITH_PASSWORD && !config->sasl_username)
		return fail(error, "sasl_mechanism = \"%s\" needs a sasl_username", mechanism);
	if (i < WITH_PASSWORD && !config->sasl_password)
		return fail(error, "sasl_mechanism = \"%s\" needs a sasl_password", mechanism);
	return 0;
}

static int
check_sasl(const struct kafka_config *config, struct dk_error *error)
{
	const char *protocol = protocols[config->security_protocol];
	const char *given = find_given(config, "sasl_");

	if (strncmp(protocol, "sasl_", 5) == 0)
		return check_mechanism(config, error);
	if (!given)
		return 0;
	return fail(error, "%s is of no use with security_protocol = \"%s\"; \"sasl_ssl\"?", given,
		    protocol);
}

/* A file that is there may still be one that we may not read: that depends on who asks. */
static int
check_file(const char *option, const char *path, struct dk_error *error)
{
	if (path && access(path, F_OK) != 0 && errno == ENOENT)
		return fail(error, "%s: there is no %s", option, path);
	return 0;
}

static int
check_ssl(const struct kafka_config *config, struct dk_error *error)
{
	const char *protocol = protocols[config->security_protocol];
	const char *given = find_given(config, "ssl_");

	if (given && !strstr(protocol, "ssl"))
		return fail(error, "%s is of no use with security_protocol = \"%s\"; \"ssl\"?",
			    given, protocol);
	if (config->ssl_certificate_location && !config->ssl_key_location &&
	    !*kafka_properties_get(config, "ssl.key.pem"))
		return fail(error, "ssl_certificate_location needs an ssl_key_location");
	if (config->ssl_key_location && !config->ssl_certificate_location &&
	    !*kafka_properties_get(config, "ssl.certificate.pem"))
		return fail(error, "ssl_key_location needs an ssl_certificate_location");
	if (check_file("ssl_ca_location", config->ssl_ca_location, error) != 0 ||
	    check_file("ssl_certificate_location", config->ssl_certificate_location, error) != 0)
		return -1;
	return check_file("ssl_key_location", config->ssl_key_location, error);
}

/* What the file says, or the library's default. */
static long long
number_of(const struct kafka_config *config, const char *property, long long preset)
{
	const char *text = kafka_properties_get(config, property);

	return *text ? atoll(text) : preset;
}

/* A record for which the queue has no room even when it is empty would wait for ever. */
static int
check_queue(const struct kafka_config *config, struct dk_error *error)
{
	long long queue = number_of(config, "queue.buffering.max.kbytes", 1048576);
	long long record = number_of(config, "message.max.bytes", 1000000);

	if (queue * 1024 >= record)
		return 0;
	return fail(error,
		    "a record of message_max_bytes = %lld has no room in the queue of "
		    "queue_buffering_max_kbytes = %lld; at least %lld?",
		    record, queue, (record + 1023) / 1024);
}

int
kafka_options_check(const void *values, struct dk_error *error)
{
	if (check_sasl(values, error) != 0 || check_ssl(values, error) != 0)
		return -1;
	return check_queue(values, error);
}

/* --- Interests ----------------------------------------------------------------------------- */

int
kafka_interest_check(const void *values, const struct dk_interest *interest, struct dk_error *error)
{
	const struct kafka_config *config = values;

	(void)interest;
	if (config->group_id)
		return 0;
	snprintf(error->text, sizeof(error->text),
		 "to read from Kafka its endpoint needs a group_id");
	return -1;
}

/* The group brings them all. */
int
kafka_interests_name(const void *values, struct dk_interest *interests, size_t count,
		     struct dk_error *error)
{
	const struct kafka_config *config = values;

	(void)error;
	for (size_t i = 0; i < count; i++)
		if (!(interests[i].subscription = strdup(config->group_id)))
			abort();
	return 0;
}
