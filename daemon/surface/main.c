/* SPDX-License-Identifier: Apache-2.0
 *
 * main.c - diolkosd, the story in one page: read, check, open, connect, carry, drain, close.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/slice.h"
#include "daemon/config/fetch.h"
#include "daemon/config/plan.h"
#include "daemon/host/carry.h"
#include "daemon/host/load.h"
#include "daemon/host/logging.h"
#include "daemon/surface/accounts.h"
#include "daemon/surface/arguments.h"
#include "daemon/surface/control.h"
#include "daemon/surface/dead.h"
#include "daemon/surface/health.h"
#include "daemon/surface/notify.h"
#include "daemon/surface/options.h"
#include "daemon/surface/status.h"
#include "daemon/surface/version.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/log.h"

#define BEAT_MS 5000
#define DEFAULT_PRESET "/etc/default/diolkos"

/* Threads of the client libraries inherit the mask: signals come to the loop alone. A write to a
 * broken connection, or beyond a limit of file sizes, is an error where it happens, not a signal. */
static void
set_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static char **given; /* the command line, to begin anew with */

/* In the place of this process, which holds nothing open for the next. */
static void
begin_anew(void)
{
	dk_log(DK_WARNING, NULL, "beginning-anew", NULL);
	dk_logging_end();
	close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
	execv("/proc/self/exe", given);
}

static const char *path; /* the configuration's, for words */
static struct dk_control *control; /* NULL: it is not open */

static void
beat(const struct dk_gateway *gateway, const struct dk_plan *plan)
{
	char line[256];

	dk_notify_alive();
	dk_complaints_look();
	dk_health_beat(gateway, plan, dk_clock_now_ms(), dk_clock_wall_ms());
	if (control)
		dk_control_beat(control);
	if (!gateway)
		return;
	dk_status_line(gateway, plan, path, line, sizeof(line));
	dk_notify_status(line);
}

/* Often enough for the watchdog and for whoever looks. */
static int64_t
beat_ms(void)
{
	int64_t watchdog_ms = dk_notify_watchdog_ms();

	return watchdog_ms > 0 && watchdog_ms / 3 < BEAT_MS ? watchdog_ms / 3 : BEAT_MS;
}

static void *
open_control(struct dk_carrier *carrier, struct dk_loop *loop)
{
	return control = dk_control_open(carrier, loop);
}

static void
close_control(void *opened)
{
	dk_control_close(opened);
	control = NULL;
	dk_health_forget();
}

static int
account(const struct dk_gateway *gateway, const struct dk_plan *plan,
	const struct dk_replay *replay)
{
	if (replay)
		return dk_dead_log_replay(gateway, plan, replay);
	dk_accounts_log(gateway, plan);
	return EX_OK;
}

static int
carry(struct dk_plan *plan, const struct dk_plan_reading *reading,
      const struct dk_arguments *arguments, struct dk_replay *replay)
{
	struct dk_carry_options options = { .reading = reading,
					    .is_strict = arguments->is_strict,
					    .replay = replay,
					    .ready = dk_notify_ready,
					    .open = open_control,
					    .close = close_control,
					    .beat = beat,
					    .beat_ms = beat_ms(),
					    .reloading = dk_notify_reloading,
					    .stopping = dk_notify_stopping,
					    .account = account,
					    .begin_anew = begin_anew };
	int status = dk_carry(plan, &options);

	dk_logging_end();
	return status;
}

/* "name: value" cut in two. */
static struct dk_header
header_of(const char *text)
{
	size_t name = strcspn(text, ":");
	const char *value = text + name + (text[name] != '\0');

	value += strspn(value, " ");
	return (struct dk_header){ .name = { text, name }, .value = { value, strlen(value) } };
}

static int
explain(const struct dk_plan *plan, const struct dk_arguments *arguments)
{
	struct dk_header headers[DK_ARGUMENT_HEADERS];
	struct dk_message message = DK_MESSAGE_NONE;
	struct dk_error error;

	for (size_t i = 0; i < arguments->header_count; i++)
		headers[i] = header_of(arguments->headers[i]);
	message.headers = headers;
	message.header_count = arguments->header_count;
	message.key = dk_slice_of(arguments->key);
	message.payload = dk_slice_of(arguments->payload);
	if (dk_plan_explain(plan, arguments->address, message, arguments->is_all, stdout,
			    &error) == 0)
		return EX_OK;
	fprintf(stderr, "diolkosd: %s\n", error.text);
	return EX_USAGE;
}

/* What needs no gateway. */
static int
look(const struct dk_plan *plan, const struct dk_arguments *arguments)
{
	switch (arguments->mode) {
	case DK_MODE_CHECK:
		printf("%s: %zu endpoints, %zu routes, %zu tests: good\n", arguments->file,
		       plan->endpoint_count, plan->route_count, plan->test_count);
		return EX_OK;
	case DK_MODE_PRINT:
		dk_plan_print(plan, stdout);
		return EX_OK;
	case DK_MODE_EXPLAIN:
		return explain(plan, arguments);
	case DK_MODE_DEAD:
		return dk_dead_command(plan, arguments->dead, arguments->route);
	default:
		return EX_SOFTWARE;
	}
}

/* Nothing is carried: what only the service may read need not be there. */
static bool
is_check(const struct dk_arguments *arguments)
{
	if (arguments->mode == DK_MODE_DEAD)
		return strcmp(arguments->dead, "replay") != 0;
	return arguments->mode != DK_MODE_RUN;
}

/* The file of variables that systemd gives to the service, for whoever looks at its configuration
 * by hand. NULL: there is none, or systemd has read it. */
static const char *
find_environment(const struct dk_arguments *arguments)
{
	const char *named = getenv("DIOLKOS_DEFAULT");

	if (arguments->mode == DK_MODE_RUN || getenv("INVOCATION_ID"))
		return NULL;
	if (named)
		return *named ? named : NULL;
	return access(DEFAULT_PRESET, F_OK) == 0 ? DEFAULT_PRESET : NULL;
}

static bool
is_replay(const struct dk_arguments *arguments)
{
	return arguments->mode == DK_MODE_DEAD && strcmp(arguments->dead, "replay") == 0;
}

/* Takes the plan. */
static int
act(struct dk_plan *plan, const struct dk_plan_reading *reading,
    const struct dk_arguments *arguments)
{
	int status;

	if (arguments->mode == DK_MODE_RUN)
		return carry(plan, reading, arguments, NULL);
	if (is_replay(arguments))
		return carry(plan, reading, arguments, dk_replay_new(arguments->route));
	status = look(plan, arguments);
	dk_plan_free(plan);
	return status;
}

/* Whether to go on with a plan that may have been warned about. */
static bool
is_good_enough(const struct dk_arguments *arguments, const struct dk_faults *faults)
{
	size_t warnings = dk_faults_warnings(faults);

	if (!arguments->is_strict || warnings == 0)
		return true;
	fprintf(stderr, "diolkosd: %zu warning%s, and --strict takes a warning as an error\n",
		warnings, warnings == 1 ? "" : "s");
	return false;
}

/* Who asks one thing of a configuration is not told of others. */
static bool
tells_warnings(const struct dk_arguments *arguments)
{
	return arguments->is_strict ||
	       (arguments->mode != DK_MODE_EXPLAIN && arguments->mode != DK_MODE_DEAD);
}

static int
read_and_act(const struct dk_arguments *arguments)
{
	struct dk_loader *loader = dk_loader_new();
	struct dk_plugin_finder finder = { .find = dk_loader_find,
					   .context = loader,
					   .fetch = dk_fetch,
					   .keeps_lists = arguments->mode == DK_MODE_RUN };
	struct dk_faults *faults = dk_faults_new();
	struct dk_plan_reading reading = { .path = arguments->file,
					   .finder = &finder,
					   .environment = find_environment(arguments),
					   .is_check = is_check(arguments),
					   .runs_tests = arguments->mode == DK_MODE_CHECK ||
							 arguments->mode == DK_MODE_PRINT,
					   .falls_back = arguments->mode == DK_MODE_RUN };
	struct dk_plan *plan = dk_plan_read(&reading, faults);
	int status = EX_CONFIG;

	reading.falls_back = false; /* what runs already is better than a copy */
	if (!plan || tells_warnings(arguments))
		dk_faults_print(faults, stderr);
	if (plan && is_good_enough(arguments, faults))
		status = act(plan, &reading, arguments);
	else
		dk_plan_free(plan);
	dk_faults_free(faults);
	dk_loader_free(loader);
	return status;
}

int
main(int count, char **words)
{
	struct dk_arguments arguments;

	if (dk_arguments_read(&arguments, count, words) != 0)
		return EX_USAGE;
	if (arguments.mode == DK_MODE_HELP) {
		dk_arguments_help();
		return EX_OK;
	}
	if (arguments.mode == DK_MODE_VERSION) {
		puts("diolkosd " DK_VERSION);
		return EX_OK;
	}
	if (arguments.mode == DK_MODE_OPTIONS)
		return dk_options_command(arguments.what, arguments.form);
	given = words;
	path = arguments.file;
	set_signals();
	dk_logging_begin(DK_VERSION, arguments.is_verbose);
	srandom((unsigned)time(NULL) ^ (unsigned)getpid());
	return read_and_act(&arguments);
}
