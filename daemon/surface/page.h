/* SPDX-License-Identifier: Apache-2.0
 *
 * page.h - the status page: how it goes with all endpoints and routes, for a browser.
 *
 * It is whole without its script, which asks for the values every two seconds. Of many routes a part
 * is shown: those that are searched for, or the next ones.
 */
#ifndef DK_SURFACE_PAGE_H
#define DK_SURFACE_PAGE_H

#include "daemon/host/gateway.h"

#define DK_PAGE_ROUTES 200 /* that are shown at once */

/* What a browser may load, and from where: nothing but what is served here. */
#define DK_PAGE_POLICY                                                                             \
	"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; " \
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

struct dk_page_request {
	const struct dk_gateway *gateway; /* NULL: there is none just now */
	const struct dk_plan *plan;
	const char *search;  /* of a route's name or its endpoints'; NULL: all */
	const char *first;   /* of the routes that are found, the number to begin with; NULL: 0 */
	const char *address; /* to be explained; NULL: none */
};

/* The page. */
void dk_page_write(const struct dk_page_request *request, struct dk_buffer *out);
/* The values of its cells, as JSON: { "plan": "…", "cells": { "e0.received": [ "12", "" ] } }. Another
 * plan than the page's: it shows other things. */
void dk_page_write_values(const struct dk_page_request *request, struct dk_buffer *out);

/* A file that it loads; constant. */
struct dk_slice dk_page_style(void);
struct dk_slice dk_page_script(void);

#endif
