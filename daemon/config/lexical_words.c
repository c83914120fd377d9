/* SPDX-License-Identifier: Apache-2.0
 *
 * lexical_words.c - texts, numbers and names of a configuration file: what is never closed, wraps,
 * is given twice, or lacks its quotes or its =.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/config/lexical.h"

/* --- Texts --- */

/* Behind white space and comments. */
static const char *
find_next(const struct dk_scan *scan)
{
	const char *at = scan->at, *end = scan->end;

	for (;;) {
		bool is_block = end - at > 1 && at[0] == '/' && at[1] == '*';
		bool is_line =
			at < end && (*at == '#' || (end - at > 1 && memcmp(at, "//", 2) == 0));
		const char *closed = is_block ? memmem(at, (size_t)(end - at), "*/", 2) : NULL;

		if (closed)
			at = closed + 2;
		else if (is_line)
			at += strcspn(at, "\n");
		else if (at < end && strchr(DK_BLANKS, *at))
			at++;
		else
			return at;
	}
}

static bool
is_ahead(const struct dk_scan *scan, const char *characters)
{
	const char *at = find_next(scan);

	return at < scan->end && strchr(characters, *at);
}

bool
dk_scan_has_setting_ahead(const struct dk_scan *scan)
{
	struct dk_scan ahead = *scan;

	ahead.at = find_next(scan);
	if (ahead.at == ahead.end || !dk_is_word(*ahead.at))
		return false;
	while (ahead.at < ahead.end && dk_is_word(*ahead.at))
		ahead.at++;
	return is_ahead(&ahead, "=");
}

static void
skip_text(struct dk_scan *scan)
{
	for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++) {
		scan->place.line += *scan->at == '\n';
		if (*scan->at != '\\' || scan->at + 1 >= scan->end)
			continue;
		scan->at++;
		scan->place.line += *scan->at == '\n';
		if (scan->end - scan->at >= 3 && memcmp(scan->at, "x00", 3) == 0)
			dk_fault(scan->checking->faults, scan->place,
				 "there is a NUL (\\x00) in a text, which no text may hold");
	}
}

static void
check_text(struct dk_scan *scan, struct dk_slice text)
{
	int last = scan->checking->last;

	if (last == DK_TOKEN_TEXT && dk_scan_is_in_list(scan))
		dk_warning(scan->checking->faults, scan->place,
			   "two texts without a comma between them are one; is a comma missing "
			   "before %.*s?",
			   (int)text.length, text.data);
	else if (last != DK_TOKEN_ASSIGN && last != DK_TOKEN_TEXT && !dk_scan_is_in_list(scan) &&
		 is_ahead(scan, "=:"))
		dk_scan_fault(scan, "a name is written without quotes; %.*s = …?",
			      text.length > 2 ? (int)text.length - 2 : 4,
			      text.length > 2 ? text.data + 1 : "NAME");
	else if (last != DK_TOKEN_TEXT)
		dk_scan_item(scan, DK_TOKEN_TEXT);
}

/* Where a quote is missing, the next one, which was to begin a text, ends this one. */
static bool
ends_with_assign(struct dk_slice text)
{
	text.length--;
	while (text.length > 1 && text.data[text.length - 1] == ' ')
		text.length--;
	return text.data[text.length - 1] == '=' && dk_slice_has(text, ';');
}

void
dk_scan_text(struct dk_scan *scan)
{
	struct dk_checking *checking = scan->checking;
	struct dk_place begin = scan->place;
	bool is_joined = checking->last == DK_TOKEN_TEXT && checking->spanning_end == begin.line;
	const char *text = scan->at;
	bool is_stolen;

	skip_text(scan);
	if (scan->at == scan->end) {
		scan->place = begin;
		dk_scan_fault(scan, "the text that begins here is never closed; is a \" missing?");
		dk_scan_end(scan);
		return;
	}
	scan->at++;
	check_text(scan, dk_slice_new(text, (size_t)(scan->at - text)));
	checking->last = DK_TOKEN_TEXT;
	is_stolen = ends_with_assign(dk_slice_new(text, (size_t)(scan->at - text)));
	if (scan->place.line == begin.line && !is_stolen)
		return;
	checking->spanning = is_joined ? checking->spanning : begin;
	checking->spanning_end = scan->place.line;
	checking->spanning_reach = scan->place.line + is_stolen;
}

/* --- Numbers --- */

bool
dk_is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '+' || c == '.' || c == '*';
}

static const char *
find_end(const struct dk_scan *scan, const char *at, const char *characters)
{
	while (at < scan->end && !strchr(characters, *at))
		at++;
	return at;
}

/* Up to where it may end: several words, unless the last of them is the next name. */
static struct dk_slice
take_bare(struct dk_scan *scan, const char *begin)
{
	const char *word = find_end(scan, begin, " \t\r\n;,\")}]");
	const char *whole = find_end(scan, begin, "\r\n;,\")}]=#");

	scan->at = whole < scan->end && *whole == '=' ? word : whole;
	scan->at = scan->at > begin ? scan->at : begin + 1;
	for (whole = scan->at; whole > begin + 1 && strchr(" \t", whole[-1]);)
		whole--;
	if (scan->at < scan->end && *scan->at == '"' && whole == scan->at)
		scan->at++; /* it has the quote behind it, and lacks the one before */
	return dk_slice_new(begin, (size_t)(whole - begin));
}

/* Of what stands where a value does. */
static void
fault_bare(struct dk_scan *scan, struct dk_slice word)
{
	dk_scan_fault(scan, "%.*s stands without quotes; \"%.*s\"?", (int)word.length, word.data,
		      (int)word.length, word.data);
}

/* An integer without L is of 32 bits, one with it of 64, and both wrap. */
static void
check_number(struct dk_scan *scan, struct dk_slice word)
{
	bool is_hex = word.length > 2 && (word.data[1] == 'x' || word.data[1] == 'X');
	char text[48], *rest, *real_rest;
	long long value;

	if (word.length >= sizeof(text)) {
		dk_scan_fault(scan, "%.*s… is too long for a number; a text?", (int)sizeof(text),
			      word.data);
		return;
	}
	memcpy(text, word.data, word.length);
	text[word.length] = '\0';
	errno = 0;
	value = strtoll(text, &rest, is_hex ? 16 : 10);
	if (rest == text || strspn(rest, "L") != strlen(rest)) {
		strtod(text, &real_rest);
		if (real_rest == text || *real_rest)
			fault_bare(scan, take_bare(scan, word.data));
		return;
	}
	if (errno == ERANGE)
		dk_scan_fault(scan, "%s is too large for any integer", text);
	else if (*rest == '\0' && (value > INT32_MAX || value < INT32_MIN))
		dk_scan_fault(scan,
			      "%s is too large for a plain integer; %sL, or a text with a unit?",
			      text, text);
}

/* --- Names --- */

static void
keep_name(struct dk_scan *scan, struct dk_slice text)
{
	struct dk_checking *checking = scan->checking;
	struct dk_place *place = dk_memory_take(checking->memory, sizeof(*place));

	*place = scan->place;
	dk_map_put(&checking->open[checking->depth].names,
		   dk_slice_new(dk_memory_text(checking->memory, text), text.length), place);
}

static void
check_twice(struct dk_scan *scan, struct dk_slice text)
{
	const struct dk_checking *checking = scan->checking;
	const struct dk_place *given = dk_map_find(&checking->open[checking->depth].names, text);

	if (!given)
		keep_name(scan, text);
	else if (strcmp(given->file, scan->place.file) == 0)
		dk_scan_fault(
			scan,
			"\"%.*s\" is given twice in one group, here and in line %u; remove or "
			"rename one?",
			(int)text.length, text.data, given->line);
	else
		dk_scan_fault(scan,
			      "\"%.*s\" is given twice in one group, here and in %s:%u; remove or "
			      "rename one?",
			      (int)text.length, text.data, given->file, given->line);
}

/* What libconfig takes for a name. */
static bool
is_legal(struct dk_slice name)
{
	for (size_t i = 0; i < name.length; i++)
		if (name.data[i] == '.' || name.data[i] == '+')
			return false;
	return !strchr("0123456789-_", name.data[0]);
}

static void
check_name(struct dk_scan *scan, struct dk_slice name)
{
	if (is_legal(name))
		check_twice(scan, name);
	else
		dk_scan_fault(
			scan,
			"\"%.*s\" is no name of a setting: it is of letters, digits, _ and -, a "
			"letter first",
			(int)name.length, name.data);
	scan->checking->last = DK_TOKEN_NAME;
	dk_scan_look_at_indentation(scan);
}

/* Past what is not understood, up to a bracket or a text. */
static void
skip_rest(struct dk_scan *scan)
{
	scan->at = find_end(scan, scan->at, "\r\n{([})];\"");
	scan->checking->last = scan->at < scan->end && strchr("{([\"", *scan->at) ? DK_TOKEN_ASSIGN
										  : DK_TOKEN_WORD;
}

/* A comment of other languages: behind dashes, or a ; that begins a line. */
static bool
is_comment(const struct dk_scan *scan, struct dk_slice word)
{
	const char *at = word.data;

	if (strspn(word.data, "-") >= word.length)
		return true;
	while (at > scan->begin && strchr(" \t;", at[-1]))
		at--;
	return (at == scan->begin || at[-1] == '\n') && memchr(at, ';', (size_t)(word.data - at));
}

static void
fault_no_assign(struct dk_scan *scan, struct dk_slice word)
{
	if (is_comment(scan, word))
		dk_scan_fault(scan, "a comment begins with # or //; # for what stands here?");
	else if (!is_legal(word))
		dk_scan_fault(
			scan,
			"%.*s belongs to no setting; NAME = %.*s, or is it a part of what stands "
			"before it?",
			(int)word.length, word.data, (int)word.length, word.data);
	else if (dk_scan_has_setting_ahead(scan))
		dk_scan_fault(scan,
			      "there is no = behind %.*s; %.*s = …, or is it a part of the name "
			      "behind it?",
			      (int)word.length, word.data, (int)word.length, word.data);
	else
		dk_scan_fault(scan, "there is no = behind %.*s; %.*s = …?", (int)word.length,
			      word.data, (int)word.length, word.data);
	if (!dk_scan_has_setting_ahead(scan))
		skip_rest(scan);
}

/* Where a name stands, and no = behind it: perhaps it belongs to the value before it. */
static void
fault_lonely(struct dk_scan *scan, struct dk_slice word)
{
	const struct dk_checking *checking = scan->checking;
	struct dk_slice value = checking->word;

	if (checking->last != DK_TOKEN_WORD || checking->word_line != scan->place.line) {
		fault_no_assign(scan, word);
		return;
	}
	value.length = (size_t)(word.data + word.length - value.data);
	fault_bare(scan, value);
}

/* --- Values without quotes --- */

static bool
is_truth(struct dk_slice word)
{
	return (word.length == 4 && strncasecmp(word.data, "true", 4) == 0) ||
	       (word.length == 5 && strncasecmp(word.data, "false", 5) == 0);
}

/* A setting that stands where a value does. */
static void
fault_setting(struct dk_scan *scan, struct dk_slice name)
{
	if (dk_scan_is_in_list(scan))
		dk_scan_fault(
			scan,
			"a list has no settings, and %.*s = … is one; { } for the brackets of the "
			"list?",
			(int)name.length, name.data);
	else
		dk_scan_fault(
			scan,
			"%.*s = … stands where the value of another setting is wanted; is that "
			"missing, or a { before it?",
			(int)name.length, name.data);
	dk_scan_end(scan);
}

/* A : that assigns, as in YAML, and is no part of an address. */
static bool
is_ahead_of_value(const struct dk_scan *scan)
{
	return scan->at + 1 == scan->end || strchr(" \t\r\n", scan->at[1]);
}

static void
check_value(struct dk_scan *scan, struct dk_slice word)
{
	const char *next = scan->at < scan->end ? scan->at : "\n";

	if (is_ahead(scan, "=") || (*next == ':' && is_ahead_of_value(scan))) {
		fault_setting(scan, word);
		return;
	}
	dk_scan_item(scan, DK_TOKEN_WORD);
	scan->checking->word = word;
	scan->checking->word_line = scan->place.line;
	if (is_truth(word))
		return;
	if (strchr("0123456789+-.", *word.data) &&
	    (!strchr(":/@%", *next) || find_next(scan) > next))
		check_number(scan, word);
	else
		fault_bare(scan, take_bare(scan, word.data));
}

void
dk_scan_word(struct dk_scan *scan)
{
	struct dk_checking *checking = scan->checking;
	const char *begin = scan->at;
	struct dk_slice word;

	while (scan->at < scan->end && dk_is_word(*scan->at))
		scan->at++;
	word = dk_slice_new(begin, (size_t)(scan->at - begin));
	if (checking->last == DK_TOKEN_ASSIGN || dk_scan_is_in_list(scan))
		check_value(scan, word);
	else if (is_ahead(scan, "=:"))
		check_name(scan, word);
	else
		fault_lonely(scan, word);
}

void
dk_scan_stranger(struct dk_scan *scan)
{
	static const char *const quotes[] = {
		"'", "\u2018", "\u2019", "\u201c", "\u201d", "\u201e"
	};
	const char *begin = scan->at++;

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		if (strncmp(begin, quotes[i], strlen(quotes[i])) == 0) {
			take_bare(scan, begin);
			dk_scan_fault(scan, "a text stands between \" and \", not %s; \"…\"?",
				      quotes[i]);
			scan->checking->last = DK_TOKEN_TEXT;
			return;
		}
	if (scan->checking->last != DK_TOKEN_ASSIGN && !dk_scan_is_in_list(scan))
		return; /* libconfig will say that it is a syntax error */
	fault_bare(scan, take_bare(scan, begin));
	scan->checking->last = DK_TOKEN_WORD;
}
