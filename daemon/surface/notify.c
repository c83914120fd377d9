/* SPDX-License-Identifier: Apache-2.0
 *
 * notify.c - what systemd is told; nothing where no systemd listens.
 */
#include "daemon/surface/notify.h"

#include <inttypes.h>
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

void
dk_notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}
