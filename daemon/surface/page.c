/* SPDX-License-Identifier: Apache-2.0
 *
 * page.c - the status page as a whole: health, map, endpoints, routes, an address explained. The
 * same walk writes the page and, as JSON, the values of its cells.
 */
#include "daemon/surface/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/checksum.h"
#include "daemon/surface/health.h"
#include "daemon/surface/page_parts.h"
#include "daemon/surface/version.h"

/* --- What the page is of --- */

static uint64_t
hash_text(uint64_t hash, const char *text)
{
	return dk_hash(dk_hash(hash, dk_slice_of(text)), DK_SLICE("\n"));
}

/* The same while the same things are shown. */
static uint64_t
identity(const struct dk_page *page)
{
	uint64_t hash = DK_HASH_BEGIN;

	for (size_t i = 0; i < page->plan->endpoint_count; i++)
		hash = hash_text(hash, page->plan->endpoints[i].name);
	for (size_t i = 0; i < page->shown_count; i++)
		hash = hash_text(hash, page->plan->routes[page->shown[i]].name);
	hash = hash_text(hash, dk_page_count((int64_t)page->found_count).text);
	return hash;
}

static void
begin(struct dk_page *page, const struct dk_page_request *request, struct dk_buffer *out,
      bool is_json)
{
	*page = (struct dk_page){ .writing = { .out = out, .is_json = is_json },
				  .request = request,
				  .gateway = request->gateway,
				  .plan = request->plan };
	page->endpoints = calloc(page->plan->endpoint_count + 1, sizeof(*page->endpoints));
	if (!page->endpoints)
		abort();
	for (size_t i = 0; i < page->plan->endpoint_count; i++)
		page->endpoints[i] = dk_figures_of_endpoint(page->gateway, page->plan, i);
	dk_page_find_routes(page);
}

static void
end(struct dk_page *page)
{
	free(page->endpoints);
	free(page->shown);
}

/* --- Health --- */

/* Who is away is no ill health, but keeps some from moving. */
static void
put_absent(const struct dk_page *page, struct dk_buffer *text)
{
	const char *before = "Waiting for ";

	for (size_t i = 0; i < page->plan->endpoint_count; i++) {
		if (page->endpoints[i].connected)
			continue;
		dk_buffer_print(text, "%s%s", before, page->plan->endpoints[i].name);
		before = ", ";
	}
}

static void
put_health(struct dk_page *page)
{
	struct dk_cell cell = { "p id=\"health\" role=\"status\" aria-live=\"polite\"", 'h', 0,
				"health", DK_PAGE_GOOD };
	struct dk_buffer text = { 0 };
	const char *const *reasons;
	size_t count = dk_health_reasons(&reasons);

	for (size_t i = 0; i < count; i++)
		dk_buffer_print(&text, "%s%s", i > 0 ? "\n" : "", reasons[i]);
	if (count > 0)
		cell.state = DK_PAGE_BAD;
	else
		put_absent(page, &text);
	if (count == 0 && text.length > 0)
		cell.state = DK_PAGE_WAITS;
	dk_page_put_cell(&page->writing, &cell, text.length > 0 ? text.data : "All is well.");
	dk_page_put(&page->writing, "\n");
	dk_buffer_clear(&text);
}

/* --- Totals --- */

struct totals {
	int64_t connected, delivered, in_flight, dead;
	double rate;
};

static struct totals
add_up(const struct dk_page *page)
{
	const struct dk_flow *flow = dk_gateway_flow(page->gateway);
	struct totals totals = { 0 };

	for (size_t i = 0; i < page->plan->endpoint_count; i++)
		totals.connected += page->endpoints[i].connected;
	for (size_t i = 0; i < page->plan->route_count; i++) {
		const struct dk_route_account *account = dk_flow_route_account(flow, i);
		const struct dk_pace *pace = dk_health_route(i);

		totals.delivered += (int64_t)account->delivered;
		totals.in_flight += (int64_t)account->in_flight;
		totals.dead += (int64_t)account->dead;
		totals.rate += pace ? pace->delivered : 0;
	}
	return totals;
}

static void
put_total(struct dk_page *page, const char *words, const char *name, struct dk_page_value value,
	  enum dk_page_state state)
{
	struct dk_cell cell = { "dd", 't', 0, name, state };

	dk_page_put(&page->writing, "<div><dt>");
	dk_page_put(&page->writing, words);
	dk_page_put(&page->writing, "</dt>");
	dk_page_put_cell(&page->writing, &cell, value.text);
	dk_page_put(&page->writing, "</div>\n");
}

static void
put_totals(struct dk_page *page)
{
	struct totals totals = add_up(page);
	int64_t endpoints = (int64_t)page->plan->endpoint_count;

	dk_page_put(&page->writing, "<dl>\n");
	put_total(page, "Endpoints connected", "connected", dk_page_of(totals.connected, endpoints),
		  totals.connected < endpoints ? DK_PAGE_WAITS : DK_PAGE_GOOD);
	put_total(page, "Routes", "routes", dk_page_count((int64_t)page->plan->route_count), 0);
	put_total(page, "Delivered", "delivered", dk_page_count(totals.delivered), 0);
	put_total(page, "Delivered a second", "rate", dk_page_rate(totals.rate), 0);
	put_total(page, "In flight", "in_flight", dk_page_count(totals.in_flight), 0);
	put_total(page, "Dead letters of this run", "dead", dk_page_count(totals.dead),
		  totals.dead > 0 ? DK_PAGE_WAITS : DK_PAGE_PLAIN);
	dk_page_put(&page->writing, "</dl>\n");
}

/* --- An address explained: nothing is shown that a secret variable holds --- */

/* Without the routes that do not take it, of which there may be many. */
static void
put_explanation(struct dk_page *page, char *text)
{
	size_t others = 0;

	dk_page_put(&page->writing, "<pre>");
	for (char *line; (line = strsep(&text, "\n"));) {
		if (strncmp(line, "not ", 4) == 0 && strstr(line, ": it wants ")) {
			others++;
			continue;
		}
		dk_page_put_text(&page->writing, line);
		dk_page_put(&page->writing, "\n");
	}
	dk_page_put(&page->writing, "Other routes of the endpoint, which want other addresses: ");
	dk_page_put_number(&page->writing, (int64_t)others);
	dk_page_put(&page->writing, "</pre>\n");
}

static void
explain(struct dk_page *page)
{
	struct dk_error error = { "" };
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	int result;

	if (!out)
		abort();
	result = dk_plan_explain(page->plan, page->request->address, DK_MESSAGE_NONE, false,
					 out, &error);
	fclose(out);
	if (result == 0) {
		put_explanation(page, text);
	} else {
		dk_page_put(&page->writing, "<p role=\"alert\">");
		dk_page_put_text(&page->writing, error.text);
		dk_page_put(&page->writing, "</p>\n");
	}
	free(text);
}

static void
put_address(struct dk_page *page)
{
	const char *address = page->request->address;

	dk_page_put(
		&page->writing,
		"<section aria-labelledby=\"explain\"><h2 id=\"explain\">Where would it go?</h2>\n"
		"<form action=\"/#explain\"><label for=\"address\">A message at</label> "
		"<input id=\"address\" name=\"address\" placeholder=\"endpoint:address\" "
		"autocapitalize=\"none\" spellcheck=\"false\" value=\"");
	dk_page_put_text(&page->writing, address ? address : "");
	dk_page_put(&page->writing, "\"> <button>Explain</button></form>\n");
	if (address && *address && !page->writing.is_json)
		explain(page);
	dk_page_put(&page->writing, "</section>\n");
}

/* --- The whole --- */

static void
put_beginning(struct dk_page_writing *writing)
{
	dk_page_put(writing,
		    "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
		    "<meta name=\"color-scheme\" content=\"light dark\"><title>Diolkos</title>"
		    "<link rel=\"icon\" href=\"data:,\">"
		    "<link rel=\"stylesheet\" href=\"/page.css\">"
		    "<script src=\"/page.js\" defer></script></head>\n");
}

static void
put_parts(struct dk_page *page)
{
	put_health(page);
	put_totals(page);
	dk_page_map(page);
	dk_page_endpoints(page);
	dk_page_routes(page);
	put_address(page);
}

static void
put_nothing(struct dk_page_writing *writing)
{
	put_beginning(writing);
	dk_page_put(writing,
		    "<body><main><h1>Diolkos</h1><p role=\"status\">Another configuration is "
		    "being changed to; load the page again in a moment.</p></main></body>"
		    "</html>\n");
}

void
dk_page_write(const struct dk_page_request *request, struct dk_buffer *out)
{
	struct dk_page_writing nothing = { .out = out };
	struct dk_page page;

	if (!request->gateway) {
		put_nothing(&nothing);
		return;
	}
	begin(&page, request, out, false);
	put_beginning(&page.writing);
	dk_buffer_print(out, "<body data-plan=\"%016" PRIx64 "\">\n", identity(&page));
	dk_page_put(&page.writing,
		    "<header><h1>Diolkos</h1> <span>" DK_VERSION
		    "</span> <nav aria-label=\"Parts\">"
		    "<a href=\"#endpoints\">Endpoints</a> <a href=\"#routes\">Routes</a> "
		    "<a href=\"#explain\">Explain</a> <a href=\"/metrics\">Metrics</a></nav> "
		    "<button id=\"pause\" type=\"button\" hidden>Pause updates</button></header>\n"
		    "<main>\n");
	put_parts(&page);
	dk_page_put(&page.writing, "</main></body></html>\n");
	end(&page);
}

void
dk_page_write_values(const struct dk_page_request *request, struct dk_buffer *out)
{
	struct dk_page page;

	begin(&page, request, out, true);
	dk_buffer_print(out, "{\"plan\":\"%016" PRIx64 "\",\"cells\":{", identity(&page));
	put_parts(&page);
	dk_buffer_add_text(out, "}}\n");
	end(&page);
}
