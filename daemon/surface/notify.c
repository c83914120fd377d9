/* SPDX-License-Identifier: Apache-2.0
 *
 * notify.c - what systemd is told; nothing where no systemd listens.
 */
#include "daemon/surface/notify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

void
dk_notify_ready(void)
{
	sd_notify(0, "READY=1");
}

/* With the time, for Type=notify-reload: sd_notify(3). */
void
dk_notify_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		   (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

/* Told when it changes: systemctl status shows it. */
void
dk_notify_status(const char *status)
{
	static char told[256];

	if (strncmp(told, status, sizeof(told) - 1) == 0)
		return;
	snprintf(told, sizeof(told), "%s", status);
	sd_notifyf(0, "STATUS=%s", status);
}

int64_t
dk_notify_watchdog_ms(void)
{
	uint64_t us = 0;

	return sd_watchdog_enabled(0, &us) > 0 ? (int64_t)(us / 1000) : 0;
}

void
dk_notify_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

void
dk_notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}
