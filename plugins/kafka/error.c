/* SPDX-License-Identifier: Apache-2.0
 *
 * error.c - what the library says of itself: its lines, its errors, and why it refuses
 * certificates.
 */
#include <stdio.h>
#include <string.h>

#include "plugins/certificate.h"
#include "plugins/kafka/kafka.h"

/* What an error is said as. An error without a row is said as the last one says. */
static const struct {
	rd_kafka_resp_err_t code;
	int kind;	  /* -1: not by itself; it may be the cause of another */
	const char *text; /* what is to be done; NULL: the library's text says it */
} errors[] = {
	{ RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, KAFKA_UNREACHABLE, NULL },
	{ RD_KAFKA_RESP_ERR__TRANSPORT, -1, NULL },
	{ RD_KAFKA_RESP_ERR__RESOLVE, -1, NULL },
	{ RD_KAFKA_RESP_ERR__TIMED_OUT, -1, NULL },
	{ RD_KAFKA_RESP_ERR__SSL, KAFKA_NOT_TRUSTED, NULL },
	{ RD_KAFKA_RESP_ERR__AUTHENTICATION, KAFKA_NOT_AUTHENTICATED, NULL },
	{ RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, KAFKA_NOT_AUTHORIZED,
	  "to read a topic takes READ and DESCRIBE on it" },
	{ RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, KAFKA_NOT_AUTHORIZED,
	  "to read takes READ on the group" },
	{ RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, KAFKA_NOT_AUTHORIZED, NULL },
	{ RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, KAFKA_NO_TOPIC,
	  "it is read as soon as it is there" },
	{ RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, KAFKA_NO_TOPIC, "it is read as soon as it is there" },
	{ RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, KAFKA_NO_TOPIC, "was its topic deleted?" },
	{ RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, KAFKA_EXPELLED, NULL },
	{ RD_KAFKA_RESP_ERR_NO_ERROR, KAFKA_OTHER_ERROR, NULL },
};

/* How loud the library's own lines are, by its levels, which are those of syslog. */
static const enum dk_level levels[] = { DK_ERROR,   DK_ERROR,  DK_ERROR, DK_ERROR,
					DK_WARNING, DK_NOTICE, DK_INFO,	 DK_DEBUG };

/* Lines that come as events too, or that say of a property of the other role that it is one. */
static const char *const quiet_facilities[] = { "FAIL",	 "ERROR",	"CONFWARN", "TERMINATE",
						"FATAL", "SSLCERTVRFY", "PARTCNT" };

/* Why a certificate was refused comes as a line, before the error that the connection ends with. */
static void
keep_certificate(struct kafka_instance *instance, const char *facility, const char *text)
{
	const char *whose = strstr(text, "Certificate ("), *why = strstr(text, "callback failed: ");

	if (strcmp(facility, "SSLCERTVRFY") != 0 || !whose || !why)
		return;
	whose += strlen("Certificate ");
	snprintf(instance->certificate, sizeof(instance->certificate),
		 "the certificate %.*s is refused: %s", (int)strcspn(whose, ")") + 1, whose,
		 why + strlen("callback failed: "));
}

/* A position that the broker has no record for any more. */
static bool
is_reset(const char *facility, const char *text)
{
	return strcmp(facility, "OFFSET") == 0 && strstr(text, "offset reset");
}

static const char *
without_thread(const char *text)
{
	const char *end = strstr(text, "]: ");

	return *text == '[' && end ? end + 3 : text;
}

void
kafka_error_line(struct kafka_instance *instance, rd_kafka_event_t *event)
{
	const char *facility, *text;
	enum dk_level level;
	int number;

	if (rd_kafka_event_log(event, &facility, &text, &number) != 0)
		return;
	level = levels[number & 7];
	for (size_t i = 0; i < sizeof(quiet_facilities) / sizeof(*quiet_facilities); i++)
		if (strcmp(facility, quiet_facilities[i]) == 0)
			level = DK_DEBUG;
	keep_certificate(instance, facility, text);
	if (is_reset(facility, text)) {
		instance->endpoint->host->log(
			instance->endpoint->handle, DK_WARNING, "position-reset",
			DK_FIELDS(DK_FIELD_TEXT("why", without_thread(text)),
				  DK_FIELD_TEXT("meaning", "records were deleted before they were "
							   "read, or the topic was made anew")));
		return;
	}
	instance->endpoint->host->log(
		instance->endpoint->handle, level, "librdkafka",
		DK_FIELDS(DK_FIELD_TEXT("facility", facility), DK_FIELD_TEXT("text", text)));
}

static size_t
find_error(rd_kafka_resp_err_t code)
{
	size_t i = 0;

	while (errors[i].code != RD_KAFKA_RESP_ERR_NO_ERROR && errors[i].code != code)
		i++;
	return i;
}

/* The topic that an error is about; "" when it is about none. */
static void
find_topic(rd_kafka_event_t *event, const char *text, char *topic, size_t size)
{
	static const char before[] = "topic not available: ";
	const char *name = strstr(text, before);
	rd_kafka_topic_partition_t *place = rd_kafka_event_topic_partition(event);

	if (name)
		snprintf(topic, size, "%s", name + strlen(before));
	else
		snprintf(topic, size, "%s", place ? place->topic : "");
	topic[strcspn(topic, ": ")] = '\0';
	if (place)
		rd_kafka_topic_partition_destroy(place);
}

/* The same each time: without how long it took. */
static void
shorten(const char *text, char *shorter, size_t size)
{
	static const char *const ends[] = { " (after ", " (PID{",
					    ": broker certificate could not be" };

	snprintf(shorter, size, "%s", text);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char *end = strstr(shorter, ends[i]);

		if (end)
			*end = '\0';
	}
}

/* Kafka 4.0 and later refuse what the library says before its version 2.6.1. */
static const char *
find_login_advice(const struct kafka_config *config)
{
	if (config->sasl_mechanism && strncmp(config->sasl_mechanism, "SCRAM", 5) == 0 &&
	    rd_kafka_version() < 0x020601ff)
		return "check sasl_username and sasl_password; if they are right: SCRAM of this "
		       "librdkafka (older than 2.6.1) works with Kafka up to 3.9, use PLAIN over "
		       "TLS, or a client certificate";
	return "check sasl_mechanism, sasl_username and sasl_password";
}

/* What may be behind an error, or done about it; NULL: nothing is known. */
static const char *
find_more(const struct kafka_instance *instance, size_t row, const char *text)
{
	if (errors[row].kind == KAFKA_UNREACHABLE && *instance->cause)
		return instance->cause;
	if (errors[row].kind == KAFKA_NOT_TRUSTED && *instance->certificate &&
	    strstr(text, "certificate verify failed"))
		return instance->certificate;
	if (errors[row].kind == KAFKA_NOT_AUTHENTICATED)
		return find_login_advice(instance->endpoint->config);
	if (strstr(text, " alert ") && strstr(text, "SSL"))
		return "the broker refuses us: does it want a certificate of ours "
		       "(ssl_certificate_location, ssl_key_location) that it trusts?";
	return errors[row].text;
}

/* Of what the error is, unless its text says so: "topic iot: ", "group diolkos: ". */
static void
name_subject(const struct kafka_instance *instance, size_t row, const char *topic, const char *text,
	     char *whom, size_t size)
{
	const char *group = instance->endpoint->config->group_id;

	*whom = '\0';
	if (errors[row].code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED && group)
		snprintf(whom, size, "group %s: ", group);
	else if (*topic && !strstr(text, topic))
		snprintf(whom, size, "topic %s: ", topic);
}

static void
explain(const struct kafka_instance *instance, size_t row, const char *topic, const char *text,
	char *reason, size_t size)
{
	const char *more = find_more(instance, row, text);
	const char *user = instance->endpoint->config->sasl_username;
	bool names_user = user && (errors[row].kind == KAFKA_NOT_AUTHORIZED ||
				   errors[row].kind == KAFKA_NOT_AUTHENTICATED);
	char whom[300];

	name_subject(instance, row, topic, text, whom, sizeof(whom));
	snprintf(reason, size, "%s%s%s%s%s%s%s", names_user ? "user " : "", names_user ? user : "",
		 names_user ? ", " : "", whom, text, more ? "; " : "", more ? more : "");
}

static void
give_up(struct kafka_instance *instance, const char *text)
{
	char reason[400], ignored[8];

	snprintf(reason, sizeof(reason), "%s: %s",
		 rd_kafka_err2str(rd_kafka_fatal_error(instance->client, ignored, sizeof(ignored))),
		 text);
	kafka_instance_begin_anew(instance, reason);
}

void
kafka_error_take(struct kafka_instance *instance, rd_kafka_event_t *event)
{
	size_t row = find_error(rd_kafka_event_error(event));
	int kind = errors[row].kind;
	char text[300], reason[1600], topic[256];

	shorten(rd_kafka_event_error_string(event), text, sizeof(text));
	if (rd_kafka_event_error_is_fatal(event)) {
		give_up(instance, text);
		return;
	}
	find_topic(event, text, topic, sizeof(topic));
	explain(instance, row, topic, text, reason, sizeof(reason));
	if (kind < 0 || kind == KAFKA_NOT_TRUSTED || kind == KAFKA_NOT_AUTHENTICATED)
		snprintf(instance->cause, sizeof(instance->cause), "%.399s", reason);
	if (kind < 0)
		return;
	kafka_trouble_begin(instance, (enum kafka_trouble_kind)kind, topic, reason);
	if (*topic && instance->role->miss)
		instance->role->miss(instance, topic, kind == KAFKA_NO_TOPIC);
}

/* --- Certificates -------------------------------------------------------------------------- */

/* The library's threads'. OpenSSL has judged: its judgement is kept, and said in words. */
static int
judge_certificate(rd_kafka_t *client, const char *broker, int32_t number, int *judgement, int depth,
		  const char *certificate, size_t size, char *text, size_t room, void *opaque)
{
	(void)client, (void)broker, (void)number, (void)depth, (void)certificate, (void)size;
	(void)opaque;
	if (*judgement == X509_V_OK)
		return 1;
	snprintf(text, room, "%s; %s", X509_verify_cert_error_string(*judgement),
		 dk_certificate_advice(*judgement));
	return 0;
}

int
kafka_certificate_watch(rd_kafka_conf_t *conf, struct dk_error *error)
{
	if (rd_kafka_conf_set_ssl_cert_verify_cb(conf, judge_certificate) == RD_KAFKA_CONF_OK)
		return 0;
	snprintf(error->text, sizeof(error->text), "this librdkafka was built without TLS");
	return -1;
}
