/* SPDX-License-Identifier: Apache-2.0
 *
 * journal_log.h - lines for systemd's journal, with their fields as it has them. Any thread. With
 * surface/notify.c the only file that knows libsystemd.
 */
#ifndef DK_SYSTEM_JOURNAL_LOG_H
#define DK_SYSTEM_JOURNAL_LOG_H

#include "daemon/system/log_line.h"

/* Whether what is written on standard error goes there: systemd.exec(5), JOURNAL_STREAM. */
bool dk_journal_log_is_stderr(void);

/* MESSAGE, PRIORITY, SYSLOG_IDENTIFIER, DIOLKOS_WHO, DIOLKOS_EVENT, and a DIOLKOS_NAME for each
 * field. False: the journal has not taken it. */
bool dk_journal_log_send(const struct dk_log_entry *entry);

#endif
