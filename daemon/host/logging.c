/* SPDX-License-Identifier: Apache-2.0
 *
 * logging.c - the log as the configuration wants it.
 */
#include "daemon/host/logging.h"

#include <limits.h>
#include <unistd.h>

#include "daemon/system/log.h"
#include "daemon/system/shipper.h"

static const char *version;
static bool is_verbose;
static int configured_level = -1; /* -1: no configuration was there */

void
dk_logging_begin(const char *daemon_version, bool verbose)
{
	version = daemon_version;
	is_verbose = verbose;
	if (is_verbose)
		dk_log_set_level(DK_DEBUG);
}

static void
set_level(const struct dk_settings *settings)
{
	if (!is_verbose && settings->log_level != configured_level)
		dk_log_set_level((enum dk_level)settings->log_level);
	configured_level = settings->log_level;
}

static void
set_shipper(const struct dk_settings *settings)
{
	char host[HOST_NAME_MAX + 1] = "", context[DK_LOG_CONTEXT_ROOM] = "";
	struct dk_shipper_options options = {
		.target = { .url = settings->log_http,
			    .username = settings->log_http_username,
			    .password = settings->log_http_password,
			    .token = settings->log_http_token,
			    .header = settings->log_http_header,
			    .authorities = settings->log_http_ca },
		.queue = settings->log_http_queue,
		.context = context,
	};

	gethostname(host, sizeof(host) - 1);
	dk_log_line_member(context, "host", host);
	dk_log_line_member(context, "instance", settings->log_instance);
	dk_log_line_member(context, "version", version ? version : "");
	dk_shipper_set(&options);
}

void
dk_logging_set(const struct dk_settings *settings)
{
	set_level(settings);
	dk_log_set_form((enum dk_log_form)settings->log_form);
	set_shipper(settings);
}

void
dk_logging_end(void)
{
	dk_shipper_end();
}
