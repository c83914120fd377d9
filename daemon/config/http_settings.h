/* SPDX-License-Identifier: Apache-2.0
 *
 * http_settings.h - the settings of the group http: who may ask the daemon from where.
 */
#ifndef DK_CONFIG_HTTP_SETTINGS_H
#define DK_CONFIG_HTTP_SETTINGS_H

#include "daemon/config/plan.h"

/* Fills struct dk_settings. */
extern const struct dk_options dk_http_table;

#endif
