/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_screen.c - top on a terminal: draws, and hears keys. The only file that knows ncurses.
 */
#include <locale.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "daemon/surface/ctl_top.h"

#define LOOK_MS 1000
#define HEAD_LINES 3

struct screen {
	struct top *top;
	char chosen[128]; /* the route's name; "": the first */
	size_t first;     /* route that is shown */
	bool is_searching;
	bool is_left;
};

/* --- Colours --- */

enum { GOOD = 1, WAITING, BAD, BAR };

static void
begin_colours(void)
{
	if (getenv("NO_COLOR") || !has_colors())
		return;
	start_color();
	use_default_colors();
	init_pair(GOOD, COLOR_GREEN, -1);
	init_pair(WAITING, COLOR_YELLOW, -1);
	init_pair(BAD, COLOR_RED, -1);
	init_pair(BAR, COLOR_BLACK, COLOR_CYAN);
}

static void
put_at(int y, int x, int pair, const char *text)
{
	attron(COLOR_PAIR(pair));
	mvaddnstr(y, x, text, COLS > x ? COLS - x : 0);
	attroff(COLOR_PAIR(pair));
}

/* --- Drawing --- */

/* Names have what the figures leave: at 80 columns room for a reason, too. */
static int
name_width(void)
{
	int width = COLS - 68;

	return width < 16 ? 16 : width > 32 ? 32 : width;
}

static size_t
chosen_row(const struct screen *screen)
{
	for (size_t i = 0; i < screen->top->route_count; i++)
		if (strcmp(screen->top->routes[i].name, screen->chosen) == 0)
			return i;
	return 0;
}

static void
draw_head(const struct screen *screen)
{
	const struct top *top = screen->top;
	char line[512];

	snprintf(line, sizeof(line), "diolkosd %s  %.1f deliveries/s  %lld dead  %zu routes by %s%s%s",
		 ctl_text(top->status, "version"), top->rate, top->dead, top->route_count,
		 top_order_word(top->order), *top->wanted ? "  with " : "", top->wanted);
	put_at(0, 0, 0, line);
	if (ctl_truth(json_object_get(top->status, "paused"), "sources"))
		put_at(1, 0, WAITING, "drained: every source is paused");
	else
		put_at(1, 0, 0, top->said);
	snprintf(line, sizeof(line), "%-*s %8s %10s %9s %7s  %-*s", name_width(), "route",
		 "a second", "delivered", "in flight", "dead", COLS, "waits for");
	put_at(2, 0, BAR, line);
}

static void
draw_route(const struct top_route *route, int y, bool is_chosen)
{
	int pair = route->is_paused ? WAITING : *route->reason ? WAITING : 0;
	char line[512];

	snprintf(line, sizeof(line), "%-*.*s %8.1f %10lld %9lld %7lld  %s", name_width(),
		 name_width(), route->name, route->rate, route->delivered, route->in_flight,
		 route->dead, route->is_paused ? "paused" : route->reason);
	if (is_chosen)
		attron(A_REVERSE);
	put_at(y, 0, pair, line);
	attroff(A_REVERSE);
}

static void
draw_endpoint(const json_t *endpoint, int y)
{
	const json_t *source = json_object_get(endpoint, "source");
	const json_t *sink = json_object_get(endpoint, "sink");
	bool is_connected = ctl_truth(endpoint, "connected");
	bool is_paused = ctl_truth(source, "paused") || ctl_truth(sink, "paused");
	char line[512];

	snprintf(line, sizeof(line),
		 "%-*.*s %-9s unsettled %lld of %lld  in flight %lld of %lld", name_width(),
		 name_width(), ctl_text(endpoint, "name"),
		 is_paused ? "paused" : is_connected ? "connected" : "away",
		 ctl_number(source, "unsettled"), ctl_number(source, "window"),
		 ctl_number(sink, "in_flight"), ctl_number(sink, "window"));
	put_at(y, 0, !is_connected ? BAD : is_paused ? WAITING : GOOD, line);
}

/* The endpoints have the lower part, at most a third. */
static int
endpoint_lines(const struct top *top)
{
	int count = (int)json_array_size(top->endpoints), third = (LINES - HEAD_LINES) / 3;

	return count < third ? count : third > 0 ? third : 0;
}

static void
draw_routes(struct screen *screen, int lines)
{
	const struct top *top = screen->top;
	size_t chosen = chosen_row(screen), room = lines > 0 ? (size_t)lines : 0;

	if (chosen < screen->first)
		screen->first = chosen;
	if (room > 0 && chosen >= screen->first + room)
		screen->first = chosen - room + 1;
	for (size_t i = 0; i < room && screen->first + i < top->route_count; i++)
		draw_route(&top->routes[screen->first + i], HEAD_LINES + (int)i,
			   screen->first + i == chosen);
}

static void
draw_foot(const struct screen *screen)
{
	char line[160];

	if (screen->is_searching)
		snprintf(line, sizeof(line), "/%s", screen->top->wanted);
	else
		snprintf(line, sizeof(line),
			 "q leave  s order  p pause or go on  / choose by name  arrows move");
	put_at(LINES - 1, 0, 0, line);
}

static void
draw(struct screen *screen)
{
	int endpoints = endpoint_lines(screen->top);
	int first = LINES - 1 - endpoints;

	erase();
	draw_head(screen);
	draw_routes(screen, first - 1 - HEAD_LINES);
	for (int i = 0; i < endpoints; i++)
		draw_endpoint(json_array_get(screen->top->endpoints, (size_t)i), first + i);
	draw_foot(screen);
	refresh();
}

/* --- Keys --- */

static void
move_to(struct screen *screen, long by)
{
	const struct top *top = screen->top;
	long row = (long)chosen_row(screen) + by;

	if (top->route_count == 0)
		return;
	if (row < 0)
		row = 0;
	if (row >= (long)top->route_count)
		row = (long)top->route_count - 1;
	snprintf(screen->chosen, sizeof(screen->chosen), "%s", top->routes[row].name);
}

/* While a name is typed: Enter keeps it, Escape drops it. */
static void
hear_letter(struct screen *screen, int key)
{
	char *wanted = screen->top->wanted;
	size_t length = strlen(wanted);

	if (key == '\n' || key == '\r' || key == KEY_ENTER || key == 27)
		screen->is_searching = false;
	if (key == 27)
		*wanted = '\0';
	else if ((key == KEY_BACKSPACE || key == 127 || key == 8) && length > 0)
		wanted[length - 1] = '\0';
	else if (key >= ' ' && key < 127 && length + 1 < sizeof(screen->top->wanted)) {
		wanted[length] = (char)key;
		wanted[length + 1] = '\0';
	}
}

static void
order_by_next(struct screen *screen)
{
	screen->top->order = (screen->top->order + 1) % TOP_ORDERS;
}

static void
pause_chosen(struct screen *screen)
{
	if (screen->top->route_count > 0)
		top_pause(screen->top, &screen->top->routes[chosen_row(screen)]);
}

static void
search(struct screen *screen)
{
	screen->is_searching = true;
	*screen->top->wanted = '\0';
}

static void
leave(struct screen *screen)
{
	screen->is_left = true;
}

static void
move_up(struct screen *screen)
{
	move_to(screen, -1);
}

static void
move_down(struct screen *screen)
{
	move_to(screen, 1);
}

static void
move_page_up(struct screen *screen)
{
	move_to(screen, -LINES / 2);
}

static void
move_page_down(struct screen *screen)
{
	move_to(screen, LINES / 2);
}

static const struct {
	int key;
	void (*hear)(struct screen *screen);
} keys[] = {
	{ 'q', leave },		     { 's', order_by_next },	    { 'p', pause_chosen },
	{ '/', search },	     { KEY_UP, move_up },	    { KEY_DOWN, move_down },
	{ KEY_PPAGE, move_page_up }, { KEY_NPAGE, move_page_down },
};

static void
hear(struct screen *screen, int key)
{
	if (screen->is_searching) {
		hear_letter(screen, key);
		return;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == key)
			keys[i].hear(screen);
}

/* --- The whole --- */

int
top_run(struct top *top)
{
	struct screen screen = { .top = top };
	int key;

	if (!top_ask(top))
		return top_tell_silence(top);
	setlocale(LC_ALL, "");
	initscr();
	begin_colours();
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	set_escdelay(50);
	timeout(LOOK_MS);
	while (!screen.is_left) {
		draw(&screen);
		key = getch();
		if (key != ERR)
			hear(&screen, key);
		top_ask(top);
	}
	endwin();
	return EX_OK;
}
