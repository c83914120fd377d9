/* SPDX-License-Identifier: Apache-2.0
 *
 * page_parts.h - what the files of the status page share: the page that is being written, and its
 * parts.
 */
#ifndef DK_SURFACE_PAGE_PARTS_H
#define DK_SURFACE_PAGE_PARTS_H

#include "daemon/surface/figures.h"
#include "daemon/surface/page.h"
#include "daemon/surface/page_text.h"

struct dk_page {
	struct dk_page_writing writing;
	const struct dk_page_request *request;
	const struct dk_gateway *gateway;
	const struct dk_plan *plan;
	struct dk_endpoint_figures *endpoints; /* by number */
	size_t *shown; /* numbers of the routes that are shown */
	size_t shown_count, found_count, first;
};

/* page_routes.c: which routes are shown. */
void dk_page_find_routes(struct dk_page *page);
void dk_page_routes(struct dk_page *page);
/* page_endpoints.c */
void dk_page_endpoints(struct dk_page *page);
/* page_map.c */
void dk_page_map(struct dk_page *page);

/* The endpoints that a route comes from, and goes to, each once and in order: calls `put` for each
 * with its number. */
void dk_page_each_source(const struct dk_plan *plan, size_t route,
			 void (*put)(void *context, size_t endpoint), void *context);
void dk_page_each_sink(const struct dk_plan *plan, size_t route,
		       void (*put)(void *context, size_t endpoint), void *context);

#endif
