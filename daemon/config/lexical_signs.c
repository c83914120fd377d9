/* SPDX-License-Identifier: Apache-2.0
 *
 * lexical_signs.c - brackets, = and commas of a configuration file: what is not closed, or closed
 * by another, and what is missing or too much between them.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "daemon/config/lexical.h"

void
dk_scan_end(struct dk_scan *scan)
{
	scan->checking->is_over = true;
}

/* Where a quote is missing, what was a text and what was none have changed places. */
static bool
is_behind_spanning(const struct dk_scan *scan)
{
	const struct dk_checking *checking = scan->checking;

	return checking->spanning.line > 0 &&
	       strcmp(checking->spanning.file, scan->place.file) == 0 &&
	       checking->spanning_end <= scan->place.line &&
	       checking->spanning_reach >= scan->place.line;
}

static void
fault_spanning(struct dk_scan *scan)
{
	const struct dk_checking *checking = scan->checking;

	if (checking->spanning_end > checking->spanning.line)
		dk_fault(checking->faults, checking->spanning,
			 "the text that begins here goes on to line %u; is a \" missing?",
			 checking->spanning_end);
	else
		dk_fault(checking->faults, checking->spanning,
			 "a text that begins here ends with an =; is a \" missing in it?");
	dk_scan_end(scan);
}

void
dk_scan_fault(struct dk_scan *scan, const char *format, ...)
{
	struct dk_checking *checking = scan->checking;
	va_list arguments;
	char *text;

	if (checking->is_over)
		return;
	if (is_behind_spanning(scan)) {
		fault_spanning(scan);
		return;
	}
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	dk_fault(checking->faults, scan->place, "%s", text);
	free(text);
}

bool
dk_scan_is_in_list(const struct dk_scan *scan)
{
	return scan->checking->open[scan->checking->depth].bracket != '{';
}

void
dk_scan_item(struct dk_scan *scan, int token)
{
	int last = scan->checking->last;

	scan->checking->last = token;
	if (dk_scan_is_in_list(scan) && !strchr("([,", last))
		dk_scan_fault(scan, "two items of a list stand side by side; is a comma missing "
				    "between them?");
}

/* --- Brackets --- */

static char
closing(char bracket)
{
	return bracket == '{' ? '}' : bracket == '(' ? ')' : ']';
}

#define LONGEST_LINE 1000 /* whose beginning is looked for */

static size_t
indentation_of(const struct dk_scan *scan)
{
	size_t before = (size_t)(scan->at - scan->begin);
	size_t length = before < LONGEST_LINE ? before : LONGEST_LINE;
	const char *line = memrchr(scan->at - length, '\n', length);

	return strspn(line ? line + 1 : scan->begin, " \t");
}

/* It begins in the column of what holds it, or before that, where others did not. */
void
dk_scan_look_at_indentation(struct dk_scan *scan)
{
	struct dk_checking *checking = scan->checking;
	struct dk_open *holder = &checking->open[checking->depth];
	size_t indentation = indentation_of(scan);

	if (checking->depth == 0 || holder->place.line == scan->place.line)
		return;
	if (indentation > holder->indentation)
		holder->is_indented = true;
	else if (holder->is_indented && checking->stray.place.line == 0) {
		checking->stray = *holder;
		checking->stray.before = scan->place.line;
	}
}

/* Past the deepest nothing is scanned: libconfig will not be asked about this file. */
static void
open_group(struct dk_scan *scan)
{
	struct dk_checking *checking = scan->checking;

	if (checking->depth == DK_DEEPEST) {
		dk_fault(checking->faults, scan->place,
			 "more than %d groups and lists stand in each other; is a closing brace "
			 "missing?",
			 DK_DEEPEST);
		dk_scan_end(scan);
		return;
	}
	if (checking->last == DK_TOKEN_NONE && !scan->includer && *scan->at == '{') {
		dk_scan_fault(scan,
			      "the file begins with a {, as JSON does; name = value; without it?");
		dk_scan_end(scan);
		return;
	}
	if (checking->last != DK_TOKEN_ASSIGN && !dk_scan_is_in_list(scan)) {
		dk_scan_fault(scan, "there is no name and no = before this %c; NAME = { … }?",
			      *scan->at);
		dk_scan_end(scan);
		return;
	}
	dk_scan_item(scan, *scan->at);
	dk_scan_look_at_indentation(scan);
	checking->open[++checking->depth] = (struct dk_open){ .bracket = *scan->at,
							      .place = scan->place,
							      .indentation = indentation_of(scan) };
	scan->at++;
}

static void
fault_closing(struct dk_scan *scan, const struct dk_open *opened)
{
	bool is_here = opened->place.file && strcmp(opened->place.file, scan->place.file) == 0;

	if (scan->checking->has_gap)
		return; /* what is not there may have opened it */
	if (scan->checking->depth == 0)
		dk_scan_fault(scan, "this %c closes nothing; is it one too many?", *scan->at);
	else
		dk_scan_fault(scan,
			      "this %c cannot close the %c of line %u%s%s; a %c instead, or "
			      "before it?",
			      *scan->at, opened->bracket, opened->place.line, is_here ? "" : " of ",
			      is_here ? "" : opened->place.file, closing(opened->bracket));
}

static void
fault_no_value(struct dk_scan *scan)
{
	dk_scan_fault(scan, "there is no value behind the =; 5, \"text\", true, ( … ) or { … }?");
}

static void
close_group(struct dk_scan *scan)
{
	struct dk_checking *checking = scan->checking;
	struct dk_open *opened = &checking->open[checking->depth];

	if (checking->depth == 0 || *scan->at != closing(opened->bracket)) {
		fault_closing(scan, opened);
		dk_scan_end(scan);
		return;
	}
	if (checking->last == DK_TOKEN_ASSIGN)
		fault_no_value(scan);
	if (checking->last == ',' && dk_scan_is_in_list(scan))
		dk_scan_fault(scan,
			      "the last item of a list has no comma behind it; is an item missing, "
			      "or the comma too much?");
	dk_map_clear(&opened->names);
	if (indentation_of(scan) < opened->indentation && checking->stray.place.line == 0)
		checking->stray = *opened;
	checking->depth--;
	checking->last = *scan->at++;
}

void
dk_scan_finish(struct dk_scan *scan)
{
	struct dk_checking *checking = scan->checking;
	const struct dk_open *opened = checking->stray.place.line > 0
					       ? &checking->stray
					       : &checking->open[checking->depth];

	if (checking->is_over || checking->has_gap || checking->depth == 0)
		return;
	scan->place = opened->place;
	if (opened->before > 0)
		dk_scan_fault(scan,
			      "the %c that begins here is never closed; is a %c missing before "
			      "line %u?",
			      opened->bracket, closing(opened->bracket), opened->before);
	else
		dk_scan_fault(scan,
			      "the %c that begins here is never closed; is a %c missing here, or "
			      "in what follows?",
			      opened->bracket, closing(opened->bracket));
}

/* --- What stands between --- */

static void
assign(struct dk_scan *scan)
{
	if (scan->checking->last == DK_TOKEN_ASSIGN)
		dk_scan_fault(scan, "there is an = or a : too many; NAME = value?");
	scan->checking->last = DK_TOKEN_ASSIGN;
	scan->at++;
	if (scan->at < scan->end && *scan->at == '>') {
		dk_scan_fault(scan, "there is a > behind the =; NAME = value?");
		scan->at++;
	}
}

/* Of a list, whose items are parted by commas; or the list should be closed by then. */
static void
fault_semicolon(struct dk_scan *scan)
{
	const struct dk_open *opened = &scan->checking->open[scan->checking->depth];

	if (!dk_scan_has_setting_ahead(scan)) {
		dk_scan_fault(scan, "the items of a list are parted by commas; a , for this ;?");
		scan->checking->last = ',';
		return;
	}
	dk_scan_fault(scan,
		      "this ; stands in the list that line %u begins with %c; is a %c missing "
		      "before it?",
		      opened->place.line, opened->bracket, closing(opened->bracket));
	dk_scan_end(scan);
}

/* Of a ; what comes is told, where that is no setting. */
static bool
is_comment_ahead(const struct dk_scan *scan)
{
	struct dk_scan ahead = *scan;

	ahead.at++;
	return !dk_scan_is_in_list(scan) && strspn(ahead.at, " \t") < strcspn(ahead.at, "\n;=}");
}

static void
part(struct dk_scan *scan)
{
	bool is_semicolon = *scan->at == ';', is_in_list = dk_scan_is_in_list(scan);

	if (scan->checking->last == DK_TOKEN_ASSIGN)
		fault_no_value(scan);
	else if (strchr("([{,;", scan->checking->last) && !is_comment_ahead(scan))
		dk_scan_fault(scan,
			      "there is nothing before this %c; is %s missing, or is this too "
			      "much?",
			      *scan->at, is_in_list ? "an item" : "a setting");
	scan->at++;
	scan->checking->last = is_semicolon ? ';' : ',';
	if (is_semicolon && is_in_list)
		fault_semicolon(scan);
}

void
dk_scan_sign(struct dk_scan *scan)
{
	if (strchr("{([", *scan->at))
		open_group(scan);
	else if (strchr("})]", *scan->at))
		close_group(scan);
	else if (strchr("=:", *scan->at))
		assign(scan);
	else
		part(scan);
}
