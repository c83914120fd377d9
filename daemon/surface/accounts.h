/* SPDX-License-Identifier: Apache-2.0
 *
 * accounts.h - what became of everything, said in the log.
 */
#ifndef DK_SURFACE_ACCOUNTS_H
#define DK_SURFACE_ACCOUNTS_H

#include "daemon/host/gateway.h"

/* One line for each source and each route. */
void dk_accounts_log(const struct dk_gateway *gateway, const struct dk_plan *plan);

#endif
