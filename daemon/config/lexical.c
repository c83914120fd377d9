/* SPDX-License-Identifier: Apache-2.0
 *
 * lexical.c - what libconfig 1.5 would pass over in silence, or not name, found before it reads the
 * text: NULs, numbers that wrap, what is never closed, names given twice, includes that are none.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/base/map.h"
#include "daemon/config/contents.h"
#include "daemon/config/faults.h"
#include "daemon/config/tree.h"

#define LARGEST_FILE ((size_t)8 << 20)
#define DEEPEST 64
#define MOST_INCLUDES 10 /* one in the other; libconfig's own limit */

/* A file with what it includes, which libconfig reads as one text: groups may be opened in one file
 * and closed in another. */
struct checking {
	struct dk_faults *faults;
	const char *folder; /* of the outermost file: included names are relative to it */
	struct dk_plan_memory *memory; /* for what is known of a file when its text is gone */
	size_t length;                 /* of all files so far: once it is too much all is left */
	struct dk_map names[DEEPEST + 1]; /* in each open group or list: their places */
	int depth;
};

struct scan {
	struct checking *checking;
	const char *at, *end;
	struct dk_place place;
	const struct scan *includer;
};

static char *check_file(struct checking *checking, const char *path, const struct scan *includer);

/* --- What is skipped --- */

static void
skip_line(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\n')
		scan->at++;
	if (scan->at == scan->end && scan->includer)
		dk_fault(scan->checking->faults, scan->place,
			 "the comment that ends the file has no line's end; add one?");
}

static void
skip_block(struct scan *scan)
{
	struct dk_place begin = scan->place;

	for (scan->at += 2; scan->at < scan->end; scan->at++) {
		scan->place.line += *scan->at == '\n';
		if (*scan->at == '*' && scan->at + 1 < scan->end && scan->at[1] == '/') {
			scan->at += 2;
			return;
		}
	}
	dk_fault(scan->checking->faults, begin,
		 "the comment that begins here is never closed; is a */ missing?");
}

static void
skip_text(struct scan *scan)
{
	struct dk_place begin = scan->place;

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
	if (scan->at < scan->end)
		scan->at++;
	else
		dk_fault(scan->checking->faults, begin,
			 "the text that begins here is never closed; is a \" missing?");
}

/* --- Numbers --- */

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '+' || c == '.' || c == '*';
}

/* An integer without L is of 32 bits, one with it of 64, and both wrap. */
static void
check_number(struct scan *scan, struct dk_slice word)
{
	bool is_hex = word.length > 2 && (word.data[1] == 'x' || word.data[1] == 'X');
	char text[48], *rest;
	long long value;

	if (word.length >= sizeof(text)) {
		dk_fault(scan->checking->faults, scan->place,
			 "%.*s… is too long for a number; a text?",
			 (int)sizeof(text), word.data);
		return;
	}
	memcpy(text, word.data, word.length);
	text[word.length] = '\0';
	errno = 0;
	value = strtoll(text, &rest, is_hex ? 16 : 10);
	if (rest == text || strspn(rest, "L") != strlen(rest))
		return; /* a real number, or libconfig will say that it is none */
	if (errno == ERANGE)
		dk_fault(scan->checking->faults, scan->place,
			 "%s is too large for any integer", text);
	else if (*rest == '\0' && (value > INT32_MAX || value < INT32_MIN))
		dk_fault(scan->checking->faults, scan->place,
			 "%s is too large for a plain integer; %sL, or a text with a unit?", text,
			 text);
}

/* --- Names --- */

static void
keep_name(struct scan *scan, struct dk_slice text)
{
	struct dk_plan_memory *memory = scan->checking->memory;
	struct dk_place *place = dk_memory_take(memory, sizeof(*place));

	*place = scan->place;
	dk_map_put(&scan->checking->names[scan->checking->depth],
		   dk_slice_new(dk_memory_text(memory, text), text.length), place);
}

static void
check_name(struct scan *scan, struct dk_slice text)
{
	const struct dk_place *given =
		dk_map_find(&scan->checking->names[scan->checking->depth], text);

	if (!given)
		keep_name(scan, text);
	else if (strcmp(given->file, scan->place.file) == 0)
		dk_fault(scan->checking->faults, scan->place,
			 "\"%.*s\" is given twice in one group, here and in line %u; remove or "
			 "rename one?",
			 (int)text.length, text.data, given->line);
	else
		dk_fault(scan->checking->faults, scan->place,
			 "\"%.*s\" is given twice in one group, here and in %s:%u; remove or "
			 "rename one?",
			 (int)text.length, text.data, given->file, given->line);
}

static bool
is_name_ahead(const struct scan *scan)
{
	const char *at = scan->at;

	while (at < scan->end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
		at++;
	return at < scan->end && (*at == '=' || *at == ':');
}

static void
scan_word(struct scan *scan)
{
	const char *begin = scan->at;
	struct dk_slice word;

	while (scan->at < scan->end && is_word(*scan->at))
		scan->at++;
	word = dk_slice_new(begin, (size_t)(scan->at - begin));
	if ((*begin >= '0' && *begin <= '9') || *begin == '-' || *begin == '+')
		check_number(scan, word);
	else if (is_name_ahead(scan))
		check_name(scan, word);
}

/* Past the deepest nothing is scanned: libconfig will not be asked about this file. */
static void
open_group(struct scan *scan)
{
	scan->at++;
	if (scan->checking->depth < DEEPEST) {
		scan->checking->depth++;
		return;
	}
	dk_fault(scan->checking->faults, scan->place,
		 "more than %d groups and lists stand in each other; is a closing brace missing?",
		 DEEPEST);
	scan->at = scan->end;
}

static void
close_group(struct scan *scan)
{
	scan->at++;
	if (scan->checking->depth > 0)
		dk_map_clear(&scan->checking->names[scan->checking->depth--]);
}

/* --- Includes --- */

/* Whether a file is included by itself, or too deep. */
static bool
is_loop(const struct scan *scan, const char *path)
{
	int depth = 1;

	for (; scan; scan = scan->includer)
		if (strcmp(scan->place.file, path) == 0 || depth++ > MOST_INCLUDES)
			return true;
	return false;
}

/* libconfig would end the process where the name is a folder's. */
static void
scan_include(struct scan *scan)
{
	static const char word[] = "@include";
	char path[PATH_MAX];
	const char *begin, *end;
	struct stat status;
	const char *why;

	begin = scan->at++;
	if ((size_t)(scan->end - begin) < sizeof(word) ||
	    memcmp(begin, word, sizeof(word) - 1) != 0)
		return;
	begin = memchr(begin, '"', (size_t)(scan->end - begin));
	end = begin ? memchr(begin + 1, '"', (size_t)(scan->end - begin - 1)) : NULL;
	if (!end || memchr(scan->at, '\n', (size_t)(end - scan->at)))
		return;
	scan->at = end + 1;
	begin++;
	snprintf(path, sizeof(path), "%s%s%.*s", scan->checking->folder,
		 *scan->checking->folder ? "/" : "", (int)(end - begin), begin);
	why = stat(path, &status) != 0 ? strerror(errno) :
	      S_ISDIR(status.st_mode)  ? "it is a folder; name the file in it?" :
	      !S_ISREG(status.st_mode) ? "it is no plain file" :
					 NULL;
	if (why)
		dk_fault(scan->checking->faults, scan->place,
			 "cannot include \"%s\": %s", path, why);
	else if (is_loop(scan, path))
		dk_fault(scan->checking->faults, scan->place,
			 "cannot include \"%s\": it includes this file, or more than %d files "
			 "include each other",
			 path, MOST_INCLUDES);
	else
		free(check_file(scan->checking, path, scan));
}

/* --- The file --- */

static void
scan_token(struct scan *scan)
{
	char next = scan->at + 1 < scan->end ? scan->at[1] : '\0';

	if (*scan->at == '#' || (*scan->at == '/' && next == '/')) {
		skip_line(scan);
	} else if (*scan->at == '/' && next == '*') {
		skip_block(scan);
	} else if (*scan->at == '"') {
		skip_text(scan);
	} else if (*scan->at == '@') {
		scan_include(scan);
	} else if (strchr("{([", *scan->at)) {
		open_group(scan);
	} else if (strchr("})]", *scan->at)) {
		close_group(scan);
	} else if (is_word(*scan->at)) {
		scan_word(scan);
	} else {
		scan->place.line += *scan->at == '\n';
		scan->at++;
	}
}

static void
check_nul(struct scan *scan, const char *text, size_t length)
{
	const char *nul = memchr(text, '\0', length);

	if (!nul)
		return;
	for (const char *at = text; at < nul; at++)
		scan->place.line += *at == '\n';
	dk_fault(scan->checking->faults, scan->place,
		 "there is a NUL in the file; is it a text file?");
	scan->end = nul;
	scan->place.line = 1;
}

static void
check_mark(struct scan *scan)
{
	static const char mark[] = "\xef\xbb\xbf";

	if ((size_t)(scan->end - scan->at) < strlen(mark) ||
	    memcmp(scan->at, mark, strlen(mark)) != 0)
		return;
	dk_fault(scan->checking->faults, scan->place,
		 "the file begins with a byte order mark (EF BB BF); save it as UTF-8 without "
		 "one?");
	scan->at += strlen(mark);
}

/* libconfig does not know a comment that the file's end ends. */
static char *
end_line(char *text, size_t *length)
{
	text = realloc(text, *length + 2);
	if (!text)
		abort();
	memcpy(text + *length, "\n", 2);
	++*length;
	return text;
}

/* Includes of includes may be without end for all that anyone waits for it. */
static void
count_length(struct scan *scan)
{
	scan->checking->length += (size_t)(scan->end - scan->at);
	if (scan->includer && scan->checking->length > LARGEST_FILE)
		dk_fault(scan->checking->faults, scan->includer->place,
			 "with \"%s\" more than 8 MB are included", scan->place.file);
}

/* The file's text, to be freed; NULL with a fault when there is none. */
static char *
check_file(struct checking *checking, const char *path, const struct scan *includer)
{
	static const struct dk_contents_limit limit = {
		LARGEST_FILE,
		"is larger than 8 MB; use groups and lists for large numbers of routes",
	};
	struct scan scan = { .checking = checking, .includer = includer };
	struct dk_error error;
	size_t length = 0;
	char *text;

	scan.place = (struct dk_place){ dk_memory_text(checking->memory, dk_slice_of(path)), 1 };
	text = dk_contents_read(path, &limit, &length, &error);
	if (!text) {
		dk_fault(checking->faults, (struct dk_place){ path, 0 }, "%s", error.text);
		return NULL;
	}
	if (!includer)
		text = end_line(text, &length);
	scan.at = text;
	scan.end = text + length;
	count_length(&scan);
	check_nul(&scan, text, length);
	check_mark(&scan);
	while (scan.at < scan.end && checking->length <= LARGEST_FILE)
		scan_token(&scan);
	return text;
}

char *
dk_lexical_read(const char *path, struct dk_faults *faults)
{
	struct checking checking = { .faults = faults, .memory = dk_memory_new() };
	const char *slash = strrchr(path, '/');
	size_t before = dk_faults_count(faults);
	char *text;

	checking.folder = dk_memory_text(
		checking.memory,
		dk_slice_new(path, slash ? (size_t)(slash - path + (slash == path)) : 0));
	text = check_file(&checking, path, NULL);
	for (int depth = 0; depth <= DEEPEST; depth++)
		dk_map_clear(&checking.names[depth]);
	dk_memory_free(checking.memory);
	if (dk_faults_count(faults) == before)
		return text;
	free(text);
	return NULL;
}
