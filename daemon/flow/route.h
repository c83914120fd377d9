/* SPDX-License-Identifier: Apache-2.0
 *
 * route.h - one way from source addresses to one or more sinks, as the plan says it: immutable.
 *
 * What runs (queues, accounts) is kept in struct dk_flow and found by the numbers here.
 */
#ifndef DK_FLOW_ROUTE_H
#define DK_FLOW_ROUTE_H

#include "daemon/language/expression.h"
#include "daemon/language/jq.h"
#include "daemon/language/matcher.h"
#include "daemon/language/template.h"

#define DK_ROUTE_HEADERS_MAX 64

enum dk_order {
	DK_ORDER_KEY,    /* a message to be tried again holds back those of its key */
	DK_ORDER_STRICT, /* and only one of a key is in flight */
	DK_ORDER_NONE,   /* nobody waits for anybody */
};

struct dk_route_header {
	struct dk_slice name;
	struct dk_template *value;
};

/* One `to` of a route, or its `dead`. */
struct dk_way {
	const struct dk_route *route;
	size_t endpoint; /* its number in the plan */
	enum dk_dialect dialect;
	struct dk_template *address;
	uint64_t key; /* of route name and address template: the same in every run; see spool.h */
	struct dk_target target;
};

struct dk_route {
	const char *name;
	size_t number;
	const struct dk_captures *captures; /* their names, for people */
	struct dk_expression *when; /* NULL: all that match */
	struct dk_jq *jq;           /* likewise */
	bool escapes;               /* values that are not legal in an address, instead of refusing */
	bool may_overlap, may_loop; /* for the checks of the configuration: it is meant */
	enum dk_order order;
	int64_t attempts;      /* after so many failures that were the message's own; 0: no limit */
	int64_t retry_ms;      /* the first wait before trying again */
	int64_t retry_max_ms;  /* the longest */
	struct dk_template *key; /* NULL: the message's own */
	struct dk_route_header *headers;
	size_t header_count;
	struct dk_way *ways;
	size_t way_count;
	struct dk_way *dead; /* NULL: the store of dead letters in the state folder */
};

/* Whether the route wants a message that its pattern matches. */
static inline bool
dk_route_wants(const struct dk_route *route, struct dk_view *view)
{
	return (!route->when || dk_expression_holds(route->when, view)) &&
	       (!route->jq || dk_jq_holds(route->jq, view->message->payload));
}

/* Its way of that key; NULL: it has none. */
static inline const struct dk_way *
dk_route_way(const struct dk_route *route, uint64_t key)
{
	for (size_t i = 0; i < route->way_count; i++)
		if (route->ways[i].key == key)
			return &route->ways[i];
	return NULL;
}

/* Whether it has conditions. */
static inline bool
dk_route_chooses(const struct dk_route *route)
{
	return route->when || route->jq;
}

#endif
