/* SPDX-License-Identifier: Apache-2.0
 *
 * settings.c - the settings of the daemon itself.
 */
#include "daemon/config/settings.h"

#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/config/http_settings.h"
#include "daemon/config/words.h"
#include "daemon/system/log_line.h"

static const char *const unresolved[] = { "error", "keep", NULL };

static const struct dk_option root_rows[] = {
	{ "state", DK_TEXT, DK_AT(struct dk_settings, state, const char *), "/var/lib/diolkos", 0, 0,
	  NULL, 0, "Folder of the spool, of dead letters, and of the last good copies of lists; under systemd "
	  "that of the unit, where it has one." },
	{ "plugins", DK_TEXT, DK_AT(struct dk_settings, plugins, const char *), NULL, 0, 0, NULL, 0,
	  "Folder of the plugins, if not the installed one." },
	{ "drain", DK_DURATION, DK_AT(struct dk_settings, drain_ms, int64_t), "30s", 0, 3600000,
	  NULL, 0, "How long a shutdown waits for outcomes." },
	{ "store_timeout", DK_DURATION, DK_AT(struct dk_settings, store_timeout_ms, int64_t), "30s",
	  100, 3600000, NULL, 0,
	  "How long a disk that fails is tried before the process ends with status 75." },
	{ "unresolved", DK_CHOICE, DK_AT(struct dk_settings, unresolved, int), "error", 0, 0,
	  unresolved, 0,
	  "What a $NAME that nobody knows is: an error, or kept as it is written." },
	{ 0 },
};
static const struct dk_option spool_rows[] = {
	{ "sync", DK_TEXT, DK_AT(struct dk_settings, spool_sync, const char *), "always", 0, 0, NULL,
	  0, "\"always\", or the interval whose messages a power cut may cost." },
	{ "size", DK_SIZE, DK_AT(struct dk_settings, spool_size, int64_t), "10 GB", 1 << 20,
	  INT64_MAX, NULL, 0, "At so much on disk a source is left until half is delivered." },
	{ 0 },
};
static const struct dk_option dead_rows[] = {
	{ "size", DK_SIZE, DK_AT(struct dk_settings, dead_size, int64_t), "1 GB", 1 << 20,
	  INT64_MAX, NULL, 0, "At so much on disk no dead letter is taken: its route stops." },
	{ 0 },
};

static const struct dk_option control_rows[] = {
	{ "socket", DK_TEXT, DK_AT(struct dk_settings, control_socket, const char *), NULL, 0, 0, NULL,
	  0, "The socket at which diolkosd answers, for its owner and group; when absent, the file "
	  "control in the unit's runtime folder, or else in the state folder. Read at the start." },
	{ 0 },
};


#define TEXT(member) DK_TEXT, DK_AT(struct dk_settings, member, const char *)
#define SECRET(member) DK_SECRET, DK_AT(struct dk_settings, member, const char *)

static const struct dk_option log_rows[] = {
	{ "level", DK_CHOICE, DK_AT(struct dk_settings, log_level, int), "info", 0, 0,
	  dk_level_names, 0,
	  "What is logged: this and what is graver. At \"debug\" each delivery's way." },
	{ "form", DK_CHOICE, DK_AT(struct dk_settings, log_form, int), "auto", 0, 0,
	  dk_log_form_names, 0,
	  "Of a line: text, JSON, or the journal's with its fields; auto is the journal under "
	  "systemd, else text." },
	{ "instance", TEXT(log_instance), "diolkos", 0, 0, NULL, 0,
	  "What a collector is told which daemon of its host it is." },
	{ "http", TEXT(log_http), NULL, 0, 0, NULL, 0,
	  "A URL to which each line is sent besides, as JSON: Logstash's http input, or what takes "
	  "the same." },
	{ "http_username", TEXT(log_http_username), NULL, 0, 0, NULL, 0, "Who is known there." },
	{ "http_password", SECRET(log_http_password), NULL, 0, 0, NULL, 0,
	  "And by what password." },
	{ "http_token", SECRET(log_http_token), NULL, 0, 0, NULL, 0,
	  "Or what is sent as Authorization: Bearer." },
	{ "http_header", TEXT(log_http_header), NULL, 0, 0, NULL, 0,
	  "What else is sent along, like \"X-Tenant: acme\"." },
	{ "http_ca", TEXT(log_http_ca), NULL, 0, 0, NULL, 0,
	  "The file of the authorities that are trusted, if not the system's." },
	{ "http_queue", DK_SIZE, DK_AT(struct dk_settings, log_http_queue, int64_t), "4 MB",
	  1 << 16, 1 << 30, NULL, 0,
	  "So much waits while it is away; lines beyond are dropped, and counted." },
	{ 0 },
};

static int
check_log_url(const char *url, struct dk_error *error)
{
	const char *host = strncmp(url, "http://", 7) == 0  ? url + 7 :
			   strncmp(url, "https://", 8) == 0 ? url + 8 :
							      NULL;

	if (!host)
		return dk_fail(error, "http begins with none of http:// and https://; http = "
				      "\"http://HOST:8080\"?");
	if (strcspn(host, "/?#") == 0)
		return dk_fail(error, "http names no host; http = \"http://HOST:8080\"?");
	if (memchr(host, '@', strcspn(host, "/?#")))
		return dk_fail(error, "a password in http is shown to whoever looks; "
				      "http_username and http_password?");
	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 127)
			return dk_fail(error, "http has a space or what else is not legal in a "
					      "url; written as %%20 or the like?");
	return 0;
}

static int
check_log_header(const char *header, struct dk_error *error)
{
	size_t name = strcspn(header, ": \t");

	if (name == 0 || header[name] != ':' || header[strcspn(header, "\r\n")])
		return dk_fail(error, "http_header is no line like \"X-Tenant: acme\"");
	return 0;
}

static int
check_log(const void *values, struct dk_error *error)
{
	const struct dk_settings *settings = values;

	const char *token = settings->log_http_token;
	bool has_any = settings->log_http_username || settings->log_http_password || token ||
		       settings->log_http_header || settings->log_http_ca;

	if (!settings->log_http && has_any)
		return dk_fail(error, "there is no http to send lines to; http = "
				      "\"http://HOST:8080\"?");
	if (!settings->log_http_username != !settings->log_http_password)
		return dk_fail(error, "http_username and http_password are one without the other");
	if (settings->log_http_username && token)
		return dk_fail(error, "there are both http_username and http_token; which?");
	if (token && token[strcspn(token, "\r\n")])
		return dk_fail(error, "http_token has more than one line");
	if (settings->log_http && check_log_url(settings->log_http, error) != 0)
		return -1;
	return settings->log_http_header ? check_log_header(settings->log_http_header, error) : 0;
}

static const struct dk_options root_table = { sizeof(struct dk_settings), root_rows, 0, 0, 0 };
static const struct dk_options spool_table = { sizeof(struct dk_settings), spool_rows, 0, 0, 0 };
static const struct dk_options dead_table = { sizeof(struct dk_settings), dead_rows, 0, 0, 0 };
static const struct dk_options control_table = { sizeof(struct dk_settings), control_rows, 0, 0, 0 };
static const struct dk_options log_table = { sizeof(struct dk_settings), log_rows, 0, check_log,
					     0 };

const struct dk_settings_group dk_settings_groups[] = {
	{ "", "Settings of the daemon.", &root_table },
	{ "spool", "Where messages wait whose source cannot keep them.", &spool_table },
	{ "dead", "The store of what could not be delivered.", &dead_table },
	{ "control", "Where the running daemon is asked.", &control_table },
	{ "http", "Metrics, health and the status page over HTTP.", &dk_http_table },
	{ "log", "What is logged, in which form, and where it is sent.", &log_table },
};
const size_t dk_settings_group_count = sizeof(dk_settings_groups) / sizeof(dk_settings_groups[0]);

const struct dk_word dk_parts[] = {
	{ "variables", DK_KIND(GROUP), "Names for values, used as $NAME.", NULL },
	{ "lists", DK_KIND(GROUP), "Lists of items, for groups.", NULL },
	{ "endpoints", DK_KIND(GROUP), "The systems that messages come from and go to.", NULL },
	{ "defaults", DK_KIND(GROUP), "Settings of all routes that do not say otherwise.", NULL },
	{ "profiles", DK_KIND(GROUP), "Settings that routes take by like = \"NAME\".", NULL },
	{ "routes", DK_KIND(GROUP), "The ways of messages.", NULL },
	{ "groups", DK_KIND(GROUP), "Routes that are there once for each item of a list.", NULL },
	{ "tests", DK_KIND(LIST), "Messages, and where they must go; run by diolkosd -t.", NULL },
	{ 0 },
};

/* --- Reading --- */

/* Whether a name at the top of the file is read elsewhere. */
static bool
is_part(const char *name)
{
	if (dk_words_find(dk_parts, name))
		return true;
	for (size_t i = 1; i < dk_settings_group_count; i++)
		if (strcmp(dk_settings_groups[i].name, name) == 0)
			return true;
	return false;
}

static void
fault_unknown(struct dk_compiling *compiling, const struct dk_settings_group *group,
	      const struct dk_node *node)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(node->name) };
	char names[DK_NAMES_ROOM] = "";
	size_t length;

	if (!*group->name) {
		dk_words_suggest(dk_parts, &suggestion);
		dk_words_names(dk_parts, names, sizeof(names));
	}
	length = strlen(names);
	for (size_t i = 1; !*group->name && i < dk_settings_group_count; i++) {
		dk_suggest(&suggestion, dk_settings_groups[i].name);
		length += (size_t)snprintf(names + length, sizeof(names) - length, ", %s",
					   dk_settings_groups[i].name);
	}
	dk_options_suggest(group->table, &suggestion);
	dk_options_names(group->table, names, sizeof(names));
	dk_fault_unknown(compiling, node, *group->name ? group->name : "the file", &suggestion,
			 names);
}

static void
set(struct dk_compiling *compiling, const struct dk_settings_group *group,
    const struct dk_node *node)
{
	if (dk_options_know(group->table, node->name))
		dk_options_set(group->table, &compiling->plan->settings, group->name, node,
			       compiling->variables, compiling->faults);
	else if (*group->name || !is_part(node->name))
		fault_unknown(compiling, group, node);
}

static void
set_group(struct dk_compiling *compiling, const struct dk_settings_group *group,
	  const struct dk_node *node)
{
	dk_options_preset(group->table, &compiling->plan->settings);
	if (node && node->kind != DK_NODE_GROUP) {
		dk_fault(compiling->faults, node->place, "%s is %s; %s = { %s = …; };?",
			 node->name, dk_node_kind_name(node), node->name,
			 group->table->rows[0].name);
		return;
	}
	for (size_t i = 0; node && i < node->count; i++)
		set(compiling, group, &node->inside[i]);
	if (*group->name && node)
		dk_options_finish(group->table, &compiling->plan->settings, group->name, node->place,
				  compiling->faults);
}

static void
read_sync(struct dk_compiling *compiling, const struct dk_node *spool)
{
	struct dk_settings *settings = &compiling->plan->settings;
	const struct dk_node *node =
		spool && spool->kind == DK_NODE_GROUP ? dk_node_find(spool, "sync") : NULL;

	if (strcmp(settings->spool_sync, "always") == 0)
		settings->spool_sync_ms = 0;
	else if (dk_duration_read(settings->spool_sync, &settings->spool_sync_ms) != 0 ||
		 settings->spool_sync_ms == 0)
		dk_fault(compiling->faults, node->place,
			 "spool: sync: \"%s\" is neither \"always\" nor an interval like "
			 "\"50ms\"",
			 settings->spool_sync);
}

/* Under systemd the unit says where, and each instance has a folder of its own: systemd.exec(5). */
static void
preset_state(struct dk_compiling *compiling)
{
	const char *state = dk_variables_find(compiling->variables, DK_SLICE("STATE_DIRECTORY"));

	if (state && *state)
		compiling->plan->settings.state = state;
}

void
dk_compile_settings(struct dk_compiling *compiling, const struct dk_node *root)
{
	set_group(compiling, &dk_settings_groups[0], root);
	if (!dk_node_find(root, "state"))
		preset_state(compiling);
	for (size_t i = 1; i < dk_settings_group_count; i++)
		set_group(compiling, &dk_settings_groups[i],
			  dk_node_find(root, dk_settings_groups[i].name));
	read_sync(compiling, dk_node_find(root, "spool"));
}
