/* SPDX-License-Identifier: Apache-2.0
 *
 * notify.h - what systemd is told. The only file that knows libsystemd.
 */
#ifndef DK_SURFACE_NOTIFY_H
#define DK_SURFACE_NOTIFY_H

void dk_notify_ready(void);
/* Until it is ready again. */
void dk_notify_reloading(void);
void dk_notify_stopping(void);

#endif
