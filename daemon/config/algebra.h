/* SPDX-License-Identifier: Apache-2.0
 *
 * algebra.h - what the routes of a plan are to each other: legal, but perhaps not meant.
 */
#ifndef DK_CONFIG_ALGEBRA_H
#define DK_CONFIG_ALGEBRA_H

#include "daemon/config/compile.h"

/* algebra.c: routes that never match, targets that anybody may choose, values that their target
 * cannot hold. */
void dk_algebra_check_routes(struct dk_compiling *compiling);
/* lacks.c: fields that a route uses and one of its sources never brings. */
void dk_algebra_check_lacks(struct dk_compiling *compiling, const struct dk_route *route,
			    const struct dk_route_origin *origin);
/* Whether no message of that source ever has the part (enum dk_message_parts). */
bool dk_algebra_lacks(const struct dk_endpoint_plan *endpoint, unsigned part);
/* overlaps.c: routes that carry the same messages. */
void dk_algebra_check_overlaps(struct dk_compiling *compiling);
/* misreadings.c: what another system or place would read otherwise, and is taken as it is. */
void dk_misreadings_check_from(struct dk_compiling *compiling, const struct dk_from *from);
void dk_misreadings_check_texts(struct dk_compiling *compiling, const struct dk_route *route,
				const struct dk_route_origin *origin);
/* loops.c: routes whose messages come back to them. A loop that has no end is a fault. */
void dk_algebra_check_loops(struct dk_compiling *compiling);

/* clients.c: endpoints that one system would take for each other. */
void dk_algebra_check_clients(struct dk_compiling *compiling);

/* By endpoint number: a number that two endpoints share which are connected to the same system, as
 * far as their options tell (DK_NAMES_SYSTEM). In the plan's memory. */
size_t *dk_algebra_systems(struct dk_compiling *compiling);
/* Whether what that source's own endpoint sent does not come back by it (DK_DROPS_OWN). */
bool dk_algebra_drops_own(const struct dk_endpoint_plan *endpoint, const struct dk_from *from);
/* What a way's address can come to; the caller frees it. */
struct dk_pattern *dk_algebra_output(const struct dk_way *way);

#endif
