/* SPDX-License-Identifier: Apache-2.0
 *
 * page_routes.c - the status page's table of routes: those that are searched for, a part at a time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/flow/pause.h"
#include "daemon/surface/health.h"
#include "daemon/surface/page_parts.h"

/* --- Which --- */

void
dk_page_each_source(const struct dk_plan *plan, size_t route,
		    void (*put)(void *context, size_t endpoint), void *context)
{
	const struct dk_route_origin *origin = &plan->origins[route];

	for (size_t i = 0; i < origin->from_count; i++) {
		bool is_again = false;

		for (size_t j = 0; j < i; j++)
			is_again |= origin->froms[j].endpoint == origin->froms[i].endpoint;
		if (!is_again)
			put(context, origin->froms[i].endpoint);
	}
}

void
dk_page_each_sink(const struct dk_plan *plan, size_t route,
		  void (*put)(void *context, size_t endpoint), void *context)
{
	const struct dk_route *of = &plan->routes[route];

	for (size_t i = 0; i < of->way_count; i++) {
		bool is_again = false;

		for (size_t j = 0; j < i; j++)
			is_again |= of->ways[j].endpoint == of->ways[i].endpoint;
		if (!is_again)
			put(context, of->ways[i].endpoint);
	}
}

struct search {
	const struct dk_plan *plan;
	const char *text;
	bool is_found;
};

static void
look_at_endpoint(void *context, size_t endpoint)
{
	struct search *search = context;

	search->is_found |=
		strcasestr(search->plan->endpoints[endpoint].name, search->text) != NULL;
}

static bool
is_found(const struct dk_page *page, size_t route)
{
	struct search search = { page->plan, page->request->search, false };

	if (!search.text || !*search.text ||
	    strcasestr(page->plan->routes[route].name, search.text))
		return true;
	dk_page_each_source(page->plan, route, look_at_endpoint, &search);
	dk_page_each_sink(page->plan, route, look_at_endpoint, &search);
	return search.is_found;
}

void
dk_page_find_routes(struct dk_page *page)
{
	const char *first = page->request->first;

	page->first = first ? strtoul(first, NULL, 10) : 0;
	page->shown = calloc(DK_PAGE_ROUTES, sizeof(*page->shown));
	if (!page->shown)
		abort();
	for (size_t i = 0; i < page->plan->route_count; i++) {
		if (!is_found(page, i))
			continue;
		if (page->found_count >= page->first && page->shown_count < DK_PAGE_ROUTES)
			page->shown[page->shown_count++] = i;
		page->found_count++;
	}
}

/* --- Columns --- */

struct sight {
	const struct dk_route_account *account;
	const struct dk_latency *latency; /* NULL: nothing was delivered yet */
	const struct dk_pace *pace;	  /* NULL: no beat has seen it yet */
};

#define COUNT(member)                                                      \
	static struct dk_page_value member##_of(const struct sight *sight) \
	{                                                                  \
		return dk_page_count((int64_t)sight->account->member);     \
	}

COUNT(delivered)
COUNT(in_flight)
COUNT(retried)
COUNT(dead)
COUNT(filtered)

static struct dk_page_value
rate_of(const struct sight *sight)
{
	return dk_page_rate(sight->pace ? sight->pace->delivered : 0);
}

static struct dk_page_value
difference_of(const struct sight *sight)
{
	return dk_page_count(dk_route_difference(sight->account));
}

/* The upper end of the bucket in which so many of a hundred have come. */
static struct dk_page_value
quantile(const struct dk_latency *latency, uint64_t percent)
{
	struct dk_page_value value = { "" };
	uint64_t count = 0;

	if (!latency || latency->count == 0)
		return value;
	for (size_t i = 0; i < DK_LATENCY_BUCKETS; i++) {
		count += latency->buckets[i];
		if (count * 100 >= latency->count * percent) {
			snprintf(value.text, sizeof(value.text), "\xe2\x89\xa4\xc2\xa0%.40s",
				 dk_page_age(dk_latency_bounds[i]).text);
			return value;
		}
	}
	snprintf(value.text, sizeof(value.text), ">\xc2\xa0%.40s",
		 dk_page_age(dk_latency_bounds[DK_LATENCY_BUCKETS - 1]).text);
	return value;
}

static struct dk_page_value
median_of(const struct sight *sight)
{
	return quantile(sight->latency, 50);
}

static struct dk_page_value
slowest_of(const struct sight *sight)
{
	return quantile(sight->latency, 99);
}

static const struct {
	const char *head, *title, *name;
	struct dk_page_value (*value)(const struct sight *sight);
} columns[] = {
	{ "Delivered", "deliveries that the sink has accepted", "delivered", delivered_of },
	{ "a second", "deliveries accepted", "rate", rate_of },
	{ "In flight", "deliveries that are not settled yet", "in_flight", in_flight_of },
	{ "Half within", "from a message's coming to its acceptance", "median", median_of },
	{ "99 % within", "from a message's coming to its acceptance", "slowest", slowest_of },
	{ "Retried", "deliveries sent again", "retried", retried_of },
	{ "Dead", "deliveries that became dead letters", "dead", dead_of },
	{ "Filtered", "messages that matched, and no condition held", "filtered", filtered_of },
	{ "Account", "what the account of its deliveries does not explain: always 0", "difference",
	  difference_of },
};

/* --- Rows --- */

static void
put_head(struct dk_page *page)
{
	struct dk_page_writing *writing = &page->writing;

	dk_page_put(writing, "<thead><tr><th scope=\"col\">Route</th><th scope=\"col\">From</th>"
			     "<th scope=\"col\">To</th><th scope=\"col\">State</th>");
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		dk_page_put(writing, "<th scope=\"col\" class=\"n\" title=\"");
		dk_page_put(writing, columns[i].title);
		dk_page_put(writing, "\">");
		dk_page_put(writing, columns[i].head);
		dk_page_put(writing, "</th>");
	}
	dk_page_put(writing, "</tr></thead>\n<tbody>\n");
}

static void
put_endpoint(void *context, size_t endpoint)
{
	struct dk_page *page = context;

	dk_page_put(&page->writing, "<span class=\"e\">");
	dk_page_put_text(&page->writing, page->plan->endpoints[endpoint].name);
	dk_page_put(&page->writing, "</span> ");
}

/* Whether a sink of it is away, or held up by an administrator. */
struct absence {
	const struct dk_gateway *gateway;
	bool is_there;
};

static void
find_absence(void *context, size_t endpoint)
{
	struct absence *absence = context;

	absence->is_there |= !dk_gateway_is_connected(absence->gateway, endpoint) ||
			     dk_sink_is_paused(dk_gateway_sink(absence->gateway, endpoint));
}

static bool
waits_for_sink(struct dk_page *page, size_t number)
{
	struct absence absence = { .gateway = page->gateway };

	dk_page_each_sink(page->plan, number, find_absence, &absence);
	return absence.is_there;
}

static void
put_state(struct dk_page *page, size_t number, const struct sight *sight)
{
	struct dk_cell cell = { "td", 'r', number, "state", DK_PAGE_GOOD };
	const char *text = sight->account->in_flight > 0 ? "carries" : "rests";

	if (sight->pace && sight->pace->is_stuck) {
		cell.state = DK_PAGE_BAD;
		text = "stands still";
	} else if (dk_route_is_paused(dk_gateway_flow(page->gateway), number)) {
		cell.state = DK_PAGE_WAITS;
		text = "paused";
	} else if (sight->account->in_flight > 0 && waits_for_sink(page, number)) {
		cell.state = DK_PAGE_WAITS;
		text = "waits for its sink";
	}
	dk_page_put_cell(&page->writing, &cell, text);
}

static void
put_values(struct dk_page *page, size_t number)
{
	const struct dk_flow *flow = dk_gateway_flow(page->gateway);
	struct sight sight = { dk_flow_route_account(flow, number), dk_flow_latency(flow, number),
			       dk_health_route(number) };

	put_state(page, number, &sight);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		struct dk_cell cell = { "td class=\"n\"", 'r', number, columns[i].name, 0 };

		dk_page_put_cell(&page->writing, &cell, columns[i].value(&sight).text);
	}
}

static void
put_row(struct dk_page *page, size_t number)
{
	struct dk_page_writing *writing = &page->writing;

	dk_page_put(writing, "<tr><th scope=\"row\">");
	dk_page_put_text(writing, page->plan->routes[number].name);
	dk_page_put(writing, "</th><td>");
	dk_page_each_source(page->plan, number, put_endpoint, page);
	dk_page_put(writing, "</td><td>");
	dk_page_each_sink(page->plan, number, put_endpoint, page);
	dk_page_put(writing, "</td>");
	put_values(page, number);
	dk_page_put(writing, "</tr>\n");
}

/* --- Searching --- */

static void
put_search(struct dk_page *page)
{
	struct dk_page_writing *writing = &page->writing;

	dk_page_put(writing, "<form role=\"search\" action=\"/\"><label for=\"search\">Routes and "
			     "endpoints whose names have</label> <input id=\"search\" "
			     "name=\"search\" type=\"search\" value=\"");
	dk_page_put_text(writing, page->request->search ? page->request->search : "");
	dk_page_put(writing, "\"> <button>Search</button></form>\n");
}

/* In a link's query: RFC 3986 section 2.3. */
static void
put_in_query(struct dk_page_writing *writing, const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text && !writing->is_json; text++)
		if (strchr(plain, *text))
			dk_buffer_add(writing->out, dk_slice_new(text, 1));
		else
			dk_buffer_print(writing->out, "%%%02X", (unsigned)(unsigned char)*text);
}

static void
put_link(struct dk_page *page, size_t first, const char *words)
{
	struct dk_page_writing *writing = &page->writing;

	dk_page_put(writing, " <a href=\"/?first=");
	dk_page_put_number(writing, (int64_t)first);
	dk_page_put(writing, "&amp;search=");
	put_in_query(writing, page->request->search ? page->request->search : "");
	dk_page_put(writing, "#routes\">");
	dk_page_put(writing, words);
	dk_page_put(writing, "</a>");
}

static void
put_part(struct dk_page *page)
{
	struct dk_page_writing *writing = &page->writing;
	size_t before = page->first > DK_PAGE_ROUTES ? page->first - DK_PAGE_ROUTES : 0;

	dk_page_put(writing, "<p>");
	if (page->shown_count == 0)
		dk_page_put(writing, "None");
	else {
		dk_page_put_number(writing, (int64_t)page->first + 1);
		dk_page_put(writing, " to ");
		dk_page_put_number(writing, (int64_t)(page->first + page->shown_count));
	}
	dk_page_put(writing, " of ");
	dk_page_put_number(writing, (int64_t)page->found_count);
	if (page->first > 0)
		put_link(page, before, "those before");
	if (page->first + page->shown_count < page->found_count)
		put_link(page, page->first + page->shown_count, "the next");
	dk_page_put(writing, "</p>\n");
}

void
dk_page_routes(struct dk_page *page)
{
	dk_page_put(&page->writing,
		    "<section aria-labelledby=\"routes\"><h2 id=\"routes\">Routes</h2>\n");
	put_search(page);
	put_part(page);
	dk_page_put(&page->writing,
		    "<div class=\"scroll\" role=\"region\" aria-labelledby=\"routes\" "
		    "tabindex=\"0\"><table>\n");
	put_head(page);
	for (size_t i = 0; i < page->shown_count; i++)
		put_row(page, page->shown[i]);
	dk_page_put(&page->writing, "</tbody></table></div></section>\n");
}
