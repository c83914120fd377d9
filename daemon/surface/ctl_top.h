/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_top.h - what top shows: routes with their rates, endpoints, chosen and in order; between
 * ctl_top.c, which asks, and ctl_screen.c, which draws.
 */
#ifndef DK_SURFACE_CTL_TOP_H
#define DK_SURFACE_CTL_TOP_H

#include "daemon/surface/ctl.h"

enum top_order { TOP_BY_RATE, TOP_BY_WAITING, TOP_BY_DEAD, TOP_BY_NAME, TOP_ORDERS };

struct top_route {
	char name[128];
	long long delivered, in_flight, dead, retried;
	double rate; /* deliveries a second */
	bool is_paused;
	char reason[128]; /* what it waits for; "": nothing waits */
};

struct top {
	struct ctl *ctl;
	struct top_route *routes; /* those whose names have `wanted`, in `order` */
	size_t route_count;
	json_t *endpoints, *status;
	double rate; /* of all routes */
	long long dead;
	enum top_order order;
	char wanted[64];
	char said[256]; /* the last order's answer, or why there is none */
	json_t *before; /* the routes' accounts, and when they were had */
	double before_at;
};

const char *top_order_word(enum top_order order);
/* Asks again. False: nobody answers; `said` tells. */
bool top_ask(struct top *top);
/* Pauses the route, or lets it go on. */
void top_pause(struct top *top, const struct top_route *route);
/* Says that nobody answers; the exit status. */
int top_tell_silence(const struct top *top);
void top_clear(struct top *top);

/* ctl_screen.c: until it is left. The exit status. */
int top_run(struct top *top);

#endif
