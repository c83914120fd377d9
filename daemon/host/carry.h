/* SPDX-License-Identifier: Apache-2.0
 *
 * carry.h - the daemon's life: one gateway after another, each by the plan that the configuration
 * gave last, until a signal ends it.
 *
 * SIGTERM and SIGINT end it; a second one does not wait for outcomes. At SIGHUP, and when the source
 * of a list gives another, the configuration is read again, beside the loop; what is faulty, or
 * comes to the same, changes nothing.
 */
#ifndef DK_HOST_CARRY_H
#define DK_HOST_CARRY_H

#include "daemon/host/gateway.h"

struct dk_carrier;

/* What came of the last time that the configuration was read again; of a change when it is over. */
struct dk_reload {
	uint64_t count; /* how often it was; 0: never */
	bool is_good;
	bool is_changed;  /* what is carried is another now */
	const char *text; /* what was said of it: a line for each fault or warning; never NULL */
};

/* On the loop. NULL: between two gateways there is none. */
const struct dk_gateway *dk_carrier_gateway(const struct dk_carrier *carrier);
const struct dk_plan *dk_carrier_plan(const struct dk_carrier *carrier);
/* As SIGHUP does. */
void dk_carrier_reload(struct dk_carrier *carrier);
struct dk_reload dk_carrier_last_reload(const struct dk_carrier *carrier);

struct dk_carry_options {
	const struct dk_plan_reading *reading; /* of the configuration, which is read again */
	bool is_strict;           /* a plan with warnings is not changed to */
	struct dk_replay *replay; /* *taken*: dead letters are sent again, and that is all. NULL: none */
	/* For systemd: each begins what the word says. */
	void (*ready)(void);
	void (*reloading)(void);
	void (*stopping)(void);
	/* Once, when the first gateway is there, and at the end: what else is to live on the loop. */
	void *(*open)(struct dk_carrier *carrier, struct dk_loop *loop);
	void (*close)(void *opened);
	/* Every now and then, at least once in beat_ms, on the loop: that it turns, and how it goes.
	 * Also between gateways, when there is none. */
	void (*beat)(const struct dk_gateway *gateway, const struct dk_plan *plan);
	int64_t beat_ms;
	/* What became of everything, when a gateway has ended. Returns the exit status. */
	int (*account)(const struct dk_gateway *gateway, const struct dk_plan *plan,
		       const struct dk_replay *replay);
	/* An endpoint did not close, and stands in the way of the next: the process begins anew. It
	 * returns only if that cannot be. */
	void (*begin_anew)(void);
};

/* Takes the plan. The exit status, of sysexits.h. */
int dk_carry(struct dk_plan *plan, const struct dk_carry_options *options);

#endif
