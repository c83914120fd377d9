/* SPDX-License-Identifier: Apache-2.0
 *
 * trial.h - a message that nobody sent, and what would become of it: for --explain and for tests.
 */
#ifndef DK_CONFIG_TRIAL_H
#define DK_CONFIG_TRIAL_H

#include "daemon/config/plan.h"

/* One delivery that there would be. Texts are ended by a NUL and freed after the call. */
struct dk_outlook {
	const struct dk_way *way;
	struct dk_buffer address, key; /* key.data == NULL: the message's own */
	struct dk_buffer headers[DK_ROUTE_HEADERS_MAX];
	char fault[512]; /* why it would be a dead letter; empty: it would not */
};

/* Calls back for each route whose pattern matches: `passes` is whether its `when` holds. */
void dk_trial(const struct dk_plan *plan, size_t endpoint, const struct dk_message *message,
	      void (*found)(void *context, const struct dk_route *route, struct dk_view *view,
			    bool passes),
	      void *context);

/* What a way of a route that was found would make of the message. */
void dk_outlook_make(struct dk_outlook *outlook, const struct dk_way *way, struct dk_view *view);
void dk_outlook_clear(struct dk_outlook *outlook);

/* Splits "endpoint:address" of a trial: the endpoint's number, or -1 with an error. */
int dk_trial_split(const struct dk_plan *plan, const char *text, const char **address,
		   struct dk_error *error);

#endif
