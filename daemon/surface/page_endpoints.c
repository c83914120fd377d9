/* SPDX-License-Identifier: Apache-2.0
 *
 * page_endpoints.c - the status page's table of endpoints, a row for each column.
 */
#include <stdio.h>

#include "daemon/surface/health.h"
#include "daemon/surface/page_parts.h"

typedef const struct dk_endpoint_figures *figures;
typedef const struct dk_pace *pace;

static const struct dk_page_value nothing = { "" };

/* "12 · 1.5 MB": messages, and what they have on disk. */
static struct dk_page_value
spool_value(figures f)
{
	struct dk_page_value value;

	snprintf(value.text, sizeof(value.text), "%.40s \xc2\xb7 %.40s",
		 dk_page_count(f->spool_messages).text, dk_page_bytes(f->spool_bytes).text);
	return value;
}

#define OF(side, name, value)                                    \
	static struct dk_page_value name##_of(figures f, pace p) \
	{                                                        \
		(void)p;                                         \
		return f->side ? (value) : nothing;              \
	}

OF(is_source, received, dk_page_count(f->received))
OF(is_source, received_rate, dk_page_rate(p ? p->received : 0))
OF(is_source, window, dk_page_of(f->unsettled, f->window))
OF(is_source, oldest, f->oldest_ms > 0 ? dk_page_age(f->oldest_ms) : nothing)
OF(stores, spool, spool_value(f))
OF(is_sink, delivered, dk_page_count(f->delivered))
OF(is_sink, delivered_rate, dk_page_rate(p ? p->delivered : 0))
OF(is_sink, in_flight, dk_page_of(f->in_flight, f->sink_window))
OF(is_sink, retried, dk_page_count(f->retried))
OF(is_sink, dead, dk_page_count(f->dead))
OF(is_source, difference, dk_page_count(f->difference))

static struct dk_page_value
reconnects_of(figures f, pace p)
{
	(void)p;
	return dk_page_count(f->reconnects);
}

static const struct {
	const char *head, *title, *name;
	struct dk_page_value (*value)(figures f, pace p);
} columns[] = {
	{ "Received", "messages of this run", "received", received_of },
	{ "a second", "messages received", "received_rate", received_rate_of },
	{ "Window", "messages that are not settled, of the most there may be", "window",
	  window_of },
	{ "Oldest", "so long the oldest of these has waited", "oldest", oldest_of },
	{ "Spool", "messages that are stored and not settled, and its size on disk", "spool",
	  spool_of },
	{ "Delivered", "deliveries that it has accepted", "delivered", delivered_of },
	{ "a second", "deliveries accepted", "delivered_rate", delivered_rate_of },
	{ "In flight", "sent and not answered, of the most there may be", "in_flight",
	  in_flight_of },
	{ "Retried", "deliveries sent again", "retried", retried_of },
	{ "Dead", "deliveries meant for it that became dead letters", "dead", dead_of },
	{ "Reconnects", "how often it was connected again", "reconnects", reconnects_of },
	{ "Account", "what the account of its messages does not explain: always 0", "difference",
	  difference_of },
};

static void
put_head(struct dk_page *page)
{
	struct dk_page_writing *writing = &page->writing;

	dk_page_put(writing,
		    "<thead><tr><th scope=\"col\">Endpoint</th><th scope=\"col\">Plugin</th>"
		    "<th scope=\"col\">State</th>");
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
put_state(struct dk_page *page, size_t number)
{
	const struct dk_pace *of = dk_health_endpoint(number);
	struct dk_cell cell = { "td", 'e', number, "state", DK_PAGE_GOOD };
	const char *text = page->endpoints[number].full ? "connected, full" : "connected";

	if (of && of->is_stuck) {
		cell.state = DK_PAGE_BAD;
		text = "answers nothing";
	} else if (!page->endpoints[number].connected) {
		cell.state = DK_PAGE_WAITS;
		text = "not connected";
	} else if (page->endpoints[number].paused) {
		cell.state = DK_PAGE_WAITS;
		text = "paused";
	}
	dk_page_put_cell(&page->writing, &cell, text);
}

static void
put_row(struct dk_page *page, size_t number)
{
	struct dk_page_writing *writing = &page->writing;

	dk_page_put(writing, "<tr><th scope=\"row\">");
	dk_page_put_text(writing, page->plan->endpoints[number].name);
	dk_page_put(writing, "</th><td>");
	dk_page_put_text(writing, page->plan->endpoints[number].plugin->name);
	dk_page_put(writing, "</td>");
	put_state(page, number);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		struct dk_cell cell = { "td class=\"n\"", 'e', number, columns[i].name, 0 };

		dk_page_put_cell(
			writing, &cell,
			columns[i]
				.value(&page->endpoints[number], dk_health_endpoint(number))
				.text);
	}
	dk_page_put(writing, "</tr>\n");
}

void
dk_page_endpoints(struct dk_page *page)
{
	dk_page_put(&page->writing,
		    "<section aria-labelledby=\"endpoints\"><h2 id=\"endpoints\">Endpoints</h2>\n"
		    "<div class=\"scroll\" role=\"region\" aria-labelledby=\"endpoints\" "
		    "tabindex=\"0\"><table>\n");
	put_head(page);
	for (size_t i = 0; i < page->plan->endpoint_count; i++)
		put_row(page, i);
	dk_page_put(&page->writing, "</tbody></table></div></section>\n");
}
