/* SPDX-License-Identifier: Apache-2.0
 *
 * route_table.h - what the core asks of every route, besides what it reads by functions of its own.
 */
#ifndef DK_CONFIG_ROUTE_TABLE_H
#define DK_CONFIG_ROUTE_TABLE_H

#include "daemon/config/plan.h"

struct dk_route_values {
	int order;
	int64_t attempts, retry_ms, retry_max_ms;
	bool escapes, may_overlap, may_loop;
};

/* Of struct dk_route_values. */
extern const struct dk_options dk_route_table;

struct dk_route_values dk_route_values_of(const struct dk_route *route);

#endif
