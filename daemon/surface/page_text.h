/* SPDX-License-Identifier: Apache-2.0
 *
 * page_text.h - how the status page writes: HTML, or for its script the values of its cells as JSON.
 * Whatever is no literal of these files is escaped. For page*.c alone.
 */
#ifndef DK_SURFACE_PAGE_TEXT_H
#define DK_SURFACE_PAGE_TEXT_H

#include "daemon/base/buffer.h"

enum dk_page_state {
	DK_PAGE_PLAIN,
	DK_PAGE_GOOD,
	DK_PAGE_WAITS,
	DK_PAGE_BAD,
};

/* One value that changes: the script finds it by its key, `group` `number` `.` `name`. */
struct dk_cell {
	const char *tag; /* "td", with attributes where it has some */
	char group;      /* e: endpoints, r: routes, m: the map, t: totals */
	size_t number;
	const char *name;
	enum dk_page_state state;
};

struct dk_page_writing {
	struct dk_buffer *out;
	bool is_json;  /* cells alone are written */
	bool has_cell; /* one was written */
};

/* Of HTML alone; a literal of ours. */
void dk_page_put(struct dk_page_writing *writing, const char *literal);
/* Of HTML alone; any bytes, between tags or within an attribute's quotes. What is no UTF-8, and what
 * no page can hold, becomes U+FFFD. */
void dk_page_put_text(struct dk_page_writing *writing, const char *text);
/* The same, but no longer than so many characters. */
void dk_page_put_short(struct dk_page_writing *writing, const char *text, size_t most);
void dk_page_put_number(struct dk_page_writing *writing, int64_t number);
void dk_page_put_cell(struct dk_page_writing *writing, const struct dk_cell *cell,
		      const char *text);

/* Values as people read them, in a text of their own. */
struct dk_page_value {
	char text[96];
};
struct dk_page_value dk_page_count(int64_t number); /* "12 345", with narrow spaces */
struct dk_page_value dk_page_of(int64_t number, int64_t whole); /* "12 of 1 000" */
struct dk_page_value dk_page_bytes(int64_t bytes);  /* "1.5 MB", of 1024 each */
struct dk_page_value dk_page_rate(double rate);     /* "12.5/s" */
struct dk_page_value dk_page_age(int64_t ms);       /* "250 ms", "12 s", "3 min", "2 h" */

#endif
