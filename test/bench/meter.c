/* SPDX-License-Identifier: Apache-2.0
 *
 * meter.c - a plugin for the benchmark that only looks on: after so many accepted deliveries it
 * says how long they took and what they cost, and ends the daemon.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "plugins/plugin.h"

struct meter_config {
	int64_t count;
};

struct meter {
	const struct dk_host *host;
	struct dk_endpoint *handle;
	int64_t wanted, accepted;
	double began, cpu_began;
};

static const struct dk_option rows[] = {
	{ "count", DK_INTEGER, DK_AT(struct meter_config, count, int64_t), "200000", 1, 1 << 30,
	  NULL, 0, "How many accepted deliveries end the daemon." },
	{ 0 },
};

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double
cpu(struct rusage *usage)
{
	getrusage(RUSAGE_SELF, usage);
	return (double)usage->ru_utime.tv_sec + (double)usage->ru_stime.tv_sec +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static void *
meter_open(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
	   const void *config, struct dk_error *error)
{
	struct meter *meter = calloc(1, sizeof(*meter));

	(void)name, (void)error;
	meter->host = host;
	meter->handle = handle;
	meter->wanted = ((const struct meter_config *)config)->count;
	return meter;
}

static void
meter_close(void *endpoint)
{
	struct meter *meter = endpoint;

	meter->host->closed(meter->handle);
	free(meter);
}

static void
look_at_message(void *endpoint, const struct dk_message *message)
{
	struct meter *meter = endpoint;
	struct rusage usage;

	(void)message;
	if (meter->began > 0)
		return;
	meter->began = now();
	meter->cpu_began = cpu(&usage);
}

static void
look_at_outcome(void *endpoint, const struct dk_delivery *delivery, enum dk_outcome outcome,
		const char *reason)
{
	struct meter *meter = endpoint;
	double seconds, used;
	struct rusage usage;

	(void)delivery, (void)reason;
	if (outcome != DK_ACCEPTED || ++meter->accepted != meter->wanted)
		return;
	seconds = now() - meter->began;
	used = cpu(&usage) - meter->cpu_began;
	printf("messages=%lld seconds=%.3f rate=%.0f cpu_us=%.2f rss_kb=%ld\n",
	       (long long)meter->wanted, seconds, (double)meter->wanted / seconds,
	       used * 1e6 / (double)meter->wanted, usage.ru_maxrss);
	fflush(stdout);
	raise(SIGTERM);
}

static const struct dk_hook_functions hooks = {
	.message = look_at_message,
	.outcome = look_at_outcome,
};

const struct dk_plugin dk_plugin = {
	.abi = DK_ABI,
	.size = sizeof(struct dk_plugin),
	.name = "meter",
	.summary = "Measures the deliveries of the whole daemon.",
	.endpoint = { sizeof(struct meter_config), rows, NULL, NULL, NULL },
	.open = meter_open,
	.close = meter_close,
	.hooks = &hooks,
};
