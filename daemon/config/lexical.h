/* SPDX-License-Identifier: Apache-2.0
 *
 * lexical.h - a file's text while it is looked through, shared by lexical.c (files and comments),
 * lexical_words.c (texts, numbers and names) and lexical_signs.c (brackets, =, commas).
 *
 * libconfig says of all that is wrong with a file's syntax "syntax error", and of much of it that
 * it is in the last line. What people get wrong is found before, and told where it is.
 */
#ifndef DK_CONFIG_LEXICAL_H
#define DK_CONFIG_LEXICAL_H

#include "daemon/base/map.h"
#include "daemon/config/faults.h"
#include "daemon/config/tree.h"

#define DK_DEEPEST 64
#define DK_BLANKS " \t\r\n\f" /* as libconfig has them */

/* What came last, besides comments: a sign is itself. */
enum dk_token {
	DK_TOKEN_NONE = 0,
	DK_TOKEN_NAME = 'n',
	DK_TOKEN_TEXT = '"',
	DK_TOKEN_WORD = 'w', /* a number, or a truth value */
	DK_TOKEN_ASSIGN = '=',
};

/* A group or list that is open. */
struct dk_open {
	char bracket; /* that opened it; '{' of the file itself */
	struct dk_place place;
	size_t indentation;  /* of the line in which it was opened */
	bool is_indented;    /* what it holds is so more than itself */
	unsigned before;     /* the line where it should have been closed by its looks; 0: none */
	struct dk_map names; /* in it: their places */
};

/* A file with what it includes, which libconfig reads as one text: groups may be opened in one file
 * and closed in another. */
struct dk_checking {
	struct dk_faults *faults;
	const char *folder; /* of the outermost file: included names are relative to it */
	struct dk_plan_memory *memory; /* for what is known of a file when its text is gone */
	size_t length;		       /* of all files so far: once it is too much all is left */
	struct dk_open open[DK_DEEPEST + 1];
	int depth;
	int last;	      /* enum dk_token, or a sign */
	struct dk_slice word; /* the last that was a value; of the file that is scanned */
	unsigned word_line;
	struct dk_place spanning; /* the last text that lacks a quote by its looks; line 0: none */
	unsigned spanning_end;	  /* its last line */
	unsigned spanning_reach;  /* up to which line it may be to blame */
	struct dk_open stray;	  /* the first that by its looks lacks its own closing bracket; line
				   * 0: there is none */
	bool has_gap;		  /* a part could not be read: brackets may stand in it */
	bool is_over;		  /* what follows is not understood */
};

struct dk_scan {
	struct dk_checking *checking;
	const char *begin, *at, *end;
	struct dk_place place;
	const struct dk_scan *includer;
};

/* A fault at the place where the scan is; behind a text that lacks a quote that text is to blame.
 */
void dk_scan_fault(struct dk_scan *scan, const char *format, ...) DK_PRINTF(2, 3);
/* Nothing of what follows is looked at. */
void dk_scan_end(struct dk_scan *scan);
/* At the beginning of a setting or a bracket: whether what holds it should be closed by then. */
void dk_scan_look_at_indentation(struct dk_scan *scan);
bool dk_scan_is_in_list(const struct dk_scan *scan);
/* Before a value, or a name, is taken for what it is: the comma that parts it from the one before.
 */
void dk_scan_item(struct dk_scan *scan, int token);

/* lexical_words.c: the scan is at the first character, and behind the last then. */
bool dk_is_word(char c);
void dk_scan_text(struct dk_scan *scan);
void dk_scan_word(struct dk_scan *scan);
/* Behind the scan's place a name and an = come next. */
bool dk_scan_has_setting_ahead(const struct dk_scan *scan);
/* What is neither word, text, sign nor comment. */
void dk_scan_stranger(struct dk_scan *scan);

/* lexical_signs.c: the same. */
void dk_scan_sign(struct dk_scan *scan);
/* At the end of the outermost file: what is still open. */
void dk_scan_finish(struct dk_scan *scan);

#endif
