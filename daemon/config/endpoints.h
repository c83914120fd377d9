/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoints.h - what the core itself asks of every endpoint.
 */
#ifndef DK_CONFIG_ENDPOINTS_H
#define DK_CONFIG_ENDPOINTS_H

#include "plugins/plugin.h"

/* Of struct dk_endpoint_plan. */
extern const struct dk_options dk_endpoint_table;

#endif
