/* SPDX-License-Identifier: Apache-2.0
 *
 * notify.c - what systemd is told; nothing where no systemd listens.
 */
#include "daemon/surface/notify.h"

#include <systemd/sd-daemon.h>

void
dk_notify_ready(void)
{
	sd_notify(0, "READY=1");
}

void
dk_notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}
