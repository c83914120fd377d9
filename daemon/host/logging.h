/* SPDX-License-Identifier: Apache-2.0
 *
 * logging.h - the log as the configuration wants it. On the loop's thread.
 */
#ifndef DK_HOST_LOGGING_H
#define DK_HOST_LOGGING_H

#include "daemon/config/plan.h"

/* Before a configuration is there; the version is for collectors. Verbose: the level is debug, and
 * no configuration changes that. */
void dk_logging_begin(const char *version, bool is_verbose);

/* At the start, and whenever another configuration is carried by. A level that is set elsewhere
 * stays, unless the configuration's is another than it was. */
void dk_logging_set(const struct dk_settings *settings);

/* What waits for a collector is sent, for a moment. Nothing is sent afterwards. Any thread. */
void dk_logging_end(void);

#endif
