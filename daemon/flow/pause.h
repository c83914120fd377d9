/* SPDX-License-Identifier: Apache-2.0
 *
 * pause.h - what an administrator holds up: a source that brings nothing, a sink that is sent
 * nothing, a route whose deliveries wait.
 *
 * What is on its way is settled. What waits stays unsettled, so it fills its source's window, which
 * in the end holds up other routes of that source as well. A source that stores goes on storing, up
 * to the spool's high mark. A sink that commits positions takes nothing past a delivery of a paused
 * route, for a later position must not be committed first. Nothing is lost by it, repeated, or sent
 * out of order. The end of a run does not wait for what is paused: it is kept, or comes again, as
 * that of a sink that is away.
 *
 * It is a flow's own: another flow begins with nothing paused.
 */
#ifndef DK_FLOW_PAUSE_H
#define DK_FLOW_PAUSE_H

#include "daemon/flow/flow.h"

void dk_source_pause(struct dk_source *source, bool is_paused);
void dk_sink_pause(struct dk_sink *sink, bool is_paused);
void dk_route_pause(struct dk_flow *flow, size_t route, bool is_paused);

bool dk_source_is_paused(const struct dk_source *source);
bool dk_sink_is_paused(const struct dk_sink *sink);
bool dk_route_is_paused(const struct dk_flow *flow, size_t route);

#endif
