/* SPDX-License-Identifier: Apache-2.0
 *
 * notify.h - what systemd is told. With system/journal_log.c the only file that knows libsystemd.
 */
#ifndef DK_SURFACE_NOTIFY_H
#define DK_SURFACE_NOTIFY_H

#include <stdint.h>

void dk_notify_ready(void);
/* One line for systemctl status; the same again is not told. */
void dk_notify_status(const char *status);
/* How long it may be silent before systemd ends the process; 0: for ever. */
int64_t dk_notify_watchdog_ms(void);
void dk_notify_alive(void);
/* Until it is ready again. */
void dk_notify_reloading(void);
void dk_notify_stopping(void);

#endif
